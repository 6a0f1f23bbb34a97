"""The card's end of the toolkit: what it wants done waits here until the terminal fetches it.

TS 102 223 clauses 4.2 and 6. Messages and questions go in the order of asking; a REFRESH goes when
nothing else waits, since it ends the session of the terminal with the card.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from impl.card.status import StatusError
from impl.codec.apdu import SW, CommandApdu
from impl.codec.terminal_profile import Facility, has_facility
from impl.codec.toolkit import (
    CommandType,
    GeneralResult,
    ProactiveCommand,
    Refresh,
    TerminalResponse,
    encode_proactive,
)
from impl.errors import MalformedError

MOST_TRIES: Final = 3
_LAST_NUMBER: Final = 0xFE
_BUSY: Final = (GeneralResult.TERMINAL_UNABLE, GeneralResult.NETWORK_UNABLE)

_FACILITIES: Final[dict[int, Facility]] = {
    CommandType.DISPLAY_TEXT: Facility.DISPLAY_TEXT,
    CommandType.GET_INKEY: Facility.GET_INKEY,
    CommandType.GET_INPUT: Facility.GET_INPUT,
    CommandType.REFRESH: Facility.REFRESH,
    CommandType.SEND_SHORT_MESSAGE: Facility.SEND_SHORT_MESSAGE,
    CommandType.SET_UP_MENU: Facility.SET_UP_MENU,
    CommandType.SET_UP_EVENT_LIST: Facility.SET_UP_EVENT_LIST,
}
"""As what TERMINAL PROFILE says that the terminal knows a command."""

Continuation = Callable[[TerminalResponse | None], None]
"""Takes how it went; None if the terminal cannot do it at all."""


@dataclass(slots=True)
class _Task:
    command: ProactiveCommand
    then: Continuation | None
    tries: int = 0


class Toolkit:
    """The proactive session during one life of the card."""

    __slots__ = ("_fetched", "_number", "_octets", "_profile", "_queue", "_refresh", "_waiting")

    def __init__(self) -> None:
        self._profile = b""
        self._queue: list[_Task] = []  # short; a deque takes 700 octets of every card
        self._refresh: _Task | None = None
        self._waiting: _Task | None = None
        """The task whose command the terminal may fetch, as `_octets`."""
        self._fetched = False
        self._octets = b""
        self._number = 0

    @property
    def is_refreshing(self) -> bool:
        """Whether a REFRESH waits or is with the terminal."""
        current = self._waiting is not None and isinstance(self._waiting.command, Refresh)
        return current or self._refresh is not None

    def offer(self) -> int:
        """Return the octets of the command that waits to be fetched (91xx), 0 if none does."""
        if self._waiting is None:
            if not self._queue and self._refresh is None:  # as behind almost every command
                return 0
            self._offer_next()
        return 0 if self._fetched else len(self._octets)

    def take_profile(self, command: CommandApdu) -> bytes:
        """TERMINAL PROFILE: from here on the card may ask for things."""
        if command.p1 or command.p2:
            raise StatusError(SW.INCORRECT_P1_P2)
        if not command.data:
            raise StatusError(SW.WRONG_LENGTH)
        self._profile = command.data
        return b""

    def can(self, facility: Facility) -> bool:
        """Whether the terminal said that it can do this; before its profile came, nothing."""
        return has_facility(self._profile, facility)

    def ask(self, command: ProactiveCommand, then: Continuation | None = None) -> None:
        """Let the terminal carry out `command`, and call `then` with how it went.

        If the terminal has not said that it knows the command, `then` is called at once.
        """
        if not self.can(_FACILITIES[command.command_type]):
            _tell(then, None)
        elif isinstance(command, Refresh):
            self._refresh = _Task(command, then)
        else:
            self._queue.append(_Task(command, then))

    def fetch(self, command: CommandApdu) -> bytes:
        """FETCH: the command that waits; again the same one until it is answered."""
        if command.p1 or command.p2:
            raise StatusError(SW.INCORRECT_P1_P2)
        if not self._fetched and not self.offer():
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        if command.le != len(self._octets):
            raise StatusError(SW.exact_length(len(self._octets)))
        self._fetched = True
        return self._octets

    def respond(self, command: CommandApdu) -> bytes:
        """TERMINAL RESPONSE: how the fetched command went; a busy terminal is asked again."""
        if command.p1 or command.p2:
            raise StatusError(SW.INCORRECT_P1_P2)
        task = self._waiting
        if task is None or not self._fetched:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        try:
            response = TerminalResponse.decode(command.data)
        except MalformedError:
            raise StatusError(SW.INCORRECT_DATA) from None
        answered = (response.number, response.command_type)
        if answered != (self._number, task.command.command_type):
            raise StatusError(SW.INCORRECT_DATA)
        self._waiting, self._fetched, self._octets = None, False, b""
        if response.result not in _BUSY or task.tries == MOST_TRIES:
            _tell(task.then, response)
        elif isinstance(task.command, Refresh):
            self._refresh = task
        else:
            self._queue.insert(0, task)
        return b""

    def _offer_next(self) -> None:
        if self._queue:
            task = self._queue.pop(0)
        elif self._refresh is not None:
            task, self._refresh = self._refresh, None
        else:
            return
        task.tries += 1
        self._waiting = task
        self._number = self._number % _LAST_NUMBER + 1
        self._octets = encode_proactive(self._number, task.command)


def _tell(then: Continuation | None, response: TerminalResponse | None) -> None:
    if then is not None:
        then(response)
