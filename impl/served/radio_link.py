"""The air between devices and the network that they hear, as one TCP connection for many devices.

There is no radio here: a frame is its length (2 octets), the interface (1), the ICCID of the card
whose device speaks or is spoken to (10, as in EF.ICCID), then one message of TS 24.008, TS 24.301
or TS 24.011, or one frame of PPP. As on the air, anybody can speak as anybody; who it is,
authentication shows.
"""

from __future__ import annotations

from impl.codec.digits import decode_iccid, encode_iccid
from impl.errors import MalformedError
from impl.events import Interface, Peer
from impl.served.framing import RadioFraming
from impl.served.host import Host
from impl.served.stream import Dialer, Listener, Stream
from impl.values import ICCID

INTERFACES = {Interface.MM: 1, Interface.SM: 2, Interface.EMM: 3, Interface.PPP: 4}
HEADER_OCTETS = 13
MOST_DEVICES = 100_000
"""Behind one connection."""


def encode_frame(interface: Interface, iccid: ICCID, message: bytes) -> bytes:
    """Return one frame."""
    content = bytes([INTERFACES[interface]]) + encode_iccid(iccid) + message
    return len(content).to_bytes(2, "big") + content


def decode_frame(octets: bytes) -> tuple[Interface, ICCID, bytes]:
    """Read one whole frame.

    Raises:
        MalformedError: it is too short, of no known interface, or names no card.
    """
    if len(octets) < HEADER_OCTETS:
        raise MalformedError("radio frame", "is too short")
    for interface, number in INTERFACES.items():
        if number == octets[2]:
            return interface, decode_iccid(octets[3:13]), octets[13:]
    raise MalformedError("radio frame", "is of no known interface")


class _Device:
    """The link of a VLR to one device."""

    def __init__(self, air: NetworkAir, interface: Interface, iccid: ICCID) -> None:
        self._air = air
        self._interface = interface
        self._iccid = iccid

    def send(self, octets: bytes) -> None:
        """See `Link`."""
        self._air.send(self._interface, self._iccid, octets)


class NetworkAir:
    """A connection as the VLR has it: devices come up on it by speaking."""

    def __init__(self, host: Host, node: str) -> None:
        self._host = host
        self._node = node
        self._stream: Stream | None = None
        self._devices: dict[Peer, _Device] = {}

    def send(self, interface: Interface, iccid: ICCID, octets: bytes) -> None:
        """Say something to one device."""
        frame = encode_frame(interface, iccid, octets)
        if self._stream is None or not self._stream.send(frame):
            self._host.lost(self._node, Peer(interface, iccid), "not in reach")

    def opened(self, stream: Stream) -> None:
        """See `Talk`."""
        self._stream = stream

    def took(self, stream: Stream, message: bytes) -> None:
        """See `Talk`."""
        del stream
        interface, iccid, octets = decode_frame(message)
        for one in dict.fromkeys((interface, Interface.SM)):
            self._hear(Peer(one, iccid))
        self._host.arrived(self._node, Peer(interface, iccid), octets)

    def closed(self, stream: Stream) -> None:
        """See `Talk`."""
        del stream
        self._stream = None
        for peer, device in self._devices.items():
            self._host.part(self._node, peer, device)
        self._devices.clear()

    def _hear(self, peer: Peer) -> None:
        """Note that a device is behind this connection now, wherever it was.

        As far as it spoke: over its own interface, and over that of short messages.
        """
        if peer not in self._devices and len(self._devices) >= 2 * MOST_DEVICES:
            raise MalformedError("radio", "more devices than one connection may have")
        device = self._devices.setdefault(peer, _Device(self, peer.interface, ICCID(peer.name)))
        if self._host.link(self._node, peer) is not device:
            self._host.join(self._node, peer, device)


class DeviceAir:
    """A connection as the devices have it, to the network that they know by its PLMN."""

    def __init__(self, host: Host, plmn: str) -> None:
        self._host = host
        self._plmn = plmn
        self._stream: Stream | None = None
        self._nodes: dict[ICCID, str] = {}
        self._voices: list[tuple[str, Peer, _Voice]] = []

    @property
    def is_open(self) -> bool:
        """Whether the network is in reach."""
        return self._stream is not None

    def carry(self, node: str, iccid: ICCID) -> None:
        """Let a device hear this network."""
        self._nodes[iccid] = node
        if self.is_open:
            self._join(iccid)

    def send(self, interface: Interface, iccid: ICCID, octets: bytes) -> None:
        """Say something to the network as one device."""
        if self._stream is None or not self._stream.send(encode_frame(interface, iccid, octets)):
            self._host.lost(self._nodes[iccid], Peer(interface, self._plmn), "not in reach")

    def opened(self, stream: Stream) -> None:
        """See `Talk`."""
        self._stream = stream
        for iccid in self._nodes:
            self._join(iccid)

    def took(self, stream: Stream, message: bytes) -> None:
        """See `Talk`."""
        del stream
        interface, iccid, octets = decode_frame(message)
        node = self._nodes.get(iccid)
        if node is not None:
            self._host.arrived(node, Peer(interface, self._plmn), octets)

    def closed(self, stream: Stream) -> None:
        """See `Talk`."""
        del stream
        self._stream = None
        voices, self._voices = self._voices, []
        for node, peer, voice in voices:
            self._host.part(node, peer, voice)

    def _join(self, iccid: ICCID) -> None:
        node = self._nodes[iccid]
        for interface in INTERFACES:
            voice = _Voice(self, interface, iccid)
            self._voices.append((node, Peer(interface, self._plmn), voice))
            self._host.join(*self._voices[-1])


class _Voice:
    """The link of one device to one network."""

    def __init__(self, air: DeviceAir, interface: Interface, iccid: ICCID) -> None:
        self._air = air
        self._interface = interface
        self._iccid = iccid

    def send(self, octets: bytes) -> None:
        """See `Link`."""
        self._air.send(self._interface, self._iccid, octets)


def listen(host: Host, node: str) -> Listener:
    """Return where the devices in reach of a VLR connect."""
    return Listener(RadioFraming(), lambda: NetworkAir(host, node), host.log)


def dial(host: Host, air: DeviceAir, address: tuple[str, int]) -> Dialer:
    """Return the connection of devices to a network."""
    return Dialer(RadioFraming(), air, host.log, address)
