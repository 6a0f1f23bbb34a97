"""The listener keeps what was asked and answered, and turns exchanges into messages."""

from dataclasses import replace
from enum import Enum
from typing import NamedTuple

import pytest

from conformance.evidence import Call, RecordChange
from reperso.listener import WatchedDriver, Writer, changed, state_of
from steps.driver import Exchange, Network, User


class Lamp(Enum):
    OFF = 1
    ON = 2


class Transition(NamedTuple):
    component: str
    source: Lamp
    event: str
    target: Lamp


class Driver:
    """Answers in all the ways in which a driver can."""

    trail = ("OFF",)

    def settle(self):
        return None

    def requested_network(self, _user):
        return None

    def authenticates_in(self, network, _user):
        return network is Network.FIRST

    def sessions(self):
        return frozenset({Network.SECOND, Network.FIRST})

    def ask_customer_centre(self, network, _user, *, agrees):
        raise ValueError(network, agrees)


@pytest.fixture
def watched():
    """Watch a driver; `calls` are what was heard."""
    calls = []
    driver = WatchedDriver(Driver(), calls)
    return driver, calls


def test_a_question_is_kept_with_its_answer(watched):
    driver, calls = watched
    assert driver.authenticates_in(Network.SECOND, User.THE_USER) is False
    assert calls == [Call("authenticates_in(the second network, the user)", "False")]


def test_none_is_an_answer_to_a_question_and_nothing_to_an_order(watched):
    driver, calls = watched
    driver.settle()
    driver.requested_network(User.ANOTHER)
    assert calls == [Call("settle()", ""), Call("requested_network(another user)", "None")]


def test_a_set_is_said_in_order(watched):
    driver, calls = watched
    driver.sessions()
    assert calls[0].answer == "{the first network, the second network}"


def test_a_call_that_raises_is_kept_and_raises(watched):
    driver, calls = watched
    with pytest.raises(ValueError, match="the first network"):
        driver.ask_customer_centre(Network.FIRST, User.THE_USER, agrees=True)
    asked = "ask_customer_centre(the first network, the user, agrees=True)"
    assert calls == [Call(asked, "ValueError")]


def test_what_is_no_call_is_handed_on_and_what_is_missing_is_missing(watched):
    driver, calls = watched
    assert driver.trail == ("OFF",)
    assert calls == []
    with pytest.raises(AttributeError):
        driver.nothing_of_the_kind  # noqa: B018 - the access is the test


def test_an_exchange_becomes_a_message():
    message = Writer().message_of(
        Exchange(3, 1.5, "a", "b", "APDU", "SELECT", b"\x00\xa4", {"file": "3F00"}, delivered=False)
    )
    assert (message.number, message.time_s, message.sender, message.receiver) == (3, 1.5, "a", "b")
    assert (message.octets, message.fields) == ("00a4", {"file": "3F00"})
    assert not message.delivered


def test_octets_that_are_none_are_refused():
    with pytest.raises(TypeError):
        Writer().message_of(Exchange(1, 0, "a", "b", "c", "d", "not octets"))


def test_a_transition_is_said_as_who_went_where_on_what():
    assert state_of(Transition("lamp", Lamp.OFF, "press", Lamp.ON)) == "lamp: OFF - press -> ON"
    assert state_of("whatever it says") == "whatever it says"


def test_what_is_withheld_of_octets_is_asterisks_and_the_rest_stays_where_it_stands():
    spans = {"pin": (1, 3), "end": (3, 4)}
    exchange = Exchange(1, 0, "a", "b", "c", "d", b"\x01\0\0\x02", spans=spans, withheld=[(1, 3)])
    message = Writer().message_of(exchange)
    assert (message.octets, message.spans) == ("01****02", spans)
    assert Writer().message_of(replace(exchange, withheld=())).octets == "01000002"


def test_what_messages_say_alike_they_share():
    facts = {"file": "3F00"}
    first = Exchange(1, 0, "a", "b", "c", "d", fields=facts, spans={"file": (0, 2)})
    writer = Writer()
    one, other = writer.message_of(first), writer.message_of(replace(first, number=2))
    assert one.fields is other.fields
    assert one.spans is other.spans
    assert one.fields is not facts


def test_a_driver_that_changes_what_it_said_changes_no_message_before():
    facts, spans = {"file": "3F00"}, {"file": (0, 2)}
    writer = Writer()
    before = writer.message_of(Exchange(1, 0, "a", "b", "c", "d", fields=facts, spans=spans))
    facts["file"], spans["file"] = "7FFF", (2, 4)
    after = writer.message_of(Exchange(2, 0, "a", "b", "c", "d", fields=facts, spans=spans))
    assert (before.fields, before.spans) == ({"file": "3F00"}, {"file": (0, 2)})
    assert (after.fields, after.spans) == ({"file": "7FFF"}, {"file": (2, 4)})


def test_of_records_those_are_told_that_changed_came_or_went():
    before = {"same": "1", "other": "1", "gone": "1"}
    after = {"same": "1", "other": "2", "new": "1"}
    assert list(changed(before, after)) == [
        RecordChange("other", "1", "2"),
        RecordChange("gone", "1", ""),
        RecordChange("new", "", "1"),
    ]
    assert list(changed(before, dict(before))) == []
