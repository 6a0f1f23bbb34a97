"""The whole system in one simulation: networks, application server, devices with cards.

A world is set up by calls (S0), moved by what users do, and runs until it is at rest. What can be
asked of it is what the parties themselves know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import update

from impl.application_server.config import ApplicationServerConfig, EsmeAccount
from impl.application_server.records import APPLICATION_SERVER
from impl.application_server.server import ApplicationServer
from impl.card.memory import Memory
from impl.card.profile import CardProfile, personalize
from impl.card.uicc import Uicc
from impl.crypto.vault import Vault
from impl.device.dpa import DevicePersonalizationApplication
from impl.device.terminal import Terminal
from impl.events import Command, Interface, Node, Peer, Send
from impl.messages import OperatorMessage
from impl.network.customer_centre import CustomerCentre, CustomerCentreConfig
from impl.network.gateway import Gateway, GatewayConfig
from impl.network.hlr import HomeRegister, HomeRegisterConfig
from impl.network.records import HOME_REGISTER, SHORT_MESSAGE_CENTRE, subscriber
from impl.network.smsc import Smsc, SmscConfig
from impl.network.vlr import Vlr, VlrConfig
from impl.runtime.air import Air
from impl.runtime.card_slot import CardSlot
from impl.runtime.correspondent import NAME as CORRESPONDENT
from impl.runtime.correspondent import NUMBER, PASSWORD, Correspondent
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER, NetworkPlan, make_iccid
from impl.runtime.faults import Misspoken, Mortal
from impl.runtime.journal import Journal
from impl.runtime.secured_link import SecuredLink
from impl.runtime.sessions import SERVER, Sessions, identity_of, inside_network
from impl.runtime.simulation import Runtime, Simulation
from impl.runtime.store import SqlStore
from impl.values import PLMN, OtaKeys, Secret


@dataclass(slots=True)
class Network:
    """The nodes of one operator."""

    plan: NetworkPlan
    register: HomeRegister
    visitors: Vlr
    centre: CustomerCentre
    messages: Smsc
    session: SecuredLink
    """Between its home register and the application server."""
    centre_name: str
    make_register: Callable[[], HomeRegister]
    """Makes its home register anew, over its records; so does the next for the SMSC."""
    make_messages: Callable[[], Smsc]


@dataclass(slots=True)
class Handset:
    """One user's device, and what its card's manufacturer knows."""

    name: str
    profile: CardProfile
    terminal: Terminal
    slot: CardSlot
    memory: Memory
    """Of the card in the slot."""


class World:
    """All parties, their links and the clock."""

    make_runtime: ClassVar[Callable[[int], Runtime]] = Simulation
    """Where the nodes run."""

    def __init__(
        self,
        seed: int,
        plans: Sequence[NetworkPlan] = NETWORKS,
        options: Mapping[str, Any] | None = None,
        card_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Build networks and server; no operator has agreed yet, and there are no devices.

        Args:
            seed: of every random choice.
            plans: the networks.
            options: fields of `ApplicationServerConfig` that differ from their defaults.
            card_options: fields of the `CardProfile` of every card that do.
        """
        self.simulation = type(self).make_runtime(seed)
        self.journal = Journal(self.simulation)
        self.handsets: list[Handset] = []
        self._card_options = card_options or {}
        self._sessions = Sessions()
        self._factory = self.simulation.surroundings("factory")
        self.stores: dict[str, SqlStore] = {}
        """Of each durable node, by its name."""
        passwords = {plan.plmn: self._factory.random_octets(4).hex() for plan in plans}
        self._config = ApplicationServerConfig(
            number=SERVER_NUMBER,
            key_encryption_key=Secret(self._factory.random_octets(32)),
            accounts={
                plmn: EsmeAccount("reperso", Secret(password.encode()))
                for plmn, password in passwords.items()
            },
            **(options or {}),
        )
        self._correspondent = Correspondent()
        self.simulation.add(CORRESPONDENT, self._correspondent)
        self.networks = {plan.plmn: self._make_network(plan) for plan in plans}
        self._air = Air(plans)
        self._make_store(SERVER, APPLICATION_SERVER)
        self._start_server()

    def agree(self, plmn: PLMN) -> None:
        """S0: server and operator agree, and pin each other's certificates [059]."""
        self._sessions.agreed.add(plmn)
        self.server.agree(plmn, self.networks[plmn].plan.name)

    def subscribe(self, plmn: PLMN) -> Handset:
        """S0: make a card and a device, and its user a subscriber of `plmn` [060] to [062]."""
        network = self.networks[plmn]
        iccid = make_iccid(len(self.handsets) + 1)
        admin_code = Secret(self._factory.random_octets(8))
        kic, kid = (Secret(self._factory.random_octets(16)) for _ in range(2))
        keys = OtaKeys(1, kic, kid)
        credentials, msisdn = network.register.subscribe(iccid)
        self.journal.keep_secret(admin_code, kic, kid, credentials.k, credentials.opc)
        profile = CardProfile(
            iccid=iccid,
            admin_code=admin_code,
            ota_keys=keys,
            credentials=credentials,
            plmn=plmn,
            msisdn=msisdn,
            service_centre=network.plan.service_centre,
            application_server=SERVER_NUMBER,
            operators=tuple(
                (one.plan.name, one.plan.plmn, one.plan.command_code)
                for one in self.networks.values()
            ),
            **self._card_options,
        )
        handset = self._make_handset(profile)
        self.announce(handset)
        self.perform(handset.name, handset.terminal.switch_on())
        return handset

    def announce(self, handset: Handset) -> None:
        """S0: tell the server of a card, as its manufacturer and its first operator do [060]."""
        profile = handset.profile
        keys = profile.ota_keys
        secrets = (profile.admin_code, keys.kic, keys.kid)
        row = (profile.iccid, *(secret.reveal().hex() for secret in secrets))
        self.server.import_cards("iccid,admin_code,kic,kid\n" + ",".join(row))
        self.server.subscribe(profile.iccid, profile.plmn, profile.msisdn)

    def reissue(self, handset: Handset, **changes: Any) -> None:
        """Put a new card into a device: the same but for some fields of its profile."""
        self.perform(handset.name, handset.terminal.switch_off())
        handset.profile = replace(handset.profile, **changes)
        handset.memory = personalize(handset.profile)
        handset.slot.card = Uicc(handset.memory)
        self.perform(handset.name, handset.terminal.switch_on())

    def restart_device(self, handset: Handset) -> None:
        """Let a device lose power, so that nobody hears that it goes, and have it again."""
        self.simulation.remove(handset.name)
        handset.slot.power_off()
        last = handset.terminal
        handset.terminal = Terminal(last.config, handset.slot, last.dpa)
        self.simulation.add(handset.name, handset.terminal)
        self.perform(handset.name, handset.terminal.switch_on())

    def choose(self, handset: Handset, text: str) -> None:
        """Let the user choose an item of the card's menu [063]."""
        self.perform(handset.name, handset.terminal.choose(text))

    def select_network(self, handset: Handset, plmn: PLMN | None) -> None:
        """Let the user select a network by hand, or let the device look by itself again."""
        self.perform(handset.name, handset.terminal.select_network(plmn))

    def transmit(self, handset: Handset, messages: Iterable[bytes]) -> None:
        """Say something to a device over the radio of the network that serves it.

        Args:
            handset: the device.
            messages: RPDUs from the network.
        """
        plmn = handset.terminal.serving_network or handset.profile.plmn
        device = Peer(Interface.SM, handset.profile.iccid)
        serving = self.networks[plmn].plan.serving_node
        self.perform(serving, [Send(device, octets) for octets in messages])

    def write_to(self, handset: Handset) -> str:
        """Let somebody write to the number that the card's register has for it; return the text."""
        text = f"message {len(self.journal.entries)}"
        for plmn, network in self.networks.items():
            number = network.register.number(handset.profile.iccid)
            if number:
                self.perform(CORRESPONDENT, self._correspondent.write(plmn, number, text))
        return text

    def impersonate_register(self, plmn: PLMN, *, ends: bool = False) -> None:
        """Put somebody else in the place of a home register, or end that; its sessions end."""
        change = self._sessions.impersonated.discard if ends else self._sessions.impersonated.add
        change(f"{plmn}.{Interface.OPERATOR}")
        self.networks[plmn].session.end()

    def misspeak(self, plmn: PLMN, change: Callable[[OperatorMessage], OperatorMessage]) -> None:
        """Let a home register say to the server what `change` makes of its words."""
        self.simulation.double(
            f"HLR {plmn}", lambda register: Misspoken(register, change), in_later_lives=True
        )

    def forget_sequence(self, plmn: PLMN) -> None:
        """Let a home register lose how far its sequence numbers are, as from an old copy."""
        with self.stores[f"HLR {plmn}"].begin() as connection:
            connection.execute(update(subscriber).values(sqn=0))

    def interpose_gateway(self, plmn: PLMN) -> None:
        """Put a network entity between the server and the home register of a network [070]."""
        network, gateway, register = self.networks[plmn], f"gateway {plmn}", f"HLR {plmn}"
        here, there = Peer(Interface.OPERATOR, SERVER), Peer(Interface.OPERATOR, plmn)
        network.session = self._sessions.with_operator(gateway, plmn, Interface.OPERATOR)
        self.simulation.connect((gateway, here), (SERVER, there), 0.01, network.session)
        inside = inside_network(
            {
                register: identity_of(f"{plmn}.{Interface.OPERATOR}", register),
                gateway: identity_of(SERVER, gateway),
            }
        )
        self.simulation.connect((register, here), (gateway, there), 0.01, inside)
        self.simulation.add(gateway, Gateway(GatewayConfig(plmn)))

    def permit_roaming(self, home: PLMN, visited: PLMN) -> None:
        """Let subscribers of one network have service in another: their nodes are joined."""
        register, visitors = f"HLR {home}", self.networks[visited].plan.serving_node
        here, there = Peer(Interface.GSUP, visitors), Peer(Interface.GSUP, register)
        self.simulation.connect((register, here), (visitors, there))
        self.networks[visited].visitors.admit(home, there.name)

    def network_of_vlr(self, home: PLMN, vlr: str) -> PLMN:
        """Return the network of a VLR, by the name under which the register of `home` knows it."""
        _, _, visited = vlr.partition(" ")
        return PLMN(visited) if visited else home

    def manage(self, plmn: PLMN) -> None:
        """Let an operator manage the server [053]."""
        self._sessions.be_managed(plmn)

    def reconfigure_server(self, **changes: Any) -> None:
        """Start the application server again over its records, with other options."""
        self._config = replace(self._config, **changes)
        self._start_server()

    def start(self, name: str) -> None:
        """Start a durable node again over its records; its links broke and are there again."""
        kind, _, plmn = name.partition(" ")
        if kind == SERVER:
            self._start_server()
        elif kind == "HLR":
            network = self.networks[PLMN(plmn)]
            network.register = network.make_register()
            self.simulation.add(name, network.register)
        else:
            network = self.networks[PLMN(plmn)]
            network.messages = network.make_messages()
            self.simulation.add(name, network.messages)
        self.simulation.reconnect(name)

    def let_die(self, name: str, decision: int, *, kept: bool) -> None:
        """Let a durable node die at its `decision`th event from now, and start again at once.

        Args:
            name: of the node.
            decision: 1-based.
            kept: whether what it decided is in its records before it dies; nobody hears of it.
        """

        def die_and_live_again() -> None:
            self.simulation.remove(name)
            self.start(name)

        store = self.stores[name]
        self.simulation.double(
            name, lambda node: Mortal(node, store, decision, kept, die_and_live_again)
        )

    def perform(self, name: str, commands: Iterable[Command]) -> None:
        """Carry out what the node `name` wants done after a call from outside."""
        self.simulation.perform(name, list(commands))

    def settle(self) -> None:
        """Run until nothing is under way; UnboundedError if it never ends."""
        self.simulation.run()

    def close(self) -> None:
        """Let go of the stores, and of what the runtime holds."""
        self.simulation.close()
        for store in self.stores.values():
            store.close()

    def _start_server(self) -> None:
        surroundings = self.simulation.surroundings(SERVER)
        self.server = ApplicationServer(self._config, self.stores[SERVER], surroundings)
        self.simulation.add(SERVER, self.server)

    def _connect_network(self, plan: NetworkPlan) -> SecuredLink:
        """Join the nodes of a network, and those outside; return its register's session."""
        connect, plmn = self.simulation.connect, plan.plmn
        hlr, vlr, smsc, centre = _nodes_of(plan)
        session = self._sessions.with_operator(hlr, plmn, Interface.OPERATOR)
        desk = self._sessions.with_operator(centre, plmn, Interface.CENTRE)
        connect((hlr, Peer(Interface.GSUP, "vlr")), (vlr, Peer(Interface.GSUP, "hlr")))
        connect((hlr, Peer(Interface.GSUP, "smsc")), (smsc, Peer(Interface.GSUP, "hlr")))
        for esme in (SERVER, CORRESPONDENT):
            connect((smsc, Peer(Interface.SMPP, esme)), (esme, Peer(Interface.SMPP, plmn)))
        for node, interface, secured in (
            (hlr, Interface.OPERATOR, session),
            (centre, Interface.CENTRE, desk),
        ):
            connect((node, Peer(interface, SERVER)), (SERVER, Peer(interface, plmn)), 0.01, secured)
        return session

    def _make_network(self, plan: NetworkPlan) -> Network:
        plmn = plan.plmn
        hlr, vlr, smsc, centre = _nodes_of(plan)
        session = self._connect_network(plan)
        account = self._config.accounts[plmn]
        surroundings = self.simulation.surroundings
        esmes = {
            account.system_id: (account.password, SERVER_NUMBER),
            CORRESPONDENT: (PASSWORD, NUMBER),
        }
        make_register = partial(
            HomeRegister,
            HomeRegisterConfig(plmn, plan.service_centre, plan.numbers, algorithm=plan.keys_for),
            self._make_store(hlr, HOME_REGISTER),
            surroundings(hlr),
            Vault.fresh(surroundings(f"vault of {hlr}").random_octets),
        )
        make_messages = partial(
            Smsc,
            SmscConfig(plan.service_centre, esmes),
            self._make_store(smsc, SHORT_MESSAGE_CENTRE),
            surroundings(smsc),
        )
        network = Network(
            plan,
            make_register(),
            Vlr(VlrConfig(plmn, plan.generation), surroundings(vlr)),
            CustomerCentre(CustomerCentreConfig(plmn), surroundings(centre)),
            make_messages(),
            session,
            centre,
            make_register,
            make_messages,
        )
        network.register.fill_pool(plan.identities)
        nodes: list[Node] = [network.register, network.visitors, network.messages, network.centre]
        for name, node in zip(_nodes_of(plan), nodes, strict=True):
            self.simulation.add(name, node)
        return network

    def _make_handset(self, profile: CardProfile) -> Handset:
        number = len(self.handsets) + 1
        name = f"device {number}"
        memory = personalize(profile)
        slot = CardSlot(Uicc(memory), self.journal.listen_to_card(name, f"card {number}"))
        terminal = Terminal(self._air.heard, slot, DevicePersonalizationApplication())
        handset = Handset(name, profile, terminal, slot, memory)
        self.handsets.append(handset)
        self._air.join(self.simulation, name, profile.iccid)
        self.simulation.add(name, terminal)
        return handset

    def _make_store(self, node: str, metadata: Any) -> SqlStore:
        store = self.stores[node] = SqlStore(metadata)
        return store


def _nodes_of(plan: NetworkPlan) -> tuple[str, str, str, str]:
    """Return the names of a network's home register, serving node, SMSC and customer centre."""
    return f"HLR {plan.plmn}", plan.serving_node, f"SMSC {plan.plmn}", f"centre {plan.plmn}"
