"""SMPP 3.4 over TCP: the SMSC listens, the application server binds (clause 2.2).

The nodes speak SMPP themselves; here are connections. Who dials the centre has to bind in time
(clause 7.2). Either end asks when nothing came for a while whether the other is there
(enquire_link, clause 4.11) and hangs up if it is not: an ESME then dials again.
"""

from __future__ import annotations

import asyncio

from impl.codec.smpp import EnquireLink, EnquireLinkResp
from impl.events import Interface, Peer
from impl.served.framing import SmppFraming
from impl.served.host import Host
from impl.served.stream import INTRODUCTION_S, Dialer, Listener, Stream

QUIET_S, CENTRE_QUIET_S = 30.0, 60.0
"""After how long without a word an ESME asks, and the centre asks one that does not."""
OWN_NUMBER = 0x7FFFFFFF
"""The nodes count from 1: the question of a link, and its answer, meet no other."""
ENQUIRY = EnquireLink(sequence_number=OWN_NUMBER).encode()
ANSWER = EnquireLinkResp(sequence_number=OWN_NUMBER).encode()
BOUND = bytes.fromhex("8000000900000000")
"""Command and status of a bind_transceiver_resp that lets an ESME in."""


class SmppLink:
    """One connection, as a node's link and as the talk over it."""

    def __init__(
        self, host: Host, node: str, peer: Peer | None, quiet_s: float, *, is_centre: bool
    ) -> None:
        """Prepare.

        Args:
            host: of the node.
            node: the name of the node.
            peer: whom it speaks to; None at a centre that names its ESMEs by their addresses.
            quiet_s: after how long without a word to ask whether the peer is there.
            is_centre: whether the peer dialled, and is asked nothing before it is bound.
        """
        self._host = host
        self._node = node
        self._peer = peer
        self._quiet_s = quiet_s
        self._is_bound = not is_centre
        self._is_centre = is_centre
        self._stream: Stream | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._enquired = False

    def send(self, octets: bytes) -> None:
        """See `Link`."""
        if self._stream is None or not self._stream.send(octets):
            assert self._peer is not None
            self._host.lost(self._node, self._peer, "not connected")
        elif self._is_centre and octets[4:12] == BOUND:
            self._is_bound = True
            self._stream.introduced()
            self._listen()

    def opened(self, stream: Stream) -> None:
        """See `Talk`."""
        self._peer = self._peer or Peer(Interface.SMPP, stream.peer_address)
        self._stream = stream
        self._host.join(self._node, self._peer, self)
        if not self._is_centre:
            self._listen()
            self._host.reconnected(self._node, self._peer)

    def took(self, stream: Stream, message: bytes) -> None:
        """See `Talk`."""
        assert self._peer is not None
        if self._is_bound:
            self._listen()
        if message == ANSWER:
            return
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
        self._watch = asyncio.get_running_loop().call_later(self._quiet_s, self._enquire)

    def _enquire(self) -> None:
        if self._stream is None:
            return
        if self._enquired:
            self._stream.hang_up("does not answer enquire_link")
            return
        self._enquired = True
        self._stream.send(ENQUIRY)
        self._watch = asyncio.get_running_loop().call_later(self._quiet_s, self._enquire)


def listen(
    host: Host, node: str, peer: Peer | None = None, quiet_s: float = CENTRE_QUIET_S
) -> Listener:
    """Return where a short message centre is bound to, by one known `peer` or by any.

    Who is known need not say who it is: it may be there and not bind.
    """
    return Listener(
        SmppFraming(),
        lambda: SmppLink(host, node, peer, quiet_s, is_centre=True),
        host.log,
        INTRODUCTION_S if peer is None else None,
    )


def dial(
    host: Host, node: str, peer: Peer, address: tuple[str, int], quiet_s: float = QUIET_S
) -> Dialer:
    """Return the connection of an ESME to the centre that it calls `peer`.

    Without a word of the centre for `quiet_s` it is asked, twice as long and it is hung up on.
    """
    link = SmppLink(host, node, peer, quiet_s, is_centre=False)
    return Dialer(SmppFraming(), link, host.log, address)
