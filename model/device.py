"""The communication device: where it is attached, and what comes of its attempts, step S5."""

from __future__ import annotations

from enum import Enum

from model.card import OLD_IN_USE
from model.home_register import Record
from model.table import Arrow, Component, Kind, Needs, Option, each, only


class Device(Enum):
    """Where the device is attached."""

    SEARCHING = "nowhere: it reads the identity in use from the card and tries"
    ATTACHED_LEFT = "to the network that is left"
    ATTACHED_JOINED = "to the network that is joined"


D = Device
FAULT, WISH, INTERNAL = Kind.FAULT, Kind.WISH, Kind.INTERNAL
ATTACHED = frozenset({D.ATTACHED_LEFT, D.ATTACHED_JOINED})
NOT_JOINED = frozenset({D.SEARCHING, D.ATTACHED_LEFT})
CARRIED: Needs = {"home_left": {Record.ACTIVE}}
KNOWN: Needs = {"home_left": {Record.ACTIVE}, "card": OLD_IN_USE}
UNKNOWN: Needs = {"home_left": {Record.FREE}, "card": OLD_IN_USE}

# fmt: off
ARROWS = (
    #     step  cites      event                from               to                 kind, only if
    # A network that has deleted the subscriber carries no message of its, attached or not.
    *each("S1", "2a 3a",   "request_change",    {D.ATTACHED_LEFT}, None,             WISH, CARRIED),
    *each("S1", "2a 3a",   "request_change",    {D.ATTACHED_JOINED}, None,           WISH),

    # The card asks for a restart (REFRESH): the device reads the identity in use anew.
    Arrow("S4", "E24",     "replace_identity",  D.ATTACHED_LEFT,   D.SEARCHING),
    Arrow("S4", "E24",     "obey_late_message", D.ATTACHED_LEFT,   D.SEARCHING,       FAULT),
    Arrow("S4", "B01",     "cut_power",         D.ATTACHED_LEFT,   D.SEARCHING,       FAULT),
    *each("S5", "B03",     "restart_device",    ATTACHED,          D.SEARCHING,       FAULT),

    Arrow("S5", "E16 E28", "accept_joined",     D.SEARCHING,       D.ATTACHED_JOINED),
    Arrow("S5", "B03",     "lose_accept",       D.SEARCHING,       D.SEARCHING,       FAULT),
    Arrow("S5", "1f E28",  "accept_left",       D.SEARCHING,       D.ATTACHED_LEFT, needs=KNOWN),

    # Where the card has no other pair, the device goes on searching: that is no event.
    *only(Option.HARDENED,
        Arrow("S5", "E28", "reject_joined",     D.SEARCHING,       D.SEARCHING),
        Arrow("S5", "B04", "miss_joined",       D.SEARCHING,       D.SEARCHING,       FAULT),
        Arrow("S5", "B04", "reject_late",       D.SEARCHING,       D.SEARCHING),
        *each("S5", "E28", "reject_left",       NOT_JOINED,        D.SEARCHING, needs=UNKNOWN),
        *each("S5", "B08", "miss_left",         NOT_JOINED,        D.SEARCHING,       FAULT),
    ),

    Arrow("S1", "E21",     "turn_round",        D.ATTACHED_JOINED, D.ATTACHED_LEFT,   INTERNAL),
    Arrow("S1", "E21",     "turn_round",        D.SEARCHING,       D.SEARCHING,       INTERNAL),
)
# fmt: on

COMPONENTS = (Component("device", ARROWS, Device.ATTACHED_LEFT),)
