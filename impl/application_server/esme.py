"""The server's session at one short message centre, as an ESME of SMPP 3.4: bind, window, retry.

Nothing of it is durable. What a centre does not take in bounded time is forgotten here; the change
whose message it was says it anew, in a new packet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from impl.application_server.config import EsmeAccount
from impl.codec.smpp import (
    BindTransceiver,
    BindTransceiverResp,
    CommandStatus,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from impl.events import Command, Peer, Send, SetTimer, StopTimer

TIMER = "smpp"
WINDOW = 10
"""How many submit_sm may be under way at once (clause 2.9)."""
ANSWER_S = 30.0
"""How long an answer may take; twice as long after each failure."""
REST_S = 5.0
"""How long a centre that is asked too much is left alone; twice as long each time."""
TRIES = 5
"""After how many failures in a row everything is forgotten."""
LAST_SEQUENCE = 0x7FFFFFFF
REMEMBERED = 4096
"""Of how many messages the names are known that the centre gave to their parts."""

NOT_NOW: Final = frozenset(
    {
        CommandStatus.RTHROTTLED,
        CommandStatus.RMSGQFUL,
        CommandStatus.RSYSERR,
        CommandStatus.RX_T_APPN,
    }
)
"""Answers to submit_sm after which the same may be submitted later."""


class _State(Enum):
    CLOSED = "nothing is asked of the centre"
    BINDING = "a session is asked for"
    BOUND = "messages may be submitted"
    RESTING = "messages may be submitted later"


@dataclass(slots=True, eq=False)
class _Message:
    """One message: the parts of it that wait, and how many are not answered."""

    topic: str
    waiting: deque[SubmitSm]
    left: int


class EsmeSession:
    """Submits messages, the parts of each in their order."""

    def __init__(self, centre: Peer, account: EsmeAccount) -> None:
        self._centre = centre
        self._account = account
        self._state = _State.CLOSED
        self._sequence = 0
        self._failures = 0
        self._messages: dict[str, _Message] = {}
        self._under_way: dict[int, tuple[_Message, SubmitSm]] = {}
        self._names: dict[str, set[str]] = {}
        """Of the last message of each topic, the names of its parts at the centre."""

    @property
    def is_closed(self) -> bool:
        """Whether the centre is asked nothing, not even for a session."""
        return self._state is _State.CLOSED

    def open(self) -> list[Command]:
        """Ask for a session anew: the server starts, or the link broke and is there again."""
        self._failures = 0
        return self._bind()

    def submit(self, topic: str, parts: Iterable[SubmitSm]) -> list[Command]:
        """Submit a message as soon as may be; what still waits of its topic gives way to it."""
        waiting = deque(parts)
        self._messages.pop(topic, None)
        self._names.pop(topic, None)
        self._messages[topic] = _Message(topic, waiting, len(waiting))
        return self.open() if self.is_closed else self._pump()

    def take(self, pdu: Pdu) -> list[Command]:
        """Take what the centre says about the session, or about what was submitted."""
        number = pdu.sequence_number
        match pdu:
            case BindTransceiverResp() if self._state is _State.BINDING:
                return self._take_bound(pdu)
            case SubmitSmResp() | GenericNack() if number in self._under_way:
                return self._take_submitted(pdu)
            case EnquireLink():
                return [self._send(EnquireLinkResp(sequence_number=number))]
            case Unbind():
                return [self._send(UnbindResp(sequence_number=number)), *self._fail()]
            case _ if pdu.command_id & 0x80000000:
                return []  # an answer that nobody waits for
        return [self._send(GenericNack(CommandStatus.RINVCMDID, number))]

    def is_of_last(self, topic: str, name: str) -> bool:
        """Whether the centre gave this name to a part of the last message, which is not settled."""
        return name in self._names.get(topic, ())

    def settle(self, topic: str) -> None:
        """Forget the last message of a topic: it has been answered, or is given up.

        Where one part is not delivered the others are of no use.
        """
        self._names.pop(topic, None)

    def expire(self) -> list[Command]:
        """Go on after the session's timer ran out: a rest is over, or the centre is silent."""
        if self._state is _State.RESTING:
            self._state = _State.BOUND
            return self._pump(has_moved=True)
        return [] if self.is_closed else self._fail()

    def _bind(self) -> list[Command]:
        """Open a session; what was under way in another is submitted again."""
        for message, pdu in reversed(self._under_way.values()):
            message.waiting.appendleft(pdu)
        self._under_way.clear()
        self._state = _State.BINDING
        account = self._account
        bind = BindTransceiver(system_id=account.system_id, password=account.password)
        return [self._request(bind), self._await()]

    def _take_bound(self, pdu: BindTransceiverResp) -> list[Command]:
        if pdu.command_status != CommandStatus.ROK:
            return []  # the timer runs on: it is asked again then
        self._state = _State.BOUND
        return self._pump(has_moved=True)

    def _take_submitted(self, pdu: Pdu) -> list[Command]:
        message, submitted = self._under_way.pop(pdu.sequence_number)
        status = pdu.command_status
        if status == CommandStatus.RINVBNDSTS:  # the centre has forgotten the session
            message.waiting.appendleft(submitted)
            return self._fail()
        if status in NOT_NOW:
            message.waiting.appendleft(submitted)
            return self._rest()
        if status == CommandStatus.ROK and isinstance(pdu, SubmitSmResp):
            self._failures = 0
            message.left -= 1
            self._remember(message, pdu.message_id)
        else:
            message.waiting.clear()  # without this part the others are of no use
            message.left = 0
        if not message.left and self._messages.get(message.topic) is message:
            del self._messages[message.topic]
        return self._pump(has_moved=True)

    def _remember(self, message: _Message, name: str) -> None:
        if self._messages.get(message.topic) is not message:
            return
        self._names.setdefault(message.topic, set()).add(name)
        if len(self._names) > REMEMBERED:
            del self._names[next(iter(self._names))]

    def _pump(self, *, has_moved: bool = False) -> list[Command]:
        """Submit as much as the window has room for; `has_moved` is whether the centre spoke."""
        commands: list[Command] = []
        if self._state is not _State.BOUND:
            return commands
        for message in self._messages.values():
            while message.waiting and len(self._under_way) < WINDOW:
                pdu = message.waiting.popleft()
                commands.append(self._request(pdu))
                self._under_way[self._sequence] = (message, pdu)
        if commands or has_moved:
            commands.append(self._await() if self._under_way else StopTimer(self._timer))
        return commands

    def _rest(self) -> list[Command]:
        """Leave the centre alone for a while; answers that still come count as one refusal."""
        if self._state is _State.RESTING:
            return []
        self._failures += 1
        if self._failures >= TRIES:
            return self._give_up(_State.BOUND)
        self._state = _State.RESTING
        return [SetTimer(self._timer, REST_S * 2**self._failures)]

    def _fail(self) -> list[Command]:
        """Ask for another session, unless that was of no use too often."""
        self._failures += 1
        return self._bind() if self._failures < TRIES else self._give_up(_State.CLOSED)

    def _give_up(self, state: _State) -> list[Command]:
        self._messages.clear()
        self._under_way.clear()
        self._failures = 0
        self._state = state
        return [StopTimer(self._timer)]

    def _await(self) -> SetTimer:
        return SetTimer(self._timer, ANSWER_S * 2**self._failures)

    def _request(self, pdu: Pdu) -> Send:
        self._sequence = self._sequence % LAST_SEQUENCE + 1
        return self._send(replace(pdu, sequence_number=self._sequence))

    def _send(self, pdu: Pdu) -> Send:
        return Send(self._centre, pdu.encode())

    @property
    def _timer(self) -> str:
        return f"{TIMER}/{self._centre.name}"
