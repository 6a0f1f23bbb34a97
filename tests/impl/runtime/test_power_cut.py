"""A card that loses power in the middle of what a short message makes it write."""

import pytest

from impl.card.memory import JOURNAL_SIZE, Memory
from impl.codec.apdu import CommandApdu, Ins
from impl.codec.toolkit import MenuSelection, SmsPpDownload, encode_envelope
from impl.errors import CardMuteError
from impl.runtime.power_cut import PowerCut

DOWNLOAD = CommandApdu(
    0x80, Ins.ENVELOPE, 0, 0, encode_envelope(SmsPpDownload(None, b"\x00"))
).encode()
OTHERS = [
    CommandApdu(0x80, Ins.ENVELOPE, 0, 0, encode_envelope(MenuSelection(1))).encode(),
    CommandApdu(0x00, Ins.READ_BINARY, 0, 0, le=9).encode(),
]
SIZE = 20


class WritingCard:
    """Writes over its memory on every command, as often as it is told."""

    def __init__(self, memory, *, writes):
        self.memory, self.writes, self.value = memory, writes, 0

    def power_on(self):
        self.memory.recover()
        return b"\x3b\x00"

    def power_off(self):
        pass

    def transmit(self, command):
        del command
        self.value += 1
        if self.writes:
            self.memory.write(JOURNAL_SIZE, bytes([self.value]) * SIZE)
        return b"\x90\x00"


@pytest.fixture
def memory():
    return Memory(bytes(JOURNAL_SIZE + SIZE))


def cut(memory, share=50, *, comes_back=True, writes=True):
    made = PowerCut(WritingCard(memory, writes=writes), memory, share, comes_back=comes_back)
    made.power_on()
    return made


def content(memory):
    return memory.read(JOURNAL_SIZE, SIZE)


@pytest.mark.parametrize("share", [0, 30, 50, 99])
def test_power_is_lost_within_a_download_and_the_memory_is_as_before_or_after(memory, share):
    card = cut(memory, share)
    with pytest.raises(CardMuteError):
        card.transmit(DOWNLOAD)
    card.power_on()
    assert content(memory) in {bytes(SIZE), b"\x01" * SIZE}
    if not share:
        assert content(memory) == bytes(SIZE)


@pytest.mark.parametrize("command", OTHERS)
def test_what_is_no_download_goes_on(memory, command):
    assert cut(memory).transmit(command) == b"\x90\x00"
    assert content(memory) == b"\x01" * SIZE


def test_power_is_lost_once(memory):
    card = cut(memory)
    with pytest.raises(CardMuteError):
        card.transmit(DOWNLOAD)
    card.power_on()
    assert card.transmit(DOWNLOAD) == b"\x90\x00"


def test_a_download_that_writes_nothing_does_not_spend_the_cut(memory):
    card = cut(memory, writes=False)
    assert card.transmit(DOWNLOAD) == b"\x90\x00"
    card._card.writes = True
    with pytest.raises(CardMuteError):
        card.transmit(DOWNLOAD)


def test_power_that_does_not_come_back_is_gone_until_it_is_restored(memory):
    card = cut(memory, comes_back=False)
    with pytest.raises(CardMuteError):
        card.transmit(DOWNLOAD)
    for _ in range(3):
        with pytest.raises(CardMuteError):
            card.power_on()
    card.restore()
    card.power_on()
    assert card.transmit(DOWNLOAD) == b"\x90\x00"


def test_power_that_is_taken_is_no_loss(memory):
    card = cut(memory)
    card.power_off()
    assert card.power_on() == b"\x3b\x00"
