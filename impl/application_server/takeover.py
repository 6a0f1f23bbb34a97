"""What several servers over one database do for each other: one that died leaves nothing undone.

What is to be done again says when it is due. Who does it moves that on; what stays overdue is
adopted by letting its timer run out here.
"""

from __future__ import annotations

from sqlalchemy import Connection

from impl.application_server import changes
from impl.application_server.changes import ChangeRow
from impl.application_server.records import OUTBOX
from impl.events import Command, SetTimer
from impl.outbox import EARLY_S, TAKEOVER_TIMER
from impl.ports import Surroundings

CHANGE_TIMER = "change"


class Takeover:
    """Looks for what others left undone, and keeps away from what they did."""

    def __init__(self, after_s: float | None, surroundings: Surroundings) -> None:
        """Take how long something is overdue until it is adopted; None if there is no other."""
        self._after_s = after_s
        self._surroundings = surroundings

    @property
    def is_shared(self) -> bool:
        """Whether other servers use the database."""
        return self._after_s is not None

    def look_again(self) -> list[Command]:
        """Set the timer after which to look."""
        return [] if self._after_s is None else [SetTimer(TAKEOVER_TIMER, self._after_s)]

    def look(self, connection: Connection) -> list[Command]:
        """Adopt what another server should have done by now."""
        if self._after_s is None:
            return []
        now = self._surroundings.now()
        commands = OUTBOX.overdue(connection, now, self._after_s)
        for name in changes.overdue(connection, now - self._after_s):
            commands.append(SetTimer(f"{CHANGE_TIMER}/{name}", 0.0))
        return commands + self.look_again()

    def waits(self, row: ChangeRow) -> list[Command]:
        """Return the timer of a change that another server moved on; nothing if it is due."""
        if not self.is_shared or row.due is None:
            return []
        early_s = row.due - self._surroundings.now()
        return [SetTimer(change_timer(row), early_s)] if early_s > EARLY_S else []

    def waits_to_ask(self, connection: Connection, name: str) -> list[Command]:
        """Return the timer of a question that another asked meanwhile; nothing if it is due."""
        return OUTBOX.waits(connection, name, self._surroundings.now()) if self.is_shared else []


def change_timer(row: ChangeRow) -> str:
    """Return the name of the timer of a change."""
    return f"{CHANGE_TIMER}/{row.transaction_id}"
