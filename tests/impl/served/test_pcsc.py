import sys
from types import SimpleNamespace

import pytest

from impl.errors import CardMuteError
from impl.served import pcsc
from impl.served.pcsc import NoReaderError, PcscReader, reader_names


class SmartcardError(Exception):
    pass


class Connection:
    """One card as pyscard has it."""

    def __init__(self):
        self.calls = []

    def connect(self):
        self.calls.append("connect")

    def reconnect(self, disposition):
        self.calls.append(f"reconnect {disposition}")

    def disconnect(self):
        self.calls.append("disconnect")
        raise SmartcardError  # as when the card was pulled

    def getATR(self):  # noqa: N802 - as pyscard has it
        return [0x3B, 0]

    def transmit(self, command):
        if command[1] == 0xFF:
            raise SmartcardError
        return [1, 2], 0x90, 0


class Reader:
    def __init__(self, name):
        self.name, self.connection = name, Connection()

    def __str__(self):
        return self.name

    def createConnection(self):  # noqa: N802 - as pyscard has it
        return self.connection


@pytest.fixture
def readers(monkeypatch):
    found = [Reader("ACR 38"), Reader("Virtual PCD 00")]
    modules = {
        "Exceptions": SimpleNamespace(SmartcardException=SmartcardError),
        "pcsc.PCSCExceptions": SimpleNamespace(BaseSCardException=SmartcardError),
        "System": SimpleNamespace(readers=lambda: found),
        "scard": SimpleNamespace(SCARD_RESET_CARD=1),
    }
    monkeypatch.setattr(pcsc, "_smartcard", modules.__getitem__)
    return found


def test_a_reader_is_found_by_how_its_name_begins(readers):
    assert reader_names() == ["ACR 38", "Virtual PCD 00"]
    reader = PcscReader("Virtual")
    assert reader.power_on() == b"\x3b\0"
    assert readers[1].connection.calls == ["connect"]
    assert reader.transmit(bytes(4)) == b"\1\2\x90\0"


def test_a_card_that_has_power_is_reset(readers):
    reader = PcscReader("Virtual")
    reader.power_on()
    reader.power_on()
    reader.power_off()
    reader.power_off()
    assert readers[1].connection.calls == ["connect", "reconnect 1", "disconnect"]


def test_a_reader_that_is_not_there_is_named_with_those_that_are(readers):
    with pytest.raises(NoReaderError, match="ACR 38, Virtual PCD 00"):
        PcscReader("Omnikey")
    readers.clear()
    with pytest.raises(NoReaderError, match="none"):
        PcscReader("Omnikey")


def test_a_card_that_does_not_answer_is_mute(readers):
    reader = PcscReader("Virtual")
    with pytest.raises(CardMuteError):
        reader.transmit(b"\0\xff\0\0")

    def fail():
        raise SmartcardError

    readers[1].connection.connect = fail
    with pytest.raises(CardMuteError):
        reader.power_on()


def test_without_pyscard_it_is_told_how_to_get_it(monkeypatch):
    for name in ("smartcard", "smartcard.Exceptions"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(NoReaderError, match=r"reperso\[pcsc\]"):
        reader_names()
