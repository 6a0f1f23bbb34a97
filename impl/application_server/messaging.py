"""The messaging module MM [055]: short messages to and from cards, through the networks' SMSCs.

Towards an SMSC the server is an ESME of SMPP 3.4. What it sends is a secured packet, split after
ciphering; what it gets is put together before anything of it is read.

Nothing here is durable, and all is said within a transaction of the server: what that wants sent
leaves once it is committed (`keep`), and never if it is not (`undo`).
"""

from __future__ import annotations

from dataclasses import dataclass

from impl.application_server.admin_codes import CardRecord
from impl.application_server.config import AdminCodeMode, ApplicationServerConfig, CommandForm
from impl.application_server.esme import EsmeSession
from impl.codec.address import Address
from impl.codec.alpha import encode_ucs2
from impl.codec.concatenation import Reassembler, split
from impl.codec.ota_profile import CPA_TAR, KEYING_VERSION, USIM_FILES_TAR, message_header
from impl.codec.personalization import PersonalizationCommand, Replace, encode_command
from impl.codec.receipt import MessageState, receipted
from impl.codec.remote_command import encode_script
from impl.codec.replacement_script import replacement_script
from impl.codec.secured_packet import (
    COMMAND_IDENTIFIER,
    RESPONSE_IDENTIFIER,
    ResponsePacket,
    open_response,
    seal_command,
)
from impl.codec.security_parameters import SecurityParameters
from impl.codec.smpp import (
    CommandStatus,
    DeliverSm,
    DeliverSmResp,
    EsmClass,
    Pdu,
    ReceiptsAsked,
    SubmitSm,
    decode_smpp,
    refuse,
)
from impl.codec.user_data import (
    DCS_CLASS_2_BINARY,
    DCS_UCS2,
    PID_USIM_DATA_DOWNLOAD,
    InformationElement,
    UserData,
)
from impl.crypto.admin_key import derive_keys
from impl.errors import MalformedError
from impl.events import Command, Interface, Peer, Send
from impl.values import MSISDN, PLMN, OtaKeys, Secret

CHANGING = (CPA_TAR, USIM_FILES_TAR)
"""Whom personalization messages are for, by their form."""
REASSEMBLED_AT_ONCE = 1024
"""Incomplete messages that are held at the same time; past it the oldest is dropped."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One whole packet from a card."""

    plmn: PLMN
    """The network whose short message centre brought it."""
    sender: MSISDN
    packet: bytes
    is_response: bool
    """Whether it is a report (PoR) rather than a request."""


@dataclass(frozen=True, slots=True)
class Expired:
    """A personalization message that a short message centre gave up: it is out of time."""

    plmn: PLMN
    receiver: MSISDN


class MessagingModule:
    """The server's end of the short message service."""

    def __init__(self, config: ApplicationServerConfig) -> None:
        self._config = config
        self._reassembler = Reassembler(capacity=REASSEMBLED_AT_ONCE)
        self._leaving: list[tuple[EsmeSession, str, list[SubmitSm]]] = []
        self._settled: list[tuple[EsmeSession, str]] = []
        self._part: tuple[Address, UserData] | None = None
        """What came last, if that was a short message."""
        self._sessions = {
            plmn: EsmeSession(Peer(Interface.SMPP, plmn), account)
            for plmn, account in config.accounts.items()
        }

    def start(self) -> list[Command]:
        """Open a session with every short message centre with which there is none."""
        closed = [session for session in self._sessions.values() if session.is_closed]
        return [command for session in closed for command in session.open()]

    def bind(self, plmn: PLMN) -> list[Command]:
        """Open a session anew with the short message centre of that network."""
        session = self._sessions.get(plmn)
        return session.open() if session else []

    def keep(self) -> list[Command]:
        """Submit what was to leave: what it follows from is committed."""
        for session, topic in self._settled:
            session.settle(topic)
        leaving = self._leaving
        self._forget()
        submitted = [session.submit(topic, parts) for session, topic, parts in leaving]
        return [command for commands in submitted for command in commands]

    def undo(self) -> None:
        """Be as before: what was to leave does not, and what came will come again."""
        if self._part is not None:
            self._reassembler.take_back(*self._part)
        self._forget()

    def expire(self, plmn: PLMN) -> list[Command]:
        """Go on after the timer of the session with the centre of that network ran out."""
        session = self._sessions.get(plmn)
        return session.expire() if session else []

    def take(self, plmn: PLMN, octets: bytes) -> tuple[list[Command], Incoming | Expired | None]:
        """Answer a PDU of the short message centre; return what is known by it, if anything.

        The answer is only to be given once what follows is kept.
        """
        source = Peer(Interface.SMPP, plmn)
        try:
            pdu = decode_smpp(octets)
        except MalformedError:
            answer = refuse(octets)
            return ([Send(source, answer.encode())] if answer else []), None
        if isinstance(pdu, DeliverSm):
            if pdu.esm_class & EsmClass.MESSAGE_TYPE == EsmClass.DELIVERY_RECEIPT:
                return self._take_receipt(plmn, pdu)
            return self._deliver(plmn, pdu)
        session = self._sessions.get(plmn)
        return (session.take(pdu) if session else []), None

    def send(self, card: CardRecord, command: PersonalizationCommand, counter: int) -> None:
        """Send a command to a card, in the form that was decided on."""
        if isinstance(command, Replace) and self._config.command_form is CommandForm.SCRIPT:
            script = encode_script(replacement_script(command))
            self.send_octets(card, USIM_FILES_TAR, script, counter)
        else:
            self.send_octets(card, CPA_TAR, encode_command(command), counter)

    @property
    def can_order_forgetting(self) -> bool:
        """Whether the card knows by which change it got an identity: no script says so."""
        return self._config.orders_forgetting and self._config.command_form is CommandForm.TEMPLATE

    def send_octets(self, card: CardRecord, tar: bytes, octets: bytes, counter: int) -> None:
        """Send `octets` to what `tar` names: ciphered, split, each part a short message."""
        session = self._sessions.get(card.plmn) if card.plmn else None
        if session is None or card.msisdn is None:
            return
        keys = self._keys(card)
        by_submit = self._config.report_by_submit
        header = message_header(keys, report_by_submit=by_submit, tar=tar)
        parameters = SecurityParameters(**vars(header), counter=counter)
        packet = seal_command(parameters, octets, keys)
        # Counters are durable and never used twice: neither are references, for a long time.
        wide = self._config.wide_references
        reference = counter % (0x10000 if wide else 0x100)
        first = InformationElement(COMMAND_IDENTIFIER, b"")
        limit = self._config.part_limit_octets
        parts = split(packet, first, reference, wide=wide, limit=limit)
        message = [self._submit(card.msisdn, part) for part in parts]
        self._leaving.append((session, _topic(card.msisdn, tar), message))

    def send_text(self, card: CardRecord, text: str) -> None:
        """Send the user of a card a text; one that still waits gives way to it.

        It is in UCS2, of which a short message holds 70 characters (TS 23.038 clause 4).
        """
        session = self._sessions.get(card.plmn) if card.plmn else None
        if session is None or card.msisdn is None:
            return
        pdu = SubmitSm(
            source_addr=self._config.number,
            destination_addr=card.msisdn,
            data_coding=DCS_UCS2,
            short_message=encode_ucs2(text),
        )
        self._leaving.append((session, f"{card.msisdn}/text", [pdu]))

    def code_field(self, card: CardRecord) -> Secret | None:
        """Return the admin code as a message carries it; None where it is the key instead."""
        compares = self._config.admin_code_mode is AdminCodeMode.COMPARE
        return card.admin_code if compares else None

    def open_report(self, card: CardRecord, packet: bytes) -> ResponsePacket:
        """Open a PoR of this card.

        Raises:
            MalformedError: it is none.
            SecuredPacketError: it is not this card's.
        """
        keys = self._keys(card)
        header = message_header(keys, report_by_submit=self._config.report_by_submit)
        return open_response(packet, header, keys)

    def _forget(self) -> None:
        self._leaving, self._settled, self._part = [], [], None

    def _keys(self, card: CardRecord) -> OtaKeys:
        if self._config.admin_code_mode is AdminCodeMode.KEYING:
            return derive_keys(card.admin_code, card.iccid, KEYING_VERSION)
        return card.keys

    def _deliver(self, plmn: PLMN, pdu: DeliverSm) -> tuple[list[Command], Incoming | None]:
        answer = DeliverSmResp(sequence_number=pdu.sequence_number)
        try:
            sender = MSISDN(pdu.source_addr)
            address = Address(sender)
            user_data = UserData.decode(
                pdu.user_data, has_header=bool(pdu.esm_class & EsmClass.UDHI)
            )
            whole = self._reassembler.add(address, user_data)
        except MalformedError:
            refused = DeliverSmResp(CommandStatus.RX_R_APPN, pdu.sequence_number)
            return [_answer(plmn, refused)], None
        self._part = address, user_data
        incoming = None
        if whole is not None:
            identifiers = {element.identifier for element in whole.header}
            if identifiers & {COMMAND_IDENTIFIER, RESPONSE_IDENTIFIER}:
                is_response = RESPONSE_IDENTIFIER in identifiers
                if is_response:
                    self._settle(plmn, sender)
                incoming = Incoming(plmn, sender, whole.octets, is_response)
        return [_answer(plmn, answer)], incoming

    def _settle(self, plmn: PLMN, sender: MSISDN) -> None:
        """Take that a card has answered: what becomes of the message to it is of no interest."""
        session = self._sessions.get(plmn)
        if session is not None:
            self._settled += [(session, _topic(sender, tar)) for tar in CHANGING]

    def _take_receipt(self, plmn: PLMN, pdu: DeliverSm) -> tuple[list[Command], Expired | None]:
        """Take what became of a message; of interest is that the last one is out of time.

        What failed for another reason would fail again at once: it has its time as before.
        """
        session = self._sessions.get(plmn)
        try:
            name, state = receipted(pdu)
            receiver = MSISDN(pdu.source_addr)
        except MalformedError:
            return [
                _answer(plmn, DeliverSmResp(CommandStatus.RX_R_APPN, pdu.sequence_number))
            ], None
        answer = _answer(plmn, DeliverSmResp(sequence_number=pdu.sequence_number))
        if session is None or state is not MessageState.EXPIRED:
            return [answer], None
        topics = [_topic(receiver, tar) for tar in CHANGING]
        given_up = [(session, topic) for topic in topics if session.is_of_last(topic, name)]
        self._settled += given_up
        return [answer], Expired(plmn, receiver) if given_up else None

    def _submit(self, msisdn: MSISDN, part: UserData) -> SubmitSm:
        return SubmitSm(
            source_addr=self._config.number,
            destination_addr=msisdn,
            esm_class=EsmClass.UDHI,
            protocol_id=PID_USIM_DATA_DOWNLOAD,
            registered_delivery=ReceiptsAsked.ON_FAILURE,
            data_coding=DCS_CLASS_2_BINARY,
            short_message=part.encode(),
        )


def _topic(receiver: MSISDN, tar: bytes) -> str:
    """Return what a newer message takes the place of: one card, one application."""
    return f"{receiver}/{tar.hex()}"


def _answer(plmn: PLMN, pdu: Pdu) -> Send:
    return Send(Peer(Interface.SMPP, plmn), pdu.encode())
