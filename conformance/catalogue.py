"""The cases of a suite: scenarios of the features, held against the obligations they name.

A case id such as `reperso/1e/2` is the suite, the obligation that the scenario verifies first, and
the ordinal of the scenario within it. It is stable as long as scenarios (and rows of an outline)
are appended to their rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.errors import CatalogueError, Problem
from conformance.obligations import Kind, Obligation
from conformance.verdicts import Level


@dataclass(frozen=True, slots=True)
class StepText:
    """One line of a scenario as written, with the table or text below it."""

    keyword: str  # as written: Given, When, Then, And, But
    text: str
    table: tuple[tuple[str, ...], ...] = ()
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag without its @, and the line where it stands."""

    name: str
    line: int  # 1-based


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario, or one row of an outline, as a Gherkin parser found it."""

    file: str
    line: int  # 1-based
    feature: str
    rule: str  # empty where the scenario stands in no rule
    name: str
    tags: tuple[Tag, ...]  # those of feature, rule and scenario, in that order
    steps: tuple[StepText, ...]  # those of the backgrounds first


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario that verifies obligations."""

    id: str
    obligations: tuple[str, ...]  # ids, in the order of the tags; the first names the case
    level: Level  # the most binding one of its obligations
    feature: str
    rule: str
    name: str
    file: str
    line: int
    tags: tuple[str, ...]
    steps: tuple[StepText, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Obligations and the cases that verify them, as `build_catalogue` makes it."""

    obligations: Mapping[str, Obligation]
    cases: tuple[Case, ...]
    _by_id: dict[str, Case] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_id.update((case.id, case) for case in self.cases)

    def case(self, case_id: str) -> Case | None:
        """Return the case of that id, None if there is none."""
        return self._by_id.get(case_id)

    def cases_of(self, obligation_id: str) -> tuple[Case, ...]:
        """Return the cases that verify an obligation, in order."""
        return tuple(case for case in self.cases if obligation_id in case.obligations)


def build_catalogue(
    suite: str, obligations: Mapping[str, Obligation], source: str, scenarios: Sequence[Scenario]
) -> Catalogue:
    """Name the cases of `scenarios`; `source` is the file of the obligations, for errors.

    Raises:
        CatalogueError: a tag that names nothing, a scenario that verifies nothing, or a `must`
            of a started claim (one with a scenario) without a scenario; lists all of them.
    """
    by_tag = {obligation.tag: obligation for obligation in obligations.values()}
    problems = [*_unknown_tags(scenarios, by_tag), *_untagged(scenarios, by_tag)]
    ordinals: Counter[str] = Counter()
    cases = []
    for scenario in scenarios:
        verified = _verified(scenario, by_tag)
        if verified:
            ordinals[verified[0].id] += 1
            case_id = f"{suite}/{verified[0].id}/{ordinals[verified[0].id]}"
            cases.append(_case(case_id, scenario, verified))
    catalogue = Catalogue(obligations, tuple(cases))
    problems += _missing(catalogue, source)
    if problems:
        raise CatalogueError(problems)
    return catalogue


def _case(case_id: str, scenario: Scenario, verified: Sequence[Obligation]) -> Case:
    levels = {obligation.level for obligation in verified}
    return Case(
        id=case_id,
        obligations=tuple(obligation.id for obligation in verified),
        level=next(level for level in Level if level in levels),
        feature=scenario.feature,
        rule=scenario.rule,
        name=scenario.name,
        file=scenario.file,
        line=scenario.line,
        tags=tuple(dict.fromkeys(tag.name for tag in scenario.tags)),
        steps=scenario.steps,
    )


def _verified(scenario: Scenario, by_tag: Mapping[str, Obligation]) -> list[Obligation]:
    named = dict.fromkeys(tag.name for tag in scenario.tags)
    return [by_tag[name] for name in named if name in by_tag]


def known_tags(obligations: Iterable[Obligation]) -> frozenset[str]:
    """Return every tag that a feature may bear: of obligations, their claims and their steps."""
    tags = set()
    for obligation in obligations:
        tags.add(obligation.tag)
        if obligation.claim is not None:
            tags.add(f"claim-{obligation.claim}")
        if obligation.step:
            tags.add(f"step-{obligation.step}")
    return frozenset(tags)


def _unknown_tags(
    scenarios: Sequence[Scenario], by_tag: Mapping[str, Obligation]
) -> Iterator[Problem]:
    known = known_tags(by_tag.values())
    seen = {
        Problem(scenario.file, tag.line, f"unknown tag @{tag.name}")
        for scenario in scenarios
        for tag in scenario.tags
        if tag.name not in known
    }
    yield from seen


def _untagged(scenarios: Sequence[Scenario], by_tag: Mapping[str, Obligation]) -> Iterator[Problem]:
    kinds = " or ".join(f"@{kind}-..." for kind in Kind)
    for scenario in scenarios:
        if not _verified(scenario, by_tag):
            what = (
                f"scenario {scenario.name!r} verifies no obligation: no tag {kinds} that is known"
            )
            yield Problem(scenario.file, scenario.line, what)


def _missing(catalogue: Catalogue, source: str) -> Iterator[Problem]:
    verified = {obligation for case in catalogue.cases for obligation in case.obligations}
    started = {catalogue.obligations[id_].claim for id_ in verified} - {None}
    for obligation in catalogue.obligations.values():
        is_due = obligation.level is Level.MUST and obligation.claim in started
        if is_due and obligation.id not in verified:
            what = (
                f"no scenario verifies {obligation.tag}, a must of claim {obligation.claim}, "
                "of which other elements have scenarios"
            )
            yield Problem(source, obligation.line, what)
