"""Which evidence a page shows in full: all of it while it is small, and what matters most when it is not.

A page has to open at once and to go by mail, so the messages in it have a budget. Past the budget a body (octets
and fields) that was shown before is a link to where it was; an exchange that is the same on two systems is shown
once; and if that is not enough, cases that went well and are not the first of their obligation say how to see
their messages instead. report.json always has everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.catalogue import Case
from conformance.evidence import Message, Report, Result, SystemRun
from conformance.verdicts import RANK, Verdict

BUDGET = 1_450_000
"""Octets of HTML that messages may take; the rest of the page stays below 0.5 MB for 200 cases on 3 systems."""

ROW_COST = 175  # octets of HTML for a row of the table and its arrow, without the body
FIELD_COST = 12  # for one field, beside its name and value
LINK_COST = 55  # for a link in place of a body

Body = tuple[str, str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """A message as a page shows it: `same_as` names the row that has its octets and fields."""

    message: Message
    anchor: str
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """The messages of one result: shown, the same as those of another result, or left out."""

    rows: tuple[Row, ...] = ()
    same_as: tuple[str, str] | None = None  # anchor and name of the other
    left_out: int = 0  # how many messages are only in report.json


class Shelf:
    """Gives every result its exhibit."""

    def __init__(self, report: Report, budget: int = BUDGET) -> None:
        self._left = budget
        self._bodies: dict[Body, str] = {}
        self._exchanges: dict[tuple[Body, ...], tuple[str, str]] = {}
        self._exhibits: dict[tuple[str, str], Exhibit] = {}
        results = [(run, result) for run in report.systems for result in run.results]
        messages = [message for _, result in results for message in result.messages]
        self._is_scarce = sum(map(_cost, messages)) > budget
        cases = {case.id: (case, index) for index, case in enumerate(report.cases)}
        weighed = sorted(results, key=lambda pair: _weight(pair[1], *cases[pair[1].case]))
        for run, result in weighed:
            self._exhibits[run.name, result.case] = self._exhibit(run, result)

    def exhibit(self, system: str, case: str) -> Exhibit:
        """Return what the page shows of the messages of a case on a system."""
        return self._exhibits[system, case]

    def _exhibit(self, run: SystemRun, result: Result) -> Exhibit:
        if not result.messages:
            return Exhibit()
        place = anchor(result.case, run.name)
        bodies = tuple(map(_body, result.messages))
        if self._is_scarce:
            twin = self._exchanges.get(bodies)
            if twin is not None:
                return Exhibit(same_as=twin)
            if self._price(result.messages, bodies) > self._left:
                return Exhibit(left_out=len(result.messages))
        self._exchanges[bodies] = (place, f"{result.case} on {run.name}")
        self._left -= self._price(result.messages, bodies)
        return Exhibit(rows=tuple(self._rows(place, result.messages, bodies)))

    def _rows(
        self, place: str, messages: Sequence[Message], bodies: Sequence[Body]
    ) -> Iterable[Row]:
        for message, body in zip(messages, bodies, strict=True):
            here = f"{place}-{message.number}"
            first = self._bodies.setdefault(body, here)
            yield Row(message, here, first if self._is_scarce and first != here else "")

    def _price(self, messages: Sequence[Message], bodies: Sequence[Body]) -> int:
        if not self._is_scarce:
            return 0
        price, new = 0, set[Body]()
        for message, body in zip(messages, bodies, strict=True):
            is_known = body in self._bodies or body in new
            new.add(body)
            price += ROW_COST + LINK_COST if is_known else _cost(message)
        return price


def anchor(case: str, system: str = "") -> str:
    """Return the id of the place of a case, or of its result on a system, in the page."""
    place = f"{case}/{system}" if system else case
    return "".join(letter if letter.isalnum() or letter in "-./_:" else "_" for letter in place)


def _body(message: Message) -> Body:
    return message.protocol, message.name, message.octets, tuple(message.fields.items())


def _cost(message: Message) -> int:
    fields = sum(len(name) + len(value) + FIELD_COST for name, value in message.fields.items())
    return ROW_COST + len(message.name) + len(message.octets) * 3 // 2 + fields


def _weight(result: Result, case: Case, index: int) -> tuple[int, bool, int]:
    """Order results: bad ones first, then the first case of each obligation, then the order of the features."""
    is_first = case.id.endswith("/1")
    is_bad = result.verdict not in (Verdict.PASS, Verdict.NA, Verdict.SKIP)
    return (-RANK[result.verdict] if is_bad else 0), not is_first, index
