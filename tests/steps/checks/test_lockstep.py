import pytest

from impl.card.pairs import Pairs
from model.compile import Space
from model.system import compose
from steps.checks.lockstep import Lockstep, Mode, as_data
from steps.checks.replay import as_feature, replay
from steps.driver import Setup
from steps.drivers import load
from steps.drivers.patched import Patch, with_patches

WRONG_CARD = with_patches(Patch(Pairs, "erase", lambda *_: None))


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("system", ["modelled", "simulated"])
def test_a_right_system_never_differs_and_always_comes_to_agree(system, mode):
    lockstep = Lockstep(load(system), Setup(seed=1), Space(compose()), mode)
    assert lockstep.run(seed=3, walks=8, length=30) is None
    assert lockstep.walks >= 8
    assert lockstep.happened["take_request"]
    data = as_data(lockstep)
    assert data["difference"] is None
    assert {one["event"] for one in data["events"]} == set(compose().events)


def test_all_events_of_the_model_come_up_in_walks_of_itself():
    lockstep = Lockstep(load("modelled"), Setup(seed=1), Space(compose()), Mode.GUARDED)
    assert lockstep.run(seed=1, walks=60, length=60) is None
    assert len(lockstep.never) < len(compose().events) // 4


def test_a_wrong_card_is_found_and_the_trace_that_is_printed_fails_by_itself():
    space = Space(compose())
    lockstep = Lockstep(WRONG_CARD, Setup(seed=1), space, Mode.GUARDED)
    found = lockstep.run(seed=2, walks=30, length=40)
    assert found is not None
    assert "card" in "; ".join(found.found)
    assert len(found.trace) < 16
    again = replay(WRONG_CARD, Setup(seed=1), space, found.trace)
    assert again is not None
    assert again.found == found.found
    assert replay(load("simulated"), Setup(seed=1), space, found.trace) is None
    assert f"When nothing but {found.trace[0]} happens" in as_feature(
        found.trace, found.event, found.found
    )
