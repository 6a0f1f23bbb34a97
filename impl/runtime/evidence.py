"""What may be shown of a message: its name, its octets, and what they say. Nothing secret.

A secret (a key, a password, a PIN) is shown neither as a field nor as octets: where it stands, and
that it is there, is all. What went inside a TLS session has no octets that would be the same twice.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar

from impl.codec.aka_prime import AkaPrimeMessage
from impl.codec.eap import EapMethod
from impl.codec.gsup import GsupType, decode_gsup
from impl.codec.mobility import decode_mm
from impl.codec.nas_security import PLAIN_AT, decode_nas, is_protected
from impl.codec.operator import decode_operator
from impl.codec.osmo_control import decode_control
from impl.codec.ppp import INFORMATION_AT, LcpPacket, decode_ppp
from impl.codec.relay import decode_rp
from impl.codec.smpp import EsmClass, ShortMessagePdu, decode_smpp
from impl.codec.user_data import UserData
from impl.errors import MalformedError
from impl.events import Interface
from impl.runtime.reading import Reading, Span, blanked, words

PROTOCOLS = {
    Interface.OPERATOR: "JSON, TLS 1.3",
    Interface.CENTRE: "JSON, TLS 1.3",
    Interface.SMPP: "SMPP 3.4",
    Interface.GSUP: "GSUP",
    Interface.CONTROL: "Osmocom CTRL",
    Interface.MM: "TS 24.008",
    Interface.EMM: "TS 24.301",
    Interface.PPP: "PPP",
    Interface.SM: "TS 24.011",
}
REMEMBERED: Final = 8192
"""How many different messages are remembered with what they say."""

SAYS_TPDU = {
    GsupType.MO_FORWARD_SM_REQUEST: False,
    GsupType.MO_FORWARD_SM_RESULT: True,
    GsupType.MT_FORWARD_SM_REQUEST: True,
    GsupType.MT_FORWARD_SM_RESULT: False,
}
"""Messages of GSUP that carry a TPDU, and whether it is one from the network."""


@dataclass(frozen=True, slots=True)
class Dissection:
    """One message as a reader of a report sees it."""

    protocol: str
    name: str
    octets: bytes
    """Zeros where a secret stands."""
    fields: Mapping[str, str] = field(default_factory=dict)
    spans: Mapping[str, Span] = field(default_factory=dict)
    """By the name of a field, the octets that say it."""
    withheld: tuple[Span, ...] = ()
    """Where secrets stand."""


Said = TypeVar("Said")


class _Memory:
    """What messages say, by a keyed digest of their octets: none of them is kept.

    The same octets are read once, since scenarios of one seed begin alike.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._known: dict[tuple[object, ...], object] = {}

    def recall(self, octets: Sequence[bytes], kind: object, read: Callable[[], Said]) -> Said:
        """Return what `read` does, if these octets of this kind were not read before."""
        key = kind, *map(self._digest, octets)
        if key not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = read()
        return self._known[key]  # type: ignore[return-value]  # what `read` of this kind returned

    def _digest(self, octets: bytes) -> bytes:
        return hashlib.blake2b(octets, digest_size=16, key=self._key).digest()


MEMORY: Final = _Memory()


def dissect(interface: Interface, octets: bytes, *, from_network: bool) -> Dissection:
    """Read one message of a link; one that cannot be read is shown as such, with its octets.

    Args:
        interface: the kind of link.
        octets: the message as its sender wrote it.
        from_network: over the air, whether the network sent it.
    """

    def read() -> Dissection:
        return _dissected(interface, octets, from_network=from_network)

    return MEMORY.recall([octets], (interface, from_network), read)


def _dissected(interface: Interface, octets: bytes, *, from_network: bool) -> Dissection:
    protocol = PROTOCOLS[interface]
    secured = interface in {Interface.OPERATOR, Interface.CENTRE}
    reading = Reading()
    try:
        if interface is Interface.SM:
            name = _read_relay(reading, octets, from_network=from_network)
        else:
            name = _READERS[interface](reading, octets)
    except MalformedError as error:
        return Dissection(protocol, "MALFORMED", b"" if secured else octets, {"why": str(error)})
    return shown(protocol, name, b"" if secured else octets, reading)


def shown(protocol: str, name: str, octets: bytes, reading: Reading) -> Dissection:
    """Return a dissection with zeros for secrets; without octets if one may stand anywhere."""
    withheld = reading.withheld()
    if not octets or withheld is None:
        return Dissection(protocol, name, b"", reading.texts)
    blank = blanked(octets, withheld)
    return Dissection(protocol, name, blank, reading.texts, reading.spans, withheld)


def _read_json(reading: Reading, octets: bytes) -> str:
    message = decode_operator(octets)
    reading.add(message)
    return message.kind


def _read_smpp(reading: Reading, octets: bytes) -> str:
    pdu = decode_smpp(octets)
    reading.add(pdu, type(pdu).places(octets))
    if isinstance(pdu, ShortMessagePdu) and pdu.short_message:
        has_header = bool(pdu.esm_class & EsmClass.UDHI)
        with suppress(MalformedError):
            user_data = UserData.decode(pdu.short_message, has_header=has_header)
            reading.add_packet(user_data, reading.spans["short_message"][1])
    return words(pdu).lower().replace(" ", "_")


def _read_gsup(reading: Reading, octets: bytes) -> str:
    gsup = decode_gsup(octets)
    reading.add(gsup, gsup.places(octets))
    if gsup.message_type in SAYS_TPDU and gsup.sm_rp_ui:
        from_network = SAYS_TPDU[gsup.message_type]
        with suppress(MalformedError):
            reading.open_tpdu("sm_rp_ui", gsup.sm_rp_ui, from_network=from_network)
    return gsup.message_type.name.replace("_", " ")


def _read_control(reading: Reading, octets: bytes) -> str:
    message = decode_control(octets)
    reading.add(message)
    return words(message)


def _read_mm(reading: Reading, octets: bytes) -> str:
    message = decode_mm(octets)
    reading.add(message, message.places(octets))
    return words(message)


def _read_emm(reading: Reading, octets: bytes) -> str:
    message = decode_nas(octets)
    at = PLAIN_AT if is_protected(octets) else 0
    reading.add(message, message.places(octets[at:]), at)
    return words(message)


def _read_relay(reading: Reading, octets: bytes, *, from_network: bool) -> str:
    relay = decode_rp(octets, from_network=from_network)
    name, user_data = words(relay).replace("RP ", "RP-"), getattr(relay, "user_data", None)
    reading.add(relay, relay.places(octets))
    if user_data:
        kind = reading.open_tpdu("user_data", user_data, from_network=from_network)
        name += f" (SMS-{kind.replace(' ', '-')})"
    return name


def _read_ppp(reading: Reading, octets: bytes) -> str:
    """Take what a frame of PPP carries."""
    packet = decode_ppp(octets)
    reading.add(packet, packet.places(octets, INFORMATION_AT))
    if isinstance(packet, LcpPacket):
        return f"LCP {packet.code.name.replace('_', ' ')}"
    name = f"EAP-{packet.code.name}"
    if packet.method not in {EapMethod.AKA_PRIME, EapMethod.IDENTITY}:
        return name
    end = reading.drop("content")
    at = end - len(packet.data)
    if packet.method == EapMethod.IDENTITY:
        if packet.data:
            reading.say("identity", packet.data.hex(), at, end)
        return f"{name}/IDENTITY"
    message = AkaPrimeMessage.decode(packet.data)
    reading.add(message, message.places(packet.data), at)
    return f"{name}/AKA'-{message.subtype.name.replace('_', '-')}"


_READERS: Final[Mapping[Interface, Callable[[Reading, bytes], str]]] = {
    Interface.OPERATOR: _read_json,
    Interface.CENTRE: _read_json,
    Interface.SMPP: _read_smpp,
    Interface.GSUP: _read_gsup,
    Interface.CONTROL: _read_control,
    Interface.MM: _read_mm,
    Interface.EMM: _read_emm,
    Interface.PPP: _read_ppp,
}
