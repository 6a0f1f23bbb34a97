import pytest

from model.messages import LOSSES, PASSAGES, PLACES, Passage, Protection
from model.system import compose
from model.table import Option

ALL = [passage for passages in PASSAGES.values() for passage in passages]
EVENTS = {*compose().events, *compose(asking=Option.ACKNOWLEDGED).events}


@pytest.mark.parametrize("event", sorted({*PASSAGES, *LOSSES, *PLACES}))
def test_what_passes_passes_at_an_event_of_the_tables(event: str) -> None:
    assert event in EVENTS


def test_no_secret_passes_in_clear() -> None:
    assert not [one for one in ALL if one.secret and one.protection is Protection.NONE]


def test_some_messages_are_secret_and_some_pass_in_clear() -> None:
    assert [one for one in ALL if one.secret]
    assert [one for one in ALL if one.protection is Protection.NONE]


def test_keys_travel_in_the_session_and_to_the_card() -> None:
    carriers = {(one.name, one.protection) for one in ALL if one.secret}
    assert ("MesN", Protection.SESSION) in carriers
    assert ("MesP", Protection.CARD_KEYS) in carriers


@pytest.mark.parametrize("name", sorted(set(LOSSES.values())))
def test_what_is_lost_was_sent(name: str) -> None:
    assert any(one.name.startswith(name) for one in ALL)


def test_parties_are_named_by_the_role_of_their_network() -> None:
    (told,) = PASSAGES["inform_left"]
    assert told.receiver.format(left="TN1", joined="TN2") == "home register of TN1"


def test_nobody_sends_to_themselves() -> None:
    assert not [one for one in ALL if one.sender == one.receiver]


def test_a_passage_is_in_clear_unless_said_otherwise() -> None:
    assert Passage("a", "b", "c", "d").protection is Protection.NONE
