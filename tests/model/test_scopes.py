import pytest

from model.application_server import Change
from model.explore import explore
from model.home_register import Record
from model.scopes import Scope, one_card, several_cards
from model.system import System
from model.table import Arrow, Kind, Option


def explored(scope: Scope) -> set[str]:
    exploration = explore(scope.composition, scope.invariants, scope.good_ends)
    assert exploration.complete
    return {one.sentence for one in exploration.findings}


@pytest.mark.parametrize(("changes", "more"), [(1, "start_over"), (1, "turn_round")])
def test_a_bound_lets_an_event_happen_so_often_and_no_more(changes: int, more: str) -> None:
    scope = one_card().bounded(changes=changes)
    system = System(scope.composition, invariants=[])
    refused = ("request_change", "take_request", "reject_impostor", "start_over")
    for event in (*refused, "request_change", "take_request", "reject_impostor"):
        system.fire(event)
    assert not system.allows(more)


def test_no_faults_means_that_no_table_has_any() -> None:
    scope = one_card().bounded(faults=0)
    assert Kind.FAULT not in scope.composition.kinds.values()
    assert scope.name.endswith("at most 0 faults")


def test_two_changes_in_sequence_end_well() -> None:
    assert not explored(one_card().bounded(faults=1, changes=2))


def test_two_cards_that_share_one_identity_end_well() -> None:
    scope = several_cards(2, 1).bounded(faults=0, changes=0)
    exploration = explore(scope.composition, scope.invariants, scope.good_ends)
    assert not exploration.findings, str(exploration)
    assert exploration.complete
    sharing = scope.invariants[-3:]
    assert set(sharing) <= set(exploration.witnessed)


def test_the_literal_reading_strands_one_of_two_cards() -> None:
    scope = several_cards(2, 1, Option.LITERAL).bounded(faults=0, changes=0)
    assert "a card is never left without a pair that some home register knows (card 2)" in explored(
        scope
    )


def test_an_identity_that_is_given_twice_is_found_out() -> None:
    sound = several_cards(2, 1, Option.LITERAL).bounded(faults=0, changes=0)
    (pool,) = (part for part in sound.composition.components if part.name == "pool")
    taken = next(state for state in pool.states if state.name == "OF_1")
    other = next(state for state in pool.states if state.name == "OF_2")
    careless = Arrow("S2", "E10", "provide_identity_2", taken, other)
    arrows = [*pool.arrows, careless]
    home = next(part for part in sound.composition.components if part.name == "home_joined_2")
    generous = [
        Arrow(row.step, row.cites, row.event, row.source, row.target, row.kind)
        if row.event == "provide_identity_2"
        else row
        for row in home.arrows
    ]
    wrong = sound.composition.with_arrows("pool", arrows).with_arrows("home_joined_2", generous)
    exploration = explore(wrong, sound.invariants, sound.good_ends)
    assert "B05 B07 E10" in {one.cites for one in exploration.findings}


def test_the_second_card_is_refused_what_the_first_one_has() -> None:
    system = System(several_cards(2, 1).composition, invariants=[])
    for event in ("request_change", "take_request", "open_session"):
        system.fire(f"{event}_1")
        system.fire(f"{event}_2")
    system.fire("provide_identity_1")
    assert not system.allows("provide_identity_2")
    system.fire("refuse_exhausted_2")
    assert system.state["application_server_2"] is Change.UNCHANGED
    assert system.state["home_joined_1"] is Record.RESERVED


def test_a_limit_cuts_the_search_and_says_so() -> None:
    scope = one_card()
    cut = explore(scope.composition, scope.invariants, scope.good_ends, limit=500)
    assert not cut.complete
    assert 500 <= cut.states < 5000
    assert "there are more" in str(cut)
    assert not cut.findings


def test_what_is_told_on_the_way_only_grows() -> None:
    told: list[tuple[int, int]] = []
    scope = one_card(Option.LITERAL)
    found = explore(
        scope.composition,
        scope.invariants,
        scope.good_ends,
        watch=lambda states, depth: told.append((states, depth)),
    )
    assert told == sorted(told)
    assert told[-1] == (found.states, found.depth)
