"""Which evidence a page shows: all of it while it is small, and what matters most when it is not.

A page has to open at once and to go by mail, so it has a size to keep. Past that, what was shown
before is a link to where it was (an exchange, the messages of a step, the octets and fields of a
message), and what is left goes to the bad cases, then to the charts of the others, then to their
tables, the first case of each obligation before the rest. report.json always has everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from conformance.chart import attribute
from conformance.evidence import Message, RecordChange, Report, Result, SystemRun
from conformance.render import costs
from conformance.verdicts import RANK, Verdict

SIZE = 1_800_000
"""Octets that a page should not exceed by its estimate, which may be too low by a tenth."""


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
    has_trail: bool = False
    trail_as: Place | None = None  # the states are those of the case on another system
    has_records: bool = False
    records_as: Place | None = None  # likewise, what became of records


class Numbers:
    """Gives messages that say the same the same number: to compare numbers is cheap."""

    def __init__(self, messages: Iterable[Message]) -> None:
        bodies: dict[object, int] = {}
        wholes: dict[object, int] = {}
        self._of: dict[int, tuple[int, int]] = {}
        for one in messages:
            fields = tuple(one.fields.items())
            body = bodies.setdefault((one.protocol, one.name, one.octets, fields), len(bodies))
            way = one.number, one.time_s, one.sender, one.receiver, one.delivered
            whole = wholes.setdefault((way, body), len(wholes))
            self._of[id(one)] = body, whole

    def body(self, message: Message) -> int:
        """Return the number of its protocol, name, octets and fields."""
        return self._of[id(message)][0]

    def wholes(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """Return the numbers of all that is shown of each of `messages`."""
        return tuple(self._of[id(message)][1] for message in messages)


class Shelf:
    """Gives every result its exhibit."""

    def __init__(self, report: Report, size: int = SIZE) -> None:
        results = [(run, result) for run in report.systems for result in run.results]
        messages = [message for _, result in results for message in result.messages]
        self._left = max(0, size - costs.of_frame(report))
        beside = sum(
            costs.of_trail(result.trail) + costs.of_records(result.records) for _, result in results
        )
        self._is_scarce = sum(map(costs.of_message, messages)) + beside > self._left
        self._numbers = Numbers(messages if self._is_scarce else ())
        self._repeated = self._worth_a_link(messages) if self._is_scarce else frozenset()
        self._bodies: dict[int, str] = {}
        self._shown: dict[tuple[int, ...], Place] = {}
        self._trails: dict[tuple[str, tuple[str, ...]], Place] = {}
        self._records: dict[tuple[str, tuple[RecordChange, ...]], Place] = {}
        self._exhibits: dict[tuple[str, str], Exhibit] = {}
        rank = {case.id: index for index, case in enumerate(report.cases)}
        results.sort(key=lambda pair: _weight(pair[1], rank))
        for _, group in groupby(results, lambda pair: _is_bad(pair[1])):
            self._fill(tuple(group))

    def exhibit(self, system: str, case: str) -> Exhibit:
        """Return what the page shows of the messages of a case on a system."""
        return self._exhibits[system, case]

    def _worth_a_link(self, messages: Sequence[Message]) -> frozenset[int]:
        """Return the bodies that occur more than once and take more than a link to them."""
        counts = Counter(map(self._numbers.body, messages))
        large = {self._numbers.body(one) for one in messages if costs.of_body(one) > costs.LINK}
        return frozenset(body for body in large if counts[body] > 1)

    def _fill(self, results: Sequence[tuple[SystemRun, Result]]) -> None:
        """Give `results` their charts and then, of what is left, their tables."""
        for run, result in results:
            self._exhibits[run.name, result.case] = self._chart(run, result)
        for run, result in results:
            shown = self._exhibits[run.name, result.case]
            self._exhibits[run.name, result.case] = self._with_records(shown, run, result)
        for run, result in results:
            shown = self._exhibits[run.name, result.case]
            self._exhibits[run.name, result.case] = self._with_table(shown)
        for run, result in results:
            shown = self._exhibits[run.name, result.case]
            self._exhibits[run.name, result.case] = self._with_trail(shown, run, result)

    def _chart(self, run: SystemRun, result: Result) -> Exhibit:
        """Return the exhibit of a result without its table."""
        count = len(result.messages)
        shares = attribute(result.messages, [step.messages for step in result.steps])
        if not (self._is_scarce and count):
            return Exhibit(count, tuple(map(Part, shares)) if count else ())
        whole = self._numbers.wholes(result.messages)
        if whole in self._shown:
            return Exhibit(count, same_as=self._shown[whole])
        keys = [self._numbers.wholes(share) for share in shares]
        parts = tuple(
            Part(share, same_as=self._shown.get(key) if share else None)
            for share, key in zip(shares, keys, strict=True)
        )
        price = sum(costs.of_chart(() if part.same_as else part.messages) for part in parts)
        if price > self._left:
            return Exhibit(count)
        self._left -= price
        here = Place(anchor(result.case, run.name), f"{result.case} on {run.name}")
        for key in (whole, *keys):
            self._shown.setdefault(key, here)
        return Exhibit(count, parts)

    def _with_table(self, shown: Exhibit) -> Exhibit:
        price = self._price(shown.parts) if self._is_scarce else 0
        if not shown.parts or price > self._left:
            return shown
        self._left -= price
        parts = (
            part if part.same_as else Part(part.messages, tuple(map(self._row, part.messages)))
            for part in shown.parts
        )
        return replace(shown, parts=tuple(parts), has_table=True)

    def _with_records(self, shown: Exhibit, run: SystemRun, result: Result) -> Exhibit:
        """Add what became of records: once for each case, where it became the same."""
        key = result.case, result.records
        price = costs.of_records(result.records) if self._is_scarce else 0
        if result.records and key in self._records:
            return replace(shown, records_as=self._records[key])
        if not result.records or price > self._left:
            return shown
        self._left -= price
        name = f"{result.case} on {run.name}"
        self._records[key] = Place(anchor(result.case, run.name), name)
        return replace(shown, has_records=True)

    def _with_trail(self, shown: Exhibit, run: SystemRun, result: Result) -> Exhibit:
        """Add the states: once for each case, where systems went through the same."""
        key = result.case, result.trail
        price = costs.of_trail(result.trail) if self._is_scarce else 0
        if result.trail and key in self._trails:
            return replace(shown, trail_as=self._trails[key])
        if not result.trail or price > self._left:
            return shown
        self._left -= price
        name = f"{result.case} on {run.name}"
        self._trails[key] = Place(anchor(result.case, run.name), name)
        return replace(shown, has_trail=True)

    def _price(self, parts: Iterable[Part]) -> int:
        """Return what the table of `parts` takes, links in place of what was shown."""
        new, price = set[int](), 0
        for message in (one for part in parts if not part.same_as for one in part.messages):
            body = self._numbers.body(message)
            is_known = body in self._bodies or body in new
            price += costs.of_row(message) + (costs.LINK if is_known else costs.of_body(message))
            if body in self._repeated:
                new.add(body)
        return price

    def _row(self, message: Message) -> Row:
        body = self._numbers.body(message) if self._is_scarce else -1
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


def _is_bad(result: Result) -> bool:
    return result.verdict not in (Verdict.PASS, Verdict.NA, Verdict.SKIP)


def _weight(result: Result, rank: dict[str, int]) -> tuple[int, bool, int]:
    """Order results: bad ones, then the first case of each obligation, then the others."""
    badness = -RANK[result.verdict] if _is_bad(result) else 0
    return badness, not result.case.endswith("/1"), rank[result.case]
