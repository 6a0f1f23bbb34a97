"""Scripts of commands that come over the air: TS 102 226 clause 5.1, compact format.

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
from impl.codec.apdu import LONGEST_RESPONSE_DATA, SW, CommandApdu, Ins
from impl.codec.remote_command import RemoteResponse
from impl.errors import MemoryFullError


class Executor(Protocol):
    """One application during one script."""

    def carry_out(self, command: CommandApdu) -> bytes:
        """Return what a command has to say.

        Raises:
            StatusError: it fails, and the script with it.
        """

    def conclude(self) -> None:
        """Do what follows from all commands together; raises as `carry_out`."""


def run(
    commands: tuple[CommandApdu, ...], executor: Executor, memory: Memory, errand: Errand
) -> RemoteResponse:
    """Carry out a script and keep its counter, or nothing of both."""
    executed, waiting = 0, b""
    answer = RemoteResponse(0, SW.OK)
    try:
        with memory.transaction():
            errand.accept()
            for executed, command in enumerate(commands, 1):
                answer, waiting = _answer(executed, command, executor, waiting)
            executor.conclude()
    except StatusError as refusal:
        return RemoteResponse(executed, refusal.sw)
    except MemoryFullError:
        return RemoteResponse(executed, SW.MEMORY_PROBLEM)
    return answer


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
