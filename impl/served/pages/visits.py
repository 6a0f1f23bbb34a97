"""Who is on the site, how far they came, and what they have proved.

A visit is known by a name of 256 random bits in a cookie; it is kept under the digest of that name,
once the visitor has named a card. It ends some time after its last page, and with the process.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from impl.errors import RefusedError
from impl.values import ICCID, Secret

LASTS_S: Final = 24 * 3600.0
"""How long a visit is kept after its last page: a change may wait that long for its device."""
CODE_LASTS_S: Final = 600.0
TRIES: Final = 3
MOST: Final = 10_000
"""Visits that are kept at once; past it, the one whose last page is oldest ends."""
_NAME_OCTETS = 32
_CODE_DIGITS = 8


class CodeRefusedError(RefusedError):
    """A code is not the one that was sent. `tries_left` says how often another may be said."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"not the code that was sent, {tries_left} tries left")
        self.tries_left = tries_left


@dataclass(slots=True)
class Visit:
    """One visitor, from the card that they named on."""

    iccid: ICCID
    seen: float
    code: Secret | None = None
    code_ends: float = 0.0
    tries_left: int = 0
    is_proven: bool = False
    """Whether they said the code, so hold the card."""
    agreed: float | None = None
    """When they agreed to the change."""


@dataclass(slots=True)
class Visits:
    """All of them."""

    now: Callable[[], float]
    random_octets: Callable[[int], bytes]
    _key: bytes = b""
    _kept: OrderedDict[bytes, Visit] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        """Draw the key of the tokens of forms."""
        self._key = self.random_octets(_NAME_OCTETS)

    def new_name(self) -> str:
        """Return the name of a visit that nobody can guess."""
        return self.random_octets(_NAME_OCTETS).hex()

    def token(self, name: str) -> str:
        """Return what a form of this visit carries, which no other site can know."""
        return hmac.digest(self._key, name.encode(), "sha256").hex()

    def holds_token(self, name: str, token: str) -> bool:
        """Whether a form is of this visit; in constant time."""
        return bool(name) and hmac.compare_digest(self.token(name).encode(), token.encode())

    def find(self, name: str) -> Visit | None:
        """Return the visit of that name, None if there is none or it has ended."""
        visit = self._kept.get(_digest(name))
        if visit is None or visit.seen <= self.now() - LASTS_S:
            self._kept.pop(_digest(name), None)
            return None
        visit.seen = self.now()
        self._kept.move_to_end(_digest(name))
        return visit

    def begin(self, name: str, iccid: ICCID) -> Secret:
        """Let the visitor name a card; return the code that its holder has to be sent.

        What was proved of another card, or by another code, is not proved any more.
        """
        number = int.from_bytes(self.random_octets(8)) % 10**_CODE_DIGITS
        code = Secret(str(number).zfill(_CODE_DIGITS).encode())
        now = self.now()
        self._keep(name, Visit(iccid, now, code, now + CODE_LASTS_S, TRIES))
        return code

    def prove(self, name: str, said: str) -> str:
        """Take the code that the visitor says; return the name that the visit has from now on.

        Raises:
            CodeRefusedError: it is not the code, or too late, or nothing was sent. A try was used.
        """
        visit = self.find(name)
        if visit is None or visit.code is None or self.now() >= visit.code_ends:
            raise CodeRefusedError(0)
        if Secret(said.encode()) != visit.code:
            visit.tries_left -= 1
            if not visit.tries_left:
                visit.code = None
            raise CodeRefusedError(visit.tries_left)
        del self._kept[_digest(name)]
        renamed = self.new_name()  # a name that was known before the proof is worth nothing
        self._keep(renamed, replace(visit, code=None, is_proven=True))
        return renamed

    def end(self, name: str) -> None:
        """Forget a visit."""
        self._kept.pop(_digest(name), None)

    def _keep(self, name: str, visit: Visit) -> None:
        self._kept[_digest(name)] = visit
        self._kept.move_to_end(_digest(name))
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)


def _digest(name: str) -> bytes:
    return sha256(name.encode()).digest()
