"""Tests of TUAK: the sets of TS 35.233."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.crypto import tuak
from impl.crypto.keccak import permute
from impl.crypto.tuak import Tuak, TuakOptions, topc_from
from impl.errors import UnencodableError
from impl.values import Secret

SETS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "tuak.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]
TWICE = {
    "id": "TS 35.233 Section 6.8 Test Set 6",  # the one set that permutes more than once
    "k": "1574ca56881d05c189c82880f789c9cd4244955f4426aa2b69c29f15770e5aa5",
    "rand": "c570aac68cde651fb1e3088322498bef",
    "sqn": "c89bb71f3a41",
    "amf": "297d",
    "top": "e59f6eb10ea406813f4991b0b9e02f181edf4c7e17b480f66d34da35ee88c95e",
    "keccak_iterations": 2,
    "topc": "b04a66f26c62fcd6c82de22a179ab65506ecf47f56245cd149966cfa9cec7a51",
    "f1_mac_a": "90d2289ed1ca1c3dbc2247bb480d431ac71d2e4a7677f6e997cfddb0cbad88b7",
    "f1star_mac_s": "427355dbac30e825063aba61b556e87583abac638e3ab01c4c884ad9d458dc2f",
    "f2_res": "d67e6e64590d22eecba7324afa4af4460c93f01b24506d6e12047d789a94c867",
    "f3_ck": "ede57edfc57cdffe1aae75066a1b7479bbc3837438e88d37a801cccc9f972b89",
    "f4_ik": "48ed9299126e5057402fe01f9201cf25249f9c5c0ed2afcf084755daff1d3999",
    "f5_ak": "6aae8d18c448",
    "f5star_ak": "8c5f33b61f4e",
}
ALL_SETS = [*SETS, TWICE]
K, TOPC = Secret(bytes(16)), Secret(bytes(range(32)))
RAND, AMF = bytes(range(16)), b"\x80\x00"

each_set = pytest.mark.parametrize("case", ALL_SETS, ids=lambda case: case["id"])


def octets(case: dict[str, Any], name: str) -> bytes:
    return bytes.fromhex(case[name])


def functions_of(case: dict[str, Any]) -> Tuak:
    sizes = {"mac": "f1_mac_a", "res": "f2_res", "ck": "f3_ck", "ik": "f4_ik"}
    options = TuakOptions(
        **{option: len(octets(case, name)) for option, name in sizes.items()},
        iterations=case["keccak_iterations"],
    )
    return Tuak(Secret(octets(case, "k")), Secret(octets(case, "topc")), options)


@each_set
def test_topc_is_made_of_top_and_k(case: dict[str, Any]) -> None:
    top, k = Secret(octets(case, "top")), Secret(octets(case, "k"))
    assert topc_from(top, k, case["keccak_iterations"]).reveal().hex() == case["topc"]


@each_set
def test_each_function_gives_what_the_set_says(case: dict[str, Any]) -> None:
    functions = functions_of(case)
    rand, amf, sqn = octets(case, "rand"), octets(case, "amf"), int(case["sqn"], 16)
    answer = functions.f2_to_f5(rand)
    assert functions.f1(rand, sqn, amf).hex() == case["f1_mac_a"]
    assert functions.f1_star(rand, sqn, amf).hex() == case["f1star_mac_s"]
    assert answer.res.hex() == case["f2_res"]
    assert answer.ck.hex() == case["f3_ck"]
    assert answer.ik.hex() == case["f4_ik"]
    assert answer.ak.hex() == case["f5_ak"]
    assert functions.f5_star(rand).hex() == case["f5star_ak"]


@each_set
def test_the_library_and_our_permutation_agree(
    case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    once = topc_from(Secret(octets(case, "top")), Secret(octets(case, "k")))
    permuted = []

    def note(state: bytes) -> bytes:
        permuted.append(permute(state))
        return permuted[-1]

    monkeypatch.setattr(tuak, "permute", note)
    topc_from(Secret(octets(case, "top")), Secret(octets(case, "k")), 2)
    assert permuted[0][:32][::-1] == once.reveal()


@given(sqn=st.integers(0, 2**48 - 1), rand=st.binary(min_size=16, max_size=16))
def test_a_quintet_is_made_of_the_functions(sqn: int, rand: bytes) -> None:
    functions = Tuak(K, TOPC)
    quintet, answer = functions.quintet(rand, sqn, AMF), functions.f2_to_f5(rand)
    assert (quintet.xres, quintet.ck, quintet.ik) == (answer.res, answer.ck, answer.ik)
    assert int.from_bytes(quintet.autn[:6], "big") ^ int.from_bytes(answer.ak, "big") == sqn
    assert quintet.autn[6:] == AMF + functions.f1(rand, sqn, AMF)
    assert functions.quintets([rand], [sqn], AMF) == [quintet]


def test_what_it_gives_by_default_has_the_sizes_of_milenage() -> None:
    quintet = Tuak(K, TOPC).quintet(RAND, 1, AMF)
    assert [len(part) for part in quintet] == [16, 8, 16, 16, 16]


def test_another_key_gives_another_quintet() -> None:
    other = Tuak(Secret(b"\x01" + bytes(15)), TOPC)
    assert other.quintet(RAND, 1, AMF) != Tuak(K, TOPC).quintet(RAND, 1, AMF)


@pytest.mark.parametrize(
    ("rand", "sqn", "amf"),
    [(RAND[1:], 0, AMF), (RAND, 1 << 48, AMF), (RAND, -1, AMF), (RAND, 0, b"\x80")],
    ids=["RAND", "SQN", "negative SQN", "AMF"],
)
def test_what_has_no_place_in_the_state_is_refused(rand: bytes, sqn: int, amf: bytes) -> None:
    functions = Tuak(K, TOPC)
    for make in (functions.quintet, functions.f1, functions.f1_star):
        with pytest.raises(UnencodableError):
            make(rand, sqn, amf)


def test_functions_of_rand_alone_refuse_a_short_one() -> None:
    for function in (Tuak(K, TOPC).f2_to_f5, Tuak(K, TOPC).f5_star):
        with pytest.raises(UnencodableError):
            function(RAND[1:])


@pytest.mark.parametrize(("k", "topc"), [(15, 32), (24, 32), (16, 16), (32, 31)])
def test_keys_of_another_length_are_refused_without_showing_them(k: int, topc: int) -> None:
    with pytest.raises(UnencodableError) as error:
        Tuak(Secret(b"\xa5" * k), Secret(b"\xa5" * topc))
    assert "a5a5" not in str(error.value)
    with pytest.raises(UnencodableError):
        topc_from(Secret(bytes(topc)), Secret(bytes(k)))


@pytest.mark.parametrize(
    "options", [{"mac": 4}, {"res": 12}, {"ck": 8}, {"ik": 24}, {"iterations": 0}]
)
def test_sizes_that_are_not_offered_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(UnencodableError):
        TuakOptions(**options)
