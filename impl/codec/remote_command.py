"""Remote management over the air, compact format: ETSI TS 102 226 release 16 clause 5.1.

A script is C-APDUs for one application of the card, one behind the other; its answer says how many
of them were carried out and what the last one said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from impl.codec.apdu import LONGEST_COMMAND_DATA, LONGEST_RESPONSE_DATA, SW, CommandApdu, Ins
from impl.errors import MalformedError, TruncatedError, UnencodableError

MOST_COMMANDS: Final = 255
"""Their number stands in one octet of the answer."""

_HEADER: Final = 5  # CLA INS P1 P2 P3
_RESPONSE_HEADER: Final = 3  # number of commands, SW1, SW2
_OUTPUT: Final = frozenset((Ins.READ_BINARY, Ins.READ_RECORD, Ins.GET_RESPONSE, Ins.STATUS))
"""Commands whose P3 is Le: they bring no data (case 2). P3 of all others is Lc."""


class RemoteResponse(NamedTuple):
    """What a script answers (clause 5.1.2)."""

    executed: int
    """Commands that were carried out, the one that failed included; 0 to 255."""
    sw: int
    """Status word of the last one."""
    data: bytes = b""
    """Response data of the last one."""

    @property
    def is_ok(self) -> bool:
        """Whether the last command was done: 9000, or 61xx where nobody asked for its answer."""
        return self.sw == SW.OK or self.sw >> 8 == 0x61

    @classmethod
    def decode(cls, octets: bytes) -> RemoteResponse:
        """Read the answer to a script.

        Raises:
            TruncatedError: no status word.
        """
        if len(octets) < _RESPONSE_HEADER:
            raise TruncatedError("RemoteResponse", needed=_RESPONSE_HEADER, present=len(octets))
        sw = int.from_bytes(octets[1:_RESPONSE_HEADER], "big")
        return cls(octets[0], sw, octets[_RESPONSE_HEADER:])

    def encode(self) -> bytes:
        """Write the answer to a script.

        Raises:
            UnencodableError: the number of commands or the status word is out of its range.
        """
        if not (0 <= self.executed <= MOST_COMMANDS and 0 <= self.sw <= 0xFFFF):
            raise UnencodableError("RemoteResponse", "a number is out of its range")
        return bytes((self.executed,)) + self.sw.to_bytes(2, "big") + self.data

    def __repr__(self) -> str:
        """Show the outcome, never the data."""
        return f"RemoteResponse({self.executed} commands, {self.sw:04X}, {len(self.data)} octets)"


def encode_script(commands: Iterable[CommandApdu]) -> bytes:
    """Write a script.

    Raises:
        UnencodableError: more than 255 commands, or one that the compact form has no room for: it
            brings data and expects some (GET RESPONSE asks for that), or is of extended form.
    """
    written = [_encode_command(command) for command in commands]
    if len(written) > MOST_COMMANDS:
        raise UnencodableError("script", f"{len(written)} commands exceed {MOST_COMMANDS}")
    return b"".join(written)


def decode_script(octets: bytes) -> tuple[CommandApdu, ...]:
    """Read a script.

    Raises:
        TruncatedError: the last command is cut short.
        MalformedError: more than 255 commands.
    """
    commands: list[CommandApdu] = []
    at = 0
    while at < len(octets):
        command, at = _take_command(octets, at)
        commands.append(command)
    if len(commands) > MOST_COMMANDS:
        raise MalformedError("script", f"{len(commands)} commands exceed {MOST_COMMANDS}")
    return tuple(commands)


def _encode_command(command: CommandApdu) -> bytes:
    is_output = command.ins in _OUTPUT
    if is_output is (command.le is None) or (is_output and command.data):
        raise UnencodableError("script", "a command is not of the case that its instruction has")
    if len(command.data) > LONGEST_COMMAND_DATA or (command.le or 1) > LONGEST_RESPONSE_DATA:
        raise UnencodableError("script", "a command is of extended form")
    octets = command.encode()
    return octets if len(octets) >= _HEADER else octets + b"\0"


def _take_command(octets: bytes, at: int) -> tuple[CommandApdu, int]:
    if len(octets) - at < _HEADER:
        raise TruncatedError("script", needed=_HEADER, present=len(octets) - at)
    cla, ins, p1, p2, p3 = octets[at : at + _HEADER]
    at += _HEADER
    if ins in _OUTPUT:
        return CommandApdu(cla, ins, p1, p2, le=p3 or LONGEST_RESPONSE_DATA), at
    if len(octets) - at < p3:
        raise TruncatedError("script", needed=p3, present=len(octets) - at)
    return CommandApdu(cla, ins, p1, p2, octets[at : at + p3]), at + p3
