"""Tests of the keys of EAP-AKA': the cases of RFC 5448 appendix C."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.crypto.eap_aka_prime import ck_ik_prime, packet_mac, prf_prime, session_keys

VECTORS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "eap_aka_prime.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]

each_vector = pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["id"])


def octets(case: dict[str, Any], name: str) -> bytes:
    return bytes.fromhex(case[name])


@each_vector
def test_keys_are_bound_to_the_network(case: dict[str, Any]) -> None:
    keys = octets(case, "ck"), octets(case, "ik")
    hidden_sqn = octets(case, "autn")[:6]
    made = ck_ik_prime(*keys, case["network_name"].encode(), hidden_sqn)
    assert made == (octets(case, "ck_prime"), octets(case, "ik_prime"))
    assert made != ck_ik_prime(*keys, b"WIMAX", hidden_sqn)
    assert made != ck_ik_prime(*keys, case["network_name"].encode(), bytes(6))


@each_vector
def test_session_keys_are_bound_to_the_identity(case: dict[str, Any]) -> None:
    primes = octets(case, "ck_prime"), octets(case, "ik_prime")
    keys = session_keys(case["identity"].encode(), *primes)
    assert {name: key.hex() for name, key in keys._asdict().items()} == {
        name: case[name] for name in keys._fields
    }
    assert session_keys(b"another", *primes).k_aut != keys.k_aut


@given(st.binary(max_size=40), st.binary(max_size=40), st.integers(0, 300), st.integers(0, 300))
def test_more_octets_begin_with_fewer(key: bytes, seed: bytes, one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    assert len(prf_prime(key, seed, more)) == more
    assert prf_prime(key, seed, more)[:fewer] == prf_prime(key, seed, fewer)


def test_blocks_are_chained_and_counted() -> None:
    first = hmac.digest(b"k", b"seed\x01", "sha256")
    second = hmac.digest(b"k", first + b"seed\x02", "sha256")
    assert prf_prime(b"k", b"seed", 64) == first + second


def test_a_checksum_is_16_octets_of_key_and_packet() -> None:
    mac = packet_mac(bytes(32), b"packet")
    assert len(mac) == 16
    assert packet_mac(bytes(32), b"Packet") != mac
    assert packet_mac(bytes(31) + b"\1", b"packet") != mac
