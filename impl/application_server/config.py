"""What an operator of the application server decides about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from impl.codec.user_data import LONGEST as LONGEST_PART
from impl.errors import MalformedError
from impl.values import MSISDN, PLMN, Secret

SHORTEST_PART = 20
MOST_PARTS = 255
PART_HEADER_OCTETS = 9
"""Of the first part, which has the longest: concatenation of 16 bits, and IEI 70."""
MESSAGE_OCTETS = 512
"""More than MesP and its security take without further contents."""


class AdminCodeMode(Enum):
    """How MesP presents the admin code [074]."""

    COMPARE = "as a field, which the card compares"
    KEYING = "as the key that secures the packet"


class CommandForm(Enum):
    """How ComP is written, and to what in the card [074]."""

    TEMPLATE = "one command to the personalization application"
    SCRIPT = "commands on files to the card's remote file management"


@dataclass(frozen=True, slots=True)
class EsmeAccount:
    """The account of the server at one short message centre."""

    system_id: str
    password: Secret


@dataclass(frozen=True, slots=True)
class ApplicationServerConfig:
    """Everything but the records; times are in seconds."""

    number: MSISDN
    """Under which cards send it short messages."""
    key_encryption_key: Secret | Mapping[int, Secret]
    """32 octets; by version, 1 to 255, while it is being changed: the newest is the one in use."""
    accounts: Mapping[PLMN, EsmeAccount]
    """By the network whose short message centre it is."""
    asks_for_acknowledgement: bool = False
    """Whether the left operator is asked before MesP is sent [079]."""
    acknowledgement_wait_s: float = 60.0
    admin_code_mode: AdminCodeMode = AdminCodeMode.COMPARE
    command_form: CommandForm = CommandForm.TEMPLATE
    attempts: int = 3
    """How often one personalization message leaves, or one question to an operator."""
    inform_attempts: int = 32
    """How often a left network is told that a card left, later and later: over a day in all."""
    resend_after_s: float = 120.0
    confirmation_wait_s: float = 900.0
    """How long a card that reported success may take to attach until it is given up."""
    wide_references: bool = False
    """Whether parts are numbered with references of 16 bits (TS 23.040 clause 9.2.3.24.8)."""
    part_limit_octets: int = LONGEST_PART
    """Octets of user data, header and all, that a short message may have: 20 to 140."""
    report_by_submit: bool = True
    """Whether the card reports by a short message of its own, or in the delivery report."""
    orders_forgetting: bool = True
    """Whether a card is told to forget an identity that was released while it may hold it."""
    takeover_s: float | None = None
    """After which a server does what another over the same database has left undone, and how often
    it looks for that; None where no other uses the database."""
    further_contents: bytes = b""
    """Contents of further files of the card that MesP carries along."""

    def __post_init__(self) -> None:
        """Refuse what no change could be carried out with.

        Raises:
            MalformedError: a number is out of its bounds, or MesP would need too many parts.
        """
        for count in ("attempts", "inform_attempts"):
            self._check(count, holds=getattr(self, count) >= 1)
        for name in ("acknowledgement_wait_s", "resend_after_s", "confirmation_wait_s"):
            self._check(name, holds=getattr(self, name) > 0)
        self._check("takeover_s", holds=self.takeover_s is None or self.takeover_s > 0)
        limit = self.part_limit_octets
        self._check("part_limit_octets", holds=SHORTEST_PART <= limit <= LONGEST_PART)
        room = MOST_PARTS * (limit - PART_HEADER_OCTETS) - MESSAGE_OCTETS
        self._check("further_contents", holds=len(self.further_contents) <= room)

    @staticmethod
    def _check(name: str, *, holds: bool) -> None:
        if not holds:
            raise MalformedError(f"ApplicationServerConfig.{name}", "is out of bounds")
