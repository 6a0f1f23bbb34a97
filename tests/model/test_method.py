from itertools import pairwise

import pytest

from model.errors import ForbiddenTransitionError
from model.explore import explore
from model.method import ARROWS, COMPONENTS, Method
from model.scopes import one_card
from model.system import Composition
from model.table import Automaton, Kind

(METHOD,) = COMPONENTS
STEPS = (
    "take_request",
    "take_identity",
    "send_message",
    "replace_identity",
    "delete_subscriber",
)


def test_the_method_goes_through_its_states_in_order() -> None:
    automaton = Automaton(METHOD)
    states = [automaton.state]
    for event in STEPS:
        automaton.fire(event, {})
        states.append(automaton.state)
    assert states == list(Method)


@pytest.mark.parametrize(("earlier", "later"), list(pairwise(STEPS)))
def test_no_step_comes_before_the_one_that_precedes_it(earlier: str, later: str) -> None:
    automaton = Automaton(METHOD)
    for event in STEPS[: STEPS.index(earlier)]:
        automaton.fire(event, {})
    with pytest.raises(ForbiddenTransitionError):
        automaton.fire(later, {})


def test_the_steps_of_the_patent_come_in_its_order() -> None:
    normal = [row.step for row in ARROWS if row.kind is Kind.NORMAL][:7]
    assert normal == sorted(normal)


def test_the_overview_forbids_nothing_that_the_parties_allow() -> None:
    whole = one_card().bounded(faults=2).composition
    parties = Composition(
        tuple(part for part in whole.components if part.name != "method"), whole.options
    )
    with_it, without_it = explore(whole), explore(parties)
    assert (with_it.states, with_it.edges) == (without_it.states, without_it.edges)
