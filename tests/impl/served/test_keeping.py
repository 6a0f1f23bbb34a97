"""Copies of databases: made while a node works, and put back only where all of them fit."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from impl.errors import StoreUnavailableError
from impl.network.records import HOME_REGISTER
from impl.runtime.schema import StoreVersionError
from impl.served.deployment import read_deployment
from impl.served.keeping import KeepingError, back_up, databases, restore
from impl.served.local import deployment_text
from impl.served.set_up import open_store

NODES = {"application-server", "hlr-20801", "hlr-26202"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Set up a deployment in a process of its own, which leaves nothing open."""
    folder = tmp_path_factory.mktemp("made")
    file = folder / "deployment.yaml"
    file.write_text(deployment_text(), "utf-8")
    command = [sys.executable, "-m", "impl", "set-up", "--deployment", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def deployment(made, tmp_path):
    shutil.copytree(made, tmp_path / "here")
    return read_deployment(tmp_path / "here/deployment.yaml")


def free(deployment):
    """Return how many identities are free in the first register."""
    with closing(sqlite3.connect(deployment.state / "hlr-20801.db")) as connection:
        question = "SELECT count(*) FROM subscriber WHERE state = 'free'"
        return connection.execute(question).fetchone()[0]


def take_one(deployment):
    with closing(sqlite3.connect(deployment.state / "hlr-20801.db")) as connection:
        connection.execute(
            "UPDATE subscriber SET state = 'active' WHERE imsi = "
            "(SELECT min(imsi) FROM subscriber WHERE state = 'free')"
        )
        connection.commit()


def test_what_was_kept_comes_back_as_of_the_moment_of_the_copy(deployment, tmp_path):
    before = free(deployment)
    with closing(open_store(deployment, "hlr-26202", HOME_REGISTER)):  # works on
        copies = list(back_up(deployment, tmp_path / "copies"))
    assert {path.stem for path in copies} == NODES
    take_one(deployment)
    assert free(deployment) == before - 1
    assert {path.stem for path in restore(deployment, tmp_path / "copies")} == NODES
    assert free(deployment) == before
    assert not list(deployment.state.glob("*coming*"))


def test_a_folder_that_is_there_gets_no_copies(deployment, tmp_path):
    with pytest.raises(KeepingError, match="File exists; name a new folder"):
        next(back_up(deployment, tmp_path))


def test_a_folder_without_copies_is_refused(deployment, tmp_path):
    with pytest.raises(KeepingError, match="has no copy of a database of this deployment"):
        restore(deployment, tmp_path)


def test_a_database_in_use_is_not_replaced_and_nor_is_any_other(deployment, tmp_path):
    list(back_up(deployment, tmp_path / "copies"))
    take_one(deployment)
    after = free(deployment)
    in_use = r"hlr-26202\.db: is in use; stop its process first"
    with (
        closing(open_store(deployment, "hlr-26202", HOME_REGISTER)),
        pytest.raises(KeepingError, match=in_use),
    ):
        restore(deployment, tmp_path / "copies")
    assert free(deployment) == after
    assert not list(deployment.state.glob("*coming*"))


@pytest.mark.parametrize("octets", [None, b"no database, but long enough to be one" * 50])
def test_a_copy_that_is_of_another_node_or_none_is_refused_and_nothing_is_replaced(
    deployment, tmp_path, octets
):
    copies = tmp_path / "copies"
    list(back_up(deployment, copies))
    (copies / "application-server.db").replace(copies / "hlr-26202.db")
    if octets:
        (copies / "hlr-26202.db").write_bytes(octets)
    take_one(deployment)
    after = free(deployment)
    with pytest.raises((StoreUnavailableError, StoreVersionError)):
        restore(deployment, copies)
    assert free(deployment) == after


def test_a_database_that_is_broken_is_replaced(deployment, tmp_path):
    before = free(deployment)
    list(back_up(deployment, tmp_path / "copies"))
    (deployment.state / "hlr-20801.db").write_bytes(b"broken" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        free(deployment)
    restore(deployment, tmp_path / "copies")
    assert free(deployment) == before


def test_a_server_on_postgresql_is_copied_with_its_own_tools(deployment):
    plan = deployment.application_server.model_copy(update={"database": "postgresql:///one"})
    apart = deployment.model_copy(update={"application_server": plan})
    assert set(databases(deployment)) - set(databases(apart)) == {"application-server"}
