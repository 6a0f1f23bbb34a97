"""What is explored: one card, several cards that share a pool of identities, and with what bounds.

One card with all faults at any moment is finite as it is, for any number of changes. Cards
multiply, so several of them are explored up to a number of faults; each of them changes once, as
often as it takes. The bounds are components like the parties: all that reads tables reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise, product
from typing import cast

from model.card import NEW_IN_USE
from model.device import Device
from model.home_register import Pool, Record
from model.invariants import GOOD_ENDS, Invariant, Moment
from model.system import Composition, compose
from model.table import Arrow, Component, Kind, Needs, Option

HOLDING = frozenset({Record.RESERVED, Record.ACTIVE})
SHARING = (
    ("provide_identity", "E10", Kind.NORMAL),
    ("garble_identity", "E10", Kind.FAULT),
    ("refuse_exhausted", "E11", Kind.NORMAL),
    ("release_identity", "B05", Kind.NORMAL),
    ("expire_lease", "B05", Kind.TIMER),
)
"""Events at which cards meet in the pool of the network that they join."""
ONE_CARD_ONLY = frozenset({"turn_round", "exhaust_pool"})
"""Events that several cards do not have: one network is left by all, and its pool is real."""


@dataclass(frozen=True, eq=False)
class Scope:
    """A composition, what must never be in it, and how a change may end there."""

    name: str
    composition: Composition
    invariants: tuple[Invariant, ...]
    good_ends: tuple[Needs, ...]

    def bounded(self, *, faults: int | None = None, changes: int | None = None) -> Scope:
        """Allow at most so many faults, and so many changes that have ended, whoever has them."""
        scope = self
        for what, bound, kind in (
            ("faults", faults, Kind.FAULT),
            ("changes", changes, Kind.INTERNAL),
        ):
            if bound is not None:
                name = f"{scope.name}, at most {bound} {what}"
                composition = _counted(scope.composition, what, bound, kind)
                scope = replace(scope, name=name, composition=composition)
        return scope


def one_card(variant: Option = Option.HARDENED, asking: Option = Option.UNACKNOWLEDGED) -> Scope:
    """Return one card with all faults, for any number of changes."""
    composition = compose(variant, asking)
    name = f"one card, {variant.name.lower()}, {asking.name.lower()}"
    return Scope(name, composition, composition.invariants(), GOOD_ENDS)


def several_cards(
    cards: int,
    identities: int,
    variant: Option = Option.HARDENED,
    asking: Option = Option.UNACKNOWLEDGED,
) -> Scope:
    """Return `cards` that leave one network for one other, whose pool has so many identities.

    An identity that is released is given to the next card that asks: the one that had it may still
    hold it, and must never be attached with it.
    """
    composition = _without(compose(variant, asking), ONE_CARD_ONLY)
    numbers = range(1, cards + 1)
    pool = _Pool(cards, identities)
    parts = [
        pool.component_of_card(part, number)
        for number in numbers
        for part in composition.components
        if part.name != "pool"
    ]
    parts.append(pool.component(numbers))
    invariants = [pool.invariant(one, number) for number in numbers for one in _held(composition)]
    ends = [
        {name: states for end in together for name, states in end.items()}
        for together in product(*([pool.needs(end, n) for end in GOOD_ENDS] for n in numbers))
    ]
    options = f"{variant.name.lower()}, {asking.name.lower()}"
    return Scope(
        f"{cards} cards that share {identities} identities, {options}",
        Composition(tuple(parts), composition.options),
        (*invariants, *pool.invariants(numbers)),
        tuple(ends),
    )


def _held(composition: Composition) -> list[Invariant]:
    return [
        one for one in composition.invariants() if not one.event or one.event in composition.events
    ]


def _without(composition: Composition, events: AbstractSet[str]) -> Composition:
    parts = (
        Component(
            part.name,
            tuple(row for row in part.arrows if row.event not in events),
            part.initial,
            part.option,
        )
        for part in composition.components
    )
    return Composition(tuple(parts), composition.options)


def _counted(composition: Composition, what: str, bound: int, kind: Kind) -> Composition:
    """Return a composition with a component that lets events of `kind` happen `bound` times."""
    events = [event for event, found in composition.kinds.items() if found is kind]
    if not bound:
        return _without(composition, frozenset(events))
    left = _made(what, {f"{bound - used}_LEFT": used for used in range(bound + 1)})
    rows = [
        Arrow("S0", "B14", event, source, target, kind)
        for event in events
        for source, target in pairwise(left)
    ]
    counter = Component(what, tuple(rows), left[0])
    return Composition((*composition.components, counter), composition.options)


def _made(name: str, members: Mapping[str, object]) -> list[Enum]:
    kind = cast("type[Enum]", Enum(name, dict(members)))
    return list(kind)


class _Pool:
    """The identities of the network that is joined, and who has them; card 0 is nobody."""

    def __init__(self, cards: int, identities: int) -> None:
        ways = list(product(range(cards + 1), repeat=identities))
        names = {"_".join(f"OF_{card}" if card else "FREE" for card in way): way for way in ways}
        self._states = dict(zip(ways, _made("SharedPool", names), strict=True))

    def of(self, card: int) -> set[Enum]:
        """Return the states in which the card has an identity; 0: in which one is free."""
        return {state for way, state in self._states.items() if card in way}

    def not_of(self, card: int) -> set[Enum]:
        """Return the states in which it has none; 0: in which none is free."""
        return set(self._states.values()) - self.of(card)

    def needs(self, needs: Needs, card: int) -> Needs:
        """Return a condition of one card as that of the card of this number."""
        states = {Pool.AVAILABLE: self.of(0), Pool.EXHAUSTED: self.not_of(0)}
        own: Needs = {f"{name}_{card}": some for name, some in needs.items() if name != "pool"}
        if "pool" in needs:
            own["pool"] = {state for one in states if one in needs["pool"] for state in states[one]}
        return own

    def component_of_card(self, part: Component, card: int) -> Component:
        """Return a component of one card as that of the card of this number."""
        rows = tuple(
            replace(row, event=f"{row.event}_{card}", needs=self.needs(row.needs, card))
            for row in part.arrows
        )
        return Component(f"{part.name}_{card}", rows, part.initial, part.option)

    def invariant(self, one: Invariant, card: int) -> Invariant:
        """Return an invariant of one card as that of the card of this number."""
        return replace(
            one,
            sentence=f"{one.sentence} (card {card})",
            never=tuple(self.needs(needs, card) for needs in one.never),
            witness=self.needs(one.witness, card),
            event=f"{one.event}_{card}" if one.event else "",
        )

    def component(self, cards: Iterable[int]) -> Component:
        """Return the table: the first free identity is given; what comes back is free at once."""
        rows = [
            Arrow("S2", cites, f"{event}_{card}", source, self._states[after], kind)
            for card in cards
            for event, cites, kind in SHARING
            for way, source in self._states.items()
            if (after := _after(event, way, card)) is not None
        ]
        return Component("pool", tuple(rows), next(iter(self._states.values())))

    def invariants(self, cards: Sequence[int]) -> Iterator[Invariant]:
        """Yield what must never be between cards."""
        one, other = cards[0], cards[-1]
        first_of_other = {state for way, state in self._states.items() if way[0] == other}
        apart: list[Needs] = []
        for card in cards:
            apart.append({f"home_joined_{card}": HOLDING, "pool": self.not_of(card)})
            apart.append({f"home_joined_{card}": set(Record) - HOLDING, "pool": self.of(card)})
        yield Invariant(
            "B05 B07 E10",
            "an identity is one card's exactly while the register holds it for that card",
            never=tuple(apart),
            witness={f"home_joined_{one}": {Record.RELEASED}, "pool": first_of_other},
        )
        yield Invariant(
            "B07",
            "a card whose identity went to another card is not attached with it",
            never=tuple(
                {f"device_{card}": {Device.ATTACHED_JOINED}, "pool": self.not_of(card)}
                for card in cards
            ),
            witness={
                f"card_{one}": NEW_IN_USE,
                f"home_joined_{one}": {Record.RELEASED},
                f"device_{other}": {Device.ATTACHED_JOINED},
                "pool": first_of_other,
            },
        )
        yield Invariant(
            "E11",
            "a register that has a free identity does not say that it has none",
            never=({"pool": self.of(0)},),
            witness={"pool": self.not_of(0)},
            moment=Moment.BEFORE,
            event=f"refuse_exhausted_{other}",
        )


def _after(event: str, way: tuple[int, ...], card: int) -> tuple[int, ...] | None:
    """Return who has the identities after `event` of `card`; None where it cannot happen."""
    match event:
        case "refuse_exhausted":
            return None if 0 in way else way
        case "provide_identity" | "garble_identity":
            if 0 not in way:
                return None
            free = way.index(0)
            return (*way[:free], card, *way[free + 1 :])
    return tuple(0 if holder == card else holder for holder in way)
