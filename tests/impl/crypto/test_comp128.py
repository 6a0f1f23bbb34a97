"""Tests of COMP128: results from real cards (versions 2 and 3), and of two implementations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from impl.crypto.comp128 import comp128v1, comp128v2, comp128v3
from impl.errors import UnencodableError
from impl.values import Secret

VECTORS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "comp128.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]
VERSIONS = {1: comp128v1, 2: comp128v2, 3: comp128v3}
KI = Secret(bytes(range(16)))

each_vector = pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["id"])
each_version = pytest.mark.parametrize("comp128", VERSIONS.values())


def test_there_are_vectors_of_every_version() -> None:
    assert {case["version"] for case in VECTORS} == set(VERSIONS)


@each_vector
def test_a_challenge_is_answered_as_cards_do(case: dict[str, Any]) -> None:
    ki, rand = Secret(bytes.fromhex(case["ki"])), bytes.fromhex(case["rand"])
    answer = VERSIONS[case["version"]](ki, rand)
    assert answer.sres.hex() == case["sres"]
    assert answer.kc.hex() == case["kc"]


@pytest.mark.parametrize(
    ("version", "sres", "kc"),
    [
        (1, "f5688422", "c0db4dad86445c00"),
        (2, "af28f52f", "205802e785e77c00"),
        (3, "af28f52f", "205802e785e77f2a"),
    ],
)
def test_the_order_of_a_key_counts(version: int, sres: str, kc: str) -> None:
    """As osmo-auc-gen 1.7.0 says; the keys of the cards above read the same from either end."""
    answer = VERSIONS[version](KI, bytes.fromhex("00112233445566778899aabbccddeeff"))
    assert (answer.sres.hex(), answer.kc.hex()) == (sres, kc)


@each_vector
def test_another_key_answers_otherwise(case: dict[str, Any]) -> None:
    answer = VERSIONS[case["version"]](KI, bytes.fromhex(case["rand"]))
    assert answer.sres.hex() != case["sres"]


def test_only_version_3_uses_all_bits_of_kc() -> None:
    low = dict.fromkeys(VERSIONS, 0)
    for first in range(40):
        for version, comp128 in VERSIONS.items():
            kc = comp128(KI, bytes((first,)) * 16).kc
            low[version] |= int.from_bytes(kc, "big") & 0x3FF
    assert (low[1], low[2]) == (0, 0)
    assert low[3] == 0x3FF


@each_version
@pytest.mark.parametrize("size", [0, 15, 17])
def test_what_is_not_16_octets_is_refused_without_showing_it(comp128: Any, size: int) -> None:
    odd = b"\xa5" * size
    with pytest.raises(UnencodableError, match="RAND"):
        comp128(KI, odd)
    with pytest.raises(UnencodableError, match="Ki") as caught:
        comp128(Secret(odd), bytes(16))
    assert size == 0 or odd.hex() not in str(caught.value)
