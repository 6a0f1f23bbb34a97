"""What became of messages, until the servers that sent them know (SMPP 3.4 clause 5.2.17).

A receipt is written down in the transaction in which its message ends, and stays until the server
took it: it hears of every end that it asked for at least once, whoever restarts meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from impl.codec.receipt import TEXT_SHOWN, MessageState, Receipt
from impl.codec.smpp import DeliverSmResp, GenericNack
from impl.events import Command, Peer, Send, SetTimer, StopTimer
from impl.network.esme_sessions import DELIVER_S, TRY_AGAIN, EsmeSessions
from impl.network.message_queue import QueuedMessage
from impl.network.records import receipt
from impl.network.reversible import Reversible
from impl.network.smpp_bridge import as_receipt, beginning
from impl.ports import Surroundings
from impl.values import MSISDN

TIMER = "receipt"
WINDOW = 10
"""How many receipts a server is told at once."""
MOST_DOUBLINGS = 7
"""After so many failures in a row the wait, almost an hour by then, gets no longer."""

# Made once: making a statement costs more than carrying it out.
_OF_RECEIVER: Final = receipt.c.receiver == bindparam("wanted")
_PUT: Final = insert(receipt)
_NEXT: Final = select(receipt).where(_OF_RECEIVER).order_by(receipt.c.id).limit(WINDOW)
_DROP: Final = delete(receipt).where(receipt.c.id == bindparam("wanted"))
_DROP_EXPIRED: Final = delete(receipt).where(_OF_RECEIVER, receipt.c.expires <= bindparam("now"))


def message_name(message_id: int) -> str:
    """Write the id of a message as submit_sm_resp and receipts have it (appendix B: 10 digits)."""
    return f"{message_id:010d}"


@dataclass(frozen=True, slots=True)
class _Told:
    """A receipt that a server was told and has not taken."""

    number: MSISDN
    message_id: int


class Outcomes:
    """The receipts of all servers."""

    def __init__(
        self, sessions: EsmeSessions, validity_s: float, surroundings: Surroundings
    ) -> None:
        """Prepare; a receipt that nobody takes is kept for `validity_s` seconds."""
        self._sessions = sessions
        self._validity_s = validity_s
        self._surroundings = surroundings
        self._told = Reversible[str, _Told]()
        self._failures: dict[MSISDN, int] = {}

    @property
    def memory(self) -> Reversible[str, _Told]:
        """What was told, for the transaction to keep or to undo."""
        return self._told

    def put(
        self, connection: Connection, message: QueuedMessage, state: MessageState, error: int
    ) -> list[Command]:
        """Write down how a message of a server ended, and tell it."""
        now = self._surroundings.now()
        values = {
            "id": message.id,
            "receiver": message.originator,
            "sender": message.destination,
            "state": state,
            "error": error,
            "submitted": message.taken,
            "done": now,
            "expires": now + self._validity_s,
            "text": beginning(message)[:TEXT_SHOWN],
        }
        connection.execute(_PUT, values)
        return self._tell(connection, message.originator)

    def begin(self, connection: Connection, source: Peer) -> list[Command]:
        """Tell a server all that waits for it, now that it is bound over this link."""
        number = self._sessions.number_of(source)
        if number is None:
            return []
        self._failures.pop(number, None)
        for name in [name for name, told in self._told.items() if told.number == number]:
            del self._told[name]
        return self._tell(connection, number)

    def take(
        self, connection: Connection, source: Peer, answer: DeliverSmResp | GenericNack
    ) -> list[Command] | None:
        """Take what a server said to a receipt; None if the answer is to anything else.

        What it will not take is not said again; what it cannot take now is, later.
        """
        name = _timer(source, answer.sequence_number)
        told = self._told.get(name)
        if told is None:
            return None
        if answer.command_status in TRY_AGAIN:
            self._fail(told.number)
            return [self._wait(name, told.number)]
        del self._told[name]
        self._failures.pop(told.number, None)
        connection.execute(_DROP, {"wanted": told.message_id})
        return [StopTimer(name), *self._tell(connection, told.number)]

    def expire(self, connection: Connection, timer: str) -> list[Command]:
        """Tell a server again what it did not take."""
        told = self._told.pop(timer, None)
        if told is None:
            return []
        self._fail(told.number)
        return self._tell(connection, told.number)

    def _tell(self, connection: Connection, number: MSISDN) -> list[Command]:
        now = self._surroundings.now()
        connection.execute(_DROP_EXPIRED, {"wanted": number, "now": now})
        return list(self._deliver(connection, number))

    def _deliver(self, connection: Connection, number: MSISDN) -> Iterator[Command]:
        under_way = {told.message_id for told in self._told.values()}
        for row in connection.execute(_NEXT, {"wanted": number}).all():
            peer = self._sessions.link_of(number)
            if peer is None or row.id in under_way:
                continue
            sequence = self._sessions.next_sequence(peer)
            state = MessageState(row.state)
            found = Receipt(
                message_name(row.id), state, row.submitted, row.done, row.error, row.text
            )
            name = _timer(peer, sequence)
            self._told[name] = _Told(number, row.id)
            yield Send(peer, as_receipt(sequence, MSISDN(row.sender), number, found).encode())
            yield self._wait(name, number)

    def _fail(self, number: MSISDN) -> None:
        self._failures[number] = min(self._failures.get(number, 0) + 1, MOST_DOUBLINGS)

    def _wait(self, name: str, number: MSISDN) -> SetTimer:
        return SetTimer(name, DELIVER_S * 2 ** self._failures.get(number, 0))


def _timer(link: Peer, sequence: int) -> str:
    return f"{TIMER}/{link.name}/{sequence}"
