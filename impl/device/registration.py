"""How the device gets service: attach at the network of its card, as that network does it (S5).

The networks are tried one after the other, the one of the IMSI first. A network that does not
answer or cannot do it now is asked a few times; what else follows from a reject is in
`reject_causes`. One that gives service is told from time to time that the device is
still there: so a device whose network forgot it learns it. What the card has to know of it is left
in `news`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from impl.codec.mobility import LocationArea
from impl.device.dialogue import Admitted, Dialogue, Refused, Verdict
from impl.device.ehrpd_dialogue import EhrpdDialogue
from impl.device.eps_dialogue import EpsDialogue
from impl.device.mobility_dialogue import MobilityDialogue
from impl.device.reject_causes import Effect
from impl.device.usim_session import UsimSession
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.values import IMSI, PLMN, Generation

ANSWER_TIMER = "attach"
"""T3210 of TS 24.008, T3410 of TS 24.301."""
AGAIN_TIMER = "attach again"
"""T3211 of TS 24.008, T3411 of TS 24.301."""
SEARCH_TIMER, SEARCH_S = "search", 720.0
"""No sooner is a network of LTE asked again that was asked in vain: T3402 of TS 24.301."""
PLACES_TIMER, PLACES_S = "places", 12 * 3600.0
"""How long areas are forbidden (TS 24.008 clause 4.1.1.2.2: 12 to 24 hours)."""
UPDATE_TIMER, UPDATE_UNIT_S = "update", 360.0
"""T3212 of TS 24.008 (clause 4.4.2), which counts in tenths of an hour, and T3412 of TS 24.301."""
MOST_UNPROVEN = 8
"""So often nobody is believed who says without proof that the card is invalid: the device looks
elsewhere, and again later (TS 24.008 clause 4.1.1.6A, TS 24.301 5.3.7b, which allow up to 10)."""
DOUBT_S, DOUBT_SPREAD_S = 1800.0, 1801
"""T3247: 30 minutes to an hour, each device another time; here by the last digits of its IMSI."""
DIALOGUES: Mapping[Generation, Callable[[UsimSession, IMSI, PLMN, Generation], Dialogue]] = {
    Generation.GSM: MobilityDialogue,
    Generation.UMTS: MobilityDialogue,
    Generation.LTE: EpsDialogue,
    Generation.CDMA: EhrpdDialogue,
}


class _Turn(Enum):
    """Whose turn it is between the device and the network that is tried or serves."""

    REST = "nobody's"
    ASKED = "the network's"
    AGAIN = "the device's, after a while"


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
    _forbidden: tuple[PLMN, ...] = ()
    """What EF.FPLMN holds."""
    _closed: set[PLMN] = field(default_factory=set)
    """Networks whose area is forbidden; each has one here."""
    _turn: _Turn = _Turn.REST
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
        self._forbidden = usim.forbidden_networks()
        self._closed.clear()
        return [StopTimer(PLACES_TIMER), *self._search()]

    def stop(self) -> list[Command]:
        """Leave the network, as before the card is reset (TS 24.008 clause 4.3.4)."""
        timers = (ANSWER_TIMER, AGAIN_TIMER, SEARCH_TIMER, UPDATE_TIMER, PLACES_TIMER)
        commands: list[Command] = [StopTimer(timer) for timer in timers]
        if self.service is Service.NORMAL and self._dialogue:
            commands += self._say([self._dialogue.leave()])
        self.service, self.plmn, self._dialogue = Service.OFF, None, None
        self._turn = _Turn.REST
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
        if timer == ANSWER_TIMER and self._turn is _Turn.ASKED:
            return self._fail()
        if timer == AGAIN_TIMER and self._turn is _Turn.AGAIN:
            return self._ask()
        if timer == PLACES_TIMER:
            return self._open_places()
        if timer == SEARCH_TIMER and self.service is Service.NONE:
            self._searches_left -= 1
            return self._search()
        if timer == UPDATE_TIMER and (self.service, self._turn) == (Service.NORMAL, _Turn.REST):
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
        self.service, self._turn = Service.NORMAL, _Turn.REST
        self._allow()
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
    def _here(self) -> PLMN:
        assert self.plmn is not None
        return self.plmn

    @property
    def _radio(self) -> Radio:
        return self.radios.get(self._here, Radio())

    def _in_order(self) -> list[PLMN]:
        """Return the networks to try, the card's own first.

        The one that the user selected by hand, or all in reach that are not forbidden (TS 23.122
        clauses 4.4.3.1.1 and 4.4.3.1.2).
        """
        imsi = self._imsi
        assert imsi is not None
        if self._only:
            return [plmn for plmn in self.reach if plmn == self._only]
        shut = self._closed | {plmn for plmn in self._forbidden if not imsi.is_of(plmn)}
        allowed = [plmn for plmn in self.reach if plmn not in shut]
        return sorted(allowed, key=lambda plmn: not imsi.is_of(plmn))

    def _search(self) -> list[Command]:
        self.service, self._is_in_doubt = Service.SEARCHING, False
        self._candidates = self._in_order()
        self._heard = self._only is None and len(self._candidates) < len(self.reach)
        return [StopTimer(SEARCH_TIMER), StopTimer(UPDATE_TIMER), *self._next()]

    def _next(self) -> list[Command]:
        if not self._candidates:
            self.service, self.plmn, self._dialogue = Service.NONE, None, None
            self._turn = _Turn.REST
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
        self._turn = _Turn.ASKED
        self.attempts += 1
        request = self._say([self._dialogue.begin()])
        return [*request, SetTimer(ANSWER_TIMER, self._dialogue.answer_s)]

    def _reject(self, refused: Refused) -> list[Command]:
        """Go on as the cause asks for; a reject for now is a request that failed."""
        self.news.append(
            Rejected(LocationArea(self.plmn, 0), refused.cause, self._radio.generation)
        )
        match refused.effect:
            case Effect.PASSING:
                return self._fail()
            case Effect.CARD:
                self._doubt(is_proven=refused.is_proven)
            case Effect.NETWORK:
                self._forbid()
            case Effect.PLACE:
                self._closed.add(self._here)
                return [SetTimer(PLACES_TIMER, PLACES_S, is_idle=True), *self._next()]
        return self._next()

    def _fail(self) -> list[Command]:
        """Ask again after a while, as often as the network's generation has it; then elsewhere."""
        assert self._dialogue is not None
        is_last = self.attempts >= self._dialogue.attempts
        self._dialogue.fail(is_last=is_last)
        if is_last:
            return self._next()
        self._turn = _Turn.AGAIN
        return [StopTimer(ANSWER_TIMER), SetTimer(AGAIN_TIMER, self._dialogue.again_s)]

    def _doubt(self, *, is_proven: bool) -> None:
        """Look no further, if it is certain that this is of no use with this card."""
        self._unproven += 1
        self._is_in_doubt = True
        if is_proven or self._unproven > MOST_UNPROVEN:
            self._candidates, self._searches_left = [], 0
            self._closed.clear()

    def _forbid(self) -> None:
        """Let the card keep that it may not be in this network, whatever device it is in."""
        assert self._usim is not None
        if self._here not in self._forbidden:
            self._forbidden = (*self._forbidden, self._here)
            self._usim.store_forbidden_networks(self._forbidden)

    def _allow(self) -> None:
        """Strike out the network that serves after all (TS 24.008 clause 4.4.4.6)."""
        assert self._usim is not None
        self._closed.discard(self._here)
        if self._here in self._forbidden:
            self._forbidden = tuple(plmn for plmn in self._forbidden if plmn != self._here)
            self._usim.store_forbidden_networks(self._forbidden)

    def _open_places(self) -> list[Command]:
        """Forget which areas are forbidden, and look there if there is no service elsewhere."""
        if not self._closed:
            return []
        self._closed.clear()
        is_in_vain = self.service is Service.NONE and self._only is None
        return self._search() if is_in_vain else []

    @property
    def _wait_s(self) -> float:
        """Seconds until the next search; longer where somebody said that the card is invalid."""
        assert self._imsi is not None
        wait_s = SEARCH_S * 2.0 ** (self.searches - self._searches_left)
        doubt_s = DOUBT_S + int(self._imsi[-6:]) % DOUBT_SPREAD_S
        return max(wait_s, doubt_s) if self._is_in_doubt else wait_s

    def _say(self, messages: Iterable[bytes]) -> list[Command]:
        assert self._dialogue is not None
        peer = Peer(self._dialogue.interface, self._here)
        return [Send(peer, octets) for octets in messages]
