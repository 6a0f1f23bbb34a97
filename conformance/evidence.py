"""What a run showed, as plain data: the shape of report.json, which report.schema.json describes.

Cases are written once; each system has one result for each case that was selected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from conformance.catalogue import Case
from conformance.glossary import Term
from conformance.machines import Machine, SuiteRun
from conformance.obligations import Obligation
from conformance.specification import Specification
from conformance.verdicts import Verdict, worst

SCHEMA = "urn:reperso:report:1"
"""Names the version of the shape; a change that old readers cannot take gets the next number."""


class StepStatus(StrEnum):
    """What became of one step."""

    PASSED = "passed"
    FAILED = "failed"  # its assertion does not hold
    ERROR = "error"  # it raised something else
    UNDEFINED = "undefined"  # no sentence matches it
    SKIPPED = "skipped"  # an earlier step ended the case


@dataclass(frozen=True, slots=True)
class Call:
    """What a step asked of the system, and the answer."""

    call: str
    answer: str  # empty where nothing came back


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of a case as it was carried out."""

    status: StepStatus
    duration_s: float
    messages: int  # how many messages passed during the step
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message that passed between two parties. Nothing in it is secret."""

    number: int  # 1-based, in the order of sending
    time_s: float  # since the case began, as the system counts time
    sender: str
    receiver: str
    protocol: str
    name: str
    octets: str
    """Lower-case hex, two asterisks for an octet that is withheld; empty where the system has none
    or may not show any."""
    fields: Mapping[str, str]
    delivered: bool
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By the name of a field, the octets that say it: the first one, and the one behind the last;
    0-based. A field that is not there is said by none, or by octets that cannot be told."""


@dataclass(frozen=True, slots=True)
class RecordChange:
    """What a case made of one record: a file of a card, a subscriber of a register."""

    place: str  # whose, and which
    before: str  # empty where there was none
    after: str  # empty where there is none any more


@dataclass(frozen=True, slots=True)
class Result:
    """What one case showed on one system."""

    case: str
    verdict: Verdict
    reason: str  # empty where the verdict is PASS
    trace: tuple[
        str, ...
    ]  # source lines that led there, innermost last; relative to the repository
    duration_s: float
    rerun: str  # a command to paste
    steps: tuple[StepResult, ...] = ()
    messages: tuple[Message, ...] = ()
    trail: tuple[str, ...] = ()  # the states that the system went through, where it can tell
    records: tuple[RecordChange, ...] = ()  # from the first When to the end, where it can tell
    change: str = ""  # what became of it since the baseline; empty if nothing, or without one
    expected: str = ""  # the verdict of the baseline, where there is a change


@dataclass(frozen=True, slots=True)
class SystemRun:
    """The results of one system under test."""

    name: str
    seed: int
    options: Mapping[str, str]
    results: tuple[Result, ...]


class KillState(StrEnum):
    """What became of a mutant: a system that is wrong on purpose, so that the suite notices."""

    BY_NAME = "KILLED-BY-NAME"  # an assertion failed in a case of each obligation that it breaks
    BY_CRASH = "KILLED-BY-CRASH"  # such a case ended otherwise than well, but by no assertion
    SURVIVED = "SURVIVED"
    INCONC = "INCONC"  # it was not decided in time
    BROKEN = "BROKEN"  # it cannot be made, or says that it breaks what is no obligation


@dataclass(frozen=True, slots=True)
class Kill:
    """What the suite made of one mutant."""

    mutant: str
    what: str  # what it does wrong, as a sentence
    breaks: tuple[str, ...]  # ids of obligations
    state: KillState
    reason: str  # empty where the state is KILLED-BY-NAME
    verdicts: Mapping[str, Verdict]  # of every case that was run, by case id
    technique: str = "features"  # what had to notice it


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong in the specification itself, and a way on which it happens."""

    title: str
    about: str
    cites: tuple[str, ...]  # ids of obligations
    trace: tuple[str, ...]  # events, in order
    messages: tuple[Message, ...] = ()  # what passes meanwhile


@dataclass(frozen=True, slots=True)
class Background:
    """What is known beside the results."""

    specification: Specification = field(default_factory=Specification)
    terms: tuple[Term, ...] = ()
    unused: tuple[str, ...] = ()  # sentences that no scenario says
    outdated: tuple[str, ...] = ()  # obligations that changed since their cases were reviewed
    machines: tuple[Machine, ...] = ()
    suites: tuple[SuiteRun, ...] = ()  # what was made from the machines, and run
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run showed."""

    title: str
    tool: str  # name and version of what wrote it
    started: str  # UTC, ISO 8601
    duration_s: float
    complete: bool  # False: the run was interrupted
    evidence: bool  # False: steps and messages were not recorded
    obligations: tuple[Obligation, ...]
    cases: tuple[Case, ...]
    systems: tuple[SystemRun, ...]
    mutants: tuple[Kill, ...] = ()
    background: Background = field(default_factory=Background)
    schema: str = field(default=SCHEMA)


def verdict_of(results: Sequence[Result]) -> Verdict:
    """Return the verdict of several results of one system together: the worst of them."""
    return worst(result.verdict for result in results)
