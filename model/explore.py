"""Every state that a composition can reach, breadth first, held against the invariants.

Beside the invariants: left alone, the parties can always reach a good end, and they come to rest.
With "at rest all agree" (B03) this means that every change ends well once nothing goes wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from model.compile import Packed, Space, Step, clusters
from model.invariants import GOOD_ENDS, INVARIANTS, Invariant, Moment, matches
from model.system import PROGRESS, Composition
from model.table import Arrow, Needs

GOOD_END = ("B03 B04 B14", "left alone, the parties can always reach a good end")
REST = ("B14", "left alone, the parties come to rest")


@dataclass(frozen=True)
class Finding:
    """An obligation that can be broken, with a shortest way there."""

    cites: str
    sentence: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.cites}: not so: {self.sentence}: {' > '.join(self.trace)}"


@dataclass(frozen=True)
class Exploration:
    """What an exploration saw. An event that leads back to its own state counts as an edge."""

    states: int
    edges: int
    depth: int
    findings: tuple[Finding, ...]
    witnessed: tuple[Invariant, ...]
    unwitnessed: tuple[Invariant, ...]  # invariants that nothing came near
    fired: frozenset[Arrow]
    unfired: tuple[Arrow, ...]  # rows that no reachable state draws

    def __str__(self) -> str:
        lines = [f"{self.states} states, {self.edges} edges, depth {self.depth}"]
        lines += [str(finding) for finding in self.findings]
        lines += [f"{one.cites}: nothing came near: {one.sentence}" for one in self.unwitnessed]
        return "\n".join(lines)


def explore(
    composition: Composition,
    invariants: Sequence[Invariant] = INVARIANTS,
    good_ends: Sequence[Needs] = GOOD_ENDS,
) -> Exploration:
    """Visit every reachable state, and look on beyond a broken invariant for the others."""
    search = _Search(Space(composition), composition.invariants(invariants))
    search.run()
    return search.result({GOOD_END: search.stranded(good_ends), REST: search.restless()})


class _Check:
    """Invariants that read much the same: what stands there is judged when first met."""

    def __init__(self, invariants: Sequence[Invariant], mask: Packed) -> None:
        self.invariants = invariants
        self.mask = mask
        self.met: set[Packed] = set()


class _Search:
    """A breadth-first search: states by distance, each with the first event that led there."""

    def __init__(self, space: Space, invariants: Sequence[Invariant]) -> None:
        self.space = space
        self._invariants = invariants
        self._reached: dict[Packed, tuple[Packed, str] | None] = {space.initial: None}
        # Only by what the parties do of themselves: no faults, no further requests.
        self._before: dict[Packed, list[Packed]] = {space.initial: []}
        self._ways: dict[Packed, int] = {}
        self._edges = 0
        self._broken: dict[Invariant, tuple[str, ...]] = {}
        self._unwitnessed = dict.fromkeys(invariants)
        self._always = self._checks(invariants, Moment.ALWAYS)
        self._at_rest = self._checks(invariants, Moment.AT_REST)
        events = {one.event for one in invariants if one.event}
        self._of_event = {event: self._checks(invariants, Moment.BEFORE, event) for event in events}

    def _checks(
        self, invariants: Sequence[Invariant], moment: Moment, event: str = ""
    ) -> list[_Check]:
        reads = {one: one.reads for one in invariants if (one.moment, one.event) == (moment, event)}
        packing = self.space.packing
        return [_Check(some, packing.mask(names)) for some, names in clusters(reads, packing)]

    def run(self) -> None:
        """Visit every reachable state."""
        queue = [self.space.initial]
        for state in queue:  # grows while it is walked
            self._hold(self._always, state)
            steps = tuple(self.space.steps(state))
            for step in steps:
                self._take(step, state, queue)
            self._edges += len(steps)
            self._ways[state] = sum(step.kind in PROGRESS for step in steps)
            if not self._ways[state]:
                self._hold(self._at_rest, state)

    def _take(self, step: Step, state: Packed, queue: list[Packed]) -> None:
        event, kind, added = step
        after = state + added
        if event in self._of_event:
            self._hold(self._of_event[event], state, event)
        if after not in self._reached:
            self._reached[after] = (state, event)
            self._before[after] = []
            queue.append(after)
        if kind in PROGRESS:
            self._before[after].append(state)

    def _hold(self, checks: Sequence[_Check], state: Packed, event: str = "") -> None:
        for check in checks:
            key = state & check.mask
            if key not in check.met:
                check.met.add(key)
                self._judge(check.invariants, state, event)

    def _judge(self, invariants: Sequence[Invariant], state: Packed, event: str) -> None:
        unpacked = self.space.packing.unpack(state)
        for one in invariants:
            if one not in self._broken and one.broken_in(unpacked):
                self._broken[one] = (*self._trace(state), *filter(None, [event]))
            if matches(one.witness, unpacked):
                self._unwitnessed.pop(one, None)

    def stranded(self, good_ends: Sequence[Needs]) -> Packed | None:
        """Return the nearest state from which the parties, left alone, cannot reach a good end."""
        packing = self.space.packing
        mask = packing.mask({name for needs in good_ends for name in needs})
        good = {
            key: any(matches(needs, packing.unpack(key)) for needs in good_ends)
            for key in {state & mask for state in self._reached}
        }
        queue = [state for state in self._reached if good[state & mask]]
        saved = set(queue)
        for state in queue:  # grows while it is walked
            for before in self._before[state]:
                if before not in saved:
                    saved.add(before)
                    queue.append(before)
        return next((state for state in self._reached if state not in saved), None)

    def restless(self) -> Packed | None:
        """Return the nearest state that the parties, left alone, can come back to for ever."""
        ways = dict(self._ways)
        queue = [state for state, count in ways.items() if not count]
        for state in queue:  # grows while it is walked
            for before in self._before[state]:
                ways[before] -= 1
                if not ways[before]:
                    queue.append(before)
        endless = {state for state, count in ways.items() if count}
        return next((state for state in self._reached if self._returns(state, endless)), None)

    def _returns(self, state: Packed, among: AbstractSet[Packed]) -> bool:
        if state not in among:
            return False
        queue = [state]
        met = {state}
        for one in queue:  # grows while it is walked
            earlier = [before for before in self._before[one] if before in among]
            if state in earlier:
                return True
            queue += [before for before in earlier if before not in met]
            met.update(earlier)
        return False

    def result(self, dead_ends: Mapping[tuple[str, str], Packed | None]) -> Exploration:
        """Put together what was seen."""
        findings = [Finding(one.cites, one.sentence, trace) for one, trace in self._broken.items()]
        findings += [
            Finding(*what, self._trace(state))
            for what, state in dead_ends.items()
            if state is not None
        ]
        rows = [row for part in self.space.composition.components for row in part.arrows]
        return Exploration(
            states=len(self._reached),
            edges=self._edges,
            depth=len(self._trace(next(reversed(self._reached)))),
            findings=tuple(findings),
            witnessed=tuple(one for one in self._invariants if one not in self._unwitnessed),
            unwitnessed=tuple(self._unwitnessed),
            fired=frozenset(self.space.fired),
            unfired=tuple(row for row in rows if row not in self.space.fired),
        )

    def _trace(self, state: Packed) -> tuple[str, ...]:
        """Return the events of a shortest way from the initial state."""
        events = []
        while (step := self._reached[state]) is not None:
            state, event = step
            events.append(event)
        return tuple(reversed(events))
