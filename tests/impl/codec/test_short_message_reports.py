"""Tests of reports about short messages, with pycrate as a second opinion."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.address import Address
from impl.codec.short_message_reports import DeliverReport, StatusReport, SubmitReport
from impl.codec.user_data import InformationElement, UserData
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError

POR = bytes.fromhex("027100000b0ab0000000000000000000")

octet = st.integers(0, 255)
times = st.tuples(*[st.sampled_from([0x00, 0x10, 0x21, 0x90])] * 7).map(bytes)
causes = st.none() | st.integers(0x80, 0xFF)
without_data = st.fixed_dictionaries({"pid": st.none() | octet, "dcs": st.none() | octet})
with_data = st.fixed_dictionaries(
    {
        "pid": st.none() | octet,
        "dcs": st.sampled_from([0x04, 0xF6]),
        "user_data": st.binary(max_size=100),
        "header": st.lists(
            st.builds(InformationElement, st.integers(0x60, 0x7F), st.binary(max_size=4)),
            max_size=3,
        ).map(tuple),
    }
)
optional = without_data | with_data
delivery_reports = st.builds(
    lambda cause, fields: DeliverReport(failure_cause=cause, **fields), causes, optional
)
submission_reports = st.builds(
    lambda cause, time, fields: SubmitReport(failure_cause=cause, timestamp=time, **fields),
    causes,
    times,
    optional,
)
status_reports = st.builds(
    lambda required, fields: StatusReport(**required, **fields),
    st.fixed_dictionaries(
        {
            "reference": octet,
            "recipient": st.builds(Address, st.text("0123456789", min_size=1, max_size=20)),
            "timestamp": times,
            "discharge_time": times,
            "status": octet,
            "more_messages": st.booleans(),
            "loop_prevention": st.booleans(),
            "is_about_command": st.booleans(),
        }
    ),
    optional,
)


@given(delivery_reports)
def test_a_delivery_report_is_read_as_it_was_written(report: DeliverReport) -> None:
    assert DeliverReport.decode(report.encode()) == report


@given(submission_reports)
def test_a_submission_report_is_read_as_it_was_written(report: SubmitReport) -> None:
    assert SubmitReport.decode(report.encode()) == report


@given(status_reports)
def test_a_status_report_is_read_as_it_was_written(report: StatusReport) -> None:
    assert StatusReport.decode(report.encode()) == report


@given(st.binary(max_size=40))
@pytest.mark.parametrize("kind", [DeliverReport, SubmitReport, StatusReport])
def test_any_octets_are_a_report_or_malformed(kind: Any, octets: bytes) -> None:
    try:
        report = kind.decode(octets)
    except MalformedError:
        return
    assert kind.decode(report.encode()) == report


@given(delivery_reports)
def test_pycrate_reads_a_delivery_report_as_we_mean_it(report: DeliverReport) -> None:
    pycrate = pytest.importorskip("pycrate_mobile.TS23040_SMS")
    failed = report.failure_cause is not None
    kind = pycrate.SMS_DELIVER_REPORT_RP_ERROR if failed else pycrate.SMS_DELIVER_REPORT_RP_ACK
    check_optional(kind(), report)


@given(submission_reports)
def test_pycrate_reads_a_submission_report_as_we_mean_it(report: SubmitReport) -> None:
    pycrate = pytest.importorskip("pycrate_mobile.TS23040_SMS")
    failed = report.failure_cause is not None
    kind = pycrate.SMS_SUBMIT_REPORT_RP_ERROR if failed else pycrate.SMS_SUBMIT_REPORT_RP_ACK
    theirs = check_optional(kind(), report)
    assert theirs["TP_SCTS"].to_bytes() == report.timestamp


def check_optional(theirs: Any, report: DeliverReport | SubmitReport) -> Any:
    octets = report.encode()
    theirs.from_bytes(octets)
    assert theirs.to_bytes() == octets
    if report.failure_cause is not None:
        assert theirs["TP_FCS"]() == report.failure_cause
    assert theirs["TP_PI"]["TP_PID"]() == (report.pid is not None)
    assert theirs["TP_PI"]["TP_DCS"]() == (report.dcs is not None)
    assert theirs["TP_PI"]["TP_UDL"]() == (report.user_data is not None)
    if report.user_data is not None:
        assert theirs["TP_UD"]["UD"].to_bytes() == report.user_data
    return theirs


def test_what_the_card_answered_goes_to_the_server_as_it_is() -> None:
    report = DeliverReport.acknowledging(POR)
    assert report.encode().hex() == "00077ff610" + POR.hex()
    assert report.user_data is not None
    user_data = UserData.decode(report.user_data, has_header=True)
    assert user_data.header == (InformationElement(0x71),)


def test_a_failure_has_its_cause_with_and_without_an_answer() -> None:
    assert DeliverReport.failing(0xD5).encode().hex() == "00d500"
    assert DeliverReport.failing(0xD5, POR).encode().hex() == "00d5077ff610" + POR.hex()
    assert DeliverReport.decode(bytes.fromhex("00d500")).failure_cause == 0xD5
    assert DeliverReport.decode(bytes.fromhex("0000")).failure_cause is None


def test_a_status_report_may_end_without_an_indicator() -> None:
    report = StatusReport(
        reference=7,
        recipient=Address("33609001000"),
        timestamp=bytes(7),
        discharge_time=bytes(7),
        status=0,
    )
    assert report.encode().hex() == "06070b913306091000f0" + "00" * 14 + "00"
    assert StatusReport.decode(report.encode() + b"\x00") == report


def test_user_data_may_be_there_and_empty() -> None:
    assert DeliverReport.decode(bytes.fromhex("000400")) == DeliverReport(user_data=b"")
    assert DeliverReport.decode(bytes.fromhex("0000")) == DeliverReport()


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("", TruncatedError),
        ("00", TruncatedError),
        ("01", MalformedError),  # another TPDU
        ("00d5", TruncatedError),
        ("00d5d500", MalformedError),  # an indicator with an extension
        ("0001", TruncatedError),
        ("000401", TruncatedError),
        ("000000", TrailingError),
        ("400100", MalformedError),  # a header, but no user data
    ],
)
def test_a_broken_delivery_report_is_malformed(octets: str, error: type[MalformedError]) -> None:
    with pytest.raises(error):
        DeliverReport.decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "report",
    [
        DeliverReport(failure_cause=0x7F),
        DeliverReport(failure_cause=0x100),
        DeliverReport(pid=256),
        DeliverReport(header=(InformationElement(0x71),)),
        DeliverReport(septets=1),
        DeliverReport(user_data=b"abc"),
        DeliverReport(dcs=0xF6, user_data=bytes(159)),
        SubmitReport(timestamp=bytes(6)),
        SubmitReport(dcs=0xF6, user_data=bytes(152)),
    ],
)
def test_what_fits_in_no_report_is_refused(report: DeliverReport | SubmitReport) -> None:
    with pytest.raises(UnencodableError):
        report.encode()


@pytest.mark.parametrize(
    "report",
    [
        DeliverReport(pid=0x7F, dcs=0xF6, user_data=b"answer"),
        DeliverReport(failure_cause=0xD5, user_data=b""),
        SubmitReport(timestamp=b"1234567", pid=1),
        StatusReport(
            reference=1, recipient=Address("33609"), timestamp=b"1234567",
            discharge_time=b"7654321", status=0, dcs=0xF6, user_data=b"answer",
        ),
    ],
)  # fmt: skip
def test_the_fields_of_a_report_stand_one_behind_the_other_to_its_end(report: Any) -> None:
    octets = report.encode()
    places = {name: octets[begin:end] for name, begin, end in report.places()}
    assert max(end for _, _, end in report.places()) == len(octets)
    if report.user_data:
        assert places["user_data"] == b"answer"
    assert places.get("timestamp", b"1234567") == b"1234567"
