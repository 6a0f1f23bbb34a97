"""A program: an application server over the database that is named, hearing and speaking by lines.

A line on standard input is an event, `interface peer octets`; what the server sends stands on
standard output likewise. A full stop says that an event was taken, `ready` that the server is. With
a second argument, the seconds after which it takes over what another left, its timers run as well.
"""

import os
import selectors
import sys
import time
from collections.abc import Iterator

from impl.application_server.config import ApplicationServerConfig
from impl.application_server.records import APPLICATION_SERVER
from impl.application_server.server import ApplicationServer
from impl.errors import StoreBusyError
from impl.events import (
    Arrived,
    Event,
    Expired,
    Interface,
    Peer,
    Send,
    SetTimer,
    Started,
    StopTimer,
)
from impl.runtime.store import SqlStore
from impl.values import MSISDN, Secret

SPEED = 50
"""How fast the clock of the servers goes: what takes them minutes is over in seconds."""


class Surroundings:
    """Those of the machine, with a faster clock."""

    def now(self) -> float:
        return time.time() * SPEED

    def random_octets(self, count: int) -> bytes:
        return os.urandom(count)


def make(store: SqlStore, takeover_s: float | None = None) -> ApplicationServer:
    """Return the server, new or again."""
    config = ApplicationServerConfig(
        number=MSISDN("33700"),
        key_encryption_key=Secret(bytes(32)),
        accounts={},
        takeover_s=takeover_s,
    )
    return ApplicationServer(config, store, Surroundings())


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Program:
    """The server, its timers and its lines."""

    def __init__(self, url: str, takeover_s: float | None) -> None:
        self._server = make(SqlStore(APPLICATION_SERVER, url), takeover_s)
        self._runs_timers = takeover_s is not None
        self._timers: dict[str, float] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ)

    def run(self) -> None:
        say("ready")
        self._take(Started())
        say(".")
        for line in self._lines():
            interface, name, octets = line.split()
            self._take(Arrived(Peer(Interface(interface), name), bytes.fromhex(octets)))
            say(".")

    def _take(self, event: Event) -> None:
        while True:
            try:
                commands = self._server.handle(event)
                break
            except StoreBusyError:
                continue  # nothing was written
        for command in commands:
            match command:
                case Send(target, octets):
                    say(f"{target.interface} {target.name} {octets.hex()}")
                case SetTimer(timer, after_s) if self._runs_timers:
                    self._timers[timer] = time.monotonic() + after_s / SPEED
                case StopTimer(timer):
                    self._timers.pop(timer, None)

    def _lines(self) -> Iterator[str]:
        """Yield what is said; meanwhile timers run out."""
        rest = b""
        while True:
            wait_s = min(self._timers.values(), default=3600.0 + time.monotonic())
            if self._selector.select(max(0.0, wait_s - time.monotonic())):
                octets = os.read(sys.stdin.fileno(), 65536)
                if not octets:
                    return
                *lines, rest = (rest + octets).split(b"\n")
                yield from (line.decode() for line in lines)
            for timer in [name for name, at in self._timers.items() if at <= time.monotonic()]:
                if self._timers.pop(timer, None) is not None:
                    self._take(Expired(timer))


if __name__ == "__main__":
    Program(sys.argv[1], float(sys.argv[2]) if sys.argv[2:] else None).run()
