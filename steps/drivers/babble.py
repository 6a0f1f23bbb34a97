"""Where in a simulated world what has no meaning arrives, and how its answer is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from impl.application_server.admin_codes import CardFileError
from impl.events import Interface as Link
from impl.events import Peer, Send
from impl.runtime.attacker import nonsense_for_card
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER
from impl.runtime.nonsense import (
    Nonsense,
    at_attach,
    at_message_service,
    at_register,
    at_relay,
    at_session,
)
from impl.runtime.sessions import SERVER
from impl.runtime.world import Handset, World
from steps.driver import Interface

FIRST, SECOND = (plan.plmn for plan in NETWORKS[:2])
SERVING = NETWORKS[0].serving_node
BETWEEN_NODES = {
    Interface.SERVER_FROM_REGISTER: (
        at_session,
        f"HLR {SECOND}",
        Peer(Link.OPERATOR, SERVER),
        SERVER,
    ),
    Interface.SERVER_FROM_DESK: (
        at_session,
        f"centre {SECOND}",
        Peer(Link.CENTRE, SERVER),
        SERVER,
    ),
    Interface.SERVER_FROM_CENTRE: (
        at_message_service,
        f"SMSC {FIRST}",
        Peer(Link.SMPP, SERVER),
        SERVER,
    ),
    Interface.REGISTER_FROM_SERVER: (
        at_session,
        SERVER,
        Peer(Link.OPERATOR, SECOND),
        f"HLR {SECOND}",
    ),
    Interface.REGISTER_FROM_NETWORK: (
        at_register,
        SERVING,
        Peer(Link.GSUP, "hlr"),
        f"HLR {FIRST}",
    ),
    Interface.DESK_FROM_SERVER: (
        at_session,
        SERVER,
        Peer(Link.CENTRE, SECOND),
        f"centre {SECOND}",
    ),
    Interface.CENTRE_FROM_SERVER: (
        at_message_service,
        SERVER,
        Peer(Link.SMPP, FIRST),
        f"SMSC {FIRST}",
    ),
}
"""How nonsense is said, by whom, over which link, to whom."""
COMMANDS = ("", "00", "00ff", "0000000000", "80c2000005d1038202", "a0a4000003", "00a4080c01")
"""Commands to a card, none of which has a meaning."""
FILE = "iccid,admin_code,kic,kid\n8933010000000009990,nonsense,,"


def babble(world: World, handset: Handset, interface: Interface) -> Callable[[], bool]:
    """Say something without meaning; return what tells whether it was answered as is defined.

    Args:
        world: in which the party is.
        handset: the device or card that is spoken to, or that speaks.
        interface: where.
    """
    if interface is Interface.SERVER_FROM_FILE:
        is_refused = _is_refused(world)
        return lambda: is_refused
    if interface is Interface.CARD_FROM_DEVICE:
        answers = [handset.slot.transmit(bytes.fromhex(command)) for command in COMMANDS]
        return lambda: all(answer[-2] in range(0x61, 0x70) for answer in answers)
    nonsense = _in_words(handset, interface)
    world.perform(nonsense.sender, [Send(nonsense.target, nonsense.octets)])
    return lambda: nonsense.was_answered(world.journal.entries)


def _is_refused(world: World) -> bool:
    try:
        world.server.import_cards(FILE)
    except CardFileError:
        return True
    return False


def _in_words(handset: Handset, interface: Interface) -> Nonsense:
    if interface in BETWEEN_NODES:
        say, sender, target, receiver = BETWEEN_NODES[interface]
        return say(sender, target, receiver)
    vlr, device = SERVING, handset.name
    if interface is Interface.NETWORK_FROM_ATTACH:
        return at_attach(device, Peer(Link.MM, FIRST), vlr)
    if interface is Interface.NETWORK_FROM_MESSAGE:
        return at_relay(device, Peer(Link.SM, FIRST), vlr, from_network=False)
    to_device = Peer(Link.SM, handset.profile.iccid)
    spoken = at_relay(vlr, to_device, device, from_network=True)
    if interface is Interface.DEVICE_FROM_NETWORK:
        return spoken
    return replace(spoken, octets=nonsense_for_card(SERVER_NUMBER, handset.profile.service_centre))
