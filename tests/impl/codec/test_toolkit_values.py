"""Tests of the coded values of the toolkit."""

from __future__ import annotations

import pytest

from impl.codec.toolkit_values import Duration, GeneralResult, Result
from impl.errors import MalformedError


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [(Duration(0, 2), 120.0), (Duration(1, 10), 10.0), (Duration(2, 5), 0.5)],
)
def test_a_duration_is_told_in_seconds(duration: Duration, seconds: float) -> None:
    assert duration.seconds == seconds


@pytest.mark.parametrize(
    ("result", "is_performed", "is_temporary"),
    [
        (GeneralResult.OK, True, False),
        (GeneralResult.TONE_NOT_PLAYED, True, False),
        (GeneralResult.ENDED_BY_USER, False, False),
        (GeneralResult.NO_RESPONSE, False, False),
        (GeneralResult.TERMINAL_UNABLE, False, True),
        (GeneralResult.MMS_TEMPORARY, False, True),
        (GeneralResult.BEYOND_CAPABILITIES, False, False),
    ],
)
def test_a_result_says_whether_it_was_done_and_whether_to_try_again(
    result: GeneralResult, *, is_performed: bool, is_temporary: bool
) -> None:
    assert (result.is_performed, result.is_temporary) == (is_performed, is_temporary)


def test_a_result_carries_what_is_known_beside_it() -> None:
    result = Result.decode(b"\x20\x02")
    assert result == Result(GeneralResult.TERMINAL_UNABLE, b"\x02")


@pytest.mark.parametrize("octets", ["", "0f", "ff"])
def test_a_result_without_meaning_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        Result.decode(bytes.fromhex(octets))
