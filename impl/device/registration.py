"""How the device gets service: IMSI attach at the network of its card (TS 24.008 clause 4.4, S5).

The networks are tried one after the other, the one of the IMSI first. A network that does not
answer is asked four times. What the card has to know of it is left in `news`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from impl.codec.authenticate import AuthenticationSuccess, SynchronisationFailure
from impl.codec.mobility import (
    TMSI,
    AuthenticationFailure,
    AuthenticationReject,
    AuthenticationRequest,
    AuthenticationResponse,
    IdentityKind,
    IdentityRequest,
    IdentityResponse,
    ImsiDetachIndication,
    LocationArea,
    LocationUpdatingAccept,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    MmMessage,
    RejectCause,
    TmsiReallocationComplete,
    Updating,
    UpdatingType,
)
from impl.device.usim_session import MacFailure, UsimSession
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.values import IMSI, PLMN

CLASSMARK_1 = 0x53  # release 99 or later, as who answers a UMTS challenge (clause 10.5.1.5)
ATTEMPTS = 4
ANSWER_TIMER, ANSWER_S = "T3210", 20.0  # TS 24.008 table 11.1
SEARCH_TIMER, SEARCH_S = "search", 600.0
CARD_IS_INVALID = {RejectCause.IMSI_UNKNOWN_IN_HLR, RejectCause.ILLEGAL_MS, 0x06}
"""Causes after which a device does not try another network (TS 24.008 clause 4.4.4.7)."""


class Service(Enum):
    """What the device can do, as location status events name it."""

    OFF = "off"
    SEARCHING = "searching"
    NORMAL = "normal service"
    NONE = "no service"


@dataclass(frozen=True, slots=True)
class Accepted:
    """News for the card: normal service in this location."""

    location: LocationArea


@dataclass(frozen=True, slots=True)
class Rejected:
    """News for the card: a network rejected the attach for this cause."""

    location: LocationArea
    cause: int


@dataclass(frozen=True, slots=True)
class Lost:
    """News for the card: no service, or a limited one where a network was heard."""

    heard: bool


News = Accepted | Rejected | Lost


@dataclass(slots=True)
class Registration:
    """The attach of one device, from the first request to service or to none."""

    reach: tuple[PLMN, ...]
    """Networks whose radio the device can hear."""
    searches: int = 2
    """How often a device without service looks again by itself, `SEARCH_S` apart."""
    service: Service = Service.OFF
    plmn: PLMN | None = None
    """The network that is tried or that serves."""
    news: list[News] = field(default_factory=list)
    _usim: UsimSession | None = None
    _imsi: IMSI | None = None
    _candidates: list[PLMN] = field(default_factory=list)
    _attempts: int = 0
    _searches_left: int = 0
    _heard: bool = False

    def start(self, usim: UsimSession, only: PLMN | None = None) -> list[Command]:
        """Begin to look for service with the identity that the card has now.

        Args:
            usim: the card.
            only: the one network that the user selected by hand; None looks by itself.
        """
        self._usim, self._imsi = usim, usim.imsi()
        self._searches_left = 0 if only else self.searches
        return self._search([only] if only else self._in_order())

    def stop(self) -> list[Command]:
        """Leave the network, as before the card is reset (TS 24.008 clause 4.3.4)."""
        commands: list[Command] = [StopTimer(ANSWER_TIMER), StopTimer(SEARCH_TIMER)]
        if self.service is Service.NORMAL and self.plmn and self._imsi:
            commands.append(self._send(ImsiDetachIndication(CLASSMARK_1, self._imsi)))
        self.service, self.plmn = Service.OFF, None
        return commands

    def take(self, source: PLMN, message: MmMessage) -> list[Command]:
        """Go on with what the network says; what it says out of turn is ignored."""
        if source != self.plmn or self._usim is None or self.service is Service.OFF:
            return []
        self._heard = True
        match message:
            case IdentityRequest(kind=kind):
                identity = self._imsi if kind == IdentityKind.IMSI else None
                return [self._send(IdentityResponse(identity))]
            case AuthenticationRequest():
                return [self._send(self._authenticate(self._usim, message))]
        return self._conclude(self._usim, message) if self.service is Service.SEARCHING else []

    def expire(self, timer: str) -> list[Command]:
        """Ask again, ask elsewhere, or look once more."""
        if timer == ANSWER_TIMER and self.service is Service.SEARCHING:
            return self._ask() if self._attempts < ATTEMPTS else self._next()
        if timer == SEARCH_TIMER and self.service is Service.NONE:
            self._searches_left -= 1
            return self._search(self._in_order())
        return []

    def _conclude(self, usim: UsimSession, message: MmMessage) -> list[Command]:
        match message:
            case LocationUpdatingAccept():
                return self._accept(usim, message)
            case LocationUpdatingReject(cause=cause):
                return self._reject(usim, cause)
            case AuthenticationReject():
                return self._reject(usim, RejectCause.ILLEGAL_MS)
        return []

    def _in_order(self) -> list[PLMN]:
        assert self._imsi is not None
        return sorted(self.reach, key=lambda plmn: not self._imsi.is_of(plmn))  # type: ignore[union-attr]  # asserted

    def _search(self, candidates: list[PLMN]) -> list[Command]:
        self.service, self._heard = Service.SEARCHING, False
        self._candidates = [plmn for plmn in candidates if plmn in self.reach]
        return [StopTimer(SEARCH_TIMER), *self._next()]

    def _next(self) -> list[Command]:
        if not self._candidates:
            self.service, self.plmn = Service.NONE, None
            self.news.append(Lost(heard=self._heard))
            again = [SetTimer(SEARCH_TIMER, SEARCH_S)] if self._searches_left else []
            return [StopTimer(ANSWER_TIMER), *again]
        self.plmn, self._attempts = self._candidates.pop(0), 0
        return self._ask()

    def _ask(self) -> list[Command]:
        assert self._usim is not None
        self._attempts += 1
        tmsi, location = self._usim.location()
        known = tmsi if location.plmn == self.plmn else None
        request = LocationUpdatingRequest(
            UpdatingType(Updating.IMSI_ATTACH), location, CLASSMARK_1, known or self._imsi
        )
        return [self._send(request), SetTimer(ANSWER_TIMER, ANSWER_S)]

    def _authenticate(self, usim: UsimSession, request: AuthenticationRequest) -> MmMessage:
        match usim.authenticate(request.rand, request.autn or b""):
            case AuthenticationSuccess(res=res):
                return AuthenticationResponse(res[:4], res[4:] or None)
            case SynchronisationFailure(auts=auts):
                return AuthenticationFailure(RejectCause.SYNCH_FAILURE, auts)
            case MacFailure():
                return AuthenticationFailure(RejectCause.MAC_FAILURE)

    def _accept(self, usim: UsimSession, message: LocationUpdatingAccept) -> list[Command]:
        self.service = Service.NORMAL
        tmsi = message.identity if isinstance(message.identity, TMSI) else None
        usim.store_location(tmsi, message.location)
        self.news.append(Accepted(message.location))
        done = [self._send(TmsiReallocationComplete())] if tmsi else []
        return [StopTimer(ANSWER_TIMER), *done]

    def _reject(self, usim: UsimSession, cause: int) -> list[Command]:
        usim.forget_location()
        self.news.append(Rejected(LocationArea(self.plmn, 0), cause))
        if cause in CARD_IS_INVALID:
            self._candidates, self._searches_left = [], 0
        return self._next()

    def _send(self, message: MmMessage) -> Send:
        assert self.plmn is not None
        return Send(Peer(Interface.MM, self.plmn), message.encode())
