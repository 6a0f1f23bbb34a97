"""The environment can fix the time of a run."""

import pytest

from conformance.clock import Clock
from conformance.errors import ClockError


def test_a_fixed_time_stands_still():
    clock = Clock({"SOURCE_DATE_EPOCH": "0"})
    assert clock.started() == "1970-01-01T00:00:00Z"
    assert clock.now() == clock.now() == 0
    assert clock.took(12.5) == 0


def test_without_it_time_goes_on():
    clock = Clock({})
    before = clock.now()
    assert clock.now() >= before > 0
    assert clock.took(0.12345678) == 0.123457
    assert clock.started().endswith("Z")


@pytest.mark.parametrize("value", ["", "soon", "1.5", "9" * 30, "-99999999999999"])
def test_another_value_is_refused_and_named(value):
    with pytest.raises(ClockError, match="SOURCE_DATE_EPOCH"):
        Clock({"SOURCE_DATE_EPOCH": value})
