"""Stores: what was committed is there, what was not is not, whatever died in between."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from impl.errors import StoreBusyError, StoreLostError, StoreUnavailableError
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


@pytest.fixture
def store(database):
    opened = SqlStore(TABLES, database)
    yield opened
    opened.close()


def is_postgresql(store):
    return store._engine.dialect.name == "postgresql"


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


def test_a_database_outlives_the_process_that_wrote_it(lasting):
    first = SqlStore(TABLES, lasting)
    put(first, name="one")
    first.close()
    second = SqlStore(TABLES, lasting)
    assert names(second) == ["one"]
    second.close()


@pytest.fixture
def pair(lasting):
    one, other = SqlStore(TABLES, lasting), SqlStore(TABLES, lasting)
    yield one, other
    one.close()
    other.close()


def test_two_nodes_over_one_database_do_not_lock_each_other_out_while_they_rest(pair):
    one, other = pair
    put(one, name="one")
    put(other, name="two")
    assert names(one) == names(other) == ["one", "two"]


def test_of_two_that_write_what_may_be_there_once_one_is_told_to_ask_again(pair):
    one, other = pair
    put(one, name="one", open=1)
    with pytest.raises(StoreBusyError if is_postgresql(one) else IntegrityError):
        put(other, name="one", open=1)
    assert names(one) == ["one"]


def test_a_row_that_is_locked_is_waited_for(pair):
    one, other = pair
    put(one, name="one", open=0)

    def add(store, steps):
        with store.begin() as connection:
            found = connection.execute(select(thing.c.open).with_for_update()).scalar_one()
            steps()
            connection.execute(update(thing).values(open=found + 1))

    with ThreadPoolExecutor(1) as pool:
        waiting = []
        add(one, lambda: waiting.append(pool.submit(add, other, lambda: None)))
        waiting[0].result()
    with one.begin() as connection:
        assert connection.execute(select(thing.c.open)).scalar_one() == 2


def test_of_two_that_wait_for_each_other_one_is_told_to_ask_again(pair):
    one, other = pair
    if not is_postgresql(one):
        pytest.skip("SQLite has one writer at a time: nobody waits for somebody who waits")
    put(one, name="one")
    put(one, name="two")
    both = Barrier(2)

    def lock(store, *names):
        with store.begin() as connection:
            for name in names:
                query = select(thing).where(thing.c.name == name).with_for_update()
                connection.execute(query).all()
                if name == names[0]:
                    both.wait()

    with ThreadPoolExecutor(2) as pool:
        works = [pool.submit(lock, one, "one", "two"), pool.submit(lock, other, "two", "one")]
        errors = [work.exception() for work in works]
    assert sorted(map(type, errors), key=str) == sorted([type(None), StoreBusyError], key=str)


def test_a_file_that_somebody_keeps_locked_is_busy(sqlite_file, monkeypatch):
    monkeypatch.setattr("impl.runtime.store._WAIT_S", 0)
    one, other = SqlStore(TABLES, sqlite_file), SqlStore(TABLES, sqlite_file)
    with one.begin(), pytest.raises(StoreBusyError):
        put(other, name="one")
    put(other, name="two")
    assert names(one) == ["two"]
    one.close()
    other.close()


def test_a_broken_connection_leaves_it_uncertain_and_the_next_transaction_has_another(postgresql):
    store = SqlStore(TABLES, postgresql)
    end_all = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND state = 'idle in transaction'"
    )
    other = create_engine(postgresql)

    def lose_the_connection():
        with other.begin() as executioner:
            executioner.execute(end_all)

    store.before_commit = lose_the_connection
    with pytest.raises(StoreLostError):
        put(store, name="one")
    store.before_commit = None
    put(store, name="three")
    assert names(store) == ["three"]
    store.close()
    other.dispose()


def test_while_the_database_is_down_nothing_is_written_and_then_it_goes_on(cluster, postgresql):
    store = SqlStore(TABLES, postgresql)
    put(store, name="one")
    cluster.die()
    for _ in range(2):  # a connection that broke, and one that cannot be made
        with pytest.raises(StoreLostError):
            put(store, name="two")
    cluster.start()
    put(store, name="three")
    assert names(store) == ["one", "three"]
    store.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no url",
        "nosuch://host/base",
        "sqlite:////nowhere/at/all/records.db",
        "postgresql://somebody:hush@/base?host=/nowhere",
    ],
)
def test_what_cannot_be_opened_is_told_without_the_password(url):
    with pytest.raises(StoreUnavailableError, match="cannot be opened") as caught:
        SqlStore(TABLES, url)
    assert "hush" not in str(caught.value)


def test_a_file_of_something_else_is_not_opened_and_not_changed(tmp_path):
    file = tmp_path / "picture.png"
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreUnavailableError, match="not a database"):
        SqlStore(TABLES, f"sqlite:///{file}")
    assert file.read_bytes() == b"no database" * 1000


def test_a_transaction_that_is_open_is_alone(store):
    if is_postgresql(store):
        pytest.skip("on PostgreSQL transactions run side by side, and lock rows")
    with store.begin() as connection:
        assert connection.connection.driver_connection.in_transaction
    with store.begin() as connection:
        connection.execute(select(thing)).all()
        assert connection.connection.driver_connection.in_transaction


def test_a_copy_holds_what_was_committed_and_lives_its_own_life(tmp_path, sqlite_file):
    store = SqlStore(TABLES, sqlite_file)
    put(store, name="one")
    store.backup(str(tmp_path / "copy.db"))
    put(store, name="two")
    copy = SqlStore(TABLES, f"sqlite:///{tmp_path}/copy.db")
    assert (names(copy), names(store)) == (["one"], ["one", "two"])
    copy.close()
    store.close()


def test_a_copy_that_cannot_be_written_is_told(store, tmp_path):
    path = str(tmp_path / "nowhere" / "copy.db")
    reason = "pg_dump" if is_postgresql(store) else "unable to open"
    with pytest.raises(StoreUnavailableError, match=reason):
        store.backup(path)


def test_it_counts_what_was_written_and_not_what_was_read():
    store = SqlStore(TABLES)
    before = store.written
    with store.begin() as connection:
        connection.execute(select(thing)).all()
    assert store.written == before
    with store.begin() as connection:
        connection.execute(insert(thing).values(name="one"))
    assert store.written == before + 1
    store.close()


def test_what_others_may_write_to_is_not_counted(store):
    assert (store.written is None) is (store._engine.dialect.name == "postgresql")
