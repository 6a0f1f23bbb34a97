"""The card in a PC/SC reader: our card behind the virtual reader of vsmartcard (vpcd).

The driver, inside pcscd, listens; the card connects. A frame is its length (2 octets), then one
octet of control - power off, power on, reset, tell the answer to reset - or a C-APDU, which alone
and the last control are answered. Killing the process is pulling the card; what it wrote stands in
its file.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from enum import IntEnum

from impl.errors import CardMuteError, MalformedError
from impl.ports import CardReader

PORT = 35963
"""Of the first virtual reader."""
LONGEST_APDU = 65_544


class Control(IntEnum):
    """What the reader wants besides APDUs."""

    POWER_OFF = 0
    POWER_ON = 1
    RESET = 2
    TELL_ATR = 4


class CardInReader:
    """One card, inserted as long as `run` runs."""

    def __init__(self, card: CardReader) -> None:
        self._card = card
        self._atr = b""

    def run(self, host: str, port: int) -> None:
        """Insert the card, and answer until the reader is gone.

        Raises:
            OSError: there is no reader at that address.
            MalformedError: what speaks there is no reader.
        """
        with socket.create_connection((host, port)) as reader:
            self.serve(reader)

    def serve(self, reader: socket.socket) -> None:
        """Answer until the reader is gone.

        Raises:
            MalformedError: what speaks there is no reader.
        """
        with suppress(EOFError):
            while True:
                self._exchange(reader)
        self._card.power_off()

    def answer(self, octets: bytes) -> bytes | None:
        """Return what is answered to one frame, None if nothing is.

        Raises:
            MalformedError: it is neither a control nor an APDU.
        """
        if len(octets) == 1:
            return self._obey(octets[0])
        if len(octets) < 4 or len(octets) > LONGEST_APDU:
            raise MalformedError("vpcd frame", f"has {len(octets)} octets")
        try:
            return self._card.transmit(octets)
        except CardMuteError:
            return b""  # as a card that does not answer: the reader finds a protocol error

    def _obey(self, control: int) -> bytes | None:
        if control == Control.TELL_ATR:
            if not self._atr:
                self._power_on()
            return self._atr
        if control in {Control.POWER_ON, Control.RESET}:
            self._power_on()
        elif control == Control.POWER_OFF:
            self._atr = b""
            self._card.power_off()
        else:
            raise MalformedError("vpcd control", f"is {control}")
        return None

    def _power_on(self) -> None:
        self._atr = self._card.power_on()

    def _exchange(self, reader: socket.socket) -> None:
        size = int.from_bytes(self._receive(reader, 2), "big")
        answer = self.answer(self._receive(reader, size))
        if answer is not None:
            reader.sendall(len(answer).to_bytes(2, "big") + answer)

    @staticmethod
    def _receive(reader: socket.socket, count: int) -> bytes:
        """Return `count` octets; EOFError if the reader is gone."""
        octets = b""
        while len(octets) < count:
            # The driver writes a frame in two parts; without this, each would wait 40 ms for the
            # other's acknowledgement. Linux forgets the option after a while.
            reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            part = reader.recv(count - len(octets))
            if not part:
                raise EOFError
            octets += part
        return octets
