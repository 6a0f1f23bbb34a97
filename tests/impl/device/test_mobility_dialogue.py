"""The attach of a device to GSM and UMTS, message by message, with a card that knows one key."""

from dataclasses import dataclass, field

import pytest

from impl.codec.authenticate import (
    AuthenticationSuccess,
    GsmAuthentication,
    SynchronisationFailure,
)
from impl.codec.card_file import UpdateStatus
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
    RejectCause,
    TmsiReallocationComplete,
    Updating,
    UpdatingType,
    decode_mm,
)
from impl.device.dialogue import Admitted, Refused, Step
from impl.device.mobility_dialogue import MobilityDialogue
from impl.device.reject_causes import Effect
from impl.device.usim_session import MacFailure, Whereabouts
from impl.values import IMSI, PLMN, Generation, Secret

HOME, OTHER = PLMN("26202"), PLMN("20801")
IDENTITY = IMSI("262020000000001")
TEMPORARY = TMSI(b"abcd")
HERE, ELSEWHERE, NOWHERE = LocationArea(HOME, 1), LocationArea(OTHER, 1), LocationArea(None, 0)
CK, IK, KC = Secret(b"c" * 16), Secret(b"i" * 16), Secret(b"k" * 8)
SUCCESS = AuthenticationSuccess(bytes(range(8)), CK, IK)
CHALLENGE = AuthenticationRequest(3, bytes(16), bytes(16))
CHALLENGE_OF_GSM = AuthenticationRequest(3, bytes(16))


@dataclass
class FakeUsim:
    outcome: object = SUCCESS
    known: Whereabouts = Whereabouts(None, NOWHERE, is_updated=False)  # noqa: RUF009 - immutable
    log: list[object] = field(default_factory=list)

    def location(self):
        return self.known

    def key_sequence(self):
        return 5

    def gsm_key_sequence(self):
        return 2

    def authenticate(self, rand, autn):
        assert (rand, autn) == (CHALLENGE.rand, CHALLENGE.autn)
        return self.outcome

    def authenticate_gsm(self, rand):
        assert rand == CHALLENGE_OF_GSM.rand
        return GsmAuthentication(b"sres", KC)

    def __getattr__(self, name):
        return lambda *arguments: self.log.append((name, *arguments))


def dialogue(generation=Generation.UMTS, **facts):
    usim = FakeUsim(**facts)
    return MobilityDialogue(usim, IDENTITY, HOME, generation), usim


def request_of(one):
    return decode_mm(one.begin())


def said(step):
    return [decode_mm(octets) for octets in step.answers]


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        (Whereabouts(None, NOWHERE, is_updated=False), Updating.NORMAL),
        (Whereabouts(TEMPORARY, HERE, is_updated=False), Updating.NORMAL),
        (Whereabouts(TEMPORARY, ELSEWHERE, is_updated=True), Updating.NORMAL),
        (Whereabouts(TEMPORARY, HERE, is_updated=True), Updating.IMSI_ATTACH),
        (Whereabouts(None, HERE, is_updated=True), Updating.IMSI_ATTACH),
    ],
)
def test_only_where_the_card_was_last_it_is_an_imsi_attach(known, kind):
    one, _ = dialogue(known=known)
    assert request_of(one).updating == UpdatingType(kind, 5)


def test_where_it_is_served_it_is_periodic():
    one, _ = dialogue(known=Whereabouts(None, HERE, is_updated=True))
    kinds = [request_of(one).updating.kind]
    one.take(LocationUpdatingAccept(HERE).encode())
    kinds += [request_of(one).updating.kind for _ in range(2)]
    assert kinds == [Updating.IMSI_ATTACH, Updating.PERIODIC, Updating.PERIODIC]


def test_a_network_of_gsm_is_told_of_the_key_of_gsm():
    one, _ = dialogue(Generation.GSM)
    assert request_of(one).updating.key_sequence == 2


def test_a_temporary_identity_is_used_where_it_is_valid():
    one, _ = dialogue(known=Whereabouts(TEMPORARY, HERE, is_updated=True))
    assert request_of(one).identity == TEMPORARY
    one, _ = dialogue(known=Whereabouts(TEMPORARY, ELSEWHERE, is_updated=True))
    assert request_of(one).identity == IDENTITY


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        (SUCCESS, AuthenticationResponse(bytes(range(4)), bytes(range(4, 8)))),
        (
            SynchronisationFailure(bytes(14)),
            AuthenticationFailure(RejectCause.SYNCH_FAILURE, bytes(14)),
        ),
        (MacFailure(), AuthenticationFailure(RejectCause.MAC_FAILURE)),
    ],
)
def test_a_challenge_is_answered_as_the_card_does(outcome, answer):
    one, usim = dialogue(outcome=outcome)
    assert said(one.take(CHALLENGE.encode())) == [answer]
    assert usim.log == ([("store_keys", 3, CK, IK)] if outcome is SUCCESS else [])


def test_a_challenge_of_gsm_is_answered_with_sres_and_its_key_kept():
    one, usim = dialogue(Generation.GSM)
    answers = said(one.take(CHALLENGE_OF_GSM.encode()))
    assert answers == [AuthenticationResponse(b"sres")]
    assert usim.log == [("store_gsm_key", 3, KC)]


def test_a_network_of_umts_that_proves_nothing_is_not_answered():
    one, usim = dialogue(Generation.UMTS)
    answers = said(one.take(CHALLENGE_OF_GSM.encode()))
    assert answers == [AuthenticationFailure(RejectCause.GSM_AUTHENTICATION_UNACCEPTABLE)]
    assert usim.log == []


def test_acceptance_is_written_in_the_card_and_acknowledged():
    one, usim = dialogue()
    step = one.take(LocationUpdatingAccept(HERE, TEMPORARY).encode())
    assert said(step) == [TmsiReallocationComplete()]
    assert step.verdict == Admitted(HERE)
    assert usim.log == [("store_location", TEMPORARY, HERE)]


@pytest.mark.parametrize(
    ("tmsi", "identity", "done"), [(TEMPORARY, TEMPORARY, 1), (None, IDENTITY, 0)]
)
def test_a_device_leaves_under_the_name_that_it_has(tmsi, identity, done):
    one, _ = dialogue()
    assert len(one.take(LocationUpdatingAccept(HERE, tmsi).encode()).answers) == done
    goodbye = decode_mm(one.leave())
    assert isinstance(goodbye, ImsiDetachIndication)
    assert goodbye.identity == identity


@pytest.mark.parametrize(
    ("generation", "forgotten"),
    [(Generation.UMTS, "forget_keys"), (Generation.GSM, "forget_gsm_key")],
)
@pytest.mark.parametrize(
    ("message", "cause", "effect"),
    [
        (LocationUpdatingReject(0x0B), RejectCause.PLMN_NOT_ALLOWED, Effect.NETWORK),
        (LocationUpdatingReject(0x0D), RejectCause.ROAMING_NOT_ALLOWED, Effect.PLACE),
        (AuthenticationReject(), RejectCause.ILLEGAL_MS, Effect.CARD),
    ],
)
def test_who_is_refused_forgets_area_and_keys(generation, forgotten, message, cause, effect):
    one, usim = dialogue(generation)
    assert one.take(message.encode()) == Step(verdict=Refused(cause, effect))
    assert usim.log == [("forget_location", effect.status), (forgotten,)]


@pytest.mark.parametrize("cause", [RejectCause.NETWORK_FAILURE, RejectCause.CONGESTION, 0x7F])
def test_who_is_refused_for_now_forgets_nothing_that_is_of_use_here(cause):
    known = Whereabouts(TEMPORARY, HERE, is_updated=True)
    one, usim = dialogue(known=known)
    one.begin()
    refused = Step(verdict=Refused(cause, Effect.PASSING))
    assert one.take(LocationUpdatingReject(cause).encode()) == refused
    one.fail(is_last=False)
    assert usim.log == []
    one.fail(is_last=True)
    assert usim.log == [("forget_location", UpdateStatus.NOT_UPDATED), ("forget_keys",)]


def test_what_is_of_another_place_is_forgotten_with_the_first_request_that_fails():
    known = Whereabouts(TEMPORARY, ELSEWHERE, is_updated=True)
    one, usim = dialogue(known=known)
    one.fail(is_last=False)
    assert usim.log == [("forget_location", UpdateStatus.NOT_UPDATED), ("forget_keys",)]
    assert one.take(LocationUpdatingAccept(HERE).encode()) == Step()


def test_only_the_identity_that_the_card_has_is_told():
    one, _ = dialogue()
    for kind, identity in ((IdentityKind.IMSI, IDENTITY), (IdentityKind.IMEI, None)):
        assert said(one.take(IdentityRequest(kind).encode())) == [IdentityResponse(identity)]


def test_what_is_decided_stays_so_until_it_is_asked_again():
    one, _ = dialogue()
    one.take(LocationUpdatingAccept(HERE).encode())
    rejection = LocationUpdatingReject(RejectCause.ILLEGAL_MS).encode()
    assert one.take(rejection) == Step()
    one.begin()
    assert one.take(rejection).verdict == Refused(RejectCause.ILLEGAL_MS, Effect.CARD)
    assert one.take(LocationUpdatingAccept(HERE).encode()) == Step()


@pytest.mark.parametrize("octets", ["", "05", "0502", "0605", "05080000"])
def test_what_means_nothing_is_ignored(octets):
    one, usim = dialogue()
    assert one.take(bytes.fromhex(octets)) == Step()
    assert usim.log == []
