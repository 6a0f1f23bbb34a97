"""Tests of swapped BCD and of the identities in card files."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.digits import (
    decode_bcd,
    decode_iccid,
    decode_imsi,
    decode_plmn,
    encode_bcd,
    encode_iccid,
    encode_imsi,
    encode_plmn,
)
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError
from impl.values import ICCID, IMSI, PLMN

VECTORS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "files.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]


def vectors_of(kind: str) -> pytest.MarkDecorator:
    cases = [vector for vector in VECTORS if vector["id"].startswith(kind)]
    assert cases
    return pytest.mark.parametrize("case", cases, ids=lambda case: case["id"])


def digits(shortest: int, longest: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=shortest, max_size=longest)


@vectors_of("imsi")
def test_an_imsi_of_the_vectors_stands_as_in_its_file(case: dict[str, Any]) -> None:
    octets = bytes.fromhex(case["ef_bytes"])
    assert encode_imsi(IMSI(case["value"])) == octets
    assert decode_imsi(octets) == case["value"]


@vectors_of("iccid")
def test_an_iccid_of_the_vectors_stands_as_in_its_file(case: dict[str, Any]) -> None:
    octets = bytes.fromhex(case["ef_bytes"])
    assert encode_iccid(ICCID(case["value"])) == octets
    assert decode_iccid(octets) == case["value"]


@vectors_of("plmn")
def test_a_plmn_of_the_vectors_stands_as_in_its_file(case: dict[str, Any]) -> None:
    octets = bytes.fromhex(case["ef_bytes"])
    plmn = PLMN(case["value"]["mcc"] + case["value"]["mnc"])
    assert encode_plmn(plmn) == octets
    assert decode_plmn(octets) == plmn


@given(st.text("0123456789*#abc", max_size=40))
def test_bcd_is_read_as_it_was_written(text: str) -> None:
    assert decode_bcd(encode_bcd(text)) == text
    assert decode_bcd(encode_bcd(text, size=20)) == text


@given(digits(6, 15).map(IMSI))
def test_every_imsi_is_read_as_it_was_written(imsi: IMSI) -> None:
    assert len(encode_imsi(imsi)) == 9
    assert decode_imsi(encode_imsi(imsi)) == imsi


@given(digits(18, 20).map(ICCID))
def test_every_iccid_is_read_as_it_was_written(iccid: ICCID) -> None:
    assert len(encode_iccid(iccid)) == 10
    assert decode_iccid(encode_iccid(iccid)) == iccid


@given(digits(5, 6).map(PLMN))
def test_every_plmn_is_read_as_it_was_written(plmn: PLMN) -> None:
    assert len(encode_plmn(plmn)) == 3
    assert decode_plmn(encode_plmn(plmn)) == plmn


@given(st.binary(max_size=12))
def test_any_octets_are_an_identity_or_malformed(octets: bytes) -> None:
    with suppress(MalformedError):
        assert encode_imsi(decode_imsi(octets)) == octets
    with suppress(MalformedError):
        assert encode_iccid(decode_iccid(octets)) == octets
    with suppress(MalformedError):
        assert encode_plmn(decode_plmn(octets)) == octets


def test_a_filler_stands_behind_all_digits() -> None:
    assert encode_bcd("123", size=3).hex() == "21f3ff"
    assert decode_bcd(bytes.fromhex("21f3ff")) == "123"
    with pytest.raises(MalformedError):
        decode_bcd(bytes.fromhex("21f354"))


@pytest.mark.parametrize(("text", "size"), [("12x", None), ("١٢", None), ("12345", 2), ("d", 1)])
def test_what_has_no_bcd_is_refused(text: str, size: int | None) -> None:
    with pytest.raises(UnencodableError):
        encode_bcd(text, size)


@pytest.mark.parametrize(
    "octets",
    [
        "ffffffffffffffffff",  # never personalized
        "092926101160845740",  # a length that the file does not have
        "082126101160845740",  # parity of an even count
        "08a926101160845740",  # another type of identity
        "0429261011ffffff00",  # octets behind the identity
        "072926101160845740",  # one of them a digit
        "08c926101160845740",  # a sign in front
        "0829261011608457e0",  # a sign behind
    ],
)
def test_a_file_without_an_imsi_is_malformed(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_imsi(bytes.fromhex(octets))


def test_a_file_of_another_size_is_none() -> None:
    with pytest.raises(TruncatedError):
        decode_imsi(bytes(8))
    with pytest.raises(TrailingError):
        decode_iccid(bytes(11))
    with pytest.raises(TrailingError):
        decode_plmn(bytes(4))


@pytest.mark.parametrize("octets", ["ffffff", "a2f210", "62f2f0", "62fa10"])
def test_three_octets_without_a_network_are_malformed(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_plmn(bytes.fromhex(octets))
