"""Errands that are carried out in processes, which are forked from this one and may die.

A fork begins where this process stands: suite, sentences and systems are there, nothing has to be
picklable but what is told, and a process costs milliseconds. What a process may not inherit is a
thread or a program that was started; so whoever sends errands has not yet made a system.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, Generic, TypeVar

from reperso.errors import UsageError

E = TypeVar("E")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Death:
    """The end of a process that was to go on."""

    exit_code: int  # negative: the signal that ended it

    def __str__(self) -> str:
        if self.exit_code >= 0:
            return f"its process ended with exit code {self.exit_code}"
        number = -self.exit_code
        known = number in {one.value for one in signal.Signals}
        name = signal.Signals(number).name if known else f"signal {number}"
        return f"its process was ended by {name}"


@dataclass(frozen=True, slots=True)
class _Finished:
    """What a process says last of an errand."""

    refusal: tuple[str, str] | None = None  # where and what of a UsageError
    is_interrupted: bool = False


@dataclass(slots=True)
class _Worker(Generic[E]):
    process: BaseProcess
    errand: E | None = None


class Processes(Generic[E, T]):
    """At most `jobs` processes, each with one errand at a time.

    `carry_out(errand, tell)` runs in a process: what it tells is yielded here. An interruption of
    this process interrupts what runs; a second one ends it at once. Where each is to be `is_fresh`,
    a process ends with its errand, and the next one finds nothing of it.
    """

    def __init__(
        self,
        carry_out: Callable[[E, Callable[[T], None]], None],
        jobs: int,
        *,
        is_fresh: bool = False,
    ) -> None:
        self._carry_out = carry_out
        self._jobs = jobs
        self._is_fresh = is_fresh
        self._workers: dict[Connection, _Worker[E]] = {}
        self.is_interrupted = False

    def run(self, errands: deque[E]) -> Iterator[tuple[E, T | Death]]:
        """Carry out `errands`, and yield what is told of each, as it comes.

        A process that dies is told of as a `Death`, and replaced; `errands` may then be given what
        was left undone.

        Raises:
            UsageError: an errand raised it, or this system cannot fork. No process is left.
        """
        if "fork" not in multiprocessing.get_all_start_methods():
            raise UsageError("-j", "processes cannot be forked here; leave it out")
        before = signal.signal(signal.SIGINT, self._interrupted)
        try:
            while errands or any(one.errand is not None for one in self._workers.values()):
                self._hand_out(errands)
                for connection in wait(list(self._workers)):
                    assert isinstance(connection, Connection)
                    yield from self._hear(connection, errands)
        finally:
            self._end()
            signal.signal(signal.SIGINT, before)

    def _hand_out(self, errands: deque[E]) -> None:
        """Give every idle process an errand, and start processes as long as there are any."""
        idle = [there for there, one in self._workers.items() if one.errand is None]
        while errands and (idle or len(self._workers) < self._jobs):
            connection = idle.pop() if idle else self._start()
            self._workers[connection].errand = errands.popleft()
            connection.send(self._workers[connection].errand)

    def _start(self) -> Connection:
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe()
        process = context.Process(target=self._work, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        self._workers[ours] = _Worker(process)
        return ours

    def _hear(self, connection: Connection, errands: deque[E]) -> Iterator[tuple[E, T | Death]]:
        worker = self._workers[connection]
        try:
            told: Any = connection.recv()
        except (EOFError, OSError):  # OSError: it died amid a message
            yield from self._bury(connection)
            return
        if not isinstance(told, _Finished):
            assert worker.errand is not None
            yield worker.errand, told
            return
        worker.errand = None
        if self._is_fresh:
            self._dismiss(connection)
        if told.refusal is not None:
            raise UsageError(*told.refusal)
        if told.is_interrupted and not self.is_interrupted:
            self._interrupt()
        if self.is_interrupted:
            errands.clear()

    def _dismiss(self, connection: Connection) -> _Worker[E]:
        """Let go of a process that ends."""
        worker = self._workers.pop(connection)
        connection.close()
        worker.process.join()
        return worker

    def _bury(self, connection: Connection) -> Iterator[tuple[E, Death]]:
        worker = self._dismiss(connection)
        if worker.errand is not None and not self.is_interrupted:
            yield worker.errand, Death(worker.process.exitcode or 0)

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        """Hear of Ctrl-C: the first lets processes end what they do, the second ends them."""
        if self.is_interrupted:
            for worker in self._workers.values():
                worker.process.kill()
        else:
            self._interrupt()

    def _interrupt(self) -> None:
        self.is_interrupted = True
        for worker in self._workers.values():
            worker.process.terminate()

    def _end(self) -> None:
        for connection, worker in self._workers.items():
            worker.process.kill()
            worker.process.join()
            connection.close()
        self._workers.clear()

    def _work(self, connection: Connection) -> None:
        """Carry out what comes, in a process of its own, until nothing does."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal interrupts us all; one decides
        signal.signal(signal.SIGTERM, _raise_once)
        try:
            while True:
                connection.send(self._carried_out(connection.recv(), connection))
                if self._is_fresh:
                    os._exit(0)
        except (EOFError, BrokenPipeError, KeyboardInterrupt):
            os._exit(0)  # nobody is there any more, or wants it

    def _carried_out(self, errand: E, connection: Connection) -> _Finished:
        try:
            self._carry_out(errand, connection.send)
        except UsageError as error:
            return _Finished((error.where, error.what))
        except KeyboardInterrupt:
            return _Finished(is_interrupted=True)
        return _Finished()


def _raise_once(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt
