"""What goes wrong in the model: calls of `Faults`."""

from __future__ import annotations

from steps.driver import (
    Network,
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
