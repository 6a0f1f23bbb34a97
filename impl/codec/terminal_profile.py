"""TERMINAL PROFILE, what a terminal says that it can do: TS 102 223 and TS 31.111 clause 5.2."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Facility(Enum):
    """One thing that a terminal can do: number of the octet, counted from 1, and its bit there."""

    PROFILE_DOWNLOAD = (1, 0x01)
    SMS_PP_DOWNLOAD = (1, 0x02)
    MENU_SELECTION = (1, 0x08)
    SMS_PP_RESPONSE = (1, 0x10)
    """What the card answers to a short message goes back with the report."""
    COMMAND_RESULT = (2, 0x01)
    UCS2_DISPLAY = (2, 0x40)
    DISPLAY_TEXT = (3, 0x01)
    GET_INKEY = (3, 0x02)
    GET_INPUT = (3, 0x04)
    REFRESH = (3, 0x80)
    SEND_SHORT_MESSAGE = (4, 0x02)
    SET_UP_MENU = (4, 0x20)
    SET_UP_EVENT_LIST = (5, 0x01)
    LOCATION_STATUS_EVENT = (5, 0x10)
    NETWORK_REJECTION_EVENT = (25, 0x10)
    """Of GERAN and UTRAN."""
    EUTRAN_REJECTION_EVENT = (25, 0x40)


def encode_profile(facilities: Iterable[Facility]) -> bytes:
    """Return the data of TERMINAL PROFILE, no longer than it has to be."""
    octets = bytearray()
    for number, bit in (each.value for each in facilities):
        octets.extend(bytes(max(0, number - len(octets))))
        octets[number - 1] |= bit
    return bytes(octets)


def has_facility(profile: bytes, facility: Facility) -> bool:
    """Whether a terminal said so; what a shorter profile leaves out it cannot do."""
    number, bit = facility.value
    return number <= len(profile) and bool(profile[number - 1] & bit)
