from collections import Counter

from model.compile import Space
from model.suites import Goal, What
from model.system import compose
from steps.checks.coverage import Coverage, Walks, summary
from steps.checks.script import LockstepError, Refused
from steps.driver import Setup
from steps.drivers import load

LOST = Goal(What.FAULT, "lose_notice", "in CONNECTED")


def walks(**bounds):
    return Walks(load("modelled"), Setup(), Space(compose()), **bounds)


def test_a_walk_is_kept_as_far_as_it_met_something():
    def way(walk):
        walk.step("ask_centre")
        made.note(walk)
        walk.step("take_request")
        return "there"

    made = walks()
    assert made.go(way) == "there"
    assert made.go(lambda _: None) is None
    assert made.coverage.trails == [("ask_centre",)]
    assert made.coverage.walks == 2


def test_what_was_tried_in_vain_is_no_event_of_a_trail():
    def way(walk):
        walk.refuse("hear_done")
        walk.step("ask_centre")
        made.note(walk)

    made = walks()
    made.go(way)
    assert made.coverage.trails == [("ask_centre",)]


def test_a_difference_ends_a_walk_and_then_all():
    def way(_):
        raise LockstepError("fly", ["it flew"], ["walk", "fly"])

    made = walks()
    assert made.go(way) is None
    assert made.are_over
    assert made.coverage.differences[0].trace == ("walk", "fly")
    assert not made.coverage.is_complete


def test_walks_are_over_after_so_many_steps():
    made = walks(most_steps=3)
    assert not made.are_over
    made.coverage.steps = 3
    assert made.are_over


def test_what_is_out_of_reach_is_complete_and_what_is_neither_met_nor_that_is_not():
    coverage = Coverage(Counter({What.FAULT: 2}), Counter({What.FAULT: 1}), {LOST: "bound"})
    assert coverage.is_complete
    assert summary(coverage) == {What.FAULT.value: "1 of 2, 1 out of reach"}
    coverage.hidden.clear()
    assert not coverage.is_complete


def test_only_what_never_had_anything_to_be_tried_with_is_untried():
    other = LOST._replace(event="lose_report")
    coverage = Coverage(refused={LOST: Refused.ABSENT, other: Refused.NOWHERE})
    assert coverage.untried() == [LOST]
    assert coverage.by_how() == {Refused.ABSENT: 1, Refused.NOWHERE: 1}
