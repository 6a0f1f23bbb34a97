"""Which evidence a page shows: all of it while it is small, and what matters most when it is not.

A page has to open at once and to go by mail, so it has a size to keep. Past that, octets and fields
that were shown before are a link to where they were; an exchange that is the same on two systems is
shown once; and if that is not enough, cases that went well and are not the first of their
obligation say how to see their messages instead. report.json always has everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.catalogue import Case
from conformance.evidence import Message, Report, Result, SystemRun
from conformance.verdicts import RANK, Verdict

SIZE = 1_950_000
"""Octets that a page should not exceed."""

PAGE_COST = 60_000  # octets of HTML of everything but cases
CASE_COST = 1_200  # of a case, without its results
RESULT_COST = 780  # of a result, without its messages
ROW_COST = 185  # of a message: its row in the table and its arrow, without names, octets and fields
FIELD_COST = 10  # of a field, beside its name and value
LINK_COST = 34  # of a link in place of octets and fields

Body = tuple[str, str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """A message as a page shows it: `same_as` names the row that has its octets and fields."""

    message: Message
    anchor: str = ""  # empty where nothing leads here
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """The messages of one result: shown, the same as those of another result, or left out."""

    rows: tuple[Row, ...] = ()
    same_as: tuple[str, str] | None = None  # anchor and name of the other
    left_out: int = 0  # how many messages are only in report.json


class Shelf:
    """Gives every result its exhibit."""

    def __init__(self, report: Report, size: int = SIZE) -> None:
        results = [(run, result) for run in report.systems for result in run.results]
        frame = PAGE_COST + CASE_COST * len(report.cases) + RESULT_COST * len(results)
        self._left = max(0, size - frame)
        messages = [message for _, result in results for message in result.messages]
        self._is_scarce = sum(map(_cost, messages)) > self._left
        self._repeated = _repeated(messages) if self._is_scarce else frozenset()
        self._bodies: dict[Body, str] = {}
        self._exchanges: dict[tuple[Body, ...], tuple[str, str]] = {}
        self._exhibits: dict[tuple[str, str], Exhibit] = {}
        cases = {case.id: (case, index) for index, case in enumerate(report.cases)}
        for run, result in sorted(results, key=lambda pair: _weight(pair[1], *cases[pair[1].case])):
            self._exhibits[run.name, result.case] = self._exhibit(run, result)

    def exhibit(self, system: str, case: str) -> Exhibit:
        """Return what the page shows of the messages of a case on a system."""
        return self._exhibits[system, case]

    def _exhibit(self, run: SystemRun, result: Result) -> Exhibit:
        if not (self._is_scarce and result.messages):
            return Exhibit(tuple(map(Row, result.messages)))
        bodies = tuple(map(_body, result.messages))
        twin = self._exchanges.get(bodies)
        if twin is not None:
            return Exhibit(same_as=twin)
        price = self._price(result.messages, bodies)
        if price > self._left:
            return Exhibit(left_out=len(result.messages))
        self._left -= price
        self._exchanges[bodies] = anchor(result.case, run.name), f"{result.case} on {run.name}"
        return Exhibit(tuple(map(self._row, result.messages, bodies)))

    def _row(self, message: Message, body: Body) -> Row:
        if body not in self._repeated:
            return Row(message)
        first = self._bodies.get(body)
        if first is not None:
            return Row(message, same_as=first)
        self._bodies[body] = f"m{len(self._bodies) + 1}"
        return Row(message, anchor=self._bodies[body])

    def _price(self, messages: Sequence[Message], bodies: Sequence[Body]) -> int:
        known = set(self._bodies)
        price = 0
        for message, body in zip(messages, bodies, strict=True):
            price += _row_cost(message) + LINK_COST if body in known else _cost(message)
            known.add(body)
        return price


def anchor(case: str, system: str = "") -> str:
    """Return the id of the place of a case, or of its result on a system, in the page."""
    place = f"{case}/{system}" if system else case
    return "".join(letter if letter.isalnum() or letter in "-./_:" else "_" for letter in place)


def _body(message: Message) -> Body:
    return message.protocol, message.name, message.octets, tuple(message.fields.items())


def _repeated(messages: Iterable[Message]) -> frozenset[Body]:
    """Return the bodies that occur more than once and are longer than a link to them."""
    counts = Counter(map(_body, messages))
    return frozenset(
        body
        for body, count in counts.items()
        if count > 1 and (len(body[2]) > LINK_COST or body[3])
    )


def _row_cost(message: Message) -> int:
    names = len(message.sender) + len(message.receiver) + len(message.protocol)
    return ROW_COST + names + 2 * len(message.name)


def _cost(message: Message) -> int:
    fields = sum(len(name) + len(value) + FIELD_COST for name, value in message.fields.items())
    return _row_cost(message) + len(message.octets) * 3 // 2 + fields


def _weight(result: Result, case: Case, index: int) -> tuple[int, bool, int]:
    """Order results: bad ones first, then the first case of each obligation, then the others."""
    is_first = case.id.endswith("/1")
    is_bad = result.verdict not in (Verdict.PASS, Verdict.NA, Verdict.SKIP)
    return (-RANK[result.verdict] if is_bad else 0), not is_first, index
