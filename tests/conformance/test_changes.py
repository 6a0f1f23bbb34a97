"""What changed has one name for each way to change; expectations are held both ways."""

from dataclasses import replace

import pytest

from conformance.baseline import Baseline, Line
from conformance.changes import Change, against, between, first_divergence, marked
from conformance.verdicts import Verdict

CASE = "lamp/1b/1"
V = Verdict
STILL, STALE = Change.STILL_FAILING, Change.STALE


def without(report, case):
    """Return a report in which a case was never there."""
    systems = tuple(
        replace(run, results=tuple(one for one in run.results if one.case != case))
        for run in report.systems
    )
    cases = tuple(one for one in report.cases if one.id != case)
    return replace(report, cases=cases, systems=systems)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (V.PASS, V.PASS, None), (V.PASS, V.FAIL, Change.REGRESSED),
        (V.PASS, V.NA, Change.REGRESSED), (V.PASS, V.INCONC, Change.REGRESSED),
        (V.FAIL, V.PASS, Change.FIXED), (V.ERROR, V.PASS, Change.FIXED), (V.FAIL, V.FAIL, STILL),
        (V.ERROR, V.FAIL, STILL),
        (V.FAIL, V.ERROR, Change.REGRESSED), (V.FAIL, V.NA, STALE), (V.NA, V.NA, None),
        (V.NA, V.PASS, Change.NEW_PASS), (V.NA, V.FAIL, Change.NEW_FAIL),
        (V.SKIP, V.FAIL, Change.NEW_FAIL), (V.PASS, V.SKIP, None),
    ],
)  # fmt: skip
def test_each_way_from_report_to_report_has_its_name(record, before, after, change):
    found = between(record({"bulb": {CASE: before}}), record({"bulb": {CASE: after}}))
    assert [one.change for one in found] == ([change] if change else [])


def test_cases_that_come_and_go_are_told(record):
    whole = record({"bulb": {CASE: V.FAIL}})
    less = without(whole, CASE)
    assert [(one.change, one.before) for one in between(whole, less)] == [(Change.REMOVED, V.FAIL)]
    assert [(one.change, one.before) for one in between(less, whole)] == [(Change.NEW_FAIL, None)]


def test_a_system_that_was_not_there_before_is_not_compared(record):
    assert between(record({"bulb": {}}), record({"tube": {CASE: V.FAIL}})) == []


def expected(verdict, expires="2001-09-09"):
    reason = "" if verdict in (V.PASS, V.NA) else "it is old"
    return Baseline({"bulb": {CASE: Line(verdict, reason, "", expires if reason else "")}})


@pytest.mark.parametrize(
    ("line", "after", "change"),
    [
        (V.PASS, V.PASS, None), (V.PASS, V.FAIL, Change.REGRESSED), (V.NA, V.NA, None),
        (V.NA, V.PASS, Change.FIXED), (V.NA, V.FAIL, Change.NEW_FAIL), (V.FAIL, V.FAIL, STILL),
        (V.FAIL, V.PASS, Change.FIXED), (V.FAIL, V.NA, STALE), (V.ERROR, V.FAIL, STALE),
        (V.FAIL, V.ERROR, Change.REGRESSED), (V.FAIL, V.SKIP, None),
    ],
)  # fmt: skip
def test_each_way_from_what_is_expected_has_its_name(record, line, after, change):
    found = against(record({"bulb": {CASE: after}}), expected(line))
    changes = [one.change for one in found if one.case == CASE]
    assert changes == ([change] if change else [])


def test_what_is_not_listed_is_expected_to_pass(record):
    report = record({"bulb": {CASE: V.FAIL}})
    assert [one.change for one in against(report, Baseline({}))] == [Change.NEW_FAIL]


def test_a_baseline_that_lists_what_passes_is_told_of_cases_that_it_lacks(record):
    found = against(record({"bulb": {}}), expected(V.PASS))
    assert {one.change for one in found} == {Change.NEW_PASS}
    assert len(found) == 4


def test_an_expectation_holds_on_its_last_day_and_not_after(record):
    report = record({"bulb": {CASE: V.FAIL}})  # on 2001-09-09
    assert against(report, expected(V.FAIL))[0].change is STILL
    (stale,) = against(report, expected(V.FAIL, expires="2001-09-08"))
    assert (stale.change, stale.why) == (STALE, "expired on 2001-09-08: it is old")


def test_an_expectation_of_a_case_that_does_not_exist_is_told(record):
    line = Line(V.FAIL, "it is old", "", "2030-01-01")
    (gone,) = against(record({"bulb": {}}), Baseline({"bulb": {"lamp/9z/1": line}}))
    assert (gone.change, gone.case) == (Change.REMOVED, "lamp/9z/1")


def test_what_changed_is_noted_in_the_report(record):
    report = record({"bulb": {CASE: V.FAIL}})
    noted = marked(report, against(report, Baseline({})))
    results = {one.case: (one.change, one.expected) for one in noted.systems[0].results}
    assert results.pop(CASE) == ("NEW-FAIL", "")
    assert set(results.values()) == {("", "")}


@pytest.fixture
def pair(record):
    """Two results of one case, the second with one message changed, or with fewer."""

    def of(at=1, count=3, **facts):
        (old,) = (one for one in record({"bulb": {}}).systems[0].results if one.case == CASE)
        messages = [*old.messages][:count]
        if at < count:
            messages[at] = replace(messages[at], **facts)
        return old, replace(old, messages=tuple(messages))

    return of


def test_the_same_exchange_has_no_divergence_though_it_came_later(pair):
    assert first_divergence(*pair(time_s=9.0, number=7)) is None


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        ({"receiver": "cat"}, "receiver: lamp -> cat"),
        ({"delivered": False}, "delivered: True -> False"),
        ({"fields": {"level": "2"}}, "level: 1 -> 2"),
        ({"fields": {"level": "1", "x": "y"}}, "x: (none) -> y"),
        ({"octets": "a0b2"}, "octet 2 of 2 -> 2"),
        ({"octets": "a0b1c0"}, "octet 3 of 2 -> 3"),
    ],
)
def test_the_first_message_that_differs_is_named_with_what_differs(pair, facts, part):
    found = first_divergence(*pair(**facts))
    assert (found.number, found.parts) == (2, (part,))


def test_an_exchange_that_ends_early_diverges_where_it_ends(pair):
    found = first_divergence(*pair(at=5, count=2))
    assert (found.number, found.after, found.parts) == (3, None, ())
