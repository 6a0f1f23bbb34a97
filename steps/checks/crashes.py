"""Every moment at which a party can die in a change: it dies there, lives again, and all ends well.

One undisturbed run of a scenario tells the moments of each party (`Perishable`). For each of them
the scenario runs anew; the party dies at that moment, runs again over what it had kept, and the
world goes on until it is at rest. Then the end has to be a good one of the model, the same as
without a death, with nothing done twice. A request that was lost with its receiver is made
again: nobody was told that it was taken.

A system that is not `Perishable` dies by `Driver.crash`, around each of its decisions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import NamedTuple, Protocol, runtime_checkable

from steps.checks.ends import End, Fault, faults_of, observe
from steps.checks.scenarios import SCENARIOS, LostRequestError, Scenario
from steps.driver import (
    Driver,
    Factory,
    Party,
    Setup,
    Standing,
    UnsettledError,
    UnsupportedError,
)
from steps.drivers import load

ABSENCES_S = (0.0, 15.0)
"""How long what died is away: it is back at once, or misses whatever is said to it meanwhile."""
CENTRES = {Party.FIRST_CENTRE, Party.SECOND_CENTRE}
MOST_DECISIONS = 12
"""Of each party in one change, where the system does not tell its moments."""


class Death(NamedTuple):
    """Who dies, and at which of its moments, counted from 1."""

    party: str
    moment: int


@runtime_checkable
class Perishable(Protocol):
    """What a driver offers beyond `Driver` if its parties can die at every moment."""

    def expose(self, deaths: Iterable[tuple[str, int]], absent_s: float) -> None:
        """Count moments from now on, and let parties die at some of them.

        Args:
            deaths: names of parties, each with the number of one of its moments, from 1.
            absent_s: seconds until a party runs again.
        """

    def spare(self) -> Sequence[tuple[str, object]]:
        """Let nobody die any more.

        Return every moment that passed, of all parties, in order: the name of the party (its
        `steps.terms.Party`, if it is one), and what tells, by `str`, what it was about to do.
        """


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a death that should have come to nothing."""

    scenario: str
    deaths: tuple[Death, ...]
    absent_s: float
    about: tuple[str, ...]
    """What each party was about to do when it died."""
    fault: Fault
    seed: int = 0

    def __str__(self) -> str:
        told = [
            f"    {death.party} dies {about} (moment {death.moment}), "
            f"and is back after {self.absent_s:.0f} s"
            for death, about in zip(self.deaths, self.about, strict=True)
        ]
        return "\n".join([f"{self.scenario} (seed {self.seed}):", *told, f"    {self.fault}"])


@dataclass(slots=True)
class Enumeration:
    """What was tried, and what was found."""

    runs: int = 0
    moments: dict[str, dict[str, int]] = field(default_factory=dict)
    """How many moments each party has, by scenario."""
    findings: list[Finding] = field(default_factory=list)
    unsupported: dict[str, str] = field(default_factory=dict)
    """Scenarios that the system does not have, with its reason."""


Progress = Callable[[str, int, int], None]
"""Told, after each run, the scenario, how many of its runs are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of what there is to try is tried."""

    absences_s: tuple[float, ...] = ABSENCES_S
    stride: int = 1
    """Of the octets that a card writes, every which one it loses power at."""
    pairs: bool = False
    """Whether, after each single death, another follows at each later moment."""
    parties: frozenset[str] = frozenset()
    """Names of those who may die; all if it is empty."""


EVERYTHING_ONCE = Extent()
DEFAULT = Setup()


def enumerate_crashes(
    factory: Factory,
    scenarios: Sequence[Scenario] = SCENARIOS,
    extent: Extent = EVERYTHING_ONCE,
    setup: Setup = DEFAULT,
    progress: Progress | None = None,
) -> Enumeration:
    """Let every party die at every moment of every scenario, and judge what comes of it."""
    found = Enumeration()
    for scenario in scenarios:
        try:
            _Trial(factory, scenario, extent, setup, found, progress).run()
        except UnsupportedError as error:
            found.unsupported[scenario.name] = str(error)
    return found


@dataclass(frozen=True, slots=True)
class _Life:
    """One run of a scenario: which moments it had, and how it ended."""

    dead: tuple[Death, ...]
    moments: Sequence[tuple[str, object]]
    end: End | None
    fault: Fault | None = None
    """What broke it off."""

    @property
    def only_centres_died(self) -> bool:
        """Whether those who died all keep messages that they have taken."""
        return all(death.party in CENTRES for death in self.dead)

    def deaths(self) -> Iterator[tuple[Death, object]]:
        """Yield each moment as a death that can be tried, in order."""
        passed: Counter[str] = Counter()
        for party, moment in self.moments:
            passed[party] += 1
            yield Death(party, passed[party]), moment


@dataclass(slots=True)
class _Trial:
    """One scenario, with every death."""

    factory: Factory
    scenario: Scenario
    extent: Extent
    setup: Setup
    found: Enumeration
    progress: Progress | None

    def run(self) -> None:
        """Run it undisturbed, then with each death."""
        undisturbed = self.live((), 0.0)
        faults = [*filter(None, [undisturbed.fault]), *self._faults(undisturbed, undisturbed)]
        faults += self._unlike_model(undisturbed.end)
        if faults:
            self._note((), (), 0.0, faults)
            return
        counts = Counter(party for party, _ in undisturbed.moments)
        self.found.moments[self.scenario.name] = dict(counts)
        tried = list(self._thinned(undisturbed))
        tells = undisturbed.moments is not _DECISIONS
        absences_s = self.extent.absences_s if tells else (0.0,)  # by `crash` all are back at once
        total = len(tried) * len(absences_s)
        for done, (absent_s, (death, about)) in enumerate(product(absences_s, tried)):
            life = self._try(undisturbed, (death,), (about,), absent_s)
            if self.extent.pairs:
                self._try_seconds(undisturbed, life, death, about, absent_s)
            if self.progress:
                self.progress(self.scenario.name, done + 1, total)

    def _unlike_model(self, end: End | None) -> Iterator[Fault]:
        """Hold an end that nothing disturbed against that of the model in the same scenario."""
        model = replace(self, factory=load("modelled"))
        try:
            expected = model.live((), 0.0).end
        except UnsupportedError:
            return
        if end and expected and end.outcome != expected.outcome:
            yield Fault("B03", f"the model ends otherwise: {end}; the model: {expected}")

    def _try_seconds(
        self, undisturbed: _Life, life: _Life, death: Death, about: object, absent_s: float
    ) -> None:
        """Let somebody die at each moment after the first death."""
        tried = list(self._thinned(life))
        later = [one for one, _ in tried].index(death) + 1
        for second, what in tried[later:]:
            self._try(undisturbed, (death, second), (about, what), absent_s)

    def _thinned(self, life: _Life) -> Iterator[tuple[Death, object]]:
        """Yield the deaths to try: of moments that look the same, only some."""
        last: tuple[str, object] | None = None
        alike = 0
        for death, about in life.deaths():
            alike = alike + 1 if (death.party, about) == last else 0
            last = (death.party, about)
            is_asked = not self.extent.parties or death.party in self.extent.parties
            if is_asked and alike % self.extent.stride == 0:
                yield death, about

    def _try(
        self,
        undisturbed: _Life,
        deaths: tuple[Death, ...],
        about: tuple[object, ...],
        absent_s: float,
    ) -> _Life:
        life = self.live(deaths, absent_s)
        self.found.runs += 1
        faults = [life.fault] if life.fault else list(self._faults(life, undisturbed))
        self._note(deaths, tuple(map(str, about)) if faults else (), absent_s, faults)
        return life

    def _note(
        self,
        deaths: tuple[Death, ...],
        about: tuple[str, ...],
        absent_s: float,
        faults: Iterable[Fault],
    ) -> None:
        name = self.scenario.name
        self.found.findings += [
            Finding(name, deaths, absent_s, about, fault, self.setup.seed) for fault in faults
        ]

    def live(self, deaths: tuple[Death, ...], absent_s: float) -> _Life:
        """Run the scenario once, with these deaths."""
        driver = self.scenario.begin(self.factory, self.setup)
        try:
            return self._go_on(driver, deaths, absent_s)
        finally:
            driver.close()

    def _go_on(self, driver: Driver, deaths: tuple[Death, ...], absent_s: float) -> _Life:
        moments: Sequence[tuple[str, object]] = ()
        try:
            moments = _with_deaths(driver, deaths, absent_s, self.scenario.ask)
            end = observe(driver, self.scenario.left, self.scenario.joined)
        except UnsupportedError:
            raise
        except LostRequestError:
            fault = Fault("B12", "a request is lost of which the device was told that it is taken")
            return _Life(deaths, moments, None, fault)
        except UnsettledError as error:
            return _Life(deaths, moments, None, Fault("B14", f"it never comes to rest: {error}"))
        except Exception as error:  # noqa: BLE001 - whatever a system breaks off with is a finding
            return _Life(deaths, moments, None, Fault("B12", f"{type(error).__name__}: {error}"))
        return _Life(deaths, moments, end)

    def _faults(self, life: _Life, undisturbed: _Life) -> Iterator[Fault]:
        end, other = life.end, undisturbed.end
        if end is None or other is None:
            return
        yield from faults_of(end)
        if end.outcome != other.outcome:
            yield Fault("B12", f"without a death it ends otherwise: {end}; without: {other}")
        if end.provided != other.provided:
            yield Fault(
                "B12", f"registers provided {end.provided} identities, not {other.provided}"
            )
        is_changed = end.standing is Standing.CHANGED  # else a report may be lost: that is told
        if is_changed and life.only_centres_died and end.was_resent and not other.was_resent:
            yield Fault("B12", "a message that a short message centre had taken is lost")
        if end.messages != other.messages:
            yield Fault("B12", f"{end.messages} personalization messages left: {other.messages}")


def _with_deaths(
    driver: Driver, deaths: tuple[Death, ...], absent_s: float, act: Callable[[Driver], None]
) -> Sequence[tuple[str, object]]:
    """Let `act` happen with these deaths; return the moments that passed."""
    if not isinstance(driver, Perishable):
        for death in deaths:
            decision, kept = divmod(death.moment - 1, 2)
            driver.crash(Party(death.party), decision + 1, kept=bool(kept))
        act(driver)
        return _DECISIONS
    driver.expose(deaths, absent_s)
    try:
        act(driver)
    finally:
        moments = driver.spare()
    return moments


_DECISIONS = tuple(
    (party.value, f"{when} its decision {decision} is in its records")
    for party in Party
    for decision in range(1, MOST_DECISIONS + 1)
    for when in ("before", "once")
)
"""The moments that are tried where a system does not tell its own."""
