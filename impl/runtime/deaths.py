"""Parties that die at a chosen moment and live again: durable nodes, their stores, devices, cards.

Every moment at which a party could lose what is not durable is counted, party by party: of a
durable node before each commit, after it, and after each message that it says; of its store, which
it outlives, before each commit and after it; of a device before each event, before each exchange
with its card, and after each message; of a card before each octet that it writes. A run in which
nobody dies tells which moments there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from impl.errors import CardMuteError, StoreLostError
from impl.events import Arrived, Command, Event, Expired, Node, Send, SetTimer
from impl.ports import CardReader
from impl.runtime.card_evidence import dissect_apdu
from impl.runtime.evidence import dissect
from impl.runtime.resumption import taken_as, when_lost
from impl.runtime.store import SqlStore
from impl.runtime.world import Handset, World

PLENTY = 1 << 40
"""Octets, more than a card ever writes."""
HAND = "the hand that starts what died"
STORE = "the store of "
"""Before the name of a node: the party that its store is."""


class Death(NamedTuple):
    """Who dies, and at which of its moments, counted from 1."""

    party: str
    moment: int


class Moment(NamedTuple):
    """One moment of a party; its text is made when somebody reads it."""

    party: str
    where: str
    what: Event | Send | bytes
    """What the party takes or says, or which command its card carries out."""
    occasion: Event | None = None
    """What it took when it says that."""

    def __str__(self) -> str:
        told = f"{self.where} {_told(self.what)}"
        return told if self.occasion is None else f"{told}, upon {_told(self.occasion)}"


class _DiesHereError(Exception):
    """A party dies, and says nothing more."""


class Deaths:
    """Counts the moments of all parties of a world, and lets some of them die."""

    def __init__(self, world: World, deaths: Iterable[Death] = (), absent_s: float = 0.0) -> None:
        """Begin to count.

        Args:
            world: whose parties can die.
            deaths: who dies when; what has no such moment does not.
            absent_s: virtual seconds until a node that died runs again, or its store is there
                again. What is said to it meanwhile is lost. A device comes back at once.
        """
        self.moments: list[Moment] = []
        """Every moment so far, of all parties, in order."""
        self.world = world
        self.is_over = False
        self.absent_s = absent_s
        self._deaths = frozenset(deaths)
        self._passed: Counter[str] = Counter()
        world.simulation.add(HAND, _Hand(world.start))
        for name, store in world.stores.items():
            self._let_die(name, store)
        for number, handset in enumerate(world.handsets, start=1):
            self._let_die_with_card(handset, f"card {number}")

    def end(self) -> None:
        """Count no more, and let nobody die any more."""
        self.is_over = True
        for handset in self.world.handsets:
            if isinstance(handset.slot.card, _MortalCard):
                handset.slot.card = handset.slot.card.card

    def pass_moment(self, moment: Moment) -> None:
        """Count a moment.

        Raises:
            _DiesHereError: its party dies at it.
        """
        if not self.is_over:
            self.count(moment)
            if Death(moment.party, self._passed[moment.party]) in self._deaths:
                raise _DiesHereError

    def count(self, moment: Moment, times: int = 1) -> None:
        """Count a moment, or as many that look the same; nobody dies at them by this."""
        self.moments.extend([moment] * times)
        self._passed[moment.party] += times

    def left(self, party: str) -> int:
        """Return how many moments `party` passes before that at which it dies next."""
        ahead = [one.moment - self._passed[party] - 1 for one in self._deaths if one.party == party]
        return min((count for count in ahead if count >= 0), default=PLENTY)

    def say(self, name: str, event: Event, commands: Iterable[Command]) -> None:
        """Carry out what a node wants, each message a moment."""
        for command in commands:
            self.world.perform(name, [command])
            if isinstance(command, Send):
                self.pass_moment(Moment(name, "after it said", command, event))

    def bury(self, name: str) -> None:
        """Take a dead node away; it runs again at once or after a while."""
        self.world.simulation.remove(name)
        if self.absent_s:
            self.world.perform(HAND, [SetTimer(name, self.absent_s)])
        else:
            self.world.start(name)

    def _let_die(self, name: str, store: SqlStore) -> None:
        self.world.simulation.double(
            name, lambda node: _MortalNode(self, name, store, node), in_later_lives=True
        )

    def _let_die_with_card(self, handset: Handset, card: str) -> None:
        exposed = _MortalCard(self, handset, card, handset.slot.card)
        handset.slot.card = exposed
        self.world.simulation.double(
            handset.name,
            lambda terminal: _MortalDevice(self, handset, exposed, terminal),
            in_later_lives=True,
        )


@dataclass(slots=True)
class _Hand:
    """Starts nodes that died, a while later."""

    start: Callable[[str], None]

    def handle(self, event: Event) -> list[Command]:
        """Start the node whose time has come."""
        if isinstance(event, Expired):
            self.start(event.timer)
        return []


@dataclass(slots=True)
class _MortalNode:
    """A double of a durable node that dies when its moment has come, or loses its store."""

    deaths: Deaths
    name: str
    store: SqlStore
    node: Node
    lost_until_s: float = 0.0
    """Virtual time at which its store is there again."""

    def handle(self, event: Event) -> list[Command]:
        """Let the node decide and carry out what it wants, or die on the way."""
        event = taken_as(event)
        try:
            self.deaths.say(self.name, event, self._decide(event))
        except _DiesHereError:
            self.deaths.bury(self.name)
        return []

    def _decide(self, event: Event) -> list[Command]:
        self.store.before_commit = lambda: self._pass("before it wrote what follows from", event)
        self.store.after_commit = lambda: self._pass("after it wrote what follows from", event)
        try:
            return self.node.handle(event)
        except StoreLostError as error:
            return when_lost(event, error)
        finally:
            self.store.before_commit = self.store.after_commit = None

    def _pass(self, where: str, event: Event) -> None:
        self.deaths.pass_moment(Moment(self.name, where, event))
        now_s = self.deaths.world.simulation.now_s
        if now_s < self.lost_until_s and not self.deaths.is_over:
            raise StoreLostError
        try:
            self.deaths.pass_moment(Moment(STORE + self.name, where, event))
        except _DiesHereError:
            self.lost_until_s = now_s + self.deaths.absent_s
            raise StoreLostError from None


@dataclass(slots=True)
class _MortalCard:
    """A double of a card: it loses power at an octet, or its device does between two commands."""

    deaths: Deaths
    handset: Handset
    name: str
    card: CardReader
    event: Event | None = None
    """What its device is about, if that could die at a command."""

    def power_on(self) -> bytes:
        """Power the card; what it lost power in is put in order now."""
        return self._with_power(self.card.power_on, b"")

    def power_off(self) -> None:
        """Take the power."""
        self.card.power_off()

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU; CardMuteError if power is lost in it."""
        if self.event is not None:
            name = self.handset.name
            self.deaths.pass_moment(Moment(name, "before its card gets", command, self.event))
        return self._with_power(lambda: self.card.transmit(command), command)

    def _with_power(self, act: Callable[[], bytes], command: bytes) -> bytes:
        memory = self.handset.memory
        left = memory.fuse = self.deaths.left(self.name)
        try:
            response = act()
        except CardMuteError:
            self._count(command, left - memory.fuse + (not memory.fuse))
            raise
        else:
            self._count(command, left - memory.fuse)
            return response
        finally:
            memory.fuse = None

    def _count(self, command: bytes, octets: int) -> None:
        """Count the octets that a command wrote, the one that was lost as well."""
        moment = Moment(self.name, "before an octet that it writes upon", command)
        self.deaths.count(moment, octets)


@dataclass(slots=True)
class _MortalDevice:
    """A double of a device that loses power when its moment has come, and has it again."""

    deaths: Deaths
    handset: Handset
    card: _MortalCard
    terminal: Node

    def handle(self, event: Event) -> list[Command]:
        """Let the device do what follows from an event, or lose power on the way."""
        name, is_exposed = self.handset.name, not self.deaths.is_over
        try:
            self.deaths.pass_moment(Moment(name, "before it takes", event))
            self.card.event = event if is_exposed else None
            self.deaths.say(name, event, self.terminal.handle(event))
        except _DiesHereError:
            self.card.event = None
            self.deaths.world.restart_device(self.handset)
        self.card.event = None
        return []


def _told(what: Event | Send | bytes) -> str:
    """Say in words what passes."""
    match what:
        case Arrived(source, octets):
            shown = dissect(source.interface, octets, from_network=source.name.isdecimal())
            return f"{shown.name} from {source.interface} {source.name}"
        case Send(target, octets):
            shown = dissect(target.interface, octets, from_network=target.name.startswith("89"))
            return f"{shown.name} to {target.interface} {target.name}"
        case Expired(timer):
            return f"timer {timer}"
        case bytes() as command:
            return dissect_apdu(command, b"")[0].name if command else "power"
    return type(what).__name__.lower()
