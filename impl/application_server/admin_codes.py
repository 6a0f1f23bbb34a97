"""The database DB: admin codes and keys by card identifier, and whose card each is [056] [060].

Cards come in files of their manufacturer (`card_file`); a file is taken whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from sqlalchemy import (
    Connection,
    Update,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.compiler import SQLCompiler

from impl.application_server.card_file import (
    ADMIN_CODE_OCTETS,
    CardEntry,
    CardFileError,
    FileFormat,
    Line,
    read_cards,
)
from impl.application_server.records import card, card_key
from impl.crypto.vault import Vault
from impl.errors import MalformedError, RefusedError
from impl.values import ICCID, MSISDN, PLMN, OtaKeys, Secret

__all__ = ["AdminCodes", "CardFileError", "CardRecord", "FileFormat", "UnknownCardError"]

CARDS_AT_ONCE = 1000
"""How many cards of a file go to the database in one call."""
MOST_FAULTS = 100
"""How many bad lines of a file are named before the rest of it is left unread."""

# Made once: making a statement costs more than carrying it out.
_IS_WANTED = card.c.key == bindparam("wanted")
_PUT = insert(card).values(
    key=bindparam("key"),
    secrets=bindparam("secrets"),
    key_version=bindparam("key_version"),
    sent_counter=literal_column("0"),
    seen_counter=literal_column("0"),
)
_FIND = select(card).where(_IS_WANTED).with_for_update()
_REMOVE = delete(card).where(_IS_WANTED)
_TAKE_NUMBER = (
    update(card)
    .where(card.c.msisdn == bindparam("number"), card.c.key != bindparam("wanted"))
    .values(msisdn=None)
)


CardRow = tuple[int, bytes, int]
"""Key, sealed secrets and key version of a card that is new."""
_BY_PLACE: Final = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": postgresql.dialect(paramstyle="format"),  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for this one
}
"""The languages of databases, with parameters as their drivers number them."""


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

    def import_file(
        self, connection: Connection, text: str | Iterable[str], file_format: FileFormat
    ) -> int:
        """Take all cards of a manufacturer's file; return how many.

        Raises:
            CardFileError: lines are malformed, or name a card twice or one that is there already.
        """
        with connection.begin_nested():  # so that nothing half taken stays
            return self._import(connection, read_cards(text, file_format))

    def find(self, connection: Connection, iccid: ICCID) -> CardRecord:
        """Return the record of a card; UnknownCardError if there is none."""
        row = connection.execute(_FIND, {"wanted": card_key(iccid)}).one_or_none()
        if row is None:
            raise UnknownCardError("the card is not in the database")
        secrets = self._vault.unseal(row.secrets, str(row.key))
        kic_end = (ADMIN_CODE_OCTETS + len(secrets)) // 2  # both keys are of one length
        kic, kid = Secret(secrets[ADMIN_CODE_OCTETS:kic_end]), Secret(secrets[kic_end:])
        return CardRecord(
            iccid,
            Secret(secrets[:ADMIN_CODE_OCTETS]),
            OtaKeys(row.key_version, kic, kid),
            PLMN(row.plmn) if row.plmn else None,
            MSISDN(row.msisdn) if row.msisdn else None,
            row.sent_counter,
            row.seen_counter,
        )

    def settle(self, connection: Connection, iccid: ICCID, plmn: PLMN, msisdn: MSISDN) -> None:
        """Note whose card it is now, and under which number it is reached.

        A number reaches one card: another that had it has none any more.
        """
        _change(connection, iccid, plmn=plmn, msisdn=msisdn)
        connection.execute(_TAKE_NUMBER, {"number": msisdn, "wanted": card_key(iccid)})

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
        """Store another over-the-air keyset for a card that is there.

        Raises:
            MalformedError: its keys are not of one length. Nothing was stored.
        """
        if len(keys.kic) != len(keys.kid):
            raise MalformedError("ota_keys", "KIc and KID must be of one length")
        record = self.find(connection, iccid)
        secrets = self._sealed(iccid, record.admin_code, keys.kic, keys.kid)
        _change(connection, iccid, secrets=secrets, key_version=keys.version)

    def remove(self, connection: Connection, iccid: ICCID) -> None:
        """Forget a card; nothing happens if it is not there."""
        connection.execute(_REMOVE, {"wanted": card_key(iccid)})

    def _import(self, connection: Connection, lines: Iterable[Line]) -> int:
        faults: list[tuple[int, str]] = []
        numbers: list[int] = []
        rows: list[CardRow] = []
        count = 0
        for number, entry in lines:
            if isinstance(entry, MalformedError):
                faults.append((number, str(entry)))
            else:
                numbers.append(number)
                rows.append(self._row(entry))
                count += 1
            if len(rows) == CARDS_AT_ONCE:
                faults += _put(connection, numbers, rows)
                numbers, rows = [], []
            if len(faults) >= MOST_FAULTS:
                break
        faults += _put(connection, numbers, rows)
        if faults:
            raise CardFileError(sorted(faults))
        return count

    def _row(self, entry: CardEntry) -> CardRow:
        key = card_key(entry.iccid)
        return key, self._vault.seal(entry.secrets, str(key)), entry.key_version

    def _sealed(self, iccid: ICCID, *secrets: Secret) -> bytes:
        plain = b"".join(secret.reveal() for secret in secrets)
        return self._vault.seal(plain, str(card_key(iccid)))


@cache
def _setting(*names: str) -> Update:
    """Return the statement that sets these columns of the card `wanted`."""
    return update(card).where(_IS_WANTED).values({name: bindparam(name) for name in names})


def _change(connection: Connection, iccid: ICCID, **values: object) -> None:
    wanted = {"wanted": card_key(iccid), **values}
    if connection.execute(_setting(*values), wanted).rowcount == 0:
        raise UnknownCardError("the card is not in the database")


@cache
def _putting(dialect: str) -> str:
    """Return the text of `_PUT` for a driver, its parameters by their places.

    A file has millions of rows: what is done for each of them counts, and the driver takes them as
    they are.
    """
    compiled = _PUT.compile(dialect=_BY_PLACE[dialect])
    assert isinstance(compiled, SQLCompiler)
    assert compiled.positiontup == ["key", "secrets", "key_version"]
    return str(compiled)


def _put(
    connection: Connection, lines: Sequence[int], rows: Sequence[CardRow]
) -> list[tuple[int, str]]:
    """Write cards; return the lines that name one for the second time, or one that is there."""
    try:
        with connection.begin_nested():
            if rows:
                connection.exec_driver_sql(_putting(connection.dialect.name), list(rows))
    except IntegrityError:
        return list(_known(connection, lines, rows))
    return []


def _known(
    connection: Connection, lines: Sequence[int], rows: Sequence[CardRow]
) -> Iterator[tuple[int, str]]:
    seen: set[int] = set()
    for line, (key, *_) in zip(lines, rows, strict=True):
        if key in seen or connection.execute(_FIND, {"wanted": key}).first():
            yield line, "names a card that is there already"
        seen.add(key)
