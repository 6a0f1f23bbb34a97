"""Ways to find a wrong system, other than by features, and what each of them found.

A technique takes a factory and returns what it found wrong, as texts; a system that it finds
nothing wrong with survives it. `kills.json` keeps, beside the report, what every technique found in
every mutant so far: the kill matrix as data.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from reperso.errors import ExitCode, UsageError
from steps.driver import DriverError, Factory
from steps.mutants import Mutant

Technique = Callable[[Factory], list[str]]
Findings = Mapping[str, Sequence[str]]
"""By mutant, what was found wrong with it."""

KILLS = "kills.json"


def _learning(factory: Factory) -> list[str]:
    from steps.checks.learning import differences  # noqa: PLC0415 - AALpy is heavy

    return [str(difference) for difference in differences(factory)]


TECHNIQUES: dict[str, Technique] = {"learning": _learning}


def search(names: Sequence[str], found: Sequence[Mutant], folder: Path) -> ExitCode:
    """Try techniques on mutants, say what came of it, and keep it in `folder`.

    Raises:
        UsageError: there is no such technique; nothing was tried.
    """
    for name in names:
        if name not in TECHNIQUES:
            known = ", ".join(["features", *TECHNIQUES])
            raise UsageError("--technique", f"there is no {name!r}; there are {known}")
    for name in names:
        findings: dict[str, Sequence[str]] = {}
        for mutant in found:
            findings[mutant.name] = _findings(TECHNIQUES[name], mutant)
            sign = "killed" if findings[mutant.name] else "survives"
            sys.stdout.write(f"{name}: {sign:<8} {mutant.name}\n")
        killed = sum(bool(one) for one in findings.values())
        sys.stdout.write(f"{name}: {killed}/{len(found)} killed\n")
        keep(name, findings, folder)
    return ExitCode.EXPECTED


def _findings(technique: Technique, mutant: Mutant) -> Sequence[str]:
    try:
        return technique(mutant.factory)
    except (AssertionError, DriverError) as error:
        return [f"{type(error).__name__}: {error}"]
    except Exception as error:  # noqa: BLE001 - a wrong system may break in any way
        return [f"broke: {type(error).__name__}: {error}"]


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
