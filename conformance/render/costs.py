"""What things take in the page, in octets of HTML: estimates, so that the page keeps its size."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.catalogue import Case
from conformance.chart import row_count
from conformance.evidence import Message, Report, Result

# Measured on pages, without the names, octets and fields that stand in them.
PAGE = 60_000  # everything but cases and mutants
MUTANT = 2_200
CASE = 1_100  # without its steps and results
STEP = 85
RESULT = 520  # without its messages
CALL = 15  # a question of a step and its answer
LINE = 8  # a state of the trail, a line of a trace
ARROW = 130  # a message in a chart
ROW = 62  # a message in a table
FIELD = 10
LINK = 34  # in place of octets and fields
PART = 250  # a step in chart and table, or a link in place of its messages


def of_frame(report: Report) -> int:
    """Return what the page takes without any message."""
    results = [result for run in report.systems for result in run.results]
    cases = sum(map(_of_case, report.cases)) + sum(map(_of_result, results))
    return PAGE + MUTANT * len(report.mutants) + cases


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
    return len(message.octets) * 3 // 2 + fields


def of_message(message: Message) -> int:
    """Return what a message takes that is shown in full, in chart and table."""
    return ARROW + len(message.name) + of_row(message) + of_body(message)


def _of_case(case: Case) -> int:
    return CASE + sum(STEP + len(step.text) for step in case.steps)


def _of_result(result: Result) -> int:
    answers = (call for step in result.steps for call in step.calls if call.answer)
    said = (len(call.call) + len(call.answer) + CALL for call in answers)
    lines = (len(line) + LINE for line in (*result.trail, *result.trace))
    return RESULT + sum(said) + sum(lines)
