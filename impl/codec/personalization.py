"""What the application server and the card personalization application (CPA) say to each other.

Inside secured packets: the patent's ComP with what it needs [072], the card's answer to it, and the
request Req of a card [064]. The patent leaves their form open; here each is one BER-TLV template
(ETSI TS 101 220 clause 7.1) of private-class data objects, acted on whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, NamedTuple

from impl.codec.digits import (
    decode_bcd,
    decode_iccid,
    decode_imsi,
    decode_plmn,
    encode_bcd,
    encode_iccid,
    encode_imsi,
    encode_plmn,
)
from impl.codec.layout import Place
from impl.codec.tlv import Tlv, decode_tlvs, encode_tlv, encode_tlvs, open_template, tlv_places
from impl.errors import MalformedError, UnencodableError
from impl.messages import ChangeRequest
from impl.values import ICCID, IMSI, MSISDN, NO_OPC, PLMN, Algorithm, Secret, TransactionId

_COMMAND: Final = 0xE1
_RESULT: Final = 0xE2
_REQUEST: Final = 0xE3
_COMP: Final = 0xC1
_LONGEST_NAME: Final = 48
_NEEDED: Final = object()


class ComP(IntEnum):
    """The personalization command [072]."""

    REPLACE = 1
    QUERY = 2
    ROLL_BACK = 3
    FORGET = 4


class Outcome(IntEnum):
    """What became of a personalization command in the card."""

    DONE = 0
    WRONG_ADMIN_CODE = 1
    BLOCKED = 2
    OTHER_CARD = 3
    REFUSED_BY_USER = 4
    MALFORMED = 5
    MEMORY = 6
    UNKNOWN_TRANSACTION = 7
    CONFIRMED = 8
    """The pair of this transaction was accepted by its network: none is left to go back to."""
    CHANGED_BACK = 9
    """The card keeps the pair of this transaction sealed, and uses the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What every command to the CPA says: which change, which card, and by what right."""

    transaction: TransactionId
    iccid: ICCID
    admin_code: Secret | None
    """8 octets; None where it is the key of the packet instead (mode "keying", [074])."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace(Order):
    """Replace IMSI1 and AK1 by these [075], with what a working card of TN2 needs beside them."""

    plmn: PLMN
    imsi: IMSI
    k: Secret
    """16 octets."""
    opc: Secret
    """As long as the algorithm has it: OPc, TOPc or nothing."""
    msisdn: MSISDN | None = None
    service_centre: MSISDN | None = None
    operator_name: str = ""
    """For the question to the user [076]; at most 48 octets of UTF-8."""
    extra: bytes = b""
    """Contents of further files of the second network."""
    algorithm: Algorithm = Algorithm.MILENAGE
    """What K is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Order):
    """Say what became of this transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack(Order):
    """Make the pair active again that this transaction replaced, if the card still has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget(Order):
    """Erase the pair that this transaction brought: its identity was released."""


PersonalizationCommand = Replace | Query | RollBack | Forget


@dataclass(frozen=True, slots=True)
class PersonalizationResult:
    """The card's answer to a command."""

    transaction: TransactionId | None
    """None where the command was not legible as far as that."""
    outcome: Outcome
    guesses_left: int | None = None
    """How many wrong admin codes the card still bears, 0 to 255; None where none was guessed."""


class _Row(NamedTuple):
    """How one field of a record stands in a template."""

    name: str
    tag: int
    put: Callable[[Any], bytes]
    take: Callable[[bytes], Any]
    absent: Any = _NEEDED
    """The value that is said by leaving the data object out."""


def _secret(name: str, tag: int, sizes: tuple[int, ...], absent: Any = _NEEDED) -> _Row:
    rule = f"must be {' or '.join(map(str, sizes))} octets"

    def put(secret: Secret) -> bytes:
        if len(secret) not in sizes:
            raise UnencodableError(name, rule)
        return secret.reveal()

    def take(octets: bytes) -> Secret:
        if len(octets) not in sizes:
            raise MalformedError(name, rule)
        return Secret(octets)

    return _Row(name, tag, put, take, absent)


def _octet(name: str, tag: int, kind: Callable[[int], int], absent: Any = _NEEDED) -> _Row:
    def put(value: int) -> bytes:
        try:
            return value.to_bytes(1, "big")
        except OverflowError:
            raise UnencodableError(name, "does not fit in one octet") from None

    def take(octets: bytes) -> int:
        try:
            (value,) = octets
            return kind(value)
        except ValueError:
            raise MalformedError(name, "is not one octet with a meaning") from None

    return _Row(name, tag, put, take, absent)


def _text(name: str, tag: int) -> _Row:
    def put(text: str) -> bytes:
        try:
            octets = text.encode()
        except UnicodeEncodeError:
            raise UnencodableError(name, "holds a lone surrogate") from None
        if len(octets) > _LONGEST_NAME:
            raise UnencodableError(name, f"exceeds {_LONGEST_NAME} octets")
        return octets

    def take(octets: bytes) -> str:
        if len(octets) > _LONGEST_NAME:
            raise MalformedError(name, f"exceeds {_LONGEST_NAME} octets")
        try:
            return octets.decode()
        except UnicodeDecodeError:
            raise MalformedError(name, "is not UTF-8") from None

    return _Row(name, tag, put, take, absent="")


def _number(name: str, tag: int) -> _Row:
    return _Row(name, tag, encode_bcd, lambda octets: MSISDN(decode_bcd(octets)), None)


_TRANSACTION = _Row(
    "transaction", 0xC8, lambda transaction: transaction.octets, lambda o: TransactionId(o.hex())
)
_ICCID = _Row("iccid", 0xC6, encode_iccid, decode_iccid)
_PLMN = _Row("plmn", 0xC7, encode_plmn, decode_plmn)
_ADMIN_CODE = _secret("admin_code", 0xC2, (8,), absent=None)
_ORDER = (_TRANSACTION, _ICCID, _ADMIN_CODE)
_COMMANDS: Final[dict[ComP, tuple[type[PersonalizationCommand], Sequence[_Row]]]] = {
    ComP.REPLACE: (
        Replace,
        (
            _TRANSACTION,
            _ICCID,
            _PLMN,
            _ADMIN_CODE,
            _Row("imsi", 0xC3, encode_imsi, decode_imsi),
            _secret("k", 0xC4, (16,)),
            _secret("opc", 0xC5, (16, 32), absent=NO_OPC),
            _number("msisdn", 0xC9),
            _number("service_centre", 0xCA),
            _text("operator_name", 0xCB),
            _Row("extra", 0xCC, bytes, bytes, absent=b""),
            _octet("algorithm", 0xCF, Algorithm, absent=Algorithm.MILENAGE),
        ),
    ),
    ComP.QUERY: (Query, _ORDER),
    ComP.ROLL_BACK: (RollBack, _ORDER),
    ComP.FORGET: (Forget, _ORDER),
}
_COMP_OF: Final = {kind: comp for comp, (kind, _) in _COMMANDS.items()}
_RESULT_ROWS: Final = (
    _TRANSACTION._replace(absent=None),
    _octet("outcome", 0xCD, Outcome),
    _octet("guesses_left", 0xCE, int, absent=None),
)
_REQUEST_ROWS: Final = (_ICCID, _PLMN)
_NAMES: Final = {
    row.tag: row.name
    for rows in (*(rows for _, rows in _COMMANDS.values()), _RESULT_ROWS, _REQUEST_ROWS)
    for row in rows
}
"""A tag means the same in every template."""


def encode_command(command: PersonalizationCommand) -> bytes:
    """Write a command: template E1.

    Raises:
        UnencodableError: a secret of another size, an OPc that the algorithm does not have, a name
            of more than 48 octets, or `extra` of more than a data object holds.
    """
    if not _has_its_opc(command):
        raise UnencodableError("opc", "is not as long as the algorithm has it")
    comp = _COMP_OF[type(command)]
    objects = (Tlv(_COMP, bytes((comp,))), *_put(command, _COMMANDS[comp][1]))
    return encode_tlv(_COMMAND, encode_tlvs(objects))


def decode_command(octets: bytes) -> PersonalizationCommand:
    """Read a command; the order of its data objects is free.

    Raises:
        MalformedError: no template E1, or a data object that is unknown, missing, doubled, foreign
            to this command, or cannot hold what it should. It is named, its content never is.
    """
    objects = _open(octets, _COMMAND, "PersonalizationCommand")
    code = objects.pop(_COMP, b"")
    if len(code) != 1 or code[0] not in _COMMANDS:
        raise MalformedError("ComP", "is not one octet with a meaning")
    kind, rows = _COMMANDS[ComP(code[0])]
    command = kind(**_take(objects, rows, kind.__name__))
    if not _has_its_opc(command):
        raise MalformedError("opc", "is not as long as the algorithm has it")
    return command


def encode_result(result: PersonalizationResult) -> bytes:
    """Write a result: template E2; UnencodableError if `guesses_left` exceeds 255."""
    return encode_tlv(_RESULT, encode_tlvs(_put(result, _RESULT_ROWS)))


def decode_result(octets: bytes) -> PersonalizationResult:
    """Read a result; errors as for `decode_command`."""
    where = "PersonalizationResult"
    return PersonalizationResult(**_take(_open(octets, _RESULT, where), _RESULT_ROWS, where))


def encode_request(request: ChangeRequest) -> bytes:
    """Write Req: template E3."""
    return encode_tlv(_REQUEST, encode_tlvs(_put(request, _REQUEST_ROWS)))


def decode_request(octets: bytes) -> ChangeRequest:
    """Read Req; errors as for `decode_command`."""
    where = "ChangeRequest"
    return ChangeRequest(**_take(_open(octets, _REQUEST, where), _REQUEST_ROWS, where))


def template_places(octets: bytes) -> Iterator[Place]:
    """Yield where each field of a command, result or request stands; raises as they do."""
    template = next(tlv_places(octets), None)
    for each in tlv_places(octets, template.value) if template else ():
        yield _NAMES.get(each.tag, ""), each.begin, each.end


def _has_its_opc(command: PersonalizationCommand) -> bool:
    """Whether K comes with what its algorithm wants beside it."""
    return not isinstance(command, Replace) or len(command.opc) == command.algorithm.opc_octets


def _put(record: object, rows: Iterable[_Row]) -> list[Tlv]:
    values = [(row, getattr(record, row.name)) for row in rows]
    return [Tlv(row.tag, row.put(value)) for row, value in values if value != row.absent]


def _open(octets: bytes, template: int, where: str) -> dict[int, bytes]:
    objects = decode_tlvs(open_template(octets, template, where), where)
    by_tag = dict(objects)
    if len(by_tag) != len(objects):
        raise MalformedError(where, "a data object stands there twice")
    return by_tag


def _take(objects: dict[int, bytes], rows: Iterable[_Row], where: str) -> dict[str, Any]:
    fields = {}
    for row in rows:
        if row.tag in objects:
            fields[row.name] = row.take(objects.pop(row.tag))
        elif row.absent is _NEEDED:
            raise MalformedError(f"{where}.{row.name}", "is missing")
        else:
            fields[row.name] = row.absent
    if objects:
        unknown = ", ".join(f"{tag:X}" for tag in objects)
        raise MalformedError(where, f"has no data object {unknown}")
    return fields
