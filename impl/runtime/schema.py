"""Brings a database to the version of the tables that this release knows, or refuses to touch it.

Versions only go up; the way back is the backup that was made before. An upgrade is one transaction:
it is done wholly or not at all, and of several processes that start at once one does it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select

from impl.errors import RefusedError

FOLDER: Final = Path(__file__).with_name("migrations")
_UPGRADING: Final = 0x72657065
"""Under which number PostgreSQL keeps upgrades of one database apart."""


class StoreVersionError(RefusedError):
    """The database holds tables that this release has no use for. Nothing was changed."""

    def __init__(self, found: str, newest: str) -> None:
        super().__init__(
            f"the database holds {found}, this release reads up to {newest}: open it with the"
            " release that wrote it, or restore a backup that was made before"
        )
        self.found = found
        self.newest = newest


def upgrade(connection: Connection, history: str, to: str = "head") -> None:
    """Bring the tables to a version (`0001`, or the newest), in the caller's transaction.

    Raises:
        StoreVersionError: a newer release, another node or other software made the tables.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_UPGRADING)))
    version = current(connection)
    newest = _newest(history)
    if version is None and inspect(connection).get_table_names():
        raise StoreVersionError("tables of no version", newest)
    if version is not None and version not in _known(history):
        raise StoreVersionError(version, newest)
    target = newest if to == "head" else f"{history}_{to}"
    if version != target:
        config = _config(history)
        config.attributes["connection"] = connection
        command.upgrade(config, target)


def current(connection: Connection) -> str | None:
    """Return the version of the tables that are there, None if there is none."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def _known(history: str) -> frozenset[str]:
    """Return every version that this release knows."""
    script = ScriptDirectory.from_config(_config(history))
    return frozenset(version.revision for version in script.walk_revisions())


def _newest(history: str) -> str:
    return max(_known(history))


def _config(history: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(FOLDER / history).replace("%", "%%"))
    return config
