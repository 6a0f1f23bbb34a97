"""The implementation in one process: real octets, a seeded simulation, virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from impl.application_server.change import OPEN, State
from impl.application_server.config import AdminCodeMode
from impl.application_server.server import ChangeView
from impl.card.menu import ENTER_CODE
from impl.card.profile import AdminCodeMode as CardAdminCodeMode
from impl.codec.personalization import Outcome
from impl.codec.secured_packet import SecuredPacketError, open_command, seal_command
from impl.codec.tlv import Tlv, decode_tlvs, encode_tlvs
from impl.errors import UserDidNotAgreeError
from impl.messages import IdentityNotice, OperatorMessage
from impl.network.records import SubscriberState
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER
from impl.runtime.faults import PersonalizationFaults, RequestFault
from impl.runtime.simulation import UnboundedError
from impl.runtime.world import Handset, World
from impl.runtime.world import Network as WorldNetwork
from impl.values import ICCID, IMSI, OtaKeys, Secret
from steps.driver import (
    CardReport,
    Driver,
    Exchange,
    Means,
    Network,
    Setup,
    Standing,
    UnsettledError,
    User,
)

PLMNS = {network: plan.plmn for network, plan in zip(Network, NETWORKS, strict=True)}
NETWORK_OF = {plmn: network for network, plmn in PLMNS.items()}
UNKNOWN_CODE = "999"
IDENTIFIER_TAG = 0xC6
ONE_PART_OCTETS, FURTHER_PART_OCTETS = 132, 134  # TS 23.040 clause 9.2.3.24.1
BARE_MESSAGE_OCTETS = 170
"""About what a personalization message takes without further contents."""

REPORTS = {
    None: CardReport.NONE,
    Outcome.DONE: CardReport.DONE,
    Outcome.WRONG_ADMIN_CODE: CardReport.WRONG_ADMIN_CODE,
}


class SimulatedDriver:
    """A world of `impl`, behind the door of the steps."""

    def __init__(self, setup: Setup) -> None:
        self.world = World(setup.seed)
        self._users: dict[User, Handset] = {}
        self._admin_codes: dict[User, Secret] = {}
        self._faults = PersonalizationFaults(SERVER_NUMBER)
        self.world.simulation.filters.append(self._faults)

    # Parties

    def agree(self, network: Network) -> None:
        """See `Parties`."""
        self.world.agree(PLMNS[network])

    def subscribe(self, network: Network, user: User) -> None:
        """See `Parties`."""
        handset = self._users[user] = self.world.subscribe(PLMNS[network])
        self._admin_codes[user] = handset.profile.admin_code
        self.settle()

    def ask_for_acknowledgement(self) -> None:
        """See `Parties`."""
        self.world.reconfigure_server(asks_for_acknowledgement=True)

    def send_in_parts(self, parts: int) -> None:
        """See `Parties`."""
        room = ONE_PART_OCTETS + FURTHER_PART_OCTETS * (parts - 1)
        filling = bytes(max(0, room - FURTHER_PART_OCTETS // 2 - BARE_MESSAGE_OCTETS))
        self.world.reconfigure_server(further_contents=filling)

    def use_admin_code_as_key(self) -> None:
        """See `Parties`."""
        self.world.reconfigure_server(admin_code_mode=AdminCodeMode.KEYING)
        for handset in self._users.values():
            self.world.reissue(handset, admin_code_mode=CardAdminCodeMode.KEYING)
        self.settle()

    def request_change(self, network: Network, means: Means, user: User) -> None:
        """See `Parties`."""
        self.world.journal.mark()
        handset, plan = self._users[user], self.world.networks[PLMNS[network]].plan
        if means is Means.MENU:
            self.world.choose(handset, plan.name)
            return
        code = plan.command_code if means is Means.COMMAND_CODE else UNKNOWN_CODE
        handset.terminal.dpa.type_in(code)
        self.world.choose(handset, ENTER_CODE)

    def ask_customer_centre(self, network: Network, user: User, *, agrees: bool) -> None:
        """See `Parties`."""
        handset, operator = self._users[user], self.world.networks[PLMNS[network]]
        with suppress(UserDidNotAgreeError):  # then the centre sends nothing: that is the point
            commands = operator.centre.request(handset.profile.iccid, user_agreed=agrees)
            self.world.perform(operator.centre_name, commands)

    def settle(self) -> None:
        """See `Parties`."""
        try:
            self.world.settle()
        except UnboundedError as error:
            raise UnsettledError(str(error)) from error

    # Faults

    def exchange_admin_code(self, user: User) -> None:
        """See `Faults`."""
        other = Secret(self._admin_codes[user].reveal()[::-1])
        self.world.server.replace_admin_code(self._iccid(user), other)

    def restore_admin_code(self, user: User) -> None:
        """See `Faults`."""
        self.world.server.replace_admin_code(self._iccid(user), self._admin_codes[user])

    def forget_card(self, user: User) -> None:
        """See `Faults`."""
        self.world.server.remove_card(self._iccid(user))

    def omit_card_identifier(self) -> None:
        """See `Faults`."""
        self.world.simulation.filters.append(RequestFault(self._without_identifier))

    def exhaust_identities(self, network: Network) -> None:
        """See `Faults`."""
        self._network(network).register.drain_pool()

    def garble_identities(self, network: Network) -> None:
        """See `Faults`."""
        foreign = next(plan for plan in NETWORKS if plan.plmn != PLMNS[network]).first_imsi
        self.world.misspeak(PLMNS[network], lambda message: _with_identity(message, foreign))

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

    def alter_message(self) -> None:
        """See `Faults`."""
        self._faults.alters = True

    def encipher_with_another_key(self, user: User) -> None:
        """See `Faults`."""
        keys = self._users[user].profile.ota_keys
        other = OtaKeys(keys.version, Secret(keys.kic.reveal()[::-1]), keys.kid)
        self.world.server.replace_keys(self._iccid(user), other)

    # Observations

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

    def close(self) -> None:
        """See `Driver`."""
        self.world.close()

    def _network(self, network: Network) -> WorldNetwork:
        return self.world.networks[PLMNS[network]]

    def _iccid(self, user: User) -> ICCID:
        return self._users[user].profile.iccid

    def _changes(self, user: User) -> list[ChangeView]:
        return self.world.server.changes(self._iccid(user))

    def _last_change(self, user: User) -> ChangeView | None:
        changes = self._changes(user)
        return changes[-1] if changes else None

    def _without_identifier(self, packet: bytes) -> bytes:
        """Return a request as a card would have sent it that leaves its identifier out."""
        for handset in self._users.values():
            keys = handset.profile.ota_keys
            with suppress(SecuredPacketError):
                opened = open_command(packet, keys)
                (template,) = decode_tlvs(opened.data)
                kept = [one for one in decode_tlvs(template.value) if one.tag != IDENTIFIER_TAG]
                data = encode_tlvs([Tlv(template.tag, encode_tlvs(kept))])
                return seal_command(opened.parameters, data, keys)
        return packet


def _with_identity(message: OperatorMessage, imsi: IMSI) -> OperatorMessage:
    if isinstance(message, IdentityNotice):
        return message.model_copy(update={"imsi": imsi})
    return message


def factory(setup: Setup) -> Driver:
    """Make the system."""
    return SimulatedDriver(setup)
