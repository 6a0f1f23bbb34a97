from dataclasses import replace

import pytest

from impl.codec.operator import encode_operator
from impl.events import Arrived, Interface, Peer, Send
from impl.messages import Noted
from impl.runtime.sessions import SERVER, Sessions
from impl.served.loopback import Loopback
from impl.values import PLMN, TransactionId

PLMN_2 = PLMN("26202")
TO_SERVER, TO_REGISTER = Peer(Interface.OPERATOR, SERVER), Peer(Interface.OPERATOR, PLMN_2)
MESSAGE = encode_operator(Noted(id="x", transaction=TransactionId("0000002a")))


class Pair:
    """The server and a home register, joined by a secured session."""

    def __init__(self, make_node):
        self.runtime, self.sessions = Loopback(0), Sessions()
        self.link = self.sessions.with_operator("HLR", PLMN_2, Interface.OPERATOR)
        self.runtime.connect(("HLR", TO_SERVER), (SERVER, TO_REGISTER), secured=self.link)
        self.register, self.server = make_node(), make_node()
        self.runtime.add("HLR", self.register)
        self.runtime.add(SERVER, self.server)
        self.runtime.run()
        self.seen = []
        self.runtime.taps.append(lambda frame, delivered: self.seen.append((frame, delivered)))

    def say(self):
        self.runtime.perform(SERVER, [Send(TO_REGISTER, MESSAGE)])
        self.runtime.run()

    @property
    def heard(self):
        return [one for one in self.register.events if isinstance(one, Arrived)]


@pytest.fixture
def pair(make_node):
    made = Pair(make_node)
    made.sessions.agreed.add(PLMN_2)
    yield made
    made.runtime.close()


def test_a_message_goes_through_tls_and_nobody_reads_it(pair):
    pair.say()
    assert pair.heard == [Arrived(TO_SERVER, MESSAGE)]
    (frame, delivered), *_ = pair.seen
    assert delivered
    assert len(frame.octets) > len(MESSAGE)
    assert b"0000002a" not in frame.octets


def test_one_session_carries_many_messages(pair):
    for _ in range(3):
        pair.say()
    assert pair.link.established == 1
    assert len(pair.seen[1][0].octets) < len(pair.seen[0][0].octets)  # no handshake before it


def test_a_session_that_ended_is_opened_anew(pair):
    pair.say()
    pair.link.end()
    pair.say()
    assert pair.link.established == 2
    assert len(pair.heard) == 2


def test_without_agreement_nothing_is_said(pair):
    pair.sessions.agreed.clear()
    pair.say()
    assert not pair.heard
    (frame, delivered), *_ = pair.seen
    assert (frame.octets, delivered) == (b"", False)
    assert pair.link.established == 0


def test_an_impostor_is_told_nothing(pair):
    pair.sessions.impersonated.add(f"{PLMN_2}.operator")
    pair.say()
    assert not pair.heard
    assert pair.link.established == 0


def test_what_is_changed_on_the_wire_is_not_taken(pair):
    pair.say()
    pair.runtime.filters.append(
        lambda frame: [(0.0, replace(frame, octets=frame.octets[:-1] + b"\0"))]
    )
    pair.say()
    assert len(pair.heard) == 1
    assert pair.seen[-1][1] is False
    pair.runtime.filters.clear()
    pair.say()
    assert len(pair.heard) == 2


def test_who_does_not_live_is_not_reached(pair):
    pair.runtime.remove("HLR")
    pair.say()
    assert pair.seen[-1][1] is False
