"""Somebody who has the card in hand: all that commands at its contacts can read and overwrite."""

from __future__ import annotations

from collections.abc import Iterator

from impl.codec.apdu import CommandApdu, Ins
from impl.device.card_session import USIM_AID
from impl.ports import CardReader
from impl.values import Secret

CLASSES = (0x00, 0x80, 0xA0)
FILES, DIRECTORIES = (0x2F, 0x4F, 0x6F, 0x8F, 0xAF, 0xCF), (0x5F, 0x7F)
"""First octets of identifiers (TS 102 221 clause 8.6), and what manufacturers add."""
CURRENT_APPLICATION = "7fff"
"""Stands for one directory wherever it is written: followed from the master file only."""
MOST_RECORDS = 10
SIZES = (9, 10, 16, 17, 32, 33, 49)
"""Of identities and keys, in files that may be written though they cannot be read."""
OTHER_CONTENT = b"\x14"
"""Written twice, as to a file that stands in two places, it is the same; begins a key file."""
SELECT_PATH, NO_DATA = 0x08, 0x0C
RAND = bytes(range(16))


class Intruder:
    """Commands at the contacts of a card, which had better be a copy."""

    def __init__(self, card: CardReader) -> None:
        self._card = card
        card.power_on()
        self.say(CommandApdu(0x00, Ins.SELECT, 0x04, 0x04, USIM_AID, 256))

    def say(self, command: CommandApdu) -> bytes:
        """Return all that the card answers, status words included."""
        answer = self._card.transmit(command.encode())
        status, size = answer[-2], answer[-1] or 256
        if status == 0x6C:
            answer = self._card.transmit(command._replace(le=size).encode())
        elif status in {0x61, 0x9F}:
            more = CommandApdu(command.cla, Ins.GET_RESPONSE, 0, 0, le=size)
            answer += self._card.transmit(more.encode())
        return answer

    def identity(self) -> tuple[bytes, bytes, bytes]:
        """Return EF.ICCID and EF.IMSI, and what the key makes of a challenge."""
        self._select("2fe2")
        iccid = self._read()
        self._select("7fff6f07")
        imsi = self._read()
        self.say(CommandApdu(0xA0, Ins.SELECT, 0, 0, bytes.fromhex("7f20")))
        return iccid, imsi, self.say(CommandApdu(0xA0, Ins.AUTHENTICATE, 0, 0, RAND, 12))

    def takes_pin(self, pin: Secret) -> bool:
        """Whether this is the user's PIN: the card asks for it from now on, or did before."""
        padded = pin.reveal().ljust(8, b"\xff")
        enable = CommandApdu(0x00, Ins.ENABLE_PIN, 0, 0x01, padded)
        verify = enable._replace(ins=Ins.VERIFY_PIN)
        return any(self.say(command)[-2:] == b"\x90\x00" for command in (enable, verify))

    def pry(self) -> Iterator[bytes]:
        """Yield every answer to commands of every kind, and every content of every file."""
        for cla in CLASSES:
            for ins in range(0x100):
                yield self.say(CommandApdu(cla, ins, 0, 0, le=256))
        for path in self._files("", depth=3):
            self._select(path)
            yield self._read()
            for number in range(1, MOST_RECORDS + 1):
                yield self.say(CommandApdu(0x00, Ins.READ_RECORD, number, 0x04, le=256))

    def overwrite(self) -> None:
        """Write something else over every file that can be found."""
        for path in self._files("", depth=3):
            self._select(path)
            for size in (*SIZES, len(self._read()) - 2):
                if 0 < size < 256:
                    content = OTHER_CONTENT * size
                    self.say(CommandApdu(0x00, Ins.UPDATE_BINARY, 0, 0, content))

    def _files(self, directory: str, depth: int) -> Iterator[str]:
        """Yield the path of every file below a directory, hexadecimal from the master file."""
        if not depth:
            return
        for first in FILES:
            for second in range(0x100):
                path = f"{directory}{first:02x}{second:02x}"
                if self._select(path):
                    yield path
        for first in DIRECTORIES:
            for second in range(0x100):
                path = f"{directory}{first:02x}{second:02x}"
                if path[4:] != CURRENT_APPLICATION and self._select(path):
                    yield from self._files(path, depth - 1)

    def _select(self, path: str) -> bool:
        command = CommandApdu(0x00, Ins.SELECT, SELECT_PATH, NO_DATA, bytes.fromhex(path))
        return self.say(command)[-2:] == b"\x90\x00"

    def _read(self) -> bytes:
        return self.say(CommandApdu(0x00, Ins.READ_BINARY, 0, 0, le=256))
