"""Commands on files: TS 102 221 clauses 11.1.1 to 11.1.6, and class A0 of TS 51.011 clause 9.2.

Each function takes the selection and the command, and returns the octets of the answer.
"""

from __future__ import annotations

from typing import Final

from impl.card.files import Access
from impl.card.image import USIM
from impl.card.selection import Selection
from impl.card.status import StatusError
from impl.card.tree import CURRENT_APPLICATION, Directory, File
from impl.codec.apdu import CLASS_GSM, SW, CommandApdu

# P1 of SELECT
_BY_IDENTIFIER, _CHILD, _PARENT, _BY_AID, _BY_PATH, _BY_PATH_FROM_HERE = 0, 1, 3, 4, 8, 9
# P2 of SELECT
_RETURN_FCP, _RETURN_NOTHING = 0x04, 0x0C
_SHORTEST_AID, _LONGEST_AID = 5, 16
_TERMINATE: Final = 0x40

# Low half of P2 of READ and UPDATE RECORD
_NEXT, _PREVIOUS, _ABSOLUTE = 2, 3, 4


def select(selection: Selection, command: CommandApdu) -> bytes:
    """SELECT: by identifier, child, parent, AID, path from the MF or from here; returns the FCP."""
    if command.p1 == _BY_AID:
        chosen: File | Directory = _find_application(command)
    elif command.p2 not in {_RETURN_FCP, _RETURN_NOTHING}:
        raise StatusError(SW.INCORRECT_P1_P2)
    else:
        chosen = _find_file(selection, command)
    selection.select(chosen)
    if command.p1 == _BY_AID:
        terminated = command.p2 & _TERMINATE
        selection.application = None if terminated else selection.directory
    return describe(selection, chosen) if command.p2 & _RETURN_NOTHING == _RETURN_FCP else b""


def select_gsm(selection: Selection, command: CommandApdu) -> bytes:
    """SELECT of class A0: by identifier; returns the older status."""
    if command.p1 or command.p2:
        raise StatusError(SW.WRONG_P1_P2)
    if len(command.data) != 2:
        raise StatusError(SW.WRONG_LENGTH)
    # No identifier stands for the current application: that is younger than this class.
    found = selection.directory.reach.get(int.from_bytes(command.data, "big"))
    if found is None:
        raise StatusError(SW.FILE_NOT_FOUND)
    selection.select(found)
    return describe_gsm(selection, found)


def status(selection: Selection, command: CommandApdu) -> bytes:
    """STATUS: the FCP of the current directory, the AID of the current application, or nothing."""
    if command.p1 > 2:
        raise StatusError(SW.INCORRECT_P1_P2)
    if command.p2 == 0x00:
        return describe(selection, selection.directory)
    if command.p2 == 0x01:
        return _dedicated_name(selection.application)
    if command.p2 == _RETURN_NOTHING:
        return b""
    raise StatusError(SW.INCORRECT_P1_P2)


def status_gsm(selection: Selection, command: CommandApdu) -> bytes:
    """STATUS of class A0: as many octets as were asked of the directory's older status."""
    if command.p1 or command.p2:
        raise StatusError(SW.WRONG_P1_P2)
    return describe_gsm(selection, selection.directory)[: command.le]


def describe(selection: Selection, chosen: File | Directory) -> bytes:
    """Return the FCP template of a file or directory."""
    return chosen.fcp if isinstance(chosen, File) else chosen.fcp(selection.pins.states)


def describe_gsm(selection: Selection, chosen: File | Directory) -> bytes:
    """Return the older status of a file or directory."""
    if isinstance(chosen, File):
        return chosen.gsm_status
    return chosen.gsm_status(selection.pins.tries, chv1_disabled=not selection.pins.is_enabled)


def read_binary(selection: Selection, command: CommandApdu) -> bytes:
    """READ BINARY: as many octets as were asked and are there."""
    file, offset = _transparent(selection, command)
    demand_access(selection, file.row.read)
    if command.le is None:
        raise StatusError(SW.WRONG_LENGTH)
    return file.read_part(selection.memory, offset, min(command.le, file.row.size - offset))


def update_binary(selection: Selection, command: CommandApdu) -> bytes:
    """UPDATE BINARY: all of the data or nothing of it."""
    file, offset = _transparent(selection, command)
    demand_access(selection, file.row.update)
    if not 0 < len(command.data) <= file.row.size - offset:
        raise StatusError(SW.WRONG_LENGTH)
    file.write(selection.memory, command.data, offset)
    return b""


def read_record(selection: Selection, command: CommandApdu) -> bytes:
    """READ RECORD: the next, the previous, the current one or one by number."""
    file, number = _find_record(selection, command)
    demand_access(selection, file.row.read)
    if command.le == file.row.size:  # else it is said again, and the next record is still the next
        _move_pointer(selection, command, number)
    return record_of(selection, file, number)


def update_record(selection: Selection, command: CommandApdu) -> bytes:
    """UPDATE RECORD: the whole record or nothing of it."""
    file, number = _find_record(selection, command)
    demand_access(selection, file.row.update)
    if len(command.data) != file.row.size:
        raise StatusError(SW.WRONG_LENGTH)
    file.write(selection.memory, command.data, (number - 1) * file.row.size)
    _move_pointer(selection, command, number)
    return b""


def _find_application(command: CommandApdu) -> Directory:
    """Return the application whose AID begins with the data (TS 102 221 clause 11.1.1.2)."""
    if not _SHORTEST_AID <= len(command.data) <= _LONGEST_AID:
        raise StatusError(SW.WRONG_LENGTH)
    if command.p2 & ~(_TERMINATE | 0x03) not in {_RETURN_FCP, _RETURN_NOTHING}:
        raise StatusError(SW.INCORRECT_P1_P2)
    first_or_last = command.p2 & 0x03 < 2
    if not first_or_last or not USIM.aid.startswith(command.data):
        raise StatusError(SW.FILE_NOT_FOUND)
    return USIM


def _find_file(selection: Selection, command: CommandApdu) -> File | Directory:
    path = command.data
    if command.p1 == _PARENT:
        if path:
            raise StatusError(SW.WRONG_LENGTH)
        return selection.directory.parent or selection.directory
    if len(path) % 2 or not path or (command.p1 in {_BY_IDENTIFIER, _CHILD} and len(path) != 2):
        raise StatusError(SW.WRONG_LENGTH)
    if command.p1 == _BY_IDENTIFIER:
        return _reach(selection, path)
    if command.p1 == _CHILD:
        return _child(selection.directory, path)
    if command.p1 not in {_BY_PATH, _BY_PATH_FROM_HERE}:
        raise StatusError(SW.INCORRECT_P1_P2)
    here = selection.directory.master if command.p1 == _BY_PATH else selection.directory
    return _walk(selection, here, path)


def _walk(selection: Selection, here: Directory, path: bytes) -> File | Directory:
    """Go down a path; only where it begins it may name the current application (clause 8.4.2)."""
    first, *others = (path[start : start + 2] for start in range(0, len(path), 2))
    node: File | Directory | None = here.children.get(int.from_bytes(first, "big"))
    if first == CURRENT_APPLICATION.to_bytes(2, "big"):
        node = selection.application
    for identifier in others:
        below = node.children if isinstance(node, Directory) else {}
        node = below.get(int.from_bytes(identifier, "big"))
    return _found(node)


def _child(here: Directory, identifier: bytes) -> Directory:
    """Return the DF right below; an application is selected by its AID, or as the current one."""
    found = here.children.get(int.from_bytes(identifier, "big"))
    if not isinstance(found, Directory) or found.aid:
        raise StatusError(SW.FILE_NOT_FOUND)
    return found


def _reach(selection: Selection, identifier: bytes) -> File | Directory:
    """Return what an identifier names from the current directory, or the current application."""
    fid = int.from_bytes(identifier, "big")
    if fid == CURRENT_APPLICATION:
        return _found(selection.application)
    return _found(selection.directory.reach.get(fid))


def _found(node: File | Directory | None) -> File | Directory:
    if node is None:
        raise StatusError(SW.FILE_NOT_FOUND)
    return node


def _dedicated_name(application: Directory | None) -> bytes:
    if application is None:
        raise StatusError(SW.REFERENCED_DATA_NOT_FOUND)
    return b"\x84" + bytes([len(application.aid)]) + application.aid


def demand_access(selection: Selection, access: Access) -> None:
    """Refuse what the conditions of a file do not allow now."""
    if not selection.allows(access):
        raise StatusError(SW.SECURITY_STATUS_NOT_SATISFIED)


def addressed(selection: Selection, sfi: int) -> File:
    """Return the current file, or the one that a short identifier names, which becomes current."""
    file = selection.directory.find_by_sfi(sfi) if sfi else selection.file
    if file is None:
        raise StatusError(SW.FILE_NOT_FOUND if sfi else SW.NO_EF_SELECTED)
    if sfi:
        selection.select(file)
    return file


def _transparent(selection: Selection, command: CommandApdu) -> tuple[File, int]:
    sfi, offset = 0, command.p1 << 8 | command.p2
    if command.p1 & 0x80:
        sfi, offset = command.p1 & 0x1F, command.p2
        if not sfi or command.p1 & 0x60 or command.cla == CLASS_GSM:
            raise StatusError(SW.INCORRECT_P1_P2)
    file = selection.file
    if sfi or file is None:
        file = addressed(selection, sfi)
    if file.row.records:
        raise StatusError(SW.INCOMPATIBLE_WITH_FILE_STRUCTURE)
    if offset >= file.row.size:
        raise StatusError(SW.WRONG_P1_P2)
    return file, offset


def _find_record(selection: Selection, command: CommandApdu) -> tuple[File, int]:
    sfi, mode = command.p2 >> 3, command.p2 & 0x07
    if mode not in {_NEXT, _PREVIOUS, _ABSOLUTE} or (sfi and command.cla == CLASS_GSM):
        raise StatusError(SW.INCORRECT_P1_P2)
    file = addressed(selection, sfi)
    if not file.row.records:
        raise StatusError(SW.INCOMPATIBLE_WITH_FILE_STRUCTURE)
    number = command.p1 or selection.record
    if mode == _NEXT:
        number = selection.record + 1
    elif mode == _PREVIOUS:
        number = (selection.record or file.row.records + 1) - 1
    if not 1 <= number <= file.row.records:
        raise StatusError(SW.RECORD_NOT_FOUND)
    return file, number


def _move_pointer(selection: Selection, command: CommandApdu, number: int) -> None:
    if command.p2 & 0x07 != _ABSOLUTE:
        selection.record = number


def record_of(selection: Selection, file: File, number: int) -> bytes:
    """Return a record, counted from 1."""
    return file.read_part(selection.memory, (number - 1) * file.row.size, file.row.size)
