"""SMPP 3.4 over TCP: the SMSC listens, the application server binds (clause 2.2).

The nodes speak SMPP themselves; here are connections. A link of an ESME asks when nothing came for
a while whether the centre is there (enquire_link, clause 4.11), and dials again if it is not.
"""

from __future__ import annotations

import asyncio

from impl.codec.smpp import EnquireLink
from impl.events import Interface, Peer
from impl.served.framing import SmppFraming
from impl.served.host import Host
from impl.served.stream import Dialer, Listener, Stream

QUIET_S = 30.0
ENQUIRY = EnquireLink(sequence_number=0x7FFFFFFF).encode()
"""The node counts from 1: its answer meets no other."""


class SmppLink:
    """One connection, as a node's link and as the talk over it."""

    def __init__(
        self, host: Host, node: str, peer: Peer | None, quiet_s: float | None = None
    ) -> None:
        """Prepare.

        Args:
            host: of the node.
            node: the name of the node.
            peer: whom it speaks to; None at a centre that names its ESMEs by their addresses.
            quiet_s: as who dialled, after how long without a word to ask whether the peer is there.
        """
        self._host = host
        self._node = node
        self._peer = peer
        self._quiet_s = quiet_s
        self._stream: Stream | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._enquired = False

    def send(self, octets: bytes) -> None:
        """See `Link`."""
        if self._stream is None or not self._stream.send(octets):
            assert self._peer is not None
            self._host.lost(self._node, self._peer, "not connected")

    def opened(self, stream: Stream) -> None:
        """See `Talk`."""
        self._peer = self._peer or Peer(Interface.SMPP, stream.peer_address)
        self._stream = stream
        self._host.join(self._node, self._peer, self)
        if self._quiet_s is not None:
            self._listen(self._quiet_s)
            self._host.reconnected(self._node, self._peer)

    def took(self, stream: Stream, message: bytes) -> None:
        """See `Talk`."""
        assert self._peer is not None
        if self._quiet_s is not None:
            self._listen(self._quiet_s)
        if not self._host.arrived(self._node, self._peer, message):
            stream.close()  # without an answer the peer would wait: so it knows

    def closed(self, stream: Stream) -> None:
        """See `Talk`."""
        assert self._peer is not None
        if self._watch is not None:
            self._watch.cancel()
        if stream is self._stream:
            self._stream = None
            self._host.part(self._node, self._peer, self)

    def _listen(self, quiet_s: float) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._enquired = False
        self._watch = asyncio.get_running_loop().call_later(quiet_s, self._enquire, quiet_s)

    def _enquire(self, quiet_s: float) -> None:
        if self._stream is None:
            return
        if self._enquired:
            self._stream.close()
            return
        self._enquired = True
        self._stream.send(ENQUIRY)
        self._watch = asyncio.get_running_loop().call_later(quiet_s, self._enquire, quiet_s)


def listen(host: Host, node: str, peer: Peer | None = None) -> Listener:
    """Return where a short message centre is bound to, by one known `peer` or by any."""
    return Listener(SmppFraming(), lambda: SmppLink(host, node, peer), host.log)


def dial(
    host: Host, node: str, peer: Peer, address: tuple[str, int], quiet_s: float = QUIET_S
) -> Dialer:
    """Return the connection of an ESME to the centre that it calls `peer`.

    Without a word of the centre for `quiet_s` it is asked, twice as long and it is hung up on.
    """
    return Dialer(SmppFraming(), SmppLink(host, node, peer, quiet_s), host.log, address)
