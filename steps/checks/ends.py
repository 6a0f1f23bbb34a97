"""How a change ended, as all parties say when they are at rest, and what is wrong with that.

What a driver observes is abstracted to states of the model's components; the model says which ends
are good. What a driver cannot observe (`UnsupportedError`) is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from model.application_server import OPEN, Change
from model.card import NEW_IN_USE, OLD_IN_USE, Card
from model.device import Device
from model.home_register import Record
from model.invariants import GOOD_ENDS
from steps.driver import Driver, Network, Standing, UnsupportedError, User

T = TypeVar("T")

STATES_OF: Mapping[Standing, AbstractSet[Change]] = {
    Standing.NEVER_ASKED: {Change.IDLE},
    Standing.REFUSED: {Change.REFUSED},
    Standing.OPEN: OPEN,
    Standing.CHANGED: {Change.CHANGED},
    Standing.UNCHANGED: {Change.UNCHANGED},
}


@dataclass(frozen=True, slots=True)
class Fault:
    """An obligation that does not hold."""

    cites: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.cites}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class End:
    """What all say of one user at rest. None: the system cannot tell."""

    left: Network
    """Whose subscriber the user was before the change that is looked at."""
    joined: Network
    """Whose they were to become."""
    standing: Standing | None
    attached: Network | None
    accepted: frozenset[Network] | None
    """Networks that accept the card, each by a real attach."""
    known: frozenset[Network] | None
    """Networks whose register has the card as a subscriber's."""
    reserved: int | None
    """Identities that registers hold for changes that are not complete."""
    provided: tuple[int, ...] | None
    """Identities that each register ever provided."""
    messages: int | None
    """Personalization messages that left, resent ones not counted."""
    was_resent: bool | None
    """Whether a personalization message left again, since nobody had answered it."""
    shares_identity: bool | None
    secrets_heard: bool | None
    is_reachable: bool | None

    @property
    def was_never_asked(self) -> bool:
        """Whether the application server knows of no request."""
        return self.standing is Standing.NEVER_ASKED

    @property
    def outcome(self) -> tuple[object, ...]:
        """What has to be the same whether or not somebody died on the way."""
        return (self.standing, self.attached, self.accepted, self.known)

    def __str__(self) -> str:
        accepted, known = (
            " and ".join(sorted(networks or ())) or "no network"
            for networks in (self.accepted, self.known)
        )
        return (
            f"the change is {self.standing}, the device is attached to {self.attached}, "
            f"{accepted} accepts the card, the register of {known} knows it"
        )


def observe(driver: Driver, left: Network, joined: Network, user: User = User.THE_USER) -> End:
    """Ask all parties at rest."""
    networks = tuple(Network)

    def among(holds: Callable[[Network, User], bool]) -> frozenset[Network]:
        return frozenset(network for network in networks if holds(network, user))

    return End(
        left=left,
        joined=joined,
        standing=_told(lambda: driver.standing(user)),
        attached=_told(lambda: driver.attached_to(user)),
        accepted=_told(lambda: among(driver.authenticates_in)),
        known=_told(lambda: among(driver.register_knows)),
        reserved=_told(lambda: sum(map(driver.reserved_identities, networks))),
        provided=_told(lambda: tuple(map(driver.provided_identities, networks))),
        messages=_told(lambda: driver.messages_sent(user)),
        was_resent=_told(lambda: driver.was_resent(user)),
        shares_identity=_told(driver.shares_identity),
        secrets_heard=_told(driver.overheard_secrets),
        is_reachable=_told(lambda: driver.is_reachable(user)),
    )


def faults_of(end: End) -> Iterator[Fault]:
    """Yield what no end may be, whatever went wrong on the way."""
    if not is_good(end):
        yield Fault("B03", f"no good end of the model looks so: {end}")
    if end.standing is Standing.OPEN:
        yield Fault("B14", "the change is open for ever")
    serving = end.accepted if end.known is None else (end.accepted or frozenset()) & end.known
    if end.accepted is not None and not serving:
        yield Fault("B08 B04", "no network that knows the card accepts it")
    if end.accepted is not None and len(end.accepted) > 1:
        yield Fault("B07", "more than one network accepts the card")
    if end.reserved:
        yield Fault("B05", f"{end.reserved} identities stay reserved")
    if end.shares_identity:
        yield Fault("B07", "two cards were attached with one identity")
    if end.secrets_heard:
        yield Fault("B09", "a secret passed in clear")
    if end.is_reachable is False:
        yield Fault("B03", "no short message reaches the user any more")


def is_good(end: End) -> bool:
    """Whether one of the model's good ends looks like this from outside."""
    seen = _abstracted(end)
    return any(
        all(seen.get(name, states) & states for name, states in needs.items())
        for needs in GOOD_ENDS
    )


def _abstracted(end: End) -> Mapping[str, AbstractSet[Enum]]:
    """Return the states in which each component of the model may be; without those not seen."""
    seen: dict[str, AbstractSet[Enum]] = {"device": {_where(end)}}
    if end.standing is not None:
        seen["application_server"] = STATES_OF[end.standing]
    if end.accepted is not None:
        seen["card"] = _in_use(end, end.accepted)
    if end.known is not None:
        seen["home_left"] = {Record.ACTIVE} if end.left in end.known else {Record.FREE}
        free = {Record.RESERVED} if end.reserved else {Record.FREE, Record.RELEASED}
        seen["home_joined"] = {Record.ACTIVE} if end.joined in end.known else free
    return seen


def _where(end: End) -> Device:
    places = {end.left: Device.ATTACHED_LEFT, end.joined: Device.ATTACHED_JOINED}
    return places.get(end.attached, Device.SEARCHING) if end.attached else Device.SEARCHING


def _in_use(end: End, accepted: AbstractSet[Network]) -> AbstractSet[Card]:
    """Return the states of a card that these networks accept."""
    if accepted == {end.left}:
        return OLD_IN_USE
    return NEW_IN_USE if accepted == {end.joined} else frozenset(Card) - OLD_IN_USE - NEW_IN_USE


def _told(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except UnsupportedError:
        return None
