"""What learning calls and sees."""

from typing import Any

import pytest

from steps.checks.projections import PROJECTIONS, Projection, seen
from steps.driver import Setup
from steps.drivers import load


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)
def test_what_is_seen_is_said_in_sentences(projection: Projection) -> None:
    driver = projection.begin(load("modelled"))
    assert "all parties agree that the card is of the first network" in tuple(seen(driver))


def test_what_cannot_be_begun_is_closed() -> None:
    class Unable:
        closed = 0

        def __init__(self, setup: Setup) -> None:
            """Take any setup."""

        def close(self) -> None:
            Unable.closed += 1

        def __getattr__(self, call: str) -> Any:
            raise ZeroDivisionError(call)

    with pytest.raises(ZeroDivisionError):
        PROJECTIONS[0].begin(Unable)  # type: ignore[arg-type] # it is no whole driver
    assert Unable.closed == 1
