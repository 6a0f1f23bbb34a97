"""The customer centre of the operator that is left: it acknowledges a change, step S3 [079]."""

from __future__ import annotations

from enum import Enum

from model.table import Arrow, Component, Kind, Option, each


class Acknowledgement(Enum):
    """What the operator that is left says to the change under way."""

    UNASKED = "nobody asked"
    ASKED = "asked, and not answered"
    GRANTED = "yes"
    REFUSED = "no"


A = Acknowledgement
FAULT, INTERNAL = Kind.FAULT, Kind.INTERNAL

# fmt: off
ARROWS = (
    #     step  cites     event                     from       to         kind
    Arrow("S3", "9a E18", "ask_acknowledgement",    A.UNASKED, A.ASKED),
    Arrow("S3", "9a",     "grant_acknowledgement",  A.ASKED,   A.GRANTED),
    Arrow("S3", "9b",     "refuse_acknowledgement", A.ASKED,   A.REFUSED, FAULT),

    *each("S3", "B12",    "crash_centre",           A,         None,      FAULT),
    *each("S1", "E21",    "start_over",             A,         A.UNASKED, INTERNAL),
    Arrow("S1", "E21",    "turn_round",             A.GRANTED, A.UNASKED, INTERNAL),
)
# fmt: on

COMPONENTS = (Component("acknowledgement", ARROWS, Acknowledgement.UNASKED, Option.ACKNOWLEDGED),)
