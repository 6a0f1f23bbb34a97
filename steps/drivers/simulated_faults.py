"""What goes wrong in the implementation: calls of `Faults` on a simulated world."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from impl.codec.mobility import RejectCause
from impl.codec.operator import encode_operator
from impl.codec.secured_packet import SecuredPacketError
from impl.events import Node, Send
from impl.messages import IdentityNotice, OperatorMessage, RequestChange
from impl.network.customer_centre import APPLICATION_SERVER as CENTRE_TO_SERVER
from impl.runtime.attacker import forged_message, misnamed
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER, make_iccid
from impl.runtime.faults import AlteringFault, BanningFault, LateReporter, RequestFault
from impl.runtime.interference import DelayFault, Kind, LossFault, of_kind
from impl.runtime.power_cut import PowerCut
from impl.runtime.sessions import SERVER
from impl.runtime.world import Handset
from impl.values import ICCID, IMSI, PLMN, OtaKeys, Secret
from steps.driver import Ban, Interface, Message, Network, Party, User
from steps.drivers.babble import babble
from steps.drivers.simulated_mail import without_card
from steps.drivers.simulated_parties import NODES, PLMNS, SimulatedParties, mistaken

MORE_IDENTITIES = 8
HOUR_S = 3600.0
KINDS = {
    Message.REQUEST: Kind.REQUEST,
    Message.NOTICE: Kind.NOTICE,
    Message.PERSONALIZATION: Kind.MESSAGE,
    Message.REPORT: Kind.REPORT,
    Message.CONFIRMATION: Kind.CONFIRMATION,
    Message.LEAVING: Kind.LEAVING,
    Message.RELEASE: Kind.RELEASE,
}
"""On which hop a message is lost or late; one for a card comes again over the air."""
CAUSES = {
    Ban.UNKNOWN_CARD: RejectCause.IMSI_UNKNOWN_IN_HLR,
    Ban.FORBIDDEN_CARD: RejectCause.ILLEGAL_MS,
    Ban.FORBIDDEN_DEVICE: RejectCause.ILLEGAL_ME,
}
NO_CARD = make_iccid(999)
"""Of a card that nobody has."""


class SimulatedFaults(SimulatedParties):
    """What goes wrong between the parties, or is done wrong."""

    def exchange_admin_code(self, user: User) -> None:
        """See `Faults`."""
        other = Secret(self._admin_codes[user].reveal()[::-1])
        self.world.server.replace_admin_code(self._iccid(user), other)

    def restore_admin_code(self, user: User) -> None:
        """See `Faults`."""
        self.world.server.replace_admin_code(self._iccid(user), self._admin_codes[user])

    def swap_admin_codes(self) -> None:
        """See `Faults`."""
        one, other = self._users
        for user, owner in ((one, other), (other, one)):
            self.world.server.replace_admin_code(self._iccid(user), self._admin_codes[owner])

    def forget_card(self, user: User) -> None:
        """See `Faults`."""
        self.world.server.remove_card(self._iccid(user))

    def omit_card_identifier(self) -> None:
        """See `Faults`."""
        self.world.simulation.filters.append(RequestFault(self._without_identifier))

    def exhaust_identities(self, network: Network) -> None:
        """See `Faults`."""
        self._network(network).register.drain_pool()

    def replenish_identities(self, network: Network) -> None:
        """See `Faults`."""
        self._network(network).register.fill_pool(MORE_IDENTITIES)

    def mistake_keys(self, network: Network) -> None:
        """See `Faults`."""
        self._mistaken.add(network)
        self.world.misspeak(PLMNS[network], _with_another_key)

    def forget_sequence(self, network: Network) -> None:
        """See `Faults`."""
        self.world.forget_sequence(PLMNS[network])

    def garble_identities(self, network: Network) -> None:
        """See `Faults`."""
        foreign = next(plan for plan in NETWORKS if plan.plmn != PLMNS[network]).first_imsi
        self.world.misspeak(PLMNS[network], lambda message: _with_identity(message, foreign))

    def omit_card_in_notice(self, network: Network) -> None:
        """See `Faults`."""
        self.world.misspeak(PLMNS[network], lambda message: _with_card(message, None))

    def mistake_card_in_notice(self, network: Network) -> None:
        """See `Faults`."""
        self.world.misspeak(PLMNS[network], lambda message: _with_card(message, NO_CARD))

    def alter_session(self, network: Network) -> None:
        """See `Faults`."""
        ends = frozenset({SERVER, f"HLR {PLMNS[network]}"})
        self.world.simulation.filters.append(AlteringFault(ends))

    def impersonate_register(self, network: Network) -> None:
        """See `Faults`."""
        self.world.impersonate_register(PLMNS[network])

    def refuse_acknowledgement(self, network: Network) -> None:
        """See `Faults`."""
        self._network(network).centre.acknowledges = False

    def grant_acknowledgement(self, network: Network) -> None:
        """See `Faults`."""
        self._network(network).centre.acknowledges = True

    def silence_acknowledgement(self, network: Network) -> None:
        """See `Faults`."""
        self._network(network).centre.acknowledges = None

    def lose_part(self, part_number: int) -> None:
        """See `Faults`."""
        self._faults.lost_parts.add(part_number)

    def lose_no_part(self) -> None:
        """See `Faults`."""
        self._faults.lost_parts.clear()

    def reverse_parts(self) -> None:
        """See `Faults`."""
        self._faults.reverses = True

    def repeat_parts(self) -> None:
        """See `Faults`."""
        self._faults.repeats = True

    def lose(self, message: Message, times: int) -> None:
        """See `Faults`."""
        self.world.simulation.filters.append(LossFault(KINDS[message], times))

    def delay(self, message: Message) -> None:
        """See `Faults`."""
        self.world.simulation.filters.append(DelayFault(KINDS[message], HOUR_S))

    def hold_reports(self, network: Network) -> None:
        """See `Faults`."""
        for handset in self._users.values():
            self.world.simulation.double(handset.name, _reporting_late(handset, PLMNS[network]))

    def replay(self, message: Message) -> None:
        """See `Faults`."""
        hop = Kind.DELIVERY if message is Message.PERSONALIZATION else KINDS[message]
        for entry in list(of_kind(self.world.journal.entries, hop)):
            self.world.simulation.repeat(entry.sender, entry.receiver, entry.message)

    def cut_power(self, user: User, share: int, *, comes_back: bool) -> None:
        """See `Faults`."""
        slot, memory = self._users[user].slot, self._users[user].memory
        slot.card = PowerCut(slot.card, memory, share, comes_back=comes_back)

    def crash(self, party: Party, decision: int, *, kept: bool) -> None:
        """See `Faults`."""
        self.world.let_die(NODES[party], decision, kept=kept)

    def send_nonsense(self, interface: Interface) -> None:
        """See `Faults`."""
        self._nonsense[interface] = babble(self.world, self._users[User.THE_USER], interface)

    def alter_message(self) -> None:
        """See `Faults`."""
        self._faults.alters = True

    def encipher_with_another_key(self, user: User) -> None:
        """See `Faults`."""
        keys = self._users[user].profile.ota_keys
        other = OtaKeys(keys.version, Secret(keys.kic.reveal()[::-1]), keys.kid)
        self.world.server.replace_keys(self._iccid(user), other)

    def restore_keys(self, user: User) -> None:
        """Give the application server the right keys again; `Driver` does not ask for it."""
        self.world.server.replace_keys(self._iccid(user), self._users[user].profile.ota_keys)

    def refuse_attach(self, network: Network) -> None:
        """See `Faults`."""
        self._network(network).visitors.is_closed = True

    def allow_attach(self, network: Network) -> None:
        """See `Faults`."""
        self._network(network).visitors.is_closed = False

    def ban_strangers(self, network: Network, ban: Ban) -> None:
        """See `Faults`."""
        fault = BanningFault(self._network(network).plan.serving_node, CAUSES[ban])
        self.world.simulation.filters.append(fault)

    def impersonate_card(self, user: User, victim: User) -> None:
        """See `Faults`."""
        own, other = self._users[user].profile, self._users[victim].profile
        self.world.simulation.filters.append(
            RequestFault(lambda packet: misnamed(packet, own.ota_keys, other.iccid))
        )

    def overreach(self, network: Network, target: Network, user: User) -> None:
        """See `Faults`."""
        request = RequestChange(
            id="overreach", iccid=self._iccid(user), plmn=PLMNS[target], user_agreed=True
        )
        command = Send(CENTRE_TO_SERVER, encode_operator(request))
        self.world.perform(self._network(network).centre_name, [command])

    def forge_message(self, user: User) -> None:
        """See `Faults`."""
        handset = self._users[user]
        target, centre = PLMNS[Network.SECOND], handset.profile.service_centre
        forged = forged_message(handset.profile.iccid, target, SERVER_NUMBER, centre)
        self.world.transmit(handset, forged)

    def _without_identifier(self, packet: bytes) -> bytes:
        """Return a request as a card would have sent it that leaves its identifier out."""
        for handset in self._users.values():
            with suppress(SecuredPacketError):
                return without_card(packet, handset.profile.ota_keys)
        return packet


def _reporting_late(handset: Handset, plmn: PLMN) -> Callable[[Node], Node]:
    return lambda _: LateReporter(handset.terminal, plmn)


def _with_identity(message: OperatorMessage, imsi: IMSI) -> OperatorMessage:
    if isinstance(message, IdentityNotice):
        return message.model_copy(update={"imsi": imsi})
    return message


def _with_card(message: OperatorMessage, iccid: ICCID | None) -> OperatorMessage:
    if isinstance(message, IdentityNotice):
        return message.model_copy(update={"iccid": iccid})
    return message


def _with_another_key(message: OperatorMessage) -> OperatorMessage:
    if isinstance(message, IdentityNotice):
        return message.model_copy(update={"k": mistaken(message.k)})
    return message
