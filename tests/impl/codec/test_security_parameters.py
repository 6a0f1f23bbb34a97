"""Tests of SPI, counters and what they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.security_parameters import (
    LAST_COUNTER,
    CommandHeader,
    CounterMode,
    Integrity,
    PorStatus,
    SecurityParameters,
    Spi1,
    Spi2,
    judge_counter,
)
from impl.errors import MalformedError, UnencodableError

VECTORS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "ota_commands.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]
COUNTER_MODES = {
    "no counter available": CounterMode.NONE,
    "counter available; no replay or sequence checking": CounterMode.UNCHECKED,
    "process if and only if counter is higher than in the RE": CounterMode.HIGHER,
    "process if and only if counter is one higher than in the RE": CounterMode.NEXT,
}

octet = st.integers(0, 255)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["id"])
def test_the_spi_of_the_vectors_means_what_it_says(case: dict[str, Any]) -> None:
    said = case["spi"]
    spi1, spi2 = Spi1(int(said["spi1"], 16)), Spi2(int(said["spi2"], 16))
    assert spi1.counter_mode is COUNTER_MODES[said["counter"]]
    assert spi1.is_ciphered is said["ciphering"]
    assert spi1.integrity.name == said["integrity"].upper()
    assert spi2.integrity.name == said["por_integrity"].upper()
    assert spi2.is_ciphered is said["por_ciphered"]
    assert spi2.is_by_submit is (said["por_transport"] == "SMS-SUBMIT")
    assert spi2.wants_response(PorStatus.OK) is (said["por"] == "always")
    assert spi2.wants_response(PorStatus.INTEGRITY_FAILED) is (said["por"] != "no PoR")


@given(
    st.builds(
        SecurityParameters,
        octet.map(Spi1),
        octet.map(Spi2),
        octet,
        octet,
        st.binary(min_size=3, max_size=3),
        st.integers(0, LAST_COUNTER),
    )
)
def test_parameters_are_read_as_they_were_written(parameters: SecurityParameters) -> None:
    octets = parameters.encode()
    assert SecurityParameters.decode(octets) == parameters
    header = CommandHeader.decode(octets[:7])
    assert SecurityParameters(**vars(header), counter=parameters.counter) == parameters


@given(octet)
def test_every_octet_is_an_spi_reserved_bits_included(value: int) -> None:
    assert int(Spi1(value)) == int(Spi2(value)) == value


def test_the_recommended_spi_is_what_its_names_say() -> None:
    assert Spi1(0x16) == Spi1.CC | Spi1.CIPHERED | Spi1.COUNTER_HIGHER
    recommended = Spi2.POR_ALWAYS | Spi2.POR_CC | Spi2.POR_CIPHERED | Spi2.POR_BY_SUBMIT
    assert recommended == Spi2(0x39)
    assert Spi1(0x16).integrity is Integrity.CC


@pytest.mark.parametrize(
    ("spi1", "minimum", "meets"),
    [
        (0x16, 0x16, True),
        (0x1E, 0x16, True),
        (0x16, 0x00, True),
        (0x12, 0x16, False),  # not ciphered
        (0x15, 0x16, False),  # RC instead of CC
        (0x0E, 0x16, False),  # counter unchecked
        (0x00, 0x01, False),
    ],
)
def test_security_below_the_minimum_is_seen(spi1: int, minimum: int, meets: bool) -> None:  # noqa: FBT001 - pytest names its arguments
    assert Spi1(spi1).meets(Spi1(minimum)) is meets


@pytest.mark.parametrize(
    ("spi2", "on_success", "on_error"),
    [(0x00, False, False), (0x01, True, True), (0x02, False, True), (0x03, False, False)],
)
def test_a_response_is_sent_when_it_is_wanted(
    spi2: int,
    on_success: bool,  # noqa: FBT001 - pytest names its arguments
    on_error: bool,  # noqa: FBT001 - as above
) -> None:
    assert Spi2(spi2).wants_response(PorStatus.OK) is on_success
    assert Spi2(spi2).wants_response(PorStatus.COUNTER_LOW) is on_error


@pytest.mark.parametrize(
    ("mode", "received", "stored", "status"),
    [
        (CounterMode.HIGHER, 6, 5, PorStatus.OK),
        (CounterMode.HIGHER, 500, 5, PorStatus.OK),
        (CounterMode.HIGHER, 5, 5, PorStatus.COUNTER_LOW),
        (CounterMode.HIGHER, LAST_COUNTER, 5, PorStatus.OK),
        (CounterMode.NEXT, 6, 5, PorStatus.OK),
        (CounterMode.NEXT, 7, 5, PorStatus.COUNTER_HIGH),
        (CounterMode.NEXT, 5, 5, PorStatus.COUNTER_LOW),
        (CounterMode.NEXT, LAST_COUNTER, LAST_COUNTER, PorStatus.COUNTER_BLOCKED),
        (CounterMode.HIGHER, LAST_COUNTER, LAST_COUNTER, PorStatus.COUNTER_BLOCKED),
        (CounterMode.UNCHECKED, 0, LAST_COUNTER, PorStatus.OK),
        (CounterMode.NONE, 0, 5, PorStatus.OK),
    ],
)
def test_a_counter_is_judged_by_its_mode(
    mode: CounterMode, received: int, stored: int, status: PorStatus
) -> None:
    assert judge_counter(mode, received, stored) is status


@given(st.integers(0, LAST_COUNTER), st.integers(0, LAST_COUNTER))
def test_a_counter_never_passes_twice_where_it_is_compared(received: int, stored: int) -> None:
    for mode in (CounterMode.HIGHER, CounterMode.NEXT):
        if judge_counter(mode, received, stored) is PorStatus.OK:
            assert judge_counter(mode, received, received) is not PorStatus.OK


def test_parameters_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UnencodableError):
        SecurityParameters(Spi1(0), Spi2(0), 0, 0, b"tar", LAST_COUNTER + 1).encode()
    with pytest.raises(UnencodableError):
        SecurityParameters(Spi1(0), Spi2(0), 256, 0, b"tar").encode()
    with pytest.raises(UnencodableError):
        SecurityParameters(Spi1(0), Spi2(0), 0, 0, b"long").encode()
    with pytest.raises(MalformedError):
        SecurityParameters.decode(bytes(11))
