"""The file system: the table of files, planted in memory, with lookup and descriptions.

One tree serves every card: it holds places and constants, never content.
"""

from __future__ import annotations

from collections.abc import Iterator

from impl.card.files import DIRECTORY_RULE, RULES, Dedicated, Elementary
from impl.card.memory import Area, Memory, Plan
from impl.codec.file_control import (
    AccessRule,
    FileControl,
    FileDescriptor,
    FileKind,
    GsmDirectoryFeatures,
    GsmDirectoryStatus,
    GsmFileFeatures,
    GsmFileStatus,
    GsmFileType,
    GsmStructure,
    PinState,
)
from impl.codec.tlv import Tlv

CURRENT_APPLICATION = 0x7FFF
"""Stands for the ADF of the application that was selected; only the session knows which."""

_MASTER_FILE = 0x3F00
_RULE_FILE = {True: 0x6F06, False: 0x2F06}  # EF.ARR of the application, EF.ARR of the MF
_CHARACTERISTICS = Tlv(0x80, b"\x71")  # TS 102 221 11.1.1.4.6.1: clock may stop at either level
_CODES = 4  # two CHVs, each with its unblocking code
# TS 51.011 clause 9.2.1: the clock may stop at either level; 1.8 V, 3 V and 5 V, as the answer to
# reset says. A phone that works at 3 V takes the power from a card of 5 V alone.
_GSM_CHARACTERISTICS = 0x31
_CHV1_DISABLED = 0x80
_INITIALIZED = 0x80
_NOT_INVALIDATED = 0x01


class File:
    """An elementary file: where its content stands and how it presents itself."""

    __slots__ = ("_active", "_only", "areas", "directory", "fcp", "gsm_status", "row")

    def __init__(
        self, row: Elementary, directory: Directory, areas: tuple[Area, ...], active: Area
    ) -> None:
        assert not row.fixed or len(row.fixed) == len(row.erased)
        self.row = row
        self.directory = directory
        self.areas = areas
        """None if the content is fixed, two if it belongs to a pair, else one."""
        self._active = active
        self._only = None if row.paired or not areas else areas[0]
        """The one place of its content, where it does not go by the active pair."""
        self.fcp = _file_control(row, directory)
        self.gsm_status = _gsm_file_status(row)

    def read(self, memory: Memory) -> bytes:
        """Return the whole content; of a linear file all records, one behind the other."""
        return self.row.fixed or self._area(memory).read(memory)

    def read_part(self, memory: Memory, offset: int, size: int) -> bytes:
        """Return `size` octets from `offset`, which have to be there."""
        if self._only is not None:
            return memory.read(self._only.address + offset, size)
        if self.row.fixed:
            return self.row.fixed[offset : offset + size]
        return memory.read(self._area(memory).address + offset, size)

    def write(self, memory: Memory, octets: bytes, offset: int = 0) -> None:
        """Write `octets` from `offset`; the file has to have room, and must not be fixed."""
        self._area(memory).part(offset, len(octets)).write(memory, octets)

    def _area(self, memory: Memory) -> Area:
        return self.areas[self._active.number(memory) if self.row.paired else 0]


class Directory:
    """MF, DF or ADF."""

    __slots__ = ("aid", "children", "fid", "name", "parent", "reach")

    def __init__(self, row: Dedicated, parent: Directory | None) -> None:
        self.name = row.name
        self.fid = row.fid
        self.aid = row.aid
        self.parent = parent
        self.children: dict[int, File | Directory] = {}
        self.reach: dict[int, File | Directory] = {}
        """What SELECT by file identifier finds from here (TS 102 221 clause 8.4.1)."""

    @property
    def application(self) -> Directory | None:
        """The ADF that this is or lies in, None outside of any."""
        if self.aid or self.parent is None:
            return self if self.aid else None
        return self.parent.application

    @property
    def master(self) -> Directory:
        """The MF."""
        return self if self.parent is None else self.parent.master

    def find_by_sfi(self, sfi: int) -> File | None:
        """Return the file that the short identifier names in this directory."""
        for child in self.children.values():
            if isinstance(child, File) and child.row.sfi == sfi:
                return child
        return None

    def fcp(self, pins: tuple[PinState, ...]) -> bytes:
        """Return the FCP template (TS 102 221 clause 11.1.1.3)."""
        return FileControl(
            descriptor=FileDescriptor(FileKind.DIRECTORY),
            fid=None if self.aid else self.fid,
            df_name=self.aid or None,
            proprietary=(_CHARACTERISTICS,),
            referenced_security=_rule(DIRECTORY_RULE, self),
            pins=pins,
        ).encode()

    def gsm_status(self, tries: tuple[int, int, int, int], *, chv1_disabled: bool) -> bytes:
        """Return the older status (TS 51.011 clause 9.2.1).

        `tries` are those left for CHV1, UNBLOCK CHV1, CHV2 and UNBLOCK CHV2.
        """
        directories = sum(isinstance(child, Directory) for child in self.children.values())
        chv1, unblock_chv1, chv2, unblock_chv2 = (_INITIALIZED | count for count in tries)
        features = GsmDirectoryFeatures(
            characteristics=_GSM_CHARACTERISTICS | (_CHV1_DISABLED if chv1_disabled else 0),
            directories=directories,
            files=len(self.children) - directories,
            codes=_CODES,
            rfu=0,
            chv1=chv1,
            unblock_chv1=unblock_chv1,
            chv2=chv2,
            unblock_chv2=unblock_chv2,
            rest=b"",
        )
        kind = GsmFileType.MF if self.parent is None else GsmFileType.DF
        return GsmDirectoryStatus(bytes(2), 0, self.fid, kind, bytes(5), features).encode()


def plant(row: Dedicated, plan: Plan, active: Area) -> Directory:
    """Give every file of the table its place in memory and return the MF.

    `active` holds the index, 0 or 1, of the pair whose content paired files show.
    """
    root = Directory(row, None)
    links: list[tuple[Elementary, Directory]] = []
    for child, directory in _plant_directories(row, root):
        if child.same_as:
            links.append((child, directory))
            continue
        count = 0 if child.fixed else 1 + child.paired
        areas = tuple(plan.area(len(child.erased)) for _ in range(count))
        directory.children[child.fid] = File(child, directory, areas, active)
    for link, directory in links:
        target = find_file(root, link.same_as)
        directory.children[link.fid] = File(link, directory, target.areas, active)
    _connect(root)
    return root


def find_file(root: Directory, path: str) -> File:
    """Return the file at `path`, hexadecimal identifiers below the MF: `7fff/6f07`."""
    node: File | Directory = root
    for fid in path.split("/"):
        assert isinstance(node, Directory), path
        node = node.children[int(fid, 16)]
    assert isinstance(node, File), path
    return node


def find_directory(root: Directory, fid: int) -> Directory:
    """Return the directory with this identifier right below the MF."""
    node = root.children[fid]
    assert isinstance(node, Directory), fid
    return node


def walk(directory: Directory) -> Iterator[tuple[str, File]]:
    """Yield every elementary file with its path."""
    for fid, child in directory.children.items():
        if isinstance(child, File):
            yield f"{fid:04x}", child
        else:
            yield from ((f"{fid:04x}/{path}", file) for path, file in walk(child))


def _plant_directories(row: Dedicated, here: Directory) -> Iterator[tuple[Elementary, Directory]]:
    """Make the directories below `here`, and yield every row of a file with its directory."""
    for child in row.children:
        if isinstance(child, Elementary):
            yield child, here
            continue
        directory = Directory(child, here)
        here.children[child.fid] = directory
        yield from _plant_directories(child, directory)


def _connect(directory: Directory) -> None:
    """Fill `reach`, nearer things last so that they win: MF, siblings, parent, self, children."""
    parent = directory.parent or directory
    near: list[tuple[int, File | Directory]] = [(_MASTER_FILE, directory.master)]
    near += [each for each in parent.children.items() if isinstance(each[1], Directory)]
    near += [(parent.fid, parent), (directory.fid, directory), *directory.children.items()]
    directory.reach = {fid: node for fid, node in near if fid != CURRENT_APPLICATION}
    for child in directory.children.values():
        if isinstance(child, Directory):
            _connect(child)


def _rule(record: int, directory: Directory) -> bytes:
    return AccessRule(_RULE_FILE[directory.application is not None], record).encode()


def _file_control(row: Elementary, directory: Directory) -> bytes:
    kind = FileKind.LINEAR_FIXED if row.records else FileKind.TRANSPARENT
    return FileControl(
        descriptor=FileDescriptor(kind, row.size if row.records else 0, row.records),
        fid=row.fid,
        referenced_security=_rule(RULES.index((row.read, row.update)) + 1, directory),
        size=len(row.erased),
        sfi=row.sfi,
    ).encode()


def _gsm_file_status(row: Elementary) -> bytes:
    structure = GsmStructure.LINEAR_FIXED if row.records else GsmStructure.TRANSPARENT
    return GsmFileStatus(
        rfu=bytes(2),
        size=len(row.erased),
        fid=row.fid,
        file_type=GsmFileType.EF,
        increase=0,
        access=bytes([row.read << 4 | row.update, 0xFF, 0xFF]),
        status=_NOT_INVALIDATED,
        features=GsmFileFeatures(structure, row.size if row.records else 0, b""),
    ).encode()
