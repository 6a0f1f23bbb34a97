"""What differs between two reports, down to the first message, as text, JSON and Markdown."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from conformance.changes import Change, Difference, Divergence, first_divergence
from conformance.evidence import Message, Report, Result
from reperso.errors import NothingSelectedError

SCHEMA = "urn:reperso:diff:1"
MESSAGES = "MESSAGES"
"""The change of a case that ends as it did, by other messages."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One case of one system, and the first message in which its exchange is another."""

    difference: Difference | None  # None: the verdict is the same
    system: str
    case: str
    verdict: str
    divergence: Divergence | None

    @property
    def change(self) -> str:
        """What became of the case."""
        return self.difference.change if self.difference else MESSAGES


def demand_comparable(before: Report, after: Report) -> None:
    """Refuse reports that have nothing in common: that nothing differs would be no news.

    Raises:
        NothingSelectedError: no system is in both.
    """
    names = [{run.name for run in report.systems} for report in (before, after)]
    if names[0].isdisjoint(names[1]):
        told = " and ".join(", ".join(sorted(found)) or "none" for found in names)
        raise NothingSelectedError("", f"the reports have no system in common: {told}")


def entries(
    differences: Sequence[Difference], before: Report, after: Report, *, every: bool
) -> Iterator[Entry]:
    """Yield each difference; with `every`, also cases of the same verdict whose messages differ."""
    was, now = _results(before), _results(after)
    for one in differences:
        at = (one.system, one.case)
        verdict = str(one.after or "-")
        yield Entry(one, *at, verdict, _divergence(was.get(at), now.get(at)))
    told = {(one.system, one.case) for one in differences}
    for at, result in now.items() if every else ():
        divergence = _divergence(was.get(at), result)
        if at not in told and divergence is not None:
            yield Entry(None, *at, result.verdict, divergence)


def _results(report: Report) -> dict[tuple[str, str], Result]:
    return {(run.name, one.case): one for run in report.systems for one in run.results}


def _divergence(old: Result | None, new: Result | None) -> Divergence | None:
    return first_divergence(old, new) if old and new else None


def line_of(one: Difference) -> str:
    """Say a difference in one line."""
    way = f"{one.before or '-'} -> {one.after or '-'}"
    return f"{one.change:<17} {one.case:<16} {one.system}  {way}  {one.why}".rstrip()


def summary_of(differences: Iterable[Difference]) -> str:
    """Say how many there are of each change."""
    counts = Counter(one.change for one in differences)
    said = ", ".join(f"{counts[change]} {change}" for change in Change if counts[change])
    return f"changes: {said or 'none'}"


def _summary(found: Iterable[Entry]) -> str:
    return summary_of(entry.difference for entry in found if entry.difference)


def as_text(found: Sequence[Entry]) -> str:
    """Return entries as lines for a terminal."""
    lines = []
    for one in found:
        if one.difference:
            lines.append(line_of(one.difference))
        else:
            lines.append(f"{MESSAGES:<17} {one.case:<16} {one.system}  {one.verdict}")
        lines += [f"    {line}" for line in _first(one.divergence)]
    return "".join(f"{line}\n" for line in [*lines, _summary(found)])


def _first(divergence: Divergence | None) -> Iterator[str]:
    if divergence is None:
        return
    yield f"message {divergence.number} is the first that differs"
    if divergence.parts:
        yield f"  {_way(divergence.after or divergence.before)}"
        yield from (f"  {part}" for part in divergence.parts)
    else:
        yield f"  before: {_way(divergence.before)}"
        yield f"  after:  {_way(divergence.after)}"


def _way(message: Message | None) -> str:
    if message is None:
        return "nothing more passed"
    return f"{message.sender} -> {message.receiver}: {message.protocol} {message.name}"


def as_json(found: Sequence[Entry]) -> str:
    """Return entries as one JSON object: `schema`, `counts` by change, and `changes`."""
    counts = Counter(str(one.change) for one in found)
    changes = [
        {
            "change": one.change,
            "system": one.system,
            "case": one.case,
            "before": one.difference.before if one.difference else one.verdict,
            "after": one.difference.after if one.difference else one.verdict,
            "why": one.difference.why if one.difference else "",
            "first_message": asdict(one.divergence) if one.divergence else None,
        }
        for one in found
    ]
    data = {"schema": SCHEMA, "counts": counts, "changes": changes}
    return f"{json.dumps(data, indent=1)}\n"


def as_markdown(found: Sequence[Entry]) -> str:
    """Return entries as a table, for a merge request or the summary of a job."""
    lines = [f"**{_summary(found)}**"]
    if found:
        lines += [
            "",
            "| change | case | system | verdict | first difference |",
            "|---|---|---|---|---|",
        ]
    for one in found:
        way = one.verdict
        if one.difference:
            way = f"{one.difference.before or '-'} → {one.difference.after or '-'}"
        why = [one.difference.why] if one.difference and one.difference.why else []
        first = "; ".join([*why, *(line.strip() for line in _first(one.divergence))])
        cells = (one.change, one.case, one.system, way, first)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "".join(f"{line}\n" for line in lines)


def _cell(text: str) -> str:
    """Return `text` as the text of a cell, whatever a system put in it."""
    plain = " ".join(text.split())
    return re.sub(r"([\\`*_\[\]<>|#&~])", r"\\\1", plain)


FORMS: Mapping[str, Callable[[Sequence[Entry]], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
}
"""What `--format` takes."""
