"""What a card says of a selected file: FCP templates of ETSI TS 102 221 clause 11.1.1.3.

In class A0 it is the status of 3GPP TS 51.011 clause 9.2.1 and 9.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Annotated, Final, NamedTuple, Self

from impl.codec.layout import U8, U16, Coded, Counted, Layout, Octets, Place, Rest, UInt
from impl.codec.object_record import ObjectRecord, Optional, Required
from impl.codec.tlv import Tlv, decode_tlvs, encode_tlv, encode_tlvs, open_template, tlv_places
from impl.errors import MalformedError, TruncatedError, UnencodableError

FCP: Final = 0x62
_SHAREABLE: Final = 0x40
_PIN_BITS: Final = 0x90
_PIN_USAGE: Final = 0x95
_PIN_REFERENCE: Final = 0x83


class FileKind(IntEnum):
    """File type and structure (TS 102 221 table 11.5), without the bit "shareable"."""

    TRANSPARENT = 0x01
    LINEAR_FIXED = 0x02
    CYCLIC = 0x06
    DIRECTORY = 0x38  # MF, DF and ADF
    BER_TLV = 0x39


class LifeCycle(IntEnum):
    """Life cycle status integer (TS 102 221 table 11.7b)."""

    NO_INFORMATION = 0x00
    CREATION = 0x01
    INITIALIZATION = 0x03
    DEACTIVATED = 0x04
    ACTIVATED = 0x05
    TERMINATED = 0x0C


class AccessMode(IntFlag):
    """What can be done with an EF (TS 102 221 clause 9.4), in the order of its conditions."""

    DELETE = 0x40
    TERMINATE = 0x20
    ACTIVATE = 0x10
    DEACTIVATE = 0x08
    WRITE = 0x04
    UPDATE = 0x02
    READ = 0x01


class FileDescriptor(NamedTuple):
    """Tag 82 (TS 102 221 clause 11.1.1.4.3)."""

    kind: FileKind
    record_length: int = 0
    """Octets, 1 to 65535; 0 with `record_count` 0 where there are no records."""
    record_count: int = 0
    shareable: bool = True
    data_coding: int = 0x21


class PinState(NamedTuple):
    """One PIN of a directory, in tag C6 (TS 102 221 clause 9.5.2)."""

    reference: int
    """01 to 08 application PIN, 0A to 0E ADM, 81 to 88 second application PIN (table 9.3)."""
    enabled: bool
    usage: int | None = None
    """Usage qualifier of the universal PIN; None if it is not said."""


class AccessRule(Layout):
    """Tag 8B with one reference: which record of which EF.ARR says who may do what."""

    arr: U16
    record: U8


class _Descriptor:
    """Form of tag 82."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[FileDescriptor, int]:
        end = at + 2
        if end > len(octets):
            raise TruncatedError(where, needed=2, present=len(octets) - at)
        first = octets[at]
        try:
            kind = FileKind(first & ~_SHAREABLE)
        except ValueError:
            raise MalformedError(where, f"{first:02X} is no file descriptor") from None
        length = count = 0
        if kind in _RECORDED:
            length, end = UInt(2).take(octets, end, where)
            count, end = UInt(1).take(octets, end, where)
        return FileDescriptor(kind, length, count, bool(first & _SHAREABLE), octets[at + 1]), end

    def put(self, value: FileDescriptor, where: str) -> bytes:
        first = value.kind | (_SHAREABLE if value.shareable else 0)
        head = bytes((first,)) + UInt(1).put(value.data_coding, where)
        if value.kind in _RECORDED:
            return (
                head
                + UInt(2).put(value.record_length, where)
                + UInt(1).put(value.record_count, where)
            )
        if value.record_length or value.record_count:
            raise UnencodableError(where, "has no records")
        return head


_RECORDED: Final = (FileKind.LINEAR_FIXED, FileKind.CYCLIC)


class _Objects:
    """Form of a template: BER-TLV objects to the end."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[tuple[Tlv, ...], int]:
        return decode_tlvs(octets[at:], where), len(octets)

    def put(self, value: tuple[Tlv, ...], where: str) -> bytes:  # noqa: ARG002 - of Form
        return encode_tlvs(value)


class _ShortIdentifier:
    """Form of tag 88: the identifier in the upper 5 bits, or nothing for none."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[int, int]:
        if at == len(octets):
            return 0, at
        sfi, low = divmod(octets[at], 8)
        if low or not 1 <= sfi <= 30:
            raise MalformedError(where, f"{octets[at]:02X} is no short file identifier")
        return sfi, at + 1

    def put(self, value: int, where: str) -> bytes:
        if not 0 <= value <= 30:
            raise UnencodableError(where, f"{value} is not 0 to 30")
        return bytes((value << 3,)) if value else b""


class _Pins:
    """Form of tag C6: a bit for each PIN, most significant first, then the PINs."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[tuple[PinState, ...], int]:
        objects = decode_tlvs(octets[at:], where)
        if not objects or objects[0].tag != _PIN_BITS:
            raise MalformedError(where, "does not begin with the PS_DO")
        bits = "".join(f"{octet:08b}" for octet in objects[0].value)
        pins = list(self._pins(objects[1:], bits, where))
        if len(bits) != (len(pins) + 7) // 8 * 8 or "1" in bits[len(pins) :]:
            raise MalformedError(where, "bits of the PS_DO do not fit the PINs")
        return tuple(pins), len(octets)

    def put(self, value: tuple[PinState, ...], where: str) -> bytes:
        bits = "".join("1" if pin.enabled else "0" for pin in value)
        size = (len(bits) + 7) // 8
        objects = [Tlv(_PIN_BITS, int(bits.ljust(8 * size, "0") or "0", 2).to_bytes(size, "big"))]
        for pin in value:
            if pin.usage is not None:
                objects.append(Tlv(_PIN_USAGE, UInt(1).put(pin.usage, where)))
            objects.append(Tlv(_PIN_REFERENCE, UInt(1).put(pin.reference, where)))
        return encode_tlvs(objects)

    def _pins(self, objects: tuple[Tlv, ...], bits: str, where: str) -> Iterator[PinState]:
        usage = None
        states = iter(bits)
        for tag, value in objects:
            if len(value) != 1 or tag not in (_PIN_USAGE, _PIN_REFERENCE):
                raise MalformedError(where, f"object {tag:02X} is no PIN's")
            if tag == _PIN_USAGE:
                usage = value[0]
                continue
            yield PinState(value[0], next(states, "0") == "1", usage)
            usage = None
        if usage is not None:
            raise MalformedError(where, "a usage qualifier belongs to no PIN")


class FileControl(ObjectRecord):
    """File control parameters of an EF, DF, MF or ADF."""

    descriptor: Annotated[FileDescriptor, Required(0x82, _Descriptor())]
    fid: Annotated[int | None, Optional(0x83, UInt(2))] = None
    df_name: Annotated[bytes | None, Optional(0x84)] = None
    """AID of an ADF, 5 to 16 octets."""
    proprietary: Annotated[tuple[Tlv, ...] | None, Optional(0xA5, _Objects())] = None
    life_cycle: Annotated[LifeCycle, Required(0x8A, Coded(LifeCycle))] = LifeCycle.ACTIVATED
    referenced_security: Annotated[bytes | None, Optional(0x8B)] = None
    compact_security: Annotated[bytes | None, Optional(0x8C)] = None
    expanded_security: Annotated[bytes | None, Optional(0xAB)] = None
    pins: Annotated[tuple[PinState, ...] | None, Optional(0xC6, _Pins())] = None
    size: Annotated[int | None, Optional(0x80, UInt(2))] = None
    """Octets of an EF's body."""
    total_size: Annotated[int | None, Optional(0x81, UInt(2))] = None
    sfi: Annotated[int | None, Optional(0x88, _ShortIdentifier())] = None
    """Short file identifier, 1 to 30; 0: it has none; None: the low 5 bits of `fid` are it."""
    others: tuple[Tlv, ...] = field(default=(), kw_only=True)
    """Objects that say nothing here."""

    @property
    def access_rule(self) -> AccessRule | None:
        """The one record of EF.ARR that governs; None if the attributes are of another form."""
        reference = self.referenced_security
        return AccessRule.decode(reference) if reference and len(reference) == 3 else None

    @property
    def access_conditions(self) -> dict[AccessMode, int] | None:
        """The condition octet of each mode, by the compact attributes; None if there are none.

        Raises:
            MalformedError: another number of conditions than of modes.
        """
        attributes = self.compact_security
        if not attributes:
            return None
        modes = [mode for mode in AccessMode if mode & attributes[0]]
        if len(modes) != len(attributes) - 1:
            raise MalformedError("FileControl.compact_security", "conditions do not fit the modes")
        return dict(zip(modes, attributes[1:], strict=True))

    def encode(self) -> bytes:
        """Write the template; UnencodableError if a value does not fit."""
        objects = (Tlv(tag, value) for tag, value in self.write_objects())
        return encode_tlv(FCP, encode_tlvs((*objects, *self.others)))

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read a template.

        Raises:
            MissingError: no file descriptor or no life cycle status.
            MalformedError: a value has no meaning.
        """
        objects = decode_tlvs(open_template(octets, FCP, cls.__name__), cls.__name__)
        values, others = cls.read_objects(objects)
        return cls(**values, others=others)


def file_control_places(octets: bytes) -> Iterator[Place]:
    """Yield where the fields of a template stand in `octets`; raises as `FileControl.decode`."""
    inside = len(open_template(octets, FCP, FileControl.__name__))
    yield from FileControl.places(tlv_places(octets, len(octets) - inside))


class GsmFileType(IntEnum):
    """TS 51.011 clause 9.3."""

    RFU = 0x00
    MF = 0x01
    DF = 0x02
    EF = 0x04


class GsmStructure(IntEnum):
    """TS 51.011 clause 9.3."""

    TRANSPARENT = 0x00
    LINEAR_FIXED = 0x01
    CYCLIC = 0x03


class GsmDirectoryFeatures(Layout):
    """GSM specific data of an MF or DF, from octet 14 on."""

    characteristics: U8  # bit 8: CHV1 is disabled
    directories: U8
    files: U8
    codes: U8  # CHVs, UNBLOCK CHVs and administrative codes
    rfu: U8
    chv1: U8  # bit 8: initialized; low nibble: attempts left
    unblock_chv1: U8
    chv2: U8
    unblock_chv2: U8
    rest: Annotated[bytes, Rest()]  # for the administration


class GsmFileFeatures(Layout):
    """GSM specific data of an EF, from octet 14 on."""

    structure: Annotated[GsmStructure, Coded(GsmStructure)]
    record_length: U8  # 0 where there are no records
    rest: Annotated[bytes, Rest()]


@dataclass(frozen=True, slots=True)
class _CountedRecord:
    """A length octet, then a record that fills that many octets."""

    layout: type[Layout]

    def take(self, octets: bytes, at: int, where: str) -> tuple[Layout, int]:
        value, end = Counted().take(octets, at, where)
        return self.layout.decode(value), end

    def put(self, value: Layout, where: str) -> bytes:
        return Counted().put(value.encode(), where)


class GsmDirectoryStatus(Layout):
    """Answer to SELECT of an MF or DF, class A0."""

    rfu_1: Annotated[bytes, Octets(2)]
    free_memory: U16
    fid: U16
    file_type: Annotated[GsmFileType, Coded(GsmFileType)]
    rfu_2: Annotated[bytes, Octets(5)]
    features: Annotated[GsmDirectoryFeatures, _CountedRecord(GsmDirectoryFeatures)]


class GsmFileStatus(Layout):
    """Answer to SELECT of an EF, class A0."""

    rfu: Annotated[bytes, Octets(2)]
    size: U16
    fid: U16
    file_type: Annotated[GsmFileType, Coded(GsmFileType)]
    increase: U8  # bit 7 of a cyclic file: INCREASE is allowed
    access: Annotated[bytes, Octets(3)]  # nibbles: READ UPDATE, INCREASE RFU, REHAB. INVALID.
    status: U8  # bit 1: not invalidated; bit 3: readable and updatable when invalidated
    features: Annotated[GsmFileFeatures, _CountedRecord(GsmFileFeatures)]
