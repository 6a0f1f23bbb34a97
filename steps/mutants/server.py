"""Wrong application servers."""

from __future__ import annotations

import ssl
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy import Connection, select

from impl.application_server import messaging, reception
from impl.application_server.admin_codes import CardRecord
from impl.application_server.change import Occasion
from impl.application_server.course import Course
from impl.application_server.messaging import MessagingModule
from impl.application_server.reception import Reception, RequestRefusedError
from impl.application_server.records import agreement
from impl.codec import ota_profile
from impl.codec.digits import decode_plmn
from impl.codec.operator import encode_operator
from impl.codec.personalization import decode_request
from impl.codec.security_parameters import CommandHeader, Spi1, Spi2
from impl.codec.tlv import decode_tlvs
from impl.errors import MalformedError
from impl.events import Command, Interface, Peer, Send
from impl.messages import ChangeRequest, OperatorMessage, RefusalReason, ReserveIdentity
from impl.runtime import tls
from impl.runtime.deployment import make_iccid
from impl.values import PLMN, OtaKeys, Secret, TransactionId
from steps.drivers.patched import Patch, with_patches
from steps.mutants import Mutant

_tell, _take_identity = Course._tell, Course.take_identity
_context, _note = tls._context, Reception._note


def _open_without_agreement(
    self: Reception, connection: Connection, card: CardRecord, target: PLMN
) -> tuple[TransactionId, list[Command]]:
    if card.plmn is None or card.plmn == target:
        raise RequestRefusedError(RefusalReason.ALREADY_SUBSCRIBED)
    return self._course.begin(connection, card, card.plmn, target)


def _ask_every_register(
    self: Course, connection: Connection, interface: Interface, plmn: PLMN, message: OperatorMessage
) -> list[Command]:
    commands = _tell(self, connection, interface, plmn, message)
    if isinstance(message, ReserveIdentity):
        for other in connection.execute(select(agreement.c.plmn)).scalars():
            commands.append(Send(Peer(interface, other), encode_operator(message)))
    return commands


def _trust_everybody(
    own: tls.Identity, pinned: frozenset[tls.Identity], *, server: bool
) -> ssl.SSLContext:
    context = _context.__wrapped__(own, pinned, server=server)
    if not server:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _name_as_claimed(self: tls.Endpoint) -> str:
    der = self._tls.getpeercert(binary_form=True)
    assert der is not None
    subject = x509.load_der_x509_certificate(der).subject
    return str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _take_any_identity(self: Course, connection: Connection, row: Any, notice: Any) -> Any:
    target = PLMN(row.target_plmn)
    if not notice.imsi.is_of(target):
        notice = notice.model_copy(update={"imsi": type(notice.imsi)(target.ljust(15, "9"))})
    return _take_identity(self, connection, row, notice)


def _send_nothing(self: MessagingModule, *_: object) -> list[Command]:
    del self
    return []


def _take_from_nobody(self: Reception, *_: object) -> list[Command]:
    del self
    return []


def _same_code_for_all(self: MessagingModule, card: CardRecord) -> Secret:
    del self, card
    return Secret(b"00000000")


def _inform_nobody(self: Course, connection: Connection, row: Any) -> list[Command]:
    self._codes.settle(
        connection,
        row.iccid,
        PLMN(row.target_plmn),
        self._notice(row).msisdn,
    )
    return []


def _header_in_clear(
    keys: OtaKeys, *, report_by_submit: bool, tar: bytes = ota_profile.CPA_TAR
) -> CommandHeader:
    spi2 = Spi2.POR_ALWAYS | Spi2.POR_CC | (Spi2.POR_BY_SUBMIT if report_by_submit else Spi2(0))
    octet = ota_profile.key_octet(keys)
    return CommandHeader(Spi1.CC | Spi1.COUNTER_HIGHER, spi2, octet, octet, tar)


def _ask_afterwards(self: Course, connection: Connection, row: Any) -> list[Command]:
    return [*_ask(self, connection, row), *self._send_message(connection, row)]


def _keep_what_was_reserved(self: Course, connection: Connection, row: Any) -> list[Command]:
    del self, connection, row
    return []


def _meet_any_level(self: Spi1, minimum: Spi1) -> bool:
    del self, minimum
    return True


def _refuse_silently(self: Reception, *_: object) -> None:
    del self


def _never_ask(self: Course, connection: Connection, row: Any) -> list[Command]:
    return self.go_on(connection, row, Occasion.GRANTED)


def _read_without_identifier(octets: bytes) -> ChangeRequest:
    try:
        return _decode_request(octets)
    except MalformedError:
        (template,) = decode_tlvs(octets)
        (network,) = (one for one in decode_tlvs(template.value) if len(one.value) == 3)
        return ChangeRequest(iccid=make_iccid(1), plmn=decode_plmn(network.value))


_ask, _decode_request = Course._ask, decode_request

MUTANTS = (
    Mutant(
        "takes-requests-without-agreement",
        breaks=("1a", "E01", "E19"),
        what="does not look whether the operator named in the request agreed",
        factory=with_patches(Patch(Reception, "_open", _open_without_agreement)),
    ),
    Mutant(
        "asks-every-register",
        breaks=("1b", "10b"),
        what="asks every register with an agreement for an identity, not the one named",
        factory=with_patches(Patch(Course, "_tell", _ask_every_register)),
    ),
    Mutant(
        "trusts-every-certificate",
        breaks=("1b", "E09"),
        what="opens sessions without checking who answers",
        factory=with_patches(
            Patch(tls, "_context", _trust_everybody),
            Patch(tls.Endpoint, "peer_name", property(_name_as_claimed)),
        ),
    ),
    Mutant(
        "uses-any-identity",
        breaks=("1c",),
        what="makes an identity of another network fit instead of refusing it",
        factory=with_patches(Patch(Course, "take_identity", _take_any_identity)),
    ),
    Mutant(
        "sends-no-message",
        breaks=("1d", "10c", "11a"),
        what="waits for a report on a personalization message that it never sent",
        factory=with_patches(Patch(MessagingModule, "send", _send_nothing)),
    ),
    Mutant(
        "ignores-devices",
        breaks=("2a", "10a", "E04", "E05", "E06", "E08"),
        what="takes no request that a device sends",
        factory=with_patches(Patch(Reception, "take_from_device", _take_from_nobody)),
    ),
    Mutant(
        "one-code-for-all-cards",
        breaks=("3b", "1e"),
        what="does not retrieve the admin code of the card, but uses one for all",
        factory=with_patches(Patch(MessagingModule, "code_field", _same_code_for_all)),
    ),
    Mutant(
        "informs-nobody",
        breaks=("5a", "5b", "1p", "12a"),
        what="does not tell the left operator",
        factory=with_patches(Patch(Course, "_inform", _inform_nobody)),
    ),
    Mutant(
        "sends-in-clear",
        breaks=("6a", "E14"),
        what="secures messages with a checksum only, and cards take them so",
        factory=with_patches(
            Patch(messaging, "message_header", _header_in_clear),
            Patch(Spi1, "meets", _meet_any_level),
        ),
    ),
    Mutant(
        "takes-requests-without-identifier",
        breaks=("3a",),
        what="takes a request that names no card for the first card of the database",
        factory=with_patches(Patch(reception, "decode_request", _read_without_identifier)),
    ),
    Mutant(
        "never-asks",
        breaks=("9a", "9b", "E18"),
        what="grants itself the acknowledgement of the left operator",
        factory=with_patches(Patch(Course, "_ask", _never_ask)),
    ),
    Mutant(
        "asks-without-waiting",
        breaks=("9b", "E18"),
        what="sends the message at once when it asks for acknowledgement",
        factory=with_patches(Patch(Course, "_ask", _ask_afterwards)),
    ),
    Mutant(
        "never-releases",
        breaks=("9b", "1f"),
        what="leaves reserved what a change that was given up had reserved",
        factory=with_patches(Patch(Course, "_release", _keep_what_was_reserved)),
    ),
    Mutant(
        "refuses-silently",
        breaks=("E08", "1a"),
        what="leaves no word of a request that it refused",
        factory=with_patches(Patch(Reception, "_note", _refuse_silently)),
    ),
)
