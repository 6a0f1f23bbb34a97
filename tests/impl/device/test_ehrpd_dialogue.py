"""The attach of a device to CDMA as eHRPD, packet by packet, with a card that knows one key."""

from dataclasses import dataclass, field, replace

import pytest

from impl.codec.aka_prime import (
    HRPD,
    KDF_PRIME,
    AkaPrimeMessage,
    Subtype,
    is_sealed,
    seal,
)
from impl.codec.authenticate import AuthenticationSuccess, SynchronisationFailure
from impl.codec.card_file import UpdateStatus
from impl.codec.eap import EapCode, EapMethod, EapPacket
from impl.codec.mobility import LocationArea, RejectCause
from impl.codec.ppp import BY_EAP, LcpCode, LcpPacket, decode_ppp, encode_ppp
from impl.crypto.eap_aka_prime import ck_ik_prime, session_keys
from impl.device.dialogue import Admitted, Refused, Step
from impl.device.ehrpd_dialogue import EhrpdDialogue
from impl.device.reject_causes import Effect
from impl.device.usim_session import MacFailure
from impl.values import IMSI, PLMN, Generation, Secret

HOME = PLMN("26202")
IDENTITY = b"6262020000000001@nai.epc.mnc002.mcc262.3gppnetwork.org"
AREA = LocationArea(HOME, 0xFFFE)
AUTN = bytes(range(6)) + b"\x80\0" + bytes(8)
PRIMES = ck_ik_prime(b"c" * 16, b"i" * 16, HRPD, AUTN[:6])
K_AUT = session_keys(IDENTITY, *PRIMES).k_aut
SUCCESS = AuthenticationSuccess(bytes(range(8)), Secret(b"c" * 16), Secret(b"i" * 16))
CHALLENGE = AkaPrimeMessage(
    Subtype.CHALLENGE, rand=bytes(16), autn=AUTN, kdf=KDF_PRIME, network=HRPD
)
REJECT = AkaPrimeMessage(Subtype.AUTHENTICATION_REJECT)
ERROR = AkaPrimeMessage(Subtype.CLIENT_ERROR, client_error=0)


@dataclass
class FakeUsim:
    outcome: object = SUCCESS
    log: list[object] = field(default_factory=list)

    def home_network(self, imsi):
        assert imsi.is_of(HOME)
        return HOME

    def authenticate(self, rand, autn):
        assert (rand, autn) == (CHALLENGE.rand, CHALLENGE.autn)
        return self.outcome

    def __getattr__(self, name):
        return lambda *arguments: self.log.append((name, *arguments))


def begun(outcome=SUCCESS):
    usim = FakeUsim(outcome)
    device = EhrpdDialogue(usim, IMSI("262020000000001"), HOME, Generation.CDMA)
    device.begin()
    return device, usim


def tell(device, packet):
    return device.take(encode_ppp(packet))


def said(step):
    return [decode_ppp(octets) for octets in step.answers]


def challenged(device, message=CHALLENGE, key=K_AUT):
    (answer,) = said(tell(device, seal(EapCode.REQUEST, 5, message, key)))
    assert (answer.code, answer.identifier) == (EapCode.RESPONSE, 5)
    return answer


def test_a_link_comes_up_under_a_number_of_its_own():
    device, _ = begun()
    assert decode_ppp(device.begin()) == LcpPacket(LcpCode.CONFIGURE_REQUEST, 2)
    agreed = tell(device, LcpPacket(LcpCode.CONFIGURE_REQUEST, 9, BY_EAP))
    assert said(agreed) == [LcpPacket(LcpCode.CONFIGURE_ACK, 9, BY_EAP)]


def test_numbers_of_links_begin_again_after_the_last():
    device, _ = begun()
    numbers = [decode_ppp(device.begin()).identifier for _ in range(255)]
    assert numbers == [*range(2, 256), 1]


def test_a_link_without_authentication_by_eap_does_not_come_up():
    device, _ = begun()
    for options in (b"", bytes.fromhex("0304c023")):
        step = tell(device, LcpPacket(LcpCode.CONFIGURE_REQUEST, 9, options))
        assert said(step) == [LcpPacket(LcpCode.CONFIGURE_NAK, 9, BY_EAP)]


def test_the_identity_is_told_and_no_other_method_taken():
    device, _ = begun()
    step = tell(device, EapPacket(EapCode.REQUEST, 1, bytes((EapMethod.IDENTITY,))))
    assert said(step) == [EapPacket(EapCode.RESPONSE, 1, b"\x01" + IDENTITY)]
    step = tell(device, EapPacket(EapCode.REQUEST, 2, b"\x17" + bytes(3)))
    assert said(step) == [EapPacket(EapCode.RESPONSE, 2, b"\x03\x32")]


def test_a_challenge_of_who_made_the_same_keys_is_answered():
    device, _ = begun()
    answer = challenged(device)
    assert is_sealed(answer, K_AUT)
    assert AkaPrimeMessage.decode(answer.data).res == bytes(range(8))


@pytest.mark.parametrize(
    ("outcome", "message", "key", "expected"),
    [
        (MacFailure(), CHALLENGE, K_AUT, REJECT),
        (SUCCESS, replace(CHALLENGE, network=b"WLAN"), K_AUT, REJECT),
        (SUCCESS, replace(CHALLENGE, kdf=2), K_AUT, REJECT),
        (SUCCESS, replace(CHALLENGE, autn=bytes(16)), K_AUT, REJECT),
        (SUCCESS, replace(CHALLENGE, autn=None), K_AUT, ERROR),
        (SUCCESS, replace(CHALLENGE, kdf=None), K_AUT, ERROR),
        (SUCCESS, CHALLENGE, bytes(32), ERROR),
        (SUCCESS, CHALLENGE, None, ERROR),
        (SUCCESS, AkaPrimeMessage(Subtype.REAUTHENTICATION), None, ERROR),
        (
            SynchronisationFailure(b"s" * 14),
            CHALLENGE,
            K_AUT,
            AkaPrimeMessage(Subtype.SYNCHRONIZATION_FAILURE, auts=b"s" * 14, kdf=KDF_PRIME),
        ),
    ],
)
def test_what_is_not_right_is_answered_as_the_standard_says(outcome, message, key, expected):
    device, usim = begun(outcome)
    assert AkaPrimeMessage.decode(challenged(device, message, key).data) == expected
    assert tell(device, EapPacket(EapCode.SUCCESS, 5)) == Step()
    assert usim.log == []


def test_success_after_an_answer_gives_service():
    device, usim = begun()
    challenged(device)
    assert tell(device, EapPacket(EapCode.SUCCESS, 5)) == Step(verdict=Admitted(AREA))
    assert usim.log == [("store_location", None, AREA)]


def test_success_without_a_challenge_is_none():
    device, usim = begun()
    assert tell(device, EapPacket(EapCode.SUCCESS, 5)) == Step()
    assert usim.log == []


def test_a_link_that_never_comes_up_leaves_the_card_nowhere():
    device, usim = begun()
    device.fail(is_last=False)
    assert usim.log == []
    device.fail(is_last=True)
    assert usim.log == [("forget_location", UpdateStatus.NOT_UPDATED)]
    assert tell(device, EapPacket(EapCode.FAILURE, 5)) == Step()


def test_failure_ends_the_attach_and_what_the_card_knows():
    device, usim = begun()
    refused = Refused(RejectCause.ILLEGAL_MS, Effect.CARD)
    assert tell(device, EapPacket(EapCode.FAILURE, 5)) == Step(verdict=refused)
    assert usim.log == [("forget_location", UpdateStatus.LOCATION_AREA_NOT_ALLOWED)]
    assert tell(device, EapPacket(EapCode.FAILURE, 5)) == Step()
    challenged(device)
    assert tell(device, EapPacket(EapCode.SUCCESS, 5)) == Step()


def test_a_notification_is_acknowledged():
    device, _ = begun()
    notice = AkaPrimeMessage(Subtype.NOTIFICATION, notification=16384)
    (answer,) = said(tell(device, seal(EapCode.REQUEST, 7, notice)))
    assert AkaPrimeMessage.decode(answer.data) == AkaPrimeMessage(Subtype.NOTIFICATION)


def test_a_device_leaves_by_taking_the_link_down():
    device, _ = begun()
    assert decode_ppp(device.leave()) == LcpPacket(LcpCode.TERMINATE_REQUEST, 1)
    step = tell(device, LcpPacket(LcpCode.TERMINATE_REQUEST, 8))
    assert said(step) == [LcpPacket(LcpCode.TERMINATE_ACK, 8)]


@pytest.mark.parametrize("octets", ["", "c227", "0508", "c22701010005"])
def test_what_means_nothing_is_ignored(octets):
    device, usim = begun()
    assert device.take(bytes.fromhex(octets)) == Step()
    assert usim.log == []


def test_a_request_that_cannot_be_read_is_an_error():
    device, _ = begun()
    (answer,) = said(tell(device, EapPacket(EapCode.REQUEST, 5, bytes.fromhex("32010000ff"))))
    assert AkaPrimeMessage.decode(answer.data) == ERROR
