"""The tables of the application server: what the database itself makes sure of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex, CreateTable

from impl.application_server.records import APPLICATION_SERVER, card_key, change
from impl.runtime.store import SqlStore
from impl.values import ICCID

SIGNED_64 = range(-(2**63), 2**63)


@pytest.fixture
def connection(database):
    store = SqlStore(APPLICATION_SERVER, database)
    with store.begin() as opened:
        yield opened
    store.close()


def a_change(number, card, **facts):
    row = {
        "transaction_id": f"{number:08x}",
        "card_key": card,
        "iccid": "8933010000000000017",
        "source_plmn": "20801",
        "target_plmn": "26202",
        "state": "requested",
        "open": 1,
        "opened": 0.0,
        "attempts": 0,
        "orders": 0,
    }
    return row | facts


def test_a_card_has_one_open_change_at_most(connection):
    connection.execute(insert(change), a_change(1, card=7))
    with pytest.raises(IntegrityError), connection.begin_nested():
        connection.execute(insert(change), a_change(2, card=7))


def test_a_card_has_any_number_of_ended_changes_beside_it(connection):
    for number in (1, 2):
        connection.execute(insert(change), a_change(number, card=7, open=None, state="done"))
    connection.execute(insert(change), a_change(3, card=7))


def test_two_cards_change_at_the_same_time(connection):
    connection.execute(insert(change), a_change(1, card=7))
    connection.execute(insert(change), a_change(2, card=8))


def test_a_transaction_names_one_change(connection):
    connection.execute(insert(change), a_change(1, card=7))
    with pytest.raises(IntegrityError), connection.begin_nested():
        connection.execute(insert(change), a_change(1, card=8))


@pytest.mark.parametrize(
    ("iccid", "key"),
    [
        ("8933010000000000017", 8933010000000000017),
        ("893301000000000001", 893301000000000001),
        ("89330100000000000178", -8933010000000000017),
    ],
)
def test_the_key_of_a_card_is_its_digits_as_a_number(iccid, key):
    assert card_key(ICCID(iccid)) == key


STANDARD = "8933010000000000017"
UNUSUAL = [
    "89330100000000000171",  # another check digit
    "9933010000000000017",  # no identifier of telecommunications, and too large
    "99330100000000000178",
    "0" + STANDARD,
    "00" + STANDARD[:-1],
    "0" * 18,
]


def test_identifiers_that_look_alike_have_different_keys():
    alike = [STANDARD, STANDARD[:-1], STANDARD + "8", *UNUSUAL]
    assert len({card_key(ICCID(iccid)) for iccid in alike}) == len(alike)


@given(st.text("0123456789", min_size=18, max_size=20))
def test_every_key_fits_a_column_of_64_bits(digits):
    for iccid in (digits, "89" + digits[2:]):
        assert card_key(ICCID(iccid)) in SIGNED_64


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_every_table_can_be_made_in_either_database(dialect):
    for table in APPLICATION_SERVER.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert " WHERE " in str(CreateIndex(index).compile(dialect=dialect))
