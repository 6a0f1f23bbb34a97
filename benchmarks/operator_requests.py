"""Change requests over HTTPS until they are durable, against a bare aiohttp handler that commits.

Both servers are processes of their own with the same keys, mutual TLS 1.3 and a SQLite file that is
durable (WAL, FULL); the customer centre that asks keeps as many connections as ours does. The bare
handler parses the JSON, inserts the two rows that ours inserts, commits and answers; who asks, and
whether they may, it does not look at. Besides: how many of the requests needed a new connection.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web
from measure import Timings, show, timed
from store import PUT_CHANGE, PUT_MESSAGE, Place, Seeded, bare, iccid, put_cards

from impl.application_server.config import ApplicationServerConfig
from impl.application_server.records import APPLICATION_SERVER
from impl.application_server.server import ApplicationServer
from impl.codec.operator import encode_operator
from impl.events import Command, Event, Interface, Peer, SetTimer
from impl.messages import RequestChange
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER
from impl.runtime.sessions import SERVER
from impl.runtime.store import SqlStore
from impl.served import pki
from impl.served.host import Host
from impl.served.https import HttpsListener
from impl.served.log import Log
from impl.served.openapi import PATH
from impl.served.operator_link import OperatorLink, OperatorServer
from impl.values import Secret

FIRST, SECOND = NETWORKS[0].plmn, NETWORKS[1].plmn
CENTRE = f"{SECOND}.centre"
CONNECTIONS = OperatorLink.at_once
ROUNDS = 31
REQUESTS = 160
"""In a round, over all connections."""
CARDS = (ROUNDS + 1) * REQUESTS
OURS, FLOOR = "change request over HTTPS", "bare handler"
NEVER_S = 1e6
TARGET = 0.6

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Unhurried:
    """A server whose questions are not asked again here, where nobody answers them."""

    def __init__(self, server: ApplicationServer) -> None:
        self._server = server

    def handle(self, event: Event) -> list[Command]:
        """Let the server decide; its timers run out after the benchmark."""
        return [
            SetTimer(one.timer, NEVER_S) if isinstance(one, SetTimer) else one
            for one in self._server.handle(event)
        ]


class End:
    """Where what the server says further ends: nobody has to hear it here."""

    def send(self, octets: bytes) -> None:
        """Take a message."""


async def listen_ours(folder: Path) -> tuple[int, Callable[[], int]]:
    """Let our application server listen; return the port, and what counts sessions."""
    config = ApplicationServerConfig(
        number=SERVER_NUMBER, key_encryption_key=Secret(bytes(32)), accounts={}
    )
    store = SqlStore(APPLICATION_SERVER, f"sqlite:///{folder}/ours.db")
    server = ApplicationServer(config, store, Seeded())
    server.agree(FIRST, "first")
    server.agree(SECOND, "second")
    host = Host(Log("benchmark", "error"))
    host.add(SERVER, Unhurried(server))
    for interface in (Interface.CENTRE, Interface.OPERATOR):
        host.join(SERVER, Peer(interface, SECOND), End())
    keys = read_keys(folder / SERVER)
    sessions = count_sessions(keys)
    return await OperatorServer(host, SERVER, keys).open("127.0.0.1", 0), sessions


async def listen_bare(folder: Path) -> tuple[int, Callable[[], int]]:
    """Let a bare handler listen."""
    database = bare(folder / "bare.db")
    numbers = count()
    message = bytes(120)

    async def take(request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        name = f"{next(numbers):08x}"
        database.execute("BEGIN IMMEDIATE")
        database.execute(PUT_CHANGE, (name, int(asked["iccid"]), asked["iccid"]))
        database.execute(PUT_MESSAGE, (name, "operator", SECOND, message))
        database.execute("COMMIT")
        return web.Response(status=202)

    def make() -> web.Application:
        application = web.Application()
        application.router.add_post(PATH, take)
        return application

    keys = read_keys(folder / SERVER)
    sessions = count_sessions(keys)
    return await HttpsListener(make, keys).open("127.0.0.1", 0), sessions


def count_sessions(keys: pki.Pins) -> Callable[[], int]:
    """Count handshakes from now on; return what tells how many there were."""
    context, choose = keys.server_context, keys.server_context.sni_callback
    begun = 0

    def note(connection: ssl.SSLObject, name: str | None, first: ssl.SSLContext) -> None:
        nonlocal begun
        begun += 1
        choose(connection, name, first)

    context.sni_callback = note
    return lambda: begun


def serve(
    listen: Callable[[Path], Awaitable[tuple[int, Callable[[], int]]]],
    folder: Path,
    line: Connection,
) -> None:
    """Be a process that listens; tell the port, and on each question how many sessions began."""

    async def run() -> None:
        port, sessions = await listen(folder)
        line.send(port)
        asyncio.get_running_loop().add_reader(line, lambda: (line.recv(), line.send(sessions())))
        await asyncio.Event().wait()

    asyncio.run(run())


class Asked:
    """A server process, and a centre's connections to it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, line: Connection, pid: int) -> None:
        self._loop, self._line, self._pid = loop, line, pid
        self._port: int = line.recv()
        self._numbers = count()
        self._lines: list[Line] = []

    def connect(self, context: ssl.SSLContext) -> None:
        """Open the connections that are kept."""
        opening = partial(
            asyncio.open_connection,
            *("127.0.0.1", self._port),
            ssl=context,
            server_hostname=SERVER,
        )
        for _ in range(CONNECTIONS):
            self._lines.append(self._loop.run_until_complete(opening()))

    def ask(self) -> None:
        """Let one round of requests be taken."""
        self._loop.run_until_complete(self._ask())

    @property
    def sessions(self) -> int:
        """How many sessions began."""
        self._line.send(None)
        begun: int = self._line.recv()
        return begun

    def cpu(self) -> float:
        """Return the seconds of CPU that the server has taken."""
        return time.clock_gettime((~self._pid << 3) | 2)  # clock_getcpuclockid(3) of Linux

    async def _ask(self) -> None:
        await asyncio.gather(*(self._ask_on(line) for line in self._lines))

    async def _ask_on(self, line: Line) -> None:
        reader, writer = line
        for _ in range(REQUESTS // CONNECTIONS):
            writer.write(request(next(self._numbers)))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 202 "), head


def request(number: int) -> bytes:
    """Return a request for the change of one card."""
    asked = RequestChange(id="1", iccid=iccid(number), plmn=SECOND, user_agreed=True)
    body = encode_operator(asked)
    head = f"POST {PATH} HTTP/1.1\r\nHost: {SERVER}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def read_keys(folder: Path) -> pki.Pins:
    """Return what a folder of keys holds."""
    keys = pki.Pins(folder)
    keys.reload()
    return keys


def make_keys(folder: Path) -> None:
    """Let server and centre know each other."""
    for own, other, peer in ((SERVER, CENTRE, CENTRE), (CENTRE, SERVER, f"{SERVER}.centre")):
        pki.create_folder(folder / own, own)
        pki.create_folder(folder / other, other)
        pki.pin(folder / own, peer, folder / other / pki.CERTIFICATE)


@contextmanager
def served(loop: asyncio.AbstractEventLoop, folder: Path) -> Iterator[dict[str, Asked]]:
    """Let both servers run."""
    context = get_context("spawn")
    processes, asked = [], {}
    for name, listen in ((OURS, listen_ours), (FLOOR, listen_bare)):
        own, other = context.Pipe()
        process = context.Process(target=serve, args=(listen, folder, other))
        process.start()
        processes.append(process)
        assert process.pid is not None
        asked[name] = Asked(loop, own, process.pid)
    try:
        yield asked
    finally:
        for process in processes:
            process.kill()
            process.join()


def measure(asked: dict[str, Asked]) -> None:
    """Print the ratios, and what was opened besides the connections that are kept."""
    for one in asked.values():
        one.ask()  # fills caches
    before = {name: one.sessions for name, one in asked.items()}
    wall: dict[str, list[float]] = {name: [] for name in asked}
    cpu: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, one in asked.items():
            begun = one.cpu()
            wall[name].append(timed(one.ask, clock=time.perf_counter) / REQUESTS)
            cpu[name].append((one.cpu() - begun) / REQUESTS)
    show(OURS, Timings(wall), OURS, FLOOR, TARGET)
    show("  CPU of the server", Timings(cpu), OURS, FLOOR)
    fresh = asked[OURS].sessions - before[OURS]
    print(f"handshakes in {ROUNDS * REQUESTS:,} requests over {before[OURS]} connections: {fresh}")


def main() -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_keys(folder)
        place = Place(folder)
        put_cards(place.same_file, [place.sealed(number) for number in range(CARDS)])
        loop = asyncio.new_event_loop()
        with served(loop, folder) as asked:
            for one in asked.values():
                one.connect(read_keys(folder / CENTRE).client_context)
            measure(asked)
        loop.close()


if __name__ == "__main__":
    main()
