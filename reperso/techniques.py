"""Ways to find a wrong system, other than by features, and what each of them found.

A technique takes a factory and returns what it found wrong, as texts; a system that it finds
nothing wrong with survives it, and one that it cannot be used on it says nothing of. After all
mutants it has to find nothing wrong with the implementation itself. `kills.json` keeps, beside the
report, what every technique found in every mutant so far: the kill matrix as data. The report has
them as rows beside those of the features.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from conformance.evidence import Kill, KillState
from reperso.errors import UndecidedError, UsageError
from steps.checks.breaking import BROKE, broken
from steps.driver import DriverError, Factory, UnsupportedError
from steps.drivers import load
from steps.mutants import Mutant

Technique = Callable[[Factory], list[str]]
Findings = Mapping[str, Sequence[str]]
"""By mutant, what was found wrong with it."""

KILLS = "kills.json"
STEPS = 5_000
"""After which lockstep and suites give a mutant up."""
STRIDE = 5_000
"""A card loses power at each of so many octets alike that it writes: once in each file, that is."""
CONTROL = "simulated"
"""What the mutants were made from."""
NOBODY = "nobody"
"""No party has this name."""


def _lockstep(factory: Factory) -> list[str]:
    from steps.checks.searches import walk_beside  # noqa: PLC0415 - hypothesis is heavy

    return list(filter(None, [walk_beside(factory, 0, STEPS).found]))


def _suites(factory: Factory) -> list[str]:
    from steps.checks.searches import walk_suites  # noqa: PLC0415 - likewise

    return list(filter(None, [walk_suites(factory, 0, STEPS).found]))


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
    from steps.checks.learning import differences  # noqa: PLC0415 - AALpy is heavy

    return [str(difference) for difference in differences(factory)]


TECHNIQUES: dict[str, Technique] = {
    "lockstep": _lockstep,
    "suites": _suites,
    "crashes": _crashes,
    "learning": _learning,
}


def search(names: Sequence[str], found: Sequence[Mutant], folder: Path) -> list[Kill]:
    """Try techniques on mutants, say what came of it, and keep it in `folder`.

    Raises:
        UsageError: there is no such technique; nothing was tried.
        UndecidedError: one finds fault with a system that nothing is wrong with. What it found in
            mutants is not kept; that of techniques before it is.
    """
    for name in names:
        if name not in TECHNIQUES:
            known = ", ".join(["features", *TECHNIQUES])
            raise UsageError("--technique", f"there is no {name!r}; there are {known}")
    return [kill for name in names for kill in _search(name, found, folder)]


def _search(name: str, found: Sequence[Mutant], folder: Path) -> list[Kill]:
    findings: dict[str, Sequence[str]] = {}
    kills: list[Kill] = []
    for mutant in found:
        try:
            told = _findings(TECHNIQUES[name], mutant.factory)
        except UnsupportedError as error:
            sys.stdout.write(f"{name}: {'NA':<8} {mutant.name}: {error}\n")
            continue
        findings[mutant.name] = told
        kills.append(_kill(name, mutant, told))
        sys.stdout.write(f"{name}: {kills[-1].state:<15} {mutant.name}\n")
    _demand_sound(name)
    keep(name, findings, folder)
    killed = sum(map(bool, findings.values()))
    sys.stdout.write(f"{name}: {killed}/{len(findings)} killed\n")
    return kills


def _demand_sound(name: str) -> None:
    """Refuse a technique that finds fault with everything, or does so since a mutant was there."""
    told = _findings(TECHNIQUES[name], load(CONTROL))
    if told:
        what = f"finds fault with {CONTROL} itself, so what it says of mutants tells nothing"
        raise UndecidedError(name, f"{what}: {told[0]}")


def _kill(technique: str, mutant: Mutant, told: Sequence[str]) -> Kill:
    state, reason = KillState.BY_NAME, ""
    if not told:
        state, reason = KillState.SURVIVED, f"{technique} found nothing wrong"
    elif all(one.startswith(BROKE) for one in told):
        state, reason = KillState.BY_CRASH, told[0]
    return Kill(mutant.name, mutant.what, mutant.breaks, state, reason, {}, technique)


def _findings(technique: Technique, factory: Factory) -> Sequence[str]:
    """Return what was found; UnsupportedError if the technique is none for this system."""
    try:
        return technique(factory)
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
