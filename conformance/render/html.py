"""report.html: one file that opens anywhere, offline, is read without scripts, and prints.

The page is derived from the report alone. Every text is escaped by the template engine; the policy
in the page forbids everything but its own style sheet and script, which it names by their hashes.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.chart import Step, draw_chart
from conformance.evidence import Finding, Message, Report
from conformance.kills import kill_rows, notices, techniques
from conformance.matrix import Matrix, tally
from conformance.render.archive import Archive
from conformance.render.claims import claim_charts
from conformance.render.diagram import draw_machine
from conformance.render.differences import differences
from conformance.render.divergence import divergences
from conformance.render.machines import machine_views, sources
from conformance.render.shelf import SIZE, Shelf, anchor
from conformance.render.views import case_views, groups
from conformance.visible import visible

TEMPLATES = Path(__file__).parent / "templates"
MOST_FIELDS = 60
"""Fields of one message whose octets are marked when one points at them."""


def render_html(report: Report) -> str:
    """Return `report` as one HTML page."""
    environment = _environment()
    style, script = _read("style.css") + "\n".join(_field_rules()) + "\n", _read("report.js")
    leaving = divergences(report)
    packed = Archive(report, leaving).pack()
    facts = _facts(report)
    sections = {
        name: environment.get_template(f"{name}.html").render(facts)
        for name, is_there in SECTIONS.items()
        if name != CASES and is_there(facts)
    }
    texts = (style, script, packed, *sections.values())
    shelf = Shelf(report, SIZE - HEAD - sum(map(_size, texts)))
    cases = environment.get_template(f"{CASES}.html").render(
        facts, groups=groups(report, case_views(report, shelf, leaving))
    )
    shown = [cases if name == CASES else sections.get(name, "") for name in SECTIONS]
    return environment.get_template("report.html").render(
        facts,
        sections=list(map(Markup, shown)),  # each was escaped when it was rendered
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=_digest(style),
        script=Markup(script),  # noqa: S704 - our own file
        script_hash=_digest(script),
        packed=packed,
    )


def _facts(report: Report) -> dict[str, Any]:
    matrix = Matrix(report)
    told = sources(report)
    return {
        "report": report,
        "matrix": matrix,
        "changed": [(run, one) for run in report.systems for one in run.results if one.change],
        "charts": claim_charts(report, matrix),
        "standings": [dict(matrix.standings(at)) for at in range(len(report.systems))],
        "kills": kill_rows(report),
        "techniques": techniques(report),
        "notices": notices(report),
        "differences": differences(report),
        "machines": machine_views(report, told),
        "suites": report.background.suites,
        "sources": told,
    }


CASES = "cases"
SECTIONS: Mapping[str, Callable[[dict[str, Any]], bool]] = {
    "matrix": lambda facts: bool(facts["report"].systems),
    "baseline": lambda facts: bool(facts["changed"]),
    "claims": lambda facts: bool(facts["report"].systems),
    CASES: lambda _: True,
    "differences": lambda facts: len(facts["report"].systems) > 1,
    "findings": lambda facts: bool(facts["report"].background.findings),
    "machines": lambda facts: bool(facts["machines"]),
    "mutants": lambda facts: bool(facts["kills"]),
    "coverage": lambda _: True,
    "glossary": lambda _: True,
    "reproduce": lambda _: True,
}
"""The parts of the page, by template, and whether there is anything to say in them."""
HEAD = 20_000
"""Octets for what stands around the sections: header, navigation, footer."""


def write_html(report: Report, path: Path) -> None:
    """Write `report` to `path` as one HTML page."""
    # A lone surrogate, which a system may put in a name, becomes a character reference.
    with path.open("w", encoding="utf-8", errors="xmlcharrefreplace", newline="\n") as stream:
        stream.write(render_html(report))


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _size(text: str) -> int:
    """Return how many octets a text is as it will be written."""
    return len(text.encode(errors="xmlcharrefreplace"))


def _digest(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _field_rules() -> Iterator[str]:
    """Yield rules that mark the octets of a field, and the field of octets, at the pointer."""
    for number in range(1, MOST_FIELDS + 1):
        name, octets = f"dt:nth-of-type({number})", f"i.f{number}"
        chosen = f"{name}:is(:hover,:focus)"
        yield f".said:has({chosen}) {octets},.said:has({octets}:hover) {name}{{{_MARKED}}}"


_MARKED = "background:var(--mark);color:var(--ink)"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_seen,
    )
    environment.filters["octets"] = octets
    environment.filters["spelled"] = spelled
    environment.filters["span"] = span
    environment.filters["breakable"] = breakable
    environment.filters["anchor"] = anchor
    environment.filters["quoted"] = shlex.quote
    environment.filters["duration"] = duration
    environment.globals.update(
        tally=tally, draw_machine=_drawn_machine, draw_finding=_drawn_finding
    )
    return environment


def _seen(value: object) -> object:
    """Return what a template shows of a value; markup is made of what was seen before."""
    return visible(value) if type(value) is str else value


def octets(digits: str) -> str:
    """Group hex digits by octets: `00 A4 00 04`."""
    upper = digits.upper()
    return " ".join(upper[at : at + 2] for at in range(0, len(upper), 2))


def spelled(message: Message) -> Markup:
    """Return the octets of a message, marked with the numbers of all fields that they say."""
    digits, marks = message.octets, list(_marks(message))
    ends = sorted({0, len(digits) // 2, *(at for span, _ in marks for at in span)})
    parts = []
    for begin, end in pairwise(ends):
        numbers = [f"f{n}" for (first, last), n in marks if first <= begin and end <= last]
        text = octets(digits[2 * begin : 2 * end])
        parts.append(f"<i class={_listed(numbers)}>{text}</i>" if numbers else text)
    return Markup(" ".join(parts))  # noqa: S704 - hex digits and asterisks


def _listed(numbers: Sequence[str]) -> str:
    """Return an attribute's value, quoted where it has to be."""
    return numbers[0] if len(numbers) == 1 else f'"{" ".join(numbers)}"'


def _marks(message: Message) -> Iterator[tuple[tuple[int, int], int]]:
    size = len(message.octets) // 2
    for number, name in enumerate(message.fields, start=1):
        begin, end = message.spans.get(name, (0, 0))
        if 0 <= begin < end <= size:
            yield (begin, end), number


def breakable(call: str) -> Markup:
    """Let a long call be broken where its parts end."""
    return Markup(re.sub(r"([_(])(?=\w)", r"\1<wbr>", str(escape(visible(call)))))  # noqa: S704 - escaped


def span(spans: Mapping[str, tuple[int, int]], name: str) -> str:
    """Say which octets a field stands in: `4`, or `4-7`; empty where it cannot be told."""
    if name not in spans:
        return ""
    begin, end = spans[name]
    return f"{begin}\N{EN DASH}{end - 1}" if end - begin > 1 else str(begin)


def duration(seconds: float) -> str:
    """Say how long something took."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _drawn_machine(*arguments: object) -> Markup:
    # Both drawings escape every text that they hold.
    return Markup(draw_machine(*arguments))  # type: ignore[arg-type]  # noqa: S704


def _drawn_finding(finding: Finding) -> Markup:
    steps = [Step("", finding.messages)]
    return Markup(draw_chart(steps, f"Messages on the way there: {finding.title}"))  # noqa: S704
