import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select

from impl.runtime.store import SqlStore
from steps.drivers.simulated_glance import Glance

TABLES = MetaData()
thing = Table("thing", TABLES, Column("id", Integer, primary_key=True))


@pytest.fixture
def store():
    made = SqlStore(TABLES)
    yield made
    made.close()


@pytest.fixture
def looks():
    return []


@pytest.fixture
def glance(store, looks):
    def count():
        looks.append("looked")
        with store.begin() as connection:
            return connection.execute(select(func.count()).select_from(thing)).scalar_one()

    return Glance(store, count)


def put(store):
    with store.begin() as connection:
        connection.execute(insert(thing))


def test_what_nobody_wrote_since_is_not_read_again(glance, looks):
    assert [glance(), glance()] == [0, 0]
    assert looks == ["looked"]


def test_what_was_written_is_seen(store, glance, looks):
    glance()
    put(store)
    assert [glance(), glance()] == [1, 1]
    assert len(looks) == 2


def test_what_was_taken_back_is_not_seen(store, glance):
    def fail():
        raise ZeroDivisionError

    glance()
    store.before_commit = fail
    with pytest.raises(ZeroDivisionError):
        put(store)
    store.before_commit = None
    assert glance() == 0


def test_a_store_that_cannot_tell_is_read_each_time(glance, looks, monkeypatch):
    monkeypatch.setattr(SqlStore, "written", None)
    glance()
    glance()
    assert len(looks) == 2
