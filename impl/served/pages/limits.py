"""How often somebody may do something: so many times in so long, and then not for a while."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from impl.errors import RefusedError


class TooOftenError(RefusedError):
    """Something was done too often. It was not done again, and is not counted."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"too often: ask again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


@dataclass(slots=True)
class Limit:
    """At most `times` within `window_s` seconds for each name."""

    times: int
    window_s: float
    now: Callable[[], float]
    capacity: int = 100_000
    """Of how many names is remembered; past it, the one that did something longest ago is not."""
    _done: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def count(self, name: str) -> None:
        """Note that `name` does it.

        Raises:
            TooOftenError: it was done too often.
        """
        now = self.now()
        done = self._done.pop(name, None) or deque()
        self._done[name] = done
        while done and done[0] <= now - self.window_s:
            done.popleft()
        if len(done) >= self.times:
            raise TooOftenError(int(done[0] + self.window_s - now) + 1)
        done.append(now)
        if len(self._done) > self.capacity:
            self._done.popitem(last=False)


def client_of(address: str | None) -> str:
    """Return by what a client is counted: its address, of IPv6 the network that one party has."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and not found.ipv4_mapped:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
