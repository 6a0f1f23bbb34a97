"""Tests of MILENAGE: the sets of TS 35.207 and TS 35.208."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.crypto.conversions import c2, c3
from impl.crypto.milenage import Milenage, opc_from
from impl.errors import UnencodableError
from impl.values import Secret

SETS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "milenage.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]
K = Secret(bytes(16))
OPC = Secret(bytes(range(16)))
RAND = bytes(range(16, 32))
AMF = b"\x80\x00"

each_set = pytest.mark.parametrize("case", SETS, ids=lambda case: case["id"])
blocks = st.binary(min_size=16, max_size=16)
sqns = st.integers(0, 2**48 - 1)


def octets(case: dict[str, Any], name: str) -> bytes:
    return bytes.fromhex(case[name])


def functions_of(case: dict[str, Any]) -> Milenage:
    return Milenage(Secret(octets(case, "k")), Secret(octets(case, "opc")))


@each_set
def test_opc_is_made_of_op_and_k(case: dict[str, Any]) -> None:
    made = opc_from(Secret(octets(case, "op")), Secret(octets(case, "k")))
    assert made.reveal().hex() == case["opc"]


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
def test_a_quintet_is_made_of_the_functions(case: dict[str, Any]) -> None:
    quintet = functions_of(case).quintet(
        octets(case, "rand"), int(case["sqn"], 16), octets(case, "amf")
    )
    assert quintet.rand.hex() == case["rand"]
    assert quintet.xres.hex() == case["f2_res"]
    assert quintet.ck.hex() == case["f3_ck"]
    assert quintet.ik.hex() == case["f4_ik"]
    assert quintet.autn.hex() == case["derived"]["autn"]


@each_set
def test_gsm_uses_the_same_functions(case: dict[str, Any]) -> None:
    answer = functions_of(case).f2_to_f5(octets(case, "rand"))
    derived = case["derived"]
    # TS 55.205: SRES from RES by c2 (or its first half), Kc by c3; the two published ways agree.
    assert c2(answer.res).hex() == derived["sres_c2"] == derived["gsm_milenage_sres1_ts55205"]
    assert answer.res[:4].hex() == derived["gsm_milenage_sres2_ts55205"]
    assert c3(answer.ck, answer.ik).hex() == derived["kc_c3"] == derived["gsm_milenage_kc_ts55205"]


@given(k=blocks, opc=blocks, amf=st.binary(min_size=2, max_size=2), data=st.data())
def test_many_quintets_are_those_that_come_one_by_one(
    k: bytes, opc: bytes, amf: bytes, data: st.DataObject
) -> None:
    functions = Milenage(Secret(k), Secret(opc))
    challenges = data.draw(st.lists(st.tuples(blocks, sqns), max_size=5))
    rands = [rand for rand, _ in challenges]
    together = functions.quintets(rands, [sqn for _, sqn in challenges], amf)
    assert together == [functions.quintet(rand, sqn, amf) for rand, sqn in challenges]


def test_another_key_gives_another_quintet() -> None:
    other = Milenage(Secret(b"\x01" + bytes(15)), OPC)
    assert other.quintet(RAND, 1, AMF) != Milenage(K, OPC).quintet(RAND, 1, AMF)


@pytest.mark.parametrize(
    ("rand", "sqn", "amf"),
    [(RAND[1:], 0, AMF), (RAND, 1 << 48, AMF), (RAND, -1, AMF), (RAND, 0, b"\x80")],
    ids=["RAND", "SQN", "negative SQN", "AMF"],
)
def test_what_has_no_place_in_a_block_is_refused(rand: bytes, sqn: int, amf: bytes) -> None:
    functions = Milenage(K, OPC)
    for make in (functions.quintet, functions.f1, functions.f1_star):
        with pytest.raises(UnencodableError):
            make(rand, sqn, amf)
    with pytest.raises(UnencodableError):
        functions.quintets([RAND, rand], [0, sqn], amf)


def test_functions_of_rand_alone_refuse_a_short_one() -> None:
    functions = Milenage(K, OPC)
    with pytest.raises(UnencodableError):
        functions.f2_to_f5(b"")
    with pytest.raises(UnencodableError):
        functions.f5_star(RAND + b"\x00")


@pytest.mark.parametrize(("k", "opc"), [(bytes(15), bytes(16)), (bytes(16), bytes(17))])
def test_keys_of_another_length_are_refused_without_showing_them(k: bytes, opc: bytes) -> None:
    with pytest.raises(UnencodableError) as error:
        Milenage(Secret(k), Secret(opc))
    assert k.hex() not in str(error.value)
    with pytest.raises(UnencodableError):
        opc_from(Secret(opc[:15]), Secret(k[:15]))
