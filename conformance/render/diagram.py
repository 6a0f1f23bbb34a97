"""A state machine as an SVG: states in a column, what leads down to the left, up to the right.

Transitions between the same two states are one arc, with the number of those that were taken; an
arc of which none was taken is dashed. All looks are left to classes, as in `conformance.chart`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conformance.machines import Machine
from conformance.visible import markup

ROW = 34  # px from one state to the next
GLYPH = 6.7  # px, the width of a letter of a state
COUNT = 52  # px in the box of a state, for what leads back to it
NEAR, LANE = 20, 30  # px from the states to the first lane of arcs, and from lane to lane


@dataclass(frozen=True, slots=True)
class Arc:
    """All transitions from one state to another."""

    source: int  # place of the state
    target: int
    taken: int
    there: int

    @property
    def look(self) -> str:
        """Return whether all, some or none of them were taken."""
        return "arc" if self.taken == self.there else "arc some" if self.taken else "arc none"

    @property
    def rows(self) -> range:
        """Return the rows that it passes."""
        low, high = sorted((self.source, self.target))
        return range(low, high)


def draw_machine(machine: Machine, taken: Mapping[str, int], title: str) -> str:
    """Return a machine as an SVG element; `taken` says how often each transition was."""
    arcs = list(_arcs(machine, taken))
    down = _lanes(arc for arc in arcs if arc.target > arc.source)
    up = _lanes(arc for arc in arcs if arc.target < arc.source)
    box = int(max(len(state.name) for state in machine.states) * GLYPH) + COUNT + 20
    left = _reach(down)
    right = left + box
    width, height = right + _reach(up), ROW * len(machine.states) + 12
    back = {arc.source: arc for arc in arcs if arc.source == arc.target}
    shapes = [
        *_states(machine, left, right, back),
        *(_arc(arc, left, -(NEAR + LANE * lane)) for arc, lane in down.items()),
        *(_arc(arc, right, NEAR + LANE * lane) for arc, lane in up.items()),
    ]
    return (
        f'<svg class="machine" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><title>{markup(title)}</title>{"".join(shapes)}</svg>'
    )


def _arcs(machine: Machine, taken: Mapping[str, int]) -> Iterator[Arc]:
    place = {state.name: at for at, state in enumerate(machine.states)}
    counts: dict[tuple[int, int], list[bool]] = {}
    for one in machine.transitions:
        ends = place[one.source], place[one.target]
        counts.setdefault(ends, []).append(one.name in taken)
    for (source, target), found in counts.items():
        yield Arc(source, target, sum(found), len(found))


def _lanes(arcs: Iterable[Arc]) -> dict[Arc, int]:
    """Give every arc a lane, the short ones first, so that none of one lane pass the same row."""
    lanes: list[set[int]] = []
    found = {}
    for arc in sorted(arcs, key=lambda one: (len(one.rows), one.rows.start)):
        free = (at for at, used in enumerate(lanes) if used.isdisjoint(arc.rows))
        lane = next(free, len(lanes))
        if lane == len(lanes):
            lanes.append(set())
        lanes[lane].update(arc.rows)
        found[arc] = lane
    return found


def _reach(lanes: Mapping[Arc, int]) -> int:
    """Return how much room the arcs of one side take."""
    return NEAR + LANE * (max(lanes.values(), default=-1) + 1)


def _states(machine: Machine, left: int, right: int, back: Mapping[int, Arc]) -> Iterator[str]:
    for at, state in enumerate(machine.states):
        y = _middle(at)
        look = "state first" if state.name == machine.initial else "state"
        yield (
            f'<rect class="{look}" x="{left}" y="{y - 12}" width="{right - left}" height="24" '
            f'rx="6"/><text class="name" x="{left + 10}" y="{y + 4}">{markup(state.name)}</text>'
        )
        if at in back:
            words = f"\N{ANTICLOCKWISE OPEN CIRCLE ARROW} {back[at].taken}/{back[at].there}"
            yield f'<text class="{back[at].look} back" x="{right - 8}" y="{y + 4}">{words}</text>'


def _arc(arc: Arc, x: int, swing: int) -> str:
    """Draw an arc that leaves the states at `x` and swings out by so much, to the left if < 0."""
    down = 1 if arc.target > arc.source else -1
    begin, end = _middle(arc.source) + 5 * down, _middle(arc.target) - 5 * down
    way = 1 if swing > 0 else -1
    bend, far = 8 * way, x + swing
    path = (
        f"M{x} {begin}H{far - bend}Q{far} {begin} {far} {begin + 8 * down}V{end - 8 * down}"
        f"Q{far} {end} {far - bend} {end}H{x + 7 * way}"
    )
    return (
        f'<path class="{arc.look}" d="{path}"/>'
        f'<path class="{arc.look} head" d="M{x} {end}l{8 * way}-4v8z"/>'
        f'<text class="{arc.look} count" x="{far}" y="{(begin + end) // 2 + 4}">'
        f"{arc.taken}/{arc.there}</text>"
    )


def _middle(at: int) -> int:
    return 18 + ROW * at
