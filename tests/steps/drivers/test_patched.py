"""Patches: the implementation is wrong for as long as one scenario lasts."""

import pytest

from steps.driver import Setup
from steps.drivers import demand_driver
from steps.drivers.patched import Patch, with_patches
from steps.drivers.simulated_parties import World


class Right:
    def answer(self):
        return "right"

    def more(self):
        return "more"


def wrong(self):
    del self
    return "wrong"


PATCH = Patch(Right, "answer", wrong)


def test_a_patched_system_is_a_driver_in_a_world_where_something_is_wrong():
    made = with_patches(PATCH)(Setup())
    demand_driver(made, "patched")
    assert Right().answer() == "wrong"
    made.close()
    assert Right().answer() == "right"


def test_several_patches_come_and_go_together():
    made = with_patches(PATCH, Patch(Right, "more", 1) if False else PATCH)(Setup())
    made.close()
    assert Right().answer() == "right"


def test_a_world_that_cannot_be_made_leaves_nothing_wrong_behind(monkeypatch):
    def fail(*arguments, **facts):
        raise RuntimeError(*arguments, facts)

    monkeypatch.setattr(World, "__init__", fail)
    with pytest.raises(RuntimeError):
        with_patches(PATCH)(Setup())
    assert Right().answer() == "right"


def test_a_world_that_cannot_be_closed_leaves_nothing_wrong_behind(monkeypatch):
    def fail(world):
        del world
        raise RuntimeError

    made = with_patches(PATCH)(Setup())
    with monkeypatch.context() as patch:
        patch.setattr(World, "close", fail)
        with pytest.raises(RuntimeError):
            made.close()
    assert Right().answer() == "right"
    made.world.close()


def test_what_is_not_there_cannot_be_replaced():
    with pytest.raises(AttributeError):
        with_patches(Patch(Right, "nothing", wrong))(Setup())
