"""Service centre time stamps: TP-SCTS, 3GPP TS 23.040 clause 9.2.3.11, Rel-17."""

from __future__ import annotations

from calendar import isleap, monthrange, timegm
from functools import lru_cache

from impl.codec.digits import decode_bcd, encode_bcd
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError

SIZE = 7
_DAY_S = 86_400
_QUARTER_S = 900


def encode_timestamp(moment_s: float) -> bytes:
    """Write seconds since the epoch in 7 octets, in UTC; parts of seconds are cut off.

    Raises:
        UnencodableError: before 1970 or after 2069, which two digits of a year do not tell.
    """
    if not 0 <= moment_s < timegm((2070, 1, 1, 0, 0, 0)):
        raise UnencodableError("TP-SCTS", "must lie from 1970 to 2069")
    days, second = divmod(int(moment_s), _DAY_S)
    year, month, day = _date(days)
    parts = year % 100, month, day, second // 3600, second // 60 % 60, second % 60
    return encode_bcd("".join(f"{part:02}" for part in parts)) + b"\0"


def decode_timestamp(octets: bytes) -> int:
    """Read 7 octets as seconds since the epoch; years 70 to 99 are of the last century.

    Raises:
        MalformedError: not 7 octets, or on no calendar.
    """
    if len(octets) < SIZE:
        raise TruncatedError("TP-SCTS", needed=SIZE, present=len(octets))
    if len(octets) > SIZE:
        raise TrailingError("TP-SCTS", surplus=len(octets) - SIZE)
    digits = decode_bcd(octets[:6])
    zone = f"{octets[6] & 0x07:x}{octets[6] >> 4:x}"  # bit 4 is the sign: 1 is west
    if not (digits + zone).isdecimal() or len(digits) != 12:
        raise MalformedError("TP-SCTS", "must be digits")
    year, month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(0, 12, 2))
    year += 1900 if year >= 70 else 2000
    on_clock = hour < 24 and minute < 60 and second < 60
    if not (1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1] and on_clock):
        raise MalformedError("TP-SCTS", "is on no calendar")
    west = -1 if octets[6] & 0x08 else 1
    return timegm((year, month, day, hour, minute, second)) - west * int(zone) * _QUARTER_S


@lru_cache(maxsize=16)  # messages come on few days
def _date(days: int) -> tuple[int, int, int]:
    """Return year, month and day of a day counted from 1970-01-01."""
    year, month = 1970, 1
    while days >= 365 + isleap(year):
        days -= 365 + isleap(year)
        year += 1
    while days >= monthrange(year, month)[1]:
        days -= monthrange(year, month)[1]
        month += 1
    return year, month, days + 1
