"""Tests of conversions between generations, against two implementations of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from impl.crypto.conversions import (
    NasKey,
    c2,
    c3,
    c4,
    c5,
    derive,
    kasme,
    kausf,
    nas_key,
    res_star,
)

VECTORS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "conversions_eps.yaml").read_bytes(),
    yaml.CSafeLoader,
)["vectors"]

each_vector = pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["id"])


def octets(case: dict[str, Any], name: str) -> bytes:
    return bytes.fromhex(case["inputs"][name])


@each_vector
def test_gsm_keys_come_from_umts_keys(case: dict[str, Any]) -> None:
    assert c2(octets(case, "res")).hex() == case["c2_sres"]
    assert c3(octets(case, "ck"), octets(case, "ik")).hex() == case["c3_kc"]


@each_vector
def test_umts_keys_come_from_gsm_keys(case: dict[str, Any]) -> None:
    kc = bytes.fromhex(case["c3_kc"])
    assert c4(kc).hex() == case["c4_ck_from_kc"]
    assert c5(kc).hex() == case["c5_ik_from_kc"]


@each_vector
def test_eps_keys_come_from_umts_keys(case: dict[str, Any]) -> None:
    network, hidden_sqn = octets(case, "sn_id_plmn"), octets(case, "sqn_xor_ak")
    # The string S of TS 33.220 clause B.2, spelled out.
    spelled = b"\x10" + network + b"\x00\x03" + hidden_sqn + b"\x00\x06"
    assert spelled.hex() == case["kasme_input_string_s"]
    key = kasme(octets(case, "ck"), octets(case, "ik"), network, hidden_sqn)
    assert key.hex() == case["kasme"]
    for algorithm in (1, 2):
        encryption = nas_key(key, NasKey.ENCRYPTION, algorithm)
        integrity = nas_key(key, NasKey.INTEGRITY, algorithm)
        assert encryption.hex() == case[f"knas_enc_128eea{algorithm}"]
        assert integrity.hex() == case[f"knas_int_128eia{algorithm}"]


@each_vector
def test_5g_keys_come_from_umts_keys(case: dict[str, Any]) -> None:
    ck, ik, name = octets(case, "ck"), octets(case, "ik"), case["inputs"]["serving_network_name"]
    assert kausf(ck, ik, name, octets(case, "sqn_xor_ak")).hex() == case["kausf"]
    star = res_star(ck, ik, name, octets(case, "rand"), octets(case, "res"))
    assert star.hex() == case["res_star"]


def test_a_short_res_is_filled_with_zeros() -> None:
    assert c2(b"\x01\x02\x03\x04") == b"\x01\x02\x03\x04"
    assert c2(bytes(range(16))) == bytes(4)


def test_parameters_cannot_be_moved_across_their_border() -> None:
    assert derive(b"k", 0x10, b"ab", b"c") != derive(b"k", 0x10, b"a", b"bc")
    assert derive(b"k", 0x10, b"a") != derive(b"k", 0x11, b"a")
