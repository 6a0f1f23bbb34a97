"""A journal as a capture that Wireshark dissects: pcapng, one virtual network, virtual time.

- **Card**: each exchange as GSMTAP of type SIM, in the form it has in T=0 (TS 102 221 clause
  7.3.1.1): an answer to a command with data is fetched by GET RESPONSE, though the simulated reader
  gets it at once. An exchange in which the card lost its power has no status word: it is left out.
- **Radio**: mobility management as GSMTAP of type Abis, which Wireshark takes for bare layer 3;
  that of EPS as GSMTAP of type LTE NAS (ciphered by EEA0: `nas-eps.null_decipher` reads it); PPP of
  eHRPD in GRE. The links of a simulation have no CP sublayer: a CP-DATA header (TS 24.011 clause
  7.2.1) is added to each relay message, its transaction identifier made of the relay message's
  reference.
- **SMPP** on TCP port 2775; **GSUP** on TCP port 4222 in IPA frames, without IPA's own messages.
- **Operators and customer centres** speak inside TLS, whose plain text holds keys: left out.

A message that was lost on its way is there, with a comment that says so.

Nothing secret is written, by the rule of `impl.runtime.evidence`: CK, IK, Kc, SRES and RES in GSUP,
CK, IK, Kc and K_ASME between device and card, PINs and what a user typed, are zeros, passwords are
asterisks, so that the frame keeps its form. A message that cannot be read may hold anything, and is
left out.

Wireshark (4.0) takes the direction of a TPDU in GSUP from the procedure: it reads the report in a
MO-forwardSM or MT-forwardSM result as a message, and calls it malformed. The same report in RP-ACK
it reads as what it is. Of AUTHENTICATE it knows RUN GSM ALGORITHM (TS 51.011 clause 9.2.16) and the
UMTS context: in the GSM context it takes the length of RAND (TS 31.102 clause 7.1.2.1) for RAND.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from impl.codec.apdu import CLASS_GSM, SW, CommandApdu, Ins, ResponseApdu
from impl.codec.authenticate import (
    AuthenticationContext,
    GsmAlgorithmResult,
    GsmAuthentication,
    decode_outcome,
    encode_outcome,
)
from impl.codec.gsup import Gsup, decode_gsup
from impl.codec.layout import U8, U16, U32, Layout
from impl.codec.relay import RpAck, RpError, message_type
from impl.codec.smpp import Pdu, decode_smpp
from impl.errors import MalformedError
from impl.events import Interface
from impl.runtime.card_evidence import carries_secret
from impl.runtime.deployment import serves_devices
from impl.runtime.journal import Entry
from impl.runtime.packets import Connection, PacketFile, datagram, tunnelled
from impl.runtime.reading import without_typed
from impl.runtime.simulation import EPOCH_S
from impl.values import Secret

GSMTAP_PORT, SMPP_PORT, GSUP_PORT = 4729, 2775, 4222
SERVERS = {Interface.SMPP: ("SMSC", SMPP_PORT), Interface.GSUP: ("HLR", GSUP_PORT)}
"""How the name of the party begins that the other one connects to, and where it listens."""
ABIS, SIM, LTE_NAS = 0x02, 0x04, 0x12
SUBTYPES = {LTE_NAS: 1}
"""Of a payload type: an LTE NAS message that may be protected."""
UPLINK = 0x4000
LOST = "lost on its way"
TPDU_ANSWERS: Final = {RpAck.from_device, RpError.from_device}


class GsmtapHeader(Layout):
    """Version 2 of the header that Osmocom defines; what is about radio is zero."""

    version: U8 = 2
    length: U8 = 4  # in words of 4 octets
    payload_type: U8 = SIM
    timeslot: U8 = 0
    channel: U16 = 0  # bit 15 says uplink
    signal_dbm: U8 = 0
    noise_db: U8 = 0
    frame_number: U32 = 0
    payload_subtype: U8 = 0  # of a SIM: an APDU
    antenna: U8 = 0
    subslot: U8 = 0
    reserved: U8 = 0


class CpDataHeader(Layout):
    """TS 24.011 clause 7.2.1: of the message that carries an RPDU."""

    discriminator: U8  # transaction identifier in the upper half, 9 for short messages
    kind: U8
    length: U8


class IpaHeader(Layout):
    """The frame of IPA, with its extension for Osmocom's protocols; `length` counts that, too."""

    length: U16
    protocol: U8 = 0xEE
    extension: U8 = 0x05  # GSUP


def capture(entries: Iterable[Entry]) -> bytes:
    """Return what a journal holds as a pcapng file; the same entries give the same octets."""
    writer = _Writer()
    for entry in entries:
        with suppress(MalformedError):
            writer.write(entry)
    return writer.file.encode()


class _Writer:
    def __init__(self) -> None:
        self.file = PacketFile()
        self._connections: dict[frozenset[str], Connection] = {}
        self._asked: dict[str, CommandApdu] = {}
        """What each card was asked last that was not GET RESPONSE."""

    def write(self, entry: Entry) -> None:
        """Write one entry; MalformedError if it cannot be read."""
        match entry.interface:
            case None:
                for tpdu in self._exchange(entry):
                    self._tap(entry, SIM, tpdu)
            case Interface.MM:
                self._tap(entry, ABIS, entry.octets)
            case Interface.EMM:
                self._tap(entry, LTE_NAS, entry.octets)
            case Interface.PPP:
                source, destination = map(self.file.address_of, (entry.sender, entry.receiver))
                self._add(entry, tunnelled(source, destination, entry.octets))
            case Interface.SM:
                self._tap(entry, ABIS, _cp_data(entry.octets))
            case Interface.SMPP:
                pdu = decode_smpp(entry.octets)
                self._stream(entry, _without_secrets(entry.octets, pdu, b"*"))
            case Interface.GSUP:
                octets = _without_secrets(entry.octets, decode_gsup(entry.octets), b"\0")
                self._stream(entry, IpaHeader(1 + len(octets)).encode() + octets)

    def _exchange(self, entry: Entry) -> Iterator[bytes]:
        if not entry.message:
            return
        command, answer = CommandApdu.decode(entry.octets), ResponseApdu.decode(entry.message)
        if carries_secret(command):
            command = command._replace(data=bytes(len(command.data)))
        elif command.ins == Ins.TERMINAL_RESPONSE:
            command = command._replace(data=without_typed(command.data))
        if command.ins != Ins.GET_RESPONSE:
            self._asked[entry.receiver] = command
        asked = self._asked.get(entry.receiver, command)
        if asked.ins == Ins.AUTHENTICATE and answer.data:
            answer = answer._replace(data=_blanked_answer(asked, answer.data))
        yield from _tpdus(command, answer)

    def _tap(self, entry: Entry, kind: int, payload: bytes) -> None:
        uplink = serves_devices(entry.receiver)
        header = GsmtapHeader(
            payload_type=kind,
            channel=UPLINK if uplink else 0,
            payload_subtype=SUBTYPES.get(kind, 0),
        )
        source, destination = map(self.file.address_of, (entry.sender, entry.receiver))
        octets = header.encode() + payload
        self._add(entry, datagram(source, destination, GSMTAP_PORT, octets))

    def _stream(self, entry: Entry, octets: bytes) -> None:
        assert entry.interface is not None
        server, port = SERVERS[entry.interface]
        names = (entry.sender, entry.receiver)
        source, destination = map(self.file.address_of, names)
        ends = (destination, source) if entry.sender.startswith(server) else (source, destination)
        key = frozenset(names)
        connection = self._connections.setdefault(key, Connection(*ends, port))
        for packet in connection.send(source, destination, octets):
            self._add(entry, packet)

    def _add(self, entry: Entry, packet: bytes) -> None:
        comment = "" if entry.delivered else LOST
        self.file.add(EPOCH_S + entry.time_s, packet, comment)


def _cp_data(rpdu: bytes) -> bytes:
    """Return the CP message that carries a relay message.

    Who begins a transaction sends flag 0, who answers flag 1 (TS 24.007 clause 11.2.3.1.3).
    """
    answers = message_type(rpdu) & 0x06 in TPDU_ANSWERS
    transaction = answers << 3 | rpdu[1] % 7
    return CpDataHeader(transaction << 4 | 0x09, 0x01, len(rpdu)).encode() + rpdu


def _tpdus(command: CommandApdu, answer: ResponseApdu) -> Iterator[bytes]:
    """Yield what passes in T=0: header with P3, data, data of the answer, status word.

    Where T=0 needs two exchanges for this one, both: GET RESPONSE, or the exact length.
    """
    size, of_gsm = len(answer.data), command.cla == CLASS_GSM
    if size and command.data:
        first = SW.gsm_more(size) if of_gsm else SW.more(size)
        yield _header(command) + command.data + first.to_bytes(2, "big")
        command = CommandApdu(
            CLASS_GSM if of_gsm else command.cla & 0x7F, Ins.GET_RESPONSE, 0, 0, le=size
        )
    elif size and size != command.le:
        yield _header(command) + SW.exact_length(size).to_bytes(2, "big")
        command = command._replace(le=size)
    yield _header(command) + command.data + answer.encode()


def _header(command: CommandApdu) -> bytes:
    return bytes((*command[:4], command.p3))


def _blanked_answer(command: CommandApdu, data: bytes) -> bytes:
    """Return the answer to AUTHENTICATE without keys; zeros if it is not whole."""
    of_gsm = GsmAlgorithmResult if command.cla == CLASS_GSM else GsmAuthentication
    try:
        if command.cla != CLASS_GSM and command.p2 != AuthenticationContext.GSM:
            return encode_outcome(_blanked(decode_outcome(data)))
        octets: bytes = _blanked(of_gsm.decode(data)).encode()
    except MalformedError:
        return bytes(len(data))
    return octets


def _without_secrets(octets: bytes, message: Pdu | Gsup, filler: bytes) -> bytes:
    """Return `octets`, which say `message`; only if it holds a secret, others in their place."""
    blanked = _blanked(message, filler)
    return octets if blanked == message else bytes(blanked.encode())


def _blanked(value: Any, filler: bytes = b"\0") -> Any:
    """Return a record with every secret in it replaced by as many fillers of one octet."""
    if isinstance(value, Secret):
        return Secret(filler * len(value))
    if type(value) is tuple:
        return tuple(_blanked(one, filler) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        names = (one.name for one in fields(value))
        return replace(value, **{name: _blanked(getattr(value, name), filler) for name in names})
    return value
