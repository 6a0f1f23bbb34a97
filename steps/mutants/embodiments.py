"""Systems that do not do what the described embodiments do, though they keep the claims."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from impl.application_server import records
from impl.application_server.course import Course
from impl.application_server.messaging import Incoming
from impl.application_server.reception import Reception, RequestRefusedError
from impl.card import card_manager, image
from impl.card.files import Access
from impl.card.pins import Pins
from impl.card.question import Continuation, Question
from impl.card.uicc import Uicc
from impl.codec.gsup import Gsup
from impl.device import terminal
from impl.events import Command
from impl.messages import IdentityNotice, RefusalReason
from impl.network.attachment import Attachment, Phase
from impl.network.identity_pool import IdentityPool
from impl.network.vlr import Vlr
from impl.runtime.deployment import NETWORKS
from impl.values import PLMN
from steps.drivers.patched import Patch, with_patches
from steps.mutants import Mutant

_take_identity, _take_from_device = Course.take_identity, Reception.take_from_device
_open, _power_on, _take_vectors = Reception._open, Uicc.power_on, Attachment.take_vectors


def _take_anybodys(
    self: Course, connection: Connection, row: Any, notice: IdentityNotice
) -> list[Command]:
    own = notice.model_copy(update={"iccid": None})
    return _take_identity(self, connection, row, own)


def _agree_for_the_user(self: Question, operator: str, then: Continuation) -> None:
    del self, operator
    then(True)  # noqa: FBT003 - of Question


def _hear_first_network_only(
    self: Reception, connection: Connection, incoming: Incoming
) -> list[Command]:
    if incoming.plmn != NETWORKS[0].plmn:
        return []
    return _take_from_device(self, connection, incoming)


def _open_once(self: Reception, connection: Connection, card: Any, target: PLMN) -> Any:
    change = records.change
    own = select(change.c.number).where(change.c.card_key == records.card_key(card.iccid))
    if connection.execute(own).first():
        raise RequestRefusedError(RefusalReason.CHANGE_UNDER_WAY)
    return _open(self, connection, card, target)


def _come_up_as_new(self: Uicc) -> bytes:
    answer = _power_on(self)
    image.ACTIVE.set_number(self._memory, 0)
    return answer


def _allow_all(self: Pins, access: Access) -> bool:
    del self
    return access is not Access.NEVER


def _locate_nobody(self: IdentityPool, *_: object) -> None:
    del self


def _ask_no_proof(self: Attachment[Any], home: str, answer: Gsup) -> list[Command]:
    procedure = self._waiting(home, answer, Phase.VECTORS)
    commands = _take_vectors(self, home, answer)
    if procedure is None or procedure.challenge is None:
        return commands
    return self._believe(procedure)


def _admit_nobody(self: Vlr, plmn: PLMN, register: str) -> None:
    del self, plmn, register


def _install_nothing(self: object, order: object) -> bytes:
    del self, order
    return b"\0"


MUTANTS = (
    Mutant(
        "uses-anybodys-identity",
        breaks=("E12",),
        what="uses an identity that its notice says is for another card",
        factory=with_patches(Patch(Course, "take_identity", _take_anybodys)),
    ),
    Mutant(
        "agrees-for-the-user",
        breaks=("E15", "E23"),
        what="the card takes it that the user agrees, and does not ask",
        factory=with_patches(Patch(Question, "ask", _agree_for_the_user)),
    ),
    Mutant(
        "hears-the-first-network-only",
        breaks=("E20", "E21"),
        what="takes requests through the first network only",
        factory=with_patches(Patch(Reception, "take_from_device", _hear_first_network_only)),
    ),
    Mutant(
        "changes-once",
        breaks=("E21",),
        what="changes a card once, and never again",
        factory=with_patches(Patch(Reception, "_open", _open_once)),
    ),
    Mutant(
        "mixes-up-short-messages",
        breaks=("E24", "E13"),
        what="the device hands ordinary short messages to the card, and keeps those for the card",
        factory=with_patches(Patch(terminal, "PID_USIM_DATA_DOWNLOAD", 0)),
    ),
    Mutant(
        "forgets-with-the-power",
        breaks=("E25", "E16"),
        what="the card comes up with the pair that it had when it was new",
        factory=with_patches(Patch(Uicc, "power_on", _come_up_as_new)),
    ),
    Mutant(
        "lets-everybody-write",
        breaks=("E26",),
        what="the card lets everybody do at its contacts what the server may do over the air",
        factory=with_patches(Patch(Pins, "allows", _allow_all)),
    ),
    Mutant(
        "does-not-note-where",
        breaks=("E27", "E28"),
        what="the home register does not keep where a device is",
        factory=with_patches(Patch(IdentityPool, "locate", _locate_nobody)),
    ),
    Mutant(
        "serves-who-proves-nothing",
        breaks=("E03", "E28"),
        what="a network attaches whoever names a subscriber",
        factory=with_patches(Patch(Attachment, "take_vectors", _ask_no_proof)),
    ),
    Mutant(
        "serves-no-guest",
        breaks=("E29",),
        what="a network gives no service to subscribers of others",
        factory=with_patches(Patch(Vlr, "admit", _admit_nobody)),
    ),
    Mutant(
        "installs-nothing",
        breaks=("E30",),
        what="the card says that it installed an application, and has not",
        factory=with_patches(Patch(card_manager._Visit, "_install", _install_nothing)),
    ),
)
