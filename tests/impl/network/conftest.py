"""What the nodes of a network live in, in their tests: a store in memory and a clock that obeys."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, MetaData, create_engine
from sqlalchemy.pool import StaticPool


class MemoryStore:
    """Tables in memory. A node that is made anew over it finds what an earlier one committed."""

    def __init__(self, metadata: MetaData) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True)
        metadata.create_all(self._engine)
        self.fails = False

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection
            if self.fails:
                raise RuntimeError("the node died before the commit")

    def close(self) -> None:
        self._engine.dispose()


class Surroundings:
    """Time that stands unless it is set, and seeded randomness."""

    def __init__(self) -> None:
        self.time_s = 1_767_225_600.0
        self._random = random.Random(7)

    def now(self) -> float:
        return self.time_s

    def random_octets(self, count: int) -> bytes:
        return self._random.randbytes(count)


@pytest.fixture
def surroundings() -> Surroundings:
    return Surroundings()


@pytest.fixture
def store_of() -> Iterator[Callable[[MetaData], MemoryStore]]:
    stores: list[MemoryStore] = []

    def make(metadata: MetaData) -> MemoryStore:
        stores.append(MemoryStore(metadata))
        return stores[-1]

    yield make
    for store in stores:
        store.close()
