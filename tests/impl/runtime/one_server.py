"""A program: an application server over the database that is named, hearing and speaking by lines.

A line on standard input is an event, `interface peer octets`; what the server sends stands on
standard output likewise. A full stop says that an event was taken, `ready` that the server is.
"""

import os
import sys
import time

from impl.application_server.config import ApplicationServerConfig
from impl.application_server.records import APPLICATION_SERVER
from impl.application_server.server import ApplicationServer
from impl.errors import StoreBusyError
from impl.events import Arrived, Event, Interface, Peer, Send, Started
from impl.runtime.store import SqlStore
from impl.values import MSISDN, Secret


class Surroundings:
    """Those of the machine."""

    def now(self) -> float:
        return time.time()

    def random_octets(self, count: int) -> bytes:
        return os.urandom(count)


def make(store: SqlStore) -> ApplicationServer:
    """Return the server, new or again."""
    config = ApplicationServerConfig(
        number=MSISDN("33700"), key_encryption_key=Secret(bytes(32)), accounts={}
    )
    return ApplicationServer(config, store, Surroundings())


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def take(server: ApplicationServer, event: Event) -> None:
    while True:
        try:
            commands = server.handle(event)
            break
        except StoreBusyError:
            continue  # nothing was written
    for command in commands:
        if isinstance(command, Send):
            say(f"{command.target.interface} {command.target.name} {command.octets.hex()}")
    say(".")


def main() -> None:
    server = make(SqlStore(APPLICATION_SERVER, sys.argv[1]))
    say("ready")
    take(server, Started())
    for line in sys.stdin:
        interface, name, octets = line.split()
        take(server, Arrived(Peer(Interface(interface), name), bytes.fromhex(octets)))


if __name__ == "__main__":
    main()
