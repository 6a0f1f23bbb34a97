"""Secured packets on their way out of the card."""

from __future__ import annotations

import pytest

from impl.card.outgoing import submissions
from impl.codec.address import Address
from impl.codec.concatenation import Reassembler
from impl.codec.short_message import Submit
from impl.codec.user_data import UserData


def test_a_short_packet_leaves_in_one_silent_message() -> None:
    (sent,) = submissions(b"packet", 0x71, Address("33700"), Address("33609"))
    submit = Submit.decode(sent.tpdu)
    assert (submit.destination, submit.user_data) == (Address("33700"), b"packet")
    assert (submit.pid, submit.dcs) == (0x7F, 0xF6)
    assert [element.identifier for element in submit.header] == [0x71]
    assert sent.address == Address("33609")
    assert sent.title == ""


def test_without_a_service_centre_the_terminal_takes_its_own() -> None:
    (sent,) = submissions(b"packet", 0x70, Address("33700"))
    assert sent.address is None


@pytest.mark.parametrize("size", [138, 300])
def test_a_long_packet_leaves_in_parts_that_join(size: int) -> None:
    packet = bytes(range(256)) * 2
    sent = submissions(packet[:size], 0x70, Address("33700"))
    assert len(sent) > 1
    reassembler = Reassembler()
    tpdus = [Submit.decode(each.tpdu) for each in sent]
    wholes = [
        reassembler.add(tpdu.destination, UserData(tpdu.header, tpdu.user_data)) for tpdu in tpdus
    ]
    assert wholes[:-1] == [None] * (len(sent) - 1)
    assert wholes[-1] is not None
    assert wholes[-1].octets == packet[:size]
