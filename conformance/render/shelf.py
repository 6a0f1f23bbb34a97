"""Which evidence a page shows: all of it while it is small, and what matters most when it is not.

A page has to open at once and to go by mail, so it has a size to keep. Past that, what was shown
before is a link to where it was (an exchange, the messages of a step, the octets and fields of a
message), and what is left goes to the bad cases, then to the charts of the others, then to their
tables, the first case of each obligation before the rest. report.json always has everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from conformance.catalogue import Case
from conformance.chart import attribute, row_count
from conformance.evidence import Message, Report, Result, SystemRun
from conformance.verdicts import RANK, Verdict

SIZE = 1_950_000
"""Octets that a page should not exceed."""

# What things take in octets of HTML, beside the names, octets and fields in them.
PAGE_COST = 60_000  # everything but cases
MUTANT_COST = 2_200
CASE_COST = 1_100  # a case, without its steps and results
STEP_COST = 85
RESULT_COST = 520  # a result, without its messages
CALL_COST = 15  # a question of a step and its answer
LINE_COST = 8  # a state of the trail, a line of a trace
ARROW_COST = 130  # a message in a chart
ROW_COST = 62  # a message in a table
FIELD_COST = 10
LINK_COST = 34  # a link in place of octets and fields
PART_COST = 250  # a link in place of the messages of a step, in chart and table

Body = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A result to which another one refers."""

    anchor: str
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """A message as a table shows it: `same_as` names the row that has its octets and fields."""

    message: Message
    anchor: str = ""  # empty where nothing leads here
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The messages of one step: shown, or the same as those of another result."""

    messages: Sequence[Message]
    rows: tuple[Row, ...] = ()  # empty where there is no table
    same_as: Place | None = None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """The messages of one result, as far as the page shows them."""

    count: int = 0
    parts: tuple[Part, ...] = ()  # one for each step; empty where nothing is shown
    has_table: bool = False
    same_as: Place | None = None  # all messages are those of another result


class Shelf:
    """Gives every result its exhibit."""

    def __init__(self, report: Report, size: int = SIZE) -> None:
        results = [(run, result) for run in report.systems for result in run.results]
        self._left = max(0, size - _frame_cost(report))
        messages = [message for _, result in results for message in result.messages]
        self._is_scarce = sum(map(_whole_cost, messages)) > self._left
        self._repeated = _repeated(messages) if self._is_scarce else frozenset()
        self._bodies: dict[Body, str] = {}
        self._shown: dict[Key, Place] = {}
        self._exhibits: dict[tuple[str, str], Exhibit] = {}
        rank = {case.id: index for index, case in enumerate(report.cases)}
        results.sort(key=lambda pair: _weight(pair[1], rank))
        for _, group in groupby(results, lambda pair: _is_bad(pair[1])):
            self._fill(tuple(group))

    def exhibit(self, system: str, case: str) -> Exhibit:
        """Return what the page shows of the messages of a case on a system."""
        return self._exhibits[system, case]

    def _fill(self, results: Sequence[tuple[SystemRun, Result]]) -> None:
        """Give `results` their charts and then, of what is left, their tables."""
        for run, result in results:
            self._exhibits[run.name, result.case] = self._chart(run, result)
        for run, result in results:
            shown = self._exhibits[run.name, result.case]
            self._exhibits[run.name, result.case] = self._with_table(shown)

    def _chart(self, run: SystemRun, result: Result) -> Exhibit:
        """Return the exhibit of a result without its table."""
        count = len(result.messages)
        shares = attribute(result.messages, [step.messages for step in result.steps])
        if not (self._is_scarce and count):
            return Exhibit(count, tuple(map(Part, shares)) if count else ())
        whole = tuple(map(_key, result.messages))
        if whole in self._shown:
            return Exhibit(count, same_as=self._shown[whole])
        keys = [tuple(map(_key, share)) for share in shares]
        parts = tuple(
            Part(share, same_as=self._shown.get(key) if share else None)
            for share, key in zip(shares, keys, strict=True)
        )
        price = sum(map(_chart_cost, parts))
        if price > self._left:
            return Exhibit(count)
        self._left -= price
        here = Place(anchor(result.case, run.name), f"{result.case} on {run.name}")
        for key in (whole, *keys):
            self._shown.setdefault(key, here)
        return Exhibit(count, parts)

    def _with_table(self, shown: Exhibit) -> Exhibit:
        if not shown.parts or self._price(shown.parts) > self._left:
            return shown
        if self._is_scarce:
            self._left -= self._price(shown.parts)
        parts = (
            part if part.same_as else Part(part.messages, tuple(map(self._row, part.messages)))
            for part in shown.parts
        )
        return Exhibit(shown.count, tuple(parts), has_table=True)

    def _price(self, parts: Iterable[Part]) -> int:
        """Return what the table of `parts` takes; nothing where there is room for everything."""
        if not self._is_scarce:
            return 0
        known, price = set(self._bodies), 0
        for message in (m for part in parts if not part.same_as for m in part.messages):
            body = _body(message)
            price += _row_cost(message) + (LINK_COST if body in known else _body_cost(message))
            known.add(body)
        return price

    def _row(self, message: Message) -> Row:
        body = _body(message)
        if body not in self._repeated:
            return Row(message)
        first = self._bodies.get(body)
        if first is not None:
            return Row(message, same_as=first)
        self._bodies[body] = f"m{len(self._bodies) + 1}"
        return Row(message, anchor=self._bodies[body])


def anchor(case: str, system: str = "") -> str:
    """Return the id of the place of a case, or of its result on a system, in the page."""
    place = f"{case}/{system}" if system else case
    return "".join(letter if letter.isalnum() or letter in "-./_:" else "_" for letter in place)


def _body(message: Message) -> Body:
    return (message.protocol, message.name, message.octets), tuple(message.fields.items())


def _key(message: Message) -> Key:
    """Return all that a page shows of a message."""
    way = message.sender, message.receiver, message.delivered
    return message.number, message.time_s, way, _body(message)


def _repeated(messages: Iterable[Message]) -> frozenset[Body]:
    """Return the bodies that occur more than once and take more than a link to them."""
    first = {_body(message): message for message in messages}
    counts = Counter(map(_body, messages))
    return frozenset(
        body for body, count in counts.items() if count > 1 and _body_cost(first[body]) > LINK_COST
    )


def _body_cost(message: Message) -> int:
    fields = sum(len(name) + len(value) + FIELD_COST for name, value in message.fields.items())
    return len(message.octets) * 3 // 2 + fields


def _frame_cost(report: Report) -> int:
    """Return what the page takes without any message."""
    results = [result for run in report.systems for result in run.results]
    return (
        PAGE_COST
        + MUTANT_COST * len(report.mutants)
        + sum(map(_case_cost, report.cases))
        + sum(map(_result_cost, results))
    )


def _case_cost(case: Case) -> int:
    return CASE_COST + sum(STEP_COST + len(step.text) for step in case.steps)


def _result_cost(result: Result) -> int:
    answers = (call for step in result.steps for call in step.calls if call.answer)
    said = (len(call.call) + len(call.answer) + CALL_COST for call in answers)
    lines = (len(line) + LINE_COST for line in (*result.trail, *result.trace))
    return RESULT_COST + sum(said) + sum(lines)


def _row_cost(message: Message) -> int:
    words = (message.sender, message.receiver, message.protocol, message.name)
    return ROW_COST + sum(map(len, words))


def _arrow_cost(message: Message) -> int:
    return ARROW_COST + len(message.name)


def _chart_cost(part: Part) -> int:
    """Return what the chart of a part takes; a long talk in it is one row."""
    if part.same_as or not part.messages:
        return PART_COST
    rows = row_count(part.messages)
    return PART_COST + sum(map(_arrow_cost, part.messages)) * rows // len(part.messages)


def _whole_cost(message: Message) -> int:
    return _arrow_cost(message) + _row_cost(message) + _body_cost(message)


def _is_bad(result: Result) -> bool:
    return result.verdict not in (Verdict.PASS, Verdict.NA, Verdict.SKIP)


def _weight(result: Result, rank: dict[str, int]) -> tuple[int, bool, int]:
    """Order results: bad ones, then the first case of each obligation, then the others."""
    badness = -RANK[result.verdict] if _is_bad(result) else 0
    return badness, not result.case.endswith("/1"), rank[result.case]
