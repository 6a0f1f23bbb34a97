"""K and OPc in the register's database: unreadable in its octets, under the newest key."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, select, update

from impl.crypto.vault import UnsealError, Vault
from impl.network.hlr import HomeRegister, HomeRegisterConfig
from impl.network.identity_pool import NumberRange
from impl.network.records import HOME_REGISTER, SubscriberState, subscriber
from impl.runtime.store import SqlStore
from impl.sealed import AT_ONCE
from impl.values import ICCID, IMSI, MSISDN, PLMN, Secret

CARD = ICCID("8933010000000000017")
FIRST = IMSI("208020000000000")
CONFIG = HomeRegisterConfig(
    PLMN("20802"), MSISDN("33709"), NumberRange(FIRST, MSISDN("33700000000"), 1_000_000)
)
OLD, NEW = Secret(bytes(32)), Secret(b"\1" * 32)
ONLY_OLD, BOTH, ONLY_NEW = {1: OLD}, {1: OLD, 2: NEW}, {2: NEW}
RESEALS = """
import itertools, os, sys
from impl.crypto.vault import Vault
from impl.network.hlr import HomeRegister
from impl.network.records import HOME_REGISTER
from impl.runtime.store import SqlStore
from impl.values import Secret
from impl.network.hlr import HomeRegisterConfig
from impl.network.identity_pool import NumberRange
from impl.values import IMSI, MSISDN, PLMN
numbers = NumberRange(IMSI("208020000000000"), MSISDN("33700000000"), 1_000_000)
config = HomeRegisterConfig(PLMN("20802"), MSISDN("33709"), numbers)
vault = Vault({1: Secret(bytes(32)), 2: Secret(b"\1" * 32)}, os.urandom)
store = SqlStore(HOME_REGISTER, sys.argv[1])
register = HomeRegister(config, store, None, vault)
commits = itertools.count(1)
def stand_still():
    if next(commits) == 3:
        print("stands still", flush=True)
        sys.stdin.read()
store.before_commit = stand_still
print("begins", flush=True)
register.reseal()
"""
"""Stands still amid its third transaction, so that who kills it cannot be too late."""


@pytest.fixture
def opened(lasting, surroundings):
    """Return what opens the register over one database with these keys."""
    stores = []

    def begin(keys):
        stores.append(SqlStore(HOME_REGISTER, lasting))
        return HomeRegister(CONFIG, stores[-1], surroundings, Vault(keys, os.urandom))

    yield begin
    for store in stores:
        store.close()


def octets_of(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def shown(credentials, octets):
    secrets = (credentials.k.reveal(), credentials.opc.reveal())
    return [s for s in secrets if s in octets or s.hex().encode() in octets.lower()]


def test_no_key_shows_in_the_octets_of_the_database(sqlite_file, surroundings, tmp_path):
    store = SqlStore(HOME_REGISTER, sqlite_file)
    register = HomeRegister(CONFIG, store, surroundings, Vault(OLD, os.urandom))
    register.fill_pool(2)
    credentials, _ = register.subscribe(CARD)
    assert {path.name for path in tmp_path.iterdir()} == {
        "records.db",
        "records.db-wal",
        "records.db-shm",
    }
    assert credentials.imsi.encode() in octets_of(tmp_path)
    assert shown(credentials, octets_of(tmp_path)) == []
    store.close()
    assert credentials.imsi.encode() in octets_of(tmp_path)
    assert shown(credentials, octets_of(tmp_path)) == []


def test_a_key_that_is_not_sealed_would_be_found(sqlite_file, surroundings, tmp_path, monkeypatch):
    vault = Vault(OLD, os.urandom)
    monkeypatch.setattr(Vault, "seal", lambda _, plain, __: plain)
    monkeypatch.setattr(Vault, "unseal", lambda _, plain, __: plain)
    store = SqlStore(HOME_REGISTER, sqlite_file)
    register = HomeRegister(CONFIG, store, surroundings, vault)
    register.fill_pool(1)
    credentials, _ = register.subscribe(CARD)
    assert len(shown(credentials, octets_of(tmp_path))) == 2
    store.close()


def test_what_belongs_to_one_identity_does_not_open_for_another(opened):
    register = opened(ONLY_OLD)
    register.fill_pool(2)
    first = select(subscriber.c.secrets).where(subscriber.c.imsi == FIRST)
    with register._store.begin() as connection:
        octets = connection.execute(first).scalar_one()
        connection.execute(
            update(subscriber).where(subscriber.c.imsi != FIRST).values(secrets=octets)
        )
    with pytest.raises(UnsealError):
        register.demand_keys()


def test_under_the_newest_key_all_opens_without_the_older(opened):
    register = opened(ONLY_OLD)
    register.fill_pool(AT_ONCE + 2)
    credentials, msisdn = register.subscribe(CARD)
    both = opened(BOTH)
    assert both.reseal() == AT_ONCE + 2
    assert both.reseal() == 0
    after = opened(ONLY_NEW)
    after.demand_keys()
    assert after.record(CARD).credentials == credentials
    assert after.number(CARD) == msisdn
    with pytest.raises(UnsealError):
        register.record(CARD)


@pytest.mark.parametrize("under_new", [1, 2])
def test_of_keys_that_are_both_needed_none_may_be_missing(opened, under_new):
    opened(ONLY_OLD).fill_pool(3)
    both = opened(BOTH)
    at_end = FIRST if under_new == 1 else IMSI("208020000000002")
    with both._store.begin() as connection:
        both._pool.take(connection, CARD, SubscriberState.RESERVED)
        both._pool.give_back(connection, at_end)  # provided anew: sealed under the newest
    for keys in (ONLY_OLD, ONLY_NEW):
        with pytest.raises(UnsealError):
            opened(keys).demand_keys()
    both.demand_keys()


def test_a_register_without_identities_needs_no_key(opened):
    opened(ONLY_NEW).demand_keys()
    assert opened(ONLY_NEW).reseal() == 0


def versions_of(url):
    engine = create_engine(url)
    with engine.begin() as connection:
        octets = connection.execute(select(subscriber.c.secrets)).scalars().all()
    engine.dispose()
    return [one[0] for one in octets]


def test_sealing_anew_that_is_killed_is_gone_on_with_while_the_register_serves(opened, lasting):
    count = 20 * AT_ONCE
    register = opened(BOTH)
    opened(ONLY_OLD).fill_pool(count)
    command = [sys.executable, "-c", RESEALS, lasting]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout.readline() == b"begins\n"
        assert process.stdout.readline() == b"stands still\n"
        process.kill()
    assert process.returncode == -9
    versions = versions_of(lasting)
    assert 2 in versions
    assert 1 in versions
    register.subscribe(CARD)
    register.demand_keys()
    assert register.reseal() == versions.count(1)
    assert set(versions_of(lasting)) == {2}
    assert register.knows(CARD)
