"""Tests of the identity pool."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from impl.crypto.vault import Vault
from impl.errors import MalformedError, NumberRangeError
from impl.network.identity_pool import ROWS_AT_ONCE, IdentityPool, NumberRange
from impl.network.records import HOME_REGISTER, SubscriberState
from impl.runtime.store import SqlStore
from impl.values import ICCID, IMSI, MSISDN, PLMN, Secret

FIRST = IMSI("208010000000000")
NUMBER = MSISDN("33600000000")
RANGE = NumberRange(FIRST, NUMBER, 4)
VAULT = Vault(Secret(bytes(32)), os.urandom)
CARDS = [ICCID(f"893301000000000000{index}") for index in range(5)]
RESERVED, ACTIVE, FREE = SubscriberState.RESERVED, SubscriberState.ACTIVE, SubscriberState.FREE


WIDE_RANGE = NumberRange(FIRST, MSISDN("33600000000"), 40)


@pytest.fixture
def connection(database: str) -> Any:
    store = SqlStore(HOME_REGISTER, database)
    with store.begin() as connection:
        yield connection
    store.close()


@pytest.fixture
def pool(surroundings: Any) -> IdentityPool:
    return IdentityPool(RANGE, surroundings, VAULT)


def test_identities_are_provisioned_in_order_each_with_its_own_key(
    pool: IdentityPool, connection: Any
) -> None:
    pool.fill(connection, 2)
    pool.fill(connection, 2)
    taken = [pool.take(connection, card, ACTIVE) for card in CARDS[:4]]
    assert [one and one.imsi for one in taken] == [
        "208010000000000",
        "208010000000001",
        "208010000000002",
        "208010000000003",
    ]
    assert [one and one.msisdn for one in taken][-1] == "33600000003"
    assert len({one.k for one in taken if one} | {one.opc for one in taken if one}) == 8


def test_no_more_identities_are_provisioned_than_the_range_holds(
    pool: IdentityPool, connection: Any
) -> None:
    pool.fill(connection, 3)
    with pytest.raises(NumberRangeError) as caught:
        pool.fill(connection, 2)
    assert caught.value.available == 1
    assert pool.count(connection, FREE) == 3
    pool.fill(connection, 0)
    assert pool.count(connection, FREE) == 3


def test_more_identities_than_are_made_at_a_time_are_all_there(
    surroundings: Any, connection: Any
) -> None:
    count = ROWS_AT_ONCE + 1
    pool = IdentityPool(NumberRange(FIRST, NUMBER, count), surroundings, VAULT)
    pool.fill(connection, count)
    assert pool.count(connection, FREE) == count
    last = pool.of_imsi(connection, IMSI("208010000001000"))
    assert last is not None
    assert last.msisdn == "33600001000"


def test_an_exhausted_pool_gives_nothing(pool: IdentityPool, connection: Any) -> None:
    pool.fill(connection, 1)
    assert pool.take(connection, CARDS[0], RESERVED) is not None
    assert pool.take(connection, CARDS[1], RESERVED) is None


def test_a_drained_pool_keeps_what_is_given(pool: IdentityPool, connection: Any) -> None:
    pool.fill(connection, 3)
    taken = pool.take(connection, CARDS[0], ACTIVE)
    pool.drain(connection)
    assert pool.count(connection, FREE) == 0
    assert pool.of_card(connection, CARDS[0]) == taken


def test_a_card_has_one_identity_at_most(pool: IdentityPool, connection: Any) -> None:
    pool.fill(connection, 2)
    pool.take(connection, CARDS[0], ACTIVE)
    with pytest.raises(IntegrityError), connection.begin_nested():
        pool.take(connection, CARDS[0], ACTIVE)
    assert pool.count(connection, FREE) == 1


def test_an_identity_that_was_given_back_has_another_key_and_no_card(
    pool: IdentityPool, connection: Any
) -> None:
    pool.fill(connection, 1)
    before = pool.take(connection, CARDS[0], ACTIVE)
    assert before is not None
    pool.locate(connection, before.imsi, "vlr")
    pool.advance(connection, before.imsi, 99)
    pool.set_waiting(connection, before.imsi, waiting=True)
    pool.give_back(connection, before.imsi)
    after = pool.of_imsi(connection, before.imsi)
    assert after is not None
    assert (after.state, after.iccid, after.vlr) == (FREE, None, None)
    assert (after.sqn, after.waiting, after.msisdn) == (0, False, before.msisdn)
    assert after.k != before.k
    assert after.opc != before.opc
    assert pool.of_card(connection, CARDS[0]) is None


def test_the_identity_that_is_free_for_longest_is_given_first(
    pool: IdentityPool, connection: Any, surroundings: Any
) -> None:
    pool.fill(connection, 2)
    first = pool.take(connection, CARDS[0], ACTIVE)
    assert first is not None
    surroundings.time_s += 1
    pool.give_back(connection, first.imsi)
    second = pool.take(connection, CARDS[1], ACTIVE)
    assert second is not None
    assert second.imsi != first.imsi


def test_a_number_reaches_a_subscriber_only_while_active(
    pool: IdentityPool, connection: Any
) -> None:
    pool.fill(connection, 1)
    taken = pool.take(connection, CARDS[0], RESERVED)
    assert taken is not None
    assert pool.of_number(connection, taken.msisdn) is None
    pool.activate(connection, taken.imsi)
    found = pool.of_number(connection, taken.msisdn)
    assert found is not None
    assert (found.imsi, found.state) == (taken.imsi, ACTIVE)


def test_who_is_not_there_is_not_found(pool: IdentityPool, connection: Any) -> None:
    assert pool.of_imsi(connection, FIRST) is None
    assert pool.of_card(connection, CARDS[0]) is None
    assert pool.of_number(connection, NUMBER) is None


def test_keys_are_not_shown(pool: IdentityPool, connection: Any) -> None:
    pool.fill(connection, 1)
    taken = pool.take(connection, CARDS[0], ACTIVE)
    assert taken is not None
    assert repr(taken.k.reveal())[2:-1] not in repr(taken)
    assert taken.credentials.k == taken.k


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=20))
def test_no_identity_is_ever_given_to_two_cards(steps: list[tuple[bool, int]]) -> None:
    holders: dict[str, ICCID] = {}
    drawn = iter(range(1, 1000))

    class Counting:
        def now(self) -> float:
            return float(next(drawn))

        def random_octets(self, count: int) -> bytes:
            return next(drawn).to_bytes(count, "big")

    from sqlalchemy import create_engine

    engine = create_engine("sqlite://")
    HOME_REGISTER.create_all(engine)
    pool = IdentityPool(RANGE, Counting(), VAULT)
    with engine.begin() as connection:
        pool.fill(connection, 3)
        for takes, index in steps:
            card = CARDS[index]
            held = pool.of_card(connection, card)
            if takes and held is None:
                taken = pool.take(connection, card, ACTIVE)
                assert (taken is None) == (len(holders) == 3)
                if taken is not None:
                    assert taken.imsi not in holders
                    holders[taken.imsi] = card
            elif not takes and held is not None:
                pool.give_back(connection, held.imsi)
                del holders[held.imsi]
    engine.dispose()


@pytest.mark.parametrize(
    ("imsi", "msisdn", "size"),
    [
        (IMSI("208019999999999"), MSISDN("33600000000"), 798_020_000_000_002),
        (IMSI("999999"), MSISDN("33600000000"), 2),
        (FIRST, MSISDN("999"), 2),
        (FIRST, NUMBER, 0),
    ],
)
def test_a_range_that_runs_out_of_digits_is_none(imsi: IMSI, msisdn: MSISDN, size: int) -> None:
    with pytest.raises(MalformedError):
        NumberRange(imsi, msisdn, size)


def test_a_range_keeps_leading_zeros() -> None:
    numbers = NumberRange(IMSI("001010000000001"), MSISDN("00099"), 2)
    assert (numbers.imsi(1), numbers.msisdn(1)) == ("001010000000002", "00100")


def test_a_range_is_of_a_network_as_a_whole() -> None:
    assert RANGE.is_of(PLMN("20801"))
    assert not RANGE.is_of(PLMN("20802"))
    assert not NumberRange(IMSI("208019999999999"), NUMBER, 2).is_of(PLMN("20801"))


def test_of_many_that_take_at_the_same_time_none_gets_what_another_has(
    lasting: str, surroundings: Any
) -> None:
    pool = IdentityPool(WIDE_RANGE, surroundings, VAULT)
    pairs, takers = 4, 4
    cards = [ICCID(f"{number:019d}") for number in range(takers * pairs)]
    stores = [SqlStore(HOME_REGISTER, lasting) for _ in range(takers)]
    with stores[0].begin() as connection:
        pool.fill(connection, len(cards))

    def take(number: int) -> list[IMSI]:
        given = []
        for card in cards[number::takers]:
            with stores[number].begin() as connection:
                taken = pool.take(connection, card, RESERVED)
                assert taken is not None
                given.append(taken.imsi)
        return given

    with ThreadPoolExecutor(takers) as threads:
        given = [imsi for some in threads.map(take, range(takers)) for imsi in some]
    assert len(set(given)) == len(given) == len(cards)
    for store in stores:
        store.close()


def test_two_that_fill_at_the_same_time_fill_one_behind_the_other(
    lasting: str, surroundings: Any
) -> None:
    pool = IdentityPool(WIDE_RANGE, surroundings, VAULT)
    stores = [SqlStore(HOME_REGISTER, lasting) for _ in range(2)]

    def fill(store: SqlStore) -> None:
        with store.begin() as connection:
            pool.fill(connection, 20)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(fill, stores))
    with stores[0].begin() as connection:
        assert pool.count(connection, FREE) == 40
    for store in stores:
        store.close()
