"""The model set up for a scenario: which networks it is about, and what goes wrong in them.

Each user has a `model.system.System` of their own, relative to the network that they leave and the
one that they join; which networks these are is known here, and what goes wrong is chosen here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from model.application_server import Change
from model.bearer import Message, Request
from model.device import Device
from model.home_register import Record
from model.invariants import CLAIMED, INVARIANTS
from model.messages import LOSSES, PASSAGES, Passage, Protection
from model.system import System, Transition, compose
from model.table import Kind, Option
from steps.driver import (
    CardReport,
    DriverError,
    Exchange,
    Network,
    Party,
    Standing,
    UnsettledError,
    User,
)

POOL_SIZE = 100
MOST_EVENTS = 1000
"""Of one user from rest to rest; the model itself needs fewer than fifty."""

ENDS = {Change.CHANGED: Standing.CHANGED, Change.UNCHANGED: Standing.UNCHANGED}
NEXT_CHANGE = {Change.CHANGED: "turn_round", Change.UNCHANGED: "start_over"}
HEARD = {"hear_done": CardReport.DONE, "hear_wrong_code": CardReport.WRONG_ADMIN_CODE}
REGISTERS = {
    Network.FIRST: Party.FIRST_REGISTER,
    Network.SECOND: Party.SECOND_REGISTER,
}
CENTRES = {
    Network.FIRST: Party.FIRST_CENTRE,
    Network.SECOND: Party.SECOND_CENTRE,
}
ROLES = {"home_left": "home", "home_joined": "joined"}


@dataclass
class Conditions:
    """What is agreed, and what is wrong, until it is undone."""

    agreed: set[Network] = field(default_factory=set)
    asks_for_acknowledgement: bool = False
    parts: int = 1
    admin_code_is_key: bool = False

    entities: set[Network] = field(default_factory=set)
    """Networks whose register a network entity interrogates."""

    stopped: set[Party] = field(default_factory=set)

    wrong_codes: set[User] = field(default_factory=set)
    wrong_keys: set[User] = field(default_factory=set)
    unknown_cards: set[User] = field(default_factory=set)
    requests_are_nameless: bool = False
    mistaken: set[Network] = field(default_factory=set)
    """Networks whose register gives out keys that it does not store."""
    garbling: set[Network] = field(default_factory=set)
    altered_sessions: set[Network] = field(default_factory=set)
    """Networks with whose register nothing passes that is not altered on its way."""
    impostors: set[Network] = field(default_factory=set)
    refusing: set[Network] = field(default_factory=set)
    silent: set[Network] = field(default_factory=set)
    lost_parts: set[int] = field(default_factory=set)
    parts_are_repeated: bool = False
    messages_are_altered: bool = False

    def without(self, parties: Mapping[Network, Party]) -> set[Network]:
        """Return the networks whose party of this kind does not run."""
        return {network for network, party in parties.items() if party in self.stopped}

    @property
    def missing(self) -> int:
        """How many parts of each personalization message are lost."""
        return len(self.lost_parts & set(range(1, self.parts + 1)))


@dataclass
class Line:
    """One user: their system, the networks that it is about, and what was seen of it."""

    user: User
    system: System
    networks: dict[str, Network]  # by role: home, joined
    identities: dict[str, int]  # by role: which of that network's identities the register holds
    wanted: Network | None = None
    requested: Network | None = None
    ended: Standing = Standing.NEVER_ASKED
    report: CardReport = CardReport.NONE
    messages_sent: int = 0
    parts_delivered: int = 0
    informed: set[Network] = field(default_factory=set)
    asked: set[Network] = field(default_factory=set)

    @property
    def standing(self) -> Standing:
        """Where the last change asked for stands."""
        change = self.system.state["application_server"]
        known = {Change.IDLE: self.ended, Change.REFUSED: Standing.REFUSED} | ENDS
        return next((what for end, what in known.items() if end is change), Standing.OPEN)

    @property
    def attached(self) -> Network | None:
        """Where the device is attached."""
        roles = {Device.ATTACHED_LEFT: "home", Device.ATTACHED_JOINED: "joined"}
        return self.networks.get(roles.get(self.system.state["device"], "nowhere"))

    @property
    def held(self) -> list[tuple[Network, int]]:
        """Return the identities that registers hold for this user."""
        return [(self.networks[role], identity) for role, identity in self.identities.items()]

    def record(self, network: Network) -> Enum:
        """Return what the home register of `network` holds of this user's card."""
        for component, role in ROLES.items():
            if self.networks.get(role) == network:
                return self.system.state[component]
        return Record.FREE


class ModelWorld:
    """All users, and what happens to them."""

    def __init__(self, variant: Option) -> None:
        self.conditions = Conditions()
        self.lines: dict[User, Line] = {}
        self.trail: list[Transition] = []
        self.trace: list[str] = []
        self.exchanges: list[Exchange] = []
        self.sessions: set[Network] = set()
        self.interrogated: set[Network] = set()
        self.provided = dict.fromkeys(Network, 0)
        self.pools = {network: list(range(1, POOL_SIZE + 1)) for network in Network}
        self.overheard = False
        self.shared_identity = False
        self._variant = variant

    def subscribe(self, network: Network, user: User) -> None:
        """Make `user` a subscriber of `network`, with one of its free identities.

        Raises:
            DriverError: it has none.
        """
        if not self.pools[network]:
            raise DriverError(f"{network} has no free identity for {user}")
        identity = self.pools[network].pop(0)
        self.lines[user] = Line(user, self._system(), {"home": network}, {"home": identity})

    def ask_for_acknowledgement(self) -> None:
        """Let every change that begins from now on be acknowledged first."""
        self.conditions.asks_for_acknowledgement = True
        for line in self.lines.values():
            line.system = self._system(line.system.state)

    def wish(self, line: Line, event: str, network: Network) -> bool:
        """Let a user ask for `network`; what they asked before and is still under way comes first.

        Returns:
            Whether they could: a device that is nowhere attached cannot ask.
        """
        self._begin_next(line)
        while not line.system.allows(event):
            if not self.go_on(line):
                return False
        line.wanted = network
        self._fire(line, event)
        return True

    def settle(self) -> None:
        """Let everything happen that is to happen.

        Raises:
            UnsettledError: a user's system does not come to rest, or a party tries in vain.
            ViolationError: it rests, or went through, a state that an obligation excludes.
        """
        for line in self.lines.values():
            begun = len(self.trace)
            while self.go_on(line):
                if len(self.trace) - begun > MOST_EVENTS:
                    raise UnsettledError(f"{line.user}: not at rest after {MOST_EVENTS} events")
            if not line.system.rests():
                raise UnsettledError(f"{line.user}: a party tries for ever, and does not succeed")

    def go_on(self, line: Line) -> bool:
        """Let the next thing happen: what goes wrong, else what a party does, else a timer."""
        enabled = line.system.enabled()
        kinds = line.system.composition.kinds
        wrong = [event for event, so in wrongs(line, self) if so and event in enabled]
        held = {event for event, so in withheld(line, self.conditions) if so}
        normal, timers = (
            [event for event in enabled if kinds[event] is kind and event not in held]
            for kind in (Kind.NORMAL, Kind.TIMER)
        )
        for event in [*wrong, *normal, *timers][:1]:
            self._fire(line, event)
            return True
        return False

    def _system(self, state: Mapping[str, Enum] | None = None) -> System:
        asks = self.conditions.asks_for_acknowledgement
        composition = compose(self._variant, Option.ACKNOWLEDGED if asks else Option.UNACKNOWLEDGED)
        literal = self._variant is Option.LITERAL
        return System(composition, state, CLAIMED if literal else INVARIANTS)

    def _begin_next(self, line: Line) -> None:
        for end, event in NEXT_CHANGE.items():
            while line.system.state["application_server"] is end:
                if line.system.allows(event):
                    self._fire(line, event)
                elif not self.go_on(line):
                    return

    def _fire(self, line: Line, event: str) -> None:
        begun = len(line.system.trail)
        line.system.fire(event)
        self.trail += line.system.trail[begun:]
        self.trace.append(event)
        self._show(line, event)
        self._note(line, event)
        self._give_back(line)
        held = [held for one in self.lines.values() for held in one.held]
        self.shared_identity |= len(set(held)) < len(held)

    def _show(self, line: Line, event: str) -> None:
        names = {"left": line.networks["home"], "joined": line.wanted or "no network"}
        for passage in PASSAGES.get(event, ()):
            self._pass(passage, names, {"user": line.user, "event": event})
        if event in LOSSES:
            self._lose(LOSSES[event])

    def _pass(self, passage: Passage, names: Mapping[str, str], fields: Mapping[str, str]) -> None:
        shown = Exchange(
            number=len(self.exchanges) + 1,
            time_s=0.0,  # the model has no clock
            sender=passage.sender.format(**names),
            receiver=passage.receiver.format(**names),
            protocol=passage.protocol,
            name=passage.name,
            fields=fields,
        )
        self.exchanges.append(shown)
        self.overheard |= passage.secret and passage.protection is Protection.NONE

    def _lose(self, name: str) -> None:
        for i, shown in reversed(tuple(enumerate(self.exchanges))):
            if shown.name.startswith(name):
                self.exchanges[i] = replace(shown, delivered=False)
                return

    def _note(self, line: Line, event: str) -> None:
        """Write down what an outsider sees of `event`."""
        conditions = self.conditions
        line.report = HEARD.get(event, line.report)
        match event:
            case "take_request" if line.wanted:
                line.networks["joined"] = line.requested = line.wanted
                line.report = CardReport.NONE
            case "open_session":
                self.sessions.add(line.networks["joined"])
            case "refuse_exhausted":
                self.interrogated.add(line.networks["joined"])
            case "provide_identity" | "garble_identity":
                joined = line.networks["joined"]
                self.interrogated.add(joined)
                self.provided[joined] += 1
                line.identities["joined"] = self.pools[joined].pop(0)
            case "ask_acknowledgement":
                line.asked.add(line.networks["home"])
            case "send_message":
                line.messages_sent += 1
            case "inform_left":
                self.sessions.add(line.networks["home"])
                line.informed.add(line.networks["home"])
            case "turn_round" | "start_over":
                self._turn(line, changed=event == "turn_round")
        line.parts_delivered += parts_of(event, conditions)

    def _turn(self, line: Line, *, changed: bool) -> None:
        line.ended = Standing.CHANGED if changed else Standing.UNCHANGED
        joined, identity = line.networks.pop("joined"), line.identities.pop("joined", None)
        if changed and identity is not None:
            line.networks["home"], line.identities["home"] = joined, identity

    def _give_back(self, line: Line) -> None:
        """Let identities that their register does not hold any more be free again."""
        for component, role in ROLES.items():
            held = line.system.state[component] in {Record.RESERVED, Record.ACTIVE}
            if not held and role in line.identities:
                self.pools[line.networks[role]].append(line.identities.pop(role))


def wrongs(line: Line, world: ModelWorld) -> Iterator[tuple[str, bool]]:
    """Yield what can go wrong, the first thing first, and whether it does in this world."""
    conditions = world.conditions
    request, message = line.system.state["request"], line.system.state["message"]
    home, joined = line.networks["home"], line.networks.get("joined")
    wrong_code = line.user in conditions.wrong_codes
    nameless = conditions.requests_are_nameless and request is Request.FROM_DEVICE
    yield "refuse_nameless_request", nameless
    yield "lose_request", Party.APPLICATION_SERVER in conditions.stopped
    yield "lose_request", home in conditions.without(CENTRES)
    yield "refuse_centre", line.wanted not in conditions.agreed
    yield "refuse_unknown_card", line.user in conditions.unknown_cards
    yield "refuse_unagreed", not conditions.agreed >= {line.wanted, home}
    yield "refuse_own_network", line.wanted == home
    yield "reject_impostor", joined in conditions.impostors
    yield "reject_impostor", joined in conditions.without(REGISTERS)
    yield "exhaust_pool", joined is not None and not world.pools[joined]
    yield "garble_identity", joined in conditions.garbling
    yield "refuse_acknowledgement", home in conditions.refusing
    yield "retrieve_wrong_keys", line.user in conditions.wrong_keys
    yield "retrieve_wrong_keys", wrong_code and conditions.admin_code_is_key
    yield "retrieve_wrong_code", wrong_code
    yield "alter_message", conditions.messages_are_altered
    yield "miss_joined", joined in conditions.mistaken
    whole = conditions.parts == 1 or message is Message.REST
    yield "lose_message", bool(conditions.missing) and whole


def withheld(line: Line, conditions: Conditions) -> Iterator[tuple[str, bool]]:
    """Yield what a party would do next, and whether it does not come to that in this world."""
    yield "accept_joined", line.networks.get("joined") in conditions.mistaken
    altered = line.networks.get("joined") in conditions.altered_sessions
    yield "provide_identity", altered
    yield "refuse_exhausted", altered
    yield "receive_message", conditions.parts > 1
    yield "receive_some_parts", conditions.parts == 1
    yield "grant_acknowledgement", line.networks["home"] in conditions.silent
    yield "inform_left", line.networks["home"] in conditions.impostors


def parts_of(event: str, conditions: Conditions) -> int:
    """Return how many short messages of personalization reach the card at `event`."""
    missing = max(1, conditions.missing)
    counts = {
        "receive_message": 1,
        "refuse_altered_message": conditions.parts,
        "receive_some_parts": conditions.parts - missing,
        "receive_rest": missing,
    }
    return counts.get(event, 0) * (2 if conditions.parts_are_repeated else 1)
