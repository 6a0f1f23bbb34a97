"""Contents of the card files that a change of subscription touches.

3GPP TS 31.102 clause 4.2 (release 17), 3GPP TS 51.011 clause 10.3, ETSI TS 102 221 clause 13. The
identities themselves (EF.IMSI, EF.ICCID) are in `impl.codec.digits`. Where a file belongs to the
old IMSI, `blank()` is what it holds when the card has forgotten it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Final, Self

from impl.codec.address import Address
from impl.codec.alpha import decode_alpha, encode_alpha
from impl.codec.authenticate import PlainSecret
from impl.codec.digits import decode_plmn, encode_plmn
from impl.codec.layout import U8, U16, Coded, Layout, Octets, Rest, UInt
from impl.codec.object_record import ObjectRecord, Optional, Required
from impl.codec.tlv import Tlv, decode_tlvs, encode_tlv, encode_tlvs, take_tlv
from impl.errors import MalformedError, TruncatedError, UnencodableError
from impl.values import IMSI, PLMN, Secret

_APPLICATION: Final = 0x61
_SECURITY_CONTEXT: Final = 0xA0
_SMSP: Final = "EF.SMSP"
_PARAMETERS: Final = 28  # octets of an EF.SMSP record behind the name
_NO_PLMN: Final = b"\xff\xff\xff"
_NO_KEY: Final = 0x07
"""Key set identifier or CKSN that says: no key is available (TS 24.008 clause 10.5.1.2)."""


class StoredPlmn:
    """Form of three octets that name a network, or none (all ones)."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[PLMN | None, int]:
        """Read the network."""
        value, end = Octets(3).take(octets, at, where)
        return None if value == _NO_PLMN else decode_plmn(value), end

    def put(self, value: PLMN | None, where: str) -> bytes:  # noqa: ARG002 - of Form
        """Write the network."""
        return _NO_PLMN if value is None else encode_plmn(value)


def decode_networks(octets: bytes) -> tuple[PLMN, ...]:
    """Read a list of networks as in EF.FPLMN, 3 octets each; an entry without meaning is none."""
    networks = []
    for at in range(0, len(octets) - 2, 3):
        with suppress(MalformedError):
            networks.append(decode_plmn(octets[at : at + 3]))
    return tuple(networks)


def encode_networks(networks: Sequence[PLMN], size: int) -> bytes:
    """Write `size` octets of such a list; of more than it holds, those at the end."""
    newest = networks[-(size // 3) :]
    return b"".join(map(encode_plmn, newest)).ljust(size, _NO_PLMN[:1])


class UpdateStatus(IntEnum):
    """Location, routing area and EPS update status; the last knows 0 to 2 alone."""

    UPDATED = 0x00
    NOT_UPDATED = 0x01
    PLMN_NOT_ALLOWED = 0x02  # EPS: roaming not allowed
    LOCATION_AREA_NOT_ALLOWED = 0x03


Status = Annotated[UpdateStatus, Coded(UpdateStatus)]


class LocationInformation(Layout):
    """EF.LOCI, TS 31.102 clause 4.2.17."""

    tmsi: Annotated[bytes, Octets(4)]
    plmn: Annotated[PLMN | None, StoredPlmn()]
    lac: U16
    rfu: U8  # TMSI time in TS 51.011
    status: Status

    @classmethod
    def blank(cls) -> Self:
        """Return what it holds when the card was nowhere yet."""
        return cls(b"\xff" * 4, None, 0x0000, 0xFF, UpdateStatus.NOT_UPDATED)


class PacketLocationInformation(Layout):
    """EF.PSLOCI, TS 31.102 clause 4.2.23; EF.LOCIGPRS of TS 51.011 clause 10.3.33."""

    p_tmsi: Annotated[bytes, Octets(4)]
    p_tmsi_signature: Annotated[bytes, Octets(3)]
    plmn: Annotated[PLMN | None, StoredPlmn()]
    lac: U16
    rac: U8
    status: Status

    @classmethod
    def blank(cls) -> Self:
        """Return what it holds when the card was nowhere yet."""
        return cls(b"\xff" * 4, b"\xff" * 3, None, 0x0000, 0xFF, UpdateStatus.NOT_UPDATED)


class EpsLocationInformation(Layout):
    """EF.EPSLOCI, TS 31.102 clause 4.2.91."""

    guti: Annotated[bytes, Octets(12)]
    plmn: Annotated[PLMN | None, StoredPlmn()]  # with `tac` the last visited tracking area
    tac: U16
    status: Status

    @classmethod
    def blank(cls) -> Self:
        """Return what it holds when the card was nowhere yet."""
        return cls(b"\xff" * 12, None, 0x0000, UpdateStatus.NOT_UPDATED)


class OperationMode(IntEnum):
    """UE operation mode of EF.AD."""

    NORMAL = 0x00
    NORMAL_WITH_FACILITIES = 0x01
    MAINTENANCE = 0x02
    CELL_TEST = 0x04
    TYPE_APPROVAL = 0x80
    TYPE_APPROVAL_WITH_FACILITIES = 0x81


class AdministrativeData(Layout):
    """EF.AD, TS 31.102 clause 4.2.18."""

    mode: Annotated[OperationMode, Coded(OperationMode)]
    additional: Annotated[bytes, Octets(2)]
    mnc_length: U8  # digits of the MNC in the IMSI: 2 or 3
    rest: Annotated[bytes, Rest()] = b""

    @classmethod
    def of(cls, plmn: PLMN) -> Self:
        """Return what a card of `plmn` in normal operation holds."""
        return cls(OperationMode.NORMAL, bytes(2), len(plmn.mnc))


class AccessControlClasses(Layout):
    """EF.ACC, TS 31.102 clause 4.2.15: bit n for class n, 0 to 9 and 11 to 15."""

    bits: U16

    @classmethod
    def of(cls, imsi: IMSI) -> Self:
        """Return the class that every subscriber has: the last digit (TS 22.011 clause 4.2)."""
        return cls.holding((int(imsi[-1]),))

    @classmethod
    def holding(cls, classes: Iterable[int]) -> Self:
        """Return a file with these classes.

        Raises:
            UnencodableError: 10, which is for emergency calls and nobody's, or none of 0 to 15.
        """
        chosen = set(classes)
        if not chosen <= {*range(10), *range(11, 16)}:
            raise UnencodableError("EF.ACC", "classes are 0 to 9 and 11 to 15")
        return cls(sum(1 << each for each in chosen))

    @property
    def classes(self) -> tuple[int, ...]:
        """The classes, rising."""
        return tuple(each for each in range(16) if self.bits >> each & 1)


class CipheringKeys(Layout):
    """EF.Keys and EF.KeysPS, TS 31.102 clauses 4.2.3 and 4.2.4."""

    ksi: U8  # 0 to 6; 7: no key
    ck: Annotated[Secret, PlainSecret(16)]
    ik: Annotated[Secret, PlainSecret(16)]

    @classmethod
    def blank(cls) -> Self:
        """Return what it holds without a key."""
        return cls(_NO_KEY, Secret(b"\xff" * 16), Secret(b"\xff" * 16))


class GsmCipheringKey(Layout):
    """EF.Kc, TS 51.011 clause 10.3.3, and EF.KcGPRS, clause 10.3.34."""

    kc: Annotated[Secret, PlainSecret(8)]
    cksn: U8  # 0 to 6; 7: no key

    @classmethod
    def blank(cls) -> Self:
        """Return what it holds without a key."""
        return cls(Secret(b"\xff" * 8), _NO_KEY)


class EpsSecurityContext(ObjectRecord):
    """A record of EF.EPSNSC, TS 31.102 clause 4.2.92."""

    key_set: Annotated[int, Required(0x80, UInt(1))]  # 0 to 6; 7: no key
    kasme: Annotated[Secret, Required(0x81, PlainSecret(32))]
    uplink: Annotated[int, Required(0x82, UInt(4))]  # NAS COUNT
    downlink: Annotated[int, Required(0x83, UInt(4))]
    algorithms: Annotated[int, Required(0x84, UInt(1))]

    def encode(self) -> bytes:
        """Write the record, 54 octets; UnencodableError if a value does not fit."""
        return encode_tlv(_SECURITY_CONTEXT, encode_tlvs(Tlv(*one) for one in self.write_objects()))

    @classmethod
    def decode(cls, record: bytes) -> Self | None:
        """Read a record; None where there is no context.

        Raises:
            MissingError: one of the objects is absent.
            MalformedError: no such template, or a value has no meaning.
        """
        if _is_filler(record):
            return None
        (tag, value), end = take_tlv(record, 0, "EF.EPSNSC")
        if tag != _SECURITY_CONTEXT or not _is_filler(record[end:]):
            raise MalformedError("EF.EPSNSC", "is no security context with filler behind it")
        values, _ = cls.read_objects(decode_tlvs(value, "EF.EPSNSC"))
        return cls(**values)


BLANK_FILES: Final = {
    0x6F7E: LocationInformation.blank().encode(),
    0x6F73: PacketLocationInformation.blank().encode(),
    0x6FE3: EpsLocationInformation.blank().encode(),
    0x6F08: CipheringKeys.blank().encode(),
    0x6F09: CipheringKeys.blank().encode(),
    0x4F20: GsmCipheringKey.blank().encode(),  # under DF.GSM-ACCESS; 6F20 under DF.GSM
    0x4F52: GsmCipheringKey.blank().encode(),
    0x6F7B: _NO_PLMN * 4,  # forbidden PLMNs, as many as the file holds
    0x6FE4: b"\xff" * 54,  # EPS NAS security context, one record
}
"""File identifier: what the files that belong to the old IMSI hold after the change."""


class _Utf8:
    """Form of an application label."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[str, int]:
        try:
            return octets[at:].decode("utf-8"), len(octets)
        except UnicodeDecodeError:
            raise MalformedError(where, "is not UTF-8") from None

    def put(self, value: str, where: str) -> bytes:
        try:
            return value.encode("utf-8")
        except UnicodeEncodeError:
            raise UnencodableError(where, "a character is a lone surrogate") from None


class Application(ObjectRecord):
    """A record of EF.DIR, TS 102 221 clause 13.1."""

    aid: Annotated[bytes, Required(0x4F)]
    label: Annotated[str | None, Optional(0x50, _Utf8())] = None
    others: tuple[Tlv, ...] = ()
    """Further objects of the template, such as 73, discretionary data."""

    def encode(self, size: int | None = None) -> bytes:
        """Write the record, filled with FF up to `size` octets if given.

        Raises:
            UnencodableError: `size` is too small, or a value does not fit.
        """
        objects = [Tlv(tag, value) for tag, value in self.write_objects()]
        record = encode_tlv(_APPLICATION, encode_tlvs([*objects, *self.others]))
        return record if size is None else _filled(record, size, "EF.DIR")

    @classmethod
    def decode(cls, record: bytes) -> Self | None:
        """Read a record; None where none was written.

        Raises:
            MissingError: the template has no AID.
            MalformedError: no application template, or octets other than FF behind it.
        """
        if _is_filler(record):
            return None
        (tag, value), end = take_tlv(record, 0, "EF.DIR")
        if tag != _APPLICATION or not _is_filler(record[end:]):
            raise MalformedError("EF.DIR", "is no application template with filler behind it")
        values, others = cls.read_objects(decode_tlvs(value, "EF.DIR"))
        return cls(**values, others=others)


class _ParameterFields(Layout):
    """The last 28 octets of a record of EF.SMSP."""

    indicators: U8  # a zero says present: bits 1 to 5 for the five fields below
    destination: Annotated[bytes, Octets(12)]
    service_centre: Annotated[bytes, Octets(12)]
    pid: U8
    dcs: U8
    validity: U8


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortMessageParameters:
    """A record of EF.SMSP, TS 31.102 clause 4.2.27. None: the record does not say."""

    name: str = ""
    destination: Address | None = None
    service_centre: Address | None = None
    pid: int | None = None
    dcs: int | None = None
    validity: int | None = None
    """TP-VP, relative (TS 23.040 clause 9.2.3.12.1)."""

    def encode(self, size: int) -> bytes:
        """Write a record of `size` octets, of which all but 28 are for the name.

        Raises:
            UnencodableError: name or address is too long, or a number not one octet.
        """
        values = (self.destination, self.service_centre, self.pid, self.dcs, self.validity)
        fields = _ParameterFields(
            indicators=0xE0 | sum((value is None) << bit for bit, value in enumerate(values)),
            destination=_filled(
                self.destination.encode_tp() if self.destination else b"", 12, _SMSP
            ),
            service_centre=_filled(
                self.service_centre.encode_rp() if self.service_centre else b"", 12, _SMSP
            ),
            pid=0xFF if self.pid is None else self.pid,
            dcs=0xFF if self.dcs is None else self.dcs,
            validity=0xFF if self.validity is None else self.validity,
        )
        return _filled(encode_alpha(self.name), size - _PARAMETERS, _SMSP) + fields.encode()

    @classmethod
    def decode(cls, record: bytes) -> Self:
        """Read a record.

        Raises:
            TruncatedError: fewer than 28 octets.
            MalformedError: the name, or an address that is said to be there, has no meaning.
        """
        start = len(record) - _PARAMETERS
        if start < 0:
            raise TruncatedError(_SMSP, needed=_PARAMETERS, present=len(record))
        fields = _ParameterFields.decode(record[start:])
        absent = [bool(fields.indicators >> bit & 1) for bit in range(5)]
        return cls(
            name=decode_alpha(record[:start]),
            destination=None if absent[0] else _destination(fields.destination),
            service_centre=None if absent[1] else _service_centre(fields.service_centre),
            pid=None if absent[2] else fields.pid,
            dcs=None if absent[3] else fields.dcs,
            validity=None if absent[4] else fields.validity,
        )


def _destination(octets: bytes) -> Address:
    address, end = Address.take_tp(octets, 0)
    if not _is_filler(octets[end:]):
        raise MalformedError(_SMSP, "octets other than filler behind the destination")
    return address


def _service_centre(octets: bytes) -> Address:
    end = 1 + octets[0]
    if end > len(octets) or not _is_filler(octets[end:]):
        raise MalformedError(_SMSP, "length of the service centre does not fit")
    return Address.decode(octets[1:end])


def _is_filler(octets: bytes) -> bool:
    return not octets.strip(b"\xff")


def _filled(octets: bytes, size: int, where: str) -> bytes:
    if len(octets) > size:
        raise UnencodableError(where, f"{len(octets)} octets do not fit in {size}")
    return octets.ljust(size, b"\xff")
