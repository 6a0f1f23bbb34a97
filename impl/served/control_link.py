"""The control interface of an osmo-hlr over IPA over TCP: the gateway dials and asks.

It has no security of its own, and keys pass over it: it belongs on a private network or inside
IPsec, as GSUP does.
"""

from __future__ import annotations

from impl.codec.ipa import Ccm, Extension, IpaFrame, StreamId, ccm, decode_ipa
from impl.codec.osmo_control import decode_control
from impl.errors import MalformedError
from impl.events import Peer
from impl.network.provisioning import CONTROL
from impl.served.framing import IpaFraming
from impl.served.host import Host
from impl.served.stream import Dialer, Stream


class ControlLink:
    """One connection, as a node's link and as the talk over it."""

    def __init__(self, host: Host, node: str, peer: Peer = CONTROL) -> None:
        self._host = host
        self._node = node
        self._peer = peer
        self._stream: Stream | None = None

    def send(self, octets: bytes) -> None:
        """See `Link`."""
        frame = IpaFrame(StreamId.OSMO, bytes([Extension.CTRL]) + octets).encode()
        if self._stream is None or not self._stream.send(frame):
            self._host.lost(self._node, self._peer, "not connected")

    def opened(self, stream: Stream) -> None:
        """See `Talk`."""
        self._stream = stream
        self._host.join(self._node, self._peer, self)
        self._host.reconnected(self._node, self._peer)

    def took(self, stream: Stream, message: bytes) -> None:
        """See `Talk`; whoever speaks something else is not the control interface."""
        frame = decode_ipa(message)
        if frame.stream == StreamId.CCM:
            if frame.content[0] == Ccm.PING:
                stream.send(ccm(Ccm.PONG))
        elif frame.stream == StreamId.OSMO and frame.content[0] == Extension.CTRL:
            decode_control(frame.content[1:])
            self._host.arrived(self._node, self._peer, frame.content[1:])
        else:
            raise MalformedError("control interface", "is none: is the port that of CTRL?")

    def closed(self, stream: Stream) -> None:
        """See `Talk`."""
        if stream is self._stream:
            self._stream = None
            self._host.part(self._node, self._peer, self)


def dial(host: Host, node: str, address: tuple[str, int]) -> Dialer:
    """Return the connection of a gateway to the control interface of its register."""
    return Dialer(IpaFraming(), ControlLink(host, node), host.log, address)
