"""The control interface of Osmocom programs, carried by IPA: what one is asked to set, its answer.

A message is a line of text: `SET 7 subscriber.create 262020000000001` is answered by `SET_REPLY 7
subscriber.create 12` or by `ERROR 7 Subscriber already exists.`
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from impl.errors import MalformedError, UnencodableError
from impl.values import Secret

_LINE = re.compile(r"(?P<verb>[A-Z_]+) (?P<id>[0-9]+|err) ?(?P<rest>.*)", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,18}")
_VARIABLE = re.compile(r"[a-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class SetRequest:
    """Set a variable; its value may be a key."""

    id: str
    """Decimal digits, 1 to 18, that the answer repeats."""
    variable: str
    value: Secret

    def encode(self) -> bytes:
        """Write the line.

        Raises:
            UnencodableError: identifier or variable cannot stand in a line, or the value breaks it.
        """
        if not _NUMBER.fullmatch(self.id) or not _VARIABLE.fullmatch(self.variable):
            raise UnencodableError("SET", "identifier or variable is of other characters")
        value = self.value.reveal()
        if not all(0x20 < octet < 0x7F for octet in value):
            raise UnencodableError("SET", "the value is not one word")
        return f"SET {self.id} {self.variable} ".encode("ascii") + value


@dataclass(frozen=True, slots=True)
class SetReply:
    """A variable was set."""

    id: str
    variable: str
    value: Secret


@dataclass(frozen=True, slots=True)
class ControlError:
    """It was not."""

    id: str
    """`err` where the program could not read what it was asked."""
    why: str


@dataclass(frozen=True, slots=True)
class Trap:
    """A variable changed; nobody asked."""

    variable: str


ControlMessage = SetRequest | SetReply | ControlError | Trap


def decode_control(octets: bytes) -> ControlMessage:
    """Read a line.

    Raises:
        MalformedError: it is none, or of a kind that is not used here.
    """
    try:
        line = _LINE.fullmatch(octets.decode("ascii"))
    except UnicodeDecodeError:
        line = None
    if line is None:
        raise MalformedError("control message", "is no line of verb, number and text")
    verb, number, rest = line["verb"], line["id"], line["rest"]
    variable, _, value = rest.partition(" ")
    secret = Secret(value.encode("ascii"))
    match verb:
        case "SET":
            return SetRequest(number, variable, secret)
        case "SET_REPLY":
            return SetReply(number, variable, secret)
        case "ERROR":
            return ControlError(number, rest)
        case "TRAP":
            return Trap(variable)
    raise MalformedError("control message", "is of another kind")
