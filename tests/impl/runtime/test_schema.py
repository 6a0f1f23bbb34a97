"""Versions of the tables: old databases come up with what they hold, strange ones are refused."""

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    create_engine,
    insert,
    inspect,
    text,
)

from impl.application_server.records import APPLICATION_SERVER
from impl.network.records import HOME_REGISTER, SHORT_MESSAGE_CENTRE
from impl.ports import HISTORY
from impl.runtime import schema
from impl.runtime.store import SqlStore

NODES = [APPLICATION_SERVER, HOME_REGISTER, SHORT_MESSAGE_CENTRE]
NEWEST = {metadata.info[HISTORY]: schema._newest(metadata.info[HISTORY]) for metadata in NODES}


@pytest.fixture
def engine(lasting):
    opened = create_engine(lasting)
    yield opened
    opened.dispose()


def told(found):
    """Return what was found with everything in it as text: an expression equals only itself."""
    return {k: told(v) if isinstance(v, dict) else str(v) for k, v in found.items()}


def tables_of(connection):
    """Return what there is, as the database tells it."""
    inspector = inspect(connection)

    def by_name(found):
        return sorted(map(told, found), key=lambda one: one["name"])

    return {
        name: (
            by_name(inspector.get_columns(name)),
            inspector.get_pk_constraint(name),
            by_name(inspector.get_indexes(name)),
            sorted(tuple(one["column_names"]) for one in inspector.get_unique_constraints(name)),
        )
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }


@pytest.mark.parametrize("metadata", NODES, ids=lambda metadata: metadata.info[HISTORY])
def test_a_database_that_went_through_all_versions_is_as_a_new_one(metadata, engine):
    with engine.begin() as connection:
        schema.upgrade(connection, metadata.info[HISTORY], "0001")
        schema.upgrade(connection, metadata.info[HISTORY])
        upgraded = tables_of(connection)
    with engine.begin() as connection:
        everything = MetaData()
        everything.reflect(connection)
        everything.drop_all(connection)
        metadata.create_all(connection)
        assert upgraded == tables_of(connection)
    assert set(upgraded) == set(metadata.tables)


def test_a_column_too_many_is_no_database_as_a_new_one(engine):
    with engine.begin() as connection:
        schema.upgrade(connection, "home_register")
        before = tables_of(connection)
        connection.execute(text("ALTER TABLE departure ADD COLUMN more INTEGER"))
        assert tables_of(connection) != before


def test_versions_are_numbered_without_a_gap():
    for history in NEWEST:
        known = sorted(schema._known(history))
        assert known == [f"{history}_{number:04d}" for number in range(1, len(known) + 1)]


@pytest.mark.parametrize("metadata", NODES, ids=lambda metadata: metadata.info[HISTORY])
def test_a_store_opens_with_the_newest_version_however_often(metadata, lasting, engine):
    for _ in range(2):
        SqlStore(metadata, lasting).close()
    with engine.begin() as connection:
        assert schema.current(connection) == NEWEST[metadata.info[HISTORY]]


def refused(lasting, engine, *statements):
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    with engine.begin() as connection:
        before = tables_of(connection)
    with pytest.raises(schema.StoreVersionError) as caught:
        SqlStore(APPLICATION_SERVER, lasting)
    with engine.begin() as connection:
        assert tables_of(connection) == before
    assert caught.value.newest == NEWEST["application_server"]
    assert "restore a backup" in str(caught.value)
    return caught.value.found


def test_a_database_of_a_newer_release_is_refused_and_left_as_it_is(lasting, engine):
    SqlStore(APPLICATION_SERVER, lasting).close()
    later = "UPDATE alembic_version SET version_num = 'application_server_9999'"
    assert refused(lasting, engine, later) == "application_server_9999"


def test_a_database_of_another_node_is_refused(lasting, engine):
    SqlStore(HOME_REGISTER, lasting).close()
    assert refused(lasting, engine) == NEWEST["home_register"]


def test_a_database_of_other_software_is_refused(lasting, engine):
    assert refused(lasting, engine, "CREATE TABLE card (a INTEGER)") == "tables of no version"


def test_an_upgrade_that_fails_leaves_the_old_version(lasting, engine, monkeypatch):
    class KilledError(Exception):
        pass

    def kill(*_):
        raise KilledError

    # The tables are there by then, their version is not noted.
    monkeypatch.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", kill)
    with pytest.raises(KilledError):
        SqlStore(HOME_REGISTER, lasting)
    with engine.begin() as connection:
        assert tables_of(connection) == {}
    monkeypatch.undo()
    SqlStore(HOME_REGISTER, lasting).close()


def test_an_old_database_is_upgraded_with_what_it_holds(lasting, engine, tmp_path, monkeypatch):
    metadata = MetaData(info={HISTORY: "history"})
    thing = Table("thing", metadata, Column("id", Integer, primary_key=True))
    versions = tmp_path / "history"
    versions.mkdir()
    (tmp_path / "env.py").write_text((schema.FOLDER / "env.py").read_text())
    monkeypatch.setattr(schema, "FOLDER", tmp_path)
    step = "from alembic import op\nimport sqlalchemy as sa\n"
    column = "sa.Column('id', sa.Integer, primary_key=True)"
    first = f"def upgrade():\n    op.create_table('thing', {column})\n"
    head = "revision = 'history_0001'\ndown_revision = None\n"
    (versions / "v0001.py").write_text(step + head + first)
    store = SqlStore(metadata, lasting)
    with store.begin() as connection:
        connection.execute(insert(thing), [{"id": 7}, {"id": 8}])
    store.close()
    schema._known.cache_clear()
    second = "def upgrade():\n    op.add_column('thing', sa.Column('name', sa.String(8)))\n"
    second += "    op.execute(\"UPDATE thing SET name = 'old'\")\n"
    head = "revision = 'history_0002'\ndown_revision = 'history_0001'\n"
    (versions / "v0002.py").write_text(step + head + second)
    SqlStore(metadata, lasting).close()
    with engine.begin() as connection:
        found = connection.execute(text("SELECT id, name FROM thing ORDER BY id")).all()
        assert (found, schema.current(connection)) == ([(7, "old"), (8, "old")], "history_0002")
    schema._known.cache_clear()
