"""What Wireshark makes of messages between nodes that a change rarely has, or never.

What the fields should say is what the standards give for the values that stand beside them.
"""

from __future__ import annotations

from typing import Any

import pytest

from impl.codec.address import Address, TypeOfNumber
from impl.codec.gsup import AlertReason, CancelType, CnDomain, Gsup, GsupCause, GsupType
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.mobility import (
    IMEI,
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
    LocationUpdatingReject,
    LocationUpdatingRequest,
    MmMessage,
    MmStatus,
    RejectCause,
    Updating,
    UpdatingType,
)
from impl.codec.relay import RpAck, RpCause, RpData, RpError, RpSmma
from impl.codec.short_message import (
    Deliver,
    DeliverReport,
    InformationElement,
    StatusReport,
    Submit,
    SubmitReport,
)
from impl.codec.smpp import PDUS, CommandStatus, Parameter, Pdu, SubmitSm, SubmitSmResp, Tag
from impl.events import Interface
from impl.runtime.journal import Entry
from impl.values import IMSI, MSISDN, PLMN

Fields = dict[str, int | str]
"""What fields should say; numbers however Wireshark writes them, octets with colons."""


IDENTITY = IMSI("31041012345678")
AREA = LocationArea(PLMN("310410"), 0x1234)
TEMPORARY = TMSI(b"\x01\x02\x03\x04")
EQUIPMENT = IMEI("490154203237518")
CENTRE, SERVER = Address("33609001"), Address("33700")
CENTRE_TIME, DISCHARGE_TIME = bytes.fromhex("62101011213140"), bytes.fromhex("62101021213140")
RAND, AUTS = b"\x12" * 16, b"\x77" * 14


def spelled(octets: bytes) -> str:
    return octets.hex(":")


MOBILITY: dict[str, tuple[MmMessage, Fields]] = {
    "normal location updating": (
        LocationUpdatingRequest(
            UpdatingType(Updating.NORMAL, 3, follow_on=True), AREA, 0x33, TEMPORARY
        ),
        {
            "gsm_a.dtap.msg_mm_type": 0x08,
            "gsm_a.dtap.updating_type": 0,
            "gsm_a.dtap.follow_on_request": 1,
            "gsm_a.dtap.ciphering_key_sequence_number": 3,
            "e212.lai.mcc": "310",
            "e212.lai.mnc": "410",
            "gsm_a.lac": 0x1234,
            "3gpp.tmsi": 0x01020304,
        },
    ),
    "identity of even length": (
        LocationUpdatingRequest(UpdatingType(Updating.PERIODIC), AREA, 0x33, IDENTITY),
        {
            "gsm_a.dtap.updating_type": 1,
            "gsm_a.dtap.ciphering_key_sequence_number": 7,
            "gsm_a.oddevenind": 0,
            "e212.imsi": IDENTITY,
        },
    ),
    "location updating reject": (
        LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED),
        {"gsm_a.dtap.msg_mm_type": 0x04, "gsm_a.dtap.rej_cause": 11},
    ),
    "challenge of GSM": (
        AuthenticationRequest(2, RAND),
        {
            "gsm_a.dtap.msg_mm_type": 0x12,
            "gsm_a.dtap.ciphering_key_sequence_number": 2,
            "gsm_a.dtap.rand": spelled(RAND),
        },
    ),
    "answer of GSM": (
        AuthenticationResponse(b"\1\2\3\4"),
        {"gsm_a.dtap.msg_mm_type": 0x14, "gsm_a.dtap.sres": "01:02:03:04"},
    ),
    "synch failure": (
        AuthenticationFailure(RejectCause.SYNCH_FAILURE, AUTS),
        {
            "gsm_a.dtap.msg_mm_type": 0x1C,
            "gsm_a.dtap.rej_cause": 21,
            "gsm_a.dtap.auts": spelled(AUTS),
        },
    ),
    "MAC failure": (
        AuthenticationFailure(RejectCause.MAC_FAILURE),
        {"gsm_a.dtap.msg_mm_type": 0x1C, "gsm_a.dtap.rej_cause": 20},
    ),
    "authentication reject": (AuthenticationReject(), {"gsm_a.dtap.msg_mm_type": 0x11}),
    "detach": (
        ImsiDetachIndication(0x33, TEMPORARY),
        {"gsm_a.dtap.msg_mm_type": 0x01, "3gpp.tmsi": 0x01020304},
    ),
    "identity request": (
        IdentityRequest(IdentityKind.IMSI),
        {"gsm_a.dtap.msg_mm_type": 0x18, "gsm_a.dtap.type_of_identity": 1},
    ),
    "IMEI": (
        IdentityResponse(EQUIPMENT),
        {
            "gsm_a.dtap.msg_mm_type": 0x19,
            "gsm_a.ie.mobileid.type": 2,
            "gsm_a.imei": EQUIPMENT,
        },
    ),
    "no identity": (IdentityResponse(None), {"gsm_a.ie.mobileid.type": 0}),
    "MM status": (MmStatus(0x61), {"gsm_a.dtap.msg_mm_type": 0x31, "gsm_a.dtap.rej_cause": 97}),
}

RELAY: dict[str, tuple[bytes, Fields]] = {
    "memory available": (
        RpSmma(5).encode(),
        {"gsm_a.rp.msg_type": 6, "gsm_a.rp.rp_message_reference": 5},
    ),
    "RP-ERROR of the device": (
        RpError(6, RpCause.MEMORY_EXCEEDED).encode(),
        {"gsm_a.rp.msg_type": 4, "gsm_a.rp.cause": 22, "gsm_a.dtap.ti_flag": 1},
    ),
    "RP-ERROR of the network": (
        RpError(6, RpCause.NETWORK_OUT_OF_ORDER).encode(from_network=True),
        {"gsm_a.rp.msg_type": 5, "gsm_a.rp.cause": 38},
    ),
    "deliver report, an error": (
        RpError(
            6,
            RpCause.PROTOCOL_ERROR,
            DeliverReport(failure_cause=0xD5, pid=0x7F, dcs=0xF6, user_data=b"abc").encode(),
        ).encode(),
        {"gsm_sms.tp-fcs": 0xD5, "gsm_sms.tp-mti": 0, "gsm_sms.sms_body": "61:62:63"},
    ),
    "deliver report with a response packet": (
        RpAck(
            6,
            DeliverReport(
                pid=0x7F, dcs=0xF6, user_data=b"abc", header=(InformationElement(0x71, b""),)
            ).encode(),
        ).encode(),
        {
            "gsm_a.rp.msg_type": 2,
            "gsm_sms.tp-pid": 0x7F,
            "gsm_sms.tp-dcs": 0xF6,
            "gsm_sms.ie_identifier": 0x71,
            "gsm_sms.sms_body": "61:62:63",
        },
    ),
    "submit report, an error": (
        RpError(
            6,
            RpCause.TRANSFER_REJECTED,
            SubmitReport(failure_cause=0xC0, timestamp=CENTRE_TIME).encode(),
        ).encode(from_network=True),
        {
            "gsm_sms.tp-fcs": 0xC0,
            "gsm_sms.scts.year": 26,
            "gsm_sms.scts.hour": 11,
            "gsm_sms.scts.minutes": 12,
            "gsm_sms.scts.seconds": 13,
            "gsm_sms.scts.timezone": 4,
        },
    ),
    "status report": (
        RpData(
            6,
            CENTRE,
            None,
            StatusReport(
                reference=5,
                recipient=SERVER,
                timestamp=CENTRE_TIME,
                discharge_time=DISCHARGE_TIME,
                status=0x46,
            ).encode(),
        ).encode(from_network=True),
        {"gsm_sms.tp-mr": 5, "gsm_sms.tp-ra": "33700", "gsm_sms.dis_field.st_error": 2},
    ),
    "part with a reference of 16 bits": (
        RpData(
            6,
            CENTRE,
            None,
            Deliver(
                SERVER, b"ab", dcs=4, header=(InformationElement(8, b"\x12\x34\x02\x01"),)
            ).encode(),
        ).encode(from_network=True),
        {
            "gsm_a.dtap.cld_party_bcd_num": "33609001",
            "gsm_sms.udh.mm.msg_id": 0x1234,
            "gsm_sms.udh.mm.msg_parts": 2,
            "gsm_sms.udh.mm.msg_part": 1,
        },
    ),
    "submit with a validity period": (
        RpData(
            6,
            None,
            CENTRE,
            Submit(
                Address("123", ton=TypeOfNumber.UNKNOWN), b"ab", dcs=4, validity=b"\xa7"
            ).encode(),
        ).encode(),
        {
            "gsm_sms.tp-vpf": 2,
            "gsm_sms.vp.validity_period": 167,
            "gsm_sms.tp-da": "123",
            "gsm_sms.dis_field_addr.num_type": 0,
        },
    ),
}

SUBSCRIBER: dict[str, tuple[Gsup, Fields]] = {
    **{
        kind.name: (Gsup(kind, imsi=IDENTITY), {"gsup.msg_type": kind, "e212.imsi": IDENTITY})
        for kind in GsupType
    },
    "cause": (
        Gsup(GsupType.UPDATE_LOCATION_ERROR, imsi=IDENTITY, cause=GsupCause.PLMN_NOT_ALLOWED),
        {"gsup.cause": 11},
    ),
    "resynchronization": (
        Gsup(
            GsupType.SEND_AUTH_INFO_REQUEST,
            imsi=IDENTITY,
            auts=AUTS,
            rand=RAND,
            cn_domain=CnDomain.CIRCUIT_SWITCHED,
        ),
        {"gsup.auts": spelled(AUTS), "gsup.rand": spelled(RAND), "gsup.cn_domain": 2},
    ),
    "RP cause": (
        Gsup(GsupType.MT_FORWARD_SM_ERROR, imsi=IDENTITY, sm_rp_mr=4, sm_rp_cause=22),
        {"gsup.sm_rp_mr": 4, "gsup.sm_rp.cause": 22},
    ),
    "addresses": (
        Gsup(
            GsupType.MO_FORWARD_SM_REQUEST,
            imsi=IDENTITY,
            sm_rp_mr=4,
            sm_rp_da=RpAddress(RpAddressKind.SERVICE_CENTRE, MSISDN("33609")),
            sm_rp_oa=RpAddress(RpAddressKind.NONE),
            sm_rp_ui=Submit(SERVER, b"ab", dcs=4).encode(),
        ),
        {
            "gsup.sm_rp_da.addr_type": 3,
            "gsup.sm_rp_oa.addr_type": 0xFF,
            "gsm_sms.tp-da": "33700",
            "gsm_sms.sms_body": "61:62",
        },
    ),
    "alert": (
        Gsup(
            GsupType.READY_FOR_SM_REQUEST,
            imsi=IDENTITY,
            sm_alert_reason=AlertReason.MEMORY_AVAILABLE,
        ),
        {"gsup.sm_alert_rsn": 2},
    ),
    "names": (
        Gsup(
            GsupType.LOCATION_CANCEL_REQUEST,
            imsi=IDENTITY,
            cancel_type=CancelType.UPDATE,
            message_class=1,
            source_name="hlr",
            destination_name="msc-1",
        ),
        {
            "gsup.cancel_type": 0,
            "gsup.msg_class": 1,
            "gsup.source_name.text": "hlr",
            "gsup.dest_name.text": "msc-1",
        },
    ),
}

SESSION: dict[str, tuple[Pdu, Fields]] = {
    **{
        kind.__name__: (
            kind(sequence_number=7),
            {"smpp.command_id": kind.command_id, "smpp.sequence_number": 7},
        )
        for kind in PDUS.values()
    },
    "error": (
        SubmitSmResp(CommandStatus.RTHROTTLED, 8),
        {"smpp.command_id": 0x80000004, "smpp.command_status": 0x58},
    ),
    "times and a long message": (
        SubmitSm(
            sequence_number=9,
            service_type="CMT",
            destination_addr="33",
            schedule_delivery_time="260101000000000+",
            validity_period="000001000000000R",
            registered_delivery=1,
            parameters=(Parameter(Tag.MESSAGE_PAYLOAD, bytes(300)),),
        ),
        {
            "smpp.service_type": "CMT",
            "smpp.schedule_delivery_time": "Jan  1, 2026 00:00:00.000000000 UTC",
            "smpp.validity_period_r": "86400.000000000",
            "smpp.regdel.receipt": 1,
            "smpp.opt_param_tag": 0x0424,
            "smpp.opt_param_len": 300,
        },
    ),
}


def over(interface: Interface, octets: bytes, sender: str, receiver: str) -> Entry:
    return Entry(0.0, sender, receiver, octets, octets, interface)


def entries() -> dict[str, tuple[Entry, Fields]]:
    """Return every row as its sender sends it."""
    rows = {}
    for name, (message, fields) in MOBILITY.items():
        rows[name] = over(Interface.MM, message.encode(), "device 1", "VLR 1"), fields
    for name, (octets, fields) in RELAY.items():
        ends = ("VLR 1", "device 1") if octets[0] & 1 else ("device 1", "VLR 1")
        rows[name] = over(Interface.SM, octets, *ends), fields
    for name, (gsup, fields) in SUBSCRIBER.items():
        rows[name] = over(Interface.GSUP, gsup.encode(), "VLR 1", "HLR 1"), fields
    for name, (pdu, fields) in SESSION.items():
        rows[name] = over(Interface.SMPP, pdu.encode(), "application-server", "SMSC 1"), fields
    return rows


ROWS = entries()


@pytest.fixture(scope="module")
def frames(dissector: Any) -> dict[str, Any]:
    dissected = dissector.dissect_each(entry for entry, _ in ROWS.values())
    return dict(zip(ROWS, dissected, strict=True))


@pytest.mark.parametrize("name", ROWS)
def test_a_message_is_read_as_it_is_meant(frames: dict[str, Any], name: str) -> None:
    _, fields = ROWS[name]
    assert not frames[name].is_malformed
    assert frames[name].told(fields) == fields


@pytest.mark.parametrize(
    "elements",
    [
        {"message_type": GsupType.PURGE_MS_RESULT, "freeze_ptmsi": True},
        {"message_type": GsupType.UPDATE_LOCATION_RESULT, "pdp_info_complete": True},
    ],
    ids=["Freeze P-TMSI", "PDP Info Complete"],
)
def test_wireshark_wants_an_octet_in_elements_that_osmocom_writes_empty(
    dissector: Any, elements: dict[str, Any]
) -> None:
    octets = Gsup(imsi=IDENTITY, **elements).encode()
    assert octets[-1] == 0  # the length: libosmocore writes the same (tests/vectors/gsup.yaml)
    (frame,) = dissector.dissect_each([over(Interface.GSUP, octets, "HLR 1", "VLR 1")])
    assert frame.is_malformed
