"""Tests of the durable tables: what the database itself makes sure of, whichever it is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from impl.network.records import HOME_REGISTER, SHORT_MESSAGE_CENTRE, subscriber
from impl.values import Algorithm

ROW: dict[str, Any] = {
    "imsi": "208010000000000",
    "msisdn": "33600000000",
    "secrets": bytes(61),
    "algorithm": Algorithm.MILENAGE,
    "sqn": 0,
    "state": "free",
    "since": 0.0,
    "iccid": None,
    "profile": 3,
    "waiting": False,
}
OTHER = ROW | {"imsi": "208010000000001", "msisdn": "33600000001"}


@pytest.mark.parametrize("metadata", [HOME_REGISTER, SHORT_MESSAGE_CENTRE])
@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_every_table_can_be_made_in_every_database(metadata: Any, dialect: Any) -> None:
    for table in metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect)).strip()


@pytest.mark.parametrize(
    "second",
    [
        OTHER | {"imsi": ROW["imsi"]},
        OTHER | {"msisdn": ROW["msisdn"]},
        OTHER | {"iccid": "8933010000000000017"},
        OTHER | {"secrets": None},
    ],
)
def test_no_identity_number_or_card_is_there_twice(store_of: Any, second: dict[str, Any]) -> None:
    first = ROW | {"iccid": second["iccid"]}
    with store_of(HOME_REGISTER).begin() as connection:
        connection.execute(insert(subscriber).values(first))
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(insert(subscriber).values(second))


def test_two_free_identities_have_no_card(store_of: Any) -> None:
    with store_of(HOME_REGISTER).begin() as connection:
        connection.execute(insert(subscriber), [ROW, OTHER])
