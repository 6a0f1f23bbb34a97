"""What Wireshark makes of the toolkit's messages that a change rarely has, or never.

What the fields should say is what TS 102 223 gives for the values that stand beside them.
"""

from __future__ import annotations

from typing import Any

import pytest

from impl.codec.apdu import CommandApdu, Ins, ResponseApdu
from impl.codec.mobility import LocationArea, RejectCause
from impl.codec.terminal_profile import Facility, encode_profile
from impl.codec.toolkit import (
    CommandType,
    DisplayText,
    Duration,
    Envelope,
    GeneralResult,
    GetInkey,
    GetInkeyFlag,
    GetInput,
    Item,
    LocalInformation,
    LocationStatus,
    LocationStatusEvent,
    MenuSelection,
    NetworkRejectionEvent,
    ProactiveCommand,
    ProvideLocalInformation,
    Refresh,
    RefreshMode,
    ResponseLength,
    SelectItem,
    SetUpEventList,
    TerminalResponse,
    TimerAction,
    TimerExpiration,
    TimerManagement,
    ToolkitEvent,
    encode_envelope,
    encode_proactive,
)
from impl.runtime.journal import Entry
from impl.values import PLMN

Fields = dict[str, int | str]
"""What fields should say; numbers however Wireshark writes them."""

AREA = LocationArea(PLMN("310410"), 0x1234)
CLA = 0x80

COMMANDS: dict[str, tuple[ProactiveCommand, Fields]] = {
    "SELECT ITEM": (
        SelectItem("Zwö 中", (Item(1, "é"),), default=1),
        {
            "etsi_cat.comp_tlv.cmd_type": 0x24,
            "etsi_cat.comp_tlv.alpha_id.string": "Zwö 中",
            "etsi_cat.comp_tlv.item.id": 1,
            "etsi_cat.comp_tlv.item.string": "é",
        },
    ),
    "DISPLAY TEXT": (
        DisplayText("привет", duration=Duration(1, 5)),
        {
            "etsi_cat.comp_tlv.cmd_type": 0x21,
            "etsi_cat.comp_tlv.dst_dev": 0x02,
            "etsi_cat.comp_tlv.text_encoding": 8,
            "etsi_cat.comp_tlv.text": "привет",
            "etsi_cat.comp_tlv.time_unit": 1,
            "etsi_cat.comp_tlv.time_interval": 5,
        },
    ),
    "GET INKEY": (
        GetInkey("Yes?", qualifier=GetInkeyFlag.YES_NO),
        {"etsi_cat.comp_tlv.cmd_type": 0x22, "etsi_cat.comp_tlv.cmd_qual": 4},
    ),
    "GET INPUT": (
        GetInput("Code", ResponseLength(1, 8)),
        {
            "etsi_cat.comp_tlv.cmd_type": 0x23,
            "etsi_cat.comp_tlv.text_encoding": 4,
            "etsi_cat.comp_tlv.text": "Code",
        },
    ),
    "REFRESH of files": (
        Refresh(RefreshMode(1), files=(bytes.fromhex("3f007fff6f07"),)),
        {"etsi_cat.comp_tlv.cmd_type": 0x01, "etsi_cat.comp_tlv.cmd_qual.refresh": 1},
    ),
    "SET UP EVENT LIST": (
        SetUpEventList((ToolkitEvent.LOCATION_STATUS,)),
        {"etsi_cat.comp_tlv.cmd_type": 0x05, "etsi_cat.comp_tlv.event": 3},
    ),
    "PROVIDE LOCAL INFORMATION": (
        ProvideLocalInformation(LocalInformation(0)),
        {"etsi_cat.comp_tlv.cmd_type": 0x26, "etsi_cat.comp_tlv.cmd_qual.loci": 0},
    ),
    "TIMER MANAGEMENT": (
        TimerManagement(TimerAction.START, 1, 3 * 3600 + 25 * 60 + 45),
        {
            "etsi_cat.comp_tlv.cmd_type": 0x27,
            "etsi_cat.comp_tlv.timer_val.hr": 0x30,  # digits swapped
            "etsi_cat.comp_tlv.timer_val.min": 0x52,
            "etsi_cat.comp_tlv.timer_val.sec": 0x54,
        },
    ),
}

ENVELOPES: dict[str, tuple[Envelope, Fields]] = {
    "menu selection": (
        MenuSelection(1, help_requested=True),
        {"gsm_sim.cat.ber_tlv_tag": 0xD3},
    ),
    "no service": (
        LocationStatusEvent(LocationStatus.NO_SERVICE),
        {
            "gsm_sim.cat.ber_tlv_tag": 0xD6,
            "etsi_cat.comp_tlv.event": 3,
            "etsi_cat.comp_tlv.loc_status": 2,
        },
    ),
    "network rejection": (
        NetworkRejectionEvent(AREA.octets, RejectCause.PLMN_NOT_ALLOWED),
        {
            "gsm_sim.cat.ber_tlv_tag": 0xD6,
            "etsi_cat.comp_tlv.event": 0x12,
            "e212.mcc": "310",
            "e212.mnc": "410",
            "etsi_cat.comp_tlv.loci.lac": 0x1234,
            "etsi_cat.comp_tlv.access_tech": 3,
            "etsi_cat.comp_tlv.upd_attach_type": 2,
        },
    ),
    "timer expiration": (
        TimerExpiration(1, 60),
        {"gsm_sim.cat.ber_tlv_tag": 0xD7, "etsi_cat.comp_tlv.timer_val.min": 0x10},
    ),
}

RESPONSES: dict[str, tuple[TerminalResponse, Fields]] = {
    "text": (
        TerminalResponse(1, CommandType.GET_INPUT, 0, GeneralResult(0), text="1234"),
        {
            "etsi_cat.comp_tlv.cmd_type": 0x23,
            "etsi_cat.comp_tlv.result": 0,
            "etsi_cat.comp_tlv.text": "",  # what a user typed stands in no capture: four zeros
        },
    ),
    "item": (
        TerminalResponse(1, CommandType.SELECT_ITEM, 0, GeneralResult(0), item=2),
        {"etsi_cat.comp_tlv.cmd_type": 0x24, "etsi_cat.comp_tlv.result": 0},
    ),
    "network unable": (
        TerminalResponse(1, CommandType.SEND_SHORT_MESSAGE, 0, GeneralResult(0x21), b"\0"),
        {"etsi_cat.comp_tlv.cmd_type": 0x13, "etsi_cat.comp_tlv.result": 0x21},
    ),
    "local information": (
        TerminalResponse(
            1,
            CommandType.PROVIDE_LOCAL_INFORMATION,
            0,
            GeneralResult(0),
            local_information=AREA.octets + b"\x00\x0a",
        ),
        {
            "e212.mcc": "310",
            "e212.mnc": "410",
            "etsi_cat.comp_tlv.loci.lac": 0x1234,
            "etsi_cat.comp_tlv.loci.cell_id": 10,
        },
    ),
}


FACILITIES: dict[Facility, str] = {
    Facility.PROFILE_DOWNLOAD: "prof_dld",
    Facility.SMS_PP_DOWNLOAD: "sms_data_dld",
    Facility.MENU_SELECTION: "menu_sel",
    Facility.SMS_PP_RESPONSE: "sms_data_dld_support",
    Facility.COMMAND_RESULT: "cmd_res",
    Facility.UCS2_DISPLAY: "ucs2_display",
    Facility.DISPLAY_TEXT: "pa.display_text",
    Facility.GET_INKEY: "pa.get_inkey",
    Facility.GET_INPUT: "pa.get_input",
    Facility.REFRESH: "pa.refresh",
    Facility.SEND_SHORT_MESSAGE: "pa.send_sms",
    Facility.SET_UP_MENU: "pa.set_up_menu",
    Facility.SET_UP_EVENT_LIST: "pa.set_up_evt_list",
    Facility.LOCATION_STATUS_EVENT: "evt.loc_status",
    Facility.NETWORK_REJECTION_EVENT: "evt.nw_reject_geran_utran",
    Facility.EUTRAN_REJECTION_EVENT: "evt.reject_eutran",
}
"""What Wireshark calls the bits of TERMINAL PROFILE."""


def said(facility: Facility) -> Fields:
    """Return the fields of a profile that says one thing, in the octet where that stands."""
    octet = facility.value[0]
    return {
        f"gsm_sim.tp.{name}": int(each is facility)
        for each, name in FACILITIES.items()
        if each.value[0] == octet
    }


def exchange(command: CommandApdu, answer: bytes = b"") -> Entry:
    octets = ResponseApdu(answer, 0x9000).encode()
    return Entry(0.0, "device 1", "card 1", command.encode(), octets, None)


def entries() -> dict[str, tuple[Entry, Fields]]:
    """Return every row as it passes between device and card."""
    rows = {}
    for name, (command, fields) in COMMANDS.items():
        octets = encode_proactive(1, command)
        rows[name] = exchange(CommandApdu(CLA, Ins.FETCH, 0, 0, le=len(octets)), octets), fields
    for name, (envelope, fields) in ENVELOPES.items():
        octets = encode_envelope(envelope)
        rows[name] = exchange(CommandApdu(CLA, Ins.ENVELOPE, 0, 0, octets)), fields
    for name, (response, fields) in RESPONSES.items():
        octets = response.encode()
        rows[name] = exchange(CommandApdu(CLA, Ins.TERMINAL_RESPONSE, 0, 0, octets)), fields
    for facility in Facility:
        octets = encode_profile((facility,))
        command = CommandApdu(CLA, Ins.TERMINAL_PROFILE, 0, 0, octets)
        rows[f"TERMINAL PROFILE {facility.name}"] = exchange(command), said(facility)
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
