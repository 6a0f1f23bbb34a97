"""Tests of 128-EIA2: the sets of TS 33.401 clause C.2 whose messages are whole octets."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from impl.crypto.eia2 import eia2


class Case(NamedTuple):
    """One set."""

    key: str
    count: int
    bearer: int
    direction: int
    message: str
    mac: str


CASES = {
    "C.2.2": Case(
        "d3c5d592327fb11c4035c6680af8c6d1", 0x398A59B4, 0x1A, 1, "484583d5afe082ae", "b93787e6"
    ),
    "C.2.5": Case(
        "83fd23a244a74cf358da3019f1722635",
        0x36AF6144,
        0x0F,
        1,
        "35c68716633c66fb750c266865d53c11ea05b1e9fa49c8398d48e1efa5909d39"
        "47902837f5ae96d5a05bc8d61ca8dbef1b13a4b4abfe4fb1006045b674bb5472"
        "9304c382be53a5af05556176f6eaa2ef1d05e4b083181ee674cda5a485f74d7a",
        "e657e182",
    ),
}
CASE = CASES["C.2.2"]


def mac_of(case: Case) -> str:
    key, message = bytes.fromhex(case.key), bytes.fromhex(case.message)
    return eia2(key, case.count, case.bearer, case.direction, message).hex()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_code_is_what_the_set_says(case: Case) -> None:
    assert mac_of(case) == case.mac


@pytest.mark.parametrize(
    "changed",
    [
        CASE._replace(key="00" * 16),
        CASE._replace(count=CASE.count + 1),
        CASE._replace(bearer=0),
        CASE._replace(direction=0),
        CASE._replace(message=CASE.message + "00"),
    ],
)
def test_all_that_goes_in_matters(changed: Case) -> None:
    assert mac_of(changed) != CASE.mac
