"""What Wireshark makes of the attach of each generation: every field that is meant, none wrong."""

from __future__ import annotations

from typing import Any

import pytest

from impl.codec.aka_prime import HRPD, KDF_PRIME, AkaPrimeMessage, Subtype, seal
from impl.codec.eap import EapCode, EapPacket
from impl.codec.eps_identity import GUTI
from impl.codec.eps_mobility import (
    AREA_UPDATED,
    CAPABILITY,
    DETACH_AT_SWITCH_OFF,
    ESM_DUMMY,
    PERIODIC_UPDATING,
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
from impl.codec.mobility import TMSI, IdentityKind, LocationArea
from impl.codec.nas_security import ALGORITHMS, NasContext, Protection
from impl.codec.ppp import BY_EAP, LcpCode, LcpPacket, encode_ppp
from impl.events import Interface
from impl.runtime.journal import Entry
from impl.values import IMSI, PLMN, Secret

Fields = dict[str, int | str]

IDENTITY = IMSI("208010000000001")
AREA = LocationArea(PLMN("20801"), 7)
GIVEN = GUTI(PLMN("310410"), 0x1234, 0x56, TMSI(b"\1\2\3\4"))
RAND, AUTN, AUTS, RES = b"\x12" * 16, b"\x34" * 16, b"\x77" * 14, b"\x56" * 8

EPS: dict[str, tuple[EmmMessage, Fields]] = {
    "attach request under a GUTI": (
        AttachRequest(Halves(AttachKind.COMBINED), GIVEN, CAPABILITY, ESM_DUMMY, AREA, 1),
        {
            "nas_eps.nas_msg_emm_type": 0x41,
            "nas_eps.emm.eps_att_type": 2,
            "nas_eps.emm.nas_key_set_id": 7,
            "e212.gummei.mcc": "310",
            "nas_eps.emm.mme_grp_id": 0x1234,
            "nas_eps.emm.mme_code": 0x56,
            "nas_eps.emm.m_tmsi": 0x01020304,
            "nas_eps.emm.eea0": 1,
            "nas_eps.emm.128eia2": 1,
            "nas_eps.emm.eia0": 0,
            "nas_eps.nas_msg_esm_type": 0xDC,
            "nas_eps.emm.tai_tac": 7,
            "nas_eps.emm.add_upd_type": 1,
        },
    ),
    "attach request under an IMSI": (
        AttachRequest(Halves(AttachKind.EPS_ONLY, 3), IDENTITY, CAPABILITY, ESM_DUMMY),
        {
            "nas_eps.emm.eps_att_type": 1,
            "nas_eps.emm.nas_key_set_id": 3,
            "nas_eps.emm.type_of_id": 1,
            "e212.imsi": IDENTITY,
        },
    ),
    "attach accept": (
        AttachAccept(AttachKind.COMBINED, 0x49, AREA, ESM_DUMMY, GIVEN, AREA, 2),
        {
            "nas_eps.nas_msg_emm_type": 0x42,
            "nas_eps.emm.EPS_attach_result": 2,
            "gsm_a.gm.gmm.gprs_timer_value": 9,
            "nas_eps.emm.tai_tac": 7,
            "nas_eps.emm.m_tmsi": 0x01020304,
            "gsm_a.lac": 7,
            "nas_eps.emm.add_upd_res": 2,
        },
    ),
    "attach complete": (AttachComplete(ESM_DUMMY), {"nas_eps.nas_msg_emm_type": 0x43}),
    "attach reject": (
        AttachReject(EmmCause.PLMN_NOT_ALLOWED),
        {"nas_eps.nas_msg_emm_type": 0x44, "nas_eps.emm.cause": 11},
    ),
    "detach request": (
        DetachRequest(Halves(DETACH_AT_SWITCH_OFF, 0), GIVEN),
        {
            "nas_eps.nas_msg_emm_type": 0x45,
            "nas_eps.emm.switch_off": 1,
            "nas_eps.emm.detach_type_ul": 3,
        },
    ),
    "update": (
        TrackingAreaUpdateRequest(Halves(PERIODIC_UPDATING, 2), GIVEN),
        {
            "nas_eps.nas_msg_emm_type": 0x48,
            "nas_eps.emm.update_type_value": 3,
            "nas_eps.emm.m_tmsi": 0x01020304,
        },
    ),
    "update accept": (
        TrackingAreaUpdateAccept(AREA_UPDATED),
        {"nas_eps.nas_msg_emm_type": 0x49, "nas_eps.emm.eps_update_result_value": 0},
    ),
    "update reject": (
        TrackingAreaUpdateReject(EmmCause.IMPLICITLY_DETACHED),
        {"nas_eps.nas_msg_emm_type": 0x4B, "nas_eps.emm.cause": 10},
    ),
    "challenge": (
        EpsAuthenticationRequest(2, RAND, AUTN),
        {
            "nas_eps.nas_msg_emm_type": 0x52,
            "nas_eps.emm.nas_key_set_id": 2,
            "gsm_a.dtap.rand": RAND.hex(":"),
            "gsm_a.dtap.autn": AUTN.hex(":"),
        },
    ),
    "response": (
        EpsAuthenticationResponse(RES),
        {"nas_eps.nas_msg_emm_type": 0x53, "nas_eps.emm.res": RES.hex(":")},
    ),
    "failure": (
        EpsAuthenticationFailure(EmmCause.SYNCH_FAILURE, AUTS),
        {
            "nas_eps.nas_msg_emm_type": 0x5C,
            "nas_eps.emm.cause": 21,
            "gsm_a.dtap.auts": AUTS.hex(":"),
        },
    ),
    "authentication reject": (EpsAuthenticationReject(), {"nas_eps.nas_msg_emm_type": 0x54}),
    "identity request": (
        EpsIdentityRequest(IdentityKind.IMSI),
        {"nas_eps.nas_msg_emm_type": 0x55, "nas_eps.emm.id_type2": 1},
    ),
    "identity response": (
        EpsIdentityResponse(IDENTITY),
        {"nas_eps.nas_msg_emm_type": 0x56, "e212.imsi": IDENTITY},
    ),
    "security mode command": (
        SecurityModeCommand(ALGORITHMS, 1, CAPABILITY),
        {
            "nas_eps.nas_msg_emm_type": 0x5D,
            "nas_eps.emm.toc": 0,
            "nas_eps.emm.toi": 2,
            "nas_eps.emm.nas_key_set_id": 1,
        },
    ),
    "security mode complete": (SecurityModeComplete(), {"nas_eps.nas_msg_emm_type": 0x5E}),
    "security mode reject": (
        SecurityModeReject(EmmCause.UE_SECURITY_CAPABILITIES_MISMATCH),
        {"nas_eps.nas_msg_emm_type": 0x5F, "nas_eps.emm.cause": 23},
    ),
    "status": (
        EmmStatus(EmmCause.MESSAGE_NOT_COMPATIBLE),
        {"nas_eps.nas_msg_emm_type": 0x60, "nas_eps.emm.cause": 101},
    ),
}
RADIO_NAME = b"6208010000000001@nai.epc.mnc001.mcc208.3gppnetwork.org"
LINK: dict[str, tuple[LcpPacket | EapPacket, Fields]] = {
    "link request": (
        LcpPacket(LcpCode.CONFIGURE_REQUEST, 3, BY_EAP),
        {"ppp.code": 1, "ppp.identifier": 3, "lcp.opt.auth_protocol": 0xC227},
    ),
    "link goes down": (LcpPacket(LcpCode.TERMINATE_REQUEST, 4), {"ppp.code": 5}),
    "who are you": (EapPacket(EapCode.REQUEST, 1, b"\x01"), {"eap.code": 1, "eap.type": 1}),
    "identity": (
        EapPacket(EapCode.RESPONSE, 1, b"\x01" + RADIO_NAME),
        {"eap.code": 2, "eap.id": 1, "eap.type": 1, "eap.identity": RADIO_NAME.decode()},
    ),
    "challenge of AKA'": (
        seal(
            EapCode.REQUEST,
            2,
            AkaPrimeMessage(Subtype.CHALLENGE, rand=RAND, autn=AUTN, kdf=KDF_PRIME, network=HRPD),
            bytes(32),
        ),
        {"eap.code": 1, "eap.type": 50, "eap.aka.subtype": 1},
    ),
    "answer of AKA'": (
        seal(EapCode.RESPONSE, 2, AkaPrimeMessage(Subtype.CHALLENGE, res=RES), bytes(32)),
        {"eap.code": 2, "eap.type": 50, "eap.aka.subtype": 1},
    ),
    "synchronization failure": (
        seal(
            EapCode.RESPONSE,
            2,
            AkaPrimeMessage(Subtype.SYNCHRONIZATION_FAILURE, auts=AUTS, kdf=KDF_PRIME),
        ),
        {"eap.aka.subtype": 4},
    ),
    "notification": (
        seal(EapCode.REQUEST, 3, AkaPrimeMessage(Subtype.NOTIFICATION, notification=16384)),
        {"eap.aka.subtype": 12},
    ),
    "client error": (
        seal(EapCode.RESPONSE, 3, AkaPrimeMessage(Subtype.CLIENT_ERROR, client_error=0)),
        {"eap.aka.subtype": 14},
    ),
    "success": (EapPacket(EapCode.SUCCESS, 2), {"eap.code": 3, "eap.id": 2}),
    "failure": (EapPacket(EapCode.FAILURE, 2), {"eap.code": 4}),
}
OF_NETWORK = {0x42, 0x44, 0x52, 0x54, 0x55, 0x5D}


def over(interface: Interface, octets: bytes, network: str, *, down: bool) -> Entry:
    ends = (network, "device 1") if down else ("device 1", network)
    return Entry(0.0, *ends, octets, octets, interface)


def framed(packet: LcpPacket | EapPacket) -> Entry:
    return over(Interface.PPP, encode_ppp(packet), "HSGW 1", down=packet.code % 2 == 1)


def plain(message: EmmMessage) -> Entry:
    is_down = message.message_type in OF_NETWORK
    return over(Interface.EMM, message.encode(), "MME 1", down=is_down)


@pytest.fixture(scope="module")
def frames(dissector: Any) -> dict[str, Any]:
    entries = [plain(message) for message, _ in EPS.values()]
    entries += [framed(packet) for packet, _ in LINK.values()]
    return dict(zip((*EPS, *LINK), dissector.dissect_each(entries), strict=True))


@pytest.mark.parametrize("name", [*EPS, *LINK])
def test_each_message_says_to_wireshark_what_we_mean(frames: dict[str, Any], name: str) -> None:
    expected = (EPS | LINK)[name][1]
    assert not frames[name].is_malformed
    assert frames[name].told(expected) == expected


def test_a_protected_message_is_read_behind_its_code(dissector: Any) -> None:
    context = NasContext(Secret(bytes(range(32))), is_network=True)
    first, context = context.seal(SecurityModeCommand(ALGORITHMS, 0, CAPABILITY), Protection(3))
    second, _ = context.seal(AttachReject(EmmCause.NETWORK_FAILURE), Protection.CIPHERED)
    octets = (first, second)
    frames = dissector.dissect_each(
        [over(Interface.EMM, one, "MME 1", down=True) for one in octets]
    )
    for number, (frame, one) in enumerate(zip(frames, octets, strict=True)):
        assert not frame.is_malformed
        assert frame.number("nas_eps.seq_no") == number
        assert frame.number("nas_eps.msg_auth_code") == int.from_bytes(one[1:5])
    assert frames[0].number("nas_eps.nas_msg_emm_type") == 0x5D
    assert frames[1].number("nas_eps.emm.cause") == EmmCause.NETWORK_FAILURE
