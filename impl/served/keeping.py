"""Copies of the databases of a deployment while everything runs, and how they come back.

The key-encryption keys are not in a copy: it opens only with those of its time.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import MetaData

from impl.application_server.records import APPLICATION_SERVER
from impl.errors import RefusedError
from impl.network.records import HOME_REGISTER, SHORT_MESSAGE_CENTRE
from impl.runtime.sessions import SERVER
from impl.runtime.store import SqlStore
from impl.served.deployment import Deployment
from impl.served.set_up import database_file, open_store, register_name

BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a file in use; it must not stay beside another."""


class KeepingError(RefusedError):
    """A copy cannot be made or brought back. Nothing was changed."""


def databases(deployment: Deployment) -> dict[str, MetaData]:
    """Return the SQLite databases that a deployment may have, by the names of their files."""
    plmns = [part.plmn for part in deployment.networks]
    found = {register_name(part): HOME_REGISTER for part in deployment.networks}
    found |= {f"smsc-{plmn}": SHORT_MESSAGE_CENTRE for plmn in plmns}
    found[SERVER] = APPLICATION_SERVER
    return {node: tables for node, tables in found.items() if node not in deployment.databases}


def back_up(deployment: Deployment, folder: Path) -> Iterator[Path]:
    """Copy each database that is there into a new folder, each as of one moment; yield the copies.

    Raises:
        KeepingError: the folder is there already, or cannot be made.
        StoreUnavailableError: a copy cannot be written; those before it are there.
    """
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise KeepingError(f"{folder}: {error.strerror}; name a new folder") from None
    for name, tables in databases(deployment).items():
        database = database_file(deployment, name)
        if database.exists():
            copy = folder / database.name
            with closing(open_store(deployment, name, tables)) as store:
                store.backup(str(copy))
            yield copy


def restore(deployment: Deployment, folder: Path) -> list[Path]:
    """Put each copy of a folder in the place of its database; return those that were replaced.

    All copies are looked at first: one that is of another node or a newer release, or a database
    that is in use, and none is replaced.

    Raises:
        KeepingError: there is no copy, it cannot be read, or the database is in use.
        StoreUnavailableError, StoreVersionError: a copy is no database, or not of this release.
    """
    places = {
        database_file(deployment, name): tables for name, tables in databases(deployment).items()
    }
    replaced = [path for path in places if (folder / path.name).exists()]
    if not replaced:
        raise KeepingError(f"{folder}: has no copy of a database of this deployment")
    deployment.state.mkdir(parents=True, exist_ok=True)
    try:
        for path in replaced:
            _demand_unused(path)
            shutil.copyfile(folder / path.name, _coming(path))
            SqlStore(places[path], f"sqlite:///{_coming(path)}").close()
        for path in replaced:
            _remove(path)
            _coming(path).replace(path)
    except OSError as error:
        raise KeepingError(f"{error.filename}: {error.strerror}") from None
    finally:
        for path in replaced:
            _remove(_coming(path))
    return replaced


def _demand_unused(path: Path) -> None:
    """Refuse a database that a process has open."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        raise KeepingError(f"{path}: is in use; stop its process first") from None
    except sqlite3.DatabaseError:
        pass  # it is none any more: the copy comes in its place


def _coming(path: Path) -> Path:
    """Return where what is to take the place of a database is looked at."""
    return path.with_suffix(".coming")


def _remove(path: Path) -> None:
    for suffix in ("", *BESIDE):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
