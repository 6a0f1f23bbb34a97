"""The journal: all that passes is in it, as an eavesdropper has it and as its sender wrote it."""

import pytest

from impl.codec.apdu import CommandApdu, Ins
from impl.codec.concatenation import split
from impl.codec.mobility import AuthenticationReject, LocationArea, LocationUpdatingAccept
from impl.codec.operator import encode_operator
from impl.codec.secured_packet import COMMAND_IDENTIFIER, RESPONSE_IDENTIFIER
from impl.codec.smpp import DeliverSm, EnquireLink, EsmClass, SubmitSm
from impl.codec.toolkit import MenuSelection, SmsPpDownload, encode_envelope
from impl.codec.user_data import InformationElement
from impl.events import Interface, Peer, Send
from impl.messages import IdentityNotice
from impl.runtime.journal import Journal
from impl.runtime.secured_link import SecuredLink
from impl.runtime.simulation import Simulation
from impl.runtime.tls import Endpoint, make_identity
from impl.values import NO_OPC, PLMN, Secret

KEY, OTHER = b"kEyKeYkEyKeYkEy1", b"oPcOpCoPcOpCoPc2"
NOTICE = IdentityNotice(
    id="1",
    transaction="0badcafe",
    imsi="262020000000001",
    k=Secret(KEY),
    opc=Secret(OTHER),
    msisdn="49612345678",
    service_centre="49609001",
)
IDENTITIES = {name: make_identity(name) for name in ("server", "HLR 26202")}


class Silent:
    """A node that says nothing by itself."""

    def handle(self, event):
        del event
        return []


class Wire:
    """Two nodes, joined by one link of each kind, and the journal that listens."""

    def __init__(self):
        self.simulation = Simulation(0)
        self.journal = Journal(self.simulation)

    def join(self, one, other, interface, secured=None):
        for name in (one, other):
            self.simulation.add(name, Silent())
        ends = ((one, Peer(interface, other)), (other, Peer(interface, one)))
        self.simulation.connect(*ends, secured=secured)

    def say(self, one, other, interface, octets):
        self.simulation.perform(one, [Send(Peer(interface, other), octets)])

    def said(self, interface, octets, one="server", other="SMSC 20801"):
        """Join two nodes and let the one say something to the other."""
        self.join(one, other, interface)
        self.say(one, other, interface, octets)


@pytest.fixture
def wire():
    return Wire()


def tls():
    def end(own, peer, *, server):
        pinned, name = frozenset({IDENTITIES[peer]}), None if server else peer
        return lambda: Endpoint(IDENTITIES[own], pinned, server=server, peer=name)

    one, other = IDENTITIES
    return SecuredLink(
        {
            one: (end(one, other, server=False), end(other, one, server=True)),
            other: (end(other, one, server=False), end(one, other, server=True)),
        }
    )


def packet(identifier, pdu=SubmitSm):
    """Return the short messages of a packet of two parts."""
    return [
        pdu(source_addr="33700", esm_class=EsmClass.UDHI, short_message=part.encode()).encode()
        for part in split(bytes(200), InformationElement(identifier), 7)
    ]


# What is shown


def test_every_message_is_shown_in_order_and_with_its_time(wire):
    wire.said(Interface.SMPP, EnquireLink(sequence_number=1).encode())
    wire.simulation.now_s = 7.5
    wire.say("SMSC 20801", "server", Interface.SMPP, b"\xff")
    first, second = wire.journal.shown()
    assert (first.time_s, first.sender, first.receiver) == (0.0, "server", "SMSC 20801")
    assert (second.time_s, second.sender, second.receiver) == (7.5, "SMSC 20801", "server")
    assert [one.dissection.name for one in (first, second)] == ["enquire_link", "MALFORMED"]


def test_asked_again_the_journal_shows_what_came_since_then_as_well(wire):
    wire.said(Interface.SMPP, EnquireLink(sequence_number=1).encode())
    assert len(wire.journal.shown()) == 1
    wire.say("server", "SMSC 20801", Interface.SMPP, EnquireLink(sequence_number=2).encode())
    assert [one.dissection.name for one in wire.journal.shown()] == ["enquire_link"] * 2


def test_what_was_lost_is_shown_as_lost(wire):
    wire.simulation.filters.append(lambda _: [])
    wire.said(Interface.SMPP, EnquireLink(sequence_number=1).encode())
    assert [one.delivered for one in wire.journal.shown()] == [False]


@pytest.mark.parametrize(("sender", "name"), [("VLR 20801", "RP-ACK"), ("device 1", "MALFORMED")])
def test_over_the_air_the_network_is_told_from_the_device(wire, sender, name):
    wire.said(Interface.SM, b"\x03\x01", sender, "somebody")
    assert [one.dissection.name for one in wire.journal.shown()] == [name]


def test_an_exchange_with_a_card_is_two_messages_one_each_way(wire):
    listen = wire.journal.listen_to_card("device 1", "card 1")
    listen(CommandApdu(0x00, Ins.READ_BINARY, 0, 0, le=1).encode(), b"\x01\x90\x00")
    asked, answered = wire.journal.shown()
    assert (asked.sender, asked.receiver) == ("device 1", "card 1")
    assert (answered.sender, answered.receiver) == ("card 1", "device 1")
    assert (asked.dissection.name, answered.dissection.name) == ("READ BINARY", "9000")


def test_messages_are_counted_as_they_will_be_shown(wire):
    assert wire.journal.message_count == 0
    wire.said(Interface.SMPP, EnquireLink(sequence_number=1).encode())
    wire.journal.listen_to_card("device 1", "card 1")(b"\0\xf2\0\0", b"\x90\0")
    assert wire.journal.message_count == len(wire.journal.shown()) == 3


# What is overheard


@pytest.mark.parametrize("form", [KEY, KEY.hex().encode(), KEY.hex().upper().encode()])
def test_a_secret_on_an_open_link_is_overheard_in_every_form(wire, form):
    wire.journal.keep_secret(Secret(KEY))
    wire.said(Interface.GSUP, b"before " + form + b" after")
    assert [entry.sender for entry in wire.journal.overheard()] == ["server"]


@pytest.mark.parametrize("octets", [b"", KEY[:15], KEY[1:], OTHER])
def test_what_is_no_secret_is_not(wire, octets):
    wire.journal.keep_secret(Secret(KEY))
    wire.said(Interface.GSUP, octets)
    assert list(wire.journal.overheard()) == []


@pytest.mark.parametrize(
    ("command", "response"), [(KEY, b"\x90\x00"), (b"\x00", KEY + b"\x90\x00")]
)
def test_a_secret_at_the_contacts_of_a_card_is_overheard(wire, command, response):
    wire.journal.keep_secret(Secret(KEY))
    wire.journal.listen_to_card("device 1", "card 1")(command, response)
    assert [entry.receiver for entry in wire.journal.overheard()] == ["card 1"]


def test_what_has_no_octets_is_no_secret(wire):
    wire.journal.keep_secret(NO_OPC)
    wire.said(Interface.GSUP, b"anything")
    assert list(wire.journal.overheard()) == []
    assert not wire.journal.holds_secret([b"anything"])


def test_what_a_secured_session_hides_is_not_overheard(wire):
    wire.journal.keep_secret(Secret(KEY))
    wire.join(*IDENTITIES, Interface.OPERATOR, tls())
    wire.say(*IDENTITIES, Interface.OPERATOR, encode_operator(NOTICE))
    assert wire.journal.entries[0].message == encode_operator(NOTICE)
    assert list(wire.journal.overheard()) == []


def test_keys_that_a_register_provides_become_secrets_of_the_journal(wire):
    wire.said(Interface.GSUP, KEY)
    assert list(wire.journal.overheard()) == []
    wire.join(*IDENTITIES, Interface.OPERATOR, tls())
    wire.say(*IDENTITIES, Interface.OPERATOR, b"no message")
    wire.say(*IDENTITIES, Interface.OPERATOR, encode_operator(NOTICE))
    assert [entry.octets for entry in wire.journal.overheard()] == [KEY]


@pytest.mark.parametrize(
    ("text", "holds"), [(KEY, True), (OTHER.hex().encode(), True), (b"nothing", False)]
)
def test_any_text_can_be_held_against_the_secrets(wire, text, holds):
    wire.journal.keep_secret(Secret(KEY), Secret(OTHER))
    assert wire.journal.holds_secret([b"first", text]) is holds


# What is counted


def test_downloads_are_the_short_messages_that_one_device_handed_to_its_card(wire):
    for device, envelope in (
        ("device 1", SmsPpDownload(None, b"\x00")),
        ("device 1", MenuSelection(1)),
        ("device 2", SmsPpDownload(None, b"\x00")),
    ):
        command = CommandApdu(0x80, Ins.ENVELOPE, 0, 0, encode_envelope(envelope))
        wire.journal.listen_to_card(device, "a card")(command.encode(), b"\x90\x00")
    listen = wire.journal.listen_to_card("device 1", "a card")
    listen(CommandApdu(0x80, Ins.FETCH, 0, 0, le=4).encode(), b"\x90\x00")
    counts = [len(wire.journal.downloads(f"device {number}")) for number in (1, 2, 3)]
    assert counts == [1, 1, 0]


def test_a_packet_counts_once_however_many_parts_it_has(wire):
    wire.join("server", "SMSC 20801", Interface.SMPP)
    for octets in (*packet(COMMAND_IDENTIFIER), *packet(RESPONSE_IDENTIFIER)):
        wire.say("server", "SMSC 20801", Interface.SMPP, octets)
    wire.say("server", "SMSC 20801", Interface.SMPP, EnquireLink(sequence_number=1).encode())
    assert wire.journal.packets_sent() == 1
    wire.say("server", "SMSC 20801", Interface.SMPP, packet(COMMAND_IDENTIFIER)[0])
    assert wire.journal.packets_sent() == 2


def test_a_request_was_carried_by_the_centre_that_brought_something_since_the_mark(wire):
    wire.said(Interface.SMPP, packet(COMMAND_IDENTIFIER, DeliverSm)[0], "SMSC 20801", "server")
    assert wire.journal.carried_request("SMSC 20801")
    assert not wire.journal.carried_request("SMSC 26202")
    wire.journal.mark()
    assert not wire.journal.carried_request("SMSC 20801")
    wire.say("SMSC 20801", "server", Interface.SMPP, EnquireLink(sequence_number=1).encode())
    assert not wire.journal.carried_request("SMSC 20801")


def test_frames_of_other_links_are_no_packets_and_carry_no_request(wire):
    for message in (AuthenticationReject(), LocationUpdatingAccept(LocationArea(PLMN("20801"), 1))):
        wire.said(Interface.MM, message.encode(), "VLR 20801", "device 1")
    assert wire.journal.packets_sent() == 0
    assert not wire.journal.carried_request("VLR 20801")
    assert [one.dissection.protocol for one in wire.journal.shown()] == ["TS 24.008"] * 2


def test_what_is_no_smpp_is_no_packet_and_carries_no_request(wire):
    torn = packet(COMMAND_IDENTIFIER)[0][:-1]
    headless = SubmitSm(esm_class=EsmClass.UDHI, short_message=b"\xff").encode()
    wire.join("server", "SMSC 20801", Interface.SMPP)
    for octets in (b"", torn, headless):
        wire.say("server", "SMSC 20801", Interface.SMPP, octets)
        wire.say("SMSC 20801", "server", Interface.SMPP, octets)
    assert wire.journal.packets_sent() == 0
    assert not wire.journal.carried_request("SMSC 20801")
