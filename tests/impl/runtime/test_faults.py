"""Filters and doubles: each does the wrong that it is for, and leaves everything else alone."""

from dataclasses import replace

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select

from impl.codec.address import Address
from impl.codec.concatenation import split
from impl.codec.mobility import LocationUpdatingReject, RejectCause, TmsiReallocationComplete
from impl.codec.operator import decode_operator, encode_operator
from impl.codec.relay import RpAck, RpData
from impl.codec.secured_packet import COMMAND_IDENTIFIER, RESPONSE_IDENTIFIER
from impl.codec.short_message import DCS_CLASS_2_BINARY, Deliver, Submit
from impl.codec.smpp import DeliverSm, EnquireLink, EsmClass, SubmitSm, decode_smpp
from impl.codec.user_data import InformationElement, UserData
from impl.events import Arrived, Expired, Interface, Peer, Send, SetTimer, Started
from impl.messages import Noted
from impl.runtime.faults import (
    AlteringFault,
    BanningFault,
    LateReporter,
    Misspoken,
    Mortal,
    PersonalizationFaults,
    RequestFault,
)
from impl.runtime.simulation import Frame
from impl.runtime.store import SqlStore
from impl.values import MSISDN, PLMN

SERVER, SUBSCRIBER = MSISDN("33700"), MSISDN("33612345678")
CENTRE = Address("33609001001")
DEVICE = Peer(Interface.SM, "8933010000000000017")
PARTS = split(bytes(200), InformationElement(COMMAND_IDENTIFIER), 7)


def frame(octets, target=DEVICE, sender="VLR 20801", receiver="device 1"):
    source = Peer(target.interface, sender)
    return Frame(1, 0.0, sender, receiver, target, source, octets, octets)


def downlink(part, originator=SERVER):
    """Return the frame that brings a part of a message over the air."""
    deliver = Deliver(
        Address(originator), part.octets, pid=0x7F, dcs=0xF6, header=part.header
    ).encode()
    return frame(RpData(1, CENTRE, None, deliver).encode(from_network=True))


def smpp(pdu):
    return frame(pdu.encode(), Peer(Interface.SMPP, "20801"), "application-server", "SMSC 20801")


def submit(part):
    return smpp(SubmitSm(esm_class=EsmClass.UDHI, short_message=part.encode()))


def uplink(identifier=COMMAND_IDENTIFIER, octets=b"request"):
    """Return the frame with which a centre brings what a card sent."""
    user_data = UserData((InformationElement(identifier),), octets)
    return smpp(
        DeliverSm(source_addr=SUBSCRIBER, esm_class=EsmClass.UDHI, short_message=user_data.encode())
    )


def passed(fault, one):
    """Return the frames that are left of one."""
    return [after for _, after in fault(one)]


MESSAGE = [downlink(part) for part in PARTS]
FOREIGN = [
    downlink(PARTS[0], SUBSCRIBER),
    frame(RpAck(1).encode(from_network=True)),
    frame(b""),
    frame(b"\x01\x01\xff"),
    frame(b"mobility", Peer(Interface.MM, "20801")),
    uplink(),
]


# Personalization messages


def test_without_a_fault_everything_passes_at_once():
    fault = PersonalizationFaults(SERVER)
    for one in (*MESSAGE, *FOREIGN, *map(submit, PARTS)):
        assert fault(one) == [(0.0, one)]


@pytest.mark.parametrize(
    "fault",
    [
        PersonalizationFaults(SERVER, lost_parts={1, 2}),
        PersonalizationFaults(SERVER, repeats=True),
        PersonalizationFaults(SERVER, alters=True),
        PersonalizationFaults(SERVER, reverses=True),
    ],
)
def test_what_is_no_message_of_the_server_to_a_card_passes_as_it_is(fault):
    for one in FOREIGN:
        assert fault(one) == [(0.0, one)]


def test_only_the_parts_that_are_named_are_lost():
    first, second = MESSAGE
    fault = PersonalizationFaults(SERVER, lost_parts={2})
    assert passed(fault, first) == [first]
    assert passed(fault, second) == []


def test_a_message_of_one_part_is_its_first_part():
    (whole,) = split(b"short", InformationElement(COMMAND_IDENTIFIER), 7)
    assert passed(PersonalizationFaults(SERVER, lost_parts={1}), downlink(whole)) == []
    assert passed(PersonalizationFaults(SERVER, lost_parts={2}), downlink(whole)) != []


def test_a_repeated_part_comes_twice():
    fault = PersonalizationFaults(SERVER, repeats=True)
    assert passed(fault, MESSAGE[0]) == [MESSAGE[0]] * 2


def test_an_altered_part_differs_in_its_last_octet_only():
    (altered,) = passed(PersonalizationFaults(SERVER, alters=True), MESSAGE[0])
    assert altered.octets[:-1] == MESSAGE[0].octets[:-1]
    assert altered.octets[-1] != MESSAGE[0].octets[-1]
    assert altered == replace(MESSAGE[0], octets=altered.octets)


def test_reversed_parts_take_the_longer_the_earlier_they_are():
    fault = PersonalizationFaults(SERVER, reverses=True)
    (first_s, one), (second_s, other) = (fault(submit(part))[0] for part in PARTS)
    assert first_s > second_s > 0
    assert [one, other] == [submit(part) for part in PARTS]


@pytest.mark.parametrize(
    "pdu", [EnquireLink(), SubmitSm(short_message=b"whole"), SubmitSm(esm_class=EsmClass.UDHI)]
)
def test_what_has_no_parts_is_not_delayed(pdu):
    assert PersonalizationFaults(SERVER, reverses=True)(smpp(pdu)) == [(0.0, smpp(pdu))]


# Secured sessions and requests


def test_a_session_is_altered_between_its_two_ends_only():
    target = Peer(Interface.OPERATOR, "26202")
    records = frame(b"records", target, "application-server", "HLR 26202")
    fault = AlteringFault(frozenset({"application-server", "HLR 26202"}))
    (altered,) = passed(fault, records)
    assert altered.octets != records.octets
    assert len(altered.octets) == len(records.octets)
    other = frame(b"records", target, "application-server", "HLR 20801")
    assert passed(fault, other) == [other]


def test_a_request_says_what_the_fault_makes_of_it():
    (changed,) = passed(RequestFault(bytes.upper), uplink())
    pdu = decode_smpp(changed.octets)
    user_data = UserData.decode(pdu.user_data, has_header=True)
    assert user_data.octets == b"REQUEST"
    assert user_data.header == (InformationElement(COMMAND_IDENTIFIER),)
    assert pdu.source_addr == SUBSCRIBER


@pytest.mark.parametrize(
    "one",
    [
        uplink(RESPONSE_IDENTIFIER),
        submit(PARTS[0]),
        smpp(EnquireLink()),
        smpp(DeliverSm(source_addr=SUBSCRIBER, short_message=b"plain")),
        smpp(DeliverSm(source_addr=SUBSCRIBER, esm_class=EsmClass.UDHI, short_message=b"\xff")),
        frame(b"\xff", Peer(Interface.SMPP, "20801")),
        MESSAGE[0],
    ],
)
def test_what_is_no_request_is_not_changed(one):
    assert RequestFault(bytes.upper)(one) == [(0.0, one)]


# Doubles


class Talker:
    """A node that answers every event in the same way."""

    def __init__(self, *commands):
        self.commands = list(commands)
        self.seen = []

    def handle(self, event):
        self.seen.append(event)
        return self.commands


NOTED = Noted(id="1", transaction="0badcafe")
SERVER_OF_OPERATOR = Peer(Interface.OPERATOR, "application-server")


def test_a_misspoken_node_says_something_else_to_the_server_and_to_nobody_else():
    to_vlr, timer = Send(Peer(Interface.GSUP, "vlr"), b"gsup"), SetTimer("t", 1.0)
    node = Talker(Send(SERVER_OF_OPERATOR, encode_operator(NOTED)), to_vlr, timer)
    double = Misspoken(node, lambda message: message.model_copy(update={"id": "2"}))
    said, *others = double.handle(Started())
    assert decode_operator(said.octets) == Noted(id="2", transaction="0badcafe")
    assert said.target == SERVER_OF_OPERATOR
    assert others == [to_vlr, timer]
    assert node.seen == [Started()]


THINGS = MetaData()
thing = Table("thing", THINGS, Column("id", Integer, primary_key=True))


class Writer(Talker):
    """A node that writes down every event."""

    def __init__(self, store):
        super().__init__(SetTimer("t", 1.0))
        self.store = store

    def handle(self, event):
        with self.store.begin() as connection:
            connection.execute(insert(thing), {})
            return super().handle(event)


@pytest.fixture
def store():
    opened = SqlStore(THINGS)
    yield opened
    opened.close()


def written(store):
    with store.begin() as connection:
        return connection.execute(select(func.count()).select_from(thing)).scalar_one()


@pytest.mark.parametrize(("kept", "left"), [(False, 1), (True, 2)])
def test_a_mortal_node_dies_at_its_event_and_says_nothing_of_it(store, kept, left):
    buried = []
    node = Writer(store)
    mortal = Mortal(node, store, 2, kept, lambda: buried.append(written(store)))
    assert mortal.handle(Started()) == node.commands
    assert buried == []
    assert mortal.handle(Expired("t")) == []
    assert buried == [left]


def test_a_store_whose_node_died_serves_the_next(store):
    mortal = Mortal(Writer(store), store, 1, kept=False, bury=lambda: None)
    mortal.handle(Started())
    assert Writer(store).handle(Arrived(DEVICE, b"")) == [SetTimer("t", 1.0)]
    assert written(store) == 1


# Networks that ban, devices that report late


def air(octets, sender="VLR 20801"):
    return frame(octets, Peer(Interface.MM, "8933010000000000017"), sender)


REJECT = LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED).encode()


def test_a_network_that_bans_gives_its_reason_for_whatever_it_rejects():
    ((late_s, passed),) = BanningFault("VLR 20801", RejectCause.ILLEGAL_ME)(air(REJECT))
    assert late_s == 0.0
    assert passed.octets == passed.message == b"\x05\x04\x06"


@pytest.mark.parametrize(
    "passed",
    [
        air(REJECT, "VLR 26202"),
        air(TmsiReallocationComplete().encode()),
        replace(air(REJECT), target=DEVICE),
    ],
    ids=["of another network", "no reject", "no mobility message"],
)
def test_what_else_is_said_on_the_air_stays_as_it_is(passed):
    fault = BanningFault("VLR 20801", RejectCause.ILLEGAL_ME)
    assert list(fault(passed)) == [(0.0, passed)]


class Phone:
    """A device that says the same at every event."""

    def __init__(self, *commands):
        self.serving_network = PLMN("20801")
        self.commands = commands

    def handle(self, _):
        return list(self.commands)


def said_by_card(identifier, plmn="20801"):
    submit_ = Submit(
        CENTRE, b"octets", dcs=DCS_CLASS_2_BINARY, header=(InformationElement(identifier),)
    )
    octets = RpData(1, None, CENTRE, submit_.encode()).encode(from_network=False)
    return Send(Peer(Interface.SM, PLMN(plmn)), octets)


def test_a_report_waits_until_the_device_is_attached_where_it_is_to_leave_and_leaves_once():
    request, report = said_by_card(COMMAND_IDENTIFIER), said_by_card(RESPONSE_IDENTIFIER)
    phone = Phone(request, report, SetTimer("TR1M", 40.0))
    late = LateReporter(phone, PLMN("26202"))
    assert late.handle(Started()) == [request, SetTimer("TR1M", 40.0)]
    phone.serving_network, phone.commands = PLMN("26202"), ()
    assert late.handle(Started()) == [said_by_card(RESPONSE_IDENTIFIER, "26202")]
    assert late.handle(Started()) == []


def test_a_report_of_a_device_that_is_there_does_not_wait():
    report = said_by_card(RESPONSE_IDENTIFIER)
    assert LateReporter(Phone(report), PLMN("20801")).handle(Started()) == [report]
