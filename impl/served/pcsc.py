"""The device's slot as a PC/SC reader: our device with any card, or any card's tester with ours.

pyscard speaks to pcscd; it is imported when a reader is asked for, and comes with the extra `pcsc`.
"""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import Any

from impl.errors import CardMuteError, RefusedError


class NoReaderError(RefusedError):
    """There is no such reader, or PC/SC is not there. Nothing was sent to a card."""


def reader_names() -> list[str]:
    """Return the readers that pcscd has.

    Raises:
        NoReaderError: pyscard is not installed, or pcscd does not run.
    """
    return [str(reader) for reader in _readers()]


class PcscReader:
    """`CardReader` over one PC/SC reader."""

    def __init__(self, name: str) -> None:
        """Take the first reader whose name begins with `name`.

        Raises:
            NoReaderError: there is none.
        """
        found = [reader for reader in _readers() if str(reader).startswith(name)]
        if not found:
            known = ", ".join(reader_names()) or "none"
            raise NoReaderError(f"no reader {name!r}: there are {known}")
        self._connection: Any = found[0].createConnection()
        self._connected = False

    def power_on(self) -> bytes:
        """See `CardReader`; a card that has power is reset."""
        exceptions = _smartcard("Exceptions")
        try:
            if self._connected:
                scard = _smartcard("scard")
                self._connection.reconnect(disposition=scard.SCARD_RESET_CARD)
            else:
                self._connection.connect()
            self._connected = True
            return bytes(self._connection.getATR())
        except exceptions.SmartcardException:
            raise CardMuteError("the reader finds no card") from None

    def power_off(self) -> None:
        """See `CardReader`."""
        if self._connected:
            self._connected = False
            with suppress(_smartcard("Exceptions").SmartcardException):  # it was pulled before
                self._connection.disconnect()

    def transmit(self, command: bytes) -> bytes:
        """See `CardReader`."""
        exceptions = _smartcard("Exceptions")
        try:
            data, sw1, sw2 = self._connection.transmit(list(command))
        except exceptions.SmartcardException:
            raise CardMuteError("the card does not answer") from None
        return bytes([*data, sw1, sw2])


def _readers() -> list[Any]:
    exceptions = _smartcard("Exceptions")
    pcsc = _smartcard("pcsc.PCSCExceptions")
    try:
        found: list[Any] = _smartcard("System").readers()
    except (exceptions.SmartcardException, pcsc.BaseSCardException):
        raise NoReaderError("pcscd does not run: start it, or check PCSCLITE_CSOCK_NAME") from None
    return found


def _smartcard(module: str) -> Any:
    try:
        return importlib.import_module(f"smartcard.{module}")
    except ImportError:
        raise NoReaderError("pyscard is not installed: pip install 'reperso[pcsc]'") from None
