"""Errors of the implementation: the branch says whose fault, the leaf what happened.

No error text ever holds a key, an admin code or ciphered content: attributes carry lengths, names
and public facts only.
"""

from __future__ import annotations


class RepersonalizationError(Exception):
    """Root of every error that `impl` raises on purpose."""


class MalformedError(RepersonalizationError, ValueError):
    """A peer sent no such thing: the octets have no meaning. The receiver's state is unchanged."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


class TruncatedError(MalformedError):
    """Fewer octets than the layout needs."""

    def __init__(self, what: str, needed: int, present: int) -> None:
        super().__init__(what, f"needs {needed} octets, {present} present")
        self.needed = needed
        self.present = present


class TrailingError(MalformedError):
    """More octets than the layout has room for."""

    def __init__(self, what: str, surplus: int) -> None:
        super().__init__(what, f"{surplus} octets too many")
        self.surplus = surplus


class UnencodableError(MalformedError):
    """A value that does not fit the field that should carry it. Nothing was encoded."""


class RefusedError(RepersonalizationError):
    """Well-formed, but not allowed. The state is unchanged unless the leaf says otherwise."""


class UncertainError(RepersonalizationError):
    """It may or may not have happened: the caller has to ask again."""


class CardMuteError(RepersonalizationError):
    """The card does not answer: it lost power or is not there."""


class PowerLostError(CardMuteError):
    """The card lost power while it wrote. It comes up with its old state or its new one, whole."""

    def __init__(self) -> None:
        super().__init__("power was lost")


class MemoryFullError(RefusedError):
    """A change is too large for the card to make it in one piece. The state is unchanged."""

    def __init__(self) -> None:
        super().__init__("the change does not fit in one transaction")
