import pytest

from model.customer_centre import COMPONENTS, Acknowledgement
from model.errors import ForbiddenTransitionError
from model.table import Automaton, Option

(CENTRE,) = COMPONENTS


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("grant_acknowledgement", Acknowledgement.GRANTED),
        ("refuse_acknowledgement", Acknowledgement.REFUSED),
    ],
)
def test_who_is_asked_may_say_yes_or_no(answer: str, state: Acknowledgement) -> None:
    centre = Automaton(CENTRE)
    centre.fire("ask_acknowledgement", {})
    centre.fire(answer, {})
    assert centre.state is state


def test_who_is_not_asked_says_nothing() -> None:
    centre = Automaton(CENTRE)
    with pytest.raises(ForbiddenTransitionError):
        centre.fire("grant_acknowledgement", {})


def test_an_answer_is_not_taken_back() -> None:
    centre = Automaton(CENTRE, Acknowledgement.GRANTED)
    with pytest.raises(ForbiddenTransitionError):
        centre.fire("refuse_acknowledgement", {})


def test_the_next_change_is_asked_for_anew() -> None:
    centre = Automaton(CENTRE, Acknowledgement.REFUSED)
    centre.fire("start_over", {})
    assert centre.state is Acknowledgement.UNASKED


def test_the_centre_takes_part_only_where_it_is_asked() -> None:
    assert CENTRE.option is Option.ACKNOWLEDGED
