"""Tests of the attach to GSM and UMTS, driven by what devices and home registers say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.codec.gsup import AuthTuple, Gsup, GsupCause, GsupType, RatType, decode_gsup
from impl.codec.mobility import (
    TMSI,
    AuthenticationFailure,
    AuthenticationReject,
    AuthenticationRequest,
    AuthenticationResponse,
    IdentityKind,
    IdentityRequest,
    IdentityResponse,
    ImsiDetachIndication,
    LocationArea,
    LocationUpdatingAccept,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    MmMessage,
    MmStatus,
    MobileIdentity,
    RejectCause,
    TmsiReallocationComplete,
    Updating,
    UpdatingType,
    decode_mm,
)
from impl.events import Arrived, Command, Expired, Interface, Peer, Send, SetTimer, StopTimer
from impl.network.vlr import Vlr, VlrConfig
from impl.values import ICCID, IMSI, MSISDN, PLMN, Generation, Secret

DEVICE, OTHER = "8933010000000000017", "8933010000000000025"
SUBSCRIBER = IMSI("208010000000001")
ROAMER = IMSI("208020000000001")
FOREIGNER = IMSI("208030000000001")
NUMBER = MSISDN("33600000001")
RES = bytes.fromhex("a54211d5e3ba50bf")
VECTOR = AuthTuple(
    rand=bytes(range(16)),
    sres=Secret(b"sres"),
    kc=Secret(bytes(8)),
    ik=Secret(bytes(16)),
    ck=Secret(bytes(16)),
    autn=bytes(range(16, 32)),
    res=Secret(RES),
)
CONFIG = VlrConfig(PLMN("20801"), lac=7, partners={PLMN("20802"): "20802"})


class Area:
    """A VLR, and what devices and registers say to it."""

    def __init__(self, surroundings: Any, generation: Generation = Generation.UMTS) -> None:
        self.node = Vlr(replace(CONFIG, generation=generation), surroundings)

    def tell(self, device: str, message: MmMessage) -> list[Command]:
        return self.node.handle(Arrived(Peer(Interface.MM, device), message.encode()))

    def answer(self, message: Gsup, home: str = "hlr") -> list[Command]:
        return self.node.handle(Arrived(Peer(Interface.GSUP, home), message.encode()))

    def ask_attach(
        self,
        identity: MobileIdentity = SUBSCRIBER,
        device: str = DEVICE,
        sequence: int = 7,
        kind: Updating = Updating.IMSI_ATTACH,
    ) -> list[Command]:
        request = LocationUpdatingRequest(
            UpdatingType(kind, sequence), LocationArea(None, 0), 0x33, identity
        )
        return self.tell(device, request)

    def challenge(
        self, identity: IMSI = SUBSCRIBER, device: str = DEVICE, home: str = "hlr"
    ) -> list[Command]:
        (request,) = gsup_of(self.ask_attach(identity, device))
        return self.answer(request.result(auth_tuples=(VECTOR,)), home)

    def prove(self, device: str = DEVICE, res: bytes = RES) -> list[Command]:
        return self.tell(device, AuthenticationResponse.of(res))

    def attach(
        self, identity: IMSI = SUBSCRIBER, device: str = DEVICE, home: str = "hlr"
    ) -> list[Command]:
        self.challenge(identity, device, home)
        (update,) = gsup_of(self.prove(device))
        profile = Gsup(GsupType.INSERT_DATA_REQUEST, imsi=identity, msisdn=NUMBER)
        self.answer(profile, home)
        return self.answer(update.result(), home)


def gsup_of(commands: list[Command]) -> list[Gsup]:
    sends = [command for command in commands if isinstance(command, Send)]
    return [decode_gsup(s.octets) for s in sends if s.target.interface is Interface.GSUP]


def mm_of(commands: list[Command], device: str = DEVICE) -> list[MmMessage]:
    sends = [command for command in commands if isinstance(command, Send)]
    return [decode_mm(s.octets) for s in sends if s.target == Peer(Interface.MM, device)]


@pytest.fixture
def area(surroundings: Any) -> Area:
    return Area(surroundings)


def test_a_subscriber_is_attached_step_by_step(area: Area) -> None:
    commands = area.ask_attach()
    assert SetTimer(f"attach/{DEVICE}", 18.0) in commands
    (asked,) = gsup_of(commands)
    assert (asked.message_type, asked.imsi) == (GsupType.SEND_AUTH_INFO_REQUEST, SUBSCRIBER)
    assert asked.num_vectors == 1
    challenge = area.answer(asked.result(auth_tuples=(VECTOR,)))
    assert mm_of(challenge) == [AuthenticationRequest(0, VECTOR.rand or b"", VECTOR.autn)]
    (update,) = gsup_of(area.prove())
    assert (update.message_type, update.imsi) == (GsupType.UPDATE_LOCATION_REQUEST, SUBSCRIBER)
    profile = Gsup(GsupType.INSERT_DATA_REQUEST, imsi=SUBSCRIBER, msisdn=NUMBER)
    assert gsup_of(area.answer(profile)) == [profile.result()]
    assert not area.node.is_attached(ICCID(DEVICE))
    end = area.answer(update.result())
    (accept,) = mm_of(end)
    assert isinstance(accept, LocationUpdatingAccept)
    assert accept.location == LocationArea(PLMN("20801"), 7)
    assert isinstance(accept.identity, TMSI)
    assert StopTimer(f"attach/{DEVICE}") in end
    assert area.node.is_attached(ICCID(DEVICE))
    assert area.tell(DEVICE, TmsiReallocationComplete()) == []


@pytest.mark.parametrize("res", [b"\0" * 8, RES[:4], RES + b"\0", b"sres"])
def test_a_device_that_does_not_prove_itself_is_rejected(area: Area, res: bytes) -> None:
    area.challenge()
    commands = area.prove(res=res)
    assert mm_of(commands) == [AuthenticationReject()]
    assert gsup_of(commands) == []
    assert not area.node.is_attached(ICCID(DEVICE))
    assert mm_of(area.prove()) == [MmStatus(RejectCause.MESSAGE_NOT_COMPATIBLE)]


def test_a_network_of_gsm_asks_triplets_and_challenges_without_autn(surroundings: Any) -> None:
    area = Area(surroundings, Generation.GSM)
    (request,) = gsup_of(area.ask_attach())
    assert request.current_rat_type == RatType.GERAN
    commands = area.answer(request.result(auth_tuples=(VECTOR,)))
    assert mm_of(commands) == [AuthenticationRequest(0, VECTOR.rand or b"")]
    assert mm_of(area.prove(res=RES)) == [AuthenticationReject()]
    area.challenge()
    (update,) = gsup_of(area.prove(res=b"sres"))
    assert update.message_type is GsupType.UPDATE_LOCATION_REQUEST


def test_a_network_of_umts_asks_quintets(area: Area) -> None:
    (request,) = gsup_of(area.ask_attach())
    assert request.current_rat_type == RatType.UTRAN


@pytest.mark.parametrize(("told", "given"), [(7, 0), (0, 1), (6, 0)])
def test_new_keys_get_another_number_than_those_that_the_device_has(
    area: Area, told: int, given: int
) -> None:
    (request,) = gsup_of(area.ask_attach(sequence=told))
    (challenge,) = mm_of(area.answer(request.result(auth_tuples=(VECTOR,))))
    assert isinstance(challenge, AuthenticationRequest)
    assert challenge.key_sequence == given


def test_a_device_of_gsm_answers_with_sres(area: Area) -> None:
    (request,) = gsup_of(area.ask_attach())
    triplet = AuthTuple(rand=VECTOR.rand, sres=VECTOR.sres, kc=VECTOR.kc)
    commands = area.answer(request.result(auth_tuples=(triplet,)))
    assert mm_of(commands) == [AuthenticationRequest(0, VECTOR.rand or b"")]
    (update,) = gsup_of(area.prove(res=b"sres"))
    assert update.message_type is GsupType.UPDATE_LOCATION_REQUEST


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (GsupCause.IMSI_UNKNOWN, RejectCause.IMSI_UNKNOWN_IN_HLR),
        (GsupCause.NETWORK_FAILURE, RejectCause.NETWORK_FAILURE),
        (None, RejectCause.NETWORK_FAILURE),
    ],
)
def test_a_register_that_refuses_vectors_or_the_update_lets_nobody_in(
    area: Area, cause: GsupCause | None, told: RejectCause
) -> None:
    (request,) = gsup_of(area.ask_attach())
    assert mm_of(area.answer(request.error(cause=cause))) == [LocationUpdatingReject(told)]
    area.challenge()
    (update,) = gsup_of(area.prove())
    assert mm_of(area.answer(update.error(cause=cause))) == [LocationUpdatingReject(told)]
    assert not area.node.is_attached(ICCID(DEVICE))


@pytest.mark.parametrize("tuples", [(), (AuthTuple(),), (AuthTuple(rand=bytes(16)),)])
def test_no_vector_that_serves_is_a_failure_of_the_network(area: Area, tuples: Any) -> None:
    (request,) = gsup_of(area.ask_attach())
    commands = area.answer(request.result(auth_tuples=tuples))
    assert mm_of(commands) == [LocationUpdatingReject(RejectCause.NETWORK_FAILURE)]


def test_a_subscriber_of_a_roaming_partner_is_authenticated_at_home(area: Area) -> None:
    commands = area.ask_attach(ROAMER)
    assert [c.target.name for c in commands if isinstance(c, Send)] == ["20802"]
    area.attach(ROAMER, home="20802")
    assert area.node.is_attached(ICCID(DEVICE))


def test_a_subscriber_of_any_other_network_is_rejected(area: Area) -> None:
    commands = area.ask_attach(FOREIGNER)
    assert mm_of(commands) == [LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED)]
    assert gsup_of(commands) == []


def test_a_register_does_not_answer_for_another(area: Area) -> None:
    (request,) = gsup_of(area.ask_attach(ROAMER))
    assert area.answer(request.result(auth_tuples=(VECTOR,)), home="hlr") == []


def test_a_card_that_is_ahead_gets_another_vector_once(area: Area) -> None:
    area.challenge()
    auts = bytes(range(14))
    failure = AuthenticationFailure(RejectCause.SYNCH_FAILURE, auts)
    (again,) = gsup_of(area.tell(DEVICE, failure))
    assert (again.rand, again.auts) == (VECTOR.rand, auts)
    assert len(mm_of(area.answer(again.result(auth_tuples=(VECTOR,))))) == 1
    assert mm_of(area.tell(DEVICE, failure)) == [AuthenticationReject()]


def test_a_card_that_does_not_know_the_network_gets_another_vector_once(area: Area) -> None:
    area.challenge()
    failure = AuthenticationFailure(RejectCause.MAC_FAILURE)
    (again,) = gsup_of(area.tell(DEVICE, failure))
    assert (again.rand, again.auts) == (None, None)
    area.answer(again.result(auth_tuples=(VECTOR,)))
    assert mm_of(area.tell(DEVICE, failure)) == [AuthenticationReject()]


def test_a_failure_of_another_kind_ends_the_attach(area: Area) -> None:
    area.challenge()
    assert mm_of(area.tell(DEVICE, AuthenticationFailure(0x1A))) == [AuthenticationReject()]
    area.challenge()
    without = AuthenticationFailure(RejectCause.SYNCH_FAILURE)
    assert mm_of(area.tell(DEVICE, without)) == [AuthenticationReject()]


def test_a_known_temporary_identity_is_enough(area: Area) -> None:
    (accept,) = mm_of(area.attach())
    assert isinstance(accept, LocationUpdatingAccept)
    (request,) = gsup_of(area.ask_attach(accept.identity))
    assert request.imsi == SUBSCRIBER
    assert area.node.is_attached(ICCID(DEVICE))


@pytest.mark.parametrize("device", [DEVICE, OTHER])
def test_a_device_that_says_that_it_is_still_there_proves_itself_and_no_register_is_told(
    area: Area, device: str
) -> None:
    (accept,) = mm_of(area.attach())
    assert isinstance(accept, LocationUpdatingAccept)
    (request,) = gsup_of(area.ask_attach(accept.identity, device, kind=Updating.PERIODIC))
    area.answer(request.result(auth_tuples=(VECTOR,)))
    proved = area.prove(device)
    is_known = device == DEVICE
    assert mm_of(proved, device) == [accept] * is_known
    asked = [one.message_type for one in gsup_of(proved)]
    assert asked == [GsupType.UPDATE_LOCATION_REQUEST] * (not is_known)


def test_a_subscriber_who_is_none_any_more_learns_it_when_the_device_says_that_it_is_there(
    area: Area,
) -> None:
    (accept,) = mm_of(area.attach())
    assert isinstance(accept, LocationUpdatingAccept)
    area.answer(Gsup(GsupType.LOCATION_CANCEL_REQUEST, imsi=SUBSCRIBER))
    asked = area.ask_attach(accept.identity, kind=Updating.PERIODIC)
    assert mm_of(asked) == [IdentityRequest(IdentityKind.IMSI)]
    (request,) = gsup_of(area.tell(DEVICE, IdentityResponse(SUBSCRIBER)))
    refusal = area.answer(request.error(cause=GsupCause.IMSI_UNKNOWN))
    assert mm_of(refusal) == [LocationUpdatingReject(RejectCause.IMSI_UNKNOWN_IN_HLR)]


def test_an_unknown_temporary_identity_is_asked_for_the_imsi(area: Area) -> None:
    commands = area.ask_attach(TMSI(b"\1\2\3\4"))
    assert mm_of(commands) == [IdentityRequest(IdentityKind.IMSI)]
    (request,) = gsup_of(area.tell(DEVICE, IdentityResponse(SUBSCRIBER)))
    assert request.imsi == SUBSCRIBER


def test_a_device_that_has_no_imsi_is_rejected(area: Area) -> None:
    area.ask_attach(None)
    commands = area.tell(DEVICE, IdentityResponse(None))
    assert mm_of(commands) == [LocationUpdatingReject(RejectCause.INVALID_MANDATORY_INFORMATION)]
    assert mm_of(area.tell(DEVICE, IdentityResponse(SUBSCRIBER))) == [
        MmStatus(RejectCause.MESSAGE_NOT_COMPATIBLE)
    ]


def test_an_attach_that_takes_too_long_is_given_up(area: Area) -> None:
    (request,) = gsup_of(area.ask_attach())
    commands = area.node.handle(Expired(f"attach/{DEVICE}"))
    assert mm_of(commands) == [LocationUpdatingReject(RejectCause.NETWORK_FAILURE)]
    assert area.answer(request.result(auth_tuples=(VECTOR,))) == []
    assert area.node.handle(Expired(f"attach/{DEVICE}")) == []


def test_a_device_that_asks_again_begins_anew(area: Area) -> None:
    area.challenge()
    (request,) = gsup_of(area.ask_attach())
    assert mm_of(area.prove()) == [MmStatus(RejectCause.MESSAGE_NOT_COMPATIBLE)]
    assert len(mm_of(area.answer(request.result(auth_tuples=(VECTOR,))))) == 1


def test_of_two_devices_with_one_identity_each_is_challenged(area: Area) -> None:
    (one,) = gsup_of(area.ask_attach(device=DEVICE))
    (other,) = gsup_of(area.ask_attach(device=OTHER))
    assert len(mm_of(area.answer(one.result(auth_tuples=(VECTOR,))), DEVICE)) == 1
    assert len(mm_of(area.answer(other.result(auth_tuples=(VECTOR,))), OTHER)) == 1
    assert mm_of(area.prove(OTHER, b"\0" * 8), OTHER) == [AuthenticationReject()]
    assert len(gsup_of(area.prove(DEVICE))) == 1


def test_the_last_device_with_an_identity_has_it(area: Area) -> None:
    area.attach(device=DEVICE)
    area.attach(device=OTHER)
    assert not area.node.is_attached(ICCID(DEVICE))
    assert area.node.is_attached(ICCID(OTHER))


def test_another_card_in_a_device_ends_the_attach_of_the_former(area: Area) -> None:
    area.attach()
    area.ask_attach(IMSI("208010000000002"))
    assert not area.node.is_attached(ICCID(DEVICE))


def test_a_device_detaches_itself(area: Area) -> None:
    area.attach()
    assert area.tell(DEVICE, ImsiDetachIndication(0x33, SUBSCRIBER)) == []
    assert not area.node.is_attached(ICCID(DEVICE))


def test_a_device_detaches_itself_under_its_temporary_identity(area: Area) -> None:
    (accept,) = mm_of(area.attach())
    assert isinstance(accept, LocationUpdatingAccept)
    area.tell(DEVICE, ImsiDetachIndication(0x33, TMSI(b"none")))
    assert area.node.is_attached(ICCID(DEVICE))
    area.tell(DEVICE, ImsiDetachIndication(0x33, accept.identity))
    assert not area.node.is_attached(ICCID(DEVICE))


def test_a_device_does_not_detach_another(area: Area) -> None:
    area.attach()
    area.tell(OTHER, ImsiDetachIndication(0x33, SUBSCRIBER))
    area.tell(DEVICE, ImsiDetachIndication(0x33, ROAMER))
    assert area.node.is_attached(ICCID(DEVICE))


def test_a_profile_for_nobody_is_refused(area: Area) -> None:
    profile = Gsup(GsupType.INSERT_DATA_REQUEST, imsi=SUBSCRIBER, msisdn=NUMBER)
    assert gsup_of(area.answer(profile)) == [profile.error(cause=GsupCause.IMSI_UNKNOWN)]


def test_answers_that_nobody_waits_for_are_ignored(area: Area) -> None:
    for kind in (GsupType.SEND_AUTH_INFO_RESULT, GsupType.UPDATE_LOCATION_RESULT):
        assert area.answer(Gsup(kind, imsi=SUBSCRIBER)) == []
        assert area.answer(Gsup(kind)) == []


def test_what_comes_out_of_turn_is_answered_with_a_status(area: Area) -> None:
    status = [MmStatus(RejectCause.MESSAGE_NOT_COMPATIBLE)]
    assert mm_of(area.prove()) == status
    area.ask_attach()
    assert mm_of(area.prove()) == status
    assert area.tell(DEVICE, MmStatus(1)) == []


def test_a_temporary_identity_is_never_all_ones_nor_given_twice() -> None:
    class Stubborn:
        def __init__(self) -> None:
            self.octets = [b"\xff" * 4, b"\0\0\0\1", b"\0\0\0\1", b"\0\0\0\2"]

        def now(self) -> float:
            return 0.0

        def random_octets(self, count: int) -> bytes:
            assert count == 4
            return self.octets.pop(0)

    area = Area(Stubborn())
    given = [mm_of(area.attach(), DEVICE)[0]]
    given += mm_of(area.attach(IMSI("208010000000002"), OTHER), OTHER)
    tmsis = [accept.identity for accept in given if isinstance(accept, LocationUpdatingAccept)]
    assert tmsis == [b"\0\0\0\1", b"\0\0\0\2"]
