"""What passes between nodes as lines of the log: names of messages, nothing of their content."""

from __future__ import annotations

from impl.events import Interface, Peer
from impl.runtime.evidence import dissect
from impl.served.host import Trace
from impl.served.log import Log
from impl.served.radio_link import INTERFACES

AIR = set(INTERFACES)


def trace_to(log: Log) -> Trace:
    """Return what tells `log`, on its level debug, of each message that a node sends or takes."""

    def tell(node: str, peer: Peer, octets: bytes, what: str) -> None:
        at_network = not node.startswith("device")
        from_network = at_network if what == "sent" else not at_network
        shown = dissect(peer.interface, octets, from_network=from_network)
        log.debug(
            what, node=node, peer=_name(node, peer), protocol=shown.protocol, message=shown.name
        )

    return tell


def _name(node: str, peer: Peer) -> str:
    """Return what a reader calls a peer: the node at the other end as far as it is known."""
    if peer.interface in AIR:
        return f"network {peer.name}" if node.startswith("device") else f"device {peer.name}"
    if not peer.name.isdigit():
        return peer.name
    kinds = {Interface.OPERATOR: "HLR", Interface.CENTRE: "centre", Interface.SMPP: "SMSC"}
    return f"{kinds[peer.interface]} {peer.name}"
