"""Tests of the attach to LTE, driven by what devices and home registers say."""

from __future__ import annotations

from typing import Any

import pytest

from impl.codec.digits import encode_plmn
from impl.codec.eps_identity import GUTI, EpsIdentity
from impl.codec.eps_mobility import (
    AREA_UPDATED,
    CAPABILITY,
    DETACH_AT_SWITCH_OFF,
    ESM_DUMMY,
    PERIODIC_UPDATING,
    SMS_ONLY_ASKED,
    SMS_ONLY_GRANTED,
    AttachAccept,
    AttachComplete,
    AttachKind,
    AttachReject,
    AttachRequest,
    DetachRequest,
    EmmCause,
    EmmMessage,
    EmmStatus,
    EpsAuthenticationFailure,
    EpsAuthenticationReject,
    EpsAuthenticationRequest,
    EpsAuthenticationResponse,
    EpsIdentityRequest,
    EpsIdentityResponse,
    Halves,
    SecurityModeCommand,
    SecurityModeComplete,
    SecurityModeReject,
    TrackingAreaUpdateAccept,
    TrackingAreaUpdateReject,
    TrackingAreaUpdateRequest,
)
from impl.codec.gsup import AuthTuple, CnDomain, Gsup, GsupCause, GsupType, RatType, decode_gsup
from impl.codec.mobility import TMSI, IdentityKind, LocationArea
from impl.codec.nas_security import NasContext, Protection, decode_nas, is_protected
from impl.crypto.conversions import kasme
from impl.events import Arrived, Command, Expired, Interface, Peer, Send, SetTimer
from impl.network.vlr import Vlr, VlrConfig
from impl.values import ICCID, IMSI, MSISDN, PLMN, Generation, Secret

DEVICE, OTHER = "8933010000000000017", "8933010000000000025"
SUBSCRIBER, FOREIGNER = IMSI("208010000000001"), IMSI("208030000000001")
HERE = LocationArea(PLMN("20801"), 7)
NUMBER = MSISDN("33600000001")
RES = b"response"
VECTOR = AuthTuple(
    rand=bytes(range(16)),
    ik=Secret(b"i" * 16),
    ck=Secret(b"c" * 16),
    autn=bytes(range(16, 32)),
    res=Secret(RES),
)
KASME = Secret(kasme(b"c" * 16, b"i" * 16, encode_plmn(PLMN("20801")), bytes(range(16, 22))))
CONFIG = VlrConfig(PLMN("20801"), Generation.LTE, lac=7)


class Area:
    """An MME, and what devices and registers say to it."""

    def __init__(self, surroundings: Any) -> None:
        self.node = Vlr(CONFIG, surroundings)
        self.contexts: dict[str, NasContext] = {}

    def hear(self, octets: bytes, device: str = DEVICE) -> list[Command]:
        return self.node.handle(Arrived(Peer(Interface.EMM, device), octets))

    def tell(self, message: EmmMessage, device: str = DEVICE) -> list[Command]:
        return self.hear(message.encode(), device)

    def tell_safely(self, message: EmmMessage, device: str = DEVICE) -> list[Command]:
        octets, self.contexts[device] = self.contexts[device].seal(message, Protection.CIPHERED)
        return self.hear(octets, device)

    def answer(self, message: Gsup) -> list[Command]:
        return self.node.handle(Arrived(Peer(Interface.GSUP, "hlr"), message.encode()))

    def ask_attach(
        self,
        identity: EpsIdentity = SUBSCRIBER,
        device: str = DEVICE,
        kind: AttachKind = AttachKind.COMBINED,
        capability: bytes = CAPABILITY,
    ) -> list[Command]:
        request = AttachRequest(Halves(kind), identity, capability, ESM_DUMMY, None, SMS_ONLY_ASKED)
        return self.tell(request, device)

    def challenge(self, **facts: Any) -> list[Command]:
        (request,) = gsup_of(self.ask_attach(**facts))
        return self.answer(request.result(auth_tuples=(VECTOR,)))

    def prove(self, device: str = DEVICE) -> list[Command]:
        self.contexts[device] = NasContext(KASME, is_network=False)
        return self.tell(EpsAuthenticationResponse(RES), device)

    def attach(self, device: str = DEVICE, **facts: Any) -> AttachAccept:
        self.challenge(device=device, **facts)
        self.open(self.prove(device), device)
        (update,) = gsup_of(self.tell_safely(SecurityModeComplete(), device))
        self.answer(Gsup(GsupType.INSERT_DATA_REQUEST, imsi=SUBSCRIBER, msisdn=NUMBER))
        (accept,) = self.open(self.answer(update.result()), device)
        assert isinstance(accept, AttachAccept)
        self.tell_safely(AttachComplete(ESM_DUMMY), device)
        return accept

    def open(self, commands: list[Command], device: str = DEVICE) -> list[EmmMessage]:
        """Return what a device is told, all of it protected for it."""
        messages = []
        for octets in said(commands, device):
            message, self.contexts[device] = self.contexts[device].open(octets)
            messages.append(message)
        return messages


def gsup_of(commands: list[Command]) -> list[Gsup]:
    sends = [command for command in commands if isinstance(command, Send)]
    return [decode_gsup(s.octets) for s in sends if s.target.interface is Interface.GSUP]


def said(commands: list[Command], device: str = DEVICE) -> list[bytes]:
    sends = [command for command in commands if isinstance(command, Send)]
    return [s.octets for s in sends if s.target == Peer(Interface.EMM, device)]


def emm_of(commands: list[Command], device: str = DEVICE) -> list[EmmMessage]:
    return [decode_nas(octets) for octets in said(commands, device)]


@pytest.fixture
def area(surroundings: Any) -> Area:
    return Area(surroundings)


def test_a_subscriber_is_attached_step_by_step(area: Area) -> None:
    commands = area.ask_attach()
    assert SetTimer(f"attach/{DEVICE}", 13.0) in commands
    (asked,) = gsup_of(commands)
    assert (asked.message_type, asked.imsi) == (GsupType.SEND_AUTH_INFO_REQUEST, SUBSCRIBER)
    assert (asked.current_rat_type, asked.cn_domain) == (RatType.EUTRAN, CnDomain.PACKET_SWITCHED)
    challenge = area.answer(asked.result(auth_tuples=(VECTOR,)))
    assert emm_of(challenge) == [
        EpsAuthenticationRequest(0, VECTOR.rand or b"", VECTOR.autn or b"")
    ]
    secured = area.prove()
    assert gsup_of(secured) == []
    assert area.open(secured) == [SecurityModeCommand(0x02, 0, CAPABILITY)]
    (update,) = gsup_of(area.tell_safely(SecurityModeComplete()))
    assert (update.message_type, update.imsi) == (GsupType.UPDATE_LOCATION_REQUEST, SUBSCRIBER)
    area.answer(Gsup(GsupType.INSERT_DATA_REQUEST, imsi=SUBSCRIBER, msisdn=NUMBER))
    assert not area.node.is_attached(ICCID(DEVICE))
    (accept,) = area.open(area.answer(update.result()))
    assert isinstance(accept, AttachAccept)
    assert (accept.result, accept.areas, accept.location) == (AttachKind.COMBINED, HERE, HERE)
    assert accept.additional == SMS_ONLY_GRANTED
    assert isinstance(accept.guti, GUTI)
    assert area.node.is_attached(ICCID(DEVICE))
    assert area.tell_safely(AttachComplete(ESM_DUMMY)) == []


def test_an_attach_that_is_not_combined_gets_no_location_area(area: Area) -> None:
    accept = area.attach(kind=AttachKind.EPS_ONLY)
    assert (accept.result, accept.location) == (AttachKind.EPS_ONLY, None)


@pytest.mark.parametrize("res", [b"\0" * 8, RES[:4], RES + b"\0"])
def test_a_device_that_does_not_prove_itself_is_rejected(area: Area, res: bytes) -> None:
    area.challenge()
    commands = area.tell(EpsAuthenticationResponse(res))
    assert emm_of(commands) == [EpsAuthenticationReject()]
    assert gsup_of(commands) == []


def test_triplets_do_not_serve(area: Area) -> None:
    (request,) = gsup_of(area.ask_attach())
    triplet = AuthTuple(rand=VECTOR.rand, sres=Secret(b"sres"), kc=Secret(bytes(8)))
    commands = area.answer(request.result(auth_tuples=(triplet,)))
    assert emm_of(commands) == [AttachReject(EmmCause.NETWORK_FAILURE)]


def test_a_device_that_made_another_key_does_not_get_in(area: Area) -> None:
    area.challenge()
    area.prove()
    area.contexts[DEVICE] = NasContext(Secret(bytes(32)), is_network=False)
    assert area.tell_safely(SecurityModeComplete()) == []
    assert not area.node.is_attached(ICCID(DEVICE))


def test_who_does_not_protect_that_it_is_secure_does_not_get_in(area: Area) -> None:
    area.challenge()
    area.prove()
    assert area.tell(SecurityModeComplete()) == []
    assert gsup_of(area.tell_safely(SecurityModeComplete())) != []


def test_a_device_that_refuses_protection_is_rejected(area: Area) -> None:
    area.challenge()
    area.open(area.prove())
    commands = area.tell(SecurityModeReject(EmmCause.SECURITY_MODE_REJECTED))
    assert area.open(commands) == [AttachReject(EmmCause.NETWORK_FAILURE)]


def test_a_device_that_cannot_protect_is_rejected(area: Area) -> None:
    area.challenge(capability=b"\x80\x80")
    commands = area.tell(EpsAuthenticationResponse(RES))
    assert emm_of(commands) == [AttachReject(EmmCause.UE_SECURITY_CAPABILITIES_MISMATCH)]


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (GsupCause.IMSI_UNKNOWN, EmmCause.NO_SERVICES_ALLOWED),
        (GsupCause.NETWORK_FAILURE, EmmCause.NETWORK_FAILURE),
        (GsupCause.ROAMING_NOT_ALLOWED, EmmCause.ROAMING_NOT_ALLOWED),
    ],
)
def test_a_register_that_refuses_lets_nobody_in(
    area: Area, cause: GsupCause, told: EmmCause
) -> None:
    (request,) = gsup_of(area.ask_attach())
    assert emm_of(area.answer(request.error(cause=cause))) == [AttachReject(told)]
    area.challenge()
    area.open(area.prove())
    (update,) = gsup_of(area.tell_safely(SecurityModeComplete()))
    assert area.open(area.answer(update.error(cause=cause))) == [AttachReject(told)]
    assert not area.node.is_attached(ICCID(DEVICE))


def test_a_subscriber_of_another_network_is_rejected(area: Area) -> None:
    commands = area.ask_attach(FOREIGNER)
    assert emm_of(commands) == [AttachReject(EmmCause.PLMN_NOT_ALLOWED)]


def test_a_card_that_is_ahead_gets_another_vector_once(area: Area) -> None:
    area.challenge()
    auts = bytes(range(14))
    failure = EpsAuthenticationFailure(EmmCause.SYNCH_FAILURE, auts)
    (again,) = gsup_of(area.tell(failure))
    assert (again.rand, again.auts) == (VECTOR.rand, auts)
    area.answer(again.result(auth_tuples=(VECTOR,)))
    assert emm_of(area.tell(failure)) == [EpsAuthenticationReject()]


def test_a_card_that_does_not_know_the_network_gets_another_vector_once(area: Area) -> None:
    area.challenge()
    failure = EpsAuthenticationFailure(EmmCause.MAC_FAILURE)
    (again,) = gsup_of(area.tell(failure))
    assert (again.rand, again.auts) == (None, None)
    area.answer(again.result(auth_tuples=(VECTOR,)))
    assert emm_of(area.tell(failure)) == [EpsAuthenticationReject()]


def test_a_failure_of_another_kind_ends_the_attach(area: Area) -> None:
    area.challenge()
    failure = EpsAuthenticationFailure(EmmCause.NON_EPS_AUTHENTICATION_UNACCEPTABLE)
    assert emm_of(area.tell(failure)) == [EpsAuthenticationReject()]


def test_a_known_temporary_identity_is_enough(area: Area) -> None:
    accept = area.attach()
    assert isinstance(accept.guti, GUTI)
    (request,) = gsup_of(area.ask_attach(accept.guti))
    assert request.imsi == SUBSCRIBER


@pytest.mark.parametrize(
    ("group", "code", "plmn"), [(2, 1, "20801"), (1, 2, "20801"), (1, 1, "26202")]
)
def test_the_temporary_identity_of_another_mme_is_asked_for_the_imsi(
    area: Area, group: int, code: int, plmn: str
) -> None:
    accept = area.attach()
    assert isinstance(accept.guti, GUTI)
    foreign = GUTI(PLMN(plmn), group, code, accept.guti.m_tmsi)
    assert emm_of(area.ask_attach(foreign)) == [EpsIdentityRequest(IdentityKind.IMSI)]
    (request,) = gsup_of(area.tell(EpsIdentityResponse(SUBSCRIBER)))
    assert request.imsi == SUBSCRIBER


def test_a_device_that_has_no_imsi_is_rejected(area: Area) -> None:
    area.ask_attach(GUTI(PLMN("20801"), 1, 1, TMSI(b"none")))
    commands = area.tell(EpsIdentityResponse(None))
    assert emm_of(commands) == [AttachReject(EmmCause.INVALID_MANDATORY_INFORMATION)]


def test_a_device_detaches_itself_if_it_proves_who_it_is(area: Area) -> None:
    accept = area.attach()
    assert isinstance(accept.guti, GUTI)
    detach = DetachRequest(Halves(DETACH_AT_SWITCH_OFF, 0), accept.guti)
    assert area.tell(detach) == []
    assert area.node.is_attached(ICCID(DEVICE))
    assert area.tell_safely(detach) == []
    assert not area.node.is_attached(ICCID(DEVICE))


def update_of(accept: AttachAccept) -> TrackingAreaUpdateRequest:
    assert isinstance(accept.guti, GUTI)
    return TrackingAreaUpdateRequest(Halves(PERIODIC_UPDATING, 0), accept.guti)


def test_a_device_that_says_that_it_is_there_is_known_and_no_register_is_asked(area: Area) -> None:
    update = update_of(area.attach())
    assert area.tell(update) == []
    answer = area.tell_safely(update)
    assert gsup_of(answer) == []
    assert area.open(answer) == [TrackingAreaUpdateAccept(AREA_UPDATED)]


def test_a_device_that_was_detached_without_a_word_hears_it_when_it_says_that_it_is_there(
    area: Area,
) -> None:
    update = update_of(area.attach())
    area.answer(Gsup(GsupType.LOCATION_CANCEL_REQUEST, imsi=SUBSCRIBER))
    refusal = TrackingAreaUpdateReject(EmmCause.IMPLICITLY_DETACHED)
    assert area.open(area.tell_safely(update)) == [refusal]


def test_a_device_is_not_there_under_the_name_of_another(area: Area) -> None:
    area.attach()
    stranger = TrackingAreaUpdateRequest(
        Halves(PERIODIC_UPDATING, 0), GUTI(PLMN("20801"), 1, 1, TMSI(b"none"))
    )
    refusal = TrackingAreaUpdateReject(EmmCause.IMPLICITLY_DETACHED)
    assert area.open(area.tell_safely(stranger)) == [refusal]


def test_nobody_is_there_before_the_attach_is_over(area: Area) -> None:
    area.challenge()
    area.open(area.prove())
    stranger = TrackingAreaUpdateRequest(
        Halves(PERIODIC_UPDATING, 0), GUTI(PLMN("20801"), 1, 1, TMSI(b"none"))
    )
    assert area.tell_safely(stranger) == []


def test_what_is_said_again_is_not_taken_again(area: Area) -> None:
    accept = area.attach()
    assert isinstance(accept.guti, GUTI)
    detach = DetachRequest(Halves(DETACH_AT_SWITCH_OFF, 0), accept.guti)
    octets, _ = area.contexts[DEVICE].seal(detach, Protection.CIPHERED)
    assert is_protected(octets)
    area.hear(octets)
    area.attach()
    assert area.hear(octets) == []
    assert area.node.is_attached(ICCID(DEVICE))


def test_an_attach_that_takes_too_long_is_given_up(area: Area) -> None:
    area.ask_attach()
    commands = area.node.handle(Expired(f"attach/{DEVICE}"))
    assert emm_of(commands) == [AttachReject(EmmCause.NETWORK_FAILURE)]


def test_what_comes_out_of_turn_is_answered_with_a_status(area: Area) -> None:
    status = [EmmStatus(EmmCause.MESSAGE_NOT_COMPATIBLE)]
    assert emm_of(area.tell(EpsAuthenticationResponse(RES))) == status
    area.ask_attach()
    assert emm_of(area.tell(EpsAuthenticationResponse(RES))) == status
    assert area.tell(EmmStatus(1)) == []


@pytest.mark.parametrize(
    ("octets", "cause"),
    [
        ("0741", EmmCause.INVALID_MANDATORY_INFORMATION),
        ("0799", EmmCause.MESSAGE_TYPE_NOT_IMPLEMENTED),
    ],
)
def test_what_means_nothing_is_answered_with_a_status(
    area: Area, octets: str, cause: EmmCause
) -> None:
    assert emm_of(area.hear(bytes.fromhex(octets))) == [EmmStatus(cause)]


@pytest.mark.parametrize("octets", ["", "07", "0508", "27000000000007", "2700000000000760" + "01"])
def test_what_is_foreign_too_short_or_not_to_be_verified_is_ignored(
    area: Area, octets: str
) -> None:
    assert area.hear(bytes.fromhex(octets)) == []


def test_an_mme_does_not_speak_the_language_of_others(area: Area) -> None:
    octets = AttachRequest(Halves(2), SUBSCRIBER, CAPABILITY, ESM_DUMMY).encode()
    assert area.node.handle(Arrived(Peer(Interface.MM, DEVICE), octets)) == []
