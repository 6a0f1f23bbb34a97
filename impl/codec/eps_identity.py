"""Identities and areas of EPS: 3GPP TS 24.301 clause 9.9.3, Rel-17."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from impl.codec.digits import decode_plmn, encode_plmn
from impl.codec.layout import U8, U16, Layout, Octets, UInt
from impl.codec.mobility import IDENTITY_FORM, IMEI, TMSI, LocationArea
from impl.errors import MalformedError
from impl.values import IMSI, PLMN

GUTI_KIND = 0xF6
"""First octet of a GUTI: type 6, even, ones where a digit would stand (clause 9.9.3.12)."""


@dataclass(frozen=True, slots=True)
class PlmnForm:
    """A network in 3 octets."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[PLMN, int]:
        """Read the network."""
        value, end = Octets(3).take(octets, at, where)
        return decode_plmn(value), end

    def put(self, value: PLMN, where: str) -> bytes:  # noqa: ARG002 - of every form
        """Write the network."""
        return encode_plmn(value)


@dataclass(frozen=True, slots=True)
class TmsiForm:
    """A temporary identity in 4 octets."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[TMSI, int]:
        """Read the identity."""
        value, end = Octets(4).take(octets, at, where)
        return TMSI(value), end

    def put(self, value: TMSI, where: str) -> bytes:  # noqa: ARG002 - of every form
        """Write the identity."""
        return value


class GUTI(Layout):
    """Globally unique temporary identity: which MME gave it, and M-TMSI (TS 23.003 clause 2.8)."""

    plmn: Annotated[PLMN, PlmnForm()]
    group: U16
    code: U8
    m_tmsi: Annotated[TMSI, TmsiForm()]


EpsIdentity = IMSI | GUTI | IMEI


@dataclass(frozen=True, slots=True)
class EpsIdentityForm:
    """The value of the EPS mobile identity (clause 9.9.3.12), without its length."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[EpsIdentity, int]:
        """Read the identity up to the end."""
        kind, start = UInt(1).take(octets, at, where)
        if kind == GUTI_KIND:
            return GUTI.take(octets, start)
        identity, end = IDENTITY_FORM.take(octets, at, where)
        if isinstance(identity, IMSI | IMEI):
            return identity, end
        raise MalformedError(where, "is of a type that EPS does not know")

    def put(self, value: EpsIdentity, where: str) -> bytes:
        """Write the identity."""
        if isinstance(value, GUTI):
            return bytes((GUTI_KIND,)) + value.encode()
        return IDENTITY_FORM.put(value, where)


@dataclass(frozen=True, slots=True)
class AreaListForm:
    """A tracking area identity list of one area (clause 9.9.3.33): partial list of type 00."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[LocationArea, int]:
        """Read the one area; MalformedError where there are more."""
        head, at = UInt(1).take(octets, at, where)
        if head:
            raise MalformedError(where, "is not of one area")
        plmn, at = PlmnForm().take(octets, at, where)
        code, end = UInt(2).take(octets, at, where)
        return LocationArea(plmn, code), end

    def put(self, value: LocationArea, where: str) -> bytes:  # noqa: ARG002 - of every form
        """Write the one area."""
        return b"\0" + value.octets
