"""Every state that a composition can reach, breadth first, held against the invariants.

Beside the invariants: left alone, the parties can always reach a good end, and they come to rest.
With "at rest all agree" (B03) this means that every change ends well once nothing goes wrong.

States are integers (`model.compile`), and only the state before is kept of each. All that is asked
of them is asked afterwards, once for each way in which the components that decide it can stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from model.compile import Moves, Packed, Space, clusters
from model.invariants import GOOD_ENDS, INVARIANTS, Invariant, Moment, matches
from model.system import Composition
from model.table import Arrow, Needs

GOOD_END = ("B03 B04 B14", "left alone, the parties can always reach a good end")
REST = ("B14", "left alone, the parties come to rest")

Watch = Callable[[int, int], None]
"""Told after each layer of states: how many there are, and how many events away the last are."""


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
    edges: int  # out of states whose ways on were all followed
    depth: int  # events to the farthest state
    complete: bool  # False: there are more states; what was not found may be there
    findings: tuple[Finding, ...]
    witnessed: tuple[Invariant, ...]
    unwitnessed: tuple[Invariant, ...]  # invariants that nothing came near
    fired: frozenset[Arrow]
    unfired: tuple[Arrow, ...]  # rows that no reachable state draws

    def __str__(self) -> str:
        cut = "" if self.complete else ", and there are more"
        lines = [f"{self.states} states, {self.edges} edges, depth {self.depth}{cut}"]
        lines += [str(finding) for finding in self.findings]
        lines += [f"{one.cites}: nothing came near: {one.sentence}" for one in self.unwitnessed]
        return "\n".join(lines)


def explore(
    composition: Composition,
    invariants: Sequence[Invariant] = INVARIANTS,
    good_ends: Sequence[Needs] = GOOD_ENDS,
    limit: int | None = None,
    watch: Watch | None = None,
) -> Exploration:
    """Visit every reachable state, and look on beyond a broken invariant for the others.

    With a `limit` the search ends with the layer of states in which it is passed: all states that
    are as near as that have been visited then, and findings are shortest still.
    """
    search = Search(Space(composition))
    search.run(limit, watch)
    return _Judge(search, composition.invariants(invariants)).result(good_ends)


class Search:
    """A breadth-first search: states by distance, each with the one from which it was reached."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.reached: dict[Packed, Packed] = {space.initial: space.initial}
        self.beyond: Collection[Packed] = [space.initial]
        """States whose ways on were not followed."""
        self.depth = 0

    def run(self, limit: int | None = None, watch: Watch | None = None) -> None:
        """Visit every reachable state, or `limit` of them and the rest of that layer."""
        tables = [(moves.mask, moves) for moves in self.space.moves()]
        while self.beyond and (limit is None or len(self.reached) < limit):
            layer = self._layer(self.beyond, tables)
            self.depth += bool(layer)
            self.beyond = layer
            if watch is not None:
                watch(len(self.reached), self.depth)

    def _layer(
        self, layer: Collection[Packed], tables: Sequence[tuple[Packed, Moves]]
    ) -> list[Packed]:
        reached, found = self.reached, list[Packed]()
        for state in layer:
            for mask, moves in tables:
                for added in moves[state & mask]:
                    after = state + added
                    if after not in reached:
                        reached[after] = state
                        found.append(after)
        return found

    def edges(self) -> int:
        """Count the events that can happen, over all states whose ways on were followed."""
        beyond = set(self.beyond)
        inner = [state for state in self.reached if state not in beyond] if beyond else self.reached
        return sum(
            count * len(table[key])
            for table in self.space.tables
            for key, count in Counter(map(table.mask.__and__, inner)).items()
        )

    def trace(self, state: Packed) -> tuple[str, ...]:
        """Return the events of a shortest way from the initial state."""
        events = []
        while (before := self.reached[state]) != state:
            added = state - before
            events.append(next(s.event for s in self.space.steps(before) if s.added == added))
            state = before
        return tuple(reversed(events))


class _Judge:
    """Asks of the states that a search found what has to be so."""

    def __init__(self, search: Search, invariants: Sequence[Invariant]) -> None:
        self._search = search
        self._space = search.space
        self._invariants = invariants
        self._unwitnessed = dict.fromkeys(invariants)
        self._broken: dict[Invariant, Finding] = {}
        self._progress = [(moves.mask, moves) for moves in search.space.progress()]

    def result(self, good_ends: Sequence[Needs]) -> Exploration:
        """Ask everything."""
        search, reached = self._search, self._search.reached
        ends, again = self._ends()
        self._hold(Moment.ALWAYS, reached)
        self._hold(Moment.AT_REST, ends)
        for event in dict.fromkeys(one.event for one in self._invariants if one.event):
            self._hold(Moment.BEFORE, reached, event)
        findings = [self._broken[one] for one in self._invariants if one in self._broken]
        stranded = self._stranded(good_ends, ends, resting=again is None)
        if stranded is not None:
            findings.append(Finding(*GOOD_END, search.trace(stranded)))
        if again is not None:
            findings.append(Finding(*REST, search.trace(again)))
        fired = self._space.fired
        rows = [row for part in self._space.composition.components for row in part.arrows]
        return Exploration(
            states=len(reached),
            edges=search.edges(),
            depth=search.depth,
            complete=not search.beyond,
            findings=tuple(findings),
            witnessed=tuple(one for one in self._invariants if one not in self._unwitnessed),
            unwitnessed=tuple(self._unwitnessed),
            fired=fired,
            unfired=tuple(row for row in rows if row not in fired),
        )

    def _hold(self, moment: Moment, states: Collection[Packed], event: str = "") -> None:
        """Hold the invariants of a moment against `states`, which stand nearest first."""
        packing = self._space.packing
        needed = self._space.composition.reads[event] if event else frozenset[str]()
        reads = {
            one: one.reads | needed
            for one in self._invariants
            if (one.moment, one.event) == (moment, event)
        }
        for invariants, names in clusters(reads, packing):
            mask = packing.mask(names)
            for key in dict.fromkeys(map(mask.__and__, states)):
                state = packing.unpack(key)
                if event and self._space.composition.arrows(event, state) is None:
                    continue
                for one in invariants:
                    if one not in self._broken and one.broken_in(state):
                        nearest = next(each for each in states if each & mask == key)
                        trace = (*self._search.trace(nearest), *filter(None, [event]))
                        self._broken[one] = Finding(one.cites, one.sentence, trace)
                    if matches(one.witness, state):
                        self._unwitnessed.pop(one, None)

    def _after(self, state: Packed) -> list[Packed]:
        """Return where parties and timers can lead of themselves."""
        return [state + added for mask, moves in self._progress for added in moves[state & mask]]

    def _ends(self) -> tuple[list[Packed], Packed | None]:
        """Return where nothing is left to do, nearest first, and a state that can come again.

        Of what lies beyond the limit the best is believed.
        """
        finished, path, ends = set(self._search.beyond), set[Packed](), set[Packed]()
        again = None
        for root in self._search.reached:
            way = [root]
            while way:  # depth first
                state = way[-1]
                if state in path or state in finished:  # all that can follow it is finished
                    finished.add(way.pop())
                    path.discard(state)
                    continue
                after = self._after(state)
                if not after:
                    ends.add(state)
                path.add(state)
                if again is None and not path.isdisjoint(after):
                    again = next(each for each in after if each in path)
                way += [each for each in after if each not in finished and each not in path]
        return [state for state in self._search.reached if state in ends], again

    def _stranded(
        self, good_ends: Sequence[Needs], ends: Sequence[Packed], *, resting: bool
    ) -> Packed | None:
        """Return the nearest state from which the parties, left alone, cannot reach a good end."""
        good = self._good(good_ends)
        if resting and all(map(good, ends)):
            return None  # every way comes to an end, and there is no other
        left = [state for state in self._search.reached if not good(state)]
        saved = self._search.reached.keys() - left
        saved |= set(self._search.beyond)
        while left:
            still = []
            for state in reversed(left):
                if saved.isdisjoint(self._after(state)):
                    still.append(state)
                else:
                    saved.add(state)
            if len(still) == len(left):
                break
            still.reverse()
            left = still
        return next((state for state in left if state not in saved), None)

    def _good(self, good_ends: Sequence[Needs]) -> Callable[[Packed], bool]:
        packing = self._space.packing
        mask = packing.mask({name for needs in good_ends for name in needs})
        known: dict[Packed, bool] = {}

        def good(state: Packed) -> bool:
            key = state & mask
            if key not in known:
                known[key] = any(matches(needs, packing.unpack(key)) for needs in good_ends)
            return known[key]

        return good
