"""What a node remembers besides its store: kept if the transaction is committed, else as before."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection

from impl.ports import Store

K = TypeVar("K")
V = TypeVar("V")


class Reversible(UserDict[K, V]):
    """A dictionary that can go back to what it held when it was kept last; it holds no None."""

    def __init__(self) -> None:
        self._before: dict[K, V | None] = {}
        super().__init__()

    def __setitem__(self, key: K, value: V) -> None:
        """Put `value` under `key`."""
        self._before.setdefault(key, self.data.get(key))
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        """Remove what is under `key`; KeyError if nothing is."""
        self._before.setdefault(key, self.data.get(key))
        super().__delitem__(key)

    def keep(self) -> None:
        """Let what it holds be what it goes back to."""
        self._before.clear()

    def undo(self) -> None:
        """Hold again what was kept last."""
        for key, value in self._before.items():
            if value is None:
                self.data.pop(key, None)
            else:
                self.data[key] = value
        self._before.clear()


@contextmanager
def transaction(store: Store, memories: Iterable[Reversible[Any, Any]]) -> Iterator[Connection]:
    """Begin a transaction; what is remembered besides it is kept or undone with it."""
    try:
        with store.begin() as connection:
            yield connection
    except BaseException:
        for memory in memories:
            memory.undo()
        raise
    for memory in memories:
        memory.keep()
