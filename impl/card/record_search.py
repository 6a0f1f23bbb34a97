"""SEARCH RECORD (TS 102 221 clause 11.1.7), and SEEK of class A0 (TS 51.011 clause 9.2.7)."""

from __future__ import annotations

from typing import Final, NamedTuple

from impl.card.file_commands import addressed, demand_access, record_of
from impl.card.selection import Selection
from impl.card.status import StatusError
from impl.codec.apdu import SW, CommandApdu

_FORWARD, _BACKWARD, _ENHANCED = 4, 5, 6
_BEHIND_A_VALUE: Final = 0x08


class _Terms(NamedTuple):
    """What a search is for, and where."""

    is_backward: bool
    first: int
    """Number of the record where it begins."""
    pattern: bytes
    offset: int = 0
    """Octets of a record that are not looked at."""
    behind: bytes = b""
    """The octet behind whose first occurrence in a record it looks; empty for none."""

    def is_met_by(self, record: bytes) -> bool:
        """Whether the pattern stands in a record, where it is looked for."""
        start = record.find(self.behind) + 1 if self.behind else self.offset
        if self.behind and not start:
            return False
        return record.find(self.pattern, start) >= 0


def search_record(selection: Selection, command: CommandApdu) -> bytes:
    """SEARCH RECORD: the numbers of the records that hold the pattern, from P1 on."""
    file = addressed(selection, command.p2 >> 3)
    if not file.row.records:
        raise StatusError(SW.INCOMPATIBLE_WITH_FILE_STRUCTURE)
    demand_access(selection, file.row.read)
    terms = _search_terms(selection, command, file.row.records)
    last = 0 if terms.is_backward else file.row.records + 1
    found = [
        number
        for number in range(terms.first, last, -1 if terms.is_backward else 1)
        if terms.is_met_by(record_of(selection, file, number))
    ]
    if not found:
        raise StatusError(SW.END_OF_FILE_REACHED)
    selection.record = found[0]
    return bytes(found)


def seek_gsm(selection: Selection, command: CommandApdu) -> bytes:
    """SEEK of class A0 (TS 51.011 clause 9.2.7): point to the first record that begins so."""
    file = selection.file
    if file is None:
        raise StatusError(SW.NO_EF_SELECTED)
    if not file.row.records:
        raise StatusError(SW.INCOMPATIBLE_WITH_FILE_STRUCTURE)
    demand_access(selection, file.row.read)
    kind, mode = command.p2 >> 4, command.p2 & 0x0F
    if command.p1 or kind > 1 or mode > 3:
        raise StatusError(SW.WRONG_P1_P2)
    if not 0 < len(command.data) <= file.row.size:
        raise StatusError(SW.WRONG_LENGTH)
    last = file.row.records
    numbers = (
        range(1, last + 1),
        range(last, 0, -1),
        range(selection.record + 1, last + 1),
        range((selection.record or last + 1) - 1, 0, -1),
    )[mode]
    for number in numbers:
        if record_of(selection, file, number).startswith(command.data):
            selection.record = number
            return bytes([number]) if kind else b""
    raise StatusError(SW.GSM_NOT_FOUND)


def _search_terms(selection: Selection, command: CommandApdu, records: int) -> _Terms:
    """Read P1, P2 and data (TS 102 221 tables 11.11 to 11.13)."""
    mode, first, pattern, where = command.p2 & 0x07, command.p1, command.data, b"\0\0"
    if mode == _ENHANCED:
        if len(pattern) < 3:
            raise StatusError(SW.WRONG_LENGTH)
        where, pattern = pattern[:2], pattern[2:]
        if where[0] & 0xF0:
            raise StatusError(SW.FUNCTION_NOT_SUPPORTED)
        mode = where[0] & 0x05
        if where[0] & 0x02:
            here = selection.record
            first = here + 1 if mode == _FORWARD else (here or records + 1) - 1
    if mode not in {_FORWARD, _BACKWARD}:
        raise StatusError(SW.INCORRECT_P1_P2)
    if not pattern:
        raise StatusError(SW.WRONG_LENGTH)
    first = first or selection.record
    if not 1 <= first <= records:
        raise StatusError(SW.RECORD_NOT_FOUND)
    terms = _Terms(mode == _BACKWARD, first, pattern)
    if where[0] & _BEHIND_A_VALUE:
        return terms._replace(behind=where[1:])
    return terms._replace(offset=where[1])
