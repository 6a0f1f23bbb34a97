"""Nonsense has no meaning to any decoder, and the answer to it is known when it comes."""

import pytest

from impl.codec.gsup import Gsup, GsupType, decode_gsup
from impl.codec.mobility import AuthenticationReject, MmStatus, decode_mm
from impl.codec.operator import decode_operator, encode_operator
from impl.codec.relay import RpAck, RpError, decode_rp
from impl.codec.smpp import CommandStatus, EnquireLinkResp, GenericNack, decode_smpp
from impl.errors import MalformedError
from impl.events import Interface, Peer
from impl.messages import Malformed, Noted
from impl.runtime.journal import Entry
from impl.runtime.nonsense import (
    at_attach,
    at_message_service,
    at_register,
    at_relay,
    at_session,
)
from impl.values import IMSI

IDENTITY = IMSI("208010000000001")
SAID = {
    "session": (
        at_session("x", Peer(Interface.OPERATOR, "y"), "y"),
        decode_operator,
        encode_operator(Malformed(id="unread", why="x")),
        encode_operator(Noted(id="1", transaction="0badcafe")),
    ),
    "message service": (
        at_message_service("x", Peer(Interface.SMPP, "y"), "y"),
        decode_smpp,
        GenericNack(CommandStatus.RINVCMDID, 0x63).encode(),
        EnquireLinkResp(sequence_number=0x63).encode(),
    ),
    "register": (
        at_register("x", Peer(Interface.GSUP, "y"), "y"),
        decode_gsup,
        Gsup(GsupType.SEND_AUTH_INFO_ERROR, imsi=IDENTITY, cause=2).encode(),
        Gsup(GsupType.SEND_AUTH_INFO_RESULT, imsi=IDENTITY).encode(),
    ),
    "attach": (
        at_attach("x", Peer(Interface.MM, "y"), "y"),
        decode_mm,
        MmStatus(96).encode(),
        AuthenticationReject().encode(),
    ),
    "relay to the device": (
        at_relay("x", Peer(Interface.SM, "y"), "y", from_network=True),
        lambda octets: decode_rp(octets, from_network=True),
        RpError(0x2A, cause=96).encode(from_network=False),
        RpAck(0x2A).encode(from_network=False),
    ),
    "relay to the network": (
        at_relay("x", Peer(Interface.SM, "y"), "y", from_network=False),
        lambda octets: decode_rp(octets, from_network=False),
        RpError(0x2A, cause=96).encode(from_network=True),
        RpError(0x2A, cause=96).encode(from_network=False),
    ),
}
every = pytest.mark.parametrize("where", SAID)


def entry(nonsense, message, sender="y", receiver="x"):
    return Entry(0.0, sender, receiver, message, message, nonsense.target.interface)


@every
def test_it_has_no_meaning(where):
    nonsense, decode, _, _ = SAID[where]
    try:
        decoded = decode(nonsense.octets)
    except MalformedError:
        return
    assert where.startswith("relay")  # what it carries has none
    assert decoded.user_data


@every
def test_the_right_answer_is_known(where):
    nonsense, _, answer, _ = SAID[where]
    assert nonsense.was_answered([entry(nonsense, answer)])


@every
def test_another_answer_or_one_of_or_to_somebody_else_is_none(where):
    nonsense, _, answer, other = SAID[where]
    assert not nonsense.was_answered([])
    assert not nonsense.was_answered([entry(nonsense, other)])
    assert not nonsense.was_answered([entry(nonsense, answer, sender="z")])
    assert not nonsense.was_answered([entry(nonsense, answer, receiver="z")])
