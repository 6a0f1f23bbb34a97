"""Tests of columns of secrets."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, insert, select

from impl import sealed
from impl.crypto.vault import UnsealError, Vault
from impl.runtime.store import SqlStore
from impl.sealed import SealedColumn
from impl.values import Secret

OLD, NEW = Secret(bytes(32)), Secret(b"\1" * 32)
ONLY_OLD, BOTH, ONLY_NEW = (
    Vault(keys, os.urandom) for keys in ({1: OLD}, {1: OLD, 2: NEW}, {2: NEW})
)
TABLES = MetaData()
TABLE = Table(
    "safe",
    TABLES,
    Column("number", Integer, primary_key=True),
    Column("octets", LargeBinary, nullable=False),
)
NUMBERS = (-7, 0, 1, 2, 9)


@pytest.fixture
def store() -> Iterator[SqlStore]:
    made = SqlStore(TABLES)
    yield made
    made.close()


@pytest.fixture
def column(monkeypatch: pytest.MonkeyPatch) -> SealedColumn:
    monkeypatch.setattr(sealed, "AT_ONCE", 2)
    return SealedColumn(TABLE.c.number, TABLE.c.octets)


def put(store: SqlStore, vault: Vault, *numbers: int, belongs_to: str | None = None) -> None:
    rows = [
        {"number": one, "octets": vault.seal(b"%d!" % one, belongs_to or str(one))}
        for one in numbers
    ]
    with store.begin() as connection:
        connection.execute(insert(TABLE), rows)


def test_all_is_sealed_anew_page_by_page_and_opens_as_before(
    store: SqlStore, column: SealedColumn
) -> None:
    put(store, ONLY_OLD, *NUMBERS)
    assert column.reseal(store, BOTH) == len(NUMBERS)
    with store.begin() as connection:
        rows = connection.execute(select(TABLE)).all()
    assert {row.number: ONLY_NEW.unseal(row.octets, str(row.number)) for row in rows} == {
        one: b"%d!" % one for one in NUMBERS
    }
    assert column.reseal(store, BOTH) == 0


def test_what_is_under_the_newest_key_stays_as_it_is(store: SqlStore, column: SealedColumn) -> None:
    put(store, BOTH, *NUMBERS[:3])
    put(store, ONLY_OLD, *NUMBERS[3:])
    assert column.reseal(store, BOTH) == 2


@pytest.mark.parametrize("old", [NUMBERS[:1], NUMBERS[-1:]], ids=["first", "last"])
def test_a_key_that_either_end_needs_may_not_be_missing(
    store: SqlStore, column: SealedColumn, old: tuple[int, ...]
) -> None:
    put(store, ONLY_OLD, *old)
    put(store, BOTH, *(one for one in NUMBERS if one not in old))
    column.demand_keys(store, BOTH)
    for vault in (ONLY_OLD, ONLY_NEW):
        with pytest.raises(UnsealError):
            column.demand_keys(store, vault)


def test_what_was_sealed_for_another_row_does_not_open(
    store: SqlStore, column: SealedColumn
) -> None:
    put(store, ONLY_OLD, 1, belongs_to="2")
    with pytest.raises(UnsealError):
        column.demand_keys(store, ONLY_OLD)
    with pytest.raises(UnsealError):
        column.reseal(store, BOTH)


def test_an_empty_table_needs_no_key(store: SqlStore, column: SealedColumn) -> None:
    column.demand_keys(store, ONLY_NEW)
    assert column.reseal(store, BOTH) == 0
