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
from impl.device.card_session import USIM_AID
from impl.device.dpa import DevicePersonalizationApplication
from impl.device.usim_session import EF_IMSI, EF_LOCI, EF_SMSP
from impl.errors import CardMuteError
from impl.values import IMSI

ATR = b"\x3b\x00"
SMSP_OCTETS = 40
ADF_USIM, DF_GSM_ACCESS = "7fff", "7fff5f3b"
SHORT_NAMES = {
    (DF_GSM_ACCESS, 0x01): "kc",
    (ADF_USIM, 0x03): "ad",
    (ADF_USIM, 0x08): "keys",
    (ADF_USIM, 0x0D): "fplmn",
    (ADF_USIM, 0x18): "epsnsc",
    (ADF_USIM, 0x1E): "epsloci",
}
"""Files by directory and short identifier."""
WITHOUT_PARAMETERS = {Ins.TERMINAL_PROFILE, Ins.ENVELOPE, Ins.FETCH, Ins.TERMINAL_RESPONSE}
"""Commands whose P1 and P2 are 00 (TS 102 221 clause 11.2)."""
ANSWERED = {Ins.ENVELOPE, Ins.FETCH, Ins.READ_BINARY, Ins.READ_RECORD, Ins.AUTHENTICATE}
"""Commands that say how much they take as an answer."""


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
    _directory: str = ""
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
        fault = self._fault(asked)
        data, sw = (b"", fault) if fault else self.answers.get(asked.ins) or self._usual(asked)
        if sw == SW.OK and self.wants:
            sw = SW.fetch(len(self.wants[0]))
        return data + sw.to_bytes(2, "big")

    def _fault(self, asked: CommandApdu) -> int:
        """Return the status of a command that no card would take, else 0."""
        p1, p2 = asked.p1, asked.p2
        is_short = asked.ins == Ins.UPDATE_BINARY and p1 & 0x80
        if (
            (asked.ins in WITHOUT_PARAMETERS and (p1, p2) != (0, 0))
            or (asked.ins == Ins.AUTHENTICATE and p1)
            or (is_short and p2)  # files are written from their beginning
        ):
            return SW.INCORRECT_P1_P2
        if asked.ins in ANSWERED and asked.le is None:
            return SW.WRONG_LENGTH
        if asked.ins == Ins.FETCH and asked.le != len(self.wants[0]):
            return SW.exact_length(len(self.wants[0]))
        is_record = asked.ins in {Ins.READ_RECORD, Ins.UPDATE_RECORD}
        if is_record and (p1, p2 & 0x07) != (1, 0x04):
            return SW.RECORD_NOT_FOUND
        return 0

    def _usual(self, asked: CommandApdu) -> tuple[bytes, int]:
        match asked.ins:
            case Ins.SELECT:
                return b"", self._select(asked)
            case Ins.READ_BINARY | Ins.READ_RECORD:
                return self._content(asked)
            case Ins.UPDATE_BINARY | Ins.UPDATE_RECORD:
                name = self._named(asked)
                if name is None:
                    return b"", SW.FILE_NOT_FOUND
                self.files[name] = asked.data
            case Ins.FETCH:
                return self.wants.pop(0), SW.OK
        return b"", SW.OK

    def _select(self, asked: CommandApdu) -> int:
        """Select the USIM by its name, or a directory or file by its path."""
        named = asked.data.hex()
        match asked.p1, asked.p2, asked.le:
            case 0x04, 0x04, 256 if named == USIM_AID.hex():
                self._directory, self._selected = ADF_USIM, ""
            case 0x08, 0x0C, None if named in {ADF_USIM, DF_GSM_ACCESS}:
                self._directory, self._selected = named, ""
            case 0x08, 0x0C, None if named in self.files:
                self._directory, self._selected = named[:-4], named
            case _:
                return SW.FILE_NOT_FOUND
        return SW.OK

    def _content(self, asked: CommandApdu) -> tuple[bytes, int]:
        name = self._named(asked)
        if name is None or name not in self.files:
            return b"", SW.FILE_NOT_FOUND
        offset = 0 if asked.ins == Ins.READ_RECORD else asked.p2
        content = self.files[name][offset:][: asked.le]
        if len(content) < (asked.le or 0) < 256:
            return b"", SW.exact_length(len(content))
        return content, SW.OK

    def _named(self, asked: CommandApdu) -> str | None:
        """Return the file that a command means: one by its short identifier, or the selected."""
        is_binary = asked.ins in {Ins.READ_BINARY, Ins.UPDATE_BINARY}
        short = asked.p1 & 0x1F if is_binary and asked.p1 & 0x80 else 0
        short = short or (0 if is_binary else asked.p2 >> 3)
        return SHORT_NAMES.get((self._directory, short)) if short else self._selected

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
            "fplmn": b"\xff" * 12,
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
