from random import Random

import pytest

from model.compile import MOST_COMBINATIONS, Packing, Space, clusters
from model.errors import ForbiddenTransitionError
from model.system import System, compose
from model.table import Option

ALL_OPTIONS = [
    (variant, asking)
    for variant in (Option.HARDENED, Option.LITERAL)
    for asking in (Option.ACKNOWLEDGED, Option.UNACKNOWLEDGED)
]
STEPS_OF_A_WALK = 1500


def label(options: tuple[Option, Option]) -> str:
    return "-".join(option.name.lower() for option in options)


@pytest.mark.parametrize("options", ALL_OPTIONS, ids=label)
def test_the_compiled_tables_walk_as_the_machines_do(options: tuple[Option, Option]) -> None:
    composition = compose(*options)
    space, random = Space(composition), Random(0)
    system, packed = System(composition, invariants=[]), space.initial
    for _ in range(STEPS_OF_A_WALK):
        steps = {step.event: step for step in space.steps(packed)}
        assert set(steps) == set(system.enabled())
        refused = random.choice(sorted(composition.events.keys() - steps.keys()))
        with pytest.raises(ForbiddenTransitionError):
            system.fire(refused)
        event = random.choice(sorted(steps))
        system.fire(event)
        packed += steps[event].added
        assert space.packing.unpack(packed) == system.state


def test_a_state_survives_packing() -> None:
    composition = compose()
    packing, random = Packing(composition), Random(0)
    for _ in range(100):
        state = {part.name: random.choice(part.states) for part in composition.components}
        assert packing.unpack(packing.pack(state)) == state


def test_two_states_never_pack_alike() -> None:
    composition = compose()
    packing = Packing(composition)
    singles = [
        packing.pack({**composition.initial, part.name: state})
        for part in composition.components
        for state in part.states
    ]
    different = sum(len(part.states) - 1 for part in composition.components) + 1
    assert len(set(singles)) == different


def test_a_state_may_leave_components_out() -> None:
    composition = compose()
    packing = Packing(composition)
    assert packing.pack({}) == 0
    assert packing.pack(composition.initial) & packing.mask({"card"}) == packing.pack(
        {"card": composition.initial["card"]}
    )


def test_what_reads_much_the_same_is_grouped_and_what_reads_much_is_not() -> None:
    packing = Packing(compose())
    everything = frozenset(part.name for part in compose().components)
    assert packing.combinations(everything) > MOST_COMBINATIONS
    reads = {"a": frozenset({"card"}), "b": frozenset({"card", "pool"}), "c": everything}
    assert clusters(reads, packing) == [
        (("a", "b"), frozenset({"card", "pool"})),
        (("c",), everything),
    ]


def test_rows_are_noted_when_they_are_drawn() -> None:
    space = Space(compose())
    assert not space.fired
    assert "take_request" not in {step.event for step in space.steps(space.initial)}
    assert "take_request" not in {row.event for row in space.fired}
    assert "request_change" in {row.event for row in space.fired}
