"""What may be shown of an exchange with a card. Nothing secret: see `evidence`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from impl.codec.apdu import CommandApdu, Ins, describe
from impl.codec.envelope import envelope_places
from impl.codec.file_control import FCP, FileControl, file_control_places
from impl.codec.layout import in_turn
from impl.codec.proactive import proactive_places
from impl.codec.toolkit import SendShortMessage, SmsPpDownload, decode_envelope, decode_proactive
from impl.errors import MalformedError
from impl.runtime.evidence import MEMORY, Dissection, shown
from impl.runtime.reading import WITHHELD, Reading, words

KEY_COMMANDS = {Ins.AUTHENTICATE, Ins.GET_RESPONSE}
"""What answers them may be CK and IK; nobody knows of GET RESPONSE which command it completes."""
_SHORT = 0x80
_KEY_FILES = {_SHORT | 0x01, _SHORT | 0x08, _SHORT | 0x09}
"""P1 of UPDATE BINARY on EF.Kc, EF.Keys and EF.KeysPS, as devices here name them (TS 31.102 4.2,
4.4.3); 01 is EF.ECC elsewhere."""
_SECURITY_CONTEXT = 0x18 << 3
"""P2 of UPDATE RECORD on EF.EPSNSC, its mode apart."""
_TELLING_OF_FILES = {Ins.SELECT, Ins.STATUS, Ins.GET_RESPONSE}
SECRET_COMMANDS = {Ins.VERIFY_PIN, Ins.CHANGE_PIN, Ins.DISABLE_PIN, Ins.ENABLE_PIN, Ins.UNBLOCK_PIN}
_HEADER = 4


def dissect_apdu(command: bytes, response: bytes) -> tuple[Dissection, Dissection]:
    """Read one exchange with the card; `response` is empty if it went mute."""
    return MEMORY.recall([command, response], None, lambda: _exchange(command, response))


def carries_secret(command: CommandApdu) -> bool:
    """Whether the data of a command is a PIN, or keys that the device keeps in the card."""
    match command.ins:
        case Ins.UPDATE_BINARY:
            return command.p1 in _KEY_FILES
        case Ins.UPDATE_RECORD:
            return command.p2 & 0xF8 == _SECURITY_CONTEXT
    return command.ins in SECRET_COMMANDS


def _exchange(command: bytes, response: bytes) -> tuple[Dissection, Dissection]:
    try:
        asked = CommandApdu.decode(command)
    except MalformedError as error:
        malformed = Reading({"why": str(error)})
        if len(command) > _HEADER:  # it may be a PIN behind a wrong length
            malformed.say("data", WITHHELD, _HEADER, len(command))
        return shown("APDU", "MALFORMED", command, malformed), _answered(Reading(), response)
    name = (
        Ins(asked.ins).name.replace("_", " ") if asked.ins in set(Ins) else f"INS {asked.ins:02X}"
    )
    question, answer = Reading(), Reading()
    _read_command(question, asked, command)
    _read_answer(answer, asked, response[:-2])
    return shown("APDU", name, command, question), _answered(answer, response)


def _read_answer(reading: Reading, asked: CommandApdu, data: bytes) -> None:
    """Take what the data of an answer says, where that does not depend on what is selected."""
    if not data or _read_file_control(reading, asked, data):
        return
    if asked.ins in KEY_COMMANDS:
        reading.say("data", WITHHELD, 0, len(data))
    elif asked.ins == Ins.FETCH:
        _read_proactive(reading, data)


def _read_file_control(reading: Reading, asked: CommandApdu, data: bytes) -> bool:
    """Take the fields of an FCP template; return whether it is one.

    No answer to AUTHENTICATE begins like one: these are DB, DC or 04 (TS 31.102 clause 7.1.2.1).
    That to RUN GSM ALGORITHM of class A0, which has no templates, may begin with any octet.
    """
    if data[0] != FCP or asked.ins not in _TELLING_OF_FILES or asked.is_of_gsm:
        return False
    try:
        control = FileControl.decode(data)
    except MalformedError:
        return False
    reading.add(control, file_control_places(data))
    if control.fid is not None:
        reading.texts["fid"] = f"{control.fid:04X}"
    return True


def _answered(reading: Reading, response: bytes) -> Dissection:
    size = max(0, len(response) - 2)
    if size and not reading.texts:
        reading.say("data", response[:size].hex(), 0, size)
    if response:
        words_of_status = describe(int.from_bytes(response[size:], "big"))
        reading.say("sw", words_of_status, size, len(response))
    return shown("APDU", response[size:].hex().upper() or "NO ANSWER", response, reading)


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
            reading.open_tpdu("tpdu", envelope.tpdu, from_network=True)
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
            reading.open_tpdu("tpdu", command.tpdu, from_network=False)
