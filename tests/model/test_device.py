import pytest

from model.card import OLD_IN_USE, Card
from model.device import COMPONENTS, Device
from model.errors import ForbiddenTransitionError, UnknownEventError
from model.home_register import Record
from model.table import Automaton, Option

(DEVICE,) = COMPONENTS


def device(state: Device, variant: Option = Option.HARDENED) -> Automaton:
    return Automaton(DEVICE.under({variant}), state)


@pytest.mark.parametrize("card", [card for card in Card if card in OLD_IN_USE])
def test_the_old_network_accepts_a_pair_that_it_knows(card: Card) -> None:
    automaton = device(Device.SEARCHING)
    automaton.fire("accept_left", {"card": card, "home_left": Record.ACTIVE})
    assert automaton.state is Device.ATTACHED_LEFT


@pytest.mark.parametrize(
    ("card", "record"),
    [(Card.OLD_ONLY, Record.FREE), (Card.BOTH_NEW_ACTIVE, Record.ACTIVE)],
)
def test_the_old_network_accepts_nothing_else(card: Card, record: Record) -> None:
    with pytest.raises(ForbiddenTransitionError):
        device(Device.SEARCHING).fire("accept_left", {"card": card, "home_left": record})


def test_the_old_network_rejects_a_pair_that_was_deleted() -> None:
    automaton = device(Device.ATTACHED_LEFT)
    automaton.fire("reject_left", {"card": Card.BOTH_OLD_ACTIVE, "home_left": Record.FREE})
    assert automaton.state is Device.SEARCHING
    with pytest.raises(ForbiddenTransitionError):
        automaton.fire("reject_left", {"card": Card.BOTH_OLD_ACTIVE, "home_left": Record.ACTIVE})


def test_a_replaced_identity_makes_the_device_search() -> None:
    automaton = device(Device.ATTACHED_LEFT)
    automaton.fire("replace_identity", {})
    assert automaton.state is Device.SEARCHING
    automaton.fire("accept_joined", {})
    assert automaton.state is Device.ATTACHED_JOINED


def test_a_lost_accept_leaves_the_device_searching() -> None:
    automaton = device(Device.SEARCHING)
    automaton.fire("lose_accept", {})
    assert automaton.state is Device.SEARCHING


def test_a_device_that_is_nowhere_attached_asks_for_nothing() -> None:
    with pytest.raises(ForbiddenTransitionError):
        device(Device.SEARCHING).fire("request_change", {})


def test_a_literal_device_has_no_other_pair_to_try() -> None:
    with pytest.raises(UnknownEventError):
        device(Device.SEARCHING, Option.LITERAL).fire("reject_joined", {})
