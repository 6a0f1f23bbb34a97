"""What the tests of the card share: a card to begin with, a terminal and an application server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from impl.card import image
from impl.card.memory import Memory
from impl.card.profile import AdminCodeMode, CardProfile, personalize
from impl.card.uicc import Uicc
from impl.codec.address import Address
from impl.codec.apdu import CommandApdu, Ins, ResponseApdu
from impl.codec.concatenation import Reassembler, split
from impl.codec.digits import encode_imsi, encode_plmn
from impl.codec.ota_profile import KEYING_VERSION, USIM_FILES_TAR, message_header
from impl.codec.personalization import (
    PersonalizationCommand,
    PersonalizationResult,
    Replace,
    decode_result,
    encode_command,
)
from impl.codec.remote_command import RemoteResponse, encode_script
from impl.codec.secured_packet import ResponsePacket, open_response, seal_command
from impl.codec.security_parameters import CommandHeader, PorStatus, SecurityParameters
from impl.codec.short_message import Deliver, Submit
from impl.codec.toolkit import Envelope as ToolkitEnvelope
from impl.codec.toolkit import (
    GeneralResult,
    LocationStatus,
    LocationStatusEvent,
    ProactiveCommand,
    Refresh,
    SendShortMessage,
    SmsPpDownload,
    TerminalResponse,
    decode_proactive,
    encode_envelope,
)
from impl.codec.user_data import InformationElement, UserData
from impl.crypto.admin_key import derive_keys
from impl.crypto.milenage import Milenage
from impl.values import (
    ICCID,
    IMSI,
    MSISDN,
    PLMN,
    Credentials,
    OtaKeys,
    Secret,
    TransactionId,
)

TN1, TN2 = PLMN("20801"), PLMN("310410")
FIRST = Credentials(IMSI("208011598198525"), Secret(b"K1" * 8), Secret(b"O1" * 8))
SECOND = Credentials(IMSI("310410685628566"), Secret(b"K2" * 8), Secret(b"O2" * 8))
SERVER, CENTRE = Address("33700"), Address("33609")
FULL_PROFILE = bytes.fromhex("ffffffff7f1f00dfff00001fe200000003" + "00" * 7 + "50")

PROFILE = CardProfile(
    iccid=ICCID("8933011234034096244"),
    admin_code=Secret(b"12345678"),
    ota_keys=OtaKeys(1, Secret(b"C" * 16), Secret(b"D" * 16)),
    plmn=TN1,
    credentials=FIRST,
    msisdn=MSISDN("33601020304"),
    service_centre=MSISDN("33609"),
    application_server=MSISDN("33700"),
    operators=(("One", TN1, "*1#"), ("Two", TN2, "*2#")),
)


@dataclass(slots=True)
class Terminal:
    """The device's end of the contacts, as far as a test needs one."""

    card: Uicc
    memory: Memory
    profile: CardProfile
    tried: dict[str, int] = field(default_factory=dict)

    def start(self, terminal_profile: bytes = FULL_PROFILE) -> None:
        """Power the card, select the USIM, download the profile and serve what the card asks."""
        self.card.power_on()
        self.ok("00a4040c07a0000000871002")
        self.ok(CommandApdu(0x80, Ins.TERMINAL_PROFILE, 0, 0, terminal_profile))
        self.serve()

    def send(self, command: str | CommandApdu) -> ResponseApdu:
        """Exchange one APDU, hexadecimal or built."""
        octets = bytes.fromhex(command) if isinstance(command, str) else command.encode()
        return ResponseApdu.decode(self.card.transmit(octets))

    def sw(self, command: str | CommandApdu) -> int:
        """Return the status word of the answer to a command."""
        return self.send(command).sw

    def ok(self, command: str | CommandApdu) -> bytes:
        """Exchange one APDU, complete it as T=0 wants it, and return the data."""
        answer = self.send(command)
        if answer.exact_length:
            apdu = bytes.fromhex(command) if isinstance(command, str) else command.encode()
            answer = self.send(CommandApdu.decode(apdu)._replace(le=answer.exact_length))
        data = answer.data
        while answer.sw >> 8 in (0x61, 0x9F):
            cla = 0xA0 if answer.sw >> 8 == 0x9F else 0x00
            answer = self.send(CommandApdu(cla, Ins.GET_RESPONSE, 0, 0, le=answer.more))
            data += answer.data
        assert answer.sw >> 8 in (0x90, 0x91), answer
        return data

    def read(self, path: str) -> bytes:
        """Return the content of a transparent file."""
        self.ok(f"00a4080c{len(path) // 2:02x}{path}")
        return self.ok("00b0000000")

    def update(self, path: str, content: bytes) -> None:
        """Write over the beginning of a transparent file."""
        self.ok(f"00a4080c{len(path) // 2:02x}{path}")
        self.ok(CommandApdu(0x00, Ins.UPDATE_BINARY, 0, 0, content))

    def tell(self, envelope: ToolkitEnvelope) -> ResponseApdu:
        """Hand the card an envelope."""
        octets = encode_envelope(envelope)
        return self.send(CommandApdu(0x80, Ins.ENVELOPE, 0, 0, octets, 256))

    def fetch(self) -> tuple[int, ProactiveCommand] | None:
        """Fetch what the card wants next, None if it wants nothing."""
        pending = self.send("80f2000c").pending
        if pending is None:
            return None
        return decode_proactive(self.ok(CommandApdu(0x80, Ins.FETCH, 0, 0, le=pending)))

    def respond(
        self,
        fetched: tuple[int, ProactiveCommand],
        result: GeneralResult = GeneralResult.OK,
        **facts: Any,
    ) -> ResponseApdu:
        """Answer a fetched command."""
        number, command = fetched
        details = (number, command.command_type, int(command.qualifier))
        response = TerminalResponse(*details, result, **facts).encode()
        return self.send(CommandApdu(0x80, Ins.TERMINAL_RESPONSE, 0, 0, response))

    def serve(self) -> list[ProactiveCommand]:
        """Carry out what the card wants, up to a REFRESH, and return it with that."""
        commands: list[ProactiveCommand] = []
        while (fetched := self.fetch()) is not None:
            commands.append(fetched[1])
            self.respond(fetched)
            if isinstance(fetched[1], Refresh):
                break  # it is owed until `restart`, and would be asked for again
        return commands

    def restart(self) -> None:
        """Reset the card, as REFRESH asks."""
        self.start()

    @property
    def imsi(self) -> bytes:
        """Content of EF.IMSI."""
        return self.read("7fff6f07")

    def authenticate(self, credentials: Credentials, sqn: int | None = None) -> ResponseApdu:
        """Let the network of `credentials` challenge the card, with a fresh SQN unless given."""
        count = self.tried.get(credentials.imsi, 0) + 1
        self.tried[credentials.imsi] = count
        rand = count.to_bytes(16, "big")
        functions = Milenage(credentials.k, credentials.opc)
        quintet = functions.quintet(rand, sqn if sqn is not None else count << 5, b"\x80\0")
        data = b"\x10" + rand + b"\x10" + quintet.autn
        return self.send(CommandApdu(0x00, Ins.AUTHENTICATE, 0, 0x81, data, 256))

    def attach(self, plmn: PLMN, credentials: Credentials) -> None:
        """Authenticate, write EF.LOCI and report normal service, as after an accepted attach."""
        assert self.authenticate(credentials).data[:1] == b"\xdb"
        location = encode_plmn(plmn) + b"\0\x01"
        self.update("7fff6f7e", b"\x12\x34\x56\x78" + location + b"\0\0")
        self.tell(LocationStatusEvent(LocationStatus.NORMAL, location))


@dataclass(slots=True)
class Server:
    """The application server's end of the messages of one card."""

    terminal: Terminal
    counter: int = 0
    by_submit: bool = True
    header: CommandHeader | None = None
    keys: OtaKeys | None = None
    limit: int = 140

    def order(self, command: PersonalizationCommand) -> list[ResponseApdu]:
        """Send an order; return the card's answer to each part."""
        return self.send(encode_command(command))

    def seal_order(self, command: PersonalizationCommand) -> bytes:
        """Return the secured packet of an order."""
        return self.seal(encode_command(command))

    def send(self, octets: bytes) -> list[ResponseApdu]:
        """Send content in a secured packet under the next counter."""
        self.counter += 1
        return [self.terminal.tell(each) for each in self.envelopes(self.seal(octets))]

    def seal(self, octets: bytes) -> bytes:
        """Return the secured packet."""
        parameters = SecurityParameters(**vars(self.how), counter=self.counter)
        return seal_command(parameters, octets, self.whose)

    def envelopes(self, packet: bytes, reference: int = 7) -> list[SmsPpDownload]:
        """Return the short messages of a packet as the terminal hands them to the card."""
        element = InformationElement(0x70, b"")
        return [
            SmsPpDownload(CENTRE, deliver(part.octets, part.header))
            for part in split(packet, element, reference, limit=self.limit)
        ]

    @property
    def whose(self) -> OtaKeys:
        """The keyset of the card."""
        if self.keys is not None:
            return self.keys
        profile = self.terminal.profile
        if profile.admin_code_mode is AdminCodeMode.KEYING:
            return derive_keys(profile.admin_code, profile.iccid, KEYING_VERSION)
        return profile.ota_keys

    @property
    def how(self) -> CommandHeader:
        """How packets are secured."""
        if self.header is not None:
            return self.header
        return message_header(self.whose, report_by_submit=self.by_submit)

    def open(self, packet: bytes) -> ResponsePacket:
        """Open a PoR."""
        return open_response(packet, self.how, self.whose)

    def reports(self, commands: list[ProactiveCommand]) -> list[ResponsePacket]:
        """Return the PoRs among what the card wanted to be done."""
        reassembler = Reassembler()
        wholes = []
        for command in commands:
            if isinstance(command, SendShortMessage):
                submit = Submit.decode(command.tpdu)
                user_data = UserData(submit.header, submit.user_data)
                wholes.append(reassembler.add(submit.destination, user_data))
        return [self.open(whole.octets) for whole in wholes if whole is not None]

    def result(self) -> PersonalizationResult:
        """Let the terminal serve the card, and return the one result that it sent."""
        (report,) = self.reports(self.terminal.serve())
        return decode_result(report.data)

    def seal_script(self, tar: bytes, commands: Iterable[CommandApdu]) -> bytes:
        """Return the secured packet of a script for the application behind `tar`."""
        self.header = message_header(self.whose, report_by_submit=True, tar=tar)
        return self.seal(encode_script(commands))

    def run(self, tar: bytes, commands: Iterable[CommandApdu]) -> RemoteResponse:
        """Send a script and return its answer."""
        self.counter += 1
        packet = self.seal_script(tar, commands)
        for envelope in self.envelopes(packet):
            self.terminal.tell(envelope)
        (report,) = self.reports(self.terminal.serve())
        assert report.status is PorStatus.OK
        self.header = None
        return RemoteResponse.decode(report.data)

    def replacement(self, transaction: str = "00000001", **changes: Any) -> Replace:
        """Return an order to become a card of the second network."""
        profile = self.terminal.profile
        keying = profile.admin_code_mode is AdminCodeMode.KEYING
        order = Replace(
            transaction=TransactionId(transaction),
            iccid=profile.iccid,
            admin_code=None if keying else profile.admin_code,
            plmn=TN2,
            imsi=SECOND.imsi,
            k=SECOND.k,
            opc=SECOND.opc,
            msisdn=MSISDN("15550001111"),
            service_centre=MSISDN("15559"),
        )
        return replace(order, **changes)


def deliver(octets: bytes, header: tuple[InformationElement, ...]) -> bytes:
    """Return an SMS-DELIVER of the application server."""
    return Deliver(SERVER, octets, header=header, pid=0x7F, dcs=0xF6).encode()


class Scripting:
    """What scripts on files are made of, and what became of them."""

    @staticmethod
    def verify(code: bytes = PROFILE.admin_code.reveal()) -> CommandApdu:
        return CommandApdu(0, Ins.VERIFY_PIN, 0, 0x0A, code)

    @staticmethod
    def select(path: str) -> CommandApdu:
        return CommandApdu(0, Ins.SELECT, 0x08, 0x04, bytes.fromhex(path))

    @staticmethod
    def update(octets: bytes) -> CommandApdu:
        return CommandApdu(0, Ins.UPDATE_BINARY, 0, 0, octets)

    @staticmethod
    def read(size: int = 256) -> CommandApdu:
        return CommandApdu(0, Ins.READ_BINARY, 0, 0, le=size)

    @classmethod
    def change_to(cls, pair: Credentials, mnc_size: int = 3) -> list[CommandApdu]:
        """Return the script that writes an identity and its keys."""
        keys = b"\x14" + pair.k.reveal() + pair.opc.reveal()
        files = {"7fff6fad": bytes((0, 0, 0, mnc_size)), "7fff6f07": encode_imsi(pair.imsi)}
        files["7fffaf20"] = keys
        pairs = [(cls.select(path), cls.update(octets)) for path, octets in files.items()]
        return [cls.verify(), *(command for both in pairs for command in both)]

    @staticmethod
    def outcome(server: Server, *commands: CommandApdu, tar: bytes = USIM_FILES_TAR) -> Any:
        """Send a script; return how many commands were begun, and the last status word."""
        response = server.run(tar, commands)
        return response.executed, response.sw

    @staticmethod
    def areas(memory: Memory) -> bytes:
        """Return what the memory holds, but for the counter of packets and the count of guesses."""
        image_now = bytearray(memory.image)
        for area in (image.COMMAND_COUNTER, image.GUESSES):
            image_now[area.address : area.address + area.size] = bytes(area.size)
        return bytes(image_now)


@pytest.fixture(scope="session")
def scripting() -> type[Scripting]:
    """Return what scripts are made of."""
    return Scripting


@pytest.fixture
def new_terminal() -> Callable[..., Terminal]:
    """Return a maker of terminals, each with a new card; arguments change its profile."""

    def make(**changes: Any) -> Terminal:
        profile = replace(PROFILE, **changes)
        memory = personalize(profile)
        terminal = Terminal(Uicc(memory), memory, profile)
        terminal.start()
        return terminal

    return make


@pytest.fixture
def terminal(new_terminal: Callable[..., Terminal]) -> Terminal:
    """Return a terminal with a new card in it, started."""
    return new_terminal()


@pytest.fixture
def phone_book(terminal: Terminal) -> Terminal:
    """A terminal whose card has name01 to name10 in EF.ADN, which is current."""
    terminal.ok("00a4080c047f106f3a")
    for number in range(1, 11):
        name = f"name{number:02}".encode().ljust(28, b"\xff")
        terminal.ok(f"00dc{number:02x}041c{name.hex()}")
    terminal.ok("00a4080c047f106f3a")
    return terminal


@pytest.fixture(scope="session")
def factory_image() -> bytes:
    """Return the memory of a new card."""
    return personalize(PROFILE).image


@pytest.fixture(scope="session")
def sealed_envelope() -> bytes:
    """Return an ENVELOPE that makes a new card change its subscription."""
    memory = personalize(PROFILE)
    server = Server(Terminal(Uicc(memory), memory, PROFILE), counter=1)
    (envelope,) = server.envelopes(server.seal_order(server.replacement()))
    return encode_envelope(envelope)


@pytest.fixture(scope="session")
def secrets_of_card() -> list[bytes]:
    """Return what nobody may learn of a new card."""
    keys = (FIRST.k, FIRST.opc, PROFILE.ota_keys.kic, PROFILE.ota_keys.kid)
    return [secret.reveal() for secret in (*keys, PROFILE.admin_code)]


@pytest.fixture
def first() -> Credentials:
    """Return the pair of the first network, 20801, with which cards begin."""
    return FIRST


@pytest.fixture
def second() -> Credentials:
    """Return the pair of the second network, 310410, that orders bring."""
    return SECOND


@pytest.fixture
def server_of() -> type[Server]:
    """Return the maker of the application server of a card in a terminal."""
    return Server


@pytest.fixture
def server(terminal: Terminal) -> Server:
    """Return the application server of the card in `terminal`."""
    return Server(terminal)
