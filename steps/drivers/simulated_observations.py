"""What an outsider sees of the implementation: calls of `Observations` on a simulated world."""

from __future__ import annotations

from collections.abc import Sequence

from impl.application_server.change import OPEN, State
from impl.application_server.server import ChangeView
from impl.codec.personalization import Outcome
from impl.messages import ReserveIdentity
from impl.network.records import SubscriberState
from steps.driver import CardReport, Exchange, Network, Standing, User
from steps.drivers.simulated_parties import NETWORK_OF, PLMNS, SimulatedParties

VLR = "vlr"
"""How a home register calls the one of its own network."""

REPORTS = {
    None: CardReport.NONE,
    Outcome.DONE: CardReport.DONE,
    Outcome.WRONG_ADMIN_CODE: CardReport.WRONG_ADMIN_CODE,
}


class SimulatedObservations(SimulatedParties):
    """What is seen from outside, by asking the parties or listening between them."""

    def authenticates_in(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        handset = self._users[user]
        self.world.select_network(handset, PLMNS[network])
        self.settle()
        accepted = handset.terminal.serving_network == PLMNS[network]
        self.world.select_network(handset, None)
        self.settle()
        return accepted

    def standing(self, user: User) -> Standing:
        """See `Observations`."""
        change = self._last_change(user)
        refusals = [one for one in self.world.server.refusals() if one.iccid == self._iccid(user)]
        if refusals and (change is None or refusals[-1].at >= change.opened):
            return Standing.REFUSED
        if change is None:
            return Standing.NEVER_ASKED
        if change.state in OPEN:
            return Standing.OPEN
        return Standing.CHANGED if change.state is State.DONE else Standing.UNCHANGED

    def requested_network(self, user: User) -> Network | None:
        """See `Observations`."""
        change = self._last_change(user)
        return NETWORK_OF[change.target] if change else None

    def sessions(self) -> frozenset[Network]:
        """See `Observations`."""
        return frozenset(
            NETWORK_OF[plmn]
            for plmn, network in self.world.networks.items()
            if network.session.established
        )

    def reserved_identities(self, network: Network) -> int:
        """See `Observations`."""
        return self._network(network).register.count(SubscriberState.RESERVED)

    def interrogated_by_entity(self, network: Network) -> bool:
        """See `Observations`."""
        plmn = PLMNS[network]
        said = self.world.journal.said(f"gateway {plmn}", f"HLR {plmn}")
        return any(isinstance(message, ReserveIdentity) for message in said)

    def provided_identities(self, network: Network) -> int:
        """See `Observations`."""
        return self._network(network).register.provided()

    def messages_sent(self, user: User) -> int:
        """See `Observations`."""
        changes = sum(change.attempts > 0 for change in self._changes(user))
        return min(changes, self.world.journal.packets_sent())

    def parts_delivered(self, user: User) -> int:
        """See `Observations`."""
        return self.world.journal.downloads(self._users[user].name)

    def card_report(self, user: User) -> CardReport:
        """See `Observations`."""
        change = self._last_change(user)
        return REPORTS.get(change.report if change else None, CardReport.REFUSED)

    def register_knows(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        return self._network(network).register.knows(self._iccid(user))

    def locates(self, network: Network, user: User) -> Network | None:
        """See `Observations`."""
        vlr = self._network(network).register.location(self._iccid(user))
        return network if vlr == VLR else None

    def shares_identity(self) -> bool:
        """See `Observations`."""
        return self.world.journal.shared_identity()

    def was_informed(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        return self._network(network).register.was_told_of_leaving(self._iccid(user))

    def was_asked(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        return self._network(network).centre.was_asked(self._iccid(user))

    def overheard_secrets(self) -> bool:
        """See `Observations`."""
        return any(True for _ in self.world.journal.overheard())

    def carried_request(self, network: Network) -> bool:
        """See `Observations`."""
        return self.world.journal.carried_request(f"SMSC {PLMNS[network]}")

    def exchanges(self) -> Sequence[Exchange]:
        """See `Observations`."""
        return [
            Exchange(
                number=number,
                time_s=round(shown.time_s, 3),
                sender=shown.sender,
                receiver=shown.receiver,
                protocol=shown.dissection.protocol,
                name=shown.dissection.name,
                octets=shown.dissection.octets,
                fields=shown.dissection.fields,
                delivered=shown.delivered,
            )
            for number, shown in enumerate(self.world.journal.shown(), start=1)
        ]

    def _changes(self, user: User) -> list[ChangeView]:
        return self.world.server.changes(self._iccid(user))

    def _last_change(self, user: User) -> ChangeView | None:
        changes = self._changes(user)
        return changes[-1] if changes else None
