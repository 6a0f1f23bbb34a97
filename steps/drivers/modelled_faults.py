"""What goes wrong in the model: calls of `Faults`."""

from __future__ import annotations

from steps.driver import (
    Ban,
    Interface,
    Message,
    Network,
    Party,
    UnsupportedError,
    User,
)
from steps.drivers.model_world import POOL_SIZE
from steps.drivers.modelled_parties import ModelledParties


class ModelledFaults(ModelledParties):
    """What goes wrong between the parties, or is done wrong."""

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

    def forget_sequence(self, network: Network) -> None:
        """See `Faults`."""
        raise UnsupportedError(f"nobody counts the challenges of {network} in the model")

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

    def lose(self, message: Message, times: int) -> None:
        """See `Faults`."""
        self._world.conditions.losses[message] = times

    def delay(self, message: Message) -> None:
        """See `Faults`."""
        if message is not Message.PERSONALIZATION:
            raise UnsupportedError(f"the model knows no late {message}")
        self._world.conditions.messages_are_late = True

    def hold_reports(self, network: Network) -> None:
        """See `Faults`."""
        raise UnsupportedError(f"the model's reports do not say by which way, {network} or another")

    def replay(self, message: Message) -> None:
        """See `Faults`. What a session says again is in the model what it said once."""
        self._world.replay(message)

    def cut_power(self, user: User, share: int, *, comes_back: bool) -> None:
        """See `Faults`. In the model the replacement is one event: before its end it is nothing."""
        if not 0 <= share < 100:
            raise UnsupportedError(f"{share} hundredths are not in the middle")
        if not comes_back:
            raise UnsupportedError("the model's devices search until they are attached")
        self._world.conditions.cuts.add(user)

    def crash(self, party: Party, decision: int, *, kept: bool) -> None:
        """See `Faults`."""
        when = "after" if kept else "before"
        raise UnsupportedError(f"the model knows no moment {when} decision {decision} of {party}")

    def send_nonsense(self, interface: Interface) -> None:
        """See `Faults`."""
        raise UnsupportedError(f"the model knows no octets: nothing arrives at {interface}")

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

    def ban_strangers(self, network: Network, ban: Ban) -> None:
        """See `Faults`."""
        raise UnsupportedError(f"the model's {network} says to nobody {ban}: it lets in or not")

    def impersonate_card(self, user: User, victim: User) -> None:
        """See `Faults`. For the model it is enough that a request does not name its own card."""
        if user is not victim:
            self._world.conditions.impersonators.add(user)

    def overreach(self, network: Network, target: Network, user: User) -> None:
        """See `Faults`."""
        if network is not target:
            self._world.conditions.overreached.add(user)
        self._world.wish(self._line(user), "ask_centre", target)

    def forge_message(self, user: User) -> None:
        """See `Faults`."""
        raise UnsupportedError(f"the model knows no messages to {user} but those of the parties")
