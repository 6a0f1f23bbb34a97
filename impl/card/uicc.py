"""The smart card at its contacts: APDUs in, APDUs out (TS 102 221 clauses 7 and 10, TS 51.011).

Any octets get a status word. The transport is T=0: what a command with data has to answer waits for
GET RESPONSE (61xx, in class A0 9Fxx) unless the command says how much it expects. Lengths of
extended form, which are the card's choice, are understood; no answer is longer than 256 octets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import xor
from typing import Final

from impl.card import file_commands as files
from impl.card.channels import CHANNEL_BITS, CHANNELS
from impl.card.image import GSM
from impl.card.memory import Memory
from impl.card.record_search import search_record, seek_gsm
from impl.card.selection import Selection
from impl.card.session import Session
from impl.card.status import StatusError, in_class_a0
from impl.codec.apdu import CLASS_GSM, SW, CommandApdu, Ins
from impl.codec.toolkit import (
    LocationStatusEvent,
    MenuSelection,
    NetworkRejectionEvent,
    SmsPpDownload,
    decode_envelope,
)
from impl.errors import CardMuteError, MalformedError, MemoryFullError, PowerLostError

_CLASS_ISO: Final = 0x00
_CLASS_UICC: Final = 0x80

# T0, TA1 speed, TD1 and TD2 protocols 0 and 15, TA3 clock stop and voltages (TS 102 221 clause
# 6.3); historical octets: select by AID, path and identifier, EF.DIR, short identifiers; extended
# lengths, four channels whose numbers the card gives (ISO/IEC 7816-4 table 119).
_ATR_BODY: Final = bytes.fromhex("97 96 80 1f c7 80 31 e0 73 fe 21 53")
ATR: Final = b"\x3b" + _ATR_BODY + bytes([reduce(xor, _ATR_BODY)])
"""Answer to reset, with its check octet."""

# Plain numbers: to ask an enumeration for a member takes longer than what is done with it here.
_OK: Final = int(SW.OK)
_GET_RESPONSE: Final = int(Ins.GET_RESPONSE)
_REPEATABLE: Final = frozenset(map(int, (Ins.READ_BINARY, Ins.READ_RECORD, Ins.STATUS)))
"""Commands that are said again with the length that is there (6Cxx) and change nothing by that."""

Handler = Callable[[Session, CommandApdu], bytes]
FileHandler = Callable[[Selection, CommandApdu], bytes]


class Uicc:
    """A card in a reader. Its `Memory` is all that stays when the power goes."""

    __slots__ = ("_memory", "_session")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._session: Session | None = None

    def power_on(self) -> bytes:
        """Power the card, or reset it, and return its answer to reset.

        Raises:
            CardMuteError: it lost power while it put its memory in order; nothing is lost by that.
        """
        self._session = None
        self._memory.recover()
        self._session = Session(self._memory)
        return ATR

    def power_off(self) -> None:
        """Take the power: selection, verified PINs and everything that waits are gone."""
        self._session = None

    def transmit(self, command: bytes) -> bytes:
        """Exchange one C-APDU for its R-APDU.

        Raises:
            CardMuteError: the card has no power, or lost it just now.
        """
        session = self._session
        if session is None:
            raise CardMuteError("the card has no power")
        try:
            data, sw = _exchange(session, command)
        except PowerLostError:
            self._session = None
            raise
        return data + sw.to_bytes(2, "big")


def _exchange(session: Session, octets: bytes) -> tuple[bytes, int]:
    try:
        command = CommandApdu.decode(octets)
    except MalformedError:
        return b"", SW.WRONG_LENGTH
    try:
        handler = _find_handler(session, command)
        waiting, session.response = session.response, b""
        if command.ins == _GET_RESPONSE:
            here = command.cla & CHANNEL_BITS == session.answering
            data, sw = _get_response(session, command, waiting if here else b"")
        else:
            data, sw = _answer(session, command, handler(session, command))
    except StatusError as refusal:
        data, sw = b"", refusal.sw
    except MemoryFullError:
        data, sw = b"", SW.MEMORY_PROBLEM
    if sw == _OK and (waiting_octets := session.toolkit.offer()):
        sw = SW.fetch(waiting_octets)
    return data, in_class_a0(sw) if command.cla == CLASS_GSM else sw


def _find_handler(session: Session, command: CommandApdu) -> Handler:
    table = _TABLES.get(command.cla)
    if table is None:
        raise StatusError(_wrong_class(command.cla))
    session.selection = session.channels.find(command.cla)
    handler = table.get(command.ins)
    if handler is None:
        known = any(command.ins in other for other in _TABLES.values())
        raise StatusError(SW.CLASS_NOT_SUPPORTED if known else SW.INS_NOT_SUPPORTED)
    return handler


def _wrong_class(cla: int) -> int:
    """Say what of the class is not there: a channel, secure messaging, or all (clause 10.1.1)."""
    if 0x40 <= cla < 0x80 or 0xC0 <= cla < 0xF0:  # channels 4 to 19
        return SW.LOGICAL_CHANNEL_NOT_SUPPORTED
    if cla & 0xF0 in {_CLASS_ISO, _CLASS_UICC}:
        return SW.SECURE_MESSAGING_NOT_SUPPORTED
    return SW.CLASS_NOT_SUPPORTED


def _answer(session: Session, command: CommandApdu, data: bytes) -> tuple[bytes, int]:
    """Return what goes out now of an answer, and with which status (clause 7.3.1.1)."""
    if not data:
        return b"", _OK
    if command.ins in _REPEATABLE and command.le != len(data):
        return b"", SW.exact_length(len(data))
    session.answering = command.cla & CHANNEL_BITS
    if command.le is None:
        session.response = data
        return b"", SW.more(len(data))
    if len(data) <= command.le:  # nothing waits: `_exchange` has taken what did
        return data, _OK
    return _part(session, data, command.le)


def _part(session: Session, data: bytes, size: int) -> tuple[bytes, int]:
    session.response = data[size:]
    return data[:size], SW.more(len(session.response)) if session.response else _OK


def _get_response(session: Session, command: CommandApdu, data: bytes) -> tuple[bytes, int]:
    """GET RESPONSE: the answer that waits, as much of it as is asked for."""
    if command.p1 or command.p2:
        raise StatusError(SW.INCORRECT_P1_P2)
    if not data or command.le is None:
        raise StatusError(SW.CONDITIONS_NOT_SATISFIED if not data else SW.WRONG_LENGTH)
    if command.le > len(data):
        session.response = data
        return b"", SW.exact_length(len(data))
    if command.cla == CLASS_GSM:  # what class A0 leaves unread is dropped
        return data[: command.le], SW.OK
    return _part(session, data, command.le)


def _take_profile(session: Session, command: CommandApdu) -> bytes:
    session.toolkit.take_profile(command)
    session.menu.start()
    session.fallback.remind()
    return b""


def _take_envelope(session: Session, command: CommandApdu) -> bytes:
    """ENVELOPE: what happened outside (TS 102 223 clause 7)."""
    if command.p1 or command.p2:
        raise StatusError(SW.INCORRECT_P1_P2)
    try:
        envelope = decode_envelope(command.data)
    except MalformedError:
        raise StatusError(SW.INCORRECT_DATA) from None
    match envelope:
        case SmsPpDownload():
            return session.over_the_air.receive(envelope)
        case MenuSelection():
            session.menu.select(envelope)
        case LocationStatusEvent():
            session.fallback.take_location_status(envelope)
        case NetworkRejectionEvent():
            session.fallback.take_rejection(envelope)
    return b""


def _authenticate(session: Session, command: CommandApdu) -> bytes:
    if session.selection.application is None:
        raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
    return session.usim.authenticate(command)


def _run_gsm_algorithm(session: Session, command: CommandApdu) -> bytes:
    if session.selection.directory is not GSM:
        raise StatusError(SW.INCOMPATIBLE_WITH_FILE_STRUCTURE)
    return session.usim.run_gsm_algorithm(command)


def _in_channel(handler: FileHandler) -> Handler:
    """Let a command on files go by what is current in the channel that its class names."""
    return lambda session, command: handler(session.selection, command)


def _status(session: Session, command: CommandApdu) -> bytes:
    session.fallback.remind()
    return files.status(session.selection, command)


def _status_gsm(session: Session, command: CommandApdu) -> bytes:
    session.fallback.remind()
    return files.status_gsm(session.selection, command)


def _nothing(session: Session, command: CommandApdu) -> bytes:  # noqa: ARG001 - a handler's shape
    """GET RESPONSE: `_exchange` answers it, since it needs what the command before left."""
    return b""


_PINS: Final[Mapping[int, Handler]] = {
    Ins.VERIFY_PIN: lambda session, command: session.pins.verify(command),
    Ins.CHANGE_PIN: lambda session, command: session.pins.change(command),
    Ins.DISABLE_PIN: lambda session, command: session.pins.disable(command),
    Ins.ENABLE_PIN: lambda session, command: session.pins.enable(command),
    Ins.UNBLOCK_PIN: lambda session, command: session.pins.unblock(command),
}
_CONTENTS: Final[Mapping[int, Handler]] = {
    Ins.READ_BINARY: _in_channel(files.read_binary),
    Ins.UPDATE_BINARY: _in_channel(files.update_binary),
    Ins.READ_RECORD: _in_channel(files.read_record),
    Ins.UPDATE_RECORD: _in_channel(files.update_record),
    Ins.GET_RESPONSE: _nothing,
}
_TOOLKIT: Final[Mapping[int, Handler]] = {
    Ins.TERMINAL_PROFILE: _take_profile,
    Ins.ENVELOPE: _take_envelope,
    Ins.FETCH: lambda session, command: session.toolkit.fetch(command),
    Ins.TERMINAL_RESPONSE: lambda session, command: session.toolkit.respond(command),
}
_ISO: Final[Mapping[int, Handler]] = {
    Ins.SELECT: _in_channel(files.select),
    **_CONTENTS,
    Ins.SEARCH_RECORD: _in_channel(search_record),
    **_PINS,
    Ins.AUTHENTICATE: _authenticate,
    Ins.MANAGE_CHANNEL: lambda session, command: session.channels.manage(command),
}
_TABLES: Final[Mapping[int, Mapping[int, Handler]]] = {
    **dict.fromkeys(range(_CLASS_ISO, _CLASS_ISO + CHANNELS), _ISO),
    _CLASS_UICC: {**_TOOLKIT, Ins.STATUS: _status},
    **{_CLASS_UICC + number: {Ins.STATUS: _status} for number in range(1, CHANNELS)},
    CLASS_GSM: {
        Ins.SELECT: _in_channel(files.select_gsm),
        Ins.STATUS: _status_gsm,
        **_CONTENTS,
        Ins.SEARCH_RECORD: _in_channel(seek_gsm),
        **_PINS,
        **_TOOLKIT,
        Ins.AUTHENTICATE: _run_gsm_algorithm,
    },
}
"""Commands by class and instruction (TS 102 221 table 10.5, TS 51.011 clause 9.2).

The toolkit speaks in the basic channel only.
"""
