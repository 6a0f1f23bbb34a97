"""What Wireshark makes of the octets of whole changes.

What a field should say is known from the deployment, or from another protocol that carries the
same; never from our own decoders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from impl.codec.apdu import Ins
from impl.codec.gsup import GsupType
from impl.events import Interface
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER
from steps.driver import Means, Network, Setup, User
from steps.drivers.simulated import SimulatedDriver

HOME, TARGET = NETWORKS[:2]
USER = User.THE_USER

DISSECTED = {
    "tcp:smpp",
    "tcp:smpp:gsm_sms_ud",
    "tcp:gsm_ipa:gsup",
    "tcp:gsm_ipa:gsup:gsm_sms",
    "udp:gsmtap:gsm_a.dtap",
    "udp:gsmtap:gsm_a.dtap:gsm_a.rp",
    "udp:gsmtap:gsm_a.dtap:gsm_a.rp:gsm_sms",
    "udp:gsmtap:gsm_sim",
    "udp:gsmtap:gsm_sim:etsi_cat",
    "udp:gsmtap:gsm_sim:etsi_cat:gsm_sms",
}
"""What there is to be seen in a change; nothing of it ends in bare data."""

LOCATION_UPDATING_ACCEPT, LOCATION_UPDATING_REQUEST = "0x02", "0x08"
FROM_DEVICE, FROM_NETWORK, ACK_FROM_NETWORK = "0x00", "0x01", "0x03"  # types of relay messages
DELIVER, SUBMIT = "0", "1"  # TP-MTI, in either direction
CONCATENATION, COMMAND_PACKET, RESPONSE_PACKET = "0x00", "0x70", "0x71"
SUBMIT_SM, DELIVER_SM, BIND_TRANSCEIVER = (f"0x{number:08x}" for number in (4, 5, 9))
RESPONSE = 0x80000000
REFRESH, EVENT_LIST, SHORT_MESSAGE, MENU = "0x01", "0x05", "0x13", "0x25"


class Case(NamedTuple):
    """A whole run, and what tshark says of it."""

    driver: SimulatedDriver
    frames: list[Any]

    def having(self, field: str, value: object = None) -> list[Any]:
        """Return the frames that have a field, and have it so, in order."""
        return [
            frame
            for frame in self.frames
            if field in frame and (value is None or str(value) in frame.values(field))
        ]


def choose_from_menu(driver: SimulatedDriver) -> None:
    driver.request_change(Network.SECOND, Means.MENU, USER)


def ask_customer_centre(driver: SimulatedDriver) -> None:
    driver.ask_customer_centre(Network.SECOND, USER, agrees=True)


def send_many_parts(driver: SimulatedDriver) -> None:
    driver.send_in_parts(4)
    choose_from_menu(driver)


def take_another_admin_code(driver: SimulatedDriver) -> None:
    driver.exchange_admin_code(USER)
    choose_from_menu(driver)


def go_there_and_back(driver: SimulatedDriver) -> None:
    choose_from_menu(driver)
    driver.settle()
    driver.request_change(Network.FIRST, Means.COMMAND_CODE, USER)


RUNS: dict[str, Callable[[SimulatedDriver], None]] = {
    "menu": choose_from_menu,
    "customer centre": ask_customer_centre,
    "many parts": send_many_parts,
    "wrong admin code": take_another_admin_code,
    "there and back": go_there_and_back,
}


@pytest.fixture(scope="session")
def cases(dissector: Any) -> Iterator[dict[str, Case]]:
    made = {}
    for name, run in RUNS.items():
        driver = SimulatedDriver(Setup(seed=12))
        driver.agree(Network.FIRST)
        driver.agree(Network.SECOND)
        driver.subscribe(Network.FIRST, USER)
        run(driver)
        driver.settle()
        made[name] = Case(driver, dissector.dissect(driver.world.journal.entries))
    yield made
    for case in made.values():
        case.driver.close()


@pytest.fixture(params=RUNS)
def case(request: pytest.FixtureRequest, cases: dict[str, Case]) -> Case:
    return cases[request.param]


@pytest.fixture
def menu(cases: dict[str, Case]) -> Case:
    return cases["menu"]


# All frames


def is_report_in_gsup(frame: Any) -> bool:
    """Whether Wireshark takes this report for a message: `impl.runtime.pcap` says why."""
    results = {GsupType.MO_FORWARD_SM_RESULT, GsupType.MT_FORWARD_SM_RESULT}
    return "gsup.msg_type" in frame and frame.number("gsup.msg_type") in results


def test_no_frame_is_malformed(case: Case) -> None:
    malformed = [frame for frame in case.frames if frame.is_malformed]
    assert len(case.frames) > 60
    assert [frame for frame in malformed if not is_report_in_gsup(frame)] == []


def test_an_octet_less_would_have_been_noticed(menu: Case, dissector: Any) -> None:
    entries = menu.driver.world.journal.entries
    whole = next(entry for entry in entries if entry.interface is Interface.MM)
    cut = replace(whole, octets=whole.octets[:-1])
    assert [frame.is_malformed for frame in dissector.dissect([whole, cut])] == [False, True]


def test_the_report_that_is_misread_in_gsup_is_right_in_its_relay_message(menu: Case) -> None:
    misread = [frame for frame in menu.frames if frame.is_malformed]
    acknowledged = menu.having("gsm_a.rp.msg_type", ACK_FROM_NETWORK)
    reports = [frame for frame in acknowledged if "gsm_a.rp.tpdu" in frame]
    assert len(misread) == 2 * len(reports)  # the register passes each on
    for frame in reports:
        assert frame.value("gsm_sms.tp-mti") == SUBMIT
        assert "gsm_sms.scts.year" in frame
    for frame in misread:
        (report, *_) = reports
        assert report.octets("gsm_a.rp.tpdu")[:2] == b"\x01\x00"
        assert frame.value("gsm_sms.tp-mti") == SUBMIT


def test_every_frame_is_dissected_to_its_end(case: Case) -> None:
    full = [frame for frame in case.frames if frame.values("tcp.len") != ["0"]]
    seen = {frame.value("frame.protocols").removeprefix("raw:ip:") for frame in full}
    assert seen <= DISSECTED


def test_nothing_is_lost_or_repeated_on_a_connection(case: Case) -> None:
    segments = case.having("tcp.stream")
    assert {frame.value("tcp.checksum.status") for frame in segments} == {"1"}
    assert case.having("tcp.analysis.flags") == []


# Radio: mobility management


def test_each_attach_names_the_identity_that_the_card_has(menu: Case) -> None:
    requests = menu.having("gsm_a.dtap.msg_mm_type", LOCATION_UPDATING_REQUEST)
    assert [frame.value("e212.imsi") for frame in requests] == [HOME.first_imsi, TARGET.first_imsi]


def test_who_answers_a_challenge_of_umts_says_to_be_of_release_99_or_later(case: Case) -> None:
    said = case.having("gsm_a.MSC_rev")
    assert {frame.number("gsm_a.MSC_rev") for frame in said} == {2}
    assert len(case.having("gsm_a.dtap.xres")) > 0


def test_each_network_accepts_in_its_own_location_area(menu: Case) -> None:
    accepts = menu.having("gsm_a.dtap.msg_mm_type", LOCATION_UPDATING_ACCEPT)
    areas = [(frame.value("e212.lai.mcc"), frame.number("e212.lai.mnc")) for frame in accepts]
    assert areas == [(plan.plmn.mcc, int(plan.plmn.mnc)) for plan in (HOME, TARGET)]
    assert {frame.value("gsm_a.ie.mobileid.type") for frame in accepts} == {"4"}  # TMSI


def test_a_challenge_is_the_same_in_gsup_and_over_the_air(case: Case) -> None:
    vectors, challenges = case.having("gsup.rand"), case.having("gsm_a.dtap.rand")
    assert vectors
    for vector, challenge in zip(vectors, challenges, strict=True):
        for name in ("rand", "autn"):
            assert vector.octets(f"gsup.{name}") == challenge.octets(f"gsm_a.dtap.{name}")


def test_a_refused_card_is_never_seen_in_the_other_network(cases: dict[str, Case]) -> None:
    case = cases["wrong admin code"]
    assert case.having("e212.imsi", HOME.first_imsi)
    assert case.having("e212.imsi", TARGET.first_imsi) == []
    assert case.having("etsi_cat.comp_tlv.cmd_type", REFRESH) == []


# Radio: short messages


def test_what_the_card_sends_goes_to_the_server_by_its_service_centre(menu: Case) -> None:
    request, report = menu.having("gsm_a.rp.msg_type", FROM_DEVICE)
    for frame in (request, report):
        assert frame.value("gsm_a.dtap.cld_party_bcd_num") == HOME.service_centre
        assert frame.value("gsm_sms.tp-mti") == SUBMIT
        assert frame.value("gsm_sms.tp-da") == SERVER_NUMBER
    assert request.values("gsm_sms.ie_identifier") == [COMMAND_PACKET]
    assert report.values("gsm_sms.ie_identifier") == [RESPONSE_PACKET]


def test_asked_by_a_customer_centre_the_card_only_reports(cases: dict[str, Case]) -> None:
    (report,) = cases["customer centre"].having("gsm_a.rp.msg_type", FROM_DEVICE)
    assert report.values("gsm_sms.ie_identifier") == [RESPONSE_PACKET]


def test_a_personalization_message_is_a_download_to_the_card(case: Case) -> None:
    centres = {plan.service_centre for plan in (HOME, TARGET)}
    parts = case.having("gsm_a.rp.msg_type", FROM_NETWORK)
    assert parts
    for frame in parts:
        assert frame.value("gsm_a.dtap.cld_party_bcd_num") in centres
        assert frame.value("gsm_sms.tp-mti") == DELIVER
        assert frame.value("gsm_sms.tp-oa") == SERVER_NUMBER
        assert frame.value("gsm_sms.tp-udhi") == "1"
        assert (frame.number("gsm_sms.tp-pid"), frame.number("gsm_sms.tp-dcs")) == (0x7F, 0xF6)


def test_only_the_first_part_says_that_it_is_a_command_packet(cases: dict[str, Case]) -> None:
    first, *others = cases["many parts"].having("gsm_a.rp.msg_type", FROM_NETWORK)
    assert sorted(first.values("gsm_sms.ie_identifier")) == [CONCATENATION, COMMAND_PACKET]
    for number, frame in enumerate(others, start=2):
        assert frame.values("gsm_sms.ie_identifier") == [CONCATENATION]
        assert frame.number("gsm_sms.udh.mm.msg_part") == number
        assert frame.number("gsm_sms.udh.mm.msg_parts") == 1 + len(others) == 4
        assert frame.value("gsm_sms.udh.mm.msg_id") == first.value("gsm_sms.udh.mm.msg_id")


def test_the_parts_make_the_same_packet_on_every_way(cases: dict[str, Case]) -> None:
    case = cases["many parts"]
    whole = case.having("gsm_sms.fragment.count", 4)
    submitted = case.having("gsm_sms_ud.fragment.count", 4)
    ways = {frame.value("frame.protocols") for frame in (*whole, *submitted)}
    assert len(ways) == 4  # SMPP, GSUP, the air and the card
    bodies = {frame.octets("gsm_sms.sms_body") for frame in whole}
    bodies |= {frame.octets("gsm_sms_ud.short_msg") for frame in submitted}
    (packet,) = bodies
    assert int.from_bytes(packet[:2], "big") == len(packet) - 2  # CPL (TS 102 225 table 1)


# SMPP


def test_every_request_is_answered_with_success(case: Case) -> None:
    def identity(frame: Any) -> tuple[str, int, int]:
        assert "2775" in {frame.value("tcp.srcport"), frame.value("tcp.dstport")}
        kind = frame.number("smpp.command_id") & ~RESPONSE
        return frame.value("tcp.stream"), kind, frame.number("smpp.sequence_number")

    pdus = case.having("smpp.command_id")
    answers = [frame for frame in pdus if frame.number("smpp.command_id") & RESPONSE]
    requests = [frame for frame in pdus if frame not in answers]
    assert {frame.number("smpp.command_status") for frame in answers} == {0}
    assert sorted(map(identity, requests)) == sorted(map(identity, answers))


def test_what_the_server_submits_is_binary_with_a_header(case: Case) -> None:
    numbers = {plan.first_msisdn for plan in (HOME, TARGET)}
    submits = case.having("smpp.command_id", SUBMIT_SM)
    assert submits
    for frame in submits:
        assert frame.value("smpp.source_addr") == SERVER_NUMBER
        assert frame.value("smpp.destination_addr") in numbers
        check_is_binary_with_header(frame)


def test_what_is_delivered_to_the_server_comes_from_the_subscriber(menu: Case) -> None:
    request, report = menu.having("smpp.command_id", DELIVER_SM)
    for frame in (request, report):
        assert frame.value("smpp.source_addr") == HOME.first_msisdn
        assert frame.value("smpp.destination_addr") == SERVER_NUMBER
        check_is_binary_with_header(frame)


def check_is_binary_with_header(frame: Any) -> None:
    for end in ("source", "dest"):
        kind = (frame.number(f"smpp.{end}_addr_ton"), frame.number(f"smpp.{end}_addr_npi"))
        assert kind == (1, 1)  # international, E.164
    assert frame.number("smpp.esm.submit.features") == 1  # user data header
    assert (frame.number("smpp.protocol_id"), frame.number("smpp.data_coding")) == (0x7F, 0xF6)


def test_a_password_is_not_seen(case: Case) -> None:
    binds = case.having("smpp.command_id", BIND_TRANSCEIVER)
    assert {frame.value("smpp.system_id") for frame in binds} == {"reperso"}
    assert {character for frame in binds for character in frame.value("smpp.password")} == {"*"}


# GSUP


def test_an_attach_is_what_osmocom_makes_of_it(menu: Case) -> None:
    expected = [
        GsupType.SEND_AUTH_INFO_REQUEST,
        GsupType.SEND_AUTH_INFO_RESULT,
        GsupType.UPDATE_LOCATION_REQUEST,
        GsupType.INSERT_DATA_REQUEST,
        GsupType.INSERT_DATA_RESULT,
        GsupType.UPDATE_LOCATION_RESULT,
    ]
    for plan in (HOME, TARGET):
        said = [frame for frame in menu.having("gsup.msg_type") if "gsm_sms" not in frame]
        about = [frame for frame in said if plan.first_imsi in frame.values("e212.imsi")]
        assert [frame.number("gsup.msg_type") for frame in about[:6]] == expected
        assert about[3].value("e164.msisdn") == plan.first_msisdn


def test_the_left_network_withdraws(menu: Case) -> None:
    (frame,) = menu.having("gsup.msg_type", GsupType.LOCATION_CANCEL_REQUEST.value)
    assert frame.value("e212.imsi") == HOME.first_imsi
    assert frame.number("gsup.cancel_type") == 1


def test_the_register_finds_the_identity_of_a_number(menu: Case) -> None:
    frames = menu.having("gsup.msg_type", GsupType.MT_FORWARD_SM_REQUEST.value)
    by_number = [frame for frame in frames if frame.number("gsup.sm_rp_da.addr_type") == 2]
    by_identity = [frame for frame in frames if frame.number("gsup.sm_rp_da.addr_type") == 1]
    assert len(by_number) == len(by_identity) > 0
    for frame in frames:
        assert frame.number("gsup.sm_rp_oa.addr_type") == 3
        assert HOME.service_centre in frame.values("e164.msisdn")
    assert all(HOME.first_msisdn in frame.values("e164.msisdn") for frame in by_number)
    assert all(set(frame.values("e212.imsi")) == {HOME.first_imsi} for frame in by_identity)


def test_no_session_key_is_seen(case: Case) -> None:
    for frame in case.having("gsup.rand"):
        for name in ("ck", "ik", "kc", "sres", "res"):
            assert set(frame.octets(f"gsup.{name}")) == {0}


# The card


def test_a_session_with_the_card_begins_as_with_any_terminal(case: Case) -> None:
    exchanges = case.having("gsm_sim.apdu.ins")[:5]
    assert [frame.number("gsm_sim.apdu.ins") for frame in exchanges] == [
        Ins.SELECT,
        Ins.GET_RESPONSE,
        Ins.TERMINAL_PROFILE,
        Ins.FETCH,
        Ins.TERMINAL_RESPONSE,
    ]
    assert exchanges[0].octets("gsm_sim.aid").hex().startswith("a0000000871002")
    assert exchanges[1].octets("gsm_sim.apdu.data")[0] == 0x62  # FCP template


def test_the_card_asks_for_what_a_change_takes(menu: Case) -> None:
    fetched = [
        frame.value("etsi_cat.comp_tlv.cmd_type")
        for frame in menu.having("gsm_sim.apdu.ins", f"0x{Ins.FETCH:02x}")
    ]
    begun = [MENU, EVENT_LIST]
    assert fetched == [*begun, SHORT_MESSAGE, SHORT_MESSAGE, REFRESH, *begun]


def test_the_identity_that_the_device_reads_changes(menu: Case) -> None:
    frames = menu.having("gsm_sim.apdu.ins")
    read = [
        following.octets("gsm_sim.apdu.data").hex()
        for frame, following in pairwise(frames)
        if "0x6f07" in frame.values("gsm_sim.file_id")
    ]
    # EF.IMSI: length, a nibble of parity and type, the digits swapped (TS 31.102 clause 4.2.2)
    swapped = ["".join(one[i + 1] + one[i] for i in range(2, 18, 2)) for one in read]
    assert swapped == ["9" + HOME.first_imsi, "9" + TARGET.first_imsi]


def test_the_card_is_told_where_there_is_service(menu: Case) -> None:
    events = menu.having("etsi_cat.comp_tlv.loc_status")
    assert [frame.value("e212.mcc") for frame in events] == [HOME.plmn.mcc, TARGET.plmn.mcc]
    assert {frame.number("etsi_cat.comp_tlv.loc_status") for frame in events} == {0}
