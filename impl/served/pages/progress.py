"""How far a change is, in words for the person whose card changes.

What an application server says of a change (`impl.served.pages.operator_site`) becomes steps with
what they mean, or an end with what to do next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

import aiohttp

from impl.errors import UncertainError
from impl.events import Peer
from impl.messages import RefusalReason
from impl.served.pki import OwnKeys
from impl.values import ICCID, PLMN

ANSWER_S = 5.0


class ProgressUnknownError(UncertainError):
    """The application server does not say how far a change is. The change goes on."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the server says of one change."""

    state: str
    reason: str | None
    opened: datetime


class Step(Enum):
    """What a person sees of a change, in order."""

    TAKEN = "Your request is taken"
    RESERVED = "A new number is set aside for you"
    SENT = "The change is on its way to your card"
    CHANGED = "Your card has changed"
    JOINED = "Your device has joined"
    ENDED = "Your old operator has closed your subscription"


class Standing(Enum):
    """How a step stands."""

    DONE = "done"
    NOW = "in progress"
    OPEN = "still to come"


class End(Enum):
    """How a change ends, for the person."""

    GOOD = "good"
    UNDONE = "undone"


_NOW: Final[dict[str, Step]] = {
    "requested": Step.RESERVED,
    "asking": Step.RESERVED,
    "sent": Step.SENT,
    "personalized": Step.JOINED,
    "confirmed": Step.ENDED,
}
"""What is being done in a state; the steps before it are done."""

_ENDS: Final[dict[str, End]] = {
    "done": End.GOOD,
    "unanswered": End.GOOD,
    "releasing": End.UNDONE,
    "abandoned": End.UNDONE,
    "overtaken": End.UNDONE,
}

_REASONS: Final[dict[str, tuple[str, str]]] = {
    RefusalReason.ALREADY_SUBSCRIBED: (
        "This card belongs to us already.",
        "There is nothing to do. If your device has no service, switch it off and on again.",
    ),
    RefusalReason.CHANGE_UNDER_WAY: (
        "Another change of this card is under way.",
        "Wait until it has ended, then come back. Nothing was changed by this request.",
    ),
    RefusalReason.NO_AGREEMENT: (
        "Cards of your present operator cannot change over the air to us.",
        "Ask us for a new card instead: your present one goes on working until then.",
    ),
    RefusalReason.NO_FREE_IDENTITY: (
        "We have no number free at the moment.",
        "Come back tomorrow. Your present subscription goes on unchanged.",
    ),
    "not-acknowledged": (
        "Your present operator did not agree that you leave.",
        "Ask them why: often a contract still runs. Your present subscription goes on unchanged.",
    ),
    "no-answer": (
        "Somebody whom the change needs did not answer.",
        "Try again later. Your present subscription goes on unchanged.",
    ),
    "refused-by-user": (
        "Somebody answered no when your device asked.",
        "If that was not meant, ask again. Your present subscription goes on unchanged.",
    ),
}
_OTHERWISE: Final = (
    "The change could not be made.",
    "Your present subscription goes on unchanged. Keep your device on, try again, or call us.",
)


def steps(state: str | None) -> list[tuple[Step, Standing]]:
    """Return each step with how it stands; None is a request that is not answered yet."""
    order = list(Step)
    if state is not None and _ENDS.get(state) is End.GOOD:
        return [(step, Standing.DONE) for step in order]
    at = order.index(Step.TAKEN if state is None else _NOW.get(state, Step.TAKEN))
    standings = [Standing.DONE] * at + [Standing.NOW] + [Standing.OPEN] * (len(order) - at - 1)
    return list(zip(order, standings, strict=True))


def end_of(state: str) -> End | None:
    """Return how a change in this state has ended or is about to, None as long as it goes on."""
    return _ENDS.get(state)


def explain(reason: str | None) -> tuple[str, str]:
    """Return why a change was not made, and what to do next."""
    return _REASONS.get(reason or "", _OTHERWISE)


class Progress:
    """Asks the application server about changes to one network."""

    def __init__(self, server: Peer, pins: OwnKeys, address: str, plmn: PLMN) -> None:
        """Prepare.

        Args:
            server: the application server, as the pins name it.
            pins: what both ends show.
            address: host and port where it listens.
            plmn: of the operator who asks; it has to be the one that the pins prove.
        """
        self._server = server
        self._pins = pins
        self._url = f"https://{address}/v1/changes"
        self._plmn = plmn
        self._session: aiohttp.ClientSession | None = None

    async def of(self, iccid: ICCID) -> Known | None:
        """Return the newest change of a card to this network, None if there is none.

        Raises:
            ProgressUnknownError: the server cannot be reached, or says something else.
        """
        session = self._session or aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_S)
        )
        self._session = session
        try:
            async with session.get(
                self._url,
                params={"iccid": iccid},
                ssl=self._pins.client_context,
                server_hostname=self._pins.names.get(self._server, ""),
            ) as response:
                response.raise_for_status()
                return self._newest(await response.json())
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError) as error:
            raise ProgressUnknownError("the application server does not answer") from error

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()

    def _newest(self, body: dict[str, Any]) -> Known | None:
        for change in body["changes"]:  # newest first
            if change["target"] == self._plmn:
                return Known(
                    change["state"], change["reason"], datetime.fromisoformat(change["opened"])
                )
        return None
