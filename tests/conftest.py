"""For every test: hypothesis with one seed, no judgement by the clock; a PostgreSQL of its own.

`HYPOTHESIS_PROFILE=random` searches anew each time, for a night.

The cluster of PostgreSQL is in a folder that goes when the tests end. Where PostgreSQL is not
installed its tests are skipped, but never in CI.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text

settings.register_profile("reperso", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "reperso"))

PROGRAMS = (
    "/usr/lib/postgresql/15/bin",
    "/usr/lib/postgresql/16/bin",
    "/usr/lib/postgresql/17/bin",
)
"""Where Debian keeps what only runs a cluster."""
ROOTLESS = "postgres"
"""As whom the cluster runs where the tests run as root, which PostgreSQL refuses."""


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """Let an interruption interrupt, though who started the tests has it ignored, as nohup does."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Cluster:
    """A cluster that listens on a socket in its own folder; it need not outlive the machine."""

    def __init__(self, folder: Path, control: str, user: str | None) -> None:
        self.folder, self._control, self._user = folder, control, user
        self.url = self._url("postgres")
        self._bases = count(1)
        self._run("initdb", "-o", "--username=reperso --auth=trust --no-sync --locale=C.UTF-8")
        self.start()
        self._engine = create_engine(self.url, isolation_level="AUTOCOMMIT")

    def empty(self, url: str | None = None) -> str:
        """Drop whatever tables there are, in the first base if in no other; return the URL."""
        engine = create_engine(url or self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
        return url or self.url

    def base(self) -> str:
        """Make another database, empty; return its URL."""
        name = f"base{next(self._bases)}"
        with self._engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        return self._url(name)

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off"
        self._run("start", "--wait", "--log", str(self.folder / "log"), "-o", options)

    def die(self) -> None:
        """End all its processes at once; what was committed is found at the next start."""
        self._engine.dispose()
        self._run("stop", "--mode=immediate")

    def _url(self, name: str) -> str:
        return f"postgresql://reperso@/{name}?host={self.folder}"

    def _run(self, what: str, *arguments: str) -> None:
        command = [self._control, what, "-D", str(self.folder / "data"), *arguments]
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
    started.die()
    shutil.rmtree(folder)
