"""TP-Validity-Period: how long a short message is tried, 3GPP TS 23.040 clause 9.2.3.12, Rel-17."""

from __future__ import annotations

from typing import Final, NamedTuple

from impl.codec.digits import decode_bcd
from impl.codec.timestamp import decode_timestamp
from impl.errors import MalformedError

_MINUTE_S, _HOUR_S, _DAY_S, _WEEK_S = 60, 3600, 86_400, 604_800
_EXTENDED: Final = 0x80
_SINGLE_SHOT: Final = 0x40
_FORMAT: Final = 0x07  # of the enhanced form


class Validity(NamedTuple):
    """What TP-VP says."""

    expires: float | None
    """Seconds since the epoch; None where nothing is said, and the centre decides."""
    is_single_shot: bool = False
    """Whether the message is tried once only."""


def read_validity(octets: bytes, now: float, *, is_enhanced: bool) -> Validity:
    """Read TP-VP as `Submit` has it; `now` is what a relative one counts from.

    Raises:
        MalformedError: it is on no calendar, or of a form that is reserved.
    """
    if is_enhanced:
        return _read_enhanced(octets, now)
    if not octets:
        return Validity(None)
    if len(octets) == 1:
        return Validity(now + relative_s(octets[0]))
    return Validity(float(decode_timestamp(octets)))


def relative_s(value: int) -> int:
    """Return the seconds that the octet of the relative form means (clause 9.2.3.12.1)."""
    if value <= 143:
        return (value + 1) * 5 * _MINUTE_S
    if value <= 167:
        return 12 * _HOUR_S + (value - 143) * 30 * _MINUTE_S
    if value <= 196:
        return (value - 166) * _DAY_S
    return (value - 192) * _WEEK_S


def _read_enhanced(octets: bytes, now: float) -> Validity:
    """Read the 7 octets of clause 9.2.3.12.3; what follows what is said is filling."""
    indicator = octets[0]
    if indicator & _EXTENDED:
        raise MalformedError("TP-VP", "has an extension that is not defined")
    is_single_shot = bool(indicator & _SINGLE_SHOT)
    match indicator & _FORMAT:
        case 0:
            return Validity(None, is_single_shot)
        case 1:
            lasts_s = relative_s(octets[1])
        case 2:
            lasts_s = octets[1]
        case 3:
            lasts_s = _clock_s(octets[1:4])
        case _:
            raise MalformedError("TP-VP", "is of a reserved form")
    return Validity(now + lasts_s, is_single_shot)


def _clock_s(octets: bytes) -> int:
    digits = decode_bcd(octets)
    if len(digits) != 6 or not digits.isdecimal():
        raise MalformedError("TP-VP", "must be digits")
    hours, minutes, seconds = (int(digits[at : at + 2]) for at in (0, 2, 4))
    if minutes > 59 or seconds > 59:
        raise MalformedError("TP-VP", "is on no clock")
    return hours * _HOUR_S + minutes * _MINUTE_S + seconds
