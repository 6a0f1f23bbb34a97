"""PINs of the user: verify, change, disable, enable, unblock (TS 102 221 clauses 9.5 and 11.1.9).

A try is counted before the code is compared, so that cutting the power wins nobody a try.
"""

from __future__ import annotations

from typing import Final

from impl.card import image
from impl.card.files import Access
from impl.card.image import PinPlaces
from impl.card.memory import Memory
from impl.card.status import StatusError
from impl.codec.apdu import CLASS_GSM, SW, CommandApdu, Ins
from impl.codec.file_control import PinState
from impl.values import Secret

MOST_TRIES: Final = 3
MOST_UNBLOCK_TRIES: Final = 10
CODE_SIZE: Final = 8

_PIN1: Final = 0x01
_PIN, _ALWAYS = Access.PIN, Access.ALWAYS
_REFERENCES: Final = {0x01: image.PIN1, 0x81: image.PIN2}
_GSM_REFERENCES: Final = {0x01: 0x01, 0x02: 0x81}
_GSM_UNBLOCKED: Final = {0x00: 0x01, 0x02: 0x81}
"""CHV numbers of class A0, and those of UNBLOCK CHV (TS 51.011 clauses 9.2.9 and 9.2.13)."""


def padded(code: Secret) -> bytes:
    """Return 4 to 8 digits as the 8 octets that the card compares."""
    return code.reveal().ljust(CODE_SIZE, b"\xff")


class Pins:
    """The PINs during one life of the card: what was verified is forgotten with the power."""

    __slots__ = ("_memory", "_verified")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._verified: set[int] = set()

    def allows(self, access: Access) -> bool:
        """Whether `access` is granted at the contacts now."""
        if access is _PIN:
            return _PIN1 in self._verified or not self.is_enabled
        return access is _ALWAYS

    @property
    def states(self) -> tuple[PinState, ...]:
        """Which PINs there are, and whether they are enabled, as a directory's FCP says it."""
        return tuple(
            PinState(reference, pin.enabled.number(self._memory) == image.YES)
            for reference, pin in _REFERENCES.items()
        )

    @property
    def is_enabled(self) -> bool:
        """Whether PIN 1 is asked for at all."""
        return image.PIN1.enabled.number(self._memory) == image.YES

    @property
    def tries(self) -> tuple[int, int, int, int]:
        """Tries left of PIN 1, its unblocking code, the second PIN, and its unblocking code."""
        first, second = image.PIN1, image.PIN2
        areas = (first.tries, first.unblock_tries, second.tries, second.unblock_tries)
        return tuple(area.number(self._memory) for area in areas)  # type: ignore[return-value]  # four

    def verify(self, command: CommandApdu) -> bytes:
        """VERIFY PIN; without data it asks for the tries that are left."""
        reference, pin = _find(command)
        if _asks_for_tries(command):
            raise StatusError(_tries_left(pin.tries.number(self._memory)))
        if not pin.enabled.number(self._memory):
            raise StatusError(SW.REFERENCED_DATA_INVALIDATED)
        self._check(reference, pin, _codes(command, 1)[0])
        self._verified.add(reference)
        return b""

    def change(self, command: CommandApdu) -> bytes:
        """CHANGE PIN: the old one, the new one."""
        reference, pin = _find(command)
        if not pin.enabled.number(self._memory):
            raise StatusError(SW.REFERENCED_DATA_INVALIDATED)
        old, new = _codes(command, 2)
        _check_form(new)
        self._check(reference, pin, old)
        pin.code.write(self._memory, new)
        self._verified.add(reference)
        return b""

    def disable(self, command: CommandApdu) -> bytes:
        """DISABLE PIN 1; nothing replaces it."""
        return self._switch(command, enabled=image.NO)

    def enable(self, command: CommandApdu) -> bytes:
        """ENABLE PIN 1."""
        return self._switch(command, enabled=image.YES)

    def unblock(self, command: CommandApdu) -> bytes:
        """UNBLOCK PIN: the unblocking code, a new PIN; without data it asks for the tries left."""
        reference, pin = _find(command)
        if _asks_for_tries(command):
            raise StatusError(_tries_left(pin.unblock_tries.number(self._memory)))
        unblock_code, new = _codes(command, 2)
        _check_form(new)
        self._compare(pin.unblock_code.read(self._memory), unblock_code, pin, unblocking=True)
        with self._memory.transaction():
            pin.code.write(self._memory, new)
            pin.tries.set_number(self._memory, MOST_TRIES)
            pin.unblock_tries.set_number(self._memory, MOST_UNBLOCK_TRIES)
            pin.enabled.set_number(self._memory, image.YES)
        self._verified.add(reference)
        return b""

    def _switch(self, command: CommandApdu, *, enabled: int) -> bytes:
        reference, pin = _find(command)
        if reference != _PIN1:
            raise StatusError(SW.INCORRECT_P1_P2)
        if pin.enabled.number(self._memory) == enabled:
            raise StatusError(SW.REFERENCED_DATA_INVALIDATED)
        self._check(reference, pin, _codes(command, 1)[0])
        pin.enabled.set_number(self._memory, enabled)
        self._verified.add(reference)
        return b""

    def _check(self, reference: int, pin: PinPlaces, code: bytes) -> None:
        self._verified.discard(reference)
        self._compare(pin.code.read(self._memory), code, pin, unblocking=False)
        pin.tries.set_number(self._memory, MOST_TRIES)

    def _compare(self, stored: bytes, code: bytes, pin: PinPlaces, *, unblocking: bool) -> None:
        tries = pin.unblock_tries if unblocking else pin.tries
        left = tries.number(self._memory)
        if not left:
            raise StatusError(SW.PIN_BLOCKED)
        tries.set_number(self._memory, left - 1)
        if Secret(stored) != Secret(code):
            raise StatusError(SW.tries_left(left - 1))


def _find(command: CommandApdu) -> tuple[int, PinPlaces]:
    reference = command.p2
    if command.cla == CLASS_GSM:
        unblocks = command.ins == Ins.UNBLOCK_PIN
        reference = (_GSM_UNBLOCKED if unblocks else _GSM_REFERENCES).get(command.p2, 0)
    if command.p1:
        raise StatusError(SW.INCORRECT_P1_P2)
    if reference not in _REFERENCES:
        raise StatusError(SW.REFERENCED_DATA_NOT_FOUND)
    return reference, _REFERENCES[reference]


def _asks_for_tries(command: CommandApdu) -> bool:
    """Whether a command without code is a question: class A0 has none, there it is too short."""
    return not command.data and command.cla != CLASS_GSM


def _codes(command: CommandApdu, count: int) -> list[bytes]:
    if len(command.data) != count * CODE_SIZE:
        raise StatusError(SW.WRONG_LENGTH)
    return [command.data[start : start + CODE_SIZE] for start in range(0, count * CODE_SIZE, 8)]


def _check_form(code: bytes) -> None:
    """Refuse a new PIN that is not 4 to 8 digits, FF behind them (TS 102 221 clause 9.5.1)."""
    digits = code.rstrip(b"\xff")
    if len(digits) < 4 or not digits.isdigit():
        raise StatusError(SW.INCORRECT_DATA)


def _tries_left(count: int) -> int:
    return SW.tries_left(count) if count else SW.PIN_BLOCKED
