"""GSUP over IPA over TCP: the home register listens, VLR and SMSC dial, as in Osmocom.

Who dials says its name when it is asked; the register calls it by that. GSUP has no security of its
own: it belongs on a private network or inside IPsec.
"""

from __future__ import annotations

from impl.codec.ipa import (
    Ccm,
    Extension,
    IpaFrame,
    StreamId,
    ask_identity,
    carry_gsup,
    ccm,
    decode_ipa,
    read_identity,
    tell_identity,
)
from impl.errors import MalformedError
from impl.events import Interface, Peer
from impl.network.gsup_proxy import REGISTER
from impl.served.framing import IpaFraming
from impl.served.host import Host
from impl.served.stream import INTRODUCTION_S, Dialer, Listener, Stream


class GsupLink:
    """One connection, as a node's link and as the talk over it."""

    def __init__(self, host: Host, node: str, own_name: str, peer: Peer | None) -> None:
        """Prepare.

        Args:
            host: of the node.
            node: the name of the node.
            own_name: what it says when asked who it is.
            peer: the register that it dials; None at the register, which learns who calls.
        """
        self._host = host
        self._node = node
        self._own_name = own_name
        self._is_register = peer is None
        self._peer = peer
        self._stream: Stream | None = None

    def send(self, octets: bytes) -> None:
        """See `Link`."""
        assert self._peer is not None
        if self._stream is None or not self._stream.send(carry_gsup(octets)):
            self._host.lost(self._node, self._peer, "not connected")

    def opened(self, stream: Stream) -> None:
        """See `Talk`."""
        self._stream = stream
        if self._is_register:
            stream.send(ask_identity())

    def took(self, stream: Stream, message: bytes) -> None:
        """See `Talk`."""
        frame = decode_ipa(message)
        if frame.stream == StreamId.CCM:
            self._manage(stream, frame)
        elif frame.stream == StreamId.OSMO and frame.content[0] == Extension.GSUP and self._peer:
            self._host.arrived(self._node, self._peer, frame.content[1:])

    def closed(self, stream: Stream) -> None:
        """See `Talk`."""
        if stream is self._stream:
            self._stream = None
            if self._peer is not None:
                self._host.part(self._node, self._peer, self)

    def _manage(self, stream: Stream, frame: IpaFrame) -> None:
        kind = frame.content[0]
        if kind == Ccm.PING:
            stream.send(ccm(Ccm.PONG))
        elif kind == Ccm.ID_GET and not self._is_register:
            assert self._peer is not None
            stream.send(tell_identity(self._own_name))
            self._host.join(self._node, self._peer, self)
            self._host.reconnected(self._node, self._peer)
        elif kind == Ccm.ID_RESP and self._is_register and self._peer is None:
            name = read_identity(frame.content[1:])
            if name == REGISTER.name:
                raise MalformedError("IPA identity", "is the name of a register")
            self._peer = Peer(Interface.GSUP, name)
            stream.introduced()
            self._host.join(self._node, self._peer, self)
            self._host.reconnected(self._node, self._peer)


def listen(host: Host, node: str) -> Listener:
    """Return where a home register is dialled."""
    return Listener(
        IpaFraming(), lambda: GsupLink(host, node, node, None), host.log, INTRODUCTION_S
    )


def dial(
    host: Host, node: str, own_name: str, address: tuple[str, int], register: str = REGISTER.name
) -> Dialer:
    """Return the connection of a VLR, SMSC or gateway to the register that it calls so."""
    link = GsupLink(host, node, own_name, Peer(Interface.GSUP, register))
    return Dialer(IpaFraming(), link, host.log, address)
