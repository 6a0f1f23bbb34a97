"""User data of short messages: header elements and what follows them, TS 23.040 clause 9.2.3.24."""

from __future__ import annotations

from typing import Final, NamedTuple

from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError

LONGEST: Final = 140
"""Octets of user data, header and all, in one short message."""

PID_USIM_DATA_DOWNLOAD: Final = 0x7F
"""TP-PID of a message for the card, not for the device (clause 9.2.3.9)."""

DCS_CLASS_2_BINARY: Final = 0xF6
"""TP-DCS of octets for the card (TS 23.038 clause 4)."""

DCS_UCS2: Final = 0x08
"""TP-DCS of a text of 16 bits a character, for whom it concerns (TS 23.038 clause 4)."""


class InformationElement(NamedTuple):
    """One element of the user data header."""

    identifier: int
    data: bytes = b""


class UserData(NamedTuple):
    """The header's elements, none where there is no header, and the octets behind it."""

    header: tuple[InformationElement, ...]
    octets: bytes

    def encode(self) -> bytes:
        """Write the header, if there are elements, and the octets; errors of `encode_header`."""
        return encode_header(self.header) + self.octets

    @classmethod
    def decode(cls, octets: bytes, *, has_header: bool) -> UserData:
        """Read user data, whose carrier says whether a header is in front (TP-UDHI, esm_class).

        Raises:
            MalformedError: the header is cut short, empty, or its elements do not fill it.
        """
        if not has_header:
            return cls((), octets)
        header, end = take_header(octets)
        return cls(header, octets[end:])


def encode_header(header: tuple[InformationElement, ...]) -> bytes:
    """Write length and elements; nothing at all for no elements.

    Raises:
        UnencodableError: an identifier or a length does not fit in its octet.
    """
    if not header:
        return b""
    try:
        elements = b"".join([bytes((iei, len(data))) + data for iei, data in header])
        return bytes((len(elements),)) + elements
    except ValueError:
        raise UnencodableError("user data header", "an octet cannot say it") from None


def take_header(octets: bytes) -> tuple[tuple[InformationElement, ...], int]:
    """Read the header at the beginning of `octets`; return its elements and the offset behind it.

    Raises:
        MalformedError: it is cut short, empty, or its elements do not fill it.
    """
    end = 1 + octets[0] if octets else 1
    if end > len(octets):
        raise TruncatedError("user data header", needed=end, present=len(octets))
    elements = []
    at = 1
    while at + 1 < end:
        data_at = at + 2
        following = data_at + octets[at + 1]
        elements.append(InformationElement(octets[at], octets[data_at:following]))
        at = following
    if at != end or not elements:
        raise MalformedError("user data header", "its elements do not fill it")
    return tuple(elements), end


def counts_septets(dcs: int) -> bool:
    """Whether TP-UDL counts septets: for the GSM 7 bit alphabet, uncompressed (TS 23.038 clause 4).

    Reserved data coding schemes are to be read as that alphabet.
    """
    group = dcs >> 4
    if group < 0x8:
        return not dcs & 0x20 and dcs >> 2 & 0x3 in (0, 3)
    return group != 0xE and not (group == 0xF and dcs & 0x4)


def is_for_card(dcs: int) -> bool:
    """Whether TP-DCS says class 2, which is for the (U)SIM (TS 23.038 clause 4)."""
    has_class = dcs >> 4 == 0xF or (dcs < 0x80 and bool(dcs & 0x10))
    return has_class and dcs & 0x3 == 2


def encode_counted(user_data: UserData, dcs: int, septets: int) -> bytes:
    """Write TP-UDL and TP-UD.

    `septets` counts those of a text behind the header, 0 where `dcs` does not name septets.

    Raises:
        UnencodableError: more than an octet can count, a septet count that is not that of the
            octets, or a header that has no coding.
    """
    octets = user_data.encode()
    length = len(octets)
    if counts_septets(dcs):
        header_size = length - len(user_data.octets)
        length = (8 * header_size + 6) // 7 + septets
        if (7 * length + 7) // 8 != len(octets):
            raise UnencodableError("TP-UD", f"{septets} septets are not in {len(octets)} octets")
    elif septets:
        raise UnencodableError("TP-UD", "is counted in octets, not in septets")
    if length > 0xFF:
        raise UnencodableError("TP-UD", f"is too long: {length}")
    return bytes((length,)) + octets


def take_counted(octets: bytes, at: int, dcs: int, *, has_header: bool) -> tuple[UserData, int]:
    """Read TP-UDL at offset `at`, and TP-UD, which ends the octets; return it and its septets.

    Raises:
        MalformedError: TP-UDL is not what is there, or the header does not hold.
    """
    if at >= len(octets):
        raise TruncatedError("TP-UDL", needed=1, present=0)
    length, field = octets[at], octets[at + 1 :]
    in_septets = counts_septets(dcs)
    size = (7 * length + 7) // 8 if in_septets else length
    if size > len(field):
        raise TruncatedError("TP-UD", needed=size, present=len(field))
    if size < len(field):
        raise TrailingError("TP-UD", surplus=len(field) - size)
    user_data = UserData.decode(field, has_header=has_header)
    if not in_septets:
        return user_data, 0
    header_size = size - len(user_data.octets)
    septets = length - (8 * header_size + 6) // 7
    if septets < 0:
        raise MalformedError("TP-UDL", "ends inside the header")
    return user_data, septets
