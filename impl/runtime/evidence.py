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
from impl.codec.apdu import CommandApdu, Ins, describe
from impl.codec.eap import EapMethod
from impl.codec.envelope import envelope_places
from impl.codec.gsup import GsupType, decode_gsup
from impl.codec.layout import in_turn
from impl.codec.mobility import decode_mm
from impl.codec.nas_security import PLAIN_AT, decode_nas, is_protected
from impl.codec.operator import decode_operator
from impl.codec.osmo_control import decode_control
from impl.codec.ppp import INFORMATION_AT, LcpPacket, decode_ppp
from impl.codec.proactive import proactive_places
from impl.codec.relay import decode_rp
from impl.codec.smpp import EsmClass, ShortMessagePdu, decode_smpp
from impl.codec.toolkit import SendShortMessage, SmsPpDownload, decode_envelope, decode_proactive
from impl.codec.user_data import UserData
from impl.errors import MalformedError
from impl.events import Interface
from impl.runtime.reading import WITHHELD, Reading, Span, blanked, words

__all__ = ["PROTOCOLS", "WITHHELD", "Dissection", "carries_secret", "dissect", "dissect_apdu"]

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

KEY_COMMANDS = {Ins.AUTHENTICATE, Ins.GET_RESPONSE}
"""What answers them may be CK and IK; nobody knows of GET RESPONSE which command it completes."""
_SHORT = 0x80
_KEY_FILES = {_SHORT | 0x01, _SHORT | 0x08, _SHORT | 0x09}
"""P1 of UPDATE BINARY on EF.Kc, EF.Keys and EF.KeysPS, as devices here name them (TS 31.102 4.2,
4.4.3); 01 is EF.ECC elsewhere."""
_SECURITY_CONTEXT = 0x18 << 3
"""P2 of UPDATE RECORD on EF.EPSNSC, its mode apart."""
SECRET_COMMANDS = {Ins.VERIFY_PIN, Ins.CHANGE_PIN, Ins.DISABLE_PIN, Ins.ENABLE_PIN, Ins.UNBLOCK_PIN}
SAYS_TPDU = {
    GsupType.MO_FORWARD_SM_REQUEST: False,
    GsupType.MO_FORWARD_SM_RESULT: True,
    GsupType.MT_FORWARD_SM_REQUEST: True,
    GsupType.MT_FORWARD_SM_RESULT: False,
}
"""Messages of GSUP that carry a TPDU, and whether it is one from the network."""
_HEADER = 4


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


_MEMORY: Final = _Memory()


def dissect(interface: Interface, octets: bytes, *, from_network: bool) -> Dissection:
    """Read one message of a link; one that cannot be read is shown as such, with its octets.

    Args:
        interface: the kind of link.
        octets: the message as its sender wrote it.
        from_network: over the air, whether the network sent it.
    """

    def read() -> Dissection:
        return _dissected(interface, octets, from_network=from_network)

    return _MEMORY.recall([octets], (interface, from_network), read)


def dissect_apdu(command: bytes, response: bytes) -> tuple[Dissection, Dissection]:
    """Read one exchange with the card; `response` is empty if it went mute."""
    return _MEMORY.recall([command, response], None, lambda: _exchange(command, response))


def carries_secret(command: CommandApdu) -> bool:
    """Whether the data of a command is a PIN, or keys that the device keeps in the card."""
    match command.ins:
        case Ins.UPDATE_BINARY:
            return command.p1 in _KEY_FILES
        case Ins.UPDATE_RECORD:
            return command.p2 & 0xF8 == _SECURITY_CONTEXT
    return command.ins in SECRET_COMMANDS


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
    return _shown(protocol, name, b"" if secured else octets, reading)


def _shown(protocol: str, name: str, octets: bytes, reading: Reading) -> Dissection:
    """Return a dissection with zeros for secrets; without octets if one may stand anywhere."""
    withheld = reading.withheld()
    if not octets or withheld is None:
        return Dissection(protocol, name, b"", reading.texts)
    shown = blanked(octets, withheld)
    return Dissection(protocol, name, shown, reading.texts, reading.spans, withheld)


def _exchange(command: bytes, response: bytes) -> tuple[Dissection, Dissection]:
    try:
        asked = CommandApdu.decode(command)
    except MalformedError as error:
        malformed = Reading({"why": str(error)})
        if len(command) > _HEADER:  # it may be a PIN behind a wrong length
            malformed.say("data", WITHHELD, _HEADER, len(command))
        shown = _shown("APDU", "MALFORMED", command, malformed)
        return shown, _answered(Reading(), response)
    name = (
        Ins(asked.ins).name.replace("_", " ") if asked.ins in set(Ins) else f"INS {asked.ins:02X}"
    )
    question, answer = Reading(), Reading()
    _read_command(question, asked, command)
    data = response[:-2]
    if asked.ins in KEY_COMMANDS and data:
        answer.say("data", WITHHELD, 0, len(data))
    elif asked.ins == Ins.FETCH and data:
        _read_proactive(answer, data)
    return _shown("APDU", name, command, question), _answered(answer, response)


def _answered(reading: Reading, response: bytes) -> Dissection:
    size = max(0, len(response) - 2)
    if size and not reading.texts:
        reading.say("data", response[:size].hex(), 0, size)
    if response:
        words_of_status = describe(int.from_bytes(response[size:], "big"))
        reading.say("sw", words_of_status, size, len(response))
    return _shown("APDU", response[size:].hex().upper() or "NO ANSWER", response, reading)


def _read_command(reading: Reading, asked: CommandApdu, octets: bytes) -> None:
    """Take header, lengths and data of a command; those of an envelope in detail."""
    for name, begin, end in in_turn(0, cla=1, ins=1, p1=1, p2=1):
        reading.say(name, octets[begin:end].hex().upper(), begin, end)
    behind = len(octets) - (asked.le is not None) * (2 if _is_extended(octets) else 1)
    data_at = behind - len(asked.data)
    if asked.data:
        reading.say("lc", str(len(asked.data)), _HEADER, data_at)
        if carries_secret(asked):
            reading.say("data", WITHHELD, data_at, behind)
        elif not (read := _DATA.get(asked.ins)) or not read(reading, asked.data, data_at):
            reading.say("data", asked.data.hex(), data_at, behind)
    if asked.le is not None:
        reading.say("le", str(asked.le), behind if asked.data else _HEADER, len(octets))


def _is_extended(octets: bytes) -> bool:
    return len(octets) > _HEADER + 1 and not octets[_HEADER]


def _read_envelope(reading: Reading, data: bytes, at: int) -> bool:
    """Take the fields of an envelope that stands at offset `at`; return whether it is one."""
    try:
        envelope = decode_envelope(data)
    except MalformedError as error:
        reading.texts["why"] = str(error)
        return False
    reading.say("envelope", words(envelope), at, at + 1)
    reading.add(envelope, envelope_places(envelope, data), at)
    if isinstance(envelope, SmsPpDownload):
        with suppress(MalformedError):  # the card gets it all the same
            _read_tpdu(reading, "tpdu", envelope.tpdu, from_network=True)
    return True


def _read_response(reading: Reading, data: bytes, at: int) -> bool:
    """Take the fields of a terminal response at offset `at`; nothing of what is none."""
    try:
        reading.add_terminal_response(data, at)
    except MalformedError as error:
        reading.texts["why"] = str(error)
        reading.say("data", WITHHELD, at, at + len(data))  # what a user typed may stand anywhere
    return True


_DATA: Final[Mapping[int, Callable[[Reading, bytes, int], bool]]] = {
    Ins.ENVELOPE: _read_envelope,
    Ins.TERMINAL_RESPONSE: _read_response,
}
"""How the data of a command is read in detail."""


def _read_proactive(reading: Reading, data: bytes) -> None:
    try:
        number, command = decode_proactive(data)
    except MalformedError as error:
        reading.texts["why"] = str(error)
        return
    reading.texts |= {"number": str(number), "command": words(command)}
    places = list(proactive_places(command, data))
    reading.spans |= {name: (begin, end) for name, begin, end in places if name in reading.texts}
    reading.add(command, places)
    if isinstance(command, SendShortMessage):
        with suppress(MalformedError):
            _read_tpdu(reading, "tpdu", command.tpdu, from_network=False)


def _read_tpdu(reading: Reading, name: str, octets: bytes, *, from_network: bool) -> str:
    """Take what a TPDU says in place of the field that holds it; return what it is called.

    Raises:
        MalformedError: it says nothing that can be read; the field stays.
    """
    end = reading.spans[name][1]
    kind = reading.add_tpdu(octets, end, from_network=from_network)
    reading.drop(name)
    return kind


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
            _read_tpdu(reading, "sm_rp_ui", gsup.sm_rp_ui, from_network=from_network)
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
        kind = _read_tpdu(reading, "user_data", user_data, from_network=from_network)
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
