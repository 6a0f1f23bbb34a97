"""Which cases apply to a system: options, its statement of them (ICS), and the conditions of cases.

As in the proformas of 3GPP and ETSI test specifications: a table of options, a table of conditions
over them, and for each system a statement that fills the first one in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from cucumber_tag_expressions import parse as parse_expression
from cucumber_tag_expressions.parser import TagExpressionError

from conformance.catalogue import Catalogue
from conformance.errors import Problem, SourceError
from conformance.source import Source, read_source

FILE_NAME = "applicability.yaml"
"""Stands beside the obligations."""

YES = "yes"
_OPERATORS = frozenset({"and", "or", "not"})
_RANGE = re.compile(r"(?P<stem>[^/]+/[^/]+/)(?P<first>[0-9]+)\.\.(?P<last>[0-9]+)")


@dataclass(frozen=True, slots=True)
class Option:
    """Something in which systems may differ."""

    id: str
    values: tuple[str, ...]  # the first one is meant where a statement is silent
    text: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Some cases apply only where `expression` holds of the options of the system."""

    id: str
    expression: str
    cases: frozenset[str]  # case ids

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether it holds where the options have these values."""
        facts = {f"{name}={value}" for name, value in answers.items()}
        facts |= {name for name, value in answers.items() if value == YES}
        holds: bool = parse_expression(self.expression).evaluate(facts)
        return holds

    def why_not(self, answers: Mapping[str, str]) -> str:
        """Say what makes it false: `C02: octets, and the ICS says octets=no`."""
        named = dict.fromkeys(name.partition("=")[0] for name in _names(self.expression))
        said = ", ".join(f"{name}={answers[name]}" for name in named)
        return f"{self.id}: {self.expression}, and the ICS says {said}"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a system says of itself."""

    name: str  # how reports call it
    sut: str  # what makes it
    about: str
    options: Mapping[str, str]  # what it says, and nothing that it leaves out
    file: str


@dataclass(frozen=True, slots=True)
class Applicability:
    """The options and conditions of a suite."""

    options: Mapping[str, Option]
    conditions: tuple[Condition, ...]

    def answers(self, said: Mapping[str, str]) -> dict[str, str]:
        """Return the value of every option: what was said, else its first value."""
        return {id_: said.get(id_, option.values[0]) for id_, option in self.options.items()}

    def not_applicable(self, said: Mapping[str, str]) -> dict[str, str]:
        """Return the ids of cases that do not apply to a system, and the condition that says so."""
        answers = self.answers(said)
        found: dict[str, str] = {}
        for condition in self.conditions:
            if not condition.holds(answers):
                why = condition.why_not(answers)
                found.update((case, why) for case in condition.cases if case not in found)
        return found


def read_applicability(folder: Path, catalogue: Catalogue) -> Applicability:
    """Read the options and conditions of the suite whose obligations stand in `folder`.

    Raises:
        SourceError: as `read_source`; or an id twice, an expression that cannot be read or names
            no option, a condition for cases that are not there.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return Applicability({}, ())
    source = read_source(path, "applicability.schema.json")
    problems: list[Problem] = []
    options = {
        one["id"]: Option(one["id"], tuple(one["values"]), one["text"])
        for one in source.value["options"]
    }
    problems += _doubles(source, "options")
    problems += _doubles(source, "conditions")
    conditions = []
    for at, one in enumerate(source.value["conditions"]):
        place = ("conditions", at)
        problems += [source.problem(what, *place) for what in _wrong(one["expression"], options)]
        cases = {name: _cases(name, catalogue) for name in one.get("cases", ())}
        cases |= {text: _saying(text, catalogue) for text in one.get("sentences", ())}
        for name in (name for name, found in cases.items() if not found):
            problems.append(source.problem(f"{name}: there is no such case", *place))
        every = frozenset(case for found in cases.values() for case in found)
        conditions.append(Condition(one["id"], one["expression"], every))
    if problems:
        raise SourceError(problems)
    return Applicability(options, tuple(conditions))


def read_statement(path: Path, options: Mapping[str, Option]) -> Statement:
    """Read the statement of a system, whose options have to be among `options`.

    Raises:
        SourceError: as `read_source`; or an option or value that is not there.
    """
    source = read_source(path, "ics.schema.json")
    found = source.value
    problems = [
        source.problem(what, "options", name)
        for name, value in found["options"].items()
        if (what := fault_of(name, value, options))
    ]
    if problems:
        raise SourceError(problems)
    about = found.get("about", "")
    return Statement(found["name"], found["sut"], about, found["options"], str(path))


def fault_of(name: str, value: str, options: Mapping[str, Option]) -> str:
    """Return what is wrong with an answer; empty if nothing is."""
    if name not in options:
        return f"unknown option {name!r}: there are {', '.join(sorted(options)) or 'none'}"
    values = options[name].values
    return "" if value in values else f"{name} is {' or '.join(values)}, not {value!r}"


def _doubles(source: Source, section: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, one in enumerate(source.value[section]):
        if one["id"] in seen:
            yield source.problem(f"{one['id']} stands here a second time", section, at)
        seen.add(one["id"])


def _names(expression: str) -> list[str]:
    words = re.findall(r"[^\s()]+", expression)
    return [word for word in words if word not in _OPERATORS]


def _wrong(expression: str, options: Mapping[str, Option]) -> Iterator[str]:
    try:
        parse_expression(expression)
    except TagExpressionError as error:
        yield f"{expression!r} is no expression: {' '.join(str(error).split())}"
        return
    for word in _names(expression):
        name, _, value = word.partition("=")
        if what := fault_of(name, value or YES, options):
            yield what


def _saying(text: str, catalogue: Catalogue) -> frozenset[str]:
    """Return the ids of cases that say a sentence, in which * stands for anything."""
    return frozenset(
        case.id
        for case in catalogue.cases
        if any(fnmatchcase(step.text, text) for step in case.steps)
    )


def _cases(name: str, catalogue: Catalogue) -> frozenset[str]:
    """Return the ids that a case id, a range or an obligation stands for; none if one is wrong."""
    if name in catalogue.obligations:
        return frozenset(case.id for case in catalogue.cases_of(name))
    ids = [name]
    if found := _RANGE.fullmatch(name):
        numbers = range(int(found["first"]), int(found["last"]) + 1)
        ids = [f"{found['stem']}{number}" for number in numbers]
    return frozenset(ids) if all(map(catalogue.case, ids)) else frozenset()
