"""The model as a system: symbols only. Are the features consistent, and does the method hold?"""

from __future__ import annotations

from collections.abc import Sequence

from model.card import NEW_IN_USE, OLD_IN_USE
from model.home_register import Record
from model.system import Transition
from model.table import Option
from steps.driver import (
    Answer,
    CardReport,
    Driver,
    DriverError,
    Exchange,
    Means,
    Network,
    Party,
    Setup,
    Standing,
    UnsupportedError,
    User,
)
from steps.drivers.model_world import POOL_SIZE, Line, ModelWorld

VARIANTS = {"hardened": Option.HARDENED, "literal": Option.LITERAL}


class ModelledDriver:
    """The model behind the door of the steps. A broken invariant raises `ViolationError`.

    Options of the ICS: `variant`, "hardened" (default) or "literal".
    """

    def __init__(self, setup: Setup) -> None:
        name = setup.options.get("variant", "hardened")
        if name not in VARIANTS:
            raise UnsupportedError(f"variant {name!r}: the model has {', '.join(VARIANTS)}")
        self._world = ModelWorld(VARIANTS[name])
        self._carrier: Network | None = None

    @property
    def trail(self) -> Sequence[Transition]:
        """Every arrow that a component took, of all users, in order."""
        return tuple(self._world.trail)

    @property
    def trace(self) -> tuple[str, ...]:
        """Every event so far, of all users, in order."""
        return tuple(self._world.trace)

    # Parties

    def agree(self, network: Network) -> None:
        """See `Parties`."""
        self._world.conditions.agreed.add(network)

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

    # Faults

    def exchange_admin_code(self, user: User) -> None:
        """See `Faults`."""
        self._world.conditions.wrong_codes.add(user)

    def restore_admin_code(self, user: User) -> None:
        """See `Faults`."""
        self._world.conditions.wrong_codes.discard(user)

    def swap_admin_codes(self) -> None:
        """See `Faults`."""
        self._world.conditions.wrong_codes |= self._world.lines.keys()

    def forget_card(self, user: User) -> None:
        """See `Faults`."""
        self._world.conditions.unknown_cards.add(user)

    def omit_card_identifier(self) -> None:
        """See `Faults`."""
        self._world.conditions.requests_are_nameless = True

    def exhaust_identities(self, network: Network) -> None:
        """See `Faults`."""
        self._world.pools[network].clear()

    def replenish_identities(self, network: Network) -> None:
        """See `Faults`."""
        self._world.pools[network] += range(POOL_SIZE + 1, 2 * POOL_SIZE + 1)

    def mistake_keys(self, network: Network) -> None:
        """See `Faults`."""
        self._world.conditions.mistaken.add(network)

    def garble_identities(self, network: Network) -> None:
        """See `Faults`."""
        self._world.conditions.garbling.add(network)

    def omit_card_in_notice(self, network: Network) -> None:
        """See `Faults`. The model's notices need not say so: a register knows one change a card."""

    def mistake_card_in_notice(self, network: Network) -> None:
        """See `Faults`. A notice for another card is one that is not for this change."""
        self.garble_identities(network)

    def alter_session(self, network: Network) -> None:
        """See `Faults`."""
        self._world.conditions.altered_sessions.add(network)

    def impersonate_register(self, network: Network) -> None:
        """See `Faults`."""
        self._world.conditions.impostors.add(network)

    def refuse_acknowledgement(self, network: Network) -> None:
        """See `Faults`."""
        self.grant_acknowledgement(network)
        self._world.conditions.refusing.add(network)

    def grant_acknowledgement(self, network: Network) -> None:
        """See `Faults`."""
        self._world.conditions.refusing.discard(network)
        self._world.conditions.silent.discard(network)

    def silence_acknowledgement(self, network: Network) -> None:
        """See `Faults`."""
        self.grant_acknowledgement(network)
        self._world.conditions.silent.add(network)

    def lose_part(self, part_number: int) -> None:
        """See `Faults`."""
        self._world.conditions.lost_parts.add(part_number)

    def lose_no_part(self) -> None:
        """See `Faults`."""
        self._world.conditions.lost_parts.clear()

    def reverse_parts(self) -> None:
        """See `Faults`. The model tells parts that are held from parts that are not: no more."""

    def repeat_parts(self) -> None:
        """See `Faults`."""
        self._world.conditions.parts_are_repeated = True

    def alter_message(self) -> None:
        """See `Faults`."""
        self._world.conditions.messages_are_altered = True

    def encipher_with_another_key(self, user: User) -> None:
        """See `Faults`."""
        self._world.conditions.wrong_keys.add(user)

    def refuse_attach(self, network: Network) -> None:
        """See `Faults`."""
        self._world.conditions.closed.add(network)

    def allow_attach(self, network: Network) -> None:
        """See `Faults`."""
        self._world.conditions.closed.discard(network)

    def forge_message(self, user: User) -> None:
        """See `Faults`."""
        raise UnsupportedError(f"the model knows no messages to {user} but those of the parties")

    # Observations

    def authenticates_in(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        line = self._line(user)
        role = "home" if line.system.state["card"] in OLD_IN_USE else None
        role = "joined" if line.system.state["card"] in NEW_IN_USE else role
        if role is None or line.networks.get(role) != network:
            return False
        return line.record(network) in {Record.RESERVED, Record.ACTIVE}

    def attached_to(self, user: User) -> Network | None:
        """See `Observations`."""
        return self._line(user).attached

    def is_reachable(self, user: User) -> bool:
        """See `Observations`."""
        attached = self._line(user).attached
        return attached is not None and self.register_knows(attached, user)

    def standing(self, user: User) -> Standing:
        """See `Observations`."""
        return self._line(user).standing

    def requested_network(self, user: User) -> Network | None:
        """See `Observations`."""
        return self._line(user).requested

    def sessions(self) -> frozenset[Network]:
        """See `Observations`."""
        return frozenset(self._world.sessions)

    def reserved_identities(self, network: Network) -> int:
        """See `Observations`."""
        lines = self._world.lines.values()
        return sum(line.record(network) is Record.RESERVED for line in lines)

    def interrogated_by_entity(self, network: Network) -> bool:
        """See `Observations`."""
        return network in self._world.conditions.entities & self._world.interrogated

    def provided_identities(self, network: Network) -> int:
        """See `Observations`."""
        return self._world.provided[network]

    def messages_sent(self, user: User) -> int:
        """See `Observations`."""
        return self._line(user).messages_sent

    def parts_delivered(self, user: User) -> int:
        """See `Observations`."""
        return self._line(user).parts_delivered

    def question(self, user: User) -> Network | None:
        """See `Observations`."""
        return self._line(user).question

    def carried_message(self, network: Network) -> bool:
        """See `Observations`."""
        return network in self._world.carriers

    def relays_faithfully(self, user: User) -> bool:
        """See `Observations`."""
        raise UnsupportedError(f"the model knows no commands between the device and card of {user}")

    def takes_pin(self, user: User) -> bool:
        """See `Observations`."""
        raise UnsupportedError(f"the model knows no PIN of {user}")

    def yields_to_commands(self, user: User) -> bool:
        """See `Observations`."""
        raise UnsupportedError(f"the model knows no commands between the device and card of {user}")

    def card_report(self, user: User) -> CardReport:
        """See `Observations`."""
        return self._line(user).report

    def register_knows(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        return self._line(user).record(network) is Record.ACTIVE

    def locates(self, network: Network, user: User) -> Network | None:
        """See `Observations`."""
        line = self._line(user)
        return network if line.attached == network else None

    def shares_identity(self) -> bool:
        """See `Observations`."""
        return self._world.shared_identity

    def has_confirmed(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        return network in self._line(user).confirmed

    def was_informed(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        return network in self._line(user).informed

    def was_asked(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        return network in self._line(user).asked

    def overheard_secrets(self) -> bool:
        """See `Observations`."""
        return self._world.overheard

    def carried_request(self, network: Network) -> bool:
        """See `Observations`."""
        return network == self._carrier

    def exchanges(self) -> Sequence[Exchange]:
        """See `Observations`. The model has no clock: all happens at 0 s, in order."""
        return tuple(self._world.exchanges)

    def close(self) -> None:
        """See `Driver`. There is nothing to give back."""

    def _line(self, user: User) -> Line:
        if user not in self._world.lines:
            raise DriverError(f"{user} does not subscribe to any network")
        return self._world.lines[user]


def factory(setup: Setup) -> Driver:
    """Make the system."""
    return ModelledDriver(setup)
