"""Who came, proved a key, was let in and went, whatever the generation."""

import pytest

from impl.codec.aka_prime import AkaPrimeMessage, Subtype, seal
from impl.codec.eap import EapCode, EapMethod, EapPacket
from impl.codec.eps_identity import GUTI
from impl.codec.eps_mobility import (
    CAPABILITY,
    ESM_DUMMY,
    AttachAccept,
    AttachReject,
    AttachRequest,
    EmmStatus,
    EpsAuthenticationRequest,
    EpsAuthenticationResponse,
    Halves,
)
from impl.codec.mobility import (
    TMSI,
    AuthenticationReject,
    AuthenticationRequest,
    AuthenticationResponse,
    LocationArea,
    LocationUpdatingAccept,
    LocationUpdatingRequest,
    MmStatus,
    Updating,
    UpdatingType,
)
from impl.codec.ppp import LcpCode, LcpPacket, encode_ppp
from impl.events import Interface
from impl.runtime.journal import Entry
from impl.runtime.presence import Admitted, Challenged, Claimed, Gone, Proved, proof, seen
from impl.values import IMSI, PLMN, Generation

SUBSCRIBER = IMSI("208010000000001")
HERE = LocationArea(PLMN("20801"), 1)
TEMPORARY = TMSI(b"tmsi")
GIVEN = GUTI(HERE.plmn, 1, 1, TEMPORARY)
IDENTITY = b"\x01" + b"6208010000000001@nai"


def entry(interface, octets, *, down, delivered=True):
    node = {Interface.MM: "VLR", Interface.EMM: "MME", Interface.PPP: "HSGW"}.get(interface, "VLR")
    ends = (f"{node} 20801", "device 1") if down else ("device 1", f"{node} 20801")
    return Entry(0.0, *ends, octets, octets, interface, delivered)


def mm(message, *, down):
    return entry(Interface.MM, message.encode(), down=down)


def emm(message, *, down):
    return entry(Interface.EMM, message.encode(), down=down)


def ppp(packet, *, down):
    return entry(Interface.PPP, encode_ppp(packet), down=down)


def of_mobility(autn):
    kind = UpdatingType(Updating.NORMAL)
    return [
        mm(LocationUpdatingRequest(kind, HERE, 0x33, SUBSCRIBER), down=False),
        mm(AuthenticationRequest(0, bytes(16), autn), down=True),
        mm(AuthenticationResponse(bytes(4)), down=False),
        mm(LocationUpdatingAccept(HERE, TEMPORARY), down=True),
    ]


def of_lte():
    return [
        emm(AttachRequest(Halves(2), SUBSCRIBER, CAPABILITY, ESM_DUMMY), down=False),
        emm(EpsAuthenticationRequest(0, bytes(16), bytes(16)), down=True),
        emm(EpsAuthenticationResponse(bytes(8)), down=False),
        emm(AttachAccept(2, 0, HERE, ESM_DUMMY, GIVEN), down=True),
    ]


def of_cdma():
    challenge = AkaPrimeMessage(Subtype.CHALLENGE)
    return [
        ppp(EapPacket(EapCode.RESPONSE, 1, IDENTITY), down=False),
        ppp(seal(EapCode.REQUEST, 2, challenge), down=True),
        ppp(seal(EapCode.RESPONSE, 2, challenge), down=False),
        ppp(EapPacket(EapCode.SUCCESS, 2), down=True),
    ]


ATTACHES = {
    Generation.GSM: of_mobility(None),
    Generation.UMTS: of_mobility(bytes(16)),
    Generation.LTE: of_lte(),
    Generation.CDMA: of_cdma(),
}
NAMES = {Generation.LTE: GIVEN, Generation.CDMA: None}


@pytest.mark.parametrize("generation", Generation)
def test_an_attach_is_seen_step_by_step(generation):
    happenings = [one.happening for one in seen(ATTACHES[generation])]
    assert happenings == [
        Claimed(SUBSCRIBER),
        Challenged(generation),
        Proved(),
        Admitted(NAMES.get(generation, TEMPORARY)),
    ]
    assert {one.device for one in seen(ATTACHES[generation])} == {"device 1"}


@pytest.mark.parametrize("generation", Generation)
def test_the_proof_is_of_the_generation_of_the_challenge_that_was_answered(generation):
    entries = ATTACHES[generation]
    node = entries[-1].sender
    assert proof(entries, "device 1", node) is generation
    assert proof(entries, "device 2", node) is None
    assert proof(entries, "device 1", "VLR 99999") is None
    for missing in (1, 2, 3):
        assert proof([*entries[:missing], *entries[missing + 1 :]], "device 1", node) is None
    again = [*entries, entries[0], entries[-1]]
    assert proof(again, "device 1", node) is None


@pytest.mark.parametrize(
    "left",
    [
        mm(AuthenticationReject(), down=True),
        emm(AttachReject(2), down=True),
        ppp(EapPacket(EapCode.FAILURE, 1), down=True),
        ppp(LcpPacket(LcpCode.TERMINATE_REQUEST, 1), down=False),
    ],
)
def test_who_is_not_let_in_or_goes_is_gone(left):
    assert [one.happening for one in seen([left])] == [Gone()]


@pytest.mark.parametrize(
    "nothing",
    [
        mm(MmStatus(1), down=True),
        emm(EmmStatus(1), down=True),
        ppp(LcpPacket(LcpCode.CONFIGURE_REQUEST, 1), down=False),
        ppp(EapPacket(EapCode.REQUEST, 1, bytes((EapMethod.IDENTITY,))), down=True),
        ppp(seal(EapCode.REQUEST, 1, AkaPrimeMessage(Subtype.NOTIFICATION)), down=True),
        entry(Interface.MM, b"\xff", down=False),
        entry(Interface.SM, b"\xff", down=False),
        entry(Interface.MM, ATTACHES[Generation.UMTS][0].octets, down=False, delivered=False),
    ],
)
def test_what_else_is_said_is_nothing_that_happened(nothing):
    assert list(seen([nothing])) == []
