"""The composed tables as Promela, for SPIN: another explorer that has to count the same states.

One process chooses any event that can happen. A component is a byte, a set of its states a mask,
and an event moves all that take part in one indivisible step.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from model.system import Composition
from model.table import Arrow, Component


def promela(composition: Composition) -> str:
    """Write a composition as Promela.

    Verify it with `spin -a`, `cc -DSAFETY -DNOREDUCE` and `pan -E`: as partial orders are not
    reduced, pan stores each reachable state once; a state in which nothing can happen is no error.
    """
    writer = _Writer(composition)
    lines = ["/* States by number, in the order of the tables. */"]
    for part in composition.components:
        numbered = ", ".join(f"{i} {state.name}" for i, state in enumerate(part.states))
        lines.append(f"/* {part.name}: {numbered} */")
        lines.append(f"byte {part.name} = {part.states.index(part.initial)};")
        lines.append(f"hidden byte next_{part.name};")
    lines += ["", "active proctype events() {", "  do"]
    for event in composition.events:
        lines += [f"  /* {event} */", *writer.option(event)]
    lines += ["  od", "}", ""]
    return "\n".join(lines)


class _Writer:
    """Writes events of a composition."""

    def __init__(self, composition: Composition) -> None:
        self._composition = composition
        self._numbers = {
            part.name: {state: i for i, state in enumerate(part.states)}
            for part in composition.components
        }

    def option(self, event: str) -> list[str]:
        """Return the lines of an event: where it can happen, and where it leads."""
        parts = self._composition.participants(event)
        rows = {part: [row for row in part.arrows if row.event == event] for part in parts}
        guard = "\n      && ".join(self._possible(part, rows[part]) for part in parts)
        moving = [part for part in parts if any(row.source is not row.target for row in rows[part])]
        lines = [f"  :: d_step {{ ({guard}) ->"]
        lines += [f"       next_{part.name} = {self._target(part, rows[part])};" for part in moving]
        lines += [f"       {part.name} = next_{part.name};" for part in moving]
        return [*lines, *([] if moving else ["       skip"]), "     }"]

    def _possible(self, part: Component, rows: Iterable[Arrow]) -> str:
        free = {row.source for row in rows if not row.needs}
        cases = [self._is_in(part.name, free)] if free else []
        cases += [self._holds(part, row) for row in rows if row.needs]
        return f"({' || '.join(cases)})"

    def _holds(self, part: Component, row: Arrow) -> str:
        needs = [self._is_in(name, states) for name, states in row.needs.items()]
        return f"({' && '.join([self._is_in(part.name, {row.source}), *needs])})"

    def _target(self, part: Component, rows: Iterable[Arrow]) -> str:
        text = part.name
        for row in rows:
            if row.source is not row.target:
                number = self._numbers[part.name][row.target]
                text = f"({self._holds(part, row)} -> {number} : {text})"
        return text

    def _is_in(self, name: str, states: Iterable[Enum]) -> str:
        numbers = [self._numbers[name][state] for state in states]
        if len(numbers) == 1:
            return f"({name} == {numbers[0]})"
        return f"(({sum(1 << number for number in numbers)} >> {name}) & 1)"
