"""What a table must be before it is believed: for the tests, and for who writes a table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations

from model.errors import TableError
from model.explore import Exploration
from model.invariants import GOOD_ENDS, INVARIANTS
from model.messages import LOSSES, PASSAGES, Protection
from model.obligations import ELSEWHERE
from model.system import Composition, System
from model.table import Arrow, Automaton, Component, Needs

STEPS = frozenset({"S0", "S1", "S2", "S3", "S4", "S5"})
RESERVED_NAMES = frozenset(dir(Automaton)) | frozenset(dir(System)) | {"state", "trace", "trail"}


def demand_sound(compositions: Sequence[Composition], obligations: AbstractSet[str]) -> None:
    """Check the tables of `compositions`, the variants of one system, and what is said of them.

    Raises:
        TableError: naming every row that is wrong, and why.
    """
    faults = [fault for one in compositions for fault in _faults_of(one, obligations)]
    faults += _faults_around(compositions, obligations)
    if faults:
        raise TableError(sorted(set(faults)))


def demand_alive(explorations: Collection[Exploration]) -> None:
    """Check that each row is drawn, and each invariant witnessed, in one of `explorations`.

    Raises:
        TableError: naming the rows and invariants that could as well be left out.
    """
    fired = {row for one in explorations for row in one.fired}
    witnessed = {row for one in explorations for row in one.witnessed}
    faults = {
        f"{_label(row)}: no reachable state draws it"
        for one in explorations
        for row in one.unfired
        if row not in fired
    }
    faults |= {
        f"{invariant.cites}: nothing comes near: {invariant.sentence}"
        for one in explorations
        for invariant in one.unwitnessed
        if invariant not in witnessed
    }
    if faults:
        raise TableError(sorted(faults))


def _label(row: Arrow) -> str:
    return f"{type(row.source).__name__}: {row.event} from {row.source.name} to {row.target.name}"


def _faults_of(composition: Composition, obligations: AbstractSet[str]) -> Iterator[str]:
    parts = composition.components
    names = [part.name for part in parts]
    yield from (f"{name}: two components of this name" for name in names if names.count(name) > 1)
    kinds = composition.kinds
    for part in parts:
        for row in part.arrows:
            yield from (f"{_label(row)}: {fault}" for fault in _faults_of_row(row, obligations))
            if not {row.source, row.target} <= set(part.states):
                yield f"{_label(row)}: not states of {part.name}"
            if row.kind is not kinds[row.event]:
                yield f"{_label(row)}: {row.kind.name}, in another row {kinds[row.event].name}"
            yield from (f"{_label(row)}: {fault}" for fault in _strange(row.needs, parts))
        yield from _overlaps(part)


def _faults_of_row(row: Arrow, obligations: AbstractSet[str]) -> Iterator[str]:
    if row.step not in STEPS:
        yield f"there is no step {row.step!r}"
    if not row.cites.split():
        yield "cites nothing"
    for one in row.cites.split():
        if one not in obligations:
            yield f"cites {one!r}, which is no obligation"
    if not row.event.isidentifier() or row.event in RESERVED_NAMES:
        yield f"an event cannot be called {row.event!r}"


def _overlaps(part: Component) -> Iterator[str]:
    # transitions takes the first of two that are open, silently; the linter allows only one to be.
    for rows in part.rows.values():
        for one, other in combinations(rows, 2):
            common = one.needs.keys() & other.needs.keys()
            if not any(one.needs[name].isdisjoint(other.needs[name]) for name in common):
                yield f"{_label(one)}: its condition does not exclude that of {_label(other)}"


def _strange(needs: Needs, parts: Sequence[Component]) -> Iterator[str]:
    known = {part.name: set(part.states) for part in parts}
    for name, states in needs.items():
        if name not in known:
            yield f"needs {name!r}, which is no component"
        elif not states or not states <= known[name]:
            yield f"needs of {name} what is no state of it"


def _faults_around(
    compositions: Sequence[Composition], obligations: AbstractSet[str]
) -> Iterator[str]:
    events = {event for one in compositions for event in one.events}
    for event in {*PASSAGES, *LOSSES} - events:
        yield f"{event}: a message passes at it, but no table has it"
    for event, passages in PASSAGES.items():
        for passage in passages:
            if passage.secret and passage.protection is Protection.NONE:
                yield f"{event}: {passage.name} holds a secret and passes in clear (B09)"
    yield from _absences(compositions)
    yield from _silence(compositions, obligations)
    for one in INVARIANTS:
        if one.event and one.event not in events:
            yield f"{one.cites}: holds before {one.event}, which no table has"
        if not set(one.cites.split()) <= obligations:
            yield f"{one.cites}: not all of these are obligations"
    for composition in compositions:
        ends = [("a good end", needs) for needs in GOOD_ENDS]
        excluded = [
            (one.cites, needs)
            for one in composition.invariants()
            for needs in (*one.never, one.witness)
        ]
        for label, needs in ends + excluded:
            yield from (f"{label}: {fault}" for fault in _strange(needs, composition.components))


def _silence(compositions: Sequence[Composition], obligations: AbstractSet[str]) -> Iterator[str]:
    texts = {one.cites for composition in compositions for one in composition.invariants()}
    texts |= {row.cites for one in compositions for part in one.components for row in part.arrows}
    cited = {id_ for text in texts for id_ in text.split()}
    yield from (
        f"{id_}: no row or invariant cites it, and no reason is given"
        for id_ in obligations - cited - ELSEWHERE.keys()
    )
    yield from (
        f"{id_}: a reason why no row or invariant cites it, but one does, or it is no obligation"
        for id_ in ELSEWHERE.keys() - (obligations - cited)
    )


def _absences(compositions: Sequence[Composition]) -> Iterator[str]:
    # Rows of one event under different options: who takes part in one variant must take part in
    # the other, else the others do alone what they were to do together.
    together: dict[str, set[str]] = {}
    for one in compositions:
        for event, parts in one.events.items():
            together.setdefault(event, set()).update(part.name for part in parts)
    for one in compositions:
        names = {part.name for part in one.components}
        options = " and ".join(sorted(option.name for option in one.options))
        for event, parts in one.events.items():
            missing = together[event] & names - {part.name for part in parts}
            yield from (f"{event}: {name} has no row for it under {options}" for name in missing)
