"""One script of remote file management: what it may say, and what that amounts to.

Whoever wrote it presents the admin code: until then a script reads what anybody may read, behind it
what the administrator may.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from impl.card import file_commands as files
from impl.card import image
from impl.card.admin_code import AdminCode
from impl.card.files import Access
from impl.card.memory import Memory
from impl.card.pairs import Pairs
from impl.card.pins import CODE_SIZE, Pins
from impl.card.record_search import search_record
from impl.card.selection import Selection
from impl.card.status import StatusError
from impl.card.tree import Directory
from impl.codec.apdu import SW, CommandApdu, Ins
from impl.codec.replacement_script import ADMIN_REFERENCE
from impl.errors import MalformedError
from impl.values import Secret

_CLASS: Final = 0x00
_BY_AID: Final = 0x04
_MOST_TRIES_SAID: Final = 15  # 63Cx has one digit

_COMMANDS: Final[Mapping[int, Callable[[Selection, CommandApdu], bytes]]] = {
    Ins.SELECT: files.select,
    Ins.READ_BINARY: files.read_binary,
    Ins.UPDATE_BINARY: files.update_binary,
    Ins.READ_RECORD: files.read_record,
    Ins.UPDATE_RECORD: files.update_record,
    Ins.SEARCH_RECORD: search_record,
}


class FileScript:
    """One script: what it selected, and whether it presented the admin code."""

    def __init__(self, memory: Memory, pairs: Pairs, root: Directory | None) -> None:
        self._memory = memory
        self._pairs = pairs
        self._code = AdminCode(memory)
        self._before = pairs.content
        self._is_admin = self._code.is_key
        self._is_blocked = not self._code.guesses_left
        self._is_counted = False
        self._was_wrong = False
        self._selection = Selection(memory, Pins(memory), self._allows, root)

    def count_guess(self, commands: tuple[CommandApdu, ...]) -> None:
        """Count the guess that a script will make, before it: what a script does is undone.

        It can make no second one, since it ends with a wrong code.
        """
        guesses = any(each.ins == Ins.VERIFY_PIN and each.data for each in commands)
        if guesses and not self._is_blocked and not self._code.is_key:
            self._code.count_guess()
            self._is_counted = True

    def settle_guess(self) -> None:
        """Say behind a script what the guess was: right, wrong, or never compared."""
        if not self._is_counted or self._was_wrong:
            return
        if self._is_admin:
            self._code.forgive()
        else:
            self._code.take_back_guess()

    def carry_out(self, command: CommandApdu) -> bytes:
        """Return what a command on files answers."""
        if command.cla != _CLASS:
            raise StatusError(SW.CLASS_NOT_SUPPORTED)
        if command.ins == Ins.VERIFY_PIN:
            return self._verify(command)
        handler = _COMMANDS.get(command.ins)
        if handler is None:
            raise StatusError(SW.INS_NOT_SUPPORTED)
        if command.ins == Ins.SELECT and command.p1 == _BY_AID:
            raise StatusError(SW.INCORRECT_P1_P2)  # another application has its own instance
        return handler(self._selection, command)

    def conclude(self) -> None:
        """Seal the pair that was here before, if the script brought another one.

        A card that has to ask its user takes no pair from a script, which nobody can be asked about
        before it is carried out [076].
        """
        keep_old = image.KEEP_OLD_PAIR.number(self._memory) == image.YES
        try:
            is_new = self._pairs.take_over(self._before, keep_old=keep_old)
        except MalformedError:
            raise StatusError(SW.INCORRECT_DATA) from None
        if is_new and image.ASK_USER.number(self._memory) == image.YES:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        if self._is_counted:  # every command was carried out: the code was right
            self._code.forgive()

    def _verify(self, command: CommandApdu) -> bytes:
        if command.p1:
            raise StatusError(SW.INCORRECT_P1_P2)
        if command.p2 != ADMIN_REFERENCE:
            raise StatusError(SW.REFERENCED_DATA_NOT_FOUND)
        if self._code.is_key:  # it proved itself in the packet and is never sent
            raise StatusError(SW.REFERENCED_DATA_INVALIDATED)
        if self._is_blocked:
            raise StatusError(SW.PIN_BLOCKED)
        left = self._code.guesses_left
        if not command.data:
            raise StatusError(_tries(left + self._is_counted))
        if len(command.data) != CODE_SIZE:
            raise StatusError(SW.WRONG_LENGTH)
        if not self._code.is_right(Secret(command.data)):
            self._is_admin, self._was_wrong = False, True
            raise StatusError(_tries(left))
        self._is_admin = True
        return b""

    def _allows(self, access: Access) -> bool:
        if access in {Access.ALWAYS, Access.NEVER}:
            return access is Access.ALWAYS
        return self._is_admin


def _tries(left: int) -> int:
    return SW.tries_left(min(left, _MOST_TRIES_SAID)) if left else SW.PIN_BLOCKED
