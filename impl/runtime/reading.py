"""What a message says, field by field, and which of its octets say each. Nothing secret.

Where a field stands is derived from the declaration that read it (`places` of the codecs).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final

from pydantic import BaseModel

from impl.codec.layout import U8, U16, Layout, Octets, Place, in_turn
from impl.codec.personalization import (
    decode_command,
    decode_request,
    decode_result,
    template_places,
)
from impl.codec.secured_packet import COMMAND_IDENTIFIER, RESPONSE_IDENTIFIER, CommandHeader
from impl.codec.short_message import decode_downlink, decode_uplink
from impl.codec.terminal_response import TerminalResponse, response_places
from impl.codec.tlv import comprehension_places
from impl.codec.toolkit_values import Tag
from impl.codec.user_data import UserData
from impl.errors import MalformedError
from impl.values import Secret

WITHHELD: Final = "(withheld)"
TEMPLATES: Final[Mapping[int, Callable[[bytes], object]]] = {
    0xE1: decode_command,
    0xE2: decode_result,
    0xE3: decode_request,
}
"""What the method puts in secured packets, by its tag."""

Span = tuple[int, int]
"""The first octet, and the one behind the last; 0-based."""

_LENGTHS: Final = 3
"""Octets of CPL and CHL, or RPL and RHL."""
_COUNTER, _PADDING = 5, 1


@dataclass(slots=True)
class Reading:
    """The fields of one message as they are found: texts, and spans of its octets."""

    texts: dict[str, str] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)

    def say(self, name: str, text: str, begin: int, end: int) -> None:
        """Take one field that stands there."""
        self.texts[name], self.spans[name] = text, (begin, end)

    def add(self, record: Any, places: Iterable[Place] = (), at: int = 0, within: str = "") -> None:
        """Take the fields of a record, whose `places` count from offset `at`, under a prefix.

        A field without a place of its own stands where that does which holds it.
        """
        known: dict[str, Span] = {}
        for name, begin, end in places:
            known.setdefault(name, (at + begin, at + end))
        for name, text in flat(record):
            self.texts[within + name] = text
            span = _nearest(known, name)
            if span is not None:
                self.spans[within + name] = span

    def drop(self, name: str) -> int:
        """Forget a field that is going to be told in detail; return the offset behind it."""
        del self.texts[name]
        return self.spans.pop(name)[1]

    def withheld(self) -> tuple[Span, ...] | None:
        """Return where secrets stand; None if that cannot be told of each."""
        names = [name for name, text in self.texts.items() if text == WITHHELD]
        if all(name in self.spans for name in names):
            return tuple(sorted({self.spans[name] for name in names}))
        return None

    def add_tpdu(self, octets: bytes, end: int, *, from_network: bool) -> str:
        """Take the fields of a TPDU that ends at offset `end`; return what it is called.

        Raises:
            MalformedError: it is none; nothing was taken.
        """
        tpdu = decode_downlink(octets) if from_network else decode_uplink(octets)
        self.add(tpdu, tpdu.places(), end - len(octets), "tpdu.")
        if tpdu.user_data:
            self.add_packet(UserData(tpdu.header, tpdu.user_data), end)
        return words(tpdu)

    def open_tpdu(self, name: str, octets: bytes, *, from_network: bool) -> str:
        """Take what a TPDU says in place of the field that holds it; return what it is called.

        Raises:
            MalformedError: it says nothing that can be read; the field stays.
        """
        kind = self.add_tpdu(octets, self.spans[name][1], from_network=from_network)
        self.drop(name)
        return kind

    def add_terminal_response(self, octets: bytes, at: int) -> None:
        """Take the fields of a terminal response; what the user typed may be a code: withheld.

        Raises:
            MalformedError: it is none; nothing was taken.
        """
        response = TerminalResponse.decode(octets)
        self.add(response, response_places(response, octets), at)
        if response.text:
            self.texts["text"] = WITHHELD
        texts = [one for one in comprehension_places(octets) if one.tag == Tag.TEXT_STRING]
        for number, one in enumerate(texts[1:], start=2):  # which the card does not look at
            self.say(f"text.{number}", WITHHELD, at + one.value, at + one.end)

    def add_packet(self, user_data: UserData, end: int) -> None:
        """Take what the first short message of a secured packet says in the clear.

        `end` is the offset behind the user data. Of what is no packet nothing is taken.
        """
        identifiers = {element.identifier for element in user_data.header}
        at = end - len(user_data.octets)
        try:
            if COMMAND_IDENTIFIER in identifiers:
                self._add_command_packet(user_data.octets, at)
            elif RESPONSE_IDENTIFIER in identifiers:
                response, _ = _ResponseHead.take(user_data.octets, 0)
                self.add(response, _ResponseHead.places(user_data.octets), at, "packet.")
        except MalformedError:
            return

    def _add_command_packet(self, octets: bytes, at: int) -> None:
        head, end = _CommandHead.take(octets, 0)
        header, data_at = CommandHeader.take(octets, end)
        self.add(head, _CommandHead.places(octets), at, "packet.")
        self.add(header, CommandHeader.places(octets, end), at, "packet.")
        if header.spi1.is_ciphered or len(octets) != head.cpl + 2:
            return
        check = head.chl - (data_at - _LENGTHS) - _COUNTER - _PADDING
        places = in_turn(data_at, counter=_COUNTER, pcntr=_PADDING, rc_cc_ds=max(0, check))
        for name, begin, behind in places:
            value = octets[begin:behind]
            text = value.hex() if name == "rc_cc_ds" else str(int.from_bytes(value, "big"))
            self.say(f"packet.{name}", text, at + begin, at + behind)
        self.add_template(octets[_LENGTHS + head.chl :], at + _LENGTHS + head.chl)

    def add_template(self, octets: bytes, at: int | None) -> None:
        """Take what the method says in a template that stands at offset `at`; None is nowhere.

        Raises:
            MalformedError: it is no whole template.
        """
        decode = TEMPLATES.get(octets[0]) if octets else None
        if decode is None:
            return
        record = decode(octets)
        places = () if at is None else template_places(octets)
        self.add(record, places, at or 0, f"{type(record).__name__}.")


def without_typed(response: bytes) -> bytes:
    """Return the data of a terminal response with zeros for what a user typed.

    Zeros alone where that cannot be told, as of what is no terminal response.
    """
    reading = Reading()
    try:
        reading.add_terminal_response(response, 0)
    except MalformedError:
        return bytes(len(response))
    withheld = reading.withheld()
    return bytes(len(response)) if withheld is None else blanked(response, withheld)


def blanked(octets: bytes, spans: Iterable[Span]) -> bytes:
    """Return octets with zeros in these places."""
    found = bytearray(octets)
    for begin, end in spans:
        found[begin:end] = bytes(end - begin)
    return bytes(found)


class _CommandHead(Layout):
    """TS 102 225 table 1, as far as a first short message has it for sure."""

    cpl: U16
    chl: U8


class _ResponseHead(Layout):
    """TS 102 225 table 5, likewise."""

    rpl: U16
    rhl: U8
    tar: Annotated[bytes, Octets(3)]


def words(record: object) -> str:
    """Return the name of a kind of record as standards write names: `LOCATION UPDATING ACCEPT`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(record).__name__).upper()


def flat(record: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the fields of a record as text, those of records inside it by dotted names."""
    for name in _names(type(record)):  # type: ignore[arg-type]  # a class can be a key
        value = getattr(record, name)
        if value is not None:
            yield from _said(prefix + name, value)


@cache
def _names(kind: type) -> tuple[str, ...]:
    """Return the fields of a kind of record."""
    if issubclass(kind, BaseModel):
        return tuple(kind.model_fields)
    if is_dataclass(kind):
        return tuple(one.name for one in fields(kind))
    names: tuple[str, ...] = getattr(kind, "_fields", ())
    return names


def _said(name: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case None | () | "" | b"" | False:
            return
        case Secret():
            yield name, WITHHELD
        case bytes():
            yield name, value.hex()
        case Enum():
            yield name, value.name or str(value.value)
        case int() | str():
            yield name, str(value)
        case tuple() | list() if not hasattr(value, "_fields"):
            for number, one in enumerate(value, start=1):
                yield from _said(f"{name}.{number}", one)
        case _ if is_dataclass(value) or hasattr(value, "_fields"):
            yield from flat(value, f"{name}.")
        case _:
            yield name, str(value)


def _nearest(known: Mapping[str, Span], name: str) -> Span | None:
    """Return where a field stands, or the nearest that holds it."""
    while name not in known:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return None
    return known[name]
