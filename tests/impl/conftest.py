"""Databases for the tests of what is durable: SQLite in memory and in a file, and PostgreSQL.

The cluster of PostgreSQL is the tests' own, in a folder that goes when they end. Where PostgreSQL
is not installed its tests are skipped, but never in CI.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

PROGRAMS = (
    "/usr/lib/postgresql/15/bin",
    "/usr/lib/postgresql/16/bin",
    "/usr/lib/postgresql/17/bin",
)
"""Where Debian keeps what only runs a cluster."""
ROOTLESS = "postgres"
"""As whom the cluster runs where the tests run as root, which PostgreSQL refuses."""


class Cluster:
    """A cluster that listens on a socket in its own folder; it need not outlive the machine."""

    def __init__(self, folder: Path, control: str, user: str | None) -> None:
        self._data, self._control, self._user = folder / "data", control, user
        self.url = f"postgresql://reperso@/postgres?host={folder}"
        self._run("initdb", "-o", "--username=reperso --auth=trust --no-sync --locale=C.UTF-8")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        self._run("start", "--wait", "--log", str(folder / "log"), "-o", options)
        self._engine = create_engine(self.url, isolation_level="AUTOCOMMIT")

    def empty(self) -> str:
        """Drop whatever tables there are; return the URL."""
        with self._engine.connect() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        return self.url

    def stop(self) -> None:
        self._engine.dispose()
        self._run("stop", "--mode=immediate")

    def _run(self, what: str, *arguments: str) -> None:
        command = [self._control, what, "-D", str(self._data), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=self._user)


def control() -> str:
    found = shutil.which("pg_ctl", path=os.pathsep.join((os.environ["PATH"], *PROGRAMS)))
    if found is None:
        missing = "PostgreSQL is not installed; apt-packages.txt says where it comes from"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    program = control()
    # Not below pytest's folder, which only who runs the tests may enter.
    folder = Path(tempfile.mkdtemp(prefix="reperso-"))
    user = None
    if os.geteuid() == 0:
        user = ROOTLESS
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    started = Cluster(folder, program, user)
    yield started
    started.stop()
    shutil.rmtree(folder)


@pytest.fixture
def postgresql(cluster: Cluster) -> str:
    """Return the URL of an empty database."""
    return cluster.empty()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> str:
    """Return the URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path}/records.db"


@pytest.fixture(params=["sqlite_file", "postgresql"])
def lasting(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database that outlives who opens it."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture(params=["memory", "sqlite_file", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database of each kind."""
    url: str = "sqlite://" if request.param == "memory" else request.getfixturevalue(request.param)
    return url
