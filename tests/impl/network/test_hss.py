"""Tests of what is made of a vector for one serving network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from impl.codec.gsup import AuthTuple
from impl.network.hss import ehrpd_keys, eps_key
from impl.values import PLMN, Secret

CASES: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "conversions_eps.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]


def vector(case: dict[str, Any]) -> AuthTuple:
    inputs = {name: bytes.fromhex(case["inputs"][name]) for name in ("ck", "ik", "sqn_xor_ak")}
    autn = inputs["sqn_xor_ak"].ljust(16, b"\0")
    return AuthTuple(ck=Secret(inputs["ck"]), ik=Secret(inputs["ik"]), autn=autn)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_key_of_eps_is_bound_to_the_serving_network(case: dict[str, Any]) -> None:
    plmn = PLMN(case["inputs"]["mcc"] + case["inputs"]["mnc"])
    assert eps_key(vector(case), plmn) == Secret(bytes.fromhex(case["kasme"]))
    assert eps_key(vector(case), PLMN("99999")) != Secret(bytes.fromhex(case["kasme"]))


def of_ehrpd() -> list[dict[str, Any]]:
    file = Path(__file__).parents[2] / "vectors" / "eap_aka_prime.yaml"
    cases: list[dict[str, Any]] = yaml.load(file.read_bytes(), yaml.CSafeLoader)["vectors"]
    return [one for one in cases if one["network_name"] == "HRPD"]


@pytest.mark.parametrize("case", of_ehrpd(), ids=lambda case: case["id"])
def test_the_keys_of_ehrpd_are_bound_to_the_name_of_the_network(case: dict[str, Any]) -> None:
    ck, ik, autn = (bytes.fromhex(case[name]) for name in ("ck", "ik", "autn"))
    given = AuthTuple(ck=Secret(ck), ik=Secret(ik), autn=autn)
    made = ehrpd_keys(given, b"HRPD")
    assert made == (bytes.fromhex(case["ck_prime"]), bytes.fromhex(case["ik_prime"]))
    assert made != ehrpd_keys(given, b"WLAN")
