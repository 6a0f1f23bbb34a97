"""How the subscribers of a pool get into an osmo-hlr, and out of it: by its control interface.

One request for each IMSI is under way at a time: CREATE, NUMBER, KEY, or DELETE. It stands in the
outbox until it is answered, so that what was begun goes on after the death of either side; asked
twice, each is answered by an error that says that it is done. The number of a request is its IMSI
and its step: an answer to what is not asked any more is known by that.

K and OPc stand once in the database, sealed with their identity: a KEY that waits in the outbox
names the algorithm alone, and `with_key` puts them in whenever it is said.
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

from sqlalchemy import Connection

from impl.codec.osmo_control import ControlError, SetReply, SetRequest, decode_control
from impl.crypto.vault import Vault
from impl.errors import UnusableKeyError
from impl.events import Command, Interface, Peer
from impl.network.identity_pool import IdentityPool, NumberRange, Subscriber
from impl.network.records import OUTBOX, SubscriberState
from impl.ports import Surroundings
from impl.values import ICCID, IMSI, Algorithm, Secret

CONTROL = Peer(Interface.CONTROL, "hlr")

GONE = "No such subscriber."
_KEYS = {
    Algorithm.COMP128_V1: ("aud2g", "COMP128v1"),
    Algorithm.COMP128_V2: ("aud2g", "COMP128v2"),
    Algorithm.COMP128_V3: ("aud2g", "COMP128v3"),
    Algorithm.MILENAGE: ("aud3g", "MILENAGE"),
}
"""The variable that holds K, and how the algorithm is called in it; osmo-hlr 1.5 has no TUAK."""


class Step(IntEnum):
    """What is asked, in this order; DELETE stands alone."""

    CREATE = 1
    NUMBER = 2
    KEY = 3
    DELETE = 4


DONE_ALREADY = {
    (Step.CREATE, "Subscriber already exists."),
    (Step.DELETE, "Subscriber doesn't exist."),
}


class Provisioning:
    """What an osmo-hlr is asked to hold. What follows is collected for the node to carry out."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._commands: list[Command] = []

    def collect(self) -> list[Command]:
        """Return what has to be carried out since this was asked last."""
        commands, self._commands = self._commands, []
        return commands

    def enter(self, connection: Connection, subscriber: Subscriber) -> None:
        """Let it know a subscriber. A deletion of the same IMSI that is under way gives way."""
        self._ask(connection, Step.CREATE, subscriber)

    def remove(self, connection: Connection, imsi: IMSI) -> None:
        """Let it forget a subscriber, whatever was under way for that IMSI."""
        self._put(connection, imsi, Step.DELETE, "subscriber.delete", imsi.encode())

    def is_pending(self, connection: Connection, imsi: IMSI) -> bool:
        """Whether something is still asked for this IMSI."""
        return OUTBOX.find(connection, _name(imsi)) is not None

    def ask_again(self, connection: Connection, imsi: IMSI | None = None) -> None:
        """Ask again what is asked for this IMSI, or for all."""
        now = self._surroundings.now()
        if imsi is None:
            self._commands += OUTBOX.send_again_to(connection, CONTROL, now)
        else:
            self._commands += OUTBOX.send_again(connection, now, _name(imsi))

    def asked(
        self, connection: Connection, answer: SetReply | ControlError
    ) -> tuple[IMSI, Step] | None:
        """Return what is answered; None if that is asked no more."""
        number = answer.id
        octets = OUTBOX.find(connection, _name(number[:-1]))
        if octets is None:
            return None
        return (_imsi(number), _step(number)) if _as_request(octets).id == number else None

    def go_on(self, connection: Connection, step: Step, subscriber: Subscriber) -> bool:
        """Ask the next step now that this one is done; return whether there was one."""
        if step in {Step.CREATE, Step.NUMBER}:
            self._ask(connection, Step(step + 1), subscriber)
            return True
        self._commands += OUTBOX.drop(connection, _name(subscriber.imsi))
        return False

    def _ask(self, connection: Connection, step: Step, subscriber: Subscriber) -> None:
        imsi = subscriber.imsi
        match step:
            case Step.CREATE:
                variable, value = "subscriber.create", imsi.encode()
            case Step.NUMBER:
                variable, value = f"subscriber.by-imsi-{imsi}.msisdn", subscriber.msisdn.encode()
            case _:
                name, algorithm = _KEYS[subscriber.algorithm]
                variable, value = f"subscriber.by-imsi-{imsi}.{name}", algorithm.encode()
        self._put(connection, imsi, step, variable, value)

    def _put(
        self, connection: Connection, imsi: IMSI, step: Step, variable: str, value: bytes
    ) -> None:
        request = SetRequest(f"{imsi}{step}", variable, Secret(value))
        now = self._surroundings.now()
        self._commands += OUTBOX.put(connection, _name(imsi), CONTROL, request.encode(), now)


class ProvisionedPool(IdentityPool):
    """A pool whose identities, as long as they are somebody's, an osmo-hlr holds as well."""

    def __init__(
        self,
        numbers: NumberRange,
        surroundings: Surroundings,
        vault: Vault,
        algorithm: Algorithm,
        provisioning: Provisioning,
    ) -> None:
        """Give identities of `numbers`; new keys are for `algorithm`, and sealed by `vault`.

        Raises:
            UnusableKeyError: osmo-hlr has no such algorithm.
        """
        if algorithm not in _KEYS:
            raise UnusableKeyError(f"osmo-hlr has no {algorithm.name}: choose MILENAGE")
        super().__init__(numbers, surroundings, vault, algorithm)
        self._provisioning = provisioning

    def take(
        self, connection: Connection, iccid: ICCID, state: SubscriberState
    ) -> Subscriber | None:
        """See `IdentityPool`; the identity is on its way into the register."""
        taken = super().take(connection, iccid, state)
        if taken is not None:
            self._provisioning.enter(connection, taken)
        return taken

    def give_back(self, connection: Connection, imsi: IMSI) -> None:
        """See `IdentityPool`; the identity is on its way out of the register."""
        super().give_back(connection, imsi)
        self._provisioning.remove(connection, imsi)


def imsi_of_key(octets: bytes) -> IMSI | None:
    """Return for whom this line of the outbox has to be given a key, None if it needs none."""
    request = _as_request(octets)
    return _imsi(request.id) if _step(request.id) is Step.KEY else None


def with_key(octets: bytes, subscriber: Subscriber) -> bytes:
    """Return this line of the outbox with the keys of its subscriber in."""
    request = _as_request(octets)
    value = request.value.reveal() + b"," + subscriber.k.reveal().hex().encode()
    if subscriber.opc.reveal():
        value += b",OPC," + subscriber.opc.reveal().hex().encode()
    return replace(request, value=Secret(value)).encode()


def _as_request(octets: bytes) -> SetRequest:
    request = decode_control(octets)
    assert isinstance(request, SetRequest)  # nothing else is put in the outbox
    return request


def _imsi(number: str) -> IMSI:
    return IMSI(number[:-1])


def _step(number: str) -> Step:
    return Step(int(number[-1]))


def _name(imsi: str) -> str:
    return f"hlr/{imsi}"
