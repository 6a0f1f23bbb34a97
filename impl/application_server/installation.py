"""Installing the card application over the air, at the request of user or operator [051].

The script goes to the card's issuer security domain under the same keys and counter as any message.
Where the report is lost the request is simply made again: a card that has the application says so
(6985) and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from impl.application_server.admin_codes import AdminCodes
from impl.application_server.messaging import Incoming, MessagingModule
from impl.application_server.records import card, card_key, installation
from impl.codec.card_application import installation as installation_script
from impl.codec.ota_profile import CARD_MANAGER_TAR
from impl.codec.remote_command import RemoteResponse, encode_script
from impl.codec.security_parameters import PorStatus
from impl.errors import MalformedError, RefusedError
from impl.values import ICCID

_PUT: Final = insert(installation)
_REMOVE: Final = delete(installation).where(installation.c.card_key == bindparam("wanted"))
_NOTE: Final = (
    update(installation)
    .where(installation.c.card_key == bindparam("wanted"))
    .values(status=bindparam("status"), sw=bindparam("sw"))
)
_ALL: Final = select(installation).order_by(installation.c.card_key)
_OF_NUMBER: Final = (
    select(installation)
    .join(card, card.c.key == installation.c.card_key)
    .where(card.c.msisdn == bindparam("msisdn"), card.c.plmn == bindparam("plmn"))
)


@dataclass(frozen=True, slots=True)
class InstallationView:
    """An installation as an operator of the server sees it."""

    iccid: ICCID
    status: PorStatus | None
    """What the card said of the packet; None as long as it said nothing."""
    sw: int | None
    """Status word of the last command that it carried out."""

    @property
    def is_done(self) -> bool:
        """Whether the card has carried out all of it."""
        return self.sw is not None and RemoteResponse(0, self.sw).is_ok


class Installations:
    """Sends the script and notes reports, within the caller's transaction."""

    def __init__(self, codes: AdminCodes, messaging: MessagingModule) -> None:
        self._codes = codes
        self._messaging = messaging

    def begin(self, connection: Connection, iccid: ICCID) -> None:
        """Send the application to a card, whatever became of it before.

        Raises:
            UnknownCardError: the card is not in the database. Nothing was written.
        """
        record = self._codes.find(connection, iccid)
        counter = record.sent_counter + 1
        self._codes.count_sent(connection, iccid, counter)
        key = card_key(iccid)
        connection.execute(_REMOVE, {"wanted": key})
        connection.execute(_PUT, {"card_key": key, "iccid": iccid, "counter": counter})
        script = encode_script(installation_script())
        self._messaging.send_octets(record, CARD_MANAGER_TAR, script, counter)

    def take_report(self, connection: Connection, incoming: Incoming) -> None:
        """Note what the card reports on the last packet of this kind; nothing of anybody else's."""
        wanted = {"msisdn": incoming.sender, "plmn": incoming.plmn}
        row = connection.execute(_OF_NUMBER, wanted).one_or_none()
        if row is None:
            return
        try:
            record = self._codes.find(connection, ICCID(row.iccid))
            report = self._messaging.open_report(record, incoming.packet)
            is_done = report.status is PorStatus.OK
            response = RemoteResponse.decode(report.data) if is_done else None
        except (MalformedError, RefusedError):
            return
        if report.is_authentic and report.counter == row.counter:
            sw = response.sw if response else None
            noted = {"wanted": row.card_key, "status": report.status, "sw": sw}
            connection.execute(_NOTE, noted)

    def all(self, connection: Connection) -> list[InstallationView]:
        """Return the last installation of every card."""
        return [_view(row) for row in connection.execute(_ALL).all()]


def _view(row: Row[Any]) -> InstallationView:
    status = None if row.status is None else PorStatus(row.status)
    return InstallationView(ICCID(row.iccid), status, row.sw)
