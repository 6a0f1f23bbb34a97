"""Who is attached in the area of a VLR, found by IMSI, by TMSI and by device."""

from __future__ import annotations

from dataclasses import dataclass

from impl.codec.mobility import TMSI
from impl.values import IMSI, MSISDN


@dataclass(frozen=True, slots=True)
class Visitor:
    """A subscriber who authenticated, with the device that did it."""

    imsi: IMSI
    device: str
    home: str
    """Name of the link to the home register."""
    tmsi: TMSI | None
    """None where the access knows no such names."""
    msisdn: MSISDN | None


class Visitors:
    """The attached subscribers: one an IMSI, one a device, the later attach replacing the earlier.

    So a card that was copied never has a second device attached [B07].
    """

    def __init__(self) -> None:
        self._by_imsi: dict[IMSI, Visitor] = {}
        self._by_device: dict[str, Visitor] = {}
        self._by_tmsi: dict[TMSI, Visitor] = {}

    def enter(self, visitor: Visitor) -> None:
        """Attach a subscriber; whoever had this IMSI or this device before is attached no more."""
        self.leave(self._by_imsi.get(visitor.imsi))
        self.leave(self._by_device.get(visitor.device))
        self._by_imsi[visitor.imsi] = visitor
        self._by_device[visitor.device] = visitor
        if visitor.tmsi is not None:
            self._by_tmsi[visitor.tmsi] = visitor

    def leave(self, visitor: Visitor | None) -> None:
        """Detach a subscriber; nothing happens for None."""
        if visitor is None:
            return
        del self._by_imsi[visitor.imsi]
        del self._by_device[visitor.device]
        if visitor.tmsi is not None:
            del self._by_tmsi[visitor.tmsi]

    def of_imsi(self, imsi: IMSI | None) -> Visitor | None:
        """Find who is attached with this IMSI."""
        return None if imsi is None else self._by_imsi.get(imsi)

    def of_device(self, device: str) -> Visitor | None:
        """Find who is attached with this device."""
        return self._by_device.get(device)

    def of_tmsi(self, tmsi: TMSI) -> Visitor | None:
        """Find who was given this TMSI."""
        return self._by_tmsi.get(tmsi)
