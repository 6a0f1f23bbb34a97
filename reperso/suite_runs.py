"""What suites of the model met of a system, for the page of a run: `reperso suites --output FILE`.

The file holds events; which transitions they are, the tables of the model say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.machines import Goals, SuiteRun
from reperso.errors import UsageError
from reperso.listener import state_of

if TYPE_CHECKING:
    from model.system import Composition

FOREIGN = "is not what `reperso suites --output` writes"


def read_suite_runs(places: Sequence[str]) -> tuple[SuiteRun, ...]:
    """Return what each of these suites did, as transitions of the model's machines.

    Raises:
        UsageError: a file cannot be read, was not written by `reperso suites --output`, or has an
            event that no table of this model has, or has there.
    """
    return tuple(_read(place) for place in places)


def _read(place: str) -> SuiteRun:
    from model.errors import ModelError  # noqa: PLC0415 - only where there is a suite
    from model.system import compose  # noqa: PLC0415 - likewise
    from steps.checks.suites import options_of  # noqa: PLC0415 - likewise
    from steps.driver import Setup  # noqa: PLC0415 - likewise

    data = _load(place)
    try:
        goals = tuple(Goals(**one) for one in data["kinds"])
        composition = compose(*options_of(Setup(options=data["options"])))
        trails = tuple(_transitions(composition, events) for events in data["trails"])
        name = f"suite of {', '.join(one.kind for one in goals)}"
        why = tuple(f"{one['goal']}: {one['reason']}" for one in data["hidden"])
        return SuiteRun(name, str(data["system"]), int(data["steps"]), goals, why, trails)
    except ModelError as error:
        raise UsageError(place, f"is not of this model, make it again: {error}") from error
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise UsageError(place, FOREIGN) from error


def _load(place: str) -> Mapping[str, Any]:
    try:
        data = json.loads(Path(place).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(place, error.strerror or "cannot be read") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(place, "is no JSON") from error
    if not isinstance(data, dict):
        raise UsageError(place, FOREIGN)
    return data


def _transitions(composition: Composition, events: Sequence[str]) -> tuple[str, ...]:
    """Return what each event is to each party, as the trails of drivers say it."""
    from model.system import System  # noqa: PLC0415 - only where there is a suite

    system = System(composition, invariants=())
    for event in events:
        system.fire(event)
    return tuple(map(state_of, system.trail))
