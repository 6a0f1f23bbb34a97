"""Tests of the authentication centre, with the card's end of the algorithm as the other side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.codec.gsup import RatType
from impl.crypto.aka import PLACES, SequenceArray, authenticate, make_auts, next_sqn
from impl.crypto.algorithms import gsm_answer
from impl.crypto.conversions import c2, c3
from impl.crypto.milenage import Milenage
from impl.crypto.tuak import Tuak
from impl.errors import SecurityContextError, SynchronizationFailureError, UnencodableError
from impl.network.auc import AMF, AuthenticationCentre, Resynchronization
from impl.network.identity_pool import Subscriber
from impl.network.records import Profile, SubscriberState
from impl.values import IMSI, MSISDN, NO_OPC, Algorithm, Secret

K = Secret(bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc"))
OPC = Secret(bytes.fromhex("cd63cb71954a9f4e48a5994e37a02baf"))
SUBSCRIBER = Subscriber(
    imsi=IMSI("208010000000000"),
    msisdn=MSISDN("33600000000"),
    k=K,
    opc=OPC,
    algorithm=Algorithm.MILENAGE,
    sqn=0,
    state=SubscriberState.ACTIVE,
    iccid=None,
    vlr=None,
    profile=Profile(3),
    waiting=False,
)


@pytest.fixture
def auc(surroundings: Any) -> AuthenticationCentre:
    return AuthenticationCentre(surroundings)


def test_a_card_with_the_same_key_accepts_every_vector_once(auc: AuthenticationCentre) -> None:
    vectors, sqn = auc.vectors(SUBSCRIBER, 5)
    assert len(vectors) == 5
    assert sqn > 0
    array = SequenceArray()
    for vector in vectors:
        assert vector.rand and vector.autn and vector.res  # noqa: PT018 - all of a vector
        answer, array = authenticate(Milenage(K, OPC), vector.rand, vector.autn, array)
        assert Secret(answer.res) == vector.res
        assert (Secret(answer.ck), Secret(answer.ik)) == (vector.ck, vector.ik)
        with pytest.raises(SynchronizationFailureError):
            authenticate(Milenage(K, OPC), vector.rand, vector.autn, array)


def test_a_vector_serves_gsm_too(auc: AuthenticationCentre) -> None:
    ((vector,), _) = auc.vectors(SUBSCRIBER, 1)
    assert vector.res and vector.ck and vector.ik  # noqa: PT018 - all of a vector
    assert vector.sres == Secret(c2(vector.res.reveal()))
    assert vector.kc == Secret(c3(vector.ck.reveal(), vector.ik.reveal()))


def test_vectors_go_on_from_the_number_that_was_kept(auc: AuthenticationCentre) -> None:
    _, sqn = auc.vectors(SUBSCRIBER, 1)
    assert sqn == next_sqn(0)
    _, following = auc.vectors(replace(SUBSCRIBER, sqn=sqn), 2)
    assert following == next_sqn(next_sqn(sqn))


def test_a_card_that_is_ahead_is_caught_up_with(auc: AuthenticationCentre) -> None:
    array = SequenceArray((1_000_000,) * PLACES)
    ((stale,), sqn) = auc.vectors(SUBSCRIBER, 1)
    assert stale.rand and stale.autn  # noqa: PT018 - both of a challenge
    with pytest.raises(SynchronizationFailureError) as caught:
        authenticate(Milenage(K, OPC), stale.rand, stale.autn, array)
    asked = Resynchronization(stale.rand, caught.value.auts)
    ((fresh,), _) = auc.vectors(replace(SUBSCRIBER, sqn=sqn), 1, asked=asked)
    assert fresh.rand and fresh.autn  # noqa: PT018 - both of a challenge
    authenticate(Milenage(K, OPC), fresh.rand, fresh.autn, array)


def test_a_false_auts_moves_no_sequence_number(auc: AuthenticationCentre) -> None:
    other = Milenage(Secret(bytes(16)), OPC)
    asked = Resynchronization(bytes(16), make_auts(other, bytes(16), 1 << 40))
    _, sqn = auc.vectors(SUBSCRIBER, 1, asked=asked)
    assert sqn == next_sqn(0)


def test_no_vector_is_made_when_the_numbers_are_used_up(auc: AuthenticationCentre) -> None:
    with pytest.raises(UnencodableError):
        auc.vectors(replace(SUBSCRIBER, sqn=(1 << 48) - 1), 1)


def test_the_management_field_stands_in_autn(auc: AuthenticationCentre) -> None:
    ((vector,), _) = auc.vectors(SUBSCRIBER, 1)
    assert vector.autn is not None
    assert vector.autn[6:8] == AMF


TOPC = Secret(bytes(range(32)))
OF_TUAK = replace(SUBSCRIBER, algorithm=Algorithm.TUAK, opc=TOPC)
OF_GSM = tuple(
    replace(SUBSCRIBER, algorithm=algorithm, opc=NO_OPC)
    for algorithm in (Algorithm.COMP128_V1, Algorithm.COMP128_V2, Algorithm.COMP128_V3)
)


@pytest.mark.parametrize("subscriber", [SUBSCRIBER, OF_TUAK, *OF_GSM])
def test_gsm_gets_triplets_of_the_subscribers_algorithm(
    auc: AuthenticationCentre, subscriber: Subscriber
) -> None:
    vectors, sqn = auc.vectors(subscriber, 3, RatType.GERAN)
    assert sqn == subscriber.sqn  # no number is spent
    assert len({vector.rand for vector in vectors}) == 3
    for vector in vectors:
        assert vector.rand
        answer = gsm_answer(subscriber.algorithm, subscriber.k, subscriber.opc, vector.rand)
        assert (vector.sres, vector.kc) == (Secret(answer.sres), Secret(answer.kc))
        assert (vector.autn, vector.res, vector.ck, vector.ik) == (None,) * 4


@pytest.mark.parametrize("subscriber", OF_GSM)
def test_a_card_of_gsm_gets_triplets_in_umts_too_and_nothing_in_eps(
    auc: AuthenticationCentre, subscriber: Subscriber
) -> None:
    for rat in (RatType.UTRAN, None):
        ((vector,), _) = auc.vectors(subscriber, 1, rat)
        assert (vector.autn, vector.res) == (None, None)
    with pytest.raises(SecurityContextError):
        auc.vectors(subscriber, 1, RatType.EUTRAN)


def test_vectors_of_eps_are_separated_and_hold_nothing_for_gsm(auc: AuthenticationCentre) -> None:
    ((vector,), _) = auc.vectors(SUBSCRIBER, 1, RatType.EUTRAN)
    assert vector.rand and vector.autn  # noqa: PT018 - both of a challenge
    assert vector.autn[6:8] == b"\x80\x00"
    assert (vector.sres, vector.kc) == (None, None)
    answer, _ = authenticate(Milenage(K, OPC), vector.rand, vector.autn, SequenceArray())
    assert (Secret(answer.res), Secret(answer.ck), Secret(answer.ik)) == (
        vector.res,
        vector.ck,
        vector.ik,
    )


def test_a_card_of_eps_that_is_ahead_is_caught_up_with(auc: AuthenticationCentre) -> None:
    asked = Resynchronization(bytes(16), make_auts(Milenage(K, OPC), bytes(16), 1 << 40))
    ((vector,), sqn) = auc.vectors(SUBSCRIBER, 1, RatType.EUTRAN, asked)
    assert sqn == next_sqn(1 << 40)
    assert vector.autn
    assert vector.autn[6] == 0x80


def test_a_subscriber_of_tuak_is_known_by_tuak(auc: AuthenticationCentre) -> None:
    ((vector,), _) = auc.vectors(OF_TUAK, 1)
    assert vector.rand and vector.autn  # noqa: PT018 - both of a challenge
    answer, _ = authenticate(Tuak(K, TOPC), vector.rand, vector.autn, SequenceArray())
    assert Secret(answer.res) == vector.res


def test_a_network_has_a_field_of_its_own(surroundings: Any) -> None:
    own = AuthenticationCentre(surroundings, b"\x12\x34")
    for rat, amf in ((RatType.UTRAN, "1234"), (RatType.EUTRAN, "9234")):
        ((vector,), _) = own.vectors(SUBSCRIBER, 1, rat)
        assert vector.autn
        assert vector.autn[6:8].hex() == amf


@pytest.mark.parametrize("amf", [b"", b"\0", b"\0\0\0", b"\x80\0"])
def test_a_field_that_is_none_or_sets_the_separation_bit_is_refused(
    surroundings: Any, amf: bytes
) -> None:
    with pytest.raises(UnencodableError):
        AuthenticationCentre(surroundings, amf)
