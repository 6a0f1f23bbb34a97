"""The communication device: where it is attached, and what comes of its attempts, step S5."""

from __future__ import annotations

from enum import Enum

from model.card import NEW_IN_USE, OLD_IN_USE, Card
from model.home_register import Record
from model.table import Arrow, Component, Kind, Option, each


class Device(Enum):
    """Where the device is attached."""

    SEARCHING = "nowhere: it reads the identity in use from the card and tries"
    ATTACHED_LEFT = "to the network that is left"
    ATTACHED_JOINED = "to the network that is joined"


D = Device
HARDENED = Option.HARDENED
ATTACHED = frozenset({D.ATTACHED_LEFT, D.ATTACHED_JOINED})
IN_OLD_PLACE = frozenset({D.SEARCHING, D.ATTACHED_LEFT})
OLD_PAIR_KNOWN = {"home_left": {Record.ACTIVE}, "card": OLD_IN_USE}
OLD_PAIR_UNKNOWN = {"home_left": {Record.FREE}, "card": OLD_IN_USE}
FAULT, WISH, INTERNAL = Kind.FAULT, Kind.WISH, Kind.INTERNAL

# fmt: off
ARROWS = (
    #     step  cites     event               from           to                 only if
    *each("S1", "2a 3a",   "request_change",    ATTACHED,          None,            WISH),

    # The card asked for a restart (REFRESH): the device reads the identity in use anew.
    *each("S4", "E24",     "replace_identity",  IN_OLD_PLACE,      D.SEARCHING),
    Arrow("S4", "E24",     "obey_late_message", D.ATTACHED_LEFT,   D.SEARCHING,     FAULT),
    *each("S4", "B01",     "cut_power",         IN_OLD_PLACE,      D.SEARCHING,     FAULT),
    *each("S5", "B03",     "restart_device",    ATTACHED,          D.SEARCHING,     FAULT),

    Arrow("S5", "E16 E28", "accept_joined",     D.SEARCHING,       D.ATTACHED_JOINED),
    Arrow("S5", "B03",     "lose_accept",       D.SEARCHING,       D.SEARCHING,     FAULT),
    *only(HARDENED,
        Arrow("S5", "E28",     "reject_joined",     D.SEARCHING,       D.SEARCHING),
        Arrow("S5", "B04",     "miss_joined",       D.SEARCHING,       D.SEARCHING,     FAULT),
        Arrow("S5", "B04",     "reject_late",       D.SEARCHING,       D.SEARCHING),
    ),
    Arrow("S5", "1f E28",  "accept_left",       D.SEARCHING,       D.ATTACHED_LEFT, needs=OLD_PAIR_KNOWN),
    *only(HARDENED,
        *each("S5", "E28",     "reject_left",       IN_OLD_PLACE,      D.SEARCHING,     needs=OLD_PAIR_UNKNOWN),
        *each("S5", "B08",     "miss_left",         IN_OLD_PLACE,      D.SEARCHING,     FAULT),
    ),

    Arrow("S1", "E21",     "turn_round",        D.ATTACHED_JOINED, D.ATTACHED_LEFT, INTERNAL),
    Arrow("S1", "E21",     "turn_round",        D.SEARCHING,       D.SEARCHING,     INTERNAL),
)
# fmt: on

COMPONENTS = (Component("device", ARROWS, Device.ATTACHED_LEFT),)
