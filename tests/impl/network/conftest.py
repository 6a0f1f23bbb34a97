"""What the nodes of a network live in, in their tests: a store in memory and a clock that obeys."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, MetaData, create_engine
from sqlalchemy.pool import StaticPool

from impl.codec.gsup import Gsup, GsupCause, decode_gsup
from impl.codec.osmo_control import ControlError, SetReply, SetRequest, decode_control
from impl.events import Arrived, Command, Node, Send
from impl.network.gsup_proxy import REGISTER
from impl.network.provisioning import CONTROL
from impl.values import Secret


class MemoryStore:
    """Tables in memory. A node that is made anew over it finds what an earlier one committed."""

    def __init__(self, metadata: MetaData) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True)
        metadata.create_all(self._engine)
        self.fails = False

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection
            if self.fails:
                raise RuntimeError("the node died before the commit")

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Let every transaction fail, and demand that who begins one hears of it."""
        self.fails = True
        with pytest.raises(RuntimeError):
            yield
        self.fails = False

    def close(self) -> None:
        self._engine.dispose()


class Surroundings:
    """Time that stands unless it is set, and seeded randomness."""

    def __init__(self) -> None:
        self.time_s = 1_767_225_600.0
        self._random = random.Random(7)

    def now(self) -> float:
        return self.time_s

    def random_octets(self, count: int) -> bytes:
        return self._random.randbytes(count)


class ForeignRegister:
    """What an osmo-hlr does, as far as its gateway sees it; real_parts/ has the real one.

    Subscribers by IMSI, each with what was set for it. It answers what it is sent at once."""

    def __init__(self) -> None:
        self.subscribers: dict[str, dict[str, str]] = {}
        self.refuses: dict[str, str] = {}
        """What it says instead, by the last word of the variable."""

    def serve(self, node: Node, commands: list[Command]) -> list[Send]:
        """Answer what the node says to it, and what it says upon that; return the rest."""
        rest: list[Send] = []
        waiting = [command for command in commands if isinstance(command, Send)]
        while waiting:
            send = waiting.pop(0)
            answers = []
            if send.target == CONTROL:
                answers = [self.control(send.octets)]
            elif send.target == REGISTER:
                answers = self.gsup(decode_gsup(send.octets))
            else:
                rest.append(send)
            for octets in answers:
                said = node.handle(Arrived(send.target, octets))
                waiting += [command for command in said if isinstance(command, Send)]
        return rest

    def control(self, octets: bytes) -> bytes:
        request = decode_control(octets)
        assert isinstance(request, SetRequest)
        value = request.value.reveal().decode()
        last = request.variable.rpartition(".")[2]
        why = self.refuses.get(last) or self._set(request.variable, last, value)
        if why:
            return _line(ControlError(request.id, why))
        return _line(SetReply(request.id, request.variable, Secret(b"OK")))

    def gsup(self, request: Gsup) -> list[bytes]:
        if not request.message_type.is_request:
            return []
        if request.imsi not in self.subscribers:
            return [request.error(cause=GsupCause.IMSI_UNKNOWN).encode()]
        return [request.result().encode()]

    def _set(self, variable: str, last: str, value: str) -> str | None:
        if last == "create":
            if value in self.subscribers:
                return "Subscriber already exists."
            self.subscribers[value] = {}
        elif last == "delete":
            if self.subscribers.pop(value, None) is None:
                return "Subscriber doesn't exist."
        else:
            imsi = variable.split(".")[1].removeprefix("by-imsi-")
            if imsi not in self.subscribers:
                return "No such subscriber."
            self.subscribers[imsi][last] = value
        return None


def _line(message: SetReply | ControlError) -> bytes:
    """Return the line of an answer."""
    if isinstance(message, ControlError):
        return f"ERROR {message.id} {message.why}".encode()
    return f"SET_REPLY {message.id} {message.variable} ".encode() + message.value.reveal()


@pytest.fixture
def foreign() -> ForeignRegister:
    return ForeignRegister()


@pytest.fixture
def surroundings() -> Surroundings:
    return Surroundings()


@pytest.fixture
def store_of() -> Iterator[Callable[[MetaData], MemoryStore]]:
    stores: list[MemoryStore] = []

    def make(metadata: MetaData) -> MemoryStore:
        stores.append(MemoryStore(metadata))
        return stores[-1]

    yield make
    for store in stores:
        store.close()
