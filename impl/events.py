"""What happens to a node and what it wants done: the only way in and out of `handle()`.

A node is *events in, commands out*: `handle(event) -> list[Command]`. It holds no socket, clock,
thread or file. A runtime delivers events and carries the commands out in their order; what a node
made durable (its store) was committed before `handle` returned, so a command never tells more than
is safely written.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class Interface(StrEnum):
    """The kinds of link between nodes; each says what its octets are."""

    OPERATOR = "operator"  # JSON of impl.messages inside mutual TLS 1.3, AS <-> HLR
    CENTRE = "centre"  # the same, AS <-> customer centre
    SMPP = "smpp"  # SMPP 3.4 PDUs, AS (ESME) <-> SMSC
    GSUP = "gsup"  # Osmocom GSUP, VLR <-> HLR <-> SMSC
    CONTROL = "control"  # control interface of Osmocom programs, gateway -> osmo-hlr
    MM = "mm"  # TS 24.008 mobility management over the air, device <-> VLR
    EMM = "emm"  # TS 24.301 EPS mobility management over the air, device <-> MME
    PPP = "ppp"  # LCP and EAP of RFC 1661 and 3748 over the air of eHRPD, device <-> HSGW
    SM = "sm"  # TS 24.011 RPDUs with TS 23.040 TPDUs over the air, device <-> whichever of them


class Peer(NamedTuple):
    """One end of a link, as the other end names it: `Peer(Interface.OPERATOR, "20802")`."""

    interface: Interface
    name: str


@dataclass(frozen=True, slots=True)
class Started:
    """The node begins to run, new or again over the store that an earlier life left.

    It may be told while it runs: its store broke, and what stands there is not known.
    """


@dataclass(frozen=True, slots=True)
class Arrived:
    """One whole message came over a link; on a secured session `source` is proven."""

    source: Peer
    octets: bytes


@dataclass(frozen=True, slots=True)
class Expired:
    """The timer of this name ran out."""

    timer: str


@dataclass(frozen=True, slots=True)
class Reconnected:
    """A link broke and is there again: what was under way is lost, its sessions have ended."""

    source: Peer


@dataclass(frozen=True, slots=True)
class Send:
    """Carry one whole message over the link to `target`."""

    target: Peer
    octets: bytes


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Let `timer` run out after `after_s` seconds; one of that name starts anew."""

    timer: str
    after_s: float
    is_idle: bool = False
    """Whether it runs for ever while nothing happens: a run that waits for no other is at rest."""


@dataclass(frozen=True, slots=True)
class StopTimer:
    """Forget `timer`; nothing happens if it does not run."""

    timer: str


Event = Started | Arrived | Expired | Reconnected
Command = Send | SetTimer | StopTimer


class Node(Protocol):
    """A party of the method, as a runtime sees it."""

    def handle(self, event: Event) -> list[Command]:
        """Decide what follows from `event`."""
