"""An application server with two operators and a card, spoken to as its peers would."""

from dataclasses import dataclass, field, replace
from itertools import count

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
    Replace,
    decode_command,
    encode_request,
    encode_result,
)
from impl.codec.receipt import MessageState, Receipt
from impl.codec.secured_packet import (
    COMMAND_IDENTIFIER,
    RESPONSE_IDENTIFIER,
    open_command,
    seal_command,
    seal_response,
)
from impl.codec.security_parameters import PorStatus, SecurityParameters
from impl.codec.smpp import (
    RESPONSES,
    BindTransceiver,
    DeliverSm,
    EsmClass,
    SubmitSm,
    SubmitSmResp,
    decode_smpp,
)
from impl.errors import StoreLostError
from impl.events import Arrived, Expired, Interface, Peer, Send, SetTimer, Started, StopTimer
from impl.messages import (
    Acknowledgement,
    AskAcknowledgement,
    ChangeRequest,
    ConfirmChange,
    IdentityInUse,
    IdentityNotice,
    IdentityReleased,
    InformLeft,
    Noted,
    ReleaseIdentity,
    ReserveIdentity,
)
from impl.runtime.resumption import taken_as, when_lost
from impl.runtime.store import SqlStore
from impl.values import ICCID, IMSI, MSISDN, PLMN, OtaKeys, Secret

TN1, TN2, TN3 = PLMN("20801"), PLMN("26202"), PLMN("310410")
CARD = ICCID("8933010000000000017")
NUMBER = MSISDN("33612345678")
NEW_NUMBER = MSISDN("49612345678")
CODE = Secret(b"sEcReT#1")
KEYS = OtaKeys(1, Secret(b"c" * 16), Secret(b"d" * 16))
ROW = ",".join((CARD, *(secret.reveal().hex() for secret in (CODE, KEYS.kic, KEYS.kid))))
HLR1, HLR2 = Peer(Interface.OPERATOR, TN1), Peer(Interface.OPERATOR, TN2)
CENTRE1, CENTRE2 = Peer(Interface.CENTRE, TN1), Peer(Interface.CENTRE, TN2)
SMSC1, SMSC2 = Peer(Interface.SMPP, TN1), Peer(Interface.SMPP, TN2)


def message_name(number):
    """Return what a short message centre calls the message that it was given so many-th."""
    return f"{number:010}"


@dataclass
class Bench:
    """Plays every peer of the server; keeps what it said and which timers run."""

    config: ApplicationServerConfig
    store: SqlStore
    time: float = 0.0
    counter: int = 0
    drawn: int = 0
    named: int = 0
    """How many short messages the centres were given."""
    sent: list[Send] = field(default_factory=list)
    timers: dict[str, float] = field(default_factory=dict)

    def __post_init__(self):
        self.server = ApplicationServer(self.config, self.store, self)
        self.server.agree(TN1, "First Mobile")
        self.server.agree(TN2, "Zweites Netz")
        self.server.import_cards("iccid,admin_code,kic,kid\n" + ROW)
        self.server.subscribe(CARD, TN1, NUMBER)
        self.start()
        self.sent.clear()

    def now(self):
        return self.time

    def random_octets(self, count):
        self.drawn += 1
        return self.drawn.to_bytes(count, "big")

    def restart(self, **options):
        self.config = replace(self.config, **options)
        self.server = ApplicationServer(self.config, self.store, self)
        self.start()

    def start(self):
        self.timers.clear()
        self.hand(Started())

    def hand(self, event):
        """Hand the server an event as a runtime does."""
        try:
            commands = self.server.handle(taken_as(event))
        except StoreLostError as error:
            commands = when_lost(event, error)
        self.perform(commands)

    def perform(self, commands):
        for command in commands:
            if isinstance(command, Send):
                self.sent.append(command)
            elif isinstance(command, SetTimer):
                self.timers[command.timer] = self.time + command.after_s
            elif isinstance(command, StopTimer):
                self.timers.pop(command.timer, None)
        for command in commands:
            if isinstance(command, Send) and command.target.interface is Interface.SMPP:
                self.acknowledge(command)

    def acknowledge(self, command):
        """Answer as a short message centre does."""
        pdu = decode_smpp(command.octets)
        if isinstance(pdu, BindTransceiver):
            self.arrive(command.target, RESPONSES[type(pdu)](0, pdu.sequence_number).encode())
        elif isinstance(pdu, SubmitSm):
            self.named += 1
            response = SubmitSmResp(0, pdu.sequence_number, message_name(self.named))
            self.arrive(command.target, response.encode())

    def arrive(self, source, octets):
        self.hand(Arrived(source, octets))

    def say(self, source, message):
        self.arrive(source, encode_operator(message))

    def wait(self):
        """Let the next timer run out; False if none runs."""
        if not self.timers:
            return False
        name = min(self.timers, key=self.timers.get)
        self.time = self.timers.pop(name)
        self.hand(Expired(name))
        return True

    def request(self, plmn=TN2, counter=None, keys=KEYS, iccid=CARD, **facts):
        """Let the card send Req."""
        self.counter = self.counter + 1 if counter is None else counter
        parameters = SecurityParameters(**vars(request_header(keys)), counter=self.counter)
        packet = seal_command(
            parameters, encode_request(ChangeRequest(iccid=iccid, plmn=plmn)), keys
        )
        self.deliver(packet, COMMAND_IDENTIFIER, **facts)

    def deliver(self, packet, identifier, source=SMSC1, sender=NUMBER):
        for part in split(packet, InformationElement(identifier), 7):
            pdu = DeliverSm(
                sequence_number=9,
                source_addr=sender,
                destination_addr=self.config.number,
                esm_class=EsmClass.UDHI,
                short_message=part.encode(),
            )
            self.arrive(source, pdu.encode())

    def report(self, outcome=Outcome.DONE, transaction=None, keys=KEYS, **facts):
        """Let the card report on the message it got last."""
        parameters, command = self.messages()[-1]
        result = PersonalizationResult(transaction or command.transaction, outcome)
        response = seal_response(parameters, PorStatus.OK, encode_result(result), keys)
        self.deliver(response, RESPONSE_IDENTIFIER, **facts)

    def receipt(self, name=None, state=MessageState.EXPIRED, sender=NUMBER, source=SMSC1):
        """Let a short message centre say how a message ended, the last if none is named."""
        receipt = Receipt(name or message_name(self.named), state, self.time, self.time)
        pdu = DeliverSm(
            sequence_number=9,
            source_addr=sender,
            destination_addr=self.config.number,
            esm_class=EsmClass.DELIVERY_RECEIPT,
            short_message=receipt.encode(),
            parameters=receipt.parameters(),
        )
        self.arrive(source, pdu.encode())

    def provide(self, register=HLR2, **changes):
        """Let a home register answer the reservation."""
        reservation = self.told(register)[-1]
        fields = {
            "id": reservation.id,
            "transaction": reservation.transaction,
            "imsi": IMSI("262020000000001"),
            "k": Secret(b"k" * 16),
            "opc": Secret(b"o" * 16),
            "msisdn": NEW_NUMBER,
            "service_centre": MSISDN("49609001"),
        }
        self.say(register, IdentityNotice(**fields | changes))

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


class KilledError(Exception):
    """The server died."""


class Parties:
    """Everybody but the server, each answering what is said to it, however often."""

    def __init__(self, bench, outcome):
        self.bench, self.outcome = bench, outcome
        self.reassembler = Reassembler()
        self.heard = 0
        self.counters = []
        self.personalized, self.reserved, self.released, self.deleted = set(), set(), set(), set()
        self.unconfirmed = set()

    def hear(self):
        """Answer what was said since the last time; True if there was something."""
        heard, self.heard = self.heard, len(self.bench.sent)
        for send in self.bench.sent[heard : self.heard]:
            if send.target.interface is Interface.SMPP:
                self.take_short_message(decode_smpp(send.octets))
            else:
                self.take(send.target, decode_operator(send.octets))
        return len(self.bench.sent) > heard

    def confirm(self):
        """Let HLR2 say, until it is noted, who attached."""
        for transaction in tuple(self.unconfirmed):
            self.bench.say(
                HLR2, ConfirmChange(id=f"confirm:{transaction}", transaction=transaction)
            )

    def take(self, target, message):
        named = {"id": message.id, "transaction": getattr(message, "transaction", None)}
        transaction = named["transaction"]
        if isinstance(message, ReserveIdentity) and transaction not in self.released:
            self.reserved.add(transaction)
            self.bench.provide(**named)
        elif isinstance(message, ReleaseIdentity):
            in_use = transaction in self.personalized
            self.released |= set() if in_use else {transaction}
            self.bench.say(HLR2, (IdentityInUse if in_use else IdentityReleased)(**named))
        elif isinstance(message, AskAcknowledgement):
            self.bench.say(CENTRE1, Acknowledgement(granted=True, **named))
        elif isinstance(message, InformLeft):
            assert target == HLR1
            self.deleted.add(transaction)
            self.bench.say(HLR1, Noted(**named))
        elif isinstance(message, Noted):
            self.unconfirmed.discard(transaction)

    def take_short_message(self, pdu):
        if not isinstance(pdu, SubmitSm):
            return
        part = UserData.decode(pdu.user_data, has_header=True)
        whole = self.reassembler.add("server", part)
        if whole is None:
            return
        parameters, data = open_command(whole.octets, KEYS)
        command = decode_command(data)
        self.counters.append(parameters.counter)
        if self.outcome is None:
            return
        if isinstance(command, Replace) and self.outcome is Outcome.DONE:
            self.personalized.add(command.transaction)
            self.unconfirmed.add(command.transaction)
        result = encode_result(PersonalizationResult(command.transaction, self.outcome))
        report = seal_response(parameters, PorStatus.OK, result, KEYS)
        self.bench.deliver(report, RESPONSE_IDENTIFIER)


LOST = "the store is lost "
"""Before a kind of instant: it is not the server that dies."""


class Fate:
    """Lets the server die, or its store be lost, once, at one instant of its life."""

    def __init__(self, bench, kind, instant):
        self.bench, self.left, self.came = bench, instant, False
        self._perform = bench.perform
        self.error = StoreLostError if kind.startswith(LOST) else KilledError
        if kind == "while it speaks":
            bench.perform = self.perform
        else:
            setattr(bench.store, kind.removeprefix(LOST), self.strike)

    def strike(self):
        self.left -= 1
        if not self.left:
            self.came = True
            self.spare()
            raise self.error

    def spare(self):
        self.bench.store.before_commit = self.bench.store.after_commit = None
        self.bench.perform = self._perform

    def perform(self, commands):
        if self.left == 1:
            self._perform(commands[:1])
        self.strike()
        self._perform(commands)


def live(bench, parties):
    """Let one change run to its end, starting the server again whenever it died."""
    for _ in range(300):
        try:
            if not bench.server.changes():
                bench.request()
            parties.confirm()
            while parties.hear():
                pass
            if not bench.wait() and not parties.unconfirmed and len(bench.sent) == parties.heard:
                return
        except KilledError:
            bench.restart()
        except StoreLostError:
            continue  # met who only looks
    pytest.fail("the change does not end")


@pytest.fixture
def begin():
    """Make benches; all are closed at the end."""
    benches = []

    def make(**options):
        account = EsmeAccount("reperso", Secret(b"password"))
        config = ApplicationServerConfig(
            MSISDN("33700"), Secret(bytes(32)), {TN1: account, TN2: account}, **options
        )
        benches.append(Bench(config, SqlStore(APPLICATION_SERVER)))
        return benches[-1]

    yield make
    for each in benches:
        each.store.close()


@pytest.fixture
def bench(begin):
    return begin()


@pytest.fixture
def lives(begin):
    """Run a change again and again; the server dies at the first instant, the second, and so on."""

    def run(outcome, kind):
        for instant in count(1):
            bench = begin(asks_for_acknowledgement=True)
            parties, fate = Parties(bench, outcome), Fate(bench, kind, instant)
            live(bench, parties)
            fate.spare()
            yield instant, bench, parties
            if not fate.came:
                return

    return run
