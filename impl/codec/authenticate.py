"""Data of AUTHENTICATE: 3GPP TS 31.102 clause 7.1.2, and of class A0, 3GPP TS 51.011 clause 9.2.16.

CK, IK and Kc are secrets: they go from card to device and are shown nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Final

from impl.codec.layout import Counted, Layout, Octets
from impl.errors import MalformedError, MissingError, UnencodableError
from impl.values import Secret

_SUCCESS: Final = 0xDB
_SYNCHRONISATION_FAILURE: Final = 0xDC


class AuthenticationContext(IntEnum):
    """P2 of AUTHENTICATE (TS 31.102 clause 7.1.2)."""

    GSM = 0x80
    UMTS = 0x81


@dataclass(frozen=True, slots=True)
class Sized:
    """A length octet that must say `shortest` to `longest`, then that many octets."""

    shortest: int
    longest: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[bytes, int]:
        """Read the octets."""
        value, end = Counted().take(octets, at, where)
        if not self.shortest <= len(value) <= self.longest:
            raise MalformedError(where, self._rule(len(value)))
        return value, end

    def put(self, value: bytes, where: str) -> bytes:
        """Write length and octets."""
        if not self.shortest <= len(value) <= self.longest:
            raise UnencodableError(where, self._rule(len(value)))
        return Counted().put(value, where)

    def _rule(self, size: int) -> str:
        return f"must be {self.shortest} to {self.longest} octets, is {size}"


@dataclass(frozen=True, slots=True)
class SizedSecret:
    """A length octet that must say `size`, then a secret of that many octets."""

    size: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[Secret, int]:
        """Read the secret."""
        value, end = Sized(self.size, self.size).take(octets, at, where)
        return Secret(value), end

    def put(self, value: Secret, where: str) -> bytes:
        """Write length and secret."""
        return Sized(self.size, self.size).put(value.reveal(), where)


@dataclass(frozen=True, slots=True)
class LastSecret:
    """A secret as `SizedSecret`, or nothing at the end of the record."""

    size: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[Secret | None, int]:
        """Read the secret, if there is one."""
        return SizedSecret(self.size).take(octets, at, where) if at < len(octets) else (None, at)

    def put(self, value: Secret | None, where: str) -> bytes:
        """Write the secret, or nothing."""
        return b"" if value is None else SizedSecret(self.size).put(value, where)


@dataclass(frozen=True, slots=True)
class PlainSecret:
    """A secret of `size` octets without a length."""

    size: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[Secret, int]:
        """Read the secret."""
        value, end = Octets(self.size).take(octets, at, where)
        return Secret(value), end

    def put(self, value: Secret, where: str) -> bytes:
        """Write the secret."""
        return Octets(self.size).put(value.reveal(), where)


class UmtsChallenge(Layout):
    """Command data in the UMTS context."""

    rand: Annotated[bytes, Sized(16, 16)]
    autn: Annotated[bytes, Sized(16, 16)]


class GsmChallenge(Layout):
    """Command data in the GSM context."""

    rand: Annotated[bytes, Sized(16, 16)]


class AuthenticationSuccess(Layout):
    """Response data behind tag DB."""

    res: Annotated[bytes, Sized(4, 16)]
    ck: Annotated[Secret, SizedSecret(16)]
    ik: Annotated[Secret, SizedSecret(16)]
    kc: Annotated[Secret | None, LastSecret(8)] = None
    """There if service 27, GSM access, is available (TS 31.102 clause 4.2.8)."""


class SynchronisationFailure(Layout):
    """Response data behind tag DC: AUTN verifies, but its SQN is not acceptable."""

    auts: Annotated[bytes, Sized(14, 14)]


AuthenticationOutcome = AuthenticationSuccess | SynchronisationFailure


class GsmAuthentication(Layout):
    """Response data in the GSM context."""

    sres: Annotated[bytes, Sized(4, 4)]
    kc: Annotated[Secret, SizedSecret(8)]


class GsmAlgorithmResult(Layout):
    """Response data of RUN GSM ALGORITHM, class A0; the command's data is RAND alone."""

    sres: Annotated[bytes, Octets(4)]
    kc: Annotated[Secret, PlainSecret(8)]


def encode_outcome(outcome: AuthenticationOutcome) -> bytes:
    """Write response data in the UMTS context.

    Raises:
        UnencodableError: a field has another length than it should.
    """
    success = isinstance(outcome, AuthenticationSuccess)
    return bytes((_SUCCESS if success else _SYNCHRONISATION_FAILURE,)) + outcome.encode()


def decode_outcome(octets: bytes) -> AuthenticationOutcome:
    """Read response data in the UMTS context; it came with status 9000.

    Raises:
        MalformedError: neither tag, or a field is cut short or of another length than it should.
    """
    if not octets:
        raise MissingError("AUTHENTICATE response")
    if octets[0] == _SUCCESS:
        return AuthenticationSuccess.decode(octets[1:])
    if octets[0] == _SYNCHRONISATION_FAILURE:
        return SynchronisationFailure.decode(octets[1:])
    raise MalformedError("AUTHENTICATE response", f"tag {octets[0]:02X} is none of DB, DC")
