"""Two pairs at a time: when the old one goes for good, and when the other one takes over.

A change is complete when the network of the new pair accepted it; then the old pair is erased
[075]. While the card holds two, a pair that its network rejects for good, or that finds no service
for some time, gives way to the other. That an old pair is accepted again says nothing about the new
one: only the application server gives a pair up.
"""

from __future__ import annotations

from typing import Final

from impl.card import image
from impl.card.memory import Memory
from impl.card.pairs import Pairs
from impl.card.toolkit import Toolkit
from impl.card.usim import Usim
from impl.codec.toolkit import (
    LocationStatus,
    LocationStatusEvent,
    NetworkRejectionEvent,
    Refresh,
    RefreshMode,
)

MOST_VAIN_CHANGES: Final = 4
"""How often pairs change places without service between, because there is none: after that the
pair in use waits for coverage, lest a card without any resets its device for ever."""

MOST_CHANGES: Final = MOST_VAIN_CHANGES + 2
"""The same, where the pair's own network rejects it: that is coverage, and once it is back each
pair has its turn. After that somebody has to power the device anew."""

LASTING: Final = 2
"""Events of limited service, with none of service between, that make it last: a device says so each
time it has looked everywhere, and in between it waits for minutes. One alone says little: the user
may have selected a network by hand (decision 0006)."""

REJECTED_FOR_GOOD: Final = frozenset((0x02, 0x03, 0x06, 0x08, 0x0B))
"""Unknown in the HLR, illegal MS, illegal ME, no service at all, PLMN not allowed (TS 24.008)."""

ENDING_SEARCHES: Final = frozenset((0x02, 0x03, 0x06))
"""Those of them after which many a terminal looks for no other network until it is powered anew,
whoever said so (TS 24.008 clause 4.4.4.7): it then says once that service is limited."""

_PLMN_SIZE: Final = 3
_UPDATED: Final = 0x00
_LAI_IN_LOCI: Final = 4
_STATUS_IN_LOCI: Final = 10


class Fallback:
    """Watches how the pairs fare, during one life of the card."""

    __slots__ = ("_limited", "_memory", "_pairs", "_toolkit", "_usim")

    def __init__(self, memory: Memory, pairs: Pairs, usim: Usim, toolkit: Toolkit) -> None:
        self._memory = memory
        self._pairs = pairs
        self._usim = usim
        self._toolkit = toolkit
        self._limited = 0
        """Events of limited service since the last one of service."""
        if image.OWN_RESET.number(memory) == image.NO:  # somebody else powered the card
            image.VAIN_CHANGES.set_number(memory, 0)
        image.OWN_RESET.set_number(memory, image.NO)

    def take_location_status(self, event: LocationStatusEvent) -> None:
        """Learn that the terminal got service with the pair that it found, or lost it."""
        if not self._pairs.is_settled:
            self.remind()
        elif event.status is LocationStatus.NORMAL:
            self._take_service(event)
        elif self._is_lost(event):
            self._change(MOST_VAIN_CHANGES)

    def take_rejection(self, event: NetworkRejectionEvent) -> None:
        """Learn that a network rejected the pair.

        What a foreign one says is not for good. But if the terminal finds no other upon it, it may
        not look again: limited service is lasting then.
        """
        if not self._pairs.is_settled:
            self.remind()
            return
        area = event.location or event.routing_area or event.tracking_area or b""
        is_own = area[:_PLMN_SIZE] == self._pairs.plmn
        if is_own and (event.cause in REJECTED_FOR_GOOD or self._usim.saw_false_network):
            self._change(MOST_CHANGES)
        elif event.cause in ENDING_SEARCHES:
            self._limited = max(self._limited, LASTING - 1)

    def reset_terminal(self) -> None:
        """Ask for a reset of the card, so that the terminal attaches with the active pair."""
        image.OWN_RESET.set_number(self._memory, image.YES)
        self._toolkit.ask(Refresh(RefreshMode.UICC_RESET))

    def remind(self) -> None:
        """Ask again for a reset that the terminal owes: it works with a pair that is not active."""
        if not self._pairs.is_settled and not self._toolkit.is_refreshing:
            self.reset_terminal()

    def _is_lost(self, event: LocationStatusEvent) -> bool:
        """Whether the pair in use has no service here, and not only for a moment."""
        if event.status is LocationStatus.LIMITED:
            self._limited += 1
        is_without = event.status is LocationStatus.NO_SERVICE or self._limited >= LASTING
        return is_without or self._usim.saw_false_network

    def _take_service(self, event: LocationStatusEvent) -> None:
        self._limited = 0
        image.VAIN_CHANGES.set_number(self._memory, 0)
        pairs = self._pairs
        if pairs.are_two and pairs.active == pairs.newest and self._is_accepted(event):
            pairs.erase(1 - pairs.active)

    def _is_accepted(self, event: LocationStatusEvent) -> bool:
        """Whether the active pair's own network has updated the location, after a challenge.

        Service without a challenge proves no key: anybody can accept an attach.
        """
        loci = image.LOCI_FILE.read(self._memory)
        area = loci[_LAI_IN_LOCI:]
        here = [area[:_PLMN_SIZE], (event.location or area)[:_PLMN_SIZE]]
        updated = loci[_STATUS_IN_LOCI] & 0x07 == _UPDATED
        return updated and here == [self._pairs.plmn] * 2 and self._pairs.has_answered

    def _change(self, most: int) -> None:
        vain = image.VAIN_CHANGES.number(self._memory)
        if not self._pairs.are_two or vain >= most:
            return
        with self._memory.transaction():
            image.VAIN_CHANGES.set_number(self._memory, vain + 1)
            self._pairs.change()
        self.reset_terminal()
