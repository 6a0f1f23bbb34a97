"""What is seen of a node by its records: read again only when something was written there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from impl.runtime.store import SqlStore

T = TypeVar("T")


class Glance(Generic[T]):
    """One thing that is seen of one store."""

    def __init__(self, store: SqlStore, read: Callable[[], T]) -> None:
        """`read` says what is seen; it depends on nothing that changes but the store."""
        self._store = store
        self._read = read
        self._kept: tuple[int, T] | None = None

    def __call__(self) -> T:
        """Return what is seen now."""
        written = self._store.written
        if written is None:
            return self._read()
        if self._kept is None or self._kept[0] != written:
            self._kept = written, self._read()
        return self._kept[1]
