import sqlite3
import stat
from contextlib import closing
from functools import partial

import pytest

from impl.card.memory import Memory
from impl.errors import NoFreeIdentityError, PowerLostError, RepersonalizationError
from impl.network.osmo_gateway import OsmoGateway
from impl.network.records import SubscriberState
from impl.runtime.deployment import make_iccid
from impl.served.set_up import (
    CardIssuedError,
    NotSetUpError,
    insert_card,
    issue_card,
    network_plan,
    open_register,
    open_server,
    server_config,
    set_up,
)
from impl.values import PLMN, Algorithm


def test_a_set_up_makes_what_every_party_needs(deployment):
    assert set(map(len, server_config(deployment).key_encryption_key.values())) == {32}
    assert set(server_config(deployment).accounts) == {PLMN("20801"), PLMN("26202")}
    for part in deployment.networks:
        register = open_register(deployment, part)
        assert register.count(SubscriberState.FREE) == part.identities


def test_secrets_are_for_their_owner_only(deployment):
    issue_card(deployment, "20801", 1)
    secret = [
        *deployment.state.glob("passwords/*"),
        *deployment.state.glob("keys/*/own.key"),
        *deployment.state.glob("cards/*"),
        *deployment.state.glob("*/key-encryption-key"),
    ]
    assert len(secret) == 2 + 7 + 1 + 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}


def test_a_second_set_up_changes_nothing(deployment):
    def contents():
        return {
            path: path.read_bytes()
            for path in deployment.state.rglob("*")
            if path.is_file() and path.suffix not in {".db", ".db-wal", ".db-shm"}
        }

    before = contents()
    set_up(deployment)
    assert contents() == before
    part = deployment.networks[0]
    assert open_register(deployment, part).count(SubscriberState.FREE) == part.identities


def test_a_card_is_known_to_its_register_and_to_the_server(deployment):
    path = issue_card(deployment, "20801", 1)
    assert path.name == f"{make_iccid(1)}.card"
    assert open_register(deployment, deployment.network("20801")).knows(make_iccid(1))
    assert not open_register(deployment, deployment.network("26202")).knows(make_iccid(1))
    assert open_server(deployment).changes() == []


@pytest.mark.parametrize("plmn", ["20801", "26202"])
def test_a_card_is_issued_once_whatever_the_network(deployment, plmn):
    issue_card(deployment, "20801", 1)
    with pytest.raises(CardIssuedError, match="card 8933010000000000010 was issued before"):
        issue_card(deployment, plmn, 1)
    assert not open_register(deployment, deployment.network("26202")).knows(make_iccid(1))


def test_without_a_free_identity_no_card_is_issued(deployment):
    open_register(deployment, deployment.network("20801")).drain_pool()
    with pytest.raises(NoFreeIdentityError):
        issue_card(deployment, "20801", 1)
    assert not list(deployment.state.glob("cards/*"))
    set_up(deployment)
    assert issue_card(deployment, "20801", 1).exists()


def test_what_a_card_writes_outlives_the_process(deployment):
    path = issue_card(deployment, "20801", 1)
    with insert_card(path) as (iccid, memory):
        assert iccid == make_iccid(1)
        memory.recover()
        before = memory.read(3000, 4)
        memory.write(3000, bytes(octet ^ 0xFF for octet in before))
    with insert_card(path) as (_, memory):
        memory.recover()
        assert memory.read(3000, 4) == bytes(octet ^ 0xFF for octet in before)


def test_a_card_that_dies_in_a_write_comes_up_with_the_old_octets(deployment):
    path = issue_card(deployment, "20801", 1)
    with insert_card(path) as (_, memory):
        memory.recover()
        before = memory.read(3000, 4)
        memory.fuse = 9
        with pytest.raises(PowerLostError):
            memory.write(3000, bytes(octet ^ 0xFF for octet in before))
    with insert_card(path) as (_, memory):
        memory.recover()
        assert memory.read(3000, 4) == before


def test_what_is_no_card_is_not_inserted(tmp_path):
    short, named = tmp_path / f"{make_iccid(1)}.card", tmp_path / "x.card"
    short.write_bytes(b"short")
    named.write_bytes(Memory(bytes(4000)).image)
    for path in (short, named, tmp_path / "missing.card"):
        with pytest.raises(NotSetUpError, match=path.name), insert_card(path):
            pass


def openings(deployment):
    """Return what opens each node with secrets, by the folder with its keys."""
    opened = {
        f"hlr-{part.plmn}": partial(open_register, deployment, part) for part in deployment.networks
    }
    return opened | {"application-server": partial(open_server, deployment)}


NODES = ["application-server", "hlr-20801", "hlr-26202"]


@pytest.mark.parametrize("node", NODES)
def test_before_the_set_up_nothing_is_opened(deployment, node):
    (deployment.state / node / "key-encryption-key").unlink()
    with pytest.raises(NotSetUpError, match="run set-up first"):
        openings(deployment)[node]()


@pytest.mark.parametrize("node", NODES)
def test_with_another_key_no_node_is_opened(deployment, node):
    issue_card(deployment, "20801", 1)
    key, database = deployment.state / node / "key-encryption-key", deployment.state / f"{node}.db"
    own, before = key.read_bytes(), rows_of(database)
    for other, why in ((bytes(32), "does not open the database"), (bytes(31), "32 octets")):
        key.write_bytes(other)
        with pytest.raises(RepersonalizationError, match=why):
            openings(deployment)[node]()
    assert rows_of(database) == before
    key.write_bytes(own)
    openings(deployment)[node]()


def rows_of(database):
    with closing(sqlite3.connect(database)) as connection:
        return [*connection.iterdump()]


def test_where_a_later_key_is_no_first_one_is_made_again(deployment):
    folder = deployment.state / "hlr-20801"
    (folder / "key-encryption-key").rename(folder / "key-encryption-key.1")
    set_up(deployment)
    assert [path.name for path in folder.iterdir()] == ["key-encryption-key.1"]


@pytest.mark.parametrize(
    ("generation", "algorithm"),
    [("LTE", Algorithm.MILENAGE), ("GSM", Algorithm.COMP128_V3), ("UMTS", Algorithm.MILENAGE)],
)
def test_before_a_register_that_is_not_ours_is_a_gateway(deployment_with, generation, algorithm):
    foreign = {"kind": "osmo", "gsup": "127.0.0.2:4222", "control": "127.0.0.2:4259"}
    made = deployment_with(lambda second: second.update(hlr=foreign, generation=generation))
    first, second = made.networks
    assert isinstance(open_register(made, second), OsmoGateway)
    assert not isinstance(open_register(made, first), OsmoGateway)
    assert network_plan(second).keys_for is algorithm
