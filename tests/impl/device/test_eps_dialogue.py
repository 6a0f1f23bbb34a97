"""The attach of a device to LTE, message by message, with a card that knows one key."""

from dataclasses import dataclass, field

import pytest

from impl.codec.authenticate import AuthenticationSuccess, SynchronisationFailure
from impl.codec.card_file import EpsSecurityContext, UpdateStatus
from impl.codec.digits import encode_plmn
from impl.codec.eps_identity import GUTI
from impl.codec.eps_mobility import (
    AREA_UPDATED,
    CAPABILITY,
    DETACH_AT_SWITCH_OFF,
    ESM_DUMMY,
    PERIODIC_UPDATING,
    SMS_ONLY_ASKED,
    AttachAccept,
    AttachComplete,
    AttachKind,
    AttachReject,
    AttachRequest,
    DetachRequest,
    EmmCause,
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
from impl.codec.mobility import TMSI, IdentityKind, LocationArea
from impl.codec.nas_security import ALGORITHMS, NasContext, Protection, decode_nas, is_protected
from impl.crypto.conversions import kasme
from impl.device.dialogue import Admitted, Refused, Step
from impl.device.eps_dialogue import EpsDialogue
from impl.device.reject_causes import Effect
from impl.device.usim_session import EpsWhereabouts, MacFailure
from impl.values import IMSI, PLMN, Generation, Secret

HOME, OTHER = PLMN("26202"), PLMN("20801")
IDENTITY = IMSI("262020000000001")
GIVEN = GUTI(HOME, 1, 1, TMSI(b"abcd"))
HERE, NOWHERE = LocationArea(HOME, 1), LocationArea(None, 0)
CK, IK = Secret(b"c" * 16), Secret(b"i" * 16)
AUTN = bytes(range(6)) + b"\x80\0" + bytes(8)
KASME = Secret(kasme(b"c" * 16, b"i" * 16, encode_plmn(HOME), AUTN[:6]))
SUCCESS = AuthenticationSuccess(bytes(range(8)), CK, IK)
CHALLENGE = EpsAuthenticationRequest(3, bytes(16), AUTN)
COMMAND = SecurityModeCommand(ALGORITHMS, 3, CAPABILITY)
ACCEPT = AttachAccept(AttachKind.COMBINED, 0x49, HERE, ESM_DUMMY, GIVEN, HERE, 2)


@dataclass
class FakeUsim:
    outcome: object = SUCCESS
    known: EpsWhereabouts = EpsWhereabouts(None, NOWHERE)  # noqa: RUF009 - immutable
    log: list[object] = field(default_factory=list)

    def eps_location(self):
        return self.known

    def authenticate(self, rand, autn):
        assert (rand, autn) == (CHALLENGE.rand, CHALLENGE.autn)
        return self.outcome

    def __getattr__(self, name):
        return lambda *arguments: self.log.append((name, *arguments))


class Conversation:
    """A device, and a network that holds K_ASME."""

    def __init__(self, kasme=KASME, **facts):
        self.usim = FakeUsim(**facts)
        self.device = EpsDialogue(self.usim, IDENTITY, HOME, Generation.LTE)
        self.network = NasContext(kasme, is_network=True)

    def tell(self, message):
        return self.device.take(message.encode())

    def tell_safely(self, message, protection=Protection.CIPHERED):
        octets, self.network = self.network.seal(message, protection)
        return self.device.take(octets)

    def secure(self):
        self.device.begin()
        self.tell(CHALLENGE)
        return self.tell_safely(COMMAND, Protection.INTEGRITY_NEW)

    def admit(self):
        for octets in self.secure().answers:
            self.open(octets)
        return self.tell_safely(ACCEPT)

    def open(self, octets):
        message, self.network = self.network.open(octets)
        return message


def said(step):
    return [decode_nas(octets) for octets in step.answers]


def test_a_device_asks_for_a_combined_attach_for_short_messages():
    request = decode_nas(Conversation().device.begin())
    assert request == AttachRequest(
        Halves(AttachKind.COMBINED), IDENTITY, CAPABILITY, ESM_DUMMY, None, SMS_ONLY_ASKED
    )


def test_a_temporary_identity_is_used_where_it_is_valid():
    request = decode_nas(Conversation(known=EpsWhereabouts(GIVEN, HERE)).device.begin())
    assert (request.identity, request.visited) == (GIVEN, HERE)
    foreign = GUTI(OTHER, 1, 1, GIVEN.m_tmsi)
    request = decode_nas(Conversation(known=EpsWhereabouts(foreign, HERE)).device.begin())
    assert request.identity == IDENTITY


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        (SUCCESS, EpsAuthenticationResponse(bytes(range(8)))),
        (
            SynchronisationFailure(bytes(14)),
            EpsAuthenticationFailure(EmmCause.SYNCH_FAILURE, bytes(14)),
        ),
        (MacFailure(), EpsAuthenticationFailure(EmmCause.MAC_FAILURE)),
    ],
)
def test_a_challenge_is_answered_as_the_card_does(outcome, answer):
    talk = Conversation(outcome=outcome)
    talk.device.begin()
    assert said(talk.tell(CHALLENGE)) == [answer]


def test_a_vector_of_another_access_is_not_put_to_the_card():
    talk = Conversation(outcome=None)
    talk.device.begin()
    autn = bytes(16)  # the separation bit is 0
    failure = EpsAuthenticationFailure(EmmCause.NON_EPS_AUTHENTICATION_UNACCEPTABLE)
    assert said(talk.tell(EpsAuthenticationRequest(0, bytes(16), autn))) == [failure]


def test_protection_is_taken_up_with_the_key_of_this_network():
    talk = Conversation()
    (octets,) = talk.secure().answers
    assert octets[0] >> 4 == Protection.CIPHERED_NEW
    assert talk.open(octets) == SecurityModeComplete()


def test_a_network_that_made_another_key_is_refused():
    for kasme_there in (Secret(bytes(32)), Secret(kasme(b"c" * 16, b"i" * 16, b"abc", AUTN[:6]))):
        step = Conversation(kasme_there).secure()
        assert said(step) == [SecurityModeReject(EmmCause.SECURITY_MODE_REJECTED)]


@pytest.mark.parametrize(
    "command", [SecurityModeCommand(0x01, 3, CAPABILITY), SecurityModeCommand(0x02, 3, b"\x80\x80")]
)
def test_protection_that_somebody_weakened_is_refused(command):
    talk = Conversation()
    talk.device.begin()
    talk.tell(CHALLENGE)
    step = talk.tell_safely(command, Protection.INTEGRITY_NEW)
    assert said(step) == [SecurityModeReject(EmmCause.UE_SECURITY_CAPABILITIES_MISMATCH)]


def test_without_a_challenge_or_a_code_no_protection_is_taken_up():
    talk = Conversation()
    talk.device.begin()
    assert talk.tell_safely(COMMAND, Protection.INTEGRITY_NEW) == Step()
    talk.tell(CHALLENGE)
    assert talk.tell(COMMAND) == Step()


def test_acceptance_is_written_in_the_card_and_acknowledged():
    talk = Conversation()
    step = talk.admit()
    assert step.verdict == Admitted(HERE, 3240.0)
    assert [talk.open(octets) for octets in step.answers] == [AttachComplete(ESM_DUMMY)]
    assert talk.usim.log == [
        ("store_eps_location", GIVEN, HERE),
        ("store_location", None, HERE),
        ("store_security_context", EpsSecurityContext(3, KASME, 2, 2, ALGORITHMS)),
    ]


def test_an_acceptance_that_nobody_protects_is_none():
    talk = Conversation()
    talk.secure()
    assert talk.tell(ACCEPT) == Step()
    assert talk.usim.log == []
    other = Conversation(Secret(bytes(32)))
    other.network = NasContext(Secret(bytes(32)), is_network=True, sent=1)
    assert talk.device.take(other.network.seal(ACCEPT, Protection.CIPHERED)[0]) == Step()
    assert talk.tell_safely(ACCEPT).verdict == Admitted(HERE, 3240.0)


def test_before_protection_nothing_that_is_protected_is_believed():
    talk = Conversation()
    talk.device.begin()
    assert talk.tell_safely(ACCEPT) == Step()


@pytest.mark.parametrize(
    ("message", "cause", "effect"),
    [
        (AttachReject(EmmCause.PLMN_NOT_ALLOWED), EmmCause.PLMN_NOT_ALLOWED, Effect.NETWORK),
        (AttachReject(EmmCause.NO_SUITABLE_CELLS), EmmCause.NO_SUITABLE_CELLS, Effect.PLACE),
        (EpsAuthenticationReject(), EmmCause.ILLEGAL_UE, Effect.CARD),
    ],
)
def test_who_is_refused_forgets_areas_and_keys(message, cause, effect):
    talk = Conversation()
    talk.device.begin()
    assert talk.tell(message) == Step(verdict=Refused(cause, effect))
    forgotten = [(f"forget_{what}location", effect.status) for what in ("", "eps_")]
    assert talk.usim.log == forgotten


def test_who_is_refused_for_now_forgets_only_when_no_more_is_asked():
    talk = Conversation()
    talk.device.begin()
    refused = Refused(EmmCause.NETWORK_FAILURE, Effect.PASSING)
    assert talk.tell(AttachReject(EmmCause.NETWORK_FAILURE)) == Step(verdict=refused)
    talk.device.fail(is_last=False)
    assert talk.usim.log == []
    talk.device.fail(is_last=True)
    status = UpdateStatus.NOT_UPDATED
    assert talk.usim.log == [("forget_location", status), ("forget_eps_location", status)]


@pytest.mark.parametrize("message", [AttachReject(EmmCause.ILLEGAL_UE), EpsAuthenticationReject()])
def test_a_refusal_is_proven_only_if_it_is_protected(message):
    talk = Conversation()
    talk.secure()
    assert talk.tell_safely(message).verdict == Refused(
        EmmCause.ILLEGAL_UE, Effect.CARD, is_proven=True
    )
    talk = Conversation()
    talk.secure()
    assert talk.tell(message).verdict == Refused(EmmCause.ILLEGAL_UE, Effect.CARD, is_proven=False)


def test_a_device_leaves_under_its_temporary_identity():
    talk = Conversation()
    for octets in talk.admit().answers:
        talk.open(octets)
    goodbye = talk.open(talk.device.leave())
    assert goodbye == DetachRequest(Halves(DETACH_AT_SWITCH_OFF, 3), GIVEN)


def attached(**facts):
    """Return a talk in which the device has told the network that it has the GUTI."""
    talk = Conversation(**facts)
    for octets in talk.admit().answers:
        talk.open(octets)
    return talk


def test_a_device_with_service_says_protected_that_it_is_still_there():
    talk = attached()
    for _ in range(2):
        octets = talk.device.begin()
        assert octets[0] >> 4 == Protection.INTEGRITY
        update = TrackingAreaUpdateRequest(Halves(PERIODIC_UPDATING, 3), GIVEN)
        assert talk.open(octets) == update
        accept = TrackingAreaUpdateAccept(AREA_UPDATED)
        assert talk.tell(accept) == Step()
        assert talk.tell_safely(accept).verdict == Admitted(HERE, 3240.0)


@pytest.mark.parametrize("cause", [EmmCause.UE_IDENTITY_UNKNOWN, EmmCause.IMPLICITLY_DETACHED])
def test_a_device_that_is_not_known_any_more_attaches_anew(cause):
    talk = attached()
    talk.open(talk.device.begin())
    assert talk.tell(TrackingAreaUpdateReject(cause)) == Step()
    ((request,), verdict) = talk.tell_safely(TrackingAreaUpdateReject(cause))
    assert isinstance(decode_nas(request), AttachRequest)
    assert verdict is None
    assert isinstance(decode_nas(talk.device.begin()), AttachRequest)
    goodbye = talk.device.leave()
    assert isinstance(decode_nas(goodbye), DetachRequest)
    assert not is_protected(goodbye)


def test_a_device_that_is_refused_when_it_says_that_it_is_there_is_refused():
    talk = attached()
    talk.open(talk.device.begin())
    refusal = TrackingAreaUpdateReject(EmmCause.ILLEGAL_UE)
    assert talk.tell_safely(refusal).verdict == Refused(
        EmmCause.ILLEGAL_UE, Effect.CARD, is_proven=True
    )


def test_a_device_attaches_anew_before_the_numbers_of_its_protection_are_used_up():
    talk = attached()
    updates = 0
    while is_protected(talk.device.begin()):
        updates += 1
    assert updates == 256 - 2 - 1


def test_only_the_identity_that_the_card_has_is_told():
    talk = Conversation()
    talk.device.begin()
    for kind, identity in ((IdentityKind.IMSI, IDENTITY), (IdentityKind.IMEI, None)):
        assert said(talk.tell(EpsIdentityRequest(kind))) == [EpsIdentityResponse(identity)]


def test_what_is_decided_stays_so_until_it_is_asked_again():
    talk = Conversation()
    talk.admit()
    rejection = AttachReject(EmmCause.ILLEGAL_UE)
    assert talk.tell(rejection) == Step()
    talk.device.begin()
    assert talk.tell(rejection).verdict == Refused(EmmCause.ILLEGAL_UE, Effect.CARD)
    assert talk.tell(rejection) == Step()


@pytest.mark.parametrize("octets", ["", "07", "0742", "0508", "2700000000", "07410000"])
def test_what_means_nothing_is_ignored(octets):
    talk = Conversation()
    talk.device.begin()
    assert talk.device.take(bytes.fromhex(octets)) == Step()
