"""Which nodes a process runs and to whom they are joined.

A role opens what it listens on first, then starts its nodes, then dials: a peer that answers at
once finds everything there.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Protocol

from impl.events import Interface, Peer
from impl.network.customer_centre import CustomerCentre, CustomerCentreConfig
from impl.network.gateway import Gateway, GatewayConfig
from impl.network.gsup_hub import SHORT_MESSAGE_CENTRE
from impl.network.gsup_proxy import REGISTER
from impl.network.provisioning import CONTROL
from impl.network.records import SHORT_MESSAGE_CENTRE as SMSC_TABLES
from impl.network.smsc import Smsc, SmscConfig
from impl.network.vlr import OWN_REGISTER, Vlr, VlrConfig
from impl.runtime.sessions import SERVER
from impl.served import control_link, gsup_link, pki, radio_link, smpp_link
from impl.served.deployment import (
    Deployment,
    DeploymentError,
    NetworkPart,
    RegisterPlan,
    split_address,
)
from impl.served.handset import Handset
from impl.served.host import Host, Surroundings
from impl.served.https import HttpsListener
from impl.served.monitor import Monitor
from impl.served.operator_link import OperatorLink, OperatorServer
from impl.served.pages.operator_site import PATHS, OperatorSite
from impl.served.pages.progress import Progress
from impl.served.pages.user_site import UserSite
from impl.served.set_up import (
    SYSTEM_ID,
    esme_password,
    key_folder,
    network_plan,
    open_register,
    open_server,
    open_store,
    site_name,
)
from impl.served.signals import end_on_signal

VLR_NAME = "vlr"


class _Server(Protocol):
    """Whatever listens."""

    async def open(self, host: str, port: int) -> object:
        """Listen."""

    async def close(self) -> None:
        """Stop."""


class Process:
    """What one process runs; `run` ends on SIGTERM or SIGINT, and reads keys anew on SIGHUP."""

    def __init__(self, deployment: Deployment, host: Host) -> None:
        self.deployment = deployment
        self.host = host
        self.wanted: list[tuple[str, Peer]] = []
        """Links without which the process is not ready."""
        self.centres: list[CustomerCentre] = []
        """Customer centres that run here: their users come to them."""
        self._pins: list[pki.Pins | pki.SiteKeys] = []
        self._listening: list[tuple[_Server, str]] = []
        self._starting: list[Callable[[], None]] = []
        self._dialling: list[Callable[[], Awaitable[None]]] = []

    async def run(self, monitor: str, ended: asyncio.Event | None = None) -> None:
        """Run until a signal, or until `ended` is set.

        Raises:
            OSError: an address is taken or not of this machine. Nothing runs.
        """
        ended = ended or asyncio.Event()
        end_on_signal(ended)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.reload)
        async with AsyncExitStack() as stack:
            await self.open(stack, monitor)
            self.host.log.info("runs", nodes=", ".join(self.host.nodes))
            await ended.wait()
            self.host.log.info("stops")

    async def open(self, stack: AsyncExitStack, monitor: str | None) -> None:
        """Listen, start and dial; what is opened is closed by `stack`."""
        if monitor is not None:
            self._listening.append((Monitor(self.host, self.wanted), monitor))
        for server, address in self._listening:
            stack.push_async_callback(server.close)
            await server.open(*split_address(address))
        stack.callback(self.host.stop)
        for start in self._starting:
            start()
        tasks = [asyncio.ensure_future(dial()) for dial in self._dialling]
        stack.push_async_callback(_cancel, tasks)

    def reload(self) -> None:
        """Read certificates and keys anew: new connections use them, old ones go on."""
        is_whole = True
        for pins in self._pins:
            try:
                pins.reload()
            except pki.KeyFolderError as error:
                is_whole = False
                self.host.log.failure("keys not read", why=str(error))
        if is_whole:
            self.host.log.info("keys read")

    def add_application_server(self) -> None:
        """Let the application server run here [053]."""
        deployment, plan = self.deployment, self.deployment.application_server
        name = SERVER
        pins = self._keys(name)
        server = open_server(deployment)
        routes = OperatorSite(server.changes_of, pins).routes()
        listener = OperatorServer(self.host, name, pins, routes, PATHS)
        self._listening.append((listener, plan.listens))
        for part in deployment.networks:
            self._speak(name, Peer(Interface.OPERATOR, part.plmn), pins, part.reached_at)
            self._speak(name, Peer(Interface.CENTRE, part.plmn), pins, part.centre_listens)
            centre = Peer(Interface.SMPP, part.plmn)
            dialer = smpp_link.dial(self.host, name, centre, split_address(part.smpp))
            self._dialling.append(dialer.run)
            self.wanted.append((name, centre))
        self._starting.append(lambda: self.host.add(name, server))

    def add_register(self, part: NetworkPart) -> None:
        """Let the home register of a network run here, or the gateway before one that is not ours.

        Raises:
            UnusableKeyError: what is not ours has no such algorithm.
        """
        name = f"HLR {part.plmn}"
        pins = self._keys(f"{part.plmn}.{Interface.OPERATOR}")
        self._listening.append((OperatorServer(self.host, name, pins), part.register_listens))
        self._listening.append((gsup_link.listen(self.host, name), part.gsup))
        server = Peer(Interface.OPERATOR, SERVER)
        listens = self.deployment.application_server.listens
        address = part.gateway.inside_listens if part.gateway else listens
        self._speak(name, server, pins, address)
        register = open_register(self.deployment, part)
        self._starting.append(lambda: self.host.add(name, register))
        if part.hlr is not None:
            self._dial_foreign(name, part, part.hlr)

    def add_gateway(self, part: NetworkPart) -> None:
        """Let the network entity before a home register run here [070].

        Raises:
            DeploymentError: the deployment has none for this network.
        """
        if part.gateway is None:
            raise DeploymentError(f"network {part.plmn} has no gateway in the deployment")
        name, plan = f"gateway {part.plmn}", part.gateway
        register, server = Peer(Interface.OPERATOR, part.plmn), Peer(Interface.OPERATOR, SERVER)
        outside = self._keys(f"gateway-{part.plmn}.outside")
        inside = self._keys(f"gateway-{part.plmn}.inside")
        self._listening.append((OperatorServer(self.host, name, outside), plan.listens))
        self._listening.append((OperatorServer(self.host, name, inside), plan.inside_listens))
        self._speak(name, server, outside, self.deployment.application_server.listens)
        self._speak(name, register, inside, part.register_listens)
        gateway = Gateway(GatewayConfig(part.plmn))
        self._starting.append(lambda: self.host.add(name, gateway))

    def add_visitors(self, part: NetworkPart) -> None:
        """Let the node of a network run here that serves devices: VLR, MME or HSGW."""
        name = network_plan(part).serving_node
        self._listening.append((radio_link.listen(self.host, name), part.radio))
        self._dial_register(name, VLR_NAME, part)
        vlr = Vlr(VlrConfig(part.plmn, part.generation, VLR_NAME), Surroundings())
        self._starting.append(lambda: self.host.add(name, vlr))

    def add_messages(self, part: NetworkPart) -> None:
        """Let the short message centre of a network run here."""
        name = f"SMSC {part.plmn}"
        self._listening.append((smpp_link.listen(self.host, name), part.smpp))
        self._dial_register(name, SHORT_MESSAGE_CENTRE, part)
        number = self.deployment.application_server.number
        esmes = {SYSTEM_ID: (esme_password(self.deployment, part), number)}
        config = SmscConfig(network_plan(part).service_centre, esmes)
        store = open_store(self.deployment, f"smsc-{part.plmn}", SMSC_TABLES)
        smsc = Smsc(config, store, Surroundings())
        self._starting.append(lambda: self.host.add(name, smsc))

    def add_centre(self, part: NetworkPart) -> None:
        """Let the customer centre of a network run here."""
        name = f"centre {part.plmn}"
        pins = self._keys(f"{part.plmn}.{Interface.CENTRE}")
        self._listening.append((OperatorServer(self.host, name, pins), part.centre_listens))
        server = Peer(Interface.CENTRE, SERVER)
        self._speak(name, server, pins, self.deployment.application_server.listens)
        centre = CustomerCentre(CustomerCentreConfig(part.plmn), Surroundings())
        self.centres.append(centre)
        if part.site:
            address = self.deployment.application_server.listens
            progress = Progress(server, pins, address, part.plmn)
            perform = partial(self.host.perform, name)
            site = UserSite(centre, perform, progress, Surroundings(), part.name)
            keys = pki.SiteKeys(key_folder(self.deployment, site_name(part)))
            keys.reload()
            self._pins.append(keys)
            self._listening.append((HttpsListener(site.application, keys), part.site))
        self._starting.append(lambda: self.host.add(name, centre))

    def add_network(self, part: NetworkPart) -> None:
        """Let all nodes of a network run here, joined by sockets as if they were apart."""
        self.add_register(part)
        self.add_visitors(part)
        self.add_messages(part)
        self.add_centre(part)

    def add_devices(self, handsets: Iterable[Handset]) -> None:
        """Let devices run here, in reach of every network."""
        airs = {
            part.plmn: radio_link.DeviceAir(self.host, part.plmn)
            for part in self.deployment.networks
        }
        for part in self.deployment.networks:
            dialer = radio_link.dial(self.host, airs[part.plmn], split_address(part.radio))
            self._dialling.append(dialer.run)
        for handset in handsets:
            handset.airs.extend(airs.values())
            for air in airs.values():
                air.carry(handset.name, handset.iccid)
            self._starting.append(partial(self.host.add, handset.name, handset.node))

    def _dial_register(self, name: str, own_name: str, part: NetworkPart) -> None:
        dialer = gsup_link.dial(self.host, name, own_name, split_address(part.gsup))
        self._dialling.append(dialer.run)
        self.wanted.append((name, Peer(Interface.GSUP, OWN_REGISTER)))

    def _dial_foreign(self, name: str, part: NetworkPart, plan: RegisterPlan) -> None:
        control = control_link.dial(self.host, name, split_address(plan.control))
        own_name = f"gateway-{part.plmn}"
        location = gsup_link.dial(self.host, name, own_name, split_address(plan.gsup))
        self._dialling += [control.run, location.run]
        self.wanted += [(name, CONTROL), (name, REGISTER)]

    def _keys(self, name: str) -> pki.Pins:
        pins = pki.Pins(key_folder(self.deployment, name))
        pins.reload()
        self._pins.append(pins)
        return pins

    def _speak(self, name: str, peer: Peer, pins: pki.Pins, address: str) -> None:
        """Join a node to a peer that listens for operator messages."""
        link = OperatorLink(self.host, name, peer, pins, address)
        self.host.join(name, peer, link)
        self._dialling.append(link.run)


async def _cancel(tasks: Sequence[asyncio.Future[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
