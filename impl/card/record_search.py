"""SEARCH RECORD (TS 102 221 clause 11.1.7), and SEEK of class A0 (TS 51.011 clause 9.2.7)."""

from __future__ import annotations

from impl.card.file_commands import addressed, demand_access, record_of
from impl.card.selection import Selection
from impl.card.status import StatusError
from impl.codec.apdu import SW, CommandApdu


def search_record(selection: Selection, command: CommandApdu) -> bytes:
    """SEARCH RECORD: the numbers of the records that hold the pattern, from P1 on."""
    file = addressed(selection, command.p2 >> 3)
    if not file.row.records:
        raise StatusError(SW.INCOMPATIBLE_WITH_FILE_STRUCTURE)
    demand_access(selection, file.row.read)
    backward, first, pattern, offset = _search_terms(selection, command, file.row.records)
    numbers = range(first, 0, -1) if backward else range(first, file.row.records + 1)
    found = [
        number
        for number in numbers
        if record_of(selection, file, number).find(pattern, offset) >= 0
    ]
    if not found:
        raise StatusError(SW.RECORD_NOT_FOUND)
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


def _search_terms(
    selection: Selection, command: CommandApdu, records: int
) -> tuple[bool, int, bytes, int]:
    """Return whether to go backward, from which record, for what, from which octet of a record."""
    mode, first, pattern, offset = command.p2 & 0x07, command.p1, command.data, 0
    if mode == 6:
        if len(pattern) < 3:
            raise StatusError(SW.WRONG_LENGTH)
        indication, offset = pattern[0] & 0x07, pattern[1]
        if pattern[0] & 0xF8:
            raise StatusError(SW.FUNCTION_NOT_SUPPORTED)  # behind an octet of a given value
        pattern = pattern[2:]
        mode = indication & 0x05
        if indication & 0x02:
            first = selection.record + 1 if mode == 4 else (selection.record or records + 1) - 1
    if mode not in {4, 5}:
        raise StatusError(SW.INCORRECT_P1_P2)
    if not pattern:
        raise StatusError(SW.WRONG_LENGTH)
    first = first or selection.record
    if not 1 <= first <= records:
        raise StatusError(SW.RECORD_NOT_FOUND)
    return mode == 5, first, pattern, offset
