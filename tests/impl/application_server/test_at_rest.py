"""Secrets in the database: unreadable in its octets, and under whichever key is the newest."""

from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import select

from impl.application_server.change import State
from impl.application_server.records import APPLICATION_SERVER, card, change
from impl.crypto.vault import UnsealError, Vault
from impl.events import Expired, Interface, Peer
from impl.messages import ConfirmChange
from impl.runtime.store import SqlStore
from impl.sealed import SealedColumn
from impl.values import Secret

OLD, NEW = Secret(bytes(32)), Secret(b"\1" * 32)
HLR2 = Peer(Interface.OPERATOR, "26202")
SECRETS = (b"sEcReT#1", b"c" * 16, b"d" * 16, b"K" * 16, b"O" * 16)
"""Admin code, KIc and KID of the card of a bench; K and OPc that the tests let it be provided."""


def expire(bench):
    bench.perform(bench.server.handle(Expired(f"change/{bench.change.transaction}")))


@pytest.fixture
def kept(begin, sqlite_file):
    """Return a bench over a file, in the middle of a change."""
    return in_a_change(begin(), sqlite_file)


def in_a_change(bench, url):
    bench.store = SqlStore(APPLICATION_SERVER, url)
    bench.__post_init__()
    bench.request()
    bench.provide(k=Secret(b"K" * 16), opc=Secret(b"O" * 16))
    assert bench.change.state is State.SENT
    return bench


def octets_of(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def shows(octets):
    lower = octets.lower()
    return [s for s in SECRETS if s in octets or s.hex().encode() in lower]


def test_no_secret_shows_in_the_octets_of_the_database(kept, tmp_path):
    assert kept.change.iccid.encode() in octets_of(tmp_path)  # these are the octets of the change
    assert shows(octets_of(tmp_path)) == []


def test_a_secret_that_is_not_sealed_would_be_found(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(kept.server._vault, "seal", lambda plain, _: plain)
    kept.server.replace_admin_code(kept.change.iccid, Secret(b"sEcReT#1"))
    assert shows(octets_of(tmp_path)) == list(SECRETS[:3])


def with_keys(kept, **keys):
    by_version = {int(name[1:]): key for name, key in keys.items()}
    kept.config = replace(kept.config, key_encryption_key=by_version)
    kept.restart()


def test_the_key_is_changed_in_the_middle_of_a_change_which_goes_on(kept):
    with_keys(kept, v1=OLD, v2=NEW)
    assert kept.server.reseal() == 2  # the card and the identity on its way
    assert kept.server.reseal() == 0
    with_keys(kept, v2=NEW)
    expire(kept)
    assert kept.change.attempts == 2
    kept.say(HLR2, ConfirmChange(id="c1", transaction=kept.change.transaction))
    assert kept.change.state is State.CONFIRMED


def test_without_sealing_anew_the_old_key_is_still_needed(kept):
    with_keys(kept, v2=NEW)
    with pytest.raises(UnsealError):
        expire(kept)


def test_keys_that_do_not_open_the_cards_are_known_at_once(kept):
    for keys in ({"v1": OLD}, {"v1": OLD, "v2": NEW}):
        with_keys(kept, **keys)
        kept.server.demand_keys()
    for keys in ({"v1": NEW}, {"v2": NEW}):
        with_keys(kept, **keys)
        with pytest.raises(UnsealError):
            kept.server.demand_keys()


def test_cards_beyond_one_transaction_are_sealed_anew_too(begin):
    bench = begin()
    lines = [f"893302{number:013d},{'11' * 8},{'22' * 16},{'33' * 16}" for number in range(2500)]
    bench.server.import_cards("\n".join(["iccid,admin_code,kic,kid", *lines]))
    with_keys(bench, v1=OLD, v2=NEW)
    assert bench.server.reseal() == len(lines) + 1


class KilledError(Exception):
    pass


def die_at(store, moment, commit):
    """Let whoever works over a store die at one of its next commits."""
    left = count(1)

    def look():
        if next(left) == commit:
            raise KilledError

    setattr(store, moment, look)


def opened(bench, keys):
    """Return each secret of the database as these keys open it, by what it belongs to."""
    with bench.store.begin() as connection:
        cards = connection.execute(select(card.c.key, card.c.secrets)).all()
        identities = connection.execute(select(change.c.transaction_id, change.c.identity)).all()
    vault = Vault(keys, bench.random_octets)
    return {str(whose): vault.unseal(one, str(whose)) for whose, one in (*cards, *identities)}


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_sealing_anew_that_dies_at_any_commit_leaves_nothing_without_its_key(
    begin, lasting, moment, monkeypatch
):
    monkeypatch.setattr("impl.sealed.AT_ONCE", 2)
    pages = SealedColumn(card.c.key, card.c.secrets)
    monkeypatch.setattr("impl.application_server.server.CARD_SECRETS", pages)
    bench = in_a_change(begin(), lasting)
    lines = [f"893302{number:013d},{'11' * 8},{'22' * 16},{'33' * 16}" for number in range(4)]
    bench.server.import_cards("\n".join(["iccid,admin_code,kic,kid", *lines]))
    plain = opened(bench, OLD)
    for version in count(1):
        keys = {f"v{one}": Secret(bytes([one - 1]) * 32) for one in (version, version + 1)}
        with_keys(bench, **keys)
        die_at(bench.store, moment, version)
        try:
            bench.server.reseal()
            break
        except KilledError:
            pass
        finally:
            setattr(bench.store, moment, None)
        with_keys(bench, **keys)
        bench.server.demand_keys()
        bench.server.reseal()
        newest = dict([keys.popitem()])
        with_keys(bench, **newest)
        assert opened(bench, bench.config.key_encryption_key) == plain
    assert version == 7  # three pages of cards and the end of them, the change's name and its own
    expire(bench)
    assert bench.change.attempts == 2
