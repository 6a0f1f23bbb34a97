"""Tests of the attach to CDMA as eHRPD, driven by what devices and home registers say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.codec.aka_prime import (
    GENERAL_FAILURE,
    HRPD,
    AkaPrimeMessage,
    Subtype,
    is_sealed,
    seal,
)
from impl.codec.eap import EapCode, EapMethod, EapPacket
from impl.codec.gsup import AuthTuple, CnDomain, Gsup, GsupCause, GsupType, RatType, decode_gsup
from impl.codec.ppp import BY_EAP, LcpCode, LcpPacket, decode_ppp, encode_ppp
from impl.crypto.eap_aka_prime import ck_ik_prime, session_keys
from impl.events import Arrived, Command, Expired, Interface, Peer, Send
from impl.network.vlr import Vlr, VlrConfig
from impl.values import ICCID, IMSI, MSISDN, PLMN, Generation, Secret

DEVICE = "8933010000000000017"
SUBSCRIBER = IMSI("208010000000001")
IDENTITY = b"6208010000000001@nai.epc.mnc001.mcc208.3gppnetwork.org"
FOREIGNER = b"6208030000000001@nai.epc.mnc003.mcc208.3gppnetwork.org"
RES = b"response"
VECTOR = AuthTuple(
    rand=bytes(range(16)),
    ik=Secret(b"i" * 16),
    ck=Secret(b"c" * 16),
    autn=bytes(range(16, 32)),
    res=Secret(RES),
)
PRIMES = ck_ik_prime(b"c" * 16, b"i" * 16, HRPD, bytes(range(16, 22)))
K_AUT = session_keys(IDENTITY, *PRIMES).k_aut
ANSWER = AkaPrimeMessage(Subtype.CHALLENGE, res=RES)
Packet = LcpPacket | EapPacket


class Link:
    """An HSGW, and the one device that speaks to it."""

    def __init__(self, surroundings: Any) -> None:
        self.node = Vlr(VlrConfig(PLMN("20801"), Generation.CDMA), surroundings)

    def tell(self, packet: Packet) -> list[Command]:
        return self.node.handle(Arrived(Peer(Interface.PPP, DEVICE), encode_ppp(packet)))

    def answer(self, message: Gsup) -> list[Command]:
        return self.node.handle(Arrived(Peer(Interface.GSUP, "hlr"), message.encode()))

    def respond(self, to: EapPacket, content: bytes) -> list[Command]:
        return self.tell(EapPacket(EapCode.RESPONSE, to.identifier, content))

    def say(
        self, to: EapPacket, message: AkaPrimeMessage, key: bytes | None = None
    ) -> list[Command]:
        return self.tell(seal(EapCode.RESPONSE, to.identifier, message, key))

    def come_up(self) -> EapPacket:
        self.tell(LcpPacket(LcpCode.CONFIGURE_REQUEST, 1))
        return eap_of(self.tell(LcpPacket(LcpCode.CONFIGURE_ACK, 1, BY_EAP)))

    def identify(self, identity: bytes = IDENTITY) -> list[Command]:
        return self.respond(self.come_up(), bytes((EapMethod.IDENTITY,)) + identity)

    def challenge(self) -> EapPacket:
        (request,) = gsup_of(self.identify())
        return eap_of(self.answer(request.result(auth_tuples=(VECTOR,))))

    def attach(self) -> list[Command]:
        (update,) = gsup_of(self.say(self.challenge(), ANSWER, K_AUT))
        self.answer(Gsup(GsupType.INSERT_DATA_REQUEST, imsi=SUBSCRIBER, msisdn=MSISDN("33600")))
        return self.answer(update.result())

    @property
    def is_attached(self) -> bool:
        return self.node.is_attached(ICCID(DEVICE))


def packets_of(commands: list[Command]) -> list[Packet]:
    to_device = Peer(Interface.PPP, DEVICE)
    sends = [c for c in commands if isinstance(c, Send) and c.target == to_device]
    return [decode_ppp(send.octets) for send in sends]


def eap_of(commands: list[Command]) -> EapPacket:
    (packet,) = packets_of(commands)
    assert isinstance(packet, EapPacket)
    return packet


def gsup_of(commands: list[Command]) -> list[Gsup]:
    sends = [c for c in commands if isinstance(c, Send) and c.target.interface is Interface.GSUP]
    return [decode_gsup(send.octets) for send in sends]


@pytest.fixture
def link(surroundings: Any) -> Link:
    return Link(surroundings)


def test_a_link_comes_up_if_the_device_lets_itself_be_authenticated(link: Link) -> None:
    told = packets_of(link.tell(LcpPacket(LcpCode.CONFIGURE_REQUEST, 9)))
    assert told == [
        LcpPacket(LcpCode.CONFIGURE_ACK, 9),
        LcpPacket(LcpCode.CONFIGURE_REQUEST, 9, BY_EAP),
    ]
    request = eap_of(link.tell(LcpPacket(LcpCode.CONFIGURE_ACK, 9, BY_EAP)))
    assert (request.code, request.method) == (EapCode.REQUEST, EapMethod.IDENTITY)


def test_options_of_the_link_are_refused(link: Link) -> None:
    (refused,) = packets_of(link.tell(LcpPacket(LcpCode.CONFIGURE_REQUEST, 9, b"\x01\x04\x05\xdc")))
    assert refused == LcpPacket(LcpCode.CONFIGURE_REJECT, 9, b"\x01\x04\x05\xdc")


def test_a_subscriber_is_attached_step_by_step(link: Link) -> None:
    (asked,) = gsup_of(link.identify())
    assert (asked.message_type, asked.imsi) == (GsupType.SEND_AUTH_INFO_REQUEST, SUBSCRIBER)
    assert (asked.current_rat_type, asked.cn_domain) == (RatType.EUTRAN, CnDomain.PACKET_SWITCHED)
    challenge = eap_of(link.answer(asked.result(auth_tuples=(VECTOR,))))
    assert is_sealed(challenge, K_AUT)
    message = AkaPrimeMessage.decode(challenge.data)
    assert (message.rand, message.autn, message.kdf, message.network) == (
        VECTOR.rand,
        VECTOR.autn,
        1,
        b"HRPD",
    )
    (update,) = gsup_of(link.say(challenge, ANSWER, K_AUT))
    assert (update.message_type, update.imsi) == (GsupType.UPDATE_LOCATION_REQUEST, SUBSCRIBER)
    link.answer(Gsup(GsupType.INSERT_DATA_REQUEST, imsi=SUBSCRIBER, msisdn=MSISDN("33600")))
    assert not link.is_attached
    success = eap_of(link.answer(update.result()))
    assert success == EapPacket(EapCode.SUCCESS, challenge.identifier)
    assert link.is_attached


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (replace(ANSWER, res=b"guesswork"), K_AUT),
        (ANSWER, bytes(32)),
        (ANSWER, None),
        (AkaPrimeMessage(Subtype.CHALLENGE), K_AUT),
    ],
)
def test_a_device_that_does_not_prove_itself_is_notified_and_failed(
    link: Link, answer: AkaPrimeMessage, key: bytes | None
) -> None:
    notice = eap_of(link.say(link.challenge(), answer, key))
    message = AkaPrimeMessage.decode(notice.data)
    assert message == AkaPrimeMessage(Subtype.NOTIFICATION, notification=GENERAL_FAILURE)
    failure = eap_of(link.say(notice, AkaPrimeMessage(Subtype.NOTIFICATION)))
    assert failure.code is EapCode.FAILURE
    assert not link.is_attached


@pytest.mark.parametrize(
    "message",
    [
        AkaPrimeMessage(Subtype.AUTHENTICATION_REJECT),
        AkaPrimeMessage(Subtype.CLIENT_ERROR, client_error=0),
    ],
)
def test_a_device_that_does_not_go_on_is_failed(link: Link, message: AkaPrimeMessage) -> None:
    assert eap_of(link.say(link.challenge(), message)).code is EapCode.FAILURE


def test_a_device_that_wants_another_method_is_failed(link: Link) -> None:
    commands = link.respond(link.challenge(), bytes((EapMethod.NAK, 23)))
    assert eap_of(commands).code is EapCode.FAILURE


def test_a_card_that_is_ahead_gets_another_vector_once(link: Link) -> None:
    auts = bytes(range(14))
    failure = AkaPrimeMessage(Subtype.SYNCHRONIZATION_FAILURE, auts=auts, kdf=1)
    (again,) = gsup_of(link.say(link.challenge(), failure))
    assert (again.rand, again.auts) == (VECTOR.rand, auts)
    challenge = eap_of(link.answer(again.result(auth_tuples=(VECTOR,))))
    notice = eap_of(link.say(challenge, failure))
    assert AkaPrimeMessage.decode(notice.data).subtype is Subtype.NOTIFICATION


@pytest.mark.parametrize("identity", [FOREIGNER, b"somebody", b"0" + IDENTITY[1:]])
def test_who_is_not_known_by_name_is_failed(link: Link, identity: bytes) -> None:
    commands = link.identify(identity)
    assert eap_of(commands).code is EapCode.FAILURE
    assert gsup_of(commands) == []


def test_a_register_that_refuses_lets_nobody_in(link: Link) -> None:
    (request,) = gsup_of(link.identify())
    notice = eap_of(link.answer(request.error(cause=GsupCause.IMSI_UNKNOWN)))
    assert AkaPrimeMessage.decode(notice.data).subtype is Subtype.NOTIFICATION
    (update,) = gsup_of(link.say(link.challenge(), ANSWER, K_AUT))
    notice = eap_of(link.answer(update.error(cause=GsupCause.NETWORK_FAILURE)))
    assert AkaPrimeMessage.decode(notice.data).subtype is Subtype.NOTIFICATION
    assert not link.is_attached


def test_triplets_do_not_serve(link: Link) -> None:
    (request,) = gsup_of(link.identify())
    triplet = AuthTuple(rand=VECTOR.rand, sres=Secret(b"sres"), kc=Secret(bytes(8)))
    notice = eap_of(link.answer(request.result(auth_tuples=(triplet,))))
    assert AkaPrimeMessage.decode(notice.data).subtype is Subtype.NOTIFICATION


def test_an_attach_that_takes_too_long_is_given_up(link: Link) -> None:
    link.come_up()
    timer = Expired(f"attach/{DEVICE}")
    assert eap_of(link.node.handle(timer)).code is EapCode.FAILURE
    link.say(link.challenge(), replace(ANSWER, res=b"guess"), K_AUT)
    assert eap_of(link.node.handle(timer)).code is EapCode.FAILURE
    assert link.node.handle(timer) == []


def test_a_link_that_goes_down_ends_the_attach(link: Link) -> None:
    link.attach()
    assert link.is_attached
    (done,) = packets_of(link.tell(LcpPacket(LcpCode.TERMINATE_REQUEST, 3)))
    assert done == LcpPacket(LcpCode.TERMINATE_ACK, 3)
    assert not link.is_attached
    link.challenge()
    link.tell(LcpPacket(LcpCode.TERMINATE_REQUEST, 4))
    assert link.node.handle(Expired(f"attach/{DEVICE}")) == []


def test_what_is_out_of_turn_or_another_link_is_dropped(link: Link) -> None:
    answer = seal(EapCode.RESPONSE, 2, ANSWER, K_AUT)
    assert link.tell(answer) == []
    challenge = link.challenge()
    assert link.tell(replace(answer, identifier=challenge.identifier + 1)) == []
    assert link.tell(replace(answer, code=EapCode.REQUEST)) == []
    assert link.tell(LcpPacket(LcpCode.CONFIGURE_ACK, 1, BY_EAP)) == []
    assert link.say(challenge, AkaPrimeMessage(Subtype.IDENTITY)) == []
    assert gsup_of(link.say(challenge, ANSWER, K_AUT)) != []


@pytest.mark.parametrize("octets", ["", "c227", "c22701", "0508", "c2270202000532"])
def test_what_means_nothing_is_dropped(link: Link, octets: str) -> None:
    link.challenge()
    heard = Arrived(Peer(Interface.PPP, DEVICE), bytes.fromhex(octets))
    assert link.node.handle(heard) == []
