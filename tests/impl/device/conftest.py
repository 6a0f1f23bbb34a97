"""What tests of the device share: a card that plays its part as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from impl.codec.apdu import SW, CommandApdu, Ins
from impl.codec.card_file import (
    CipheringKeys,
    EpsLocationInformation,
    GsmCipheringKey,
    LocationInformation,
    ShortMessageParameters,
)
from impl.codec.digits import encode_imsi
from impl.codec.toolkit import (
    Envelope,
    ProactiveCommand,
    TerminalResponse,
    decode_envelope,
    encode_proactive,
)
from impl.device.dpa import DevicePersonalizationApplication
from impl.device.usim_session import EF_IMSI, EF_LOCI, EF_SMSP
from impl.errors import CardMuteError
from impl.values import IMSI

ATR = b"\x3b\x00"
SMSP_OCTETS = 40
SHORT_NAMES = {0x01: "kc", 0x03: "ad", 0x08: "keys", 0x18: "epsnsc", 0x1E: "epsloci"}
"""Files by their short identifiers, as this card knows them."""


@dataclass
class PlayedCard:
    """A `CardReader` with a card that has files, and wants done what a test lets it want."""

    files: dict[str, bytes] = field(default_factory=dict)
    wants: list[bytes] = field(default_factory=list)
    """Proactive commands that wait, encoded; the next is offered with every answer of 9000."""
    answers: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    """Data and status instead of the usual, by instruction."""
    mute_on: dict[int, int] = field(default_factory=dict)
    """How often the card goes mute on this instruction."""
    asked: list[CommandApdu] = field(default_factory=list)
    powered: int = 0
    """How often it was powered."""
    is_on: bool = False
    _selected: str = ""

    def want(self, command: ProactiveCommand, number: int = 1) -> None:
        """Let the card want something done."""
        self.wants.append(encode_proactive(number, command))

    @property
    def responses(self) -> list[TerminalResponse]:
        """What the device answered to the card's commands."""
        return [TerminalResponse.decode(one.data) for one in self._of(Ins.TERMINAL_RESPONSE)]

    @property
    def envelopes(self) -> list[Envelope]:
        """What the device told the card."""
        return [decode_envelope(one.data) for one in self._of(Ins.ENVELOPE)]

    def power_on(self) -> bytes:
        """Answer to reset."""
        self.powered += 1
        self.is_on = True
        return ATR

    def power_off(self) -> None:
        """Be off."""
        self.is_on = False

    def transmit(self, command: bytes) -> bytes:
        """Answer one command."""
        asked = CommandApdu.decode(command)
        self.asked.append(asked)
        if self.mute_on.get(asked.ins, 0):
            self.mute_on[asked.ins] -= 1
            self.is_on = False
        if not self.is_on:
            raise CardMuteError("the card does not answer")
        data, sw = self.answers.get(asked.ins) or self._usual(asked)
        if sw == SW.OK and self.wants:
            sw = SW.fetch(len(self.wants[0]))
        return data + sw.to_bytes(2, "big")

    def _usual(self, asked: CommandApdu) -> tuple[bytes, int]:
        match asked.ins:
            case Ins.SELECT:
                self._selected = asked.data.hex()
            case Ins.READ_BINARY | Ins.READ_RECORD:
                return self._content(asked), SW.OK
            case Ins.UPDATE_BINARY:
                self.files[self._named(asked)] = asked.data
            case Ins.UPDATE_RECORD:
                self.files[SHORT_NAMES[asked.p2 >> 3]] = asked.data
            case Ins.FETCH:
                return self.wants.pop(0), SW.OK
        return b"", SW.OK

    def _content(self, asked: CommandApdu) -> bytes:
        if asked.p1 & 0x80:
            return self.files[self._named(asked)][asked.p2 :][: asked.le]
        return self.files[self._selected]

    def _named(self, asked: CommandApdu) -> str:
        return SHORT_NAMES[asked.p1 & 0x1F] if asked.p1 & 0x80 else self._selected

    def _of(self, ins: Ins) -> list[CommandApdu]:
        return [one for one in self.asked if one.ins == ins]


@pytest.fixture
def card() -> PlayedCard:
    """Return a card of the network 20801 that wants nothing."""
    return PlayedCard(
        {
            EF_IMSI: encode_imsi(IMSI("208010000000001")),
            EF_LOCI: LocationInformation.blank().encode(),
            EF_SMSP: ShortMessageParameters().encode(SMSP_OCTETS),
            "kc": GsmCipheringKey.blank().encode(),
            "keys": CipheringKeys.blank().encode(),
            "epsnsc": b"\xff" * 54,
            "epsloci": EpsLocationInformation.blank().encode(),
        }
    )


@pytest.fixture
def dpa() -> DevicePersonalizationApplication:
    """Return a screen with somebody in front of it."""
    return DevicePersonalizationApplication()
