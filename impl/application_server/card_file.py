"""Files of a card manufacturer: which card has which admin code and keys (S0) [060].

CSV with a header line, or a JSON array of objects; columns or members `iccid`, `admin_code`, `kic`,
`kid` (hexadecimal digits: 8 octets, and 16, 24 or 32 in both keys alike) and optionally
`key_version` (1 to 14; without it 1). Others are left alone. A file is read as it is taken, so that
it may be of any length.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from operator import itemgetter
from typing import Final, NamedTuple

from impl.codec.ota_profile import KEYING_VERSION
from impl.errors import MalformedError
from impl.values import ICCID

FIELDS: Final = ("iccid", "admin_code", "kic", "kid")
VERSION: Final = "key_version"
ADMIN_CODE_OCTETS: Final = 8
KEY_OCTETS: Final = (16, 24, 32)
"""Those of a key of AES (TS 102 225 clause 5.1.2)."""
SECRETS: Final = {"admin_code": (ADMIN_CODE_OCTETS,), "kic": KEY_OCTETS, "kid": KEY_OCTETS}
_KEY_DIGITS: Final = frozenset(2 * size for size in KEY_OCTETS)
VERSIONS: Final = {str(version): version for version in range(1, KEYING_VERSION)}
"""Key versions of cards; the one above them names the keyset that the admin code makes."""

_FIRST_VERSION = "1"
_BYTE_ORDER_MARK = "\ufeff"  # in front of what spreadsheets write
_SPACE: Final = frozenset(" \t\r\n")


class FileFormat(StrEnum):
    """Formats of a manufacturer's file."""

    CSV = "csv"
    JSON = "json"


class CardFileError(MalformedError):
    """Lines of a manufacturer's file that cannot be taken. No card of the file was."""

    def __init__(self, faults: Iterable[tuple[int, str]]) -> None:
        self.faults = tuple(faults)
        """Line, 1-based, and what is wrong with it: never what it holds."""
        text = "; ".join(f"line {line}: {fault}" for line, fault in self.faults)
        super().__init__("card file", text)


class CardEntry(NamedTuple):
    """One card of the file."""

    iccid: ICCID
    secrets: bytes
    """Admin code, KIc and KID, which are of one length."""
    key_version: int


Line = tuple[int, CardEntry | MalformedError]
"""Where a card stands in the file, 1-based, and the card or what is wrong with it."""


def read_cards(text: str | Iterable[str], file_format: FileFormat) -> Iterator[Line]:
    """Read a file, given whole or (CSV) line by line; what is wrong in one card stands for it.

    Raises:
        CardFileError: nothing more can be read of the file.
    """
    if file_format is FileFormat.JSON:
        members = _JsonArray(text if isinstance(text, str) else "".join(text)).members()
        return ((line, _entry_of_member(member)) for line, member in members)
    return _read_csv(io.StringIO(text) if isinstance(text, str) else text)


def _read_csv(lines: Iterable[str]) -> Iterator[Line]:
    reader = csv.reader(lines, strict=True)
    try:
        header = next(filter(None, reader), [])
        places = [_place(header, name) for name in (*FIELDS, VERSION)]
        pick = itemgetter(*(place for place in places if place >= 0))
        for cells in filter(None, reader):  # a line may be empty
            yield reader.line_num, _entry_of_cells(cells, pick, len(header))
    except csv.Error:
        raise CardFileError([(reader.line_num, "is no CSV")]) from None


def _place(header: list[str], name: str) -> int:
    """Return in which column a field stands, -1 where one that need not be there is not."""
    names = [cell.removeprefix(_BYTE_ORDER_MARK).strip() for cell in header]
    if name in names:
        return names.index(name)
    if name == VERSION:
        return -1
    raise CardFileError([(1, f"has no column {name}")])


def _entry_of_cells(
    cells: list[str], pick: Callable[[list[str]], tuple[str, ...]], width: int
) -> CardEntry | MalformedError:
    if len(cells) != width:
        return MalformedError("line", f"must have {width} cells, has {len(cells)}")
    iccid, code, kic, kid, *version = pick(cells)
    try:
        return _entry(iccid.strip(), (code, kic, kid), version[0].strip() if version else "")
    except MalformedError as error:
        return error


class _JsonArray:
    """The members of a JSON array, each with the line on which it begins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at, self._line, self._counted = 0, 1, 0
        self._decoder = json.JSONDecoder()

    def members(self) -> Iterator[tuple[int, object]]:
        """Read one after the other."""
        if not self._take("["):
            raise CardFileError([(1, "must be an array of cards")])
        is_closed = self._take("]")
        while not is_closed:
            yield self._value()
            is_closed = self._take("]")
            if not is_closed and not self._take(","):
                raise self._fault()
        self._skip_space()
        if self._at != len(self._text):
            raise self._fault()

    def _value(self) -> tuple[int, object]:
        self._skip_space()
        line = self._count_lines()
        try:
            value, self._at = self._decoder.raw_decode(self._text, self._at)
        except (ValueError, RecursionError):
            raise self._fault() from None
        return line, value

    def _take(self, mark: str) -> bool:
        self._skip_space()
        is_there = self._text.startswith(mark, self._at)
        self._at += is_there
        return is_there

    def _skip_space(self) -> None:
        while self._text[self._at : self._at + 1] in _SPACE:
            self._at += 1

    def _count_lines(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _fault(self) -> CardFileError:
        return CardFileError([(self._count_lines(), "is no JSON")])


def _entry_of_member(member: object) -> CardEntry | MalformedError:
    if not isinstance(member, dict):
        return MalformedError("card", "must be an object")
    try:
        iccid, code, kic, kid = (_text(member, name) for name in FIELDS)
        version = member.get(VERSION)
        return _entry(iccid, (code, kic, kid), "" if version is None else str(version).strip())
    except MalformedError as error:
        return error


def _text(member: Mapping[str, object], name: str) -> str:
    value = member.get(name)
    if not isinstance(value, str):
        raise MalformedError(name, "is missing or no text")
    return value.strip()


def _entry(iccid: str, secrets: tuple[str, str, str], version: str) -> CardEntry:
    key_version = VERSIONS.get(version or _FIRST_VERSION)
    if key_version is None:
        raise MalformedError(VERSION, f"must be 1 to {len(VERSIONS)}")
    return CardEntry(ICCID(iccid), _secret_octets(secrets), key_version)


def _secret_octets(secrets: tuple[str, str, str]) -> bytes:
    """Return the octets of all: read at once, or one by one to say which is wrong."""
    digits = "".join(secrets)
    code_size, kic_size, kid_size = map(len, secrets)
    if code_size == 2 * ADMIN_CODE_OCTETS and kic_size == kid_size and kic_size in _KEY_DIGITS:
        try:
            octets = bytes.fromhex(digits)
        except ValueError:
            octets = b""
        if 2 * len(octets) == len(digits):  # else there was space between
            return octets
    code, kic, kid = map(_octets, SECRETS, secrets)
    if len(kic) != len(kid):
        raise MalformedError("kid", f"must be as long as kic, {len(kic)} octets, is {len(kid)}")
    return code + kic + kid


def _octets(name: str, digits: str) -> bytes:
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        raise MalformedError(name, "must be hexadecimal digits") from None
    if len(octets) not in SECRETS[name]:
        sizes = "16, 24 or 32" if SECRETS[name] is KEY_OCTETS else str(ADMIN_CODE_OCTETS)
        raise MalformedError(name, f"must be {sizes} octets, is {len(octets)}")
    return octets
