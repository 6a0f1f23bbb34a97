"""The model set up for a scenario: all users, and what happens to them.

Each user has a `model.system.System` of their own, relative to the network that they leave and the
one that they join; which networks these are is known here, and what goes wrong is chosen here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

from model.application_server import Change
from model.home_register import Record
from model.invariants import CLAIMED, INVARIANTS
from model.messages import LOSSES, PASSAGES, Passage, Protection
from model.system import System, Transition, compose
from model.table import Kind, Option
from steps.driver import (
    DriverError,
    Exchange,
    Message,
    Network,
    Standing,
    UnsettledError,
    UnsupportedError,
    User,
)
from steps.drivers.model_conditions import Conditions, parts_of, withheld, wrongs
from steps.drivers.model_line import ROLES, Line

REPEATED = {
    Message.REQUEST: "repeat_request",
    Message.PERSONALIZATION: "repeat_message",
    Message.REPORT: "repeat_report",
}
"""Events by which a message arrives again. What is said again in a session is idempotent."""
POOL_SIZE = 100
MOST_EVENTS = 1000
"""Of one user from rest to rest; the model itself needs fewer than fifty."""

NEXT_CHANGE = {Change.CHANGED: "turn_round", Change.UNCHANGED: "start_over"}


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
        self.carriers: set[Network] = set()
        self.variant = variant

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

    def replay(self, message: Message) -> None:
        """Let the last message of that kind, of each user, arrive again."""
        for line in self.lines.values():
            event = REPEATED.get(message, "")
            if event and line.system.allows(event):
                self._fire(line, event)

    def switch_off(self, line: Line) -> None:
        """Take the power from a device: until it has it again, nothing can be at rest."""
        self.conditions.off.add(line.user)
        if line.system.allows("restart_device"):
            self._fire(line, "restart_device")

    def settle(self) -> None:
        """Let everything happen that is to happen.

        Raises:
            UnsupportedError: a device is off: the model's devices search until they are attached.
            UnsettledError: a user's system does not come to rest, or a party tries in vain.
            ViolationError: it rests, or went through, a state that an obligation excludes.
        """
        if self.conditions.off:
            raise UnsupportedError("the model's devices search until they are attached")
        for line in self.lines.values():
            begun = len(self.trace)
            while self.go_on(line):
                if len(self.trace) - begun > MOST_EVENTS:
                    raise UnsettledError(f"{line.user}: not at rest after {MOST_EVENTS} events")
            if line.attached is None and line.networks["home"] in self.conditions.closed:
                raise UnsupportedError("the model's networks do not reject their own subscribers")
            if not line.system.rests():
                raise UnsettledError(f"{line.user}: a party tries for ever, and does not succeed")

    def go_on(self, line: Line) -> bool:
        """Let the next thing happen: what goes wrong, else what a party does, else a timer."""
        enabled = line.system.enabled()
        kinds = line.system.composition.kinds
        wrong = [
            event
            for event, so in wrongs(line, self.conditions, self.pools)
            if so and event in enabled
        ]
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
        composition = compose(self.variant, Option.ACKNOWLEDGED if asks else Option.UNACKNOWLEDGED)
        literal = self.variant is Option.LITERAL
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
        whose = "" if line.user is User.THE_USER else f" ({line.user})"
        self.trail += (
            step._replace(component=f"{step.component}{whose}")
            for step in line.system.trail[begun:]
        )
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
        home, joined = line.networks["home"], line.networks.get("joined")
        match event:
            case "open_session" if joined:
                self.sessions.add(joined)
            case "provide_identity" | "garble_identity" if joined:
                self.interrogated.add(joined)
                self.provided[joined] += 1
                line.identities["joined"] = self.pools[joined].pop(0)
            case "refuse_exhausted" if joined:
                self.interrogated.add(joined)
            case "send_message":
                self.carriers.add(home)
            case "inform_left":
                self.sessions.add(home)
            case "turn_round" | "start_over":
                self._turn(line, changed=event == "turn_round")
        self.conditions.spend(event, line.user)
        line.see(event, is_asked=self.conditions.asks(line.user))
        line.parts_delivered += parts_of(event, self.conditions)

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
