"""The tables drawn as text of mermaid: a component's states, and what passes on a way through."""

from __future__ import annotations

from collections.abc import Sequence

from model.messages import LOSSES, PASSAGES, PLACES, SERVER, Passage
from model.table import Arrow, Component, Kind

LINES = {
    Kind.NORMAL: "",
    Kind.TIMER: " [timer]",
    Kind.WISH: " [wish]",
    Kind.FAULT: " [fault]",
    Kind.INTERNAL: " [next change]",
}


def state_diagram(component: Component) -> str:
    """Draw a table: its states with what they mean, its arrows with event, kind and obligations."""
    drawn = {state for row in component.arrows for state in (row.source, row.target)}
    lines = ["stateDiagram-v2"]
    lines += [
        f"    {state.name} : {state.name}<br>{_plain(str(state.value))}"
        for state in component.states
        if state in drawn
    ]
    lines.append(f"    [*] --> {component.initial.name}")
    lines += [_line(row) for row in component.arrows]
    return "\n".join([*lines, ""])


def sequence_diagram(trace: Sequence[str], left: str = "TN1", joined: str = "TN2") -> str:
    """Draw the messages that pass at the events of `trace`, and a note for what needs no message.

    `left` and `joined` are the names of the networks.
    """
    drawing = _Sequence(left, joined)
    for event in trace:
        for passage in PASSAGES.get(event, ()):
            drawing.message(passage)
        if event not in PASSAGES:
            drawing.note(PLACES.get(event, SERVER), _spoken(event))
    return "\n".join(["sequenceDiagram", *drawing.participants, *drawing.lines, ""])


class _Sequence:
    """Lines of a sequence diagram, and the participants in the order in which they appear."""

    def __init__(self, left: str, joined: str) -> None:
        self._names = {"left": left, "joined": joined}
        self._aliases: dict[str, str] = {}
        self.lines: list[str] = []

    @property
    def participants(self) -> list[str]:
        return [f"    participant {alias} as {name}" for name, alias in self._aliases.items()]

    def message(self, passage: Passage) -> None:
        ends = f"{self._alias(passage.sender)}->>{self._alias(passage.receiver)}"
        self.lines.append(f"    {ends}: {_plain(passage.name)}")

    def note(self, party: str, text: str) -> None:
        self.lines.append(f"    Note over {self._alias(party)}: {_plain(text)}")

    def _alias(self, party: str) -> str:
        name = _plain(party.format(**self._names))
        return self._aliases.setdefault(name, f"p{len(self._aliases) + 1}")


def _line(row: Arrow) -> str:
    label = f"{row.step} {row.event} ({row.cites}){LINES[row.kind]}"
    needs = "; ".join(
        f"{name} {' or '.join(sorted(state.name for state in states))}"
        for name, states in row.needs.items()
    )
    condition = f" if {needs}" if needs else ""
    return f"    {row.source.name} --> {row.target.name} : {_plain(label + condition)}"


def _spoken(event: str) -> str:
    return f"{LOSSES[event]} is lost" if event in LOSSES else event.replace("_", " ")


def _plain(text: str) -> str:
    """Leave out what means something to mermaid."""
    return text.replace(":", " -").replace(";", ",").replace("#", " ")
