"""An event loop whose time passes only while nothing else can happen: real sockets, no waiting.

What is on its way between two sockets of this machine can be read at once, so when nothing can be
read or written, nothing is under way but timers: the clock then jumps to the next of them. A run of
hours takes as long as its messages do.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable

GRACE_S = 0.002
"""Real seconds that octets may take from one socket of this machine to another."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop. `idle` says, when only timers are left, whether to go on to the next of them."""

    def __init__(self, idle: Callable[[], bool]) -> None:
        self._selector_of_idle = _Selector(self, idle)
        super().__init__(self._selector_of_idle)
        self._now_s = 0.0

    def time(self) -> float:
        """Return virtual seconds since the loop was made."""
        return getattr(self, "_now_s", 0.0)

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self._now_s += seconds


class _Selector(selectors.DefaultSelector):
    """Waits for sockets only as long as octets may take, and lets the rest of the wait pass."""

    def __init__(self, loop: VirtualLoop, idle: Callable[[], bool]) -> None:
        super().__init__()
        self._loop = loop
        self._idle = idle

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """See `selectors.BaseSelector`."""
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        ready = super().select(GRACE_S)
        if not ready and self._idle() and timeout is not None:
            self._loop.pass_time(max(timeout, 0.0))
        return ready
