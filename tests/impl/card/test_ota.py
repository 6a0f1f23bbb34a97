"""Secured packets in the card: the order of the checks, reassembly, proof of receipt."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.card import image
from impl.card.memory import Memory
from impl.card.profile import AdminCodeMode
from impl.card.uicc import Uicc
from impl.codec.address import Address
from impl.codec.apdu import CommandApdu, Ins, ResponseApdu
from impl.codec.file_contents import FileContent, encode_file_contents
from impl.codec.personalization import Outcome, decode_result
from impl.codec.secured_packet import open_response
from impl.codec.security_parameters import LAST_COUNTER, CommandHeader, PorStatus, Spi1, Spi2
from impl.codec.short_message import Deliver, DeliverReport, Submit
from impl.codec.toolkit import SendShortMessage, SmsPpDownload
from impl.codec.user_data import InformationElement
from impl.values import OtaKeys, Secret

EXTRA = encode_file_contents([FileContent(0x6F61, bytes.fromhex("1300148000") * 50)])


def packet_of(server: Any, command: Any = None) -> bytes:
    server.counter += 1
    packet: bytes = server.seal_order(command or server.replacement())
    return packet


def hand_over(server: Any, packet: bytes) -> list[ResponseApdu]:
    return [server.terminal.tell(envelope) for envelope in server.envelopes(packet)]


def only_report(server: Any) -> Any:
    """Return the one PoR that the card sends."""
    (report,) = server.reports(server.terminal.serve())
    return report


def changed(server: Any, **fields: Any) -> CommandHeader:
    """Return how packets of this server are secured, but for some fields."""
    return CommandHeader(**{**vars(server.how), **fields})


def refusal(server: Any, packet: bytes) -> Any:
    """Hand over a packet; check that it changes nothing, and return the PoR."""
    before = server.terminal.memory.image
    hand_over(server, packet)
    assert server.terminal.memory.image == before
    return only_report(server)


def test_a_right_packet_is_proved_with_cc_and_ciphered(server: Any) -> None:
    hand_over(server, packet_of(server))
    report = only_report(server)
    assert (report.status, report.counter) == (PorStatus.OK, 1)
    assert report.is_authentic
    assert decode_result(report.data).outcome is Outcome.DONE


def test_an_unknown_tar_is_told_before_anything_else(server: Any) -> None:
    server.header = changed(server, tar=b"\xb0\0\2", spi1=Spi1(0))
    report = refusal(server, packet_of(server))
    assert (report.status, report.is_authentic) == (PorStatus.TAR_UNKNOWN, False)


@pytest.mark.parametrize(
    "spi1",
    [
        Spi1(0),
        Spi1.CC | Spi1.COUNTER_HIGHER,  # not ciphered
        Spi1.CIPHERED | Spi1.COUNTER_HIGHER,  # no checksum
        Spi1.RC | Spi1.CIPHERED | Spi1.COUNTER_HIGHER,
        Spi1.CC | Spi1.CIPHERED | Spi1.COUNTER_UNCHECKED,
        Spi1.CC | Spi1.CIPHERED,
    ],
)
def test_less_than_the_minimum_security_is_refused(server: Any, spi1: Spi1) -> None:
    kid = server.how.kid & 0xF0 | 0x05 if spi1 & 0x3 == Spi1.RC else server.how.kid
    server.header = changed(server, spi1=spi1, kid=kid)
    report = refusal(server, packet_of(server))
    assert (report.status, report.is_authentic) == (PorStatus.INSUFFICIENT_SECURITY, False)


def test_more_than_the_minimum_security_is_accepted(server: Any) -> None:
    server.header = changed(server, spi1=Spi1.CC | Spi1.CIPHERED | Spi1.COUNTER_NEXT)
    hand_over(server, packet_of(server))
    assert only_report(server).status is PorStatus.OK


def test_a_key_version_that_the_card_lacks_is_refused(server: Any) -> None:
    keys = server.terminal.profile.ota_keys
    server.keys = OtaKeys(2, keys.kic, keys.kid)
    report = refusal(server, packet_of(server))
    assert (report.status, report.is_authentic) == (PorStatus.UNIDENTIFIED_SECURITY, False)


def test_single_des_is_refused(server: Any) -> None:
    packet = bytearray(packet_of(server))
    packet[5] = packet[6] = 0x11  # KIc and KID: version 1, DES in CBC mode
    before = server.terminal.memory.image
    hand_over(server, bytes(packet))
    assert server.terminal.memory.image == before
    (sent,) = [each for each in server.terminal.serve() if isinstance(each, SendShortMessage)]
    assert unsigned_status(sent) in {
        PorStatus.INSUFFICIENT_SECURITY,
        PorStatus.UNIDENTIFIED_SECURITY,
    }


def unsigned_status(sent: SendShortMessage) -> int:
    """Return the status of a PoR that is neither ciphered nor signed."""
    packet = Submit.decode(sent.tpdu).user_data
    assert packet[2] == 0x0A  # RHL: no checksum
    return packet[12]


def test_another_key_is_a_failed_checksum_and_the_proof_is_not_signed(server: Any) -> None:
    keys = server.terminal.profile.ota_keys
    server.keys = OtaKeys(1, keys.kic, Secret(b"X" * 16))
    report = refusal(server, packet_of(server))
    assert (report.status, report.is_authentic) == (PorStatus.INTEGRITY_FAILED, False)
    server.keys = OtaKeys(1, Secret(b"X" * 16), keys.kid)
    assert refusal(server, packet_of(server)).status is PorStatus.INTEGRITY_FAILED


def test_every_altered_octet_is_noticed(server: Any) -> None:
    packet = packet_of(server)
    before = server.terminal.memory.image
    for at in range(len(packet)):
        altered = bytearray(packet)
        altered[at] ^= 0x01
        hand_over(server, bytes(altered))
        server.terminal.serve()
        assert server.terminal.memory.image == before, at
    hand_over(server, packet)
    assert only_report(server).status is PorStatus.OK


def test_a_replayed_packet_changes_nothing_and_is_told_so(server: Any) -> None:
    packet = packet_of(server)
    hand_over(server, packet)
    server.terminal.serve()
    server.terminal.restart()
    report = refusal(server, packet)
    assert (report.status, report.is_authentic) == (PorStatus.COUNTER_LOW, True)


def test_an_older_packet_after_a_newer_one_is_a_replay_too(server: Any) -> None:
    older = packet_of(server)
    newer = packet_of(server, server.replacement(admin_code=Secret(b"wrongcod")))
    hand_over(server, newer)
    server.terminal.serve()
    assert refusal(server, older).status is PorStatus.COUNTER_LOW


def test_a_counter_that_has_to_be_the_next_must_not_jump(server: Any) -> None:
    server.header = changed(server, spi1=Spi1.CC | Spi1.CIPHERED | Spi1.COUNTER_NEXT)
    server.counter = 1
    assert refusal(server, packet_of(server)).status is PorStatus.COUNTER_HIGH


def test_a_counter_at_its_end_blocks(server: Any) -> None:
    server.counter = LAST_COUNTER - 1
    hand_over(server, packet_of(server))
    assert only_report(server).status is PorStatus.OK
    server.counter -= 1
    assert refusal(server, packet_of(server)).status is PorStatus.COUNTER_BLOCKED


def test_a_counter_is_kept_only_once_the_checksum_held(server: Any) -> None:
    altered = bytearray(packet_of(server))
    altered[-1] ^= 0x01
    hand_over(server, bytes(altered))
    assert image.COMMAND_COUNTER.number(server.terminal.memory) == 0
    hand_over(server, packet_of(server, server.replacement(admin_code=Secret(b"wrongcod"))))
    assert image.COMMAND_COUNTER.number(server.terminal.memory) == 2


def test_a_proof_in_the_delivery_report_needs_no_short_message(server: Any) -> None:
    server.by_submit = False
    (answer,) = hand_over(server, packet_of(server))
    report = DeliverReport.acknowledging(answer.data).user_data
    assert answer.data[:3] == b"\x02\x71\x00"
    assert report
    opened = server.open(answer.data[3:])
    assert (opened.status, opened.is_authentic) == (PorStatus.OK, True)
    assert not any(isinstance(each, SendShortMessage) for each in server.terminal.serve())


def test_a_refusal_in_the_delivery_report_is_not_signed(server: Any) -> None:
    server.by_submit = False
    packet = bytearray(packet_of(server))
    packet[-1] ^= 0x01
    (answer,) = hand_over(server, bytes(packet))
    opened = server.open(answer.data[3:])
    assert (opened.status, opened.is_authentic) == (PorStatus.INTEGRITY_FAILED, False)


@pytest.mark.parametrize(
    ("spi2", "answered"),
    [
        (Spi2(0), "never"),
        (Spi2.POR_ON_ERROR | Spi2.POR_CC, "on failure"),
        (Spi2.POR_ALWAYS, "always"),
        (Spi2.POR_ALWAYS | Spi2.POR_CIPHERED, "always"),
    ],
)
def test_proof_is_given_when_the_packet_asks_for_it(server: Any, spi2: Spi2, answered: str) -> None:
    server.header = changed(server, spi2=spi2)
    (good,) = hand_over(server, packet_of(server))
    altered = bytearray(packet_of(server))
    altered[-1] ^= 0x01
    (bad,) = hand_over(server, bytes(altered))
    assert bool(good.data) is (answered == "always")
    assert bool(bad.data) is (answered != "never")
    if good.data:
        report = open_response(good.data[3:], server.how, server.whose)
        assert report.status is PorStatus.OK


def test_an_order_whose_proof_cannot_be_given_is_not_carried_out(server: Any) -> None:
    before = server.terminal.memory.image
    server.header = changed(server, spi2=Spi2.POR_ALWAYS | Spi2.POR_DS | Spi2.POR_BY_SUBMIT)
    hand_over(server, packet_of(server))
    assert server.terminal.memory.image == before
    assert unsigned_status(server.terminal.serve()[0]) == PorStatus.UNIDENTIFIED_SECURITY


def test_nobody_makes_the_card_send_messages_to_a_number_of_their_choice(server: Any) -> None:
    packet = bytearray(packet_of(server))
    packet[-1] ^= 0x01
    stranger = Deliver(
        Address("33899000000"),
        bytes(packet),
        header=(InformationElement(0x70, b""),),
        pid=0x7F,
        dcs=0xF6,
    )
    server.terminal.tell(SmsPpDownload(Address("33609"), stranger.encode()))
    assert server.terminal.serve() == []


def test_an_authentic_order_is_answered_to_whoever_sent_it(server: Any) -> None:
    header = (InformationElement(0x70, b""),)
    other = Deliver(Address("33701"), packet_of(server), header=header, pid=0x7F, dcs=0xF6)
    server.terminal.tell(SmsPpDownload(Address("33609"), other.encode()))
    sent = server.terminal.serve()[0]
    assert Submit.decode(sent.tpdu).destination == Address("33701")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_parts_may_come_in_any_order(server: Any, order: tuple[int, ...]) -> None:
    parts = server.envelopes(packet_of(server, server.replacement(extra=EXTRA)))
    assert len(parts) == 3
    answers = [server.terminal.tell(parts[at]) for at in order]
    assert [answer.sw for answer in answers[:-1]] == [0x9000] * 2
    assert decode_result(only_report(server).data).outcome is Outcome.DONE


def test_parts_that_come_twice_count_once(server: Any) -> None:
    parts = server.envelopes(packet_of(server, server.replacement(extra=EXTRA)))
    for part in parts:
        server.terminal.tell(part)
        server.terminal.tell(part)
    assert decode_result(only_report(server).data).outcome is Outcome.DONE


@pytest.mark.parametrize("missing", range(3))
def test_without_one_part_the_card_does_nothing(server: Any, missing: int) -> None:
    before = server.terminal.memory.image
    parts = server.envelopes(packet_of(server, server.replacement(extra=EXTRA)))
    for part in parts[:missing] + parts[missing + 1 :]:
        assert server.terminal.tell(part).sw == 0x9000
    assert server.terminal.memory.image == before
    assert server.terminal.serve() == []


def test_an_incomplete_message_does_not_hinder_the_next(server: Any) -> None:
    for part in server.envelopes(packet_of(server, server.replacement(extra=EXTRA)))[:-1]:
        server.terminal.tell(part)
    hand_over(server, packet_of(server, server.replacement(extra=EXTRA)))
    assert decode_result(only_report(server).data).outcome is Outcome.DONE


def test_two_messages_may_come_at_the_same_time(server: Any) -> None:
    first = server.envelopes(packet_of(server, server.replacement(extra=EXTRA)), reference=1)
    again = server.envelopes(packet_of(server, server.replacement(extra=EXTRA)), reference=2)
    for one, other in zip(first, again, strict=True):
        server.terminal.tell(one)
        server.terminal.tell(other)
    reports = server.reports(server.terminal.serve())
    assert [decode_result(each.data).outcome for each in reports] == [Outcome.DONE] * 2


def test_parts_are_forgotten_with_the_power(server: Any) -> None:
    parts = server.envelopes(packet_of(server, server.replacement(extra=EXTRA)))
    for part in parts[:-1]:
        server.terminal.tell(part)
    server.terminal.restart()
    assert server.terminal.tell(parts[-1]).sw == 0x9000
    assert server.terminal.serve() == []


@pytest.mark.parametrize("tpdu", [b"", b"\x01", b"\x04\x0b\x91", bytes(30)])
def test_a_short_message_that_cannot_be_read_is_a_download_error(server: Any, tpdu: bytes) -> None:
    assert server.terminal.tell(SmsPpDownload(None, tpdu)).sw == 0x6200


@pytest.mark.parametrize("packet", [b"", b"\0", bytes(20), b"\0\x05\x0d\0\0\0\0"])
def test_a_packet_that_cannot_be_read_is_a_download_error(server: Any, packet: bytes) -> None:
    (answer,) = hand_over(server, packet)
    assert answer.sw == 0x6200


def test_a_short_message_that_is_no_packet_is_no_matter(server: Any) -> None:
    text = Deliver(Address("33700"), b"hello", pid=0x7F, dcs=0xF6).encode()
    assert server.terminal.tell(SmsPpDownload(None, text)).sw == 0x9000
    assert server.terminal.serve() == []


def test_where_the_admin_code_is_a_key_only_its_packets_pass(
    new_terminal: Any, server_of: Any
) -> None:
    terminal = new_terminal(admin_code_mode=AdminCodeMode.KEYING)
    server = server_of(terminal)
    server.keys = terminal.profile.ota_keys
    assert refusal(server, packet_of(server)).status is PorStatus.UNIDENTIFIED_SECURITY
    server.keys = None
    hand_over(server, packet_of(server))
    assert only_report(server).status is PorStatus.OK


def test_another_admin_code_makes_another_key(new_terminal: Any, server_of: Any) -> None:
    terminal = new_terminal(admin_code_mode=AdminCodeMode.KEYING)
    stranger = new_terminal(admin_code_mode=AdminCodeMode.KEYING, admin_code=Secret(b"87654321"))
    server = server_of(terminal)
    server.keys = server_of(stranger).whose
    assert refusal(server, packet_of(server)).status is PorStatus.INTEGRITY_FAILED


def test_a_question_delays_the_report_by_delivery(new_terminal: Any, server_of: Any) -> None:
    terminal = new_terminal(ask_user=True)
    server = server_of(terminal)
    server.by_submit = False
    (answer,) = hand_over(server, packet_of(server))
    assert server.open(answer.data[3:]).status is PorStatus.RESPONSE_BY_SUBMIT
    fetched = terminal.fetch()
    terminal.respond(fetched)  # no text: not a yes
    result = decode_result(only_report(server).data)
    assert result.outcome is Outcome.REFUSED_BY_USER


def test_a_question_without_report_ends_without_report(new_terminal: Any, server_of: Any) -> None:
    terminal = new_terminal(ask_user=True)
    server = server_of(terminal)
    server.header = changed(server, spi2=Spi2(0))
    (answer,) = hand_over(server, packet_of(server))
    assert answer.data == b""
    terminal.respond(terminal.fetch())
    assert terminal.serve() == []


@given(data=st.data())
def test_mutilated_envelopes_get_a_status_word_and_change_nothing(
    factory_image: bytes, sealed_envelope: bytes, data: st.DataObject
) -> None:
    octets = bytearray(sealed_envelope)
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    octets = octets[: data.draw(st.integers(0, len(octets)))] or octets
    if bytes(octets) == sealed_envelope:
        return
    memory = Memory(factory_image)
    card = Uicc(memory)
    card.power_on()
    command = CommandApdu(0x80, Ins.ENVELOPE, 0, 0, bytes(octets), 256)
    before = memory.image
    ResponseApdu.decode(card.transmit(command.encode()))
    unchanged = memory.image == before
    assert unchanged or mutilated_outside_of_the_packet(octets, sealed_envelope)


def mutilated_outside_of_the_packet(octets: bytearray, envelope: bytes) -> bool:
    """Whether the packet itself came through: then the order is as good as it was."""
    return envelope[-120:] in bytes(octets)
