"""Tests of authentication and key agreement, AuC and USIM against each other."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.crypto.aka import (
    FARTHEST_JUMP,
    IND_BITS,
    PLACES,
    SequenceArray,
    authenticate,
    make_auts,
    next_sqn,
    open_auts,
    resynchronized,
)
from impl.crypto.milenage import Milenage
from impl.errors import (
    MacFailureError,
    SynchronizationFailureError,
    TrailingError,
    TruncatedError,
    UnencodableError,
)
from impl.values import Secret

SETS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "milenage.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]
SUBSCRIBER = Milenage(Secret(bytes(range(16))), Secret(bytes(range(16, 32))))
STRANGER = Milenage(Secret(bytes(16)), Secret(bytes(16)))
RAND = bytes(range(32, 48))
AMF = b"\x80\x00"
FRESH = SequenceArray()

each_set = pytest.mark.parametrize("case", SETS, ids=lambda case: case["id"])


def sqn_of(seq: int, ind: int = 0) -> int:
    return seq << IND_BITS | ind


def autn_of(sqn: int) -> bytes:
    return SUBSCRIBER.quintet(RAND, sqn, AMF).autn


def functions_of(case: dict[str, Any]) -> Milenage:
    return Milenage(Secret(bytes.fromhex(case["k"])), Secret(bytes.fromhex(case["opc"])))


@each_set
def test_auts_is_that_of_the_published_sets(case: dict[str, Any]) -> None:
    functions, rand, sqn = functions_of(case), bytes.fromhex(case["rand"]), int(case["sqn"], 16)
    auts = make_auts(functions, rand, sqn)
    assert auts.hex() == case["derived"]["auts"]
    assert auts[6:].hex() == case["derived"]["auts_mac_s_with_amf_0000"]
    assert open_auts(functions, rand, auts) == sqn


@each_set
def test_the_usim_opens_the_autn_of_the_published_sets(case: dict[str, Any]) -> None:
    functions, rand = functions_of(case), bytes.fromhex(case["rand"])
    autn, sqn = bytes.fromhex(case["derived"]["autn"]), int(case["sqn"], 16)
    just_before = SequenceArray(((sqn >> IND_BITS) - 1,) * PLACES)
    answer, _ = authenticate(functions, rand, autn, just_before)
    assert answer.res.hex() == case["f2_res"]


def test_a_fresh_usim_accepts_the_first_vector_and_remembers_it() -> None:
    sqn = next_sqn(0)
    answer, array = authenticate(SUBSCRIBER, RAND, autn_of(sqn), FRESH)
    assert answer == SUBSCRIBER.f2_to_f5(RAND)
    assert array.sqn_ms == sqn
    with pytest.raises(SynchronizationFailureError):
        authenticate(SUBSCRIBER, RAND, autn_of(sqn), array)


def test_vectors_of_a_batch_are_accepted_in_any_order_but_never_twice() -> None:
    batch = list(itertools.accumulate(range(5), lambda sqn, _: next_sqn(sqn), initial=0))[1:]
    array = FRESH
    for sqn in reversed(batch):
        _, array = authenticate(SUBSCRIBER, RAND, autn_of(sqn), array)
    assert array.sqn_ms == batch[-1]
    for sqn in batch:
        assert not array.accepts(sqn)


def test_a_network_that_does_not_know_k_is_refused() -> None:
    with pytest.raises(MacFailureError):
        authenticate(STRANGER, RAND, autn_of(32), FRESH)


@given(st.integers(0, 127))
def test_an_autn_with_one_bit_changed_is_refused(bit: int) -> None:
    changed = int.from_bytes(autn_of(sqn_of(1))) ^ 1 << bit
    with pytest.raises(MacFailureError):
        authenticate(SUBSCRIBER, RAND, changed.to_bytes(16), FRESH)


def test_a_jump_too_far_ahead_is_answered_with_auts() -> None:
    array = FRESH.having_accepted(sqn_of(7, ind=3))
    assert array.accepts(sqn_of(7 + FARTHEST_JUMP))
    with pytest.raises(SynchronizationFailureError) as failure:
        authenticate(SUBSCRIBER, RAND, autn_of(sqn_of(8 + FARTHEST_JUMP)), array)
    assert open_auts(SUBSCRIBER, RAND, failure.value.auts) == sqn_of(7, ind=3)


@given(st.integers(0, 2**43 - 2), st.integers(0, 2**43 - 2))
def test_resynchronization_ends_in_a_vector_that_the_usim_accepts(seq_he: int, seq_ms: int) -> None:
    array = SequenceArray((seq_ms,) * PLACES)
    sqn_ms = open_auts(SUBSCRIBER, RAND, make_auts(SUBSCRIBER, RAND, array.sqn_ms))
    following = next_sqn(resynchronized(sqn_of(seq_he), sqn_ms))
    assert array.accepts(following)


def test_an_auc_that_is_right_already_stays_where_it_is() -> None:
    assert resynchronized(sqn_of(9), sqn_of(9)) == sqn_of(9)
    assert resynchronized(sqn_of(9), sqn_of(9, ind=4)) == sqn_of(9)
    assert resynchronized(sqn_of(10), sqn_of(9)) == sqn_of(10)
    farthest = sqn_of(8 + FARTHEST_JUMP)
    assert resynchronized(farthest, sqn_of(9)) == farthest
    assert resynchronized(sqn_of(8), sqn_of(9, ind=4)) == sqn_of(9, ind=4)
    assert resynchronized(sqn_of(9 + FARTHEST_JUMP), sqn_of(9)) == sqn_of(9)


def test_an_auts_of_another_card_or_challenge_is_refused() -> None:
    auts = make_auts(SUBSCRIBER, RAND, 64)
    with pytest.raises(MacFailureError):
        open_auts(STRANGER, RAND, auts)
    with pytest.raises(MacFailureError):
        open_auts(SUBSCRIBER, bytes(16), auts)
    with pytest.raises(TruncatedError):
        open_auts(SUBSCRIBER, RAND, auts[:-1])


@pytest.mark.parametrize("size", [0, 15, 17])
def test_an_autn_of_another_length_is_malformed(size: int) -> None:
    with pytest.raises((TruncatedError, TrailingError)):
        authenticate(SUBSCRIBER, RAND, bytes(size), FRESH)


def test_each_sqn_is_in_the_next_place_with_the_next_seq() -> None:
    assert next_sqn(0) == sqn_of(1, ind=1)
    assert next_sqn(sqn_of(5, ind=PLACES - 1)) == sqn_of(6, ind=0)


def test_the_last_sqn_has_none_behind_it() -> None:
    with pytest.raises(UnencodableError):
        next_sqn(sqn_of(2**43 - 1))


@given(st.lists(st.integers(0, 2**43 - 1), min_size=PLACES, max_size=PLACES))
def test_an_array_outlives_power_as_octets(seqs: list[int]) -> None:
    array = SequenceArray(tuple(seqs))
    assert SequenceArray.decode(array.encode()) == array


def test_an_array_of_another_size_is_malformed() -> None:
    assert SequenceArray.decode(bytes(6 * PLACES)) == FRESH
    with pytest.raises(TruncatedError):
        SequenceArray.decode(bytes(6 * PLACES - 1))
    with pytest.raises(TrailingError):
        SequenceArray.decode(bytes(6 * PLACES + 1))
