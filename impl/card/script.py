"""Scripts of commands that come over the air: TS 102 226 clause 5, compact and expanded format.

A script is one transaction of the memory, with the counter of the packet that brought it. TS 102
226 has a card carry out commands until one fails, and says nothing of what was done by then: it can
be read so that it stays. Here it is undone: a card that has half a script has an identity without
its key. The answer is the same under both readings: how many commands the card began, and the
status word of the last one.
"""

from __future__ import annotations

from typing import Protocol

from impl.card.cpa import Errand
from impl.card.memory import Memory
from impl.card.status import StatusError
from impl.codec.apdu import LONGEST_RESPONSE_DATA, SW, CommandApdu, Ins, ResponseApdu
from impl.codec.expanded_command import (
    BadFormat,
    ExpandedResponse,
    UnknownTagError,
    decode_expanded,
    is_expanded,
)
from impl.codec.remote_command import RemoteResponse, decode_script
from impl.errors import MalformedError, MemoryFullError


class Executor(Protocol):
    """One application during one script."""

    def carry_out(self, command: CommandApdu) -> bytes:
        """Return what a command has to say.

        Raises:
            StatusError: it fails, and the script with it.
        """

    def conclude(self) -> None:
        """Do what follows from all commands together; raises as `carry_out`."""


class Script:
    """The commands of one script, and the answers to them in the format in which it came."""

    def __init__(self, octets: bytes) -> None:
        """Read it; what cannot be read has no commands, and says so in its answer."""
        self._is_expanded = is_expanded(octets)
        self._fault: BadFormat | None = None
        self._answers: list[RemoteResponse] = []
        self.is_read = True
        try:
            self.commands = (decode_expanded if self._is_expanded else decode_script)(octets)
        except MalformedError as error:
            is_unknown = isinstance(error, UnknownTagError)
            self._fault = BadFormat.UNKNOWN_TAG if is_unknown else BadFormat.WRONG_LENGTH
            self.commands, self.is_read = (), False

    def note(self, answer: RemoteResponse) -> None:
        """Keep what a command answered; the one said last of a command holds."""
        del self._answers[max(0, answer.executed - 1) :]
        self._answers.append(answer)

    @property
    def is_ok(self) -> bool:
        """Whether all of it was carried out."""
        return self.is_read and (not self._answers or self._answers[-1].is_ok)

    def answer(self) -> bytes:
        """Return the answer to the whole."""
        if self._is_expanded:
            said = tuple(ResponseApdu(each.data, each.sw) for each in self._answers)
            return ExpandedResponse(said, self._fault).encode()
        if not self.is_read:
            return RemoteResponse(0, SW.WRONG_LENGTH).encode()
        return (self._answers[-1] if self._answers else RemoteResponse(0, SW.OK)).encode()


def run(script: Script, executor: Executor, memory: Memory, errand: Errand) -> None:
    """Carry out a script and keep its counter, or nothing of both; the script keeps the answers."""
    executed, waiting = 0, b""
    try:
        with memory.transaction():
            errand.accept()
            for executed, command in enumerate(script.commands, 1):
                answer, waiting = _answer(executed, command, executor, waiting)
                script.note(answer)
            executor.conclude()
    except StatusError as refusal:
        script.note(RemoteResponse(executed, refusal.sw))
    except MemoryFullError:
        script.note(RemoteResponse(executed, SW.MEMORY_PROBLEM))


def _answer(
    number: int, command: CommandApdu, executor: Executor, waiting: bytes
) -> tuple[RemoteResponse, bytes]:
    """Return what command `number` answers, and what waits for GET RESPONSE behind it."""
    if command.ins == Ins.GET_RESPONSE:
        return RemoteResponse(number, SW.OK, _part(waiting, command.le)), b""
    data = executor.carry_out(command)
    if command.le is None:
        return RemoteResponse(number, SW.more(len(data)) if data else SW.OK), data
    if command.le == LONGEST_RESPONSE_DATA != len(data):
        # 00 asks for all there is: said again with the length, as a terminal says it.
        data = executor.carry_out(command._replace(le=len(data)))
    return RemoteResponse(number, SW.OK, _part(data, command.le)), b""


def _part(data: bytes, size: int | None) -> bytes:
    if not data:
        raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
    if size is None or len(data) < size < LONGEST_RESPONSE_DATA:
        raise StatusError(SW.exact_length(len(data)))
    return data[:size]
