"""The file system: the table of files, planted in memory, with lookup and descriptions.

FCP templates are those of TS 102 221 clause 11.1.1.3, the older status that of TS 51.011 clause
9.2.1. One tree serves every card: it holds places and constants, never content.
"""

from __future__ import annotations

from collections.abc import Iterator

from impl.card.files import DIRECTORY_RULE, RULES, Dedicated, Elementary
from impl.card.memory import Area, Memory, Plan
from impl.codec.tlv import Tlv, encode_tlv, encode_tlvs

CURRENT_APPLICATION = 0x7FFF
_MASTER_FILE = 0x3F00
_RULE_FILE = {True: 0x6F06, False: 0x2F06}  # EF.ARR of the application, EF.ARR of the MF
_PIN_REFERENCES = Tlv(0x83, b"\x01"), Tlv(0x83, b"\x81")


class File:
    """An elementary file: where its content stands and how it presents itself."""

    __slots__ = ("area", "directory", "fcp", "gsm_status", "row")

    def __init__(self, row: Elementary, directory: Directory, area: Area | None) -> None:
        self.row = row
        self.directory = directory
        self.area = area
        """None where the content is fixed."""
        self.fcp = _file_control(row, in_application=bool(directory.application))
        self.gsm_status = _gsm_file_status(row)

    def read(self, memory: Memory) -> bytes:
        """Return the whole content; of a linear file all records, one behind the other."""
        return self.area.read(memory) if self.area else self.row.fixed

    def read_part(self, memory: Memory, offset: int, size: int) -> bytes:
        """Return `size` octets from `offset`, which have to be there."""
        if self.area is None:
            return self.row.fixed[offset : offset + size]
        return memory.read(self.area.address + offset, size)

    def write(self, memory: Memory, octets: bytes, offset: int = 0) -> None:
        """Write `octets` from `offset`; the file has to have room, and must not be fixed."""
        assert self.area is not None
        self.area.part(offset, len(octets)).write(memory, octets)

    def erase(self, memory: Memory) -> None:
        """Make the file as it left the factory."""
        self.write(memory, self.row.erased)


class Directory:
    """MF, DF or ADF."""

    __slots__ = ("aid", "children", "fid", "name", "parent")

    def __init__(self, row: Dedicated, parent: Directory | None) -> None:
        self.name = row.name
        self.fid = row.fid
        self.aid = row.aid
        self.parent = parent
        self.children: dict[int, File | Directory] = {}

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

    def find(self, fid: int) -> File | Directory | None:
        """Return what SELECT by file identifier reaches from here (TS 102 221 clause 8.4.1)."""
        if fid == _MASTER_FILE:
            return self.master
        near = [self, *self.children.values()]
        if self.parent is not None:
            siblings = self.parent.children.values()
            near += [self.parent, *(each for each in siblings if isinstance(each, Directory))]
        return next((each for each in near if each.fid == fid and not each.is_application), None)

    def fcp(self, pins_enabled: int) -> bytes:
        """Return the FCP template; bit 8 of `pins_enabled` is PIN 1, bit 7 the second PIN."""
        name = Tlv(0x84, self.aid) if self.aid else Tlv(0x83, self.fid.to_bytes(2, "big"))
        rules = _RULE_FILE[self.application is not None].to_bytes(2, "big")
        status = encode_tlvs([Tlv(0x90, bytes([pins_enabled])), *_PIN_REFERENCES])
        objects = (
            Tlv(0x82, b"\x78\x21"),
            name,
            Tlv(0xA5, b"\x80\x01\x71"),  # clock may stop, either level; operates at 1.8 V
            Tlv(0x8A, b"\x05"),  # operational, activated
            Tlv(0x8B, rules + bytes([DIRECTORY_RULE])),
            Tlv(0xC6, status),
        )
        return encode_tlv(0x62, encode_tlvs(objects))

    def gsm_status(self, chv_status: bytes, *, chv1_disabled: bool) -> bytes:
        """Return the status of an MF or DF; `chv_status` is its four octets on CHVs (19 to 22)."""
        directories = sum(isinstance(child, Directory) for child in self.children.values())
        files = len(self.children) - directories
        kind = 0x01 if self.parent is None else 0x02
        counts = bytes([chv1_disabled << 7 | 0x01, directories, files, 4, 0])
        return b"".join(
            (bytes(4), self.fid.to_bytes(2, "big"), bytes([kind]), bytes(5))
            + (b"\x0a", counts, chv_status, b"\0")
        )


def plant(row: Dedicated, plan: Plan) -> Directory:
    """Give every file of the table its place in memory and return the MF."""
    root = Directory(row, None)
    links: list[tuple[Elementary, Directory]] = []
    _plant_children(row, root, plan, links)
    for link, directory in links:
        target = find_file(root, link.same_as)
        directory.children[link.fid] = File(link, directory, target.area)
    return root


def find_file(root: Directory, path: str) -> File:
    """Return the file at `path`, hexadecimal identifiers below the MF: `7fff/6f07`."""
    node: File | Directory = root
    for fid in path.split("/"):
        assert isinstance(node, Directory), path
        node = node.children[int(fid, 16)]
    assert isinstance(node, File), path
    return node


def walk(directory: Directory) -> Iterator[tuple[str, File]]:
    """Yield every elementary file with its path."""
    for fid, child in directory.children.items():
        if isinstance(child, File):
            yield f"{fid:04x}", child
        else:
            yield from ((f"{fid:04x}/{path}", file) for path, file in walk(child))


def _plant_children(
    row: Dedicated, here: Directory, plan: Plan, links: list[tuple[Elementary, Directory]]
) -> None:
    for child in row.children:
        if isinstance(child, Dedicated):
            directory = Directory(child, here)
            here.children[child.fid] = directory
            _plant_children(child, directory, plan, links)
        elif child.same_as:
            links.append((child, here))
        else:
            area = None if child.fixed else plan.area(len(child.erased))
            here.children[child.fid] = File(child, here, area)


def _file_control(row: Elementary, *, in_application: bool) -> bytes:
    shape = b"\x41\x21"
    if row.records:
        shape = b"\x42\x21" + row.size.to_bytes(2, "big") + bytes([row.records])
    rule = RULES.index((row.read, row.update)) + 1
    objects = (
        Tlv(0x82, shape),
        Tlv(0x83, row.fid.to_bytes(2, "big")),
        Tlv(0x8A, b"\x05"),
        Tlv(0x8B, _RULE_FILE[in_application].to_bytes(2, "big") + bytes([rule])),
        Tlv(0x80, len(row.erased).to_bytes(2, "big")),
        Tlv(0x88, bytes([row.sfi << 3]) if row.sfi else b""),
    )
    return encode_tlv(0x62, encode_tlvs(objects))


def _gsm_file_status(row: Elementary) -> bytes:
    conditions = bytes([row.read << 4 | row.update, 0xFF, 0xFF])
    structure = bytes([1, row.size]) if row.records else bytes([0, 0])
    return b"".join(
        (b"\0\0", len(row.erased).to_bytes(2, "big"), row.fid.to_bytes(2, "big"), b"\x04\0")
        + (conditions, b"\x01\x02", structure)
    )
