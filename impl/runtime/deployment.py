"""Which networks there are, and how the parties are set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from impl.device.registration import Radio
from impl.network.identity_pool import NumberRange
from impl.values import ICCID, IMSI, MSISDN, PLMN, Algorithm, Generation

SERVING_NODES: Final[Mapping[Generation, str]] = {
    Generation.GSM: "VLR",
    Generation.UMTS: "VLR",
    Generation.LTE: "MME",
    Generation.CDMA: "HSGW",
}
"""What the node that serves devices is called, by generation."""

ALGORITHMS: Final[Mapping[Generation, Algorithm]] = {
    Generation.GSM: Algorithm.COMP128_V3,
    Generation.UMTS: Algorithm.MILENAGE,
    Generation.LTE: Algorithm.TUAK,
    Generation.CDMA: Algorithm.MILENAGE,
}
"""What the keys of a network's cards are for where its plan does not say, by generation."""


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """One operator's network as it is deployed."""

    plmn: PLMN
    name: str
    command_code: str
    """What the operator's document tells users to type [063]."""
    country_code: str
    """First digits of its numbers (E.164)."""
    identities: int = 16
    """How many the home register has at first."""
    generation: Generation = Generation.UMTS
    algorithm: Algorithm | None = None
    """What the keys of its cards are for; None for what `ALGORITHMS` says."""
    t3212: int = 40
    """Tenths of an hour after which devices say again that they are there: see `Radio`."""

    @property
    def keys_for(self) -> Algorithm:
        """What the keys of its cards are for."""
        return self.algorithm or ALGORITHMS[self.generation]

    @property
    def radio(self) -> Radio:
        """What devices hear of it."""
        return Radio(self.generation, self.t3212)

    @property
    def serving_node(self) -> str:
        """The name of the node that serves devices."""
        return f"{SERVING_NODES[self.generation]} {self.plmn}"

    @property
    def first_imsi(self) -> IMSI:
        """The lowest identity of the IMSI set."""
        return IMSI(self.plmn.ljust(14, "0") + "1")

    @property
    def first_msisdn(self) -> MSISDN:
        """The number that goes with it."""
        return MSISDN(self.country_code + self.plmn + "0" * _DIGITS)

    @property
    def numbers(self) -> NumberRange:
        """All that the operator may give; no two operators have one in common."""
        return NumberRange(self.first_imsi, self.first_msisdn, NUMBERS)

    @property
    def service_centre(self) -> MSISDN:
        """The number of the SMSC."""
        return MSISDN(f"{self.country_code}609001{self.plmn[-2:]}")


_DIGITS = 6
NUMBERS = 10**_DIGITS
"""How many identities an operator may give: six digits, which fit behind every country code and
PLMN in the 15 of a number (E.164)."""

SERVER_NUMBER = MSISDN("33700")
"""Under which cards send short messages to the application server."""

NETWORKS = (
    NetworkPlan(PLMN("20801"), "First Mobile", "11", "33"),
    NetworkPlan(PLMN("26202"), "Zweites Netz", "22", "49"),
    NetworkPlan(PLMN("310410"), "Third Wireless", "33", "1"),
)
"""Three operators of three countries; the last has a network code of three digits."""


def serves_devices(node: str) -> bool:
    """Whether a node of this name serves devices: what it says to them comes from a network."""
    return node.partition(" ")[0] in SERVING_NODES.values()


def make_iccid(number: int) -> ICCID:
    """Return the identifier of the card of that number, 19 digits with check digit (E.118)."""
    digits = f"893301{number:012d}"
    unchecked = ICCID(digits + "0")
    if unchecked.has_valid_check_digit:
        return unchecked
    return next(
        candidate
        for candidate in (ICCID(f"{digits}{check}") for check in range(1, 10))
        if candidate.has_valid_check_digit
    )
