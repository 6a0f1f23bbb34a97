"""Ways to find a wrong system, other than by features, and what each of them found.

A technique takes a factory and returns what it found wrong, as texts; a system that it finds
nothing wrong with survives it, and one that it cannot be used on it says nothing of. First it has
to find nothing wrong with the implementation itself, and one mutant for sure: else it finds fault
with everything, or with nothing. Each judgement is made in a process of its own, so that no wrong
system leaves anything behind, and has so much processor time; what is not decided by then is
neither a kill nor a survivor. What was judged is kept at once (`kill_matrix`).
"""

from __future__ import annotations

import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from conformance.evidence import Kill, KillState
from reperso.errors import UndecidedError, UsageError
from reperso.kill_matrix import NOT_APPLICABLE, Judgement, KillMatrix
from reperso.processes import Death, Processes
from reperso.progress import Count
from steps.checks.breaking import BROKE, broken
from steps.driver import DriverError, Factory, Setup, UnsupportedError
from steps.drivers import load
from steps.mutants import Mutant

Search = Callable[[Factory], list[str]]

STEPS = 5_000
"""After which lockstep and suites give a mutant up, for each of SETUPS."""
SETUPS = (Setup(), Setup(options={"acknowledgement": "yes"}))
STRIDE = 5_000
"""A card loses power at each of so many octets alike that it writes: once in each file, that is."""
CONTROL = "simulated"
"""What the mutants were made from."""
NOBODY = "nobody"
"""No party has this name."""
KILLED = {KillState.BY_NAME, KillState.BY_CRASH}


def _lockstep(factory: Factory) -> list[str]:
    from steps.checks.searches import walk_beside  # noqa: PLC0415 - hypothesis is heavy

    return _first(walk_beside(factory, 0, STEPS, setup).found for setup in SETUPS)


def _suites(factory: Factory) -> list[str]:
    from steps.checks.searches import walk_suites  # noqa: PLC0415 - likewise

    return _first(walk_suites(factory, 0, STEPS, setup).found for setup in SETUPS)


def _crashes(factory: Factory) -> list[str]:
    from steps.checks.crashes import Extent, enumerate_crashes  # noqa: PLC0415 - only here
    from steps.checks.scenarios import SCENARIOS  # noqa: PLC0415 - likewise

    undisturbed = Extent(parties=frozenset({NOBODY}))  # far quicker, and most is found by it
    for extent in (undisturbed, Extent(absences_s=(0.0,), stride=STRIDE)):
        for scenario in SCENARIOS:
            enumeration = enumerate_crashes(factory, [scenario], extent)
            if enumeration.findings:
                return [str(finding) for finding in enumeration.findings]
    return []


def _learning(factory: Factory) -> list[str]:
    from steps.checks.learning import difference_of  # noqa: PLC0415 - AALpy is heavy

    difference = difference_of(factory)
    return [] if difference is None else [str(difference)]


def _first(texts: Iterable[str]) -> list[str]:
    """Return the first that is not empty, if there is one."""
    return list(islice(filter(None, texts), 1))


@dataclass(frozen=True, slots=True)
class Technique:
    """A way to find a wrong system."""

    search: Search
    must_find: str
    """The mutant by which it shows that it is not blind."""


TECHNIQUES: dict[str, Technique] = {
    "lockstep": Technique(_lockstep, "never-comes-back"),
    "suites": Technique(_suites, "informs-nobody"),
    "crashes": Technique(_crashes, "sends-in-clear"),
    "learning": Technique(_learning, "never-comes-back"),
}


class Errand(NamedTuple):
    """A system to judge by a technique."""

    technique: str
    system: str
    """The name of a mutant, or CONTROL."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How mutants are judged."""

    jobs: int
    limit_s: float
    """Seconds of processor time for one judgement."""
    resumes: bool
    """Whether what was judged before, of the same sources, is not judged again."""


@dataclass(slots=True)
class Searched:
    """What came of a search."""

    kills: list[Kill] = field(default_factory=list)
    is_interrupted: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether every judgement was made in time."""
        return all(kill.state is not KillState.INCONC for kill in self.kills)


def search(
    names: Sequence[str],
    found: Sequence[Mutant],
    everybody: Sequence[Mutant],
    matrix: KillMatrix,
    effort: Effort,
) -> Searched:
    """Try techniques on mutants, keep each judgement in `matrix`, and say what came of it.

    Args:
        names: of techniques.
        found: the mutants to try.
        everybody: all that there are.
        matrix: of the report.
        effort: how.

    Raises:
        UsageError: there is no such technique; nothing was tried.
        UndecidedError: one finds fault with a system that nothing is wrong with, or not with one
            where it has to. No mutant was tried.
    """
    for name in names:
        if name not in TECHNIQUES:
            known = ", ".join(["features", *TECHNIQUES])
            raise UsageError("--technique", f"there is no {name!r}; there are {known}")
    bench = _Bench({mutant.name: mutant for mutant in everybody}, matrix, effort)
    controls = [Errand(name, CONTROL) for name in names]
    controls += [Errand(name, TECHNIQUES[name].must_find) for name in names]
    errands = [Errand(name, mutant.name) for name in names for mutant in found]
    told = bench.judge(controls, errands)
    kills = [
        _kill(errand.technique, bench.mutants[errand.system], told[errand])
        for errand in errands
        if errand in told and told[errand].state != NOT_APPLICABLE
    ]
    _say(names, errands, told)
    return Searched(kills, bench.is_interrupted)


def _say(names: Sequence[str], errands: Sequence[Errand], told: Mapping[Errand, Judgement]) -> None:
    for name in names:
        judged = [one for one in errands if one.technique == name and one in told]
        for one in judged:
            state, found = told[one]
            why = f": {found[0]}" if state in {NOT_APPLICABLE, KillState.INCONC} else ""
            sys.stdout.write(f"{name}: {state:<15} {one.system}{why}\n")
        states = [told[one].state for one in judged if told[one].state != NOT_APPLICABLE]
        killed = sum(state in KILLED for state in states)
        sys.stdout.write(f"{name}: {killed}/{len(states)} killed\n")


@dataclass(slots=True)
class _Bench:
    """Where systems are judged."""

    mutants: Mapping[str, Mutant]
    matrix: KillMatrix
    effort: Effort
    is_interrupted: bool = False
    _told: dict[Errand, Judgement] = field(default_factory=dict)

    def judge(
        self, controls: Sequence[Errand], errands: Sequence[Errand]
    ) -> Mapping[Errand, Judgement]:
        """Judge what decides whether a technique is one, then the rest; interrupted, some of it.

        Raises:
            UndecidedError: a technique is none.
        """
        self._judge(controls)
        for errand in controls:
            if errand in self._told:
                _demand(errand, self._told[errand])
        if not self.is_interrupted:
            self._judge(errands)
        return self._told

    def _judge(self, errands: Sequence[Errand]) -> None:
        if self.effort.resumes:
            known = ((one, self.matrix.find(*one)) for one in errands)
            self._told |= {one: judgement for one, judgement in known if judgement}
        left = deque(one for one in dict.fromkeys(errands) if one not in self._told)
        count, total = Count(sys.stderr), len(left)
        for done, (errand, judgement) in enumerate(self._judgements(left), 1):
            if errand.system != CONTROL or judgement.state == KillState.SURVIVED:
                self.matrix.note(*errand, judgement)
            self._told[errand] = judgement
            count.at(errand.technique, done, total)
        count.end()

    def _judgements(self, errands: deque[Errand]) -> Iterator[tuple[Errand, Judgement]]:
        processes: Processes[Errand, Judgement] = Processes(
            self._carry_out, self.effort.jobs, is_fresh=True
        )
        for errand, news in processes.run(errands):
            yield errand, self._undecided(news) if isinstance(news, Death) else news
        self.is_interrupted = processes.is_interrupted

    def _carry_out(self, errand: Errand, tell: Callable[[Judgement], None]) -> None:
        is_control = errand.system == CONTROL
        factory = load(CONTROL) if is_control else self.mutants[errand.system].factory
        signal.setitimer(signal.ITIMER_PROF, self.effort.limit_s)  # SIGPROF ends the process
        judgement = _judged(TECHNIQUES[errand.technique].search, factory)
        signal.setitimer(signal.ITIMER_PROF, 0)
        tell(judgement)

    def _undecided(self, death: Death) -> Judgement:
        why = str(death)
        if death.exit_code == -signal.SIGPROF:
            why = f"not decided in {self.effort.limit_s:g} s of processor time"
        return Judgement(KillState.INCONC, (why,))


def _demand(errand: Errand, judgement: Judgement) -> None:
    """Refuse a technique that finds fault with everything, or is blind."""
    state, found = judgement
    tells_nothing = "so what it says of mutants tells nothing"
    if errand.system == CONTROL and state != KillState.SURVIVED:
        what = f"finds fault with {CONTROL} itself, {tells_nothing}: {found[0]}"
        raise UndecidedError(errand.technique, what)
    if errand.system != CONTROL and state not in KILLED:
        what = f"finds nothing wrong with {errand.system}, {tells_nothing}"
        raise UndecidedError(errand.technique, what)


def _kill(technique: str, mutant: Mutant, judgement: Judgement) -> Kill:
    state = KillState(judgement.state)
    match state:
        case KillState.BY_NAME:
            reason = ""
        case KillState.SURVIVED:
            reason = f"{technique} found nothing wrong"
        case _:
            reason = judgement.found[0]
    return Kill(mutant.name, mutant.what, mutant.breaks, state, reason, {}, technique)


def _judged(search: Search, factory: Factory) -> Judgement:
    try:
        found = tuple(search(factory))
    except UnsupportedError as error:
        return Judgement(NOT_APPLICABLE, (str(error),))
    except (AssertionError, DriverError) as error:
        found = (f"{type(error).__name__}: {error}",)
    except Exception as error:  # noqa: BLE001 - a wrong system may break in any way
        found = (broken(error),)
    if not found:
        return Judgement(KillState.SURVIVED, ())
    breaks_off = all(one.startswith(BROKE) for one in found)
    return Judgement(KillState.BY_CRASH if breaks_off else KillState.BY_NAME, found)
