"""What fuzzing shares: how friendly octets are made hostile, and how long an input may take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import pytest
from hypothesis import strategies as st

LONGEST = 300
MOST_CPU_S = 2.0
"""Thousands of times what the slowest input takes: only what grows without bound comes near."""

Octets = st.SearchStrategy[bytes]


@pytest.fixture(scope="session")
def hostile() -> Callable[[Sequence[bytes]], Octets]:
    """Return what draws octets that nobody ever said, or some of those given, altered."""

    def draw(seeds: Sequence[bytes]) -> Octets:
        anything = st.binary(max_size=LONGEST)
        if not seeds:
            return anything
        places = st.tuples(st.integers(0, LONGEST), st.integers(0, 3), st.binary(max_size=4))
        return anything | st.builds(_altered, st.sampled_from(seeds), st.lists(places, max_size=4))

    return draw


@pytest.fixture(scope="session")
def bounded() -> Callable[[], AbstractContextManager[None]]:
    """Return what fails a block that takes more CPU than any input may."""

    @contextmanager
    def block() -> Iterator[None]:
        began = time.process_time()
        yield
        assert time.process_time() - began < MOST_CPU_S

    return block


def _altered(octets: bytes, places: list[tuple[int, int, bytes]]) -> bytes:
    """Replace, at each place, so many octets by others."""
    for at, count, others in places:
        start = at % (len(octets) + 1)
        octets = octets[:start] + others + octets[start + count :]
    return octets
