"""The messaging module: PDUs of SMPP in and out, whole packets towards the server."""

from dataclasses import replace

import pytest

from impl.application_server.admin_codes import CardRecord
from impl.application_server.config import AdminCodeMode, ApplicationServerConfig, EsmeAccount
from impl.application_server.messaging import Expired, MessagingModule
from impl.codec.address import Address
from impl.codec.concatenation import InformationElement, Reassembler, part_of, split
from impl.codec.ota_profile import CPA_TAR, KEYING_VERSION, MINIMUM_SECURITY, message_header
from impl.codec.personalization import Forget, Replace, decode_command
from impl.codec.receipt import MessageState, Receipt
from impl.codec.secured_packet import (
    COMMAND_IDENTIFIER,
    RESPONSE_IDENTIFIER,
    SecuredPacketError,
    open_command,
    seal_response,
)
from impl.codec.security_parameters import PorStatus, SecurityParameters, Spi2
from impl.codec.smpp import (
    BindTransceiver,
    BindTransceiverResp,
    CommandStatus,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    EsmClass,
    GenericNack,
    SubmitSmResp,
    decode_smpp,
)
from impl.codec.user_data import UserData
from impl.crypto.admin_key import derive_keys
from impl.errors import MalformedError
from impl.events import Interface, Peer, Send
from impl.values import ICCID, IMSI, MSISDN, PLMN, OtaKeys, Secret, TransactionId

TN1, TN2 = PLMN("20801"), PLMN("26202")
SENDER, SERVER = MSISDN("33612345678"), MSISDN("33700")
ACCOUNTS = {
    TN1: EsmeAccount("reperso", Secret(b"first")),
    TN2: EsmeAccount("reperso", Secret(b"second")),
}
CONFIG = ApplicationServerConfig(SERVER, Secret(bytes(32)), ACCOUNTS)
KEYS = OtaKeys(1, Secret(b"c" * 16), Secret(b"d" * 16))
CARD = CardRecord(
    ICCID("8933010000000000017"),
    Secret(b"sEcReT#1"),
    KEYS,
    TN1,
    SENDER,
    sent_counter=0,
    seen_counter=0,
)
ORDER = Forget(transaction=TransactionId("0badcafe"), iccid=CARD.iccid, admin_code=CARD.admin_code)
LONG_ORDER = Replace(
    transaction=ORDER.transaction,
    iccid=CARD.iccid,
    admin_code=CARD.admin_code,
    plmn=TN2,
    imsi=IMSI("262020000000001"),
    k=Secret(b"k" * 16),
    opc=Secret(b"o" * 16),
    extra=bytes(100),
)
PACKET = bytes(range(200))


def module(**options):
    return MessagingModule(replace(CONFIG, **options))


def bound(**options):
    """Return a module with a session at every centre."""
    messaging = module(**options)
    for target, pdu in sent(messaging.start()):
        messaging.take(PLMN(target.name), BindTransceiverResp(0, pdu.sequence_number).encode())
    return messaging


def sent(commands):
    return [
        (command.target, decode_smpp(command.octets))
        for command in commands
        if isinstance(command, Send)
    ]


def submitted(messaging, card, order, counter):
    """Return what leaves with an order that is kept."""
    messaging.send(card, order, counter)
    return sent(messaging.keep())


def short_messages(packet=PACKET, identifier=COMMAND_IDENTIFIER, sender=SENDER, reference=7):
    """Return what a centre brings for a packet of a card, one PDU a part."""
    return [
        DeliverSm(
            sequence_number=number,
            source_addr=sender,
            destination_addr=SERVER,
            esm_class=EsmClass.UDHI,
            short_message=part.encode(),
        ).encode()
        for number, part in enumerate(split(packet, InformationElement(identifier), reference), 1)
    ]


def reassembled(pdus):
    """Return the packet of a card's short messages."""
    reassembler = Reassembler()
    wholes = [
        reassembler.add(Address(pdu.source_addr), UserData.decode(pdu.user_data, has_header=True))
        for pdu in pdus
    ]
    return wholes[-1].octets


# Sessions


def test_a_session_is_opened_with_every_centre_under_its_own_account():
    asked = sent(module().start())
    assert [target for target, _ in asked] == [Peer(Interface.SMPP, plmn) for plmn in ACCOUNTS]
    assert [pdu.password for _, pdu in asked] == [Secret(b"first"), Secret(b"second")]
    assert all(isinstance(pdu, BindTransceiver) for _, pdu in asked)


def test_a_link_that_broke_has_its_session_opened_again_and_no_other():
    ((target, _),) = sent(module().bind(TN2))
    assert target == Peer(Interface.SMPP, TN2)
    assert module().bind(PLMN("310410")) == []


def test_a_question_of_the_centre_is_answered_under_its_number():
    commands, incoming = module().take(TN1, EnquireLink(sequence_number=5).encode())
    assert sent(commands) == [(Peer(Interface.SMPP, TN1), EnquireLinkResp(sequence_number=5))]
    assert incoming is None


def test_a_centre_without_an_account_is_not_spoken_to():
    stranger = PLMN("310410")
    assert module().take(stranger, EnquireLink(sequence_number=5).encode()) == ([], None)
    assert module().expire(stranger) == []
    assert submitted(bound(), replace(CARD, plmn=stranger), ORDER, counter=9) == []


def test_what_runs_out_is_the_timer_of_one_session():
    messaging = module()
    messaging.start()
    assert [target.name for target, _ in sent(messaging.expire(TN2))] == [TN2]


@pytest.mark.parametrize(
    "pdu",
    [
        SubmitSmResp(sequence_number=1, message_id="1"),
        BindTransceiverResp(CommandStatus.RINVPASWD, 1),
        GenericNack(CommandStatus.RINVCMDID, 1),
    ],
)
def test_answers_are_not_answered(pdu):
    assert module().take(TN1, pdu.encode()) == ([], None)


@pytest.mark.parametrize("octets", [b"", b"\x00\x00\x00", b"\xff" * 16])
def test_what_cannot_be_read_is_refused_by_its_protocol_and_means_nothing(octets):
    commands, incoming = module().take(TN1, octets)
    assert incoming is None
    assert all(isinstance(pdu, GenericNack) for _, pdu in sent(commands))


def test_only_sessions_that_are_closed_are_opened_by_a_start():
    messaging = module()
    messaging.bind(TN2)
    assert [target.name for target, _ in sent(messaging.start())] == [TN1]
    assert messaging.start() == []


# From cards


@pytest.mark.parametrize(
    ("identifier", "is_response"), [(COMMAND_IDENTIFIER, False), (RESPONSE_IDENTIFIER, True)]
)
def test_a_packet_is_whole_before_anybody_sees_it(identifier, is_response):
    messaging = module()
    first, last = short_messages(identifier=identifier)
    commands, nothing = messaging.take(TN1, first)
    assert nothing is None
    assert sent(commands) == [(Peer(Interface.SMPP, TN1), DeliverSmResp(sequence_number=1))]
    _, incoming = messaging.take(TN1, last)
    assert (incoming.plmn, incoming.sender, incoming.packet) == (TN1, SENDER, PACKET)
    assert incoming.is_response is is_response


def test_parts_of_two_senders_make_no_packet():
    messaging = module()
    first, _ = short_messages()
    _, last = short_messages(sender=MSISDN("33687654321"))
    assert messaging.take(TN1, first)[1] is None
    assert messaging.take(TN1, last)[1] is None


def test_a_part_that_comes_twice_makes_no_second_packet():
    messaging = module()
    first, last = short_messages()
    for octets in (first, first, last):
        _, incoming = messaging.take(TN1, octets)
    assert incoming.packet == PACKET
    assert messaging.take(TN1, last)[1] is None


def test_a_packet_that_could_not_be_kept_is_whole_again_when_its_last_part_comes_again():
    messaging = module()
    first, last = short_messages()
    messaging.take(TN1, first)
    messaging.keep()
    for _ in range(2):
        assert messaging.take(TN1, last)[1].packet == PACKET
        messaging.undo()
    assert messaging.take(TN1, last)[1].packet == PACKET
    messaging.keep()
    assert messaging.take(TN1, last)[1] is None


def test_a_packet_of_one_part_that_could_not_be_kept_comes_again():
    messaging = module()
    (only,) = short_messages(PACKET[:20])
    for _ in range(2):
        assert messaging.take(TN1, only)[1].packet == PACKET[:20]
        messaging.undo()


def test_a_short_message_that_is_no_packet_is_taken_and_means_nothing():
    plain = DeliverSm(
        sequence_number=3, source_addr=SENDER, destination_addr=SERVER, short_message=b"Hello"
    )
    commands, incoming = module().take(TN1, plain.encode())
    assert sent(commands) == [(Peer(Interface.SMPP, TN1), DeliverSmResp(sequence_number=3))]
    assert incoming is None


@pytest.mark.parametrize(
    "facts",
    [
        {"source_addr": "Operator"},
        {"source_addr": "1"},
        {"esm_class": EsmClass.UDHI, "short_message": b"\xff\x00"},
        {"esm_class": EsmClass.UDHI, "short_message": b""},
    ],
)
def test_a_short_message_of_nobody_or_with_a_broken_header_is_rejected_for_good(facts):
    pdu = DeliverSm(sequence_number=3, source_addr=SENDER, destination_addr=SERVER)
    commands, incoming = module().take(TN1, replace(pdu, **facts).encode())
    ((_, answer),) = sent(commands)
    assert answer == DeliverSmResp(CommandStatus.RX_R_APPN, 3)
    assert incoming is None


# What became of messages


def receipt(name, state=MessageState.EXPIRED, **facts):
    told = Receipt(name, state, 0.0, 0.0)
    pdu = DeliverSm(
        sequence_number=3,
        source_addr=SENDER,
        destination_addr=SERVER,
        esm_class=EsmClass.DELIVERY_RECEIPT,
        short_message=told.encode(),
    )
    return replace(pdu, **facts).encode()


def having_sent(order=ORDER):
    """Return a module whose message to a card the centre took, as 1, 2 and so on."""
    messaging = bound()
    for number, (_, pdu) in enumerate(submitted(messaging, CARD, order, counter=9), 1):
        response = SubmitSmResp(0, pdu.sequence_number, str(number))
        messaging.take(TN1, response.encode())
    return messaging


def test_the_server_asks_to_hear_of_failures_only():
    for _, pdu in submitted(bound(), CARD, LONG_ORDER, counter=9):
        assert pdu.registered_delivery == 2


def test_a_message_that_is_out_of_time_is_named_by_its_card_once():
    messaging = having_sent(LONG_ORDER)
    commands, found = messaging.take(TN1, receipt("2"))
    assert sent(commands) == [(Peer(Interface.SMPP, TN1), DeliverSmResp(sequence_number=3))]
    assert found == Expired(TN1, SENDER)
    messaging.undo()
    assert messaging.take(TN1, receipt("2"))[1] == Expired(TN1, SENDER)
    messaging.keep()
    assert messaging.take(TN1, receipt("1"))[1] is None


@pytest.mark.parametrize(
    ("plmn", "octets"),
    [
        (TN1, receipt("7")),
        (TN2, receipt("1")),
        (TN1, receipt("1", MessageState.UNDELIVERABLE)),
        (TN1, receipt("1", source_addr="33699999999")),
        (PLMN("310410"), receipt("1")),
    ],
)
def test_any_other_receipt_is_taken_and_means_nothing(plmn, octets):
    commands, found = having_sent().take(plmn, octets)
    assert [pdu for _, pdu in sent(commands)] == [DeliverSmResp(sequence_number=3)]
    assert found is None


@pytest.mark.parametrize(
    "octets", [receipt("1", source_addr="Operator"), receipt("1", short_message=b"id:1 stat:")]
)
def test_a_receipt_that_cannot_be_read_is_rejected_for_good(octets):
    commands, found = having_sent().take(TN1, octets)
    assert [pdu for _, pdu in sent(commands)] == [DeliverSmResp(CommandStatus.RX_R_APPN, 3)]
    assert found is None


# To cards


def test_an_order_leaves_as_short_messages_for_the_card_not_the_user():
    pdus = submitted(bound(), CARD, ORDER, counter=9)
    assert {target for target, _ in pdus} == {Peer(Interface.SMPP, TN1)}
    for _, pdu in pdus:
        assert (pdu.source_addr, pdu.destination_addr) == (SERVER, SENDER)
        assert (pdu.esm_class, pdu.protocol_id, pdu.data_coding) == (EsmClass.UDHI, 0x7F, 0xF6)


def test_an_order_that_was_not_kept_never_leaves():
    messaging = bound()
    messaging.send(CARD, ORDER, counter=9)
    messaging.undo()
    assert messaging.keep() == []
    pdus = submitted(messaging, CARD, LONG_ORDER, counter=9)
    assert decode_command(open_command(reassembled(pdu for _, pdu in pdus), KEYS).data) == (
        LONG_ORDER
    )


def test_an_order_is_ciphered_and_checked_under_the_cards_keys_and_the_given_counter():
    pdus = [pdu for _, pdu in submitted(bound(), CARD, ORDER, counter=9)]
    packet = reassembled(pdus)
    opened = open_command(packet, KEYS)
    assert decode_command(opened.data) == ORDER
    assert opened.parameters.counter == 9
    assert opened.parameters.spi1 == MINIMUM_SECURITY
    assert opened.parameters.tar == CPA_TAR
    assert CARD.admin_code.reveal() not in packet
    with pytest.raises(SecuredPacketError):
        open_command(packet, OtaKeys(1, KEYS.kid, KEYS.kic))


@pytest.mark.parametrize("by_submit", [True, False])
def test_the_card_is_asked_to_report_as_the_operator_of_the_server_wants(by_submit):
    messaging = bound(report_by_submit=by_submit)
    packet = reassembled(pdu for _, pdu in submitted(messaging, CARD, ORDER, counter=9))
    assert bool(open_command(packet, KEYS).parameters.spi2 & Spi2.POR_BY_SUBMIT) is by_submit


@pytest.mark.parametrize(("wide", "last"), [(False, 0xFF), (True, 0xFFFF)])
def test_references_of_messages_follow_their_counters_and_begin_again(wide, last):
    for counter, expected in ((last, last), (last + 1, 0), (last + 2, 1)):
        (_, pdu), *_ = submitted(bound(wide_references=wide), CARD, LONG_ORDER, counter)
        part = part_of(UserData.decode(pdu.user_data, has_header=True).header)
        assert (part.reference, part.wide) == (expected, wide)


@pytest.mark.parametrize("limit", [60, 140])
def test_no_part_is_longer_than_the_centre_takes(limit):
    pdus = submitted(bound(part_limit_octets=limit), CARD, LONG_ORDER, counter=9)
    assert max(len(pdu.user_data) for _, pdu in pdus) == limit
    packet = reassembled(pdu for _, pdu in pdus)
    assert decode_command(open_command(packet, KEYS).data) == LONG_ORDER


@pytest.mark.parametrize("facts", [{"plmn": None}, {"msisdn": None}])
def test_a_card_that_nobody_has_is_sent_nothing(facts):
    assert submitted(bound(), replace(CARD, **facts), ORDER, counter=9) == []


def test_where_the_admin_code_is_the_key_it_is_no_field():
    messaging = bound(admin_code_mode=AdminCodeMode.KEYING)
    assert messaging.code_field(CARD) is None
    order = replace(ORDER, admin_code=None)
    packet = reassembled(pdu for _, pdu in submitted(messaging, CARD, order, counter=9))
    keys = derive_keys(CARD.admin_code, CARD.iccid, KEYING_VERSION)
    assert decode_command(open_command(packet, keys).data) == order
    with pytest.raises(SecuredPacketError):
        open_command(packet, KEYS)


def test_where_it_is_compared_it_is_the_field():
    assert module().code_field(CARD) == CARD.admin_code


# Reports


def report(keys=KEYS, *, by_submit=True):
    header = message_header(keys, report_by_submit=by_submit)
    parameters = SecurityParameters(**vars(header), counter=9)
    return seal_response(parameters, PorStatus.OK, b"result", keys)


def test_a_report_of_the_card_opens_under_its_keys():
    opened = module().open_report(CARD, report())
    assert (opened.status, opened.data, opened.is_authentic) == (PorStatus.OK, b"result", True)


def test_a_report_under_other_keys_is_not_this_cards():
    other = OtaKeys(1, Secret(b"x" * 16), Secret(b"y" * 16))
    with pytest.raises(SecuredPacketError):
        module().open_report(CARD, report(other))


@pytest.mark.parametrize("packet", [b"", b"\x00", bytes(3)])
def test_what_is_no_report_is_malformed(packet):
    with pytest.raises(MalformedError):
        module().open_report(CARD, packet)
