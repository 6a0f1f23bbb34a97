"""The device's end of the card interface: files and commands over APDUs (TS 102 221 clause 11).

Answers of T=0 (`61xx`, `6Cxx`) are completed here; `91xx` is kept for the toolkit engine.
"""

from __future__ import annotations

from impl.codec.apdu import CommandApdu, Ins, ResponseApdu
from impl.codec.terminal_profile import Facility, encode_profile
from impl.errors import RefusedError
from impl.ports import CardReader

USIM_AID = bytes.fromhex("a0000000871002")
"""RID of 3GPP and the application code of a USIM (TS 101 220 annex E): a card may append more."""

CLA_ISO, CLA_UICC = 0x00, 0x80
ABSOLUTE = 0x04
_SHORT = 0x80  # of P1: it holds a short file identifier
TERMINAL_PROFILE = encode_profile(Facility)
"""What this terminal says of itself: all that has a name here, and nothing else."""


class CardRefusedError(RefusedError):
    """The card answered a command of the device with an error. Its state is as before."""

    def __init__(self, command: CommandApdu, sw: int) -> None:
        super().__init__(f"{command!r} was answered {sw:04X}")
        self.sw = sw


class CardSession:
    """One life of the card in the reader, from power on to power off."""

    def __init__(self, reader: CardReader) -> None:
        self._reader = reader
        self.pending = 0
        """Octets of the proactive command that waits to be fetched, 0 if none does."""
        self._directory = ""

    def start(self) -> None:
        """Power the card, select the USIM and tell what the terminal can do.

        Raises:
            CardMuteError: there is no card, or it does not answer.
            CardRefusedError: it has no USIM.
        """
        self.pending = 0
        self._reader.power_on()
        self.command(CommandApdu(CLA_ISO, Ins.SELECT, 0x04, 0x04, USIM_AID, 256))
        profile = CommandApdu(CLA_UICC, Ins.TERMINAL_PROFILE, 0, 0, TERMINAL_PROFILE)
        self.command(profile)

    def stop(self) -> None:
        """Take the power from the card."""
        self.pending = 0
        self._reader.power_off()

    def exchange(self, command: CommandApdu) -> ResponseApdu:
        """Return the card's whole answer to `command`, whatever its status."""
        answer = self._transmit(command)
        if answer.sw >> 8 == 0x6C:
            answer = self._transmit(command._replace(le=answer.sw & 0xFF or 256))
        data = answer.data
        while answer.sw >> 8 == 0x61:
            more = CommandApdu(CLA_ISO, Ins.GET_RESPONSE, 0, 0, le=answer.sw & 0xFF or 256)
            answer = self._transmit(more)
            data += answer.data
        if answer.sw >> 8 == 0x91:
            self.pending = answer.sw & 0xFF or 256
        return ResponseApdu(data, answer.sw)

    def command(self, command: CommandApdu) -> bytes:
        """Return the data of the card's answer; CardRefusedError unless it is 9000 or 91xx."""
        answer = self.exchange(command)
        if answer.sw >> 8 not in {0x90, 0x91}:
            raise CardRefusedError(command, answer.sw)
        return answer.data

    def read(self, path: str, size: int) -> bytes:
        """Return `size` octets of the transparent file at `path`, hexadecimal from the MF."""
        self.select(path)
        return self.command(CommandApdu(CLA_ISO, Ins.READ_BINARY, 0, 0, le=size))

    def read_record(self, path: str, number: int) -> bytes:
        """Return record `number`, counted from 1, of the linear file at `path`."""
        self.select(path)
        return self.command(CommandApdu(CLA_ISO, Ins.READ_RECORD, number, ABSOLUTE, le=256))

    def update(self, path: str, content: bytes) -> None:
        """Write `content` over the beginning of the transparent file at `path`."""
        self.select(path)
        self.command(CommandApdu(CLA_ISO, Ins.UPDATE_BINARY, 0, 0, content))

    def read_short(self, sfi: int, offset: int, size: int) -> bytes:
        """Return `size` octets, from `offset` on, of a transparent file of the current directory.

        `sfi` is its short file identifier, 1 to 30 (TS 102 221 clause 8.5.2.1).
        """
        p1 = _SHORT | sfi
        return self.command(CommandApdu(CLA_ISO, Ins.READ_BINARY, p1, offset, le=size))

    def update_short(self, sfi: int, content: bytes) -> None:
        """Write over the beginning of a transparent file of the current directory."""
        self.command(CommandApdu(CLA_ISO, Ins.UPDATE_BINARY, _SHORT | sfi, 0, content))

    def update_record_short(self, sfi: int, number: int, content: bytes) -> None:
        """Write record `number`, counted from 1, of a linear file of the current directory."""
        p2 = sfi << 3 | ABSOLUTE
        self.command(CommandApdu(CLA_ISO, Ins.UPDATE_RECORD, number, p2, content))

    def enter(self, directory: str) -> None:
        """Make a directory, hexadecimal from the MF, the current one, unless it is."""
        if directory != self._directory:
            self._select(directory)
            self._directory = directory

    def select(self, path: str) -> None:
        """Select the file at `path`, hexadecimal from the MF; its directory is current then."""
        self._select(path)
        self._directory = path[:-4]

    def _select(self, path: str) -> None:
        self.command(CommandApdu(CLA_ISO, Ins.SELECT, 0x08, 0x0C, bytes.fromhex(path)))

    def _transmit(self, command: CommandApdu) -> ResponseApdu:
        return ResponseApdu.decode(self._reader.transmit(command.encode()))
