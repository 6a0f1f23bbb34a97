"""Every security parameter indicator that a packet can have (TS 102 225 clause 5.1.1)."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card import image
from impl.card.cpa import Errand
from impl.card.ota import OverTheAir, Service
from impl.card.toolkit import Toolkit
from impl.codec.ota_profile import CPA_TAR
from impl.codec.personalization import encode_command
from impl.codec.secured_packet import open_response, seal_command
from impl.codec.security_parameters import (
    LAST_COUNTER,
    CommandHeader,
    PorStatus,
    SecurityParameters,
    Spi1,
    Spi2,
)
from impl.codec.short_message import Submit
from impl.codec.toolkit import SendShortMessage

SPI1_AT, STATUS_AT, BARE = 3, 12, 13
"""In a command packet; in a response packet without protection, and its size."""
CRC_32, AES = 0x15, 0x12
"""KID, and KIc, under key version 1."""


def header_of(spi1: int, spi2: int) -> CommandHeader:
    kid = CRC_32 if spi1 & 3 == 1 else AES
    return CommandHeader(Spi1(spi1), Spi2(spi2), AES, kid, CPA_TAR)


def seal(server: Any, header: CommandHeader) -> bytes:
    """Return an order under this header; nobody can sign digitally, so that is only said."""
    spi1 = int(header.spi1)
    said = CommandHeader(**{**vars(header), "spi1": Spi1(spi1 & ~1 if spi1 & 3 == 3 else spi1)})
    parameters = SecurityParameters(**vars(said), counter=1)
    packet = seal_command(parameters, encode_command(server.replacement()), server.whose)
    return packet[:SPI1_AT] + bytes((spi1,)) + packet[SPI1_AT + 1 :]


def expected(spi1: int, spi2: int) -> PorStatus:
    """What the card has to say: it demands CC, ciphering and a counter; DS has no algorithm."""
    integrity, is_ciphered, counter = spi1 & 3, spi1 >> 2 & 1, spi1 >> 3
    if integrity < 2 or not is_ciphered or counter < 2:
        return PorStatus.INSUFFICIENT_SECURITY
    if 3 in (integrity, spi2 >> 2 & 3):
        return PorStatus.UNIDENTIFIED_SECURITY
    return PorStatus.OK


def answers(server: Any, packet: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the response packets that came in the delivery report, and by short message."""
    (envelope,) = server.envelopes(packet)
    report = server.terminal.tell(envelope).data
    assert report[:3] in {b"", bytes.fromhex("027100")}
    submitted = [
        Submit.decode(each.tpdu).user_data
        for each in server.terminal.serve()
        if isinstance(each, SendShortMessage)
    ]
    return [report[3:]] if report else [], submitted


@pytest.mark.parametrize("spi1", range(32))
def test_each_indicator_has_the_answer_that_it_asks_for(
    new_terminal: Any, server_of: Any, spi1: int
) -> None:
    for spi2 in range(64):
        server = server_of(new_terminal())
        server.header = header_of(spi1, spi2)
        status, before = expected(spi1, spi2), server.terminal.memory.image
        reported, submitted = answers(server, seal(server, server.header))
        assert (server.terminal.memory.image != before) is (status is PorStatus.OK)
        is_wanted = spi2 & 3 == 1 or (spi2 & 3 == 2 and status is not PorStatus.OK)
        by_submit = spi2 & 0x20
        silent, asked = (reported, submitted) if by_submit else (submitted, reported)
        assert (len(silent), len(asked)) == (0, is_wanted), (spi1, spi2)
        for packet in asked:
            if status is PorStatus.OK:
                assert server.open(packet).status is status
            else:  # nobody proved a key: the card signs nothing
                assert (len(packet), packet[STATUS_AT]) == (BARE, status)


class Echo:
    """An application that says again what it was told, and changes nothing."""

    is_selectable = True

    def execute(self, octets: bytes, errand: Errand) -> bytes:
        del errand
        return octets


@pytest.mark.parametrize("mode", [Spi1(0), Spi1.COUNTER_UNCHECKED])
@pytest.mark.parametrize("counter", [0, 6, LAST_COUNTER])
def test_a_counter_that_is_not_compared_is_not_kept(server: Any, mode: Spi1, counter: int) -> None:
    """Else an application that asks for less sets the counter of the others back, or ends it."""
    memory = server.terminal.memory
    image.COMMAND_COUNTER.set_number(memory, 7)
    server.header = header_of(int(Spi1.CC | mode), Spi2.POR_ALWAYS)
    parameters = SecurityParameters(**vars(server.header), counter=counter)
    packet = seal_command(parameters, b"content", server.whose)
    services = {server.header.tar: Service(Echo(), minimum=Spi1.CC)}
    (envelope,) = server.envelopes(packet)
    report = OverTheAir(memory, Toolkit(), services).receive(envelope)
    answer = open_response(report[3:], server.header, server.whose)
    assert (answer.status, answer.data) == (PorStatus.OK, b"content")
    assert image.COMMAND_COUNTER.number(memory) == 7
