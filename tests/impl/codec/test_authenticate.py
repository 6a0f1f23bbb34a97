"""Tests of the data of AUTHENTICATE."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.apdu import CommandApdu, Ins
from impl.codec.authenticate import (
    AuthenticationContext,
    AuthenticationOutcome,
    AuthenticationSuccess,
    GsmAlgorithmResult,
    GsmAuthentication,
    GsmChallenge,
    SynchronisationFailure,
    UmtsChallenge,
    decode_outcome,
    encode_outcome,
)
from impl.errors import MalformedError, MissingError, UnencodableError
from impl.values import Secret

VECTORS: list[dict[str, Any]] = [
    vector
    for vector in yaml.load(
        (Path(__file__).parents[2] / "vectors" / "apdu.yaml").read_bytes(), yaml.CSafeLoader
    )["vectors"]
    if vector["name"].startswith("AUTHENTICATE")
]
KEY, KC = Secret(bytes(range(16))), Secret(bytes(range(8)))


def secrets(size: int) -> st.SearchStrategy[Secret]:
    return st.binary(min_size=size, max_size=size).map(Secret)


outcomes: st.SearchStrategy[AuthenticationOutcome] = st.builds(
    AuthenticationSuccess,
    st.binary(min_size=4, max_size=16),
    secrets(16),
    secrets(16),
    st.none() | secrets(8),
) | st.builds(SynchronisationFailure, st.binary(min_size=14, max_size=14))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_challenge_is_read_and_written_again(vector: dict[str, Any]) -> None:
    command = CommandApdu.decode(bytes.fromhex(vector["command"]))
    assert (command.ins, command.p2) == (Ins.AUTHENTICATE, AuthenticationContext.UMTS)
    challenge = UmtsChallenge.decode(command.data)
    assert challenge.encode() == command.data
    assert challenge.rand.hex() == vector.get("rand", challenge.rand.hex())
    assert challenge.autn.hex() == vector.get("autn", challenge.autn.hex())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_success_is_read_and_written_again(vector: dict[str, Any]) -> None:
    octets = bytes.fromhex(vector["response"])
    outcome = decode_outcome(octets)
    assert isinstance(outcome, AuthenticationSuccess)
    assert outcome.kc is not None
    assert encode_outcome(outcome) == octets


@pytest.mark.parametrize(
    "octets",
    [vector["sync_failure_response"] for vector in VECTORS if "sync_failure_response" in vector],
)
def test_a_synchronisation_failure_is_read_and_written_again(octets: str) -> None:
    outcome = decode_outcome(bytes.fromhex(octets))
    assert outcome == SynchronisationFailure(bytes.fromhex(octets)[2:])
    assert encode_outcome(outcome) == bytes.fromhex(octets)


@given(outcomes)
def test_outcomes_come_back_as_they_were_written(outcome: AuthenticationOutcome) -> None:
    assert decode_outcome(encode_outcome(outcome)) == outcome


@given(st.sampled_from(["db", "dc"]), st.binary(max_size=60))
def test_octets_are_an_outcome_in_one_way_only_or_malformed(tag: str, octets: bytes) -> None:
    for each in (octets, bytes.fromhex(tag) + octets):
        try:
            outcome = decode_outcome(each)
        except MalformedError:
            continue
        assert encode_outcome(outcome) == each


def test_the_gsm_context_has_its_own_layouts() -> None:
    challenge = GsmChallenge(bytes(16))
    assert challenge.encode() == b"\x10" + bytes(16)
    answer = GsmAuthentication(b"\1\2\3\4", KC)
    assert answer.encode() == b"\x04\1\2\3\4\x08" + KC.reveal()
    assert GsmAuthentication.decode(answer.encode()) == answer


def test_class_a0_has_no_lengths() -> None:
    answer = GsmAlgorithmResult(b"\1\2\3\4", KC)
    assert answer.encode() == b"\1\2\3\4" + KC.reveal()
    assert GsmAlgorithmResult.decode(answer.encode()) == answer


def test_an_empty_answer_misses_its_tag() -> None:
    with pytest.raises(MissingError):
        decode_outcome(b"")


@pytest.mark.parametrize(
    "octets",
    [
        "da",
        "db",
        "db03010203",  # RES of 3 octets
        "dc0d" + "00" * 13,
        "dc0e" + "00" * 15,
        "db0400000000" + "0f" + "00" * 15 + "10" + "00" * 16,  # CK of 15 octets
        "db0400000000" + ("10" + "00" * 16) * 2 + "07" + "00" * 7,  # Kc of 7 octets
        "db0400000000" + ("10" + "00" * 16) * 2 + "00",
    ],
)
def test_an_answer_of_wrong_lengths_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_outcome(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "outcome",
    [
        AuthenticationSuccess(b"\0" * 3, KEY, KEY),
        AuthenticationSuccess(b"\0" * 8, KC, KEY),
        AuthenticationSuccess(b"\0" * 8, KEY, KEY, KEY),
        SynchronisationFailure(b"\0" * 13),
    ],
)
def test_values_of_wrong_length_are_not_written(outcome: AuthenticationOutcome) -> None:
    with pytest.raises(UnencodableError):
        encode_outcome(outcome)


def test_keys_are_not_shown() -> None:
    assert "\\x07" not in repr(AuthenticationSuccess(b"\0" * 4, KEY, KEY, KC))
    with pytest.raises(UnencodableError) as caught:
        GsmAlgorithmResult(b"\0" * 4, KEY).encode()
    assert "07" not in str(caught.value)
