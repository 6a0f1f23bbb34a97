"""Stores: what was committed is there, what was not is not, whatever died in between."""

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, UniqueConstraint, insert, select
from sqlalchemy.exc import IntegrityError

from impl.runtime.store import SqlStore

TABLES = MetaData()
thing = Table(
    "thing",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("name", String(8), index=True),
    Column("open", Integer),
    UniqueConstraint("name", "open"),
)


class KilledError(Exception):
    pass


def kill():
    raise KilledError


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path):
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/records.db"
    opened = SqlStore(TABLES, url)
    yield opened
    opened.close()


def put(store, **row):
    with store.begin() as connection:
        connection.execute(insert(thing), row)


def names(store):
    with store.begin() as connection:
        return connection.execute(select(thing.c.name).order_by(thing.c.id)).scalars().all()


def test_what_was_committed_is_there(store):
    put(store, name="one")
    assert names(store) == ["one"]


def test_a_block_that_raises_leaves_nothing(store):
    def write_and_die():
        with store.begin() as connection:
            connection.execute(insert(thing), {"name": "one"})
            kill()

    with pytest.raises(KilledError):
        write_and_die()
    assert names(store) == []


def test_a_node_that_dies_before_the_commit_leaves_nothing(store):
    store.before_commit = kill
    with pytest.raises(KilledError):
        put(store, name="one")
    store.before_commit = None
    assert names(store) == []


def test_a_node_that_dies_after_the_commit_leaves_all(store):
    store.after_commit = kill
    with pytest.raises(KilledError):
        put(store, name="one")
    store.after_commit = None
    assert names(store) == ["one"]


def test_a_failed_statement_in_a_nested_transaction_spares_the_rest(store):
    with store.begin() as connection:
        connection.execute(insert(thing), {"name": "one", "open": 1})
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(insert(thing), {"name": "one", "open": 1})
        connection.execute(insert(thing), {"name": "one", "open": None})
    assert names(store) == ["one", "one"]


def test_reset_empties_every_table(store):
    put(store, name="one")
    store.reset()
    assert names(store) == []


def test_stores_in_memory_are_strangers():
    one, other = SqlStore(TABLES), SqlStore(TABLES)
    put(one, name="one")
    assert names(other) == []
    one.close()
    other.close()


def test_a_file_outlives_the_process_that_wrote_it(tmp_path):
    url = f"sqlite:///{tmp_path}/records.db"
    first = SqlStore(TABLES, url)
    put(first, name="one")
    first.close()
    second = SqlStore(TABLES, url)
    assert names(second) == ["one"]
    second.close()


def test_two_nodes_over_one_file_do_not_lock_each_other_out_while_they_rest(tmp_path):
    url = f"sqlite:///{tmp_path}/records.db"
    one, other = SqlStore(TABLES, url), SqlStore(TABLES, url)
    put(one, name="one")
    put(other, name="two")
    assert names(one) == names(other) == ["one", "two"]
    one.close()
    other.close()


def test_a_transaction_that_is_open_is_alone(store):
    with store.begin() as connection:
        assert connection.connection.driver_connection.in_transaction
    with store.begin() as connection:
        connection.execute(select(thing)).all()
        assert connection.connection.driver_connection.in_transaction
