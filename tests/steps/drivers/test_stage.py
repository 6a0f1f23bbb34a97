import dataclasses

import pytest

from steps.driver import Setup
from steps.drivers import load
from steps.drivers.stage import (
    OnStage,
    PairView,
    Place,
    RecordView,
    Seen,
    ServerView,
    Staged,
    disagreements,
)

STAYED = Seen(
    ServerView.ABANDONED,
    RecordView.ACTIVE,
    RecordView.NOTHING,
    PairView.OLD,
    PairView.NONE,
    Place.LEFT,
)
CHANGED = Seen(
    ServerView.DONE,
    RecordView.NOTHING,
    RecordView.ACTIVE,
    PairView.NEW,
    PairView.NONE,
    Place.JOINED,
)


@pytest.mark.parametrize("end", [STAYED, CHANGED])
def test_all_agree_where_all_stayed_or_all_changed(end):
    assert not list(disagreements(end))


@pytest.mark.parametrize("name", ["left", "joined", "in_use", "device"])
def test_one_that_is_of_another_mind_is_named(name):
    mixed = dataclasses.replace(STAYED, **{name: getattr(CHANGED, name)})
    (told,) = disagreements(mixed)
    assert "does not say that the user has stayed" in told


def test_a_change_that_is_still_open_is_no_end():
    open_still = dataclasses.replace(STAYED, server=ServerView.SENT)
    assert list(disagreements(open_still)) == ["the server does not say that the user has stayed"]


def test_a_driver_with_a_stage_is_staged_and_another_is_not():
    assert isinstance(load("modelled")(Setup(seed=1)), Staged)
    assert not isinstance(object(), Staged)


def test_a_driver_that_promises_a_stage_and_has_none_cannot_be_made():
    class Empty(OnStage):
        pass

    with pytest.raises(TypeError, match=r"abstract method '?stage"):
        Empty()
