"""An application server with two operators and a card, spoken to as its peers would."""

from dataclasses import dataclass, field, replace

import pytest

from impl.application_server.config import ApplicationServerConfig, EsmeAccount
from impl.application_server.records import APPLICATION_SERVER
from impl.application_server.server import ApplicationServer
from impl.codec.address import Address
from impl.codec.concatenation import InformationElement, Reassembler, UserData, split
from impl.codec.operator import decode_operator, encode_operator
from impl.codec.ota_profile import request_header
from impl.codec.personalization import (
    Outcome,
    PersonalizationResult,
    decode_command,
    encode_request,
    encode_result,
)
from impl.codec.secured_packet import (
    COMMAND_IDENTIFIER,
    RESPONSE_IDENTIFIER,
    open_command,
    seal_command,
    seal_response,
)
from impl.codec.security_parameters import PorStatus, SecurityParameters
from impl.codec.smpp import DeliverSm, EsmClass, SubmitSm, decode_smpp
from impl.events import Arrived, Expired, Interface, Peer, Send, SetTimer, Started, StopTimer
from impl.messages import ChangeRequest, IdentityNotice
from impl.runtime.store import SqlStore
from impl.values import ICCID, IMSI, MSISDN, PLMN, OtaKeys, Secret

TN1, TN2, TN3 = PLMN("20801"), PLMN("26202"), PLMN("310410")
CARD = ICCID("8933010000000000017")
NUMBER = MSISDN("33612345678")
CODE = Secret(b"sEcReT#1")
KEYS = OtaKeys(1, Secret(b"c" * 16), Secret(b"d" * 16))
ROW = ",".join((CARD, *(secret.reveal().hex() for secret in (CODE, KEYS.kic, KEYS.kid))))
HLR1, HLR2 = Peer(Interface.OPERATOR, TN1), Peer(Interface.OPERATOR, TN2)
CENTRE1, CENTRE2 = Peer(Interface.CENTRE, TN1), Peer(Interface.CENTRE, TN2)
SMSC1 = Peer(Interface.SMPP, TN1)


@dataclass
class Bench:
    """Plays every peer of the server; keeps what it said and which timers run."""

    config: ApplicationServerConfig
    store: SqlStore
    time: float = 0.0
    counter: int = 0
    drawn: int = 0
    sent: list[Send] = field(default_factory=list)
    timers: dict[str, float] = field(default_factory=dict)

    def __post_init__(self):
        self.server = ApplicationServer(self.config, self.store, self)
        self.server.agree(TN1, "First Mobile")
        self.server.agree(TN2, "Zweites Netz")
        self.server.import_cards("iccid,admin_code,kic,kid\n" + ROW)
        self.server.subscribe(CARD, TN1, NUMBER)

    def now(self):
        return self.time

    def random_octets(self, count):
        self.drawn += 1
        return self.drawn.to_bytes(count, "big")

    def restart(self, **options):
        self.config = replace(self.config, **options)
        self.timers.clear()
        self.server = ApplicationServer(self.config, self.store, self)
        self.perform(self.server.handle(Started()))

    def perform(self, commands):
        for command in commands:
            if isinstance(command, Send):
                self.sent.append(command)
            elif isinstance(command, SetTimer):
                self.timers[command.timer] = self.time + command.after_s
            elif isinstance(command, StopTimer):
                self.timers.pop(command.timer, None)

    def arrive(self, source, octets):
        self.perform(self.server.handle(Arrived(source, octets)))

    def say(self, source, message):
        self.arrive(source, encode_operator(message))

    def wait(self):
        """Let the next timer run out; False if none runs."""
        if not self.timers:
            return False
        name = min(self.timers, key=self.timers.get)
        self.time = self.timers.pop(name)
        self.perform(self.server.handle(Expired(name)))
        return True

    def request(self, plmn=TN2, counter=None, keys=KEYS, source=SMSC1, iccid=CARD):
        """Let the card send Req."""
        self.counter = self.counter + 1 if counter is None else counter
        parameters = SecurityParameters(**vars(request_header(keys)), counter=self.counter)
        packet = seal_command(
            parameters, encode_request(ChangeRequest(iccid=iccid, plmn=plmn)), keys
        )
        self.deliver(packet, COMMAND_IDENTIFIER, source)

    def deliver(self, packet, identifier, source=SMSC1):
        for part in split(packet, InformationElement(identifier), 7):
            pdu = DeliverSm(
                sequence_number=9,
                source_addr=NUMBER,
                destination_addr=self.config.number,
                esm_class=EsmClass.UDHI,
                short_message=part.encode(),
            )
            self.arrive(source, pdu.encode())

    def report(self, outcome=Outcome.DONE, transaction=None, keys=KEYS):
        """Let the card report on the message it got last."""
        parameters, command = self.messages()[-1]
        result = PersonalizationResult(transaction or command.transaction, outcome)
        response = seal_response(parameters, PorStatus.OK, encode_result(result), keys)
        self.deliver(response, RESPONSE_IDENTIFIER)

    def provide(self, **changes):
        """Let HLR2 answer the reservation."""
        reservation = self.told(HLR2)[-1]
        fields = {
            "id": reservation.id,
            "transaction": reservation.transaction,
            "imsi": IMSI("262020000000001"),
            "k": Secret(b"k" * 16),
            "opc": Secret(b"o" * 16),
            "msisdn": MSISDN("49612345678"),
            "service_centre": MSISDN("49609001"),
        }
        self.say(HLR2, IdentityNotice(**fields | changes))

    def told(self, peer):
        """Return what the server told an operator, in order."""
        return [decode_operator(send.octets) for send in self.sent if send.target == peer]

    def submitted(self):
        """Return the user data of every short message that the server sent to the card."""
        sent = [decode_smpp(send.octets) for send in self.sent if send.target == SMSC1]
        return [
            UserData.decode(pdu.user_data, has_header=True)
            for pdu in sent
            if isinstance(pdu, SubmitSm)
        ]

    def headers(self):
        """Return the headers of those."""
        return [user_data.header for user_data in self.submitted()]

    def messages(self, keys=KEYS):
        """Return the commands that the server sent to the card, with their parameters."""
        reassembler, found = Reassembler(), []
        for user_data in self.submitted():
            whole = reassembler.add(Address(self.config.number), user_data)
            if whole:
                opened = open_command(whole.octets, keys)
                found.append((opened.parameters, decode_command(opened.data)))
        return found

    @property
    def change(self):
        return self.server.changes(CARD)[-1]


@pytest.fixture
def bench():
    store = SqlStore(APPLICATION_SERVER)
    account = EsmeAccount("reperso", Secret(b"password"))
    config = ApplicationServerConfig(
        MSISDN("33700"), Secret(bytes(32)), {TN1: account, TN2: account}
    )
    made = Bench(config, store)
    yield made
    store.close()
