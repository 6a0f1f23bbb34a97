"""What an outsider sees of the implementation: calls of `Observations` on a simulated world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from typing import overload

from impl.application_server.card_file import CardFileError
from impl.application_server.change import COMPLETE, OPEN, State
from impl.application_server.server import ChangeView, RefusalView
from impl.card.question import WORDS
from impl.codec.personalization import Outcome
from impl.messages import ConfirmChange, IdentityInUse, RefusalReason, ReserveIdentity
from impl.network.records import SubscriberState
from impl.runtime.intruder import Intruder
from impl.runtime.journal import Journal, Shown
from impl.runtime.presence import proof
from impl.runtime.simulation import EPOCH_S
from impl.runtime.testimony import carried_message, got_text, relayed, said, shared_identity
from impl.runtime.world import Handset
from impl.values import Secret
from steps.driver import CardReport, Exchange, Generation, Interface, Network, Standing, User
from steps.drivers.simulated_parties import NETWORK_OF, PLMNS, SimulatedParties

ASKED_NOTHING = {RefusalReason.NOT_AUTHORIZED, RefusalReason.CHANGE_UNDER_WAY}
"""Why a request asked for no change of this card."""

REPORTS = {
    None: CardReport.NONE,
    Outcome.DONE: CardReport.DONE,
    Outcome.WRONG_ADMIN_CODE: CardReport.WRONG_ADMIN_CODE,
}


class Exchanges(Sequence[Exchange]):
    """What passed until now: how much is known at once, and what it says when somebody looks."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._count = journal.message_count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Exchange: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Exchange]: ...
    def __getitem__(self, at: int | slice) -> Exchange | Sequence[Exchange]:
        return self._all[at]

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._all)

    @cached_property
    def _all(self) -> list[Exchange]:
        shown = self._journal.shown()[: self._count]
        return [_exchange(number, one) for number, one in enumerate(shown, start=1)]


def _exchange(number: int, shown: Shown) -> Exchange:
    dissection = shown.dissection
    return Exchange(
        number=number,
        time_s=round(shown.time_s, 3),
        sender=shown.sender,
        receiver=shown.receiver,
        protocol=dissection.protocol,
        name=dissection.name,
        octets=dissection.octets,
        fields=dissection.fields,
        delivered=shown.delivered,
        spans=dissection.spans,
        withheld=dissection.withheld,
    )


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

    def authenticated_as(self, network: Network, user: User) -> Generation | None:
        """See `Observations`."""
        node = self._network(network).plan.serving_node
        found = proof(self.world.journal.entries, self._users[user].name, node)
        return Generation(found) if found else None

    def attached_to(self, user: User) -> Network | None:
        """See `Observations`."""
        plmn = self._users[user].terminal.serving_network
        return NETWORK_OF[plmn] if plmn else None

    def is_reachable(self, user: User) -> bool:
        """See `Observations`."""
        handset = self._users[user]
        text = self.world.write_to(handset)
        self.settle()
        return got_text(self.world.journal.entries, handset.name, text)

    def standing(self, user: User) -> Standing:
        """See `Observations`."""
        change = self._last_change(user)
        refusals = [one for one in self._refusals(user) if one.reason not in ASKED_NOTHING]
        if refusals and (change is None or refusals[-1].at >= change.opened):
            return Standing.REFUSED
        if change is None:
            return Standing.NEVER_ASKED
        if change.state in OPEN:
            return Standing.OPEN
        return Standing.CHANGED if change.state in COMPLETE else Standing.UNCHANGED

    def agreed_network(self, user: User) -> Network | None:
        """See `Observations`."""
        changes = self._changes(user)
        if any(change.state in OPEN for change in changes):
            return None
        done = [change.target for change in changes if change.state in COMPLETE]
        own = NETWORK_OF[(self._users[user].profile.plmn, *done)[-1]]
        known = [network for network in Network if self.register_knows(network, user)]
        accepted = [network for network in Network if self.authenticates_in(network, user)]
        return own if known == accepted == [own] else None

    def refused_requests(self, user: User) -> int:
        """See `Observations`."""
        return len(self._refusals(user))

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
        heard = said(self.world.journal.entries, f"gateway {plmn}", f"HLR {plmn}")
        return any(isinstance(message, ReserveIdentity) for message in heard)

    def provided_identities(self, network: Network) -> int:
        """See `Observations`."""
        return self._network(network).register.provided()

    def messages_sent(self, user: User) -> int:
        """See `Observations`."""
        changes = sum(change.attempts > 0 for change in self._changes(user))
        return min(changes, self.world.journal.packets_sent())

    def was_resent(self, user: User) -> bool:
        """See `Observations`."""
        return any(change.attempts > 1 for change in self._changes(user))

    def parts_delivered(self, user: User) -> int:
        """See `Observations`."""
        submitted = self.world.journal.downloads(self._users[user].name)
        return sum(at_s is None or self._was_changing(user, EPOCH_S + at_s) for at_s in submitted)

    def _was_changing(self, user: User, at: float) -> bool:
        """Whether a change was open then: what the server says afterwards is an order to forget.

        Only a card whose change was abandoned is given orders; over sockets, whose clock stands
        still while messages pass, a whole change is of one instant.
        """
        return any(
            change.opened <= at
            and (
                change.ended is None
                or at < change.ended
                or (at == change.ended and change.state is not State.ABANDONED)
            )
            for change in self._changes(user)
        )

    def is_blocked(self, user: User) -> bool:
        """See `Observations`."""
        change = self._last_change(user)
        return change is not None and change.report is Outcome.BLOCKED

    def question(self, user: User) -> Network | None:
        """See `Observations`."""
        asked = self._users[user].terminal.dpa.questions
        named = [
            network
            for question in asked
            for network, plmn in PLMNS.items()
            if question == WORDS.format(self.world.networks[plmn].plan.name)
        ]
        return named[-1] if named else None

    def carried_message(self, network: Network) -> bool:
        """See `Observations`."""
        return carried_message(self.world.journal.entries, f"SMSC {PLMNS[network]}")

    def relays_faithfully(self, user: User) -> bool:
        """See `Observations`."""
        return relayed(self.world.journal.entries, self._users[user].name)

    def takes_pin(self, user: User) -> bool:
        """See `Observations`."""
        card = deepcopy(self._users[user].slot.card)
        pin = self._users[user].profile.pin
        return Intruder(card).takes_pin(pin) and not Intruder(card).takes_pin(_other(pin))

    def yields_to_commands(self, user: User) -> bool:
        """See `Observations`."""
        intruder = Intruder(deepcopy(self._users[user].slot.card))
        before = intruder.identity()
        read = self.world.journal.holds_secret(intruder.pry())
        intruder.overwrite()
        return read or intruder.identity() != before

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
        return NETWORK_OF[self.world.network_of_vlr(PLMNS[network], vlr)] if vlr else None

    def shares_identity(self) -> bool:
        """See `Observations`."""
        return shared_identity(self.world.journal.entries)

    def has_confirmed(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        own = {change.transaction for change in self._changes(user)}
        heard = said(self.world.journal.entries, f"HLR {PLMNS[network]}")
        return any(
            isinstance(message, ConfirmChange | IdentityInUse) and message.transaction in own
            for message in heard
        )

    def was_informed(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        return self._network(network).register.was_told_of_leaving(self._iccid(user))

    def was_asked(self, network: Network, user: User) -> bool:
        """See `Observations`."""
        return self._network(network).centre.was_asked(self._iccid(user))

    def overheard_secrets(self) -> bool:
        """See `Observations`."""
        return any(True for _ in self.world.journal.overheard())

    def shows_secrets(self) -> bool:
        """See `Observations`."""
        shown = [*map(repr, self.exchanges()), *map(repr, self._users.values())]
        shown += map(repr, (self.world.server.changes(), self.world.server.refusals()))
        shown += [*map(self._error_about, self._users.values()), *self.records().values()]
        octets = [one.octets for one in self.exchanges()]
        return self.world.journal.holds_secret([*octets, *(text.encode() for text in shown)])

    def refused_nonsense(self, interface: Interface) -> bool:
        """See `Observations`."""
        return self._nonsense[interface]()

    def carried_request(self, network: Network) -> bool:
        """See `Observations`."""
        return self.world.journal.carried_request(f"SMSC {PLMNS[network]}")

    def exchanges(self) -> Sequence[Exchange]:
        """See `Observations`."""
        return Exchanges(self.world.journal)

    def records(self) -> Mapping[str, str]:
        """Return what cards, registers and server hold now; `Observations` does not ask for it."""
        return self._holdings.read(self.world)

    def _error_about(self, handset: Handset) -> str:
        """Return what the server says of a file with this card's secrets that it cannot take."""
        profile = handset.profile
        code, kic = (secret.reveal().hex() for secret in (profile.admin_code, profile.ota_keys.kic))
        try:
            self.world.server.import_cards(
                f"iccid,admin_code,kic,kid\n{profile.iccid},{code},{kic}"
            )
        except CardFileError as error:
            return str(error)
        raise AssertionError("a file with a missing key was taken")

    def _refusals(self, user: User) -> list[RefusalView]:
        return [one for one in self.world.server.refusals() if one.iccid == self._iccid(user)]

    def _changes(self, user: User) -> list[ChangeView]:
        return self.world.server.changes(self._iccid(user))

    def _last_change(self, user: User) -> ChangeView | None:
        changes = self._changes(user)
        return changes[-1] if changes else None


def _other(pin: Secret) -> Secret:
    """Return a PIN that is not this one, of as many digits."""
    return Secret(bytes(0x30 + (digit - 0x2F) % 10 for digit in pin.reveal()))
