"""The tables drawn, as text of mermaid: a state diagram of a component, a sequence diagram of a way through."""

from __future__ import annotations

from collections.abc import Sequence

from model.messages import LOSSES, PASSAGES, Passage
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
    """Draw the messages that pass when the events of `trace` happen, and what happens without a message.

    `left` and `joined` are the names of the networks.
    """
    lines = ["sequenceDiagram"]
    for event in trace:
        passages = PASSAGES.get(event, ())
        if not passages:
            lines.append(f"    Note over {_plain('application server')}: {_spoken(event)}")
        lines += [_message(one, left, joined) for one in passages]
    return "\n".join([*lines, ""])


def _line(row: Arrow) -> str:
    label = f"{row.step} {row.event} ({row.cites}){LINES[row.kind]}"
    needs = "; ".join(
        f"{name} {' or '.join(sorted(state.name for state in states))}"
        for name, states in row.needs.items()
    )
    condition = f" if {needs}" if needs else ""
    return f"    {row.source.name} --> {row.target.name} : {_plain(label + condition)}"


def _message(passage: Passage, left: str, joined: str) -> str:
    sender, receiver = (
        _plain(end.format(left=left, joined=joined)) for end in (passage.sender, passage.receiver)
    )
    return f"    {sender}->>{receiver}: {_plain(passage.name)}"


def _spoken(event: str) -> str:
    return f"{LOSSES[event]} is lost" if event in LOSSES else event.replace("_", " ")


def _plain(text: str) -> str:
    """Leave out what means something to mermaid."""
    return text.replace(":", " -").replace(";", ",").replace("#", " ")
