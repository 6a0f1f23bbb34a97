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


class StoreBusyError(RefusedError):
    """Another transaction on the same database was in the way. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("the database was busy with another transaction: ask again")


class StoreLostError(UncertainError):
    """The connection to the database broke in a transaction, which may or may not be committed."""

    def __init__(self) -> None:
        super().__init__("the connection to the database broke: ask again")


class StoreUnavailableError(RepersonalizationError):
    """A database cannot be opened. Nothing was changed."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"the database {where} cannot be opened: {why}")
        self.where = where
        """Its URL without a password."""
        self.why = why


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


class UnusableKeyError(RefusedError):
    """A key does not fit the algorithm that is named with it. Nothing was computed."""


class MissingError(MalformedError):
    """An element without which the message has no meaning is absent."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "is missing")


class NotUnderstoodError(MalformedError):
    """A proactive command that can be named but not carried out.

    The terminal answers command `number` of type `command_type` and `qualifier` with `result`
    (TS 102 223 clause 8.12).
    """

    def __init__(self, why: MalformedError, details: tuple[int, int, int], result: int) -> None:
        super().__init__(why.what, why.why)
        self.number, self.command_type, self.qualifier = details
        self.result = result


class MacFailureError(RefusedError):
    """AUTN or AUTS does not verify: another key, or altered on its way (TS 33.102 clause 6.3.3)."""


class SynchronizationFailureError(RefusedError):
    """AUTN verifies, but its SQN was used or lies too far ahead (TS 33.102 annex C.2)."""

    def __init__(self, auts: bytes) -> None:
        super().__init__("SQN is not acceptable")
        self.auts = auts
        """14 octets for the AuC, from which it learns what would be acceptable."""


class NumberRangeError(RefusedError):
    """A network has fewer identities left in its number range than were asked for."""

    def __init__(self, available: int) -> None:
        super().__init__(f"{available} identities are left in the number range")
        self.available = available


class NoFreeIdentityError(RefusedError):
    """The IMSI set is exhausted [068]."""

    def __init__(self) -> None:
        super().__init__("no identity is free")


class HlrRefusedError(RefusedError):
    """The register behind a gateway does not take what it is asked to hold. It is asked again."""

    def __init__(self, why: str) -> None:
        super().__init__(f"osmo-hlr says {why!r}: mend it, and it is asked again")
        self.why = why


class AlreadySubscribedError(RefusedError):
    """The card has an identity of this network already."""

    def __init__(self) -> None:
        super().__init__("the card has an identity of this network")


class UserDidNotAgreeError(RefusedError):
    """A customer centre asks for no change without the user's agreement [066]. Nothing was sent."""

    def __init__(self) -> None:
        super().__init__("the user did not agree")


class SecurityContextError(RefusedError):
    """An algorithm that knows challenges of GSM alone was asked for more. Nothing was computed."""

    def __init__(self) -> None:
        super().__init__("the algorithm is one of GSM")
