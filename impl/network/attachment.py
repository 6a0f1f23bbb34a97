"""How a serving node attaches a device, whatever its generation: identify, authenticate, locate.

One procedure a device. What passes over the air is of the generation and stands in the classes
made of this one; the home register is asked over GSUP, whose answers name the IMSI only: of
several devices that claim one IMSI, the one that waits longest gets the answer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Generic, TypeVar

from impl.codec.gsup import AuthTuple, CnDomain, Gsup, GsupCause, GsupType, RatType
from impl.codec.mobility import TMSI, LocationArea, RejectCause
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network.visitors import Visitor, Visitors
from impl.ports import Surroundings
from impl.values import IMSI, MSISDN, PLMN, Secret

TIMER = "attach"
TOLD_AS_THEY_ARE = {
    GsupCause.PLMN_NOT_ALLOWED,
    GsupCause.LOCATION_AREA_NOT_ALLOWED,
    GsupCause.ROAMING_NOT_ALLOWED,
}
"""Causes of a home register that have one number and meaning in what the device hears."""


class Phase(Enum):
    """What a procedure waits for."""

    IDENTITY = "the IMSI from the device"
    VECTORS = "SendAuthInfo"
    PROOF = "the answer to the challenge from the device"
    SECURITY = "that the device protects what it says"
    UPDATE = "UpdateLocation"
    FAREWELL = "that the device heard why it is refused"


@dataclass(slots=True)
class Procedure:
    """One attach that is under way."""

    device: str
    phase: Phase = Phase.IDENTITY
    imsi: IMSI | None = None
    home: str = ""
    challenge: AuthTuple | None = None
    msisdn: MSISDN | None = None
    was_resynchronized: bool = False
    was_renewed: bool = False
    is_periodic: bool = False
    """Whether the device says that it is where it was, and nothing else."""
    key_sequence: int = 0
    """Under which the device is to keep the keys of this authentication, 0 to 6."""

    def choose_key_sequence(self, told: int) -> None:
        """Take another number than the one of the keys that the device says it has."""
        self.key_sequence = (told + 1) % 7 if told < 7 else 0


OneProcedure = TypeVar("OneProcedure", bound=Procedure)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a serving node stands, and whose subscribers it serves."""

    plmn: PLMN
    name: str
    """What the node calls itself in GSUP."""
    lac: int
    """Location area code, and tracking area code, that it broadcasts."""
    find_home: Callable[[IMSI], str | None]
    """Gives the link to the register of the network that issued an IMSI, if it is known here."""

    @property
    def area(self) -> LocationArea:
        """The one location area of the node."""
        return LocationArea(self.plmn, self.lac)


class Attachment(ABC, Generic[OneProcedure]):
    """The procedures of all devices in the area of one serving node."""

    interface: ClassVar[Interface]
    """What devices and this node speak."""
    domain: ClassVar[CnDomain]
    names_visitors: ClassVar[bool] = True
    """Whether it gives temporary identities."""
    unknown: ClassVar[int] = RejectCause.IMSI_UNKNOWN_IN_HLR
    """What a device hears whose IMSI its home register does not know."""
    longest_s: ClassVar[float]
    """Seconds for the whole procedure: fewer than the device waits before it asks again."""

    def __init__(
        self, site: Site, rat: RatType, visitors: Visitors, surroundings: Surroundings
    ) -> None:
        self._site = site
        self._rat = rat
        self._visitors = visitors
        self._surroundings = surroundings
        self._procedures: dict[str, OneProcedure] = {}
        self._claims: dict[IMSI, list[OneProcedure]] = {}

    @abstractmethod
    def take(self, device: str, octets: bytes) -> list[Command]:
        """Go on with what a device says; what means nothing or is out of turn changes nothing."""

    @abstractmethod
    def _challenge(self, procedure: OneProcedure, challenge: AuthTuple) -> list[Command]:
        """Ask the device for a proof; what it has to answer is `expected`."""

    @abstractmethod
    def _accept(self, procedure: OneProcedure, visitor: Visitor) -> list[Command]:
        """Tell the device that it is attached."""

    @abstractmethod
    def _reject(self, procedure: OneProcedure, cause: int) -> list[Command]:
        """End the procedure and tell the device why: a cause that all generations number alike."""

    @abstractmethod
    def _refuse(self, procedure: OneProcedure) -> list[Command]:
        """End the procedure of a device that did not prove itself, and tell it so."""

    def expected(self, challenge: AuthTuple) -> Secret | None:
        """Return what a device has to answer; None if the vector does not serve here."""
        whole = challenge.rand is not None and challenge.autn is not None
        keys = challenge.ck is not None and challenge.ik is not None
        return challenge.res if whole and keys else None

    def take_vectors(self, home: str, answer: Gsup) -> list[Command]:
        """Challenge the device with the vector that its home register sent, or reject it."""
        procedure = self._waiting(home, answer, Phase.VECTORS)
        if procedure is None:
            return []
        if answer.message_type is not GsupType.SEND_AUTH_INFO_RESULT:
            return self._reject(procedure, self._cause_for_device(answer.cause))
        challenge = answer.auth_tuples[0] if answer.auth_tuples else AuthTuple()
        if self.expected(challenge) is None:
            return self._reject(procedure, RejectCause.NETWORK_FAILURE)
        procedure.phase, procedure.challenge = Phase.PROOF, challenge
        return self._challenge(procedure, challenge)

    def take_profile(self, home: str, request: Gsup) -> list[Command]:
        """Keep what the home register says of a subscriber who is being attached."""
        procedure = self._waiting(home, request, Phase.UPDATE)
        if procedure is None:
            return [_ask(home, request.error(cause=GsupCause.IMSI_UNKNOWN))]
        procedure.msisdn = request.msisdn
        return [_ask(home, request.result())]

    def take_update(self, home: str, answer: Gsup) -> list[Command]:
        """Accept the device when its home register did, or reject it."""
        procedure = self._waiting(home, answer, Phase.UPDATE)
        if procedure is None or procedure.imsi is None:
            return []
        if answer.message_type is not GsupType.UPDATE_LOCATION_RESULT:
            return self._reject(procedure, self._cause_for_device(answer.cause))
        commands = self._end(procedure)
        tmsi = self._new_tmsi() if self.names_visitors else None
        visitor = Visitor(procedure.imsi, procedure.device, home, tmsi, procedure.msisdn)
        self._visitors.enter(visitor)
        return [*commands, *self._accept(procedure, visitor)]

    def expire(self, device: str) -> list[Command]:
        """Give up an attach that took too long."""
        procedure = self._procedures.get(device)
        return self._reject(procedure, RejectCause.NETWORK_FAILURE) if procedure else []

    def _enter(self, procedure: OneProcedure) -> list[Command]:
        """Begin a procedure; one that this device began before is forgotten."""
        former = self._procedures.get(procedure.device)
        if former is not None:
            self._end(former)
        self._procedures[procedure.device] = procedure
        return [SetTimer(f"{TIMER}/{procedure.device}", self.longest_s)]

    def _enter_as(self, procedure: OneProcedure, known: object, question: bytes) -> list[Command]:
        """Begin with an IMSI or TMSI that is known; ask the device where it is anything else."""
        timer = self._enter(procedure)
        visitor = self._visitors.of_tmsi(known) if isinstance(known, TMSI) else None
        imsi = visitor.imsi if visitor else known
        if isinstance(imsi, IMSI):
            return [*timer, *self._route(procedure, imsi)]
        return [*timer, self._tell(procedure.device, question)]

    def _route(self, procedure: OneProcedure, imsi: IMSI) -> list[Command]:
        """Ask the home register of this IMSI, if its network has one that is known here."""
        former = self._visitors.of_device(procedure.device)
        if former is not None and former.imsi != imsi:
            self._visitors.leave(former)  # another card is in the device now
        home = self._site.find_home(imsi)
        if home is None:
            return self._reject(procedure, RejectCause.PLMN_NOT_ALLOWED)
        procedure.imsi, procedure.home = imsi, home
        self._claims.setdefault(imsi, []).append(procedure)
        return [self._fetch(procedure)]

    def _fetch(self, procedure: OneProcedure, auts: bytes | None = None) -> Send:
        """Ask for one vector, after a synch failure for one that follows what the card said."""
        procedure.phase = Phase.VECTORS
        rand = procedure.challenge.rand if auts and procedure.challenge else None
        request = Gsup(
            GsupType.SEND_AUTH_INFO_REQUEST,
            imsi=procedure.imsi,
            auts=auts,
            rand=rand,
            cn_domain=self.domain,
            num_vectors=1,
            current_rat_type=self._rat,
            source_name=self._site.name,
        )
        return _ask(procedure.home, request)

    def _check(self, procedure: OneProcedure, res: bytes) -> list[Command]:
        """Compare RES in constant time; a device that does not prove itself is refused."""
        assert procedure.challenge is not None
        if Secret(res) != self.expected(procedure.challenge):
            return self._refuse(procedure)
        return self._believe(procedure)

    def _believe(self, procedure: OneProcedure) -> list[Command]:
        """Go on with a device that proved itself."""
        return self._update(procedure)

    def _update(self, procedure: OneProcedure) -> list[Command]:
        procedure.phase = Phase.UPDATE
        request = Gsup(
            GsupType.UPDATE_LOCATION_REQUEST,
            imsi=procedure.imsi,
            cn_domain=self.domain,
            source_name=self._site.name,
        )
        return [_ask(procedure.home, request)]

    def _heed(self, procedure: OneProcedure, cause: int, auts: bytes | None) -> list[Command]:
        """Try again as the card has reason to ask for it.

        TS 24.008 clause 4.3.2.6 c and d, TS 24.301 clause 5.4.2.7 c and e: of one number in both.
        """
        if cause == RejectCause.SYNCH_FAILURE:
            return self._resynchronize(procedure, auts)
        if cause == RejectCause.MAC_FAILURE:
            return self._renew(procedure)
        return self._refuse(procedure)

    def _resynchronize(self, procedure: OneProcedure, auts: bytes | None) -> list[Command]:
        """Take a vector that follows what the card has seen: once (TS 33.102 clause 6.3.5)."""
        if not auts or procedure.was_resynchronized:
            return self._refuse(procedure)
        procedure.was_resynchronized = True
        return [self._fetch(procedure, auts)]

    def _renew(self, procedure: OneProcedure) -> list[Command]:
        """Take another vector where the card did not believe one: once."""
        if procedure.was_renewed:
            return self._refuse(procedure)
        procedure.was_renewed = True
        return [self._fetch(procedure)]

    def _detach(self, device: str, identity: object) -> list[Command]:
        """Let a device go that says who it is; it detaches nobody else."""
        visitor = self._visitors.of_device(device)
        if visitor and identity and identity in {visitor.imsi, visitor.tmsi}:
            self._visitors.leave(visitor)
        return []

    def _cause_for_device(self, cause: int | None) -> int:
        """Return what a device is told when its home register refused (TS 29.010 clause 3.2)."""
        if cause == GsupCause.IMSI_UNKNOWN:
            return self.unknown
        return cause if cause in TOLD_AS_THEY_ARE else RejectCause.NETWORK_FAILURE

    def _end(self, procedure: OneProcedure) -> list[Command]:
        del self._procedures[procedure.device]
        if procedure.imsi is not None:
            claims = self._claims[procedure.imsi]
            claims.remove(procedure)
            if not claims:
                del self._claims[procedure.imsi]
        return [StopTimer(f"{TIMER}/{procedure.device}")]

    def _tell(self, device: str, octets: bytes) -> Send:
        return Send(Peer(self.interface, device), octets)

    def _waiting(self, home: str, answer: Gsup, phase: Phase) -> OneProcedure | None:
        return next(self._claiming(home, answer, phase), None)

    def _claiming(self, home: str, answer: Gsup, phase: Phase) -> Iterator[OneProcedure]:
        for procedure in self._claims.get(answer.imsi, ()) if answer.imsi else ():
            if procedure.phase is phase and procedure.home == home:
                yield procedure

    def _new_tmsi(self) -> TMSI:
        while True:
            octets = self._surroundings.random_octets(4)
            if octets != b"\xff" * 4 and self._visitors.of_tmsi(TMSI(octets)) is None:
                return TMSI(octets)


def _ask(home: str, message: Gsup) -> Send:
    return Send(Peer(Interface.GSUP, home), message.encode())
