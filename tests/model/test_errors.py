from enum import Enum

from model.errors import (
    ForbiddenTransitionError,
    ModelError,
    TableError,
    UnknownEventError,
    ViolationError,
)


class Door(Enum):
    OPEN = "open"
    SHUT = "shut"


def test_a_forbidden_transition_names_event_component_and_state() -> None:
    error = ForbiddenTransitionError("enter", "door", Door.SHUT)
    assert isinstance(error, ModelError)
    assert str(error) == "enter: door draws no such arrow from SHUT"


def test_an_unknown_event_names_those_that_are_known() -> None:
    assert str(UnknownEventError("fly", ["shut", "open"])).endswith("'fly'; there are open, shut")


def test_a_table_error_has_a_line_for_each_fault() -> None:
    assert str(TableError(["one", "two"])) == "one\ntwo"


def test_a_violation_tells_the_way_there() -> None:
    error = ViolationError("B08", "a card is known", ["ask", "forget"])
    assert str(error) == "B08 is broken - a card is known - by: ask > forget"


def test_a_violation_without_any_event_says_so() -> None:
    assert str(ViolationError("B08", "a card is known", [])).endswith("by: nothing")
