"""Every search stops at the first difference, says after how many steps, and gives up in time."""

import pytest

from steps.checks.breaking import BROKE
from steps.checks.searches import Search, walk_beside, walk_plainly, walk_suites
from steps.driver import Setup, UnsupportedError
from steps.drivers import load
from steps.mutants import embodiments, null, server

(SILENT,) = (one.factory for one in server.MUTANTS if one.name == "refuses-silently")
(NOWHERE,) = (one.factory for one in embodiments.MUTANTS if one.name == "does-not-note-where")
CUT_OFF = 1_500
RANDOM = pytest.mark.parametrize("search", [walk_beside, walk_plainly])


@RANDOM
def test_a_server_that_notes_no_refusal_is_found_and_the_steps_until_then_are_counted(
    search: Search,
) -> None:
    searched = search(SILENT, 2, CUT_OFF)
    assert "the server notes 0 refusals more" in searched.found
    assert 1 <= searched.steps <= CUT_OFF
    assert search(SILENT, 2, CUT_OFF) == searched


@pytest.mark.parametrize("search", [walk_beside, walk_plainly, walk_suites])
def test_a_system_that_is_otherwise_at_the_beginning_is_found_and_leaves_others_as_they_are(
    search: Search,
) -> None:
    searched = search(NOWHERE, 0, 100)
    assert "after the beginning: " in searched.found
    assert not searched.found.startswith(BROKE)
    assert search(load("simulated"), 0, 20).found == ""


@RANDOM
def test_nothing_is_found_in_a_right_system_and_the_search_gives_up(search: Search) -> None:
    searched = search(load("modelled"), 1, 200)
    assert searched.found == ""
    assert 200 <= searched.steps < 200 + CUT_OFF


def test_suites_give_up_in_time_and_find_nothing_in_the_model_itself() -> None:
    searched = walk_suites(load("modelled"), 0, 60)
    assert searched.found == ""
    assert searched.steps >= 60


@pytest.mark.parametrize("search", [walk_beside, walk_plainly])
def test_a_system_that_breaks_is_found_by_it(search: Search) -> None:
    def breaking(setup: Setup) -> None:
        raise ZeroDivisionError(str(setup.seed))

    searched = search(breaking, 0, 10)  # type: ignore[arg-type] # it makes no driver at all
    assert searched.found.startswith("broke: ZeroDivisionError")
    assert searched.steps == 0


@RANDOM
def test_a_system_without_a_stage_is_not_searched(search: Search) -> None:
    with pytest.raises(UnsupportedError, match="no stage"):
        search(null.MUTANTS[0].factory, 0, 10)
