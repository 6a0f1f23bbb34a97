"""What things take in the page, in octets of HTML: estimates, so that the page keeps its size."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.catalogue import Case
from conformance.chart import row_count
from conformance.evidence import Message, RecordChange, Report, Result
from conformance.verdicts import Verdict

# Measured on pages, without the names, octets and fields that stand in them.
SECTION = 2_000  # heading, tools
CASE = 1_050  # without its steps, calls and results
CASE_NOT_RUN = 600
STEP = 95
RESULT = 400  # without its messages and states
CALL = 40  # a question of a step and its answer, once for all systems
LINE = 5  # a state of the trail, a line of a trace
RECORDS = 330  # the table of records that changed
RECORD = 70  # one of them, without what it was and is
ARROW = 130  # a message in a chart
ROW = 62  # a message in a table
FIELD = 22
SPAN = 40  # where it stands, and the mark on its octets
LINK = 34  # in place of octets and fields
PART = 250  # a step in chart and table, or a link in place of its messages


def of_frame(report: Report) -> int:
    """Return what the cases take without any message or state."""
    results = [result for run in report.systems for result in run.results]
    said = {
        (result.case, at, call)
        for result in results
        for at, step in enumerate(result.steps)
        for call in step.calls
        if call.answer
    }
    calls = sum(len(call.call) + len(call.answer) + CALL for _, _, call in said)
    run = {result.case for result in results} if report.systems else {c.id for c in report.cases}
    cases = sum(_of_case(case, with_steps=case.id in run) for case in report.cases)
    return SECTION + cases + calls + sum(map(_of_result, results))


def of_trail(trail: Sequence[str]) -> int:
    """Return what the states take that a result went through."""
    return sum(len(state) + LINE for state in trail)


def of_records(records: Sequence[RecordChange]) -> int:
    """Return what the table of records takes that a case changed."""
    if not records:
        return 0
    return RECORDS + sum(
        len(one.place) + len(one.before) + len(one.after) + RECORD for one in records
    )


def of_chart(messages: Sequence[Message]) -> int:
    """Return what the chart of a step takes; a long talk in it is one row."""
    if not messages:
        return PART
    labels = sum(ARROW + len(message.name) for message in messages)
    return PART + labels * row_count(messages) // len(messages)


def of_row(message: Message) -> int:
    """Return what a message takes in a table, without octets and fields."""
    words = (message.sender, message.receiver, message.protocol, message.name)
    return ROW + sum(map(len, words))


def of_body(message: Message) -> int:
    """Return what the octets and fields of a message take."""
    fields = sum(len(name) + len(value) + FIELD for name, value in message.fields.items())
    return len(message.octets) * 3 // 2 + fields + SPAN * len(message.spans)


def of_message(message: Message) -> int:
    """Return what a message takes that is shown in full, in chart and table."""
    return ARROW + len(message.name) + of_row(message) + of_body(message)


def _of_case(case: Case, *, with_steps: bool) -> int:
    """Return what a case takes; the steps of one that was not run are not shown."""
    if not with_steps:
        return CASE_NOT_RUN
    return CASE + sum(STEP + len(step.text) for step in case.steps)


def _of_result(result: Result) -> int:
    lines = (len(line) + LINE for line in result.trace)
    again = 0 if result.verdict is Verdict.NA else len(result.rerun)
    return RESULT + len(result.reason) + again + sum(lines)
