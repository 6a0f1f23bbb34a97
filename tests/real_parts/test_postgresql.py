"""Databases on a real PostgreSQL, under parties that run as processes and die."""

import asyncio
import re
import shlex
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from impl.application_server.admin_codes import UnknownCardError
from impl.application_server.change import State
from impl.runtime.deployment import make_iccid
from impl.served.deployment import read_deployment
from impl.served.load import Load, LoadPlan
from impl.served.local import deployment_text
from impl.served.set_up import open_register, open_server
from impl.values import ICCID

USERS = 24
SERVER, REGISTER = "application-server", "hlr 26202"
KILLED = (REGISTER, SERVER, f"{SERVER} 2")


def shared(cluster, faults=()):
    """Return a load on two servers, a register and a short message centre over PostgreSQL."""
    return LoadPlan(
        USERS,
        6,
        faults=faults,
        patience_s=8.0,
        longest_s=150.0,
        servers=2,
        databases=tuple((name, cluster.base()) for name in (SERVER, REGISTER, "smsc 20801")),
    )


@pytest.fixture
def loaded(cluster, tmp_path):
    """Let users change while processes die; return what came of it."""
    plan = shared(cluster, tuple(("kill", name) for name in KILLED))
    return asyncio.run(Load(tmp_path, plan, lambda *_: None, pytest.fail).run())


def test_two_servers_on_one_database_die_in_turn_and_no_change_is_lost_or_made_twice(
    loaded, tmp_path
):
    assert (loaded.arrived, loaded.faults) == (USERS, [])
    assert loaded.struck == [f"killed {name}" for name in KILLED]
    server = open_server(read_deployment(tmp_path / "deployment.yaml"))
    done = Counter(change.iccid for change in server.changes() if change.state is State.DONE)
    assert set(done.values()) == {1}
    assert len(done) == USERS
    kept = {path.name for path in (tmp_path / "state").glob("*.db")}
    assert kept == {"hlr-20801.db", "smsc-26202.db"}


class Bereaved(Load):
    """A load whose database dies under it, so often, and comes back."""

    def __init__(self, folder, plan, cluster, times):
        super().__init__(folder, plan, lambda *_: None, pytest.fail)
        self._cluster, self._deaths, self.left = cluster, times, times

    def hear(self, record):
        super().hear(record)
        due = self._plan.cards * (self._deaths - self.left) // self._deaths
        if self.left and self.outcome.asked and self.outcome.arrived >= due:
            self.left -= 1
            self._cluster.die()
            self._cluster.start()


def test_a_database_dies_under_all_who_use_it_and_no_change_is_lost_or_made_twice(
    cluster, tmp_path
):
    load = Bereaved(tmp_path, shared(cluster), cluster, times=4)
    outcome = asyncio.run(load.run())
    assert load.left == 0
    assert sum("StoreLostError" in trouble for trouble in outcome.troubles) > 1
    assert (outcome.arrived, outcome.faults) == (USERS, [])


HANDBOOK = Path(__file__).parents[2] / "docs/operations.md"
DOCUMENTED = re.compile(r"^  (pg_\w+ .*)$", re.MULTILINE)


@pytest.fixture
def deployed(cluster, tmp_path):
    """Set up a server and a register on PostgreSQL; return the file, and both URLs."""
    plan, urls = yaml.safe_load(deployment_text()), (cluster.base(), cluster.base())
    plan["application_server"]["database"], plan["networks"][0]["register_database"] = urls
    file = tmp_path / "deployment.yaml"
    file.write_text(yaml.safe_dump(plan), "utf-8")
    done(file, "set-up")
    return file, urls


def done(file, *arguments):
    command = [sys.executable, "-m", "impl", *arguments, "-d", str(file)]
    return subprocess.run(command, check=True, capture_output=True, text=True)


def as_documented(url, copy):
    """Return the commands of the handbook for one base: to copy it, and to bring it back."""
    commands = DOCUMENTED.findall(HANDBOOK.read_text("utf-8"))
    assert [one.split()[0] for one in commands] == ["pg_dump", "pg_restore"]
    assert all("postgresql://user@host/base" in one and "as.dump" in one for one in commands)
    own = [one.replace("postgresql://user@host/base", url) for one in commands]
    return [shlex.split(one.replace("as.dump", str(copy))) for one in own]


def known(file):
    """Return the cards whose secrets open in the server and in the register of their network."""
    deployment = read_deployment(file)
    server = open_server(deployment)
    register = open_register(deployment, deployment.networks[0])
    found = []
    for path in sorted((deployment.state / "cards").iterdir()):
        with suppress(UnknownCardError), server._store.begin() as connection:
            record = server._codes.find(connection, ICCID(path.stem))
            assert record.msisdn == register.record(record.iccid).msisdn
            found.append(record.iccid)
    return found


def test_a_base_that_is_lost_comes_back_from_its_copy_as_the_handbook_says(
    deployed, cluster, tmp_path
):
    file, urls = deployed
    done(file, "issue-card", "20801", "1")
    copies = (tmp_path / "as.dump", tmp_path / "hlr.dump")
    copying, restoring = zip(*map(as_documented, urls, copies), strict=True)
    for command in copying:
        subprocess.run(command, check=True)
    told = done(file, "backup", str(tmp_path / "copies")).stderr.splitlines()
    left = "not copied, its database is elsewhere; use pg_dump"
    assert told == [f"impl: {node}: {left}" for node in ("application-server", "hlr-20801")]
    done(file, "issue-card", "20801", "2")
    assert known(file) == [make_iccid(1), make_iccid(2)]
    cluster.empty(urls[0])
    assert known(file) == []
    for command in restoring:
        subprocess.run(command, check=True)
    assert known(file) == [make_iccid(1)]
