"""Ways to find a wrong system, other than by features, and what each of them found.

A technique takes a factory and returns what it found wrong, as texts; a system that it finds
nothing wrong with survives it, and one that it cannot be used on it says nothing of. After all
mutants it has to find nothing wrong with the implementation itself, and one mutant for sure: else
it finds fault with everything, or with nothing. `kills.json` keeps, beside the report, what every
technique found in every mutant so far: the kill matrix as data. The report has them as rows beside
those of the features.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from conformance.evidence import Kill, KillState
from reperso.errors import UndecidedError, UsageError
from steps.checks.breaking import BROKE, broken
from steps.driver import DriverError, Factory, Setup, UnsupportedError
from steps.drivers import load
from steps.mutants import Mutant

Search = Callable[[Factory], list[str]]
Findings = Mapping[str, Sequence[str]]
"""By mutant, what was found wrong with it."""

KILLS = "kills.json"
STEPS = 5_000
"""After which lockstep and suites give a mutant up, for each of SETUPS."""
SETUPS = (Setup(), Setup(options={"acknowledgement": "yes"}))
STRIDE = 5_000
"""A card loses power at each of so many octets alike that it writes: once in each file, that is."""
CONTROL = "simulated"
"""What the mutants were made from."""
NOBODY = "nobody"
"""No party has this name."""


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


def search(
    names: Sequence[str], found: Sequence[Mutant], everybody: Sequence[Mutant], folder: Path
) -> list[Kill]:
    """Try techniques on mutants, say what came of it, and keep it in `folder`.

    Args:
        names: of techniques.
        found: the mutants to try.
        everybody: all that there are.
        folder: of the report.

    Raises:
        UsageError: there is no such technique; nothing was tried.
        UndecidedError: one finds fault with a system that nothing is wrong with, or not with one
            where it has to. What it found in mutants is not kept; that of techniques before it is.
    """
    for name in names:
        if name not in TECHNIQUES:
            known = ", ".join(["features", *TECHNIQUES])
            raise UsageError("--technique", f"there is no {name!r}; there are {known}")
    sure = {mutant.name: mutant for mutant in everybody}
    return [kill for name in names for kill in _search(name, found, sure, folder)]


def _search(
    name: str, found: Sequence[Mutant], sure: Mapping[str, Mutant], folder: Path
) -> list[Kill]:
    technique = TECHNIQUES[name]
    findings: dict[str, Sequence[str]] = {}
    kills: list[Kill] = []
    for mutant in found:
        try:
            told = _findings(technique.search, mutant.factory)
        except UnsupportedError as error:
            sys.stdout.write(f"{name}: {'NA':<8} {mutant.name}: {error}\n")
            continue
        findings[mutant.name] = told
        kills.append(_kill(name, mutant, told))
        sys.stdout.write(f"{name}: {kills[-1].state:<15} {mutant.name}\n")
    if findings:
        _demand_sound(name)
        if not findings.get(technique.must_find):
            _demand_sharp(name, sure[technique.must_find])
    keep(name, findings, folder)
    killed = sum(map(bool, findings.values()))
    sys.stdout.write(f"{name}: {killed}/{len(findings)} killed\n")
    return kills


def _demand_sound(name: str) -> None:
    """Refuse a technique that finds fault with everything, or does so since a mutant was there."""
    told = _findings(TECHNIQUES[name].search, load(CONTROL))
    if told:
        what = f"finds fault with {CONTROL} itself, so what it says of mutants tells nothing"
        raise UndecidedError(name, f"{what}: {told[0]}")


def _demand_sharp(name: str, wrong: Mutant) -> None:
    """Refuse a technique that is blind."""
    if not _findings(TECHNIQUES[name].search, wrong.factory):
        what = f"finds nothing wrong with {wrong.name}, so what it says of mutants tells nothing"
        raise UndecidedError(name, what)


def _kill(technique: str, mutant: Mutant, told: Sequence[str]) -> Kill:
    state, reason = KillState.BY_NAME, ""
    if not told:
        state, reason = KillState.SURVIVED, f"{technique} found nothing wrong"
    elif all(one.startswith(BROKE) for one in told):
        state, reason = KillState.BY_CRASH, told[0]
    return Kill(mutant.name, mutant.what, mutant.breaks, state, reason, {}, technique)


def _findings(search: Search, factory: Factory) -> Sequence[str]:
    """Return what was found; UnsupportedError if the technique is none for this system."""
    try:
        return search(factory)
    except UnsupportedError:
        raise
    except (AssertionError, DriverError) as error:
        return [f"{type(error).__name__}: {error}"]
    except Exception as error:  # noqa: BLE001 - a wrong system may break in any way
        return [broken(error)]


def keep(technique: str, findings: Findings, folder: Path) -> None:
    """Add what a technique found to the matrix in `folder`."""
    path = folder / KILLS
    matrix = _there(path)
    matrix[technique] = {**matrix.get(technique, {}), **findings}
    path.write_text(f"{json.dumps(matrix, indent=2, sort_keys=True)}\n", encoding="utf-8")


def _there(path: Path) -> dict[str, dict[str, Sequence[str]]]:
    try:
        matrix: dict[str, dict[str, Sequence[str]]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(str(path), f"is no kill matrix; move it away ({error})") from error
    return matrix
