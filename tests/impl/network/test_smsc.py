"""Tests of the short message service centre as a node."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.codec.address import Address
from impl.codec.gsup import Gsup, GsupCause, GsupType, decode_gsup
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.receipt import MessageState, receipted
from impl.codec.relay import RpCause
from impl.codec.short_message import Deliver, DeliverReport, Submit
from impl.codec.smpp import (
    BindTransceiver,
    CommandStatus,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    decode_smpp,
)
from impl.events import (
    Arrived,
    Command,
    Expired,
    Interface,
    Peer,
    Reconnected,
    Send,
    SetTimer,
    Started,
)
from impl.network.delivery import HUB
from impl.network.records import SHORT_MESSAGE_CENTRE
from impl.network.smsc import Smsc, SmscConfig
from impl.values import IMSI, MSISDN, Secret

LINK = Peer(Interface.SMPP, "application-server")
SERVER, SUBSCRIBER = MSISDN("33700"), MSISDN("33600000001")
CONFIG = SmscConfig(MSISDN("33609"), {"as": (Secret(b"word"), SERVER)})
PACKET = b"\x02\x70\x00" + bytes(range(100))
SUBMIT = SubmitSm(
    sequence_number=2,
    source_addr=SERVER,
    destination_addr=SUBSCRIBER,
    esm_class=0x40,
    protocol_id=0x7F,
    data_coding=0xF6,
    short_message=PACKET,
)

FROM_DEVICE = Gsup(
    GsupType.MO_FORWARD_SM_REQUEST,
    imsi=IMSI("208010000000001"),
    sm_rp_mr=9,
    sm_rp_oa=RpAddress(RpAddressKind.MSISDN, SUBSCRIBER),
    sm_rp_ui=Submit(Address(SERVER), PACKET[3:], dcs=0xF6).encode(),
)


class Centre:
    """An SMSC with its ESME and its hub."""

    def __init__(self, store: Any, surroundings: Any) -> None:
        self.store, self.surroundings = store, surroundings
        self.node = Smsc(CONFIG, store, surroundings)

    def restart(self) -> list[Command]:
        self.node = Smsc(CONFIG, self.store, self.surroundings)
        return self.node.handle(Started())

    def tell(self, pdu: Pdu) -> list[Command]:
        return self.node.handle(Arrived(LINK, pdu.encode()))

    def hear(self, message: Gsup) -> list[Command]:
        return self.node.handle(Arrived(HUB, message.encode()))

    def bind(self) -> list[Command]:
        return self.tell(BindTransceiver(system_id="as", password=Secret(b"word")))


def pdus_of(commands: list[Command]) -> list[Pdu]:
    sends = [command for command in commands if isinstance(command, Send)]
    return [decode_smpp(send.octets) for send in sends if send.target == LINK]


def gsup_of(commands: list[Command]) -> list[Gsup]:
    sends = [command for command in commands if isinstance(command, Send)]
    return [decode_gsup(send.octets) for send in sends if send.target == HUB]


def known(request: Gsup) -> Gsup:
    return replace(request, imsi=IMSI("208010000000001"), msisdn=SUBSCRIBER)


@pytest.fixture
def centre(store_of: Any, surroundings: Any) -> Centre:
    made = Centre(store_of(SHORT_MESSAGE_CENTRE), surroundings)
    made.bind()
    return made


def test_a_submitted_message_is_acknowledged_and_sent(centre: Centre) -> None:
    commands = centre.tell(SUBMIT)
    assert pdus_of(commands) == [SubmitSmResp(0, 2, "0000000001")]
    (request,) = gsup_of(commands)
    deliver = Deliver.decode(request.sm_rp_ui or b"")
    assert (deliver.content.encode(), deliver.pid, deliver.dcs) == (PACKET, 0x7F, 0xF6)
    assert centre.hear(replace(known(request).result(), msisdn=SUBSCRIBER)) != []
    assert gsup_of(centre.restart()) == []


def test_the_answer_of_a_card_reaches_who_is_bound(centre: Centre) -> None:
    (request,) = gsup_of(centre.tell(SUBMIT))
    report = DeliverReport.acknowledging(b"\2\x71\0" + b"\1").encode()
    answer = replace(known(request).result(), msisdn=SUBSCRIBER, sm_rp_ui=report)
    (told,) = pdus_of(centre.hear(answer))
    assert isinstance(told, DeliverSm)
    assert (told.source_addr, told.destination_addr) == (SUBSCRIBER, SERVER)
    assert told.esm_class == 0x48
    assert (told.protocol_id, told.data_coding) == (0x7F, 0xF6)
    assert told.short_message == b"\2\x71\0" + b"\1"
    assert centre.tell(DeliverSmResp(0, told.sequence_number)) == []


def test_the_answer_of_a_card_to_who_is_not_bound_is_nobody_s(centre: Centre) -> None:
    (request,) = gsup_of(centre.tell(SUBMIT))
    centre.tell(Unbind(0, 9))
    report = DeliverReport.acknowledging(b"\2\x71\0").encode()
    answer = replace(known(request).result(), msisdn=SUBSCRIBER, sm_rp_ui=report)
    assert pdus_of(centre.hear(answer)) == []


def test_an_acknowledged_message_survives_the_centre(centre: Centre) -> None:
    first = gsup_of(centre.tell(SUBMIT))
    again = gsup_of(centre.restart())
    assert [one.sm_rp_ui for one in again] == [one.sm_rp_ui for one in first]


def test_a_message_that_was_not_kept_was_not_acknowledged(centre: Centre) -> None:
    with centre.store.failing():
        centre.tell(SUBMIT)
    assert gsup_of(centre.restart()) == []


def fails(centre: Centre, event: Any) -> None:
    """Let the store fail once, while the centre takes an event."""
    with centre.store.failing():
        centre.node.handle(event)


def test_a_message_that_could_not_be_kept_does_not_hold_up_the_next(centre: Centre) -> None:
    fails(centre, Arrived(LINK, SUBMIT.encode()))
    assert len(gsup_of(centre.tell(SUBMIT))) == 1


def test_an_answer_that_could_not_be_taken_is_waited_for_still(centre: Centre) -> None:
    (request,) = gsup_of(centre.tell(SUBMIT))
    answer = replace(known(request).result(), msisdn=SUBSCRIBER)
    fails(centre, Arrived(HUB, answer.encode()))
    fails(centre, Expired(f"answer/{SUBSCRIBER}"))
    (timer,) = centre.node.handle(Expired(f"answer/{SUBSCRIBER}"))
    assert isinstance(timer, SetTimer)
    assert timer.timer == f"retry/{SUBSCRIBER}"
    assert len(gsup_of(centre.node.handle(Expired(f"retry/{SUBSCRIBER}")))) == 1


def test_a_receipt_that_could_not_be_told_is_told_later(centre: Centre) -> None:
    (request,) = gsup_of(centre.tell(replace(SUBMIT, registered_delivery=1)))
    answer = replace(known(request).result(), msisdn=SUBSCRIBER)
    fails(centre, Arrived(HUB, answer.encode()))
    told = pdus_of(centre.hear(answer))
    assert [type(one) for one in told] == [DeliverSm]


def test_what_a_device_sent_is_not_waited_for_where_nobody_was_told(centre: Centre) -> None:
    fails(centre, Arrived(HUB, FROM_DEVICE.encode()))
    assert centre.node.handle(Reconnected(LINK)) == []


def test_a_session_ends_also_while_the_store_fails(centre: Centre) -> None:
    centre.store.fails = True
    centre.node.handle(Reconnected(LINK))
    centre.store.fails = False
    assert pdus_of(centre.tell(SUBMIT)) == [SubmitSmResp(CommandStatus.RINVBNDSTS, 2)]


def test_who_is_not_bound_submits_nothing(centre: Centre) -> None:
    centre.tell(Unbind(sequence_number=1))
    commands = centre.tell(SUBMIT)
    assert pdus_of(commands) == [SubmitSmResp(CommandStatus.RINVBNDSTS, 2)]
    assert gsup_of(commands) == []


def test_a_refused_message_is_not_kept(centre: Centre) -> None:
    commands = centre.tell(replace(SUBMIT, source_addr="33609"))
    assert pdus_of(commands) == [SubmitSmResp(CommandStatus.RINVSRCADR, 2)]
    assert gsup_of(commands) == []
    assert gsup_of(centre.restart()) == []


def test_a_restart_ends_the_sessions(centre: Centre) -> None:
    centre.restart()
    assert pdus_of(centre.tell(SUBMIT)) == [SubmitSmResp(CommandStatus.RINVBNDSTS, 2)]


def test_what_failed_for_now_is_sent_again_by_the_timer(centre: Centre) -> None:
    (request,) = gsup_of(centre.tell(SUBMIT))
    error = known(request).error(sm_rp_cause=RpCause.DESTINATION_OUT_OF_ORDER, msisdn=SUBSCRIBER)
    assert gsup_of(centre.hear(error)) == []
    assert len(gsup_of(centre.node.handle(Expired(f"retry/{SUBSCRIBER}")))) == 1


def test_silence_of_the_hub_ends_by_the_timer(centre: Centre) -> None:
    centre.tell(SUBMIT)
    centre.node.handle(Expired(f"answer/{SUBSCRIBER}"))
    assert len(gsup_of(centre.node.handle(Expired(f"retry/{SUBSCRIBER}")))) == 1


def test_a_device_that_is_back_gets_its_message_at_once(centre: Centre) -> None:
    (request,) = gsup_of(centre.tell(SUBMIT))
    absent = known(request).error(sm_rp_cause=RpCause.DESTINATION_OUT_OF_ORDER, msisdn=SUBSCRIBER)
    centre.hear(absent)
    ready = known(Gsup(GsupType.READY_FOR_SM_REQUEST, source_name="vlr"))
    answer, again = gsup_of(centre.hear(ready))
    assert answer.message_type is GsupType.READY_FOR_SM_RESULT
    assert answer.destination_name == "vlr"
    assert again.message_type is GsupType.MT_FORWARD_SM_REQUEST


def test_a_device_for_which_nothing_waits_is_noted(centre: Centre) -> None:
    (answer,) = gsup_of(centre.hear(known(Gsup(GsupType.READY_FOR_SM_REQUEST))))
    assert answer.message_type is GsupType.READY_FOR_SM_RESULT
    (other,) = gsup_of(centre.hear(Gsup(GsupType.READY_FOR_SM_REQUEST)))
    assert other.message_type is GsupType.READY_FOR_SM_RESULT


def test_what_a_device_sends_goes_to_the_server_and_its_answer_back(centre: Centre) -> None:
    (pdu,) = pdus_of(centre.hear(FROM_DEVICE))
    assert isinstance(pdu, DeliverSm)
    (result,) = gsup_of(centre.tell(DeliverSmResp(0, pdu.sequence_number)))
    assert result.message_type is GsupType.MO_FORWARD_SM_RESULT
    (again,) = pdus_of(centre.hear(FROM_DEVICE))
    timer = f"deliver/{LINK.name}/{again.sequence_number}"
    (late,) = gsup_of(centre.node.handle(Expired(timer)))
    assert late.sm_rp_cause == RpCause.TEMPORARY_FAILURE


def test_a_server_hears_what_became_of_its_message_even_after_a_restart(centre: Centre) -> None:
    (request,) = gsup_of(centre.tell(replace(SUBMIT, registered_delivery=1)))
    centre.tell(Unbind(0, 9))
    assert pdus_of(centre.hear(replace(known(request).result(), msisdn=SUBSCRIBER))) == []
    centre.restart()
    _, told = pdus_of(centre.bind())
    assert isinstance(told, DeliverSm)
    assert receipted(told) == ("0000000001", MessageState.DELIVERED)
    centre.tell(DeliverSmResp(0, told.sequence_number))
    centre.restart()
    assert len(pdus_of(centre.bind())) == 1


def test_an_end_that_was_not_written_down_is_found_again(centre: Centre) -> None:
    (request,) = gsup_of(centre.tell(replace(SUBMIT, registered_delivery=1)))
    with centre.store.failing():
        centre.hear(replace(known(request).result(), msisdn=SUBSCRIBER))
    assert len(gsup_of(centre.restart())) == 1
    assert len(pdus_of(centre.bind())) == 1


def test_a_receipt_that_is_not_taken_is_told_again_by_its_timer(centre: Centre) -> None:
    (request,) = gsup_of(centre.tell(replace(SUBMIT, registered_delivery=2)))
    unknown = known(request).error(sm_rp_cause=RpCause.UNKNOWN_SUBSCRIBER, msisdn=SUBSCRIBER)
    (told,) = pdus_of(centre.hear(unknown))
    timer = f"receipt/{LINK.name}/{told.sequence_number}"
    (again,) = pdus_of(centre.node.handle(Expired(timer)))
    assert isinstance(again, DeliverSm)
    assert receipted(again) == ("0000000001", MessageState.UNDELIVERABLE)


@pytest.mark.parametrize("end", ["unbind", "bind", "break"])
def test_the_end_of_a_session_ends_what_devices_wait_for(centre: Centre, end: str) -> None:
    centre.hear(FROM_DEVICE)
    match end:
        case "unbind":
            commands = centre.tell(Unbind())
        case "bind":
            commands = centre.bind()
        case _:
            commands = centre.node.handle(Reconnected(LINK))
            refused = SubmitSmResp(CommandStatus.RINVBNDSTS, 2)
            assert pdus_of(centre.tell(SUBMIT)) == [refused]  # it has to bind anew
    assert gsup_of(commands) == [FROM_DEVICE.error(sm_rp_cause=RpCause.TEMPORARY_FAILURE)]


def test_a_bind_that_failed_ends_nothing(centre: Centre) -> None:
    centre.hear(FROM_DEVICE)
    assert gsup_of(centre.tell(BindTransceiver(system_id="as"))) == []


def test_a_link_is_enquired_and_unbound(centre: Centre) -> None:
    assert pdus_of(centre.tell(EnquireLink(sequence_number=5))) == [EnquireLinkResp(0, 5)]
    assert pdus_of(centre.tell(Unbind(sequence_number=6))) == [UnbindResp(0, 6)]


def test_what_only_a_server_sends_is_refused(centre: Centre) -> None:
    answer = GenericNack(CommandStatus.RINVCMDID, 4)
    assert pdus_of(centre.tell(DeliverSm(sequence_number=4))) == [answer]


def test_answers_that_nobody_waits_for_are_ignored(centre: Centre) -> None:
    assert centre.tell(EnquireLinkResp(sequence_number=5)) == []
    assert centre.tell(DeliverSmResp(sequence_number=5)) == []
    assert centre.hear(Gsup(GsupType.MT_FORWARD_SM_RESULT, msisdn=SUBSCRIBER)) == []
    assert centre.hear(Gsup(GsupType.PURGE_MS_RESULT)) == []


def test_octets_without_meaning_are_answered_as_each_protocol_has_it(centre: Centre) -> None:
    assert pdus_of(centre.node.handle(Arrived(LINK, b"\0"))) == [
        GenericNack(CommandStatus.RINVCMDLEN)
    ]
    assert (
        centre.node.handle(Arrived(LINK, bytes.fromhex("00000010800000770000000000000005"))) == []
    )
    (error,) = gsup_of(centre.node.handle(Arrived(HUB, b"\x24\x01")))
    assert error.cause == GsupCause.INVALID_MANDATORY_INFORMATION
    assert centre.node.handle(Arrived(HUB, b"\x2a\x01")) == []


def test_what_a_centre_does_not_serve_is_refused(centre: Centre) -> None:
    (error,) = gsup_of(centre.hear(Gsup(GsupType.UPDATE_LOCATION_REQUEST)))
    assert error.cause == GsupCause.MESSAGE_NOT_COMPATIBLE


def test_a_stranger_is_not_heard(centre: Centre) -> None:
    stranger = Peer(Interface.GSUP, "vlr")
    ready = Gsup(GsupType.READY_FOR_SM_REQUEST).encode()
    assert centre.node.handle(Arrived(stranger, ready)) == []
