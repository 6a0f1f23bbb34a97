"""The database DB: admin codes and keys by card identifier, and whose card each is [056] [060].

Cards come in files of their manufacturer, CSV with a header or a JSON array of objects, with the
fields `iccid`, `admin_code`, `kic`, `kid` (hexadecimal digits) and optionally `key_version`. A file
is taken whole or not at all.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from sqlalchemy import Connection, Update, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from impl.application_server.records import card, card_key
from impl.application_server.vault import Vault
from impl.errors import MalformedError, RefusedError
from impl.values import ICCID, MSISDN, PLMN, OtaKeys, Secret

ADMIN_CODE_OCTETS = 8
KEY_OCTETS = 16
FIELDS = ("iccid", "admin_code", "kic", "kid")
VERSION_FIELD, FIRST_VERSION = "key_version", "1"
VERSIONS = frozenset(map(str, range(1, 16)))


# Made once: making a statement costs more than carrying it out.
_IS_WANTED = card.c.key == bindparam("wanted")
_PUT = insert(card)
_FIND = select(card).where(_IS_WANTED)
_REMOVE = delete(card).where(_IS_WANTED)


class FileFormat(StrEnum):
    """Formats of a manufacturer's file."""

    CSV = "csv"
    JSON = "json"


class CardFileError(MalformedError):
    """Lines of a manufacturer's file that cannot be taken. No card of the file was."""

    def __init__(self, faults: Iterable[tuple[int, str]]) -> None:
        self.faults = tuple(faults)
        """Line (1-based; of JSON the entry) and what is wrong with it, never what it holds."""
        text = "; ".join(f"line {line}: {fault}" for line, fault in self.faults)
        super().__init__("card file", text)


class UnknownCardError(RefusedError):
    """The card is not in the database, which means that it cannot be personalized [067]."""


@dataclass(frozen=True, slots=True)
class CardRecord:
    """What the server knows of one card."""

    iccid: ICCID
    admin_code: Secret
    keys: OtaKeys
    plmn: PLMN | None
    """The network whose card it is, None before its first subscription."""
    msisdn: MSISDN | None
    sent_counter: int
    seen_counter: int


class AdminCodes:
    """Reads and writes the database; every call is part of the caller's transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def import_file(self, connection: Connection, text: str, file_format: FileFormat) -> int:
        """Take all cards of a manufacturer's file; return how many.

        Raises:
            CardFileError: lines are malformed, or name a card twice or one that is there already.
        """
        faults: list[tuple[int, str]] = []
        rows: list[dict[str, object]] = []
        entries = _csv_entries(text) if file_format is FileFormat.CSV else _json_entries(text)
        for line, entry in entries:
            try:
                rows.append(self._row(entry))
            except MalformedError as error:
                faults.append((line, str(error)))
        if faults:
            raise CardFileError(faults)
        try:
            with connection.begin_nested():
                if rows:
                    connection.execute(_PUT, rows)
        except IntegrityError:
            raise CardFileError(_known(connection, rows)) from None
        return len(rows)

    def find(self, connection: Connection, iccid: ICCID) -> CardRecord:
        """Return the record of a card; UnknownCardError if there is none."""
        row = connection.execute(_FIND, {"wanted": card_key(iccid)}).one_or_none()
        if row is None:
            raise UnknownCardError("the card is not in the database")
        secrets = self._vault.unseal(row.secrets, iccid)
        kic = Secret(secrets[ADMIN_CODE_OCTETS : ADMIN_CODE_OCTETS + KEY_OCTETS])
        return CardRecord(
            iccid,
            Secret(secrets[:ADMIN_CODE_OCTETS]),
            OtaKeys(row.key_version, kic, Secret(secrets[ADMIN_CODE_OCTETS + KEY_OCTETS :])),
            PLMN(row.plmn) if row.plmn else None,
            MSISDN(row.msisdn) if row.msisdn else None,
            row.sent_counter,
            row.seen_counter,
        )

    def settle(self, connection: Connection, iccid: ICCID, plmn: PLMN, msisdn: MSISDN) -> None:
        """Note whose card it is now, and under which number it is reached."""
        _change(connection, iccid, plmn=plmn, msisdn=msisdn)

    def count_sent(self, connection: Connection, iccid: ICCID, counter: int) -> None:
        """Note the counter of the last packet to the card, before it is sent."""
        _change(connection, iccid, sent_counter=counter)

    def count_seen(self, connection: Connection, iccid: ICCID, counter: int) -> None:
        """Note the counter of the last request that the card sent."""
        _change(connection, iccid, seen_counter=counter)

    def replace_admin_code(self, connection: Connection, iccid: ICCID, admin_code: Secret) -> None:
        """Store another admin code for a card that is there."""
        record = self.find(connection, iccid)
        secrets = self._sealed(iccid, admin_code, record.keys.kic, record.keys.kid)
        _change(connection, iccid, secrets=secrets)

    def replace_keys(self, connection: Connection, iccid: ICCID, keys: OtaKeys) -> None:
        """Store another over-the-air keyset for a card that is there."""
        record = self.find(connection, iccid)
        secrets = self._sealed(iccid, record.admin_code, keys.kic, keys.kid)
        _change(connection, iccid, secrets=secrets, key_version=keys.version)

    def remove(self, connection: Connection, iccid: ICCID) -> None:
        """Forget a card; nothing happens if it is not there."""
        connection.execute(_REMOVE, {"wanted": card_key(iccid)})

    def _row(self, entry: Mapping[str, object]) -> dict[str, object]:
        fields = {name: _text(entry, name) for name in FIELDS}
        version = str(entry.get(VERSION_FIELD) or FIRST_VERSION)
        if version not in VERSIONS:
            raise MalformedError(VERSION_FIELD, "must be 1 to 15")
        iccid = ICCID(fields["iccid"])
        secrets = self._sealed(
            iccid,
            _secret(fields, "admin_code", ADMIN_CODE_OCTETS),
            _secret(fields, "kic", KEY_OCTETS),
            _secret(fields, "kid", KEY_OCTETS),
        )
        return {
            "key": card_key(iccid),
            "secrets": secrets,
            "key_version": int(version),
            "sent_counter": 0,
            "seen_counter": 0,
        }

    def _sealed(self, iccid: ICCID, *secrets: Secret) -> bytes:
        return self._vault.seal(b"".join(secret.reveal() for secret in secrets), iccid)


@cache
def _setting(*names: str) -> Update:
    """Return the statement that sets these columns of the card `wanted`."""
    return update(card).where(_IS_WANTED).values({name: bindparam(name) for name in names})


def _change(connection: Connection, iccid: ICCID, **values: object) -> None:
    wanted = {"wanted": card_key(iccid), **values}
    if connection.execute(_setting(*values), wanted).rowcount == 0:
        raise UnknownCardError("the card is not in the database")


def _csv_entries(text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    header: list[str] = []
    try:
        for cells in filter(None, reader):  # a line may be empty
            if not header:
                header = cells
                continue
            if len(cells) > len(header):
                raise CardFileError([(reader.line_num, "has more cells than the header")])
            yield reader.line_num, dict(zip(header, cells, strict=False))
    except csv.Error:
        raise CardFileError([(reader.line_num, "is no CSV")]) from None


def _json_entries(text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise CardFileError([(line, "is no JSON")]) from None
    if not isinstance(entries, list):
        raise CardFileError([(1, "must be an array of cards")])
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise CardFileError([(number, "must be an object")])
        yield number, entry


def _text(entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str):
        raise MalformedError(name, "is missing or no text")
    return value.strip()


def _secret(fields: Mapping[str, str], name: str, size: int) -> Secret:
    try:
        octets = bytes.fromhex(fields[name])
    except ValueError:
        raise MalformedError(name, "must be hexadecimal digits") from None
    if len(octets) != size:
        raise MalformedError(name, f"must be {size} octets, is {len(octets)}")
    return Secret(octets)


def _known(connection: Connection, rows: list[dict[str, object]]) -> Iterator[tuple[int, str]]:
    """Yield which entries name a card twice or one that is there; entries count from 1."""
    seen: set[object] = set()
    for number, row in enumerate(rows, start=1):
        if row["key"] in seen or connection.execute(_FIND, {"wanted": row["key"]}).first():
            yield number, "names a card that is there already"
        seen.add(row["key"])
