"""Remote management over the air, expanded format: ETSI TS 102 226 release 16 clause 5.2.

A template of definite length holds C-APDUs of every case, each as a data object, so that a command
may bring data and expect some; the answer holds what each of them said. No command of the compact
format begins as the template does: a receiver tells the two apart by the first octet.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

from impl.codec.apdu import CommandApdu, ResponseApdu
from impl.codec.tlv import Tlv, decode_tlvs, encode_tlv, encode_tlvs, open_template
from impl.errors import MalformedError

COMMANDS: Final = 0xAA
ANSWERS: Final = 0xAB
_C_APDU: Final = 0x22
_R_APDU: Final = 0x23
_EXECUTED: Final = 0x80
_BAD_FORMAT: Final = 0x90


class BadFormat(IntEnum):
    """Why a script was not read; nothing of it was carried out then."""

    UNKNOWN_TAG = 0x01
    WRONG_LENGTH = 0x02


class ExpandedResponse(NamedTuple):
    """What a script answers (clause 5.2.2)."""

    answers: tuple[ResponseApdu, ...]
    """Of every command that was begun, in their order."""
    fault: BadFormat | None = None

    @classmethod
    def decode(cls, octets: bytes) -> ExpandedResponse:
        """Read the answer to a script.

        Raises:
            TruncatedError: a data object is cut short.
            MalformedError: it is no such template, or counts other answers than it has.
        """
        first, *objects = decode_tlvs(open_template(octets, ANSWERS, "response")) or (Tlv(0, b""),)
        answers = tuple(ResponseApdu.decode(each.value) for each in objects if each.tag == _R_APDU)
        others = [each for each in objects if each.tag != _R_APDU]
        if first != _counted(answers) or [each.tag for each in others] not in ([], [_BAD_FORMAT]):
            raise MalformedError("response", "is not a count and as many answers")
        try:
            fault = BadFormat(int.from_bytes(others[0].value, "big")) if others else None
        except ValueError:
            raise MalformedError("response", "names an unknown fault") from None
        return cls(answers, fault)

    def encode(self) -> bytes:
        """Write the answer to a script; errors of `ResponseApdu.encode`."""
        objects = [_counted(self.answers)]
        objects += [Tlv(_R_APDU, answer.encode()) for answer in self.answers]
        if self.fault is not None:
            objects.append(Tlv(_BAD_FORMAT, bytes((self.fault,))))
        return encode_tlv(ANSWERS, encode_tlvs(objects))


def is_expanded(octets: bytes) -> bool:
    """Whether a script is of this format rather than the compact one."""
    return octets[:1] == bytes((COMMANDS,))


def encode_expanded(commands: Iterable[CommandApdu]) -> bytes:
    """Write a script; errors of `CommandApdu.encode`."""
    objects = [Tlv(_C_APDU, command.encode()) for command in commands]
    return encode_tlv(COMMANDS, encode_tlvs(objects))


def decode_expanded(octets: bytes) -> tuple[CommandApdu, ...]:
    """Read a script.

    Raises:
        UnknownTagError: it holds something else than commands.
        MalformedError: it is no such template, or a length in it is wrong.
    """
    objects = decode_tlvs(open_template(octets, COMMANDS, "script"))
    unknown = [each.tag for each in objects if each.tag != _C_APDU]
    if unknown:
        raise UnknownTagError("script", f"object {unknown[0]:X} is no command")
    return tuple(CommandApdu.decode(each.value) for each in objects)


class UnknownTagError(MalformedError):
    """A script holds an object that is no command."""


def _counted(answers: tuple[ResponseApdu, ...]) -> Tlv:
    count = len(answers)
    return Tlv(_EXECUTED, count.to_bytes(max(1, (count.bit_length() + 7) // 8), "big"))
