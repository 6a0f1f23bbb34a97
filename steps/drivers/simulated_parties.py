"""What the parties do in the implementation: calls of `Parties` on a simulated world."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from impl.application_server.config import AdminCodeMode, CommandForm
from impl.card.menu import ENTER_CODE
from impl.card.profile import AdminCodeMode as CardAdminCodeMode
from impl.device.dpa import Answer as UserAnswer
from impl.device.dpa import NotOnMenuError
from impl.errors import UserDidNotAgreeError
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER
from impl.runtime.faults import PersonalizationFaults
from impl.runtime.holdings import Holdings
from impl.runtime.power_cut import PowerCut
from impl.runtime.sessions import SERVER
from impl.runtime.simulation import UnboundedError
from impl.runtime.world import Handset, World
from impl.runtime.world import Network as WorldNetwork
from impl.served.pages.visits import CodeRefusedError, Visits
from impl.values import ICCID, Secret
from impl.values import Generation as OfWorld
from steps.driver import (
    Answer,
    DriverError,
    Generation,
    Interface,
    Means,
    Network,
    Party,
    Setup,
    UnsettledError,
    User,
)

PLMNS = {network: plan.plmn for network, plan in zip(Network, NETWORKS, strict=True)}
NETWORK_OF = {plmn: network for network, plmn in PLMNS.items()}
NODES = {
    Party.APPLICATION_SERVER: SERVER,
    Party.FIRST_REGISTER: f"HLR {PLMNS[Network.FIRST]}",
    Party.SECOND_REGISTER: f"HLR {PLMNS[Network.SECOND]}",
    Party.FIRST_CENTRE: f"SMSC {PLMNS[Network.FIRST]}",
    Party.SECOND_CENTRE: f"SMSC {PLMNS[Network.SECOND]}",
}
ANSWERS = {
    Answer.YES: UserAnswer.YES,
    Answer.NO: UserAnswer.NO,
    Answer.NONE: UserAnswer.NONE,
}
UNKNOWN_CODE = "999"
CODE, WRONG_CODE = re.compile(r"\b[0-9]{8}\b"), "no code"
ONE_PART_OCTETS, FURTHER_PART_OCTETS = 132, 134  # TS 23.040 clause 9.2.3.24.1
BARE_MESSAGE_OCTETS = 170
"""About what a personalization message takes without further contents."""


@dataclass(frozen=True, slots=True)
class Variant:
    """How the parts of the system are set up under one reading of the specification."""

    of_server: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `ApplicationServerConfig`."""
    of_cards: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `CardProfile`."""


VARIANTS = {
    "hardened": Variant(),
    # As [075] reads: the card deletes at once what it replaces, and nobody can call it back.
    "literal": Variant({"orders_forgetting": False}, {"keep_old_pair": False}),
}


class SimulatedParties:
    """The world of a scenario and what its parties do."""

    make_world: ClassVar[type[World]] = World

    def __init__(self, setup: Setup) -> None:
        self._seed, self._variant = setup.seed, setup.choose("variant", VARIANTS)
        self._plans = dict(zip(Network, NETWORKS, strict=True))
        self.world = self._make()
        self._holdings = Holdings()
        self._is_set_up = False
        self._users: dict[User, Handset] = {}
        self._admin_codes: dict[User, Secret] = {}
        self.asks = False
        """Whether the server asks the left operator before it sends MesP [079]."""
        self._mistaken: set[Network] = set()
        self._nonsense: dict[Interface, Callable[[], bool]] = {}
        """By interface, whether what came there without meaning was answered as defined."""
        self._faults = PersonalizationFaults(SERVER_NUMBER)
        self.world.simulation.filters.append(self._faults)

    def use_generation(self, network: Network, generation: Generation) -> None:
        """See `Parties`. The world is built anew, with other plans.

        Raises:
            DriverError: something was agreed, or somebody subscribed, before. Nothing changed.
        """
        if self._is_set_up:
            raise DriverError("of which generation a network is has to be said before all else")
        plan = replace(self._plans[network], generation=OfWorld(generation))
        self._plans[network] = plan
        self.world.close()
        self.world = self._make()
        self.world.simulation.filters.append(self._faults)

    def agree(self, network: Network) -> None:
        """See `Parties`."""
        self._is_set_up = True
        self.world.agree(PLMNS[network])

    def subscribe(self, network: Network, user: User) -> None:
        """See `Parties`."""
        self._is_set_up = True
        handset = self._users[user] = self.world.subscribe(PLMNS[network])
        self._admin_codes[user] = handset.profile.admin_code
        if network in self._mistaken:
            credentials = handset.profile.credentials
            wrong = replace(credentials, k=mistaken(credentials.k))
            self.world.reissue(handset, credentials=wrong)
        self.settle()

    def ask_for_acknowledgement(self) -> None:
        """See `Parties`."""
        self.asks = True
        self.world.reconfigure_server(asks_for_acknowledgement=True)

    def send_in_parts(self, parts: int) -> None:
        """See `Parties`."""
        room = ONE_PART_OCTETS + FURTHER_PART_OCTETS * (parts - 1)
        filling = bytes(max(0, room - FURTHER_PART_OCTETS // 2 - BARE_MESSAGE_OCTETS))
        self.world.reconfigure_server(further_contents=filling)

    def send_scripts(self) -> None:
        """See `Parties`."""
        self.world.reconfigure_server(command_form=CommandForm.SCRIPT)

    def use_admin_code_as_key(self) -> None:
        """See `Parties`."""
        self.world.reconfigure_server(admin_code_mode=AdminCodeMode.KEYING)
        for handset in self._users.values():
            self.world.reissue(handset, admin_code_mode=CardAdminCodeMode.KEYING)
        self.settle()

    def let_manage(self, network: Network) -> None:
        """See `Parties`."""
        self.world.manage(PLMNS[network])

    def announce_card(self, user: User) -> None:
        """See `Parties`."""
        self.world.announce(self._users[user])

    def let_card_ask(self) -> None:
        """See `Parties`."""
        for handset in self._users.values():
            self.world.reissue(handset, ask_user=True)
        self.settle()

    def answer(self, user: User, answer: Answer) -> None:
        """See `Parties`."""
        self._users[user].terminal.dpa.answer = ANSWERS[answer]

    def use_machine(self, user: User) -> None:
        """See `Parties`."""
        self._users[user].terminal.dpa.has_screen = False

    def switch_off(self, user: User) -> None:
        """See `Parties`."""
        handset = self._users[user]
        self.world.perform(handset.name, handset.terminal.switch_off())

    def switch_on(self, user: User) -> None:
        """See `Parties`."""
        handset = self._users[user]
        if isinstance(handset.slot.card, PowerCut):
            handset.slot.card.restore()
        self.world.perform(handset.name, handset.terminal.switch_on())

    def omit_application(self) -> None:
        """See `Parties`."""
        for handset in self._users.values():
            self.world.reissue(handset, has_application=False)
        self.settle()

    def install_application(self, user: User) -> None:
        """See `Parties`."""
        self.world.perform(SERVER, self.world.server.install_application(self._iccid(user)))

    def permit_roaming(self, home: Network, visited: Network) -> None:
        """See `Parties`."""
        self.world.permit_roaming(PLMNS[home], PLMNS[visited])

    def travel(self, user: User, network: Network) -> None:
        """See `Parties`."""
        handset = self._users[user]
        self.world.perform(handset.name, handset.terminal.move((PLMNS[network],)))

    def interpose_entity(self, network: Network) -> None:
        """See `Parties`."""
        self.world.interpose_gateway(PLMNS[network])

    def request_change(self, network: Network, means: Means, user: User) -> None:
        """See `Parties`."""
        self.world.journal.mark()
        handset, plan = self._users[user], self.world.networks[PLMNS[network]].plan
        if means is Means.MENU:
            with suppress(NotOnMenuError):  # then there is nothing that the user could choose
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

    def ask_web_site(self, network: Network, user: User, *, reads_code: bool) -> None:
        """See `Parties`. The proof is asked what the pages ask it (decision 0037)."""
        handset, plmn = self._users[user], PLMNS[network]
        operator = self.world.networks[plmn]
        surroundings = self.world.simulation.surroundings(f"web site {plmn}")
        visits = Visits(surroundings.now, surroundings.random_octets)
        name, iccid = visits.new_name(), handset.profile.iccid
        code = visits.begin(name, iccid)
        self.world.perform(operator.centre_name, operator.centre.send_code(iccid, code))
        self.settle()
        texts = handset.terminal.dpa.texts if reads_code else []
        shown = CODE.search(texts[-1]) if texts else None
        with suppress(CodeRefusedError):  # then the site asks for nothing: that is the point
            visits.prove(name, shown[0] if shown else WRONG_CODE)
            self.ask_customer_centre(network, user, agrees=True)

    def stop(self, party: Party) -> None:
        """See `Parties`."""
        self.world.simulation.remove(NODES[party])

    def start(self, party: Party) -> None:
        """See `Parties`."""
        self.world.start(NODES[party])

    def change_again_and_again(self, user: User, networks: Sequence[Network], times: int) -> None:
        """See `Parties`."""
        for network in list(networks) * times:
            self.request_change(network, Means.MENU, user)
            self.settle()

    def settle(self) -> None:
        """See `Parties`."""
        try:
            self.world.settle()
        except UnboundedError as error:
            raise UnsettledError(str(error)) from error

    def _make(self) -> World:
        of_server, of_cards = self._variant.of_server, self._variant.of_cards
        plans = tuple(self._plans.values())
        return self.make_world(self._seed, plans, of_server, of_cards)

    def _network(self, network: Network) -> WorldNetwork:
        return self.world.networks[PLMNS[network]]

    def _iccid(self, user: User) -> ICCID:
        return self._users[user].profile.iccid


def mistaken(secret: Secret) -> Secret:
    """Return another secret of the same size."""
    return Secret(bytes(octet ^ 0xFF for octet in secret.reveal()))
