"""What the parties do in the model: calls of `Parties`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.system import Transition
from model.table import Option
from steps.driver import (
    Answer,
    DriverError,
    Generation,
    Means,
    Network,
    Party,
    Setup,
    UnsupportedError,
    User,
)
from steps.drivers.model_line import Line
from steps.drivers.model_world import ModelWorld

KEEPERS = ("card", "application_server", "device")
"""Components that say what one party holds."""
VARIANTS = {"hardened": Option.HARDENED, "literal": Option.LITERAL}


class ModelledParties:
    """The model of a scenario and what its parties do."""

    def __init__(self, setup: Setup) -> None:
        self._world = ModelWorld(setup.choose("variant", VARIANTS))
        self._carrier: Network | None = None

    def records(self) -> Mapping[str, str]:
        """Return what every party holds of each user; `Driver` does not ask for it."""
        found: dict[str, str] = {}
        for line in self._world.lines.values():
            for party in KEEPERS:
                found[f"{party.replace('_', ' ')} of {line.user}"] = line.system.state[party].value
            for network in Network:
                found[f"home register of {network}, of {line.user}"] = line.record(network).value
        return found

    @property
    def trail(self) -> Sequence[Transition]:
        """Every arrow that a component took, of all users, in order."""
        return tuple(self._world.trail)

    @property
    def trace(self) -> tuple[str, ...]:
        """Every event so far, of all users, in order."""
        return tuple(self._world.trace)

    def agree(self, network: Network) -> None:
        """See `Parties`."""
        self._world.conditions.agreed.add(network)

    def use_generation(self, network: Network, generation: Generation) -> None:
        """See `Parties`. The model's networks authenticate, of whatever generation they are."""

    def subscribe(self, network: Network, user: User) -> None:
        """See `Parties`."""
        if network in self._world.conditions.mistaken:
            raise UnsupportedError("the model has no card that its register does not know")
        self._world.subscribe(network, user)

    def ask_for_acknowledgement(self) -> None:
        """See `Parties`."""
        self._world.ask_for_acknowledgement()

    def send_in_parts(self, parts: int) -> None:
        """See `Parties`."""
        self._world.conditions.parts = parts

    def send_scripts(self) -> None:
        """See `Parties`."""
        self._world.conditions.sends_scripts = True

    def use_admin_code_as_key(self) -> None:
        """See `Parties`."""
        self._world.conditions.admin_code_is_key = True

    def let_manage(self, network: Network) -> None:
        """See `Parties`. The model has one application server, whoever manages it."""

    def announce_card(self, user: User) -> None:
        """See `Parties`."""
        self._world.conditions.unknown_cards.discard(user)

    def let_card_ask(self) -> None:
        """See `Parties`."""
        self._world.conditions.cards_ask = True

    def answer(self, user: User, answer: Answer) -> None:
        """See `Parties`."""
        self._world.conditions.answers[user] = answer

    def use_machine(self, user: User) -> None:
        """See `Parties`."""
        self._world.conditions.machines.add(user)

    def switch_off(self, user: User) -> None:
        """See `Parties`."""
        self._world.switch_off(self._line(user))

    def switch_on(self, user: User) -> None:
        """See `Parties`."""
        self._world.conditions.off.discard(user)

    def omit_application(self) -> None:
        """See `Parties`."""
        raise UnsupportedError("the model knows no card without its application")

    def install_application(self, user: User) -> None:
        """See `Parties`."""
        raise UnsupportedError(f"the model's card of {user} has its application")

    def permit_roaming(self, home: Network, visited: Network) -> None:
        """See `Parties`."""
        raise UnsupportedError(f"the model knows no subscriber of {home} in {visited}")

    def travel(self, user: User, network: Network) -> None:
        """See `Parties`."""
        raise UnsupportedError(f"the model does not know where {user} is, at home or in {network}")

    def interpose_entity(self, network: Network) -> None:
        """See `Parties`."""
        self._world.conditions.entities.add(network)

    def request_change(self, network: Network, means: Means, user: User) -> None:
        """See `Parties`."""
        if means is Means.UNKNOWN_CODE:
            return  # the device knows no network of that code, and sends nothing
        line = self._line(user)
        if self._world.wish(line, "request_change", network):
            self._carrier = line.networks["home"]

    def ask_customer_centre(self, network: Network, user: User, *, agrees: bool) -> None:
        """See `Parties`."""
        event = "ask_centre" if agrees else "decline_at_centre"
        self._world.wish(self._line(user), event, network)

    def ask_web_site(self, network: Network, user: User, *, reads_code: bool) -> None:
        """See `Parties`."""
        which = "the" if reads_code else "another"
        raise UnsupportedError(f"in the model {user} types {which} code on no site of {network}")

    def stop(self, party: Party) -> None:
        """See `Parties`."""
        self._world.conditions.stopped.add(party)

    def start(self, party: Party) -> None:
        """See `Parties`."""
        self._world.conditions.stopped.discard(party)

    def change_again_and_again(self, user: User, networks: Sequence[Network], times: int) -> None:
        """See `Parties`."""
        for network in list(networks) * times:
            self.request_change(network, Means.MENU, user)
            self.settle()

    def settle(self) -> None:
        """See `Parties`."""
        self._world.settle()

    def _line(self, user: User) -> Line:
        if user not in self._world.lines:
            raise DriverError(f"{user} does not subscribe to any network")
        return self._world.lines[user]
