"""State machines as a page shows them: what covered them, features apart from suites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.evidence import Report
from conformance.machines import Coverage, Machine, Transition, cover


@dataclass(frozen=True, slots=True)
class Source:
    """Something that took transitions: the features on a system, or a suite on a system."""

    name: str
    is_feature: bool
    coverage: Mapping[str, Coverage]  # by machine

    @property
    def transitions(self) -> tuple[int, int]:
        """Return how many transitions it took of all machines, and how many there are."""
        return _sum(one.transitions for one in self.coverage.values())

    @property
    def pairs(self) -> tuple[int, int]:
        """Return how many pairs it took of all machines, and how many there are."""
        return _sum(one.pairs for one in self.coverage.values())


@dataclass(frozen=True, slots=True)
class TransitionLine:
    """One transition, and how often each source took it."""

    transition: Transition
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MachineView:
    """One machine, what covered it, and what the features took of it."""

    machine: Machine
    coverage: tuple[Coverage, ...]  # one for each source
    taken: Mapping[str, int]  # by the features, on any system
    lines: tuple[TransitionLine, ...]


def sources(report: Report) -> tuple[Source, ...]:
    """Return what told transitions: the features on each system that does, then the suites."""
    machines = report.background.machines
    found = []
    for system in report.systems if machines else ():
        trails = [result.trail for result in system.results if result.trail]
        coverage = cover(machines, trails)
        if any(one.taken for one in coverage.values()):
            found.append(Source(f"features on {system.name}", is_feature=True, coverage=coverage))
    found += [
        Source(
            f"{suite.name} on {suite.system}",
            is_feature=False,
            coverage=cover(machines, suite.trails),
        )
        for suite in report.background.suites
    ]
    return tuple(found)


def machine_views(report: Report, told: Sequence[Source]) -> tuple[MachineView, ...]:
    """Return the machines of a report with what each source took of them."""
    views = []
    for machine in report.background.machines:
        coverage = tuple(source.coverage[machine.name] for source in told)
        taken: dict[str, int] = {}
        for source, one in zip(told, coverage, strict=True):
            taken.update(one.taken if source.is_feature else {})
        lines = (
            TransitionLine(each, tuple(one.taken.get(each.name, 0) for one in coverage))
            for each in machine.transitions
        )
        views.append(MachineView(machine, coverage, taken, tuple(lines)))
    return tuple(views)


def _sum(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    found = list(pairs)
    return sum(one for one, _ in found), sum(all_ for _, all_ in found)
