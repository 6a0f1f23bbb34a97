"""How the device gets service: attach at the network of its card, as that network does it (S5).

The networks are tried one after the other, the one of the IMSI first. A network that does not
answer is asked four times. One that gives service is told from time to time that the device is
still there: so a device whose network forgot it learns it. What the card has to know of it is left
in `news`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from impl.codec.mobility import LocationArea, RejectCause
from impl.device.dialogue import Admitted, Dialogue, Refused, Verdict
from impl.device.ehrpd_dialogue import EhrpdDialogue
from impl.device.eps_dialogue import EpsDialogue
from impl.device.mobility_dialogue import MobilityDialogue
from impl.device.usim_session import UsimSession
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.values import IMSI, PLMN, Generation

ATTEMPTS = 4
ANSWER_TIMER = "attach"
"""T3210 of TS 24.008, T3410 of TS 24.301."""
SEARCH_TIMER, SEARCH_S = "search", 600.0
UPDATE_TIMER, UPDATE_UNIT_S = "update", 360.0
"""T3212 of TS 24.008 (clause 4.4.2), which counts in tenths of an hour, and T3412 of TS 24.301."""
CARD_IS_INVALID = {
    RejectCause.IMSI_UNKNOWN_IN_HLR,
    RejectCause.ILLEGAL_MS,
    RejectCause.ILLEGAL_ME,
}
"""Causes after which a device does not use the card any more (TS 24.008 clause 4.4.4.7), if it is
sure who said so; else it looks elsewhere, and again later (clause 4.1.1.6A, TS 24.301 5.3.7b)."""
MOST_UNPROVEN = 8
"""So often such a cause is not believed; the clauses allow up to 10."""
DOUBT_S, DOUBT_SPREAD_S = 1800.0, 1801
"""T3247: 30 minutes to an hour, each device another time; here by the last digits of its IMSI."""
DIALOGUES: Mapping[Generation, Callable[[UsimSession, IMSI, PLMN, Generation], Dialogue]] = {
    Generation.GSM: MobilityDialogue,
    Generation.UMTS: MobilityDialogue,
    Generation.LTE: EpsDialogue,
    Generation.CDMA: EhrpdDialogue,
}


class Service(Enum):
    """What the device can do, as location status events name it."""

    OFF = "off"
    SEARCHING = "searching"
    NORMAL = "normal service"
    NONE = "no service"


@dataclass(frozen=True, slots=True)
class Radio:
    """What a device hears of a network before it says a word."""

    generation: Generation = Generation.UMTS
    t3212: int = 0
    """After how many tenths of an hour the network wants to hear again of a device that it serves;
    0 for never (TS 44.018 clause 10.5.2.11). Of GSM and UMTS only: LTE says it to each device."""

    @property
    def update_s(self) -> float:
        """The same in seconds."""
        is_heard = self.generation in {Generation.GSM, Generation.UMTS}
        return self.t3212 * UPDATE_UNIT_S if is_heard else 0.0


@dataclass(frozen=True, slots=True)
class Accepted:
    """News for the card: normal service in this location."""

    location: LocationArea
    generation: Generation = Generation.UMTS


@dataclass(frozen=True, slots=True)
class Rejected:
    """News for the card: a network rejected the attach for this cause."""

    location: LocationArea
    cause: int
    generation: Generation = Generation.UMTS


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
    radios: Mapping[PLMN, Radio] = field(default_factory=dict)
    """What they broadcast; a `Radio()` where nothing is said."""
    searches: int = 8
    """How often a device without service looks again by itself: first after `SEARCH_S`, then each
    time after twice as long, for almost two days. No device stops; a simulation comes to rest."""
    service: Service = Service.OFF
    plmn: PLMN | None = None
    """The network that is tried or that serves."""
    news: list[News] = field(default_factory=list)
    _usim: UsimSession | None = None
    _imsi: IMSI | None = None
    _dialogue: Dialogue | None = None
    _only: PLMN | None = None
    _candidates: list[PLMN] = field(default_factory=list)
    _is_asking: bool = False
    attempts: int = 0
    """How often the network that is tried has been asked."""
    _searches_left: int = 0
    _unproven: int = 0
    """How often anybody said that the card is invalid, since it was powered."""
    _is_in_doubt: bool = False
    """Whether that was so in this search."""
    _heard: bool = False

    def start(self, usim: UsimSession, only: PLMN | None = None) -> list[Command]:
        """Begin to look for service with the identity that the card has now.

        Args:
            usim: the card.
            only: the one network that the user selected by hand; None looks by itself.
        """
        self._usim, self._imsi, self._only = usim, usim.imsi(), only
        self._searches_left, self._unproven = 0 if only else self.searches, 0
        return self._search()

    def stop(self) -> list[Command]:
        """Leave the network, as before the card is reset (TS 24.008 clause 4.3.4)."""
        timers = (ANSWER_TIMER, SEARCH_TIMER, UPDATE_TIMER)
        commands: list[Command] = [StopTimer(timer) for timer in timers]
        if self.service is Service.NORMAL and self._dialogue:
            commands += self._say([self._dialogue.leave()])
        self.service, self.plmn, self._dialogue = Service.OFF, None, None
        self._is_asking = False
        return commands

    def take(self, interface: Interface, source: str, octets: bytes) -> list[Command]:
        """Go on with what the network says; what it says out of turn is ignored."""
        dialogue = self._dialogue
        if dialogue is None or (interface, source) != (dialogue.interface, self.plmn):
            return []
        answers, verdict = dialogue.take(octets)
        self._heard |= bool(answers or verdict)
        return [*self._say(answers), *self._conclude(verdict)]

    def expire(self, timer: str) -> list[Command]:
        """Ask again, ask elsewhere, or look once more."""
        if timer == ANSWER_TIMER and self._is_asking:
            return self._ask() if self.attempts < ATTEMPTS else self._next()
        if timer == SEARCH_TIMER and self.service is Service.NONE:
            self._searches_left -= 1
            return self._search()
        if timer == UPDATE_TIMER and self.service is Service.NORMAL and not self._is_asking:
            return self._update()
        return []

    def _conclude(self, verdict: Verdict) -> list[Command]:
        match verdict:
            case Admitted():
                return self._settle(verdict)
            case Refused():
                return self._reject(verdict)
        return []

    def _settle(self, admitted: Admitted) -> list[Command]:
        """Be served; the card hears of it unless it was before (TS 31.111 clause 7.5.2.1)."""
        if self.service is not Service.NORMAL:
            self.news.append(Accepted(admitted.location, self._radio.generation))
        self.service, self._is_asking = Service.NORMAL, False
        told_s = admitted.update_s
        update_s = self._radio.update_s if told_s is None else told_s
        again = [SetTimer(UPDATE_TIMER, update_s, is_idle=True)] if update_s else []
        return [StopTimer(ANSWER_TIMER), *again]

    def _update(self) -> list[Command]:
        """Tell the network that the device is still there; it is served until that fails."""
        if self._only is None:
            self._searches_left = self.searches
        self._candidates = [plmn for plmn in self._in_order() if plmn != self.plmn]
        self._heard, self._is_in_doubt, self.attempts = False, False, 0
        return self._ask()

    @property
    def _radio(self) -> Radio:
        assert self.plmn is not None
        return self.radios.get(self.plmn, Radio())

    def _in_order(self) -> list[PLMN]:
        """Return the networks to try: those in reach that the user wants, the card's own first."""
        imsi = self._imsi
        assert imsi is not None
        wanted = [plmn for plmn in self.reach if self._only in {plmn, None}]
        return sorted(wanted, key=lambda plmn: not imsi.is_of(plmn))

    def _search(self) -> list[Command]:
        self.service, self._heard, self._is_in_doubt = Service.SEARCHING, False, False
        self._candidates = self._in_order()
        return [StopTimer(SEARCH_TIMER), StopTimer(UPDATE_TIMER), *self._next()]

    def _next(self) -> list[Command]:
        if not self._candidates:
            self.service, self.plmn, self._dialogue = Service.NONE, None, None
            self._is_asking = False
            self.news.append(Lost(heard=self._heard))
            again = [SetTimer(SEARCH_TIMER, self._wait_s)] if self._searches_left else []
            return [StopTimer(ANSWER_TIMER), *again]
        assert self._usim is not None
        assert self._imsi is not None
        self.service = Service.SEARCHING
        self.plmn, self.attempts = self._candidates.pop(0), 0
        generation = self._radio.generation
        self._dialogue = DIALOGUES[generation](self._usim, self._imsi, self.plmn, generation)
        return self._ask()

    def _ask(self) -> list[Command]:
        assert self._dialogue is not None
        self._is_asking = True
        self.attempts += 1
        request = self._say([self._dialogue.begin()])
        return [*request, SetTimer(ANSWER_TIMER, self._dialogue.answer_s)]

    def _reject(self, refused: Refused) -> list[Command]:
        """Go on elsewhere, unless it is certain that this is of no use with this card."""
        self.news.append(
            Rejected(LocationArea(self.plmn, 0), refused.cause, self._radio.generation)
        )
        if refused.cause in CARD_IS_INVALID:
            self._unproven += 1
            self._is_in_doubt = True
            if refused.is_proven or self._unproven > MOST_UNPROVEN:
                self._candidates, self._searches_left = [], 0
        return self._next()

    @property
    def _wait_s(self) -> float:
        """Seconds until the next search; longer where somebody said that the card is invalid."""
        assert self._imsi is not None
        wait_s = SEARCH_S * 2.0 ** (self.searches - self._searches_left)
        doubt_s = DOUBT_S + int(self._imsi[-6:]) % DOUBT_SPREAD_S
        return max(wait_s, doubt_s) if self._is_in_doubt else wait_s

    def _say(self, messages: Iterable[bytes]) -> list[Command]:
        assert self.plmn is not None
        assert self._dialogue is not None
        peer = Peer(self._dialogue.interface, self.plmn)
        return [Send(peer, octets) for octets in messages]
