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
"""Without a word of the centre for so long it is asked, twice as long and it is hung up on."""
ENQUIRY = EnquireLink(sequence_number=0x7FFFFFFF).encode()
"""The node counts from 1: its answer meets no other."""


class SmppLink:
    """One connection, as a node's link and as the talk over it."""

    def __init__(self, host: Host, node: str, peer: Peer | None) -> None:
        """Prepare; `peer` is None at a centre, which names its ESMEs by their addresses."""
        self._host = host
        self._node = node
        self._peer = peer
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
        is_centre = self._peer is None
        self._peer = self._peer or Peer(Interface.SMPP, stream.peer_address)
        self._stream = stream
        self._host.join(self._node, self._peer, self)
        if not is_centre:
            self._listen()
            self._host.reconnected(self._node, self._peer)

    def took(self, stream: Stream, message: bytes) -> None:
        """See `Talk`."""
        assert self._peer is not None
        if self._watch is not None:
            self._listen()
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

    def _listen(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._enquired = False
        self._watch = asyncio.get_running_loop().call_later(QUIET_S, self._enquire)

    def _enquire(self) -> None:
        if self._stream is None:
            return
        if self._enquired:
            self._stream.close()
            return
        self._enquired = True
        self._stream.send(ENQUIRY)
        self._watch = asyncio.get_running_loop().call_later(QUIET_S, self._enquire)


def listen(host: Host, node: str) -> Listener:
    """Return where a short message centre is bound to."""
    return Listener(SmppFraming(), lambda: SmppLink(host, node, None), host.log)


def dial(host: Host, node: str, peer: Peer, address: tuple[str, int]) -> Dialer:
    """Return the connection of an ESME to the centre that it calls `peer`."""
    return Dialer(SmppFraming(), SmppLink(host, node, peer), host.log, address)
