"""One user of the model: their system, which networks it is about, and what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from model.application_server import OPEN, Change
from model.device import Device
from model.home_register import Record
from model.system import System
from steps.driver import CardReport, Network, Standing, User

ENDS = {
    Change.CHANGED: Standing.CHANGED,
    Change.UNANSWERED: Standing.CHANGED,
    Change.UNCHANGED: Standing.UNCHANGED,
}
HEARD = {
    "hear_done": CardReport.DONE,
    "hear_wrong_code": CardReport.WRONG_ADMIN_CODE,
    "hear_refusal": CardReport.REFUSED,
    "hear_blocked": CardReport.REFUSED,
}
REFUSED = {
    "refuse_unagreed",
    "refuse_unknown_card",
    "refuse_own_network",
    "refuse_second_request",
    "refuse_repeated_request",
    "refuse_outdated_request",
}
"""Requests that the application server could read, and did not take."""
ROLES = {"home_left": "home", "home_joined": "joined"}


@dataclass
class Line:
    """One user: their system, the networks that it is about, and what was seen of it."""

    user: User
    system: System
    networks: dict[str, Network]  # by role: home, joined
    identities: dict[str, int]  # by role: which of that network's identities the register holds
    wanted: Network | None = None
    requested: Network | None = None
    ended: Standing = Standing.NEVER_ASKED
    report: CardReport = CardReport.NONE
    is_blocked: bool = False
    wrong_codes: int = 0
    messages_sent: int = 0
    parts_delivered: int = 0
    question: Network | None = None
    was_resent: bool = False
    refused: int = 0
    confirmed: set[Network] = field(default_factory=set)
    informed: set[Network] = field(default_factory=set)
    asked: set[Network] = field(default_factory=set)

    def see(self, event: str, *, is_asked: bool) -> None:
        """Note what an outsider sees of `event`; `is_asked`: whether the card asks this user."""
        home, joined = self.networks["home"], self.networks.get("joined")
        self.report = HEARD.get(event, self.report)
        match event:
            case "take_request" if self.wanted:
                self.networks["joined"] = self.requested = self.wanted
                self.report, self.is_blocked = CardReport.NONE, False
            case "ask_acknowledgement":
                self.asked.add(home)
            case "send_message":
                self.messages_sent += 1
            case "replace_identity" | "refuse_by_user":
                self.wrong_codes = 0
                self.question = joined if is_asked else self.question
            case "confirm_change" | "refuse_release" if joined:
                self.confirmed.add(joined)
            case "inform_left":
                self.informed.add(home)
            case "refuse_wrong_code":
                self.wrong_codes += 1
            case "hear_blocked":
                self.is_blocked = True
            case "resend_message":
                self.was_resent = True
        self.refused += event in REFUSED

    @property
    def owner(self) -> Network | None:
        """Whose subscriber the application server takes this user for; None while it is open."""
        change = self.system.state["application_server"]
        if change in {Change.CHANGED, Change.UNANSWERED}:
            return self.networks["joined"]
        return None if change in OPEN else self.networks["home"]

    @property
    def standing(self) -> Standing:
        """Where the last change asked for stands."""
        change = self.system.state["application_server"]
        known = {Change.IDLE: self.ended, Change.REFUSED: Standing.REFUSED} | ENDS
        return next((what for end, what in known.items() if end is change), Standing.OPEN)

    @property
    def attached(self) -> Network | None:
        """Where the device is attached."""
        match self.system.state["device"]:
            case Device.ATTACHED_LEFT:
                return self.networks["home"]
            case Device.ATTACHED_JOINED:
                return self.networks["joined"]
        return None

    @property
    def held(self) -> list[tuple[Network, int]]:
        """Return the identities that registers hold for this user."""
        return [(self.networks[role], identity) for role, identity in self.identities.items()]

    def record(self, network: Network) -> Enum:
        """Return what the home register of `network` holds of this user's card."""
        for component, role in ROLES.items():
            if self.networks.get(role) == network:
                return self.system.state[component]
        return Record.FREE
