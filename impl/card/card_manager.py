"""The issuer security domain: what it loads, installs and deletes over the air [051].

TS 102 226 clause 8, GlobalPlatform 2.3 clause 11. The one application that it can install is the
personalization application of this card's own read-only memory: what is loaded is compared with the
name and hash that the card knows, and nothing of it is ever executed.
"""

from __future__ import annotations

from hashlib import sha256

from impl.card import image
from impl.card.cpa import Errand
from impl.card.memory import Memory
from impl.card.menu import Menu
from impl.card.question import Question
from impl.card.script import Script, run
from impl.card.status import StatusError
from impl.codec.apdu import SW, CommandApdu
from impl.codec.card_application import INSTANCE, LOAD_FILE_HASH, MODULE, PACKAGE
from impl.codec.card_content import (
    CLASS,
    LAST_BLOCK,
    ContentCommand,
    InstallFor,
    InstallForInstall,
    InstallForLoad,
    open_delete,
    open_load_file,
)
from impl.errors import MalformedError

_DONE = b"\0"
"""No confirmation follows (GlobalPlatform clause 11.5.3.1)."""
_NO_PRIVILEGES = (b"\0", bytes(3))


class CardManager:
    """The issuer security domain during one life of the card."""

    __slots__ = ("_memory", "_menu", "_question")

    is_selectable = True

    def __init__(self, memory: Memory, menu: Menu, question: Question) -> None:
        self._memory = memory
        self._menu = menu
        self._question = question

    def execute(self, octets: bytes, errand: Errand) -> bytes:
        """Carry out a script whole or not at all, and return its answer; the menu follows.

        Raises:
            StatusError: the user is being asked about an order; nothing was done.
        """
        if self._question.is_open:
            raise StatusError(SW.TOOLKIT_BUSY)
        script = Script(octets)
        if script.is_read:
            before = image.APPLICATION.number(self._memory)
            run(script, _Visit(self._memory), self._memory, errand)
            now = image.APPLICATION.number(self._memory)
            if image.INSTALLED in {before, now} and script.is_ok:
                self._menu.show()
        return script.answer()


class _Visit:
    """One script: a load file has to come whole in the script that announces it."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._is_announced = False
        self._blocks: list[bytes] = []

    def carry_out(self, command: CommandApdu) -> bytes:
        """Return what a command on card content answers."""
        if command.cla != CLASS:
            raise StatusError(SW.CLASS_NOT_SUPPORTED)
        try:
            return self._find(command)
        except MalformedError:
            raise StatusError(SW.INCORRECT_DATA) from None

    def conclude(self) -> None:
        """Let no script end amid a load file."""
        if self._is_announced:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)

    def _find(self, command: CommandApdu) -> bytes:
        match command.ins, command.p1:
            case ContentCommand.INSTALL, InstallFor.LOAD:
                return self._announce(InstallForLoad.decode(command.data))
            case ContentCommand.INSTALL, InstallFor.INSTALL_AND_MAKE_SELECTABLE:
                return self._install(InstallForInstall.decode(command.data))
            case ContentCommand.INSTALL, _:
                raise StatusError(SW.INCORRECT_P1_P2)
            case ContentCommand.LOAD, _:
                return self._load(command)
            case ContentCommand.DELETE, _:
                return self._delete(*open_delete(command))
        raise StatusError(SW.INS_NOT_SUPPORTED)

    def _announce(self, order: InstallForLoad) -> bytes:
        """INSTALL [for load]: only the package that this card knows, and only once."""
        if image.APPLICATION.number(self._memory) != image.ABSENT:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        if order != InstallForLoad(PACKAGE, b"", LOAD_FILE_HASH):
            raise StatusError(SW.INCORRECT_DATA)
        self._is_announced, self._blocks = True, []
        return _DONE

    def _load(self, command: CommandApdu) -> bytes:
        """LOAD: the next block; behind the last one the file has to be the announced one."""
        if not self._is_announced:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        if command.p1 not in {0, LAST_BLOCK} or command.p2 != len(self._blocks):
            raise StatusError(SW.INCORRECT_P1_P2)
        self._blocks.append(command.data)
        if command.p1 == LAST_BLOCK:
            load_file = open_load_file(b"".join(self._blocks))
            if sha256(load_file).digest() != LOAD_FILE_HASH:
                raise StatusError(SW.INCORRECT_DATA)
            self._is_announced = False
            image.APPLICATION.set_number(self._memory, image.LOADED)
        return _DONE

    def _install(self, order: InstallForInstall) -> bytes:
        """INSTALL [for install and make selectable]: its one instance, without privileges."""
        if image.APPLICATION.number(self._memory) != image.LOADED:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        names = (order.load_file, order.module, order.instance)
        if names != (PACKAGE, MODULE, INSTANCE) or order.privileges not in _NO_PRIVILEGES:
            raise StatusError(SW.INCORRECT_DATA)
        image.APPLICATION.set_number(self._memory, image.INSTALLED)
        return _DONE

    def _delete(self, aid: bytes, and_related: bool) -> bytes:  # noqa: FBT001 - of `open_delete`
        """DELETE: the instance, or the load file once nothing is installed from it."""
        state = image.APPLICATION.number(self._memory)
        if aid == INSTANCE and state == image.INSTALLED:
            image.APPLICATION.set_number(self._memory, image.LOADED)
        elif aid == PACKAGE and state != image.ABSENT:
            if state == image.INSTALLED and not and_related:
                raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
            image.APPLICATION.set_number(self._memory, image.ABSENT)
        else:
            raise StatusError(SW.REFERENCED_DATA_NOT_FOUND)
        return _DONE
