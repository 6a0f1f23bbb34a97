"""What an outsider sees of the model: calls of `Observations`."""

from __future__ import annotations

from collections.abc import Sequence

from model.card import NEW_IN_USE, OLD_IN_USE
from model.home_register import Record
from steps.driver import (
    CardReport,
    Exchange,
    Generation,
    Interface,
    Network,
    Standing,
    UnsupportedError,
    User,
)
from steps.drivers.modelled_parties import ModelledParties


class ModelledObservations(ModelledParties):
    """What is seen from outside of the states of all parties."""

    def authenticates_in(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        line = self._line(user)
        role = "home" if line.system.state["card"] in OLD_IN_USE else None
        role = "joined" if line.system.state["card"] in NEW_IN_USE else role
        if role is None or line.networks.get(role) != network:
            return False
        return line.record(network) in {Record.RESERVED, Record.ACTIVE}

    def authenticated_as(self, network: Network, user: User) -> Generation | None:
        """See `Observations`."""
        raise UnsupportedError(f"in the model {network} authenticates {user}, but as no generation")

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

    def agreed_network(self, user: User) -> Network | None:
        """See `Observations`."""
        line = self._line(user)
        known = [network for network in Network if self.register_knows(network, user)]
        accepted = [network for network in Network if self.authenticates_in(network, user)]
        return line.owner if known == accepted == [line.owner] else None

    def refused_requests(self, user: User) -> int:
        """See `Observations`."""
        return self._line(user).refused

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

    def was_resent(self, user: User) -> bool:
        """See `Observations`."""
        return self._line(user).was_resent

    def parts_delivered(self, user: User) -> int:
        """See `Observations`."""
        return self._line(user).parts_delivered

    def is_blocked(self, user: User) -> bool:
        """See `Observations`."""
        return self._line(user).is_blocked

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

    def shows_secrets(self) -> bool:
        """See `Observations`."""
        raise UnsupportedError("the model knows no octets: it has nothing secret to show")

    def refused_nonsense(self, interface: Interface) -> bool:
        """See `Observations`."""
        raise UnsupportedError(f"the model knows no octets: nothing arrives at {interface}")

    def carried_request(self, network: Network) -> bool:
        """See `Observations`."""
        return network == self._carrier

    def exchanges(self) -> Sequence[Exchange]:
        """See `Observations`. The model has no clock: all happens at 0 s, in order."""
        return tuple(self._world.exchanges)
