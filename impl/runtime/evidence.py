"""What may be shown of a message: its name, its decoded fields, its octets. Nothing secret.

A message that carries a secret (a key, a password, an admin code) is shown without its octets, and
the secret field only by its name; what went inside a TLS session has no octets that would be the
same twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from impl.codec.aka_prime import AkaPrimeMessage
from impl.codec.apdu import CommandApdu, Ins
from impl.codec.eap import EapMethod, EapPacket
from impl.codec.gsup import decode_gsup
from impl.codec.mobility import decode_mm
from impl.codec.nas_security import decode_nas
from impl.codec.operator import decode_operator
from impl.codec.ppp import LcpPacket, decode_ppp
from impl.codec.relay import decode_rp
from impl.codec.short_message import decode_downlink, decode_uplink
from impl.codec.smpp import decode_smpp
from impl.codec.toolkit import decode_envelope, decode_proactive
from impl.errors import MalformedError
from impl.events import Interface
from impl.values import Secret

WITHHELD = "(withheld)"
PROTOCOLS = {
    Interface.OPERATOR: "JSON, TLS 1.3",
    Interface.CENTRE: "JSON, TLS 1.3",
    Interface.SMPP: "SMPP 3.4",
    Interface.GSUP: "GSUP",
    Interface.MM: "TS 24.008",
    Interface.EMM: "TS 24.301",
    Interface.PPP: "PPP",
    Interface.SM: "TS 24.011",
}
REMEMBERED = 8192
"""How many different messages are remembered with what they say."""

KEY_COMMANDS = {Ins.AUTHENTICATE, Ins.GET_RESPONSE}
"""What answers them may be CK and IK; nobody knows of GET RESPONSE which command it completes."""
_SHORT = 0x80
_KEY_FILES = {_SHORT | 0x01, _SHORT | 0x08, _SHORT | 0x09}
"""P1 of UPDATE BINARY on EF.Kc, EF.Keys and EF.KeysPS, as devices here name them (TS 31.102 4.2,
4.4.3); 01 is EF.ECC elsewhere."""
_SECURITY_CONTEXT = 0x18 << 3
"""P2 of UPDATE RECORD on EF.EPSNSC, its mode apart."""
SECRET_COMMANDS = {Ins.VERIFY_PIN, Ins.CHANGE_PIN, Ins.DISABLE_PIN, Ins.ENABLE_PIN, Ins.UNBLOCK_PIN}


@dataclass(frozen=True, slots=True)
class Dissection:
    """One message as a reader of a report sees it."""

    protocol: str
    name: str
    octets: bytes
    fields: Mapping[str, str] = field(default_factory=dict)


@lru_cache(REMEMBERED)
def dissect(interface: Interface, octets: bytes, *, from_network: bool) -> Dissection:
    """Read one message of a link; one that cannot be read is shown as such, with its octets.

    The same octets are read once: scenarios of one seed begin alike.

    Args:
        interface: the kind of link.
        octets: the message as its sender wrote it.
        from_network: over the air, whether the network sent it.
    """
    protocol = PROTOCOLS[interface]
    secured = interface in {Interface.OPERATOR, Interface.CENTRE}
    try:
        name, shown = _read(interface, octets, from_network=from_network)
    except MalformedError as error:
        return Dissection(protocol, "MALFORMED", b"" if secured else octets, {"why": str(error)})
    hidden = secured or WITHHELD in shown.values()
    return Dissection(protocol, name, b"" if hidden else octets, shown)


@lru_cache(REMEMBERED)
def dissect_apdu(command: bytes, response: bytes) -> tuple[Dissection, Dissection]:
    """Read one exchange with the card; `response` is empty if it went mute."""
    data, status = response[:-2], response[-2:].hex().upper() or "NO ANSWER"
    try:
        asked = CommandApdu.decode(command)
    except MalformedError as error:
        malformed = Dissection("APDU", "MALFORMED", command, {"why": str(error)})
        return malformed, Dissection("APDU", status, response)
    name = (
        Ins(asked.ins).name.replace("_", " ") if asked.ins in set(Ins) else f"INS {asked.ins:02X}"
    )
    secret = carries_secret(asked)
    keys = asked.ins in KEY_COMMANDS and bool(data)
    told = _toolkit(asked, data)
    return (
        Dissection("APDU", name, b"" if secret else command, told if asked.data else {}),
        Dissection("APDU", status, b"" if keys else response, {} if asked.data else told),
    )


def carries_secret(command: CommandApdu) -> bool:
    """Whether the data of a command is a PIN, or keys that the device keeps in the card."""
    match command.ins:
        case Ins.UPDATE_BINARY:
            return command.p1 in _KEY_FILES
        case Ins.UPDATE_RECORD:
            return command.p2 & 0xF8 == _SECURITY_CONTEXT
    return command.ins in SECRET_COMMANDS


def _read(interface: Interface, octets: bytes, *, from_network: bool) -> tuple[str, dict[str, str]]:
    if interface in {Interface.OPERATOR, Interface.CENTRE}:
        message = decode_operator(octets)
        return message.kind, dict(_flat(message))
    if interface is Interface.SMPP:
        pdu = decode_smpp(octets)
        return _words(pdu).lower().replace(" ", "_"), dict(_flat(pdu))
    if interface is Interface.GSUP:
        gsup = decode_gsup(octets)
        return gsup.message_type.name.replace("_", " "), dict(_flat(gsup))
    if interface is Interface.SM:
        return _read_relay(octets, from_network=from_network)
    return _read_attach(interface, octets)


def _read_attach(interface: Interface, octets: bytes) -> tuple[str, dict[str, str]]:
    if interface is Interface.PPP:
        return _link(decode_ppp(octets))
    read = decode_mm if interface is Interface.MM else decode_nas
    message = read(octets)
    return _words(message), dict(_flat(message))


def _read_relay(octets: bytes, *, from_network: bool) -> tuple[str, dict[str, str]]:
    relay = decode_rp(octets, from_network=from_network)
    name, shown = _words(relay).replace("RP ", "RP-"), dict(_flat(relay))
    user_data = getattr(relay, "user_data", None)
    if user_data:
        tpdu = decode_downlink(user_data) if from_network else decode_uplink(user_data)
        name += f" (SMS-{_words(tpdu).replace(' ', '-')})"
        shown |= {f"tpdu.{key}": value for key, value in _flat(tpdu)}
        del shown["user_data"]
    return name, shown


def _link(packet: LcpPacket | EapPacket) -> tuple[str, dict[str, str]]:
    """Return name and fields of what a frame of PPP carries."""
    if isinstance(packet, LcpPacket):
        return f"LCP {packet.code.name.replace('_', ' ')}", dict(_flat(packet))
    name, shown = f"EAP-{packet.code.name}", {"identifier": str(packet.identifier)}
    if packet.method == EapMethod.AKA_PRIME:
        message = AkaPrimeMessage.decode(packet.data)
        name += f"/AKA'-{message.subtype.name.replace('_', '-')}"
        return name, shown | dict(_flat(message))
    if packet.method == EapMethod.IDENTITY:
        return f"{name}/IDENTITY", shown | dict(_shown("identity", packet.data))
    return name, shown | dict(_shown("content", packet.content))


def _toolkit(asked: CommandApdu, answer: bytes) -> dict[str, str]:
    try:
        if asked.ins == Ins.ENVELOPE:
            envelope = decode_envelope(asked.data)
            return {"envelope": _words(envelope)} | dict(_flat(envelope))
        if asked.ins == Ins.FETCH and answer:
            number, command = decode_proactive(answer)
            return {"number": str(number), "command": _words(command)} | dict(_flat(command))
    except MalformedError as error:
        return {"why": str(error)}
    return {}


def _words(message: object) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(message).__name__).upper()


def _flat(record: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the fields of a record, those of records inside it by dotted names."""
    names = type(record).model_fields if isinstance(record, BaseModel) else _names(record)
    for name in names:
        yield from _shown(prefix + name, getattr(record, name))


def _names(record: Any) -> list[str]:
    if is_dataclass(record):
        return [one.name for one in fields(record)]
    return list(getattr(record, "_fields", ()))


def _shown(name: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case None | () | "" | b"" | False:
            return
        case Secret():
            yield name, WITHHELD
        case bytes():
            yield name, value.hex()
        case Enum():
            yield name, value.name
        case tuple() | list() if not hasattr(value, "_fields"):
            for number, one in enumerate(value, start=1):
                yield from _shown(f"{name}.{number}", one)
        case _ if is_dataclass(value) or hasattr(value, "_fields"):
            yield from _flat(value, f"{name}.")
        case _:
            yield name, str(value)
