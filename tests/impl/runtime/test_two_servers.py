"""Two servers as processes on one database: each is told everything, each is killed once."""

import queue
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from impl.application_server.change import State
from impl.application_server.records import APPLICATION_SERVER, card
from impl.application_server.server import ApplicationServer
from impl.codec.operator import decode_operator, encode_operator
from impl.crypto.vault import Vault
from impl.events import Arrived, Interface, Peer, Send
from impl.messages import (
    ChangeTaken,
    ConfirmChange,
    InformLeft,
    Noted,
    OperatorMessage,
    Refusal,
    RequestChange,
    ReserveIdentity,
)
from impl.network.hlr import HomeRegister, HomeRegisterConfig
from impl.network.identity_pool import NumberRange
from impl.network.records import HOME_REGISTER
from impl.network.subscriptions import APPLICATION_SERVER as AS_PEER
from impl.runtime.store import SqlStore
from impl.values import ICCID, IMSI, MSISDN, PLMN, Secret

sys.path.append(str(Path(__file__).parent))
import one_server

TN1, TN2 = PLMN("20801"), PLMN("26202")
CENTRE, REGISTER, LEFT = (
    Peer(Interface.CENTRE, TN2),
    Peer(Interface.OPERATOR, TN2),
    Peer(Interface.OPERATOR, TN1),
)
CARDS = [ICCID(f"893301{number:013d}") for number in range(24)]
REQUESTS = [RequestChange(id=one, iccid=one, plmn=TN2, user_agreed=True) for one in CARDS]
LONGEST_S = 60
TAKEOVER_S = 5.0
"""By the clock of the servers."""


class Process:
    """One server, and what it was told and has not taken."""

    def __init__(self, url: str, heard: "queue.Queue[tuple[Process, str]]", *options: str) -> None:
        program = [sys.executable, one_server.__file__, url, *options]
        self._process = subprocess.Popen(
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path.cwd(),
            env={"PYTHONPATH": str(Path.cwd())},
        )
        self.untaken, self.is_alive = 1, True  # it takes that it was started
        self._reader = threading.Thread(target=self._read, args=(heard,))
        self._reader.start()

    def tell(self, source: Peer, message: OperatorMessage) -> None:
        if self.is_alive:
            self.untaken += 1
            octets = encode_operator(message).hex()
            self._process.stdin.write(f"{source.interface} {source.name} {octets}\n")
            self._process.stdin.flush()

    def kill(self) -> None:
        """End it as kill -9 does, in the middle of its work."""
        assert self.untaken > 1
        self._process.kill()
        self.end()

    def end(self) -> None:
        self.is_alive, self.untaken = False, 0
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(LONGEST_S)
        self._reader.join(LONGEST_S)
        self._process.stdout.close()

    def _read(self, heard: "queue.Queue[tuple[Process, str]]") -> None:
        assert self._process.stdout.readline() == "ready\n"
        for line in self._process.stdout:
            heard.put((self, line))


class Field:
    """Both operators, which say everything to both servers, and hear what either says."""

    def __init__(self, url: str, seed: int, *options: str) -> None:
        self._url, self._heard = url, queue.Queue()
        self._stream = random.Random(seed)
        self.taken: dict[str, ICCID] = {}
        """By transaction: the changes that a server said it had taken."""
        self.reserved: set[str] = set()
        """The changes for which a server asked an identity."""
        numbers = NumberRange(IMSI("262020000000001"), MSISDN("49600000001"), len(CARDS))
        config = HomeRegisterConfig(TN2, MSISDN("49609"), numbers)
        surroundings = one_server.Surroundings()
        vault = Vault(Secret(bytes(32)), surroundings.random_octets)
        self.register = HomeRegister(config, SqlStore(HOME_REGISTER), surroundings, vault)
        self.register.fill_pool(len(CARDS))
        self.servers = [Process(url, self._heard, *options) for _ in range(2)]

    def request_all(self) -> None:
        """Let each card's user ask; what is asked again is asked by the same name."""
        self._tell_both(CENTRE, REQUESTS)

    def request_unheard(self) -> None:
        """Let all ask one server, which is killed in the middle, and lose what it says."""
        for request in REQUESTS:
            self.servers[0].tell(CENTRE, request)
        self.run(kill=0, is_heard=False)

    def confirm_all(self) -> None:
        """Let every card attach in the network that it was to join."""
        self._tell_both(
            REGISTER,
            [ConfirmChange(id=f"confirm:{one}", transaction=one) for one in self.reserved],
        )

    def run(self, kill: int | None = None, *, is_heard: bool = True) -> None:
        """Let everybody hear everything; kill a server as soon as it has taken ten events."""
        left = 10
        while any(server.untaken for server in self.servers):
            server, line = self._heard.get(timeout=LONGEST_S)
            if line != ".\n":
                if is_heard:
                    self._carry(*line.split())
                continue
            server.untaken -= server.is_alive
            if kill is not None and server is self.servers[kill]:
                left -= 1
            if left == 0 and kill is not None:
                self.servers[kill].kill()
                kill = None
        assert kill is None
        while not is_heard and not self._heard.empty():
            self._heard.get()  # what the dead one said before it died is not to be heard later

    def run_until(self, holds: Callable[[], bool]) -> None:
        """Let everybody hear what servers say of themselves, until something holds."""
        end = time.monotonic() + LONGEST_S
        while not holds():
            assert time.monotonic() < end
            with suppress(queue.Empty):
                server, line = self._heard.get(timeout=0.05)
                if line == ".\n":
                    server.untaken -= server.is_alive
                else:
                    self._carry(*line.split())

    def start_again(self, number: int) -> None:
        self.servers[number] = Process(self._url, self._heard)

    def end(self) -> None:
        for server in self.servers:
            server.end()

    def _carry(self, interface: str, name: str, octets: str) -> None:
        message = decode_operator(bytes.fromhex(octets))
        match message:
            case ChangeTaken():
                self.taken[message.transaction] = ICCID(message.id)
            case ReserveIdentity():
                self.reserved.add(message.transaction)
                commands = self.register.handle(Arrived(AS_PEER, bytes.fromhex(octets)))
                answers = [one.octets for one in commands if isinstance(one, Send)]
                self._tell_both(REGISTER, map(decode_operator, answers))
            case InformLeft():
                answer = Noted(id=message.id, transaction=message.transaction)
                self._tell_both(LEFT, [answer])
            case _:
                assert isinstance(message, Noted | Refusal), (interface, name, message)

    def _tell_both(self, source: Peer, messages: Iterable[OperatorMessage]) -> None:
        """Tell both, each in an order of its own."""
        said = list(messages)
        told = [(server, message) for server in self.servers for message in said]
        self._stream.shuffle(told)
        for server, message in told:
            server.tell(source, message)


def set_up(store: SqlStore) -> ApplicationServer:
    server = one_server.make(store)
    lines = [f"{iccid},{'11' * 8},{'22' * 16},{'33' * 16}" for iccid in CARDS]
    server.import_cards("\n".join(["iccid,admin_code,kic,kid", *lines]))
    for plmn in (TN1, TN2):
        server.agree(plmn, plmn)
    for number, iccid in enumerate(CARDS):
        server.subscribe(iccid, TN1, MSISDN(f"3361{number:07d}"))
    return server


def test_nothing_is_lost_and_nothing_done_twice_though_each_is_killed_once(lasting):
    store = SqlStore(APPLICATION_SERVER, lasting)
    server = set_up(store)
    field = Field(lasting, seed=1)
    try:
        field.request_all()
        field.run(kill=0)
        field.start_again(0)
        field.request_all()  # of those whom the dead one heard and never answered, too
        field.run()
        field.confirm_all()
        field.run(kill=1)
        field.start_again(1)
        field.confirm_all()
        field.run()
    finally:
        field.end()
    found = server.changes()
    with store.begin() as connection:
        counters = connection.execute(select(card.c.sent_counter)).scalars().all()
    store.close()
    assert counters == [1] * len(CARDS)  # packets that were made for each card
    assert sorted(change.iccid for change in found) == CARDS
    assert {(change.state, change.attempts) for change in found} == {(State.DONE, 1)}
    assert field.taken.items() <= {change.transaction: change.iccid for change in found}.items()
    assert field.register.provided() == len(CARDS)


def test_what_one_left_undone_the_other_does_though_nobody_starts_it_again(lasting):
    store = SqlStore(APPLICATION_SERVER, lasting)
    server = set_up(store)
    field = Field(lasting, 1, str(TAKEOVER_S))

    def states() -> set[State]:
        return {change.state for change in server.changes()}

    try:
        field.request_unheard()
        begun = len(server.changes())
        field.request_all()  # what the dead one had begun is refused as under way
        field.run_until(lambda: len(field.reserved) == len(CARDS) and states() == {State.SENT})
        field.confirm_all()
        field.run_until(lambda: states() == {State.DONE})
    finally:
        field.end()
    found = server.changes()
    store.close()
    assert begun > 0
    assert sorted(change.iccid for change in found) == CARDS
    assert len(field.taken) == len(CARDS) - begun
    assert field.register.provided() == len(CARDS)


def test_what_nobody_takes_over_stays_undone(sqlite_file):
    store = SqlStore(APPLICATION_SERVER, sqlite_file)
    server = set_up(store)
    field = Field(sqlite_file, 1)
    try:
        field.request_unheard()
        begun = {change.iccid for change in server.changes()}
        field.request_all()
        field.run()
    finally:
        field.end()
    asked = {change.iccid for change in server.changes() if change.transaction in field.reserved}
    store.close()
    assert begun
    assert asked == set(CARDS) - begun
