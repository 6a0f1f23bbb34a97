"""Messages of the method are told by what they are, and only those that are meant are met."""

import pytest

from impl.codec.address import Address
from impl.codec.concatenation import split
from impl.codec.operator import encode_operator
from impl.codec.relay import RpAck, RpData
from impl.codec.secured_packet import COMMAND_IDENTIFIER, RESPONSE_IDENTIFIER
from impl.codec.short_message import Deliver
from impl.codec.smpp import DeliverSm, EnquireLink, EsmClass, SubmitSm
from impl.codec.user_data import InformationElement
from impl.events import Interface, Peer
from impl.messages import (
    ConfirmChange,
    IdentityNotice,
    InformLeft,
    Noted,
    ReleaseIdentity,
)
from impl.runtime.interference import DelayFault, Kind, LossFault, kind_of, of_kind
from impl.runtime.journal import Entry
from impl.runtime.simulation import Frame
from impl.values import Secret

NAMED = {"id": "1", "transaction": "0badcafe"}
NOTICE = IdentityNotice(
    **NAMED,
    imsi="262020000000001",
    k=Secret(bytes(16)),
    opc=Secret(bytes(16)),
    msisdn="49612345678",
    service_centre="49609001",
)


def short_message(pdu, identifier, number=0):
    part = split(bytes(200), InformationElement(identifier), 7)[number]
    return pdu(source_addr="33700", esm_class=EsmClass.UDHI, short_message=part.encode()).encode()


def over_the_air(pid):
    deliver = Deliver(Address("33700"), b"x", pid=pid, dcs=0xF6).encode()
    return RpData(1, Address("33609"), None, deliver).encode(from_network=True)


MESSAGES = [
    (Kind.NOTICE, Interface.OPERATOR, encode_operator(NOTICE)),
    (Kind.CONFIRMATION, Interface.OPERATOR, encode_operator(ConfirmChange(**NAMED))),
    (
        Kind.LEAVING,
        Interface.OPERATOR,
        encode_operator(InformLeft(**NAMED, iccid="8933010000000000017")),
    ),
    (Kind.RELEASE, Interface.OPERATOR, encode_operator(ReleaseIdentity(**NAMED))),
    (Kind.REQUEST, Interface.SMPP, short_message(DeliverSm, COMMAND_IDENTIFIER)),
    (Kind.REPORT, Interface.SMPP, short_message(DeliverSm, RESPONSE_IDENTIFIER)),
    (Kind.MESSAGE, Interface.SMPP, short_message(SubmitSm, COMMAND_IDENTIFIER)),
    (Kind.DELIVERY, Interface.SM, over_the_air(0x7F)),
]
OTHERS = [
    (Interface.OPERATOR, encode_operator(Noted(**NAMED))),
    (Interface.OPERATOR, b"{"),
    (Interface.SMPP, EnquireLink().encode()),
    (Interface.SMPP, short_message(SubmitSm, COMMAND_IDENTIFIER, number=1)),
    (Interface.SMPP, DeliverSm(source_addr="1", short_message=b"plain").encode()),
    (Interface.SMPP, b"\xff"),
    (Interface.SM, over_the_air(0)),
    (Interface.SM, RpAck(1).encode(from_network=True)),
    (Interface.SM, b""),
    (Interface.GSUP, b"\x04"),
    (None, b"\x80\xc2"),
]
SENDER = "VLR 20801"


def frame(interface, message, sender=SENDER):
    peer = Peer(interface, "somebody")
    return Frame(1, 0.0, sender, "somebody", peer, peer, message, message)


def test_there_is_an_example_of_every_kind():
    assert {kind for kind, _, _ in MESSAGES} == set(Kind)


@pytest.mark.parametrize(("kind", "interface", "message"), MESSAGES)
def test_a_message_of_the_method_is_told_by_what_it_is(kind, interface, message):
    assert kind_of(interface, message, SENDER) is kind


@pytest.mark.parametrize(("interface", "message"), OTHERS)
def test_what_is_none_of_them_is_none(interface, message):
    assert kind_of(interface, message, SENDER) is None


def test_what_a_device_relays_is_no_delivery():
    assert kind_of(Interface.SM, over_the_air(0x7F), "device 1") is None


def test_entries_of_one_kind_are_found_in_their_order():
    entries = [
        Entry(float(number), SENDER, "x", b"", message, interface)
        for number, (_, interface, message) in enumerate([*MESSAGES, *MESSAGES])
    ]
    found = list(of_kind(entries, Kind.REPORT))
    assert [entry.message for entry in found] == [MESSAGES[5][2]] * 2
    assert [entry.time_s for entry in found] == [5.0, 13.0]


@pytest.mark.parametrize("kind", Kind)
def test_a_loss_meets_messages_of_its_kind_and_no_others(kind):
    fault = LossFault(kind)
    for each, interface, message in MESSAGES:
        one = frame(interface, message)
        assert fault(one) == ([] if each is kind else [(0.0, one)])


def test_a_loss_ends_after_as_many_messages_as_was_said():
    one = frame(Interface.SM, over_the_air(0x7F))
    fault = LossFault(Kind.DELIVERY, left=2)
    assert [len(fault(one)) for _ in range(4)] == [0, 0, 1, 1]


def test_a_delay_meets_messages_of_its_kind_and_no_others():
    fault = DelayFault(Kind.REPORT, 30.0)
    for kind, interface, message in MESSAGES:
        ((delay_s, passed),) = fault(frame(interface, message))
        assert delay_s == (30.0 if kind is Kind.REPORT else 0.0)
        assert passed == frame(interface, message)
