"""The simulation: one seed, one run; links, timers and faults."""

from collections.abc import Callable

import pytest

from impl.events import (
    Arrived,
    Command,
    Event,
    Expired,
    Interface,
    Peer,
    Send,
    SetTimer,
    Started,
    StopTimer,
)
from impl.runtime.simulation import EPOCH_S, Simulation, UnboundedError

TO_A, TO_B = Peer(Interface.GSUP, "a"), Peer(Interface.GSUP, "b")


class Scripted:
    """A node that notes what happens and answers as it is told."""

    def __init__(self, answer: Callable[[Event], list[Command]] = lambda _: []) -> None:
        self.seen: list[Event] = []
        self.answer = answer

    def handle(self, event: Event) -> list[Command]:
        self.seen.append(event)
        return self.answer(event)

    @property
    def heard(self) -> list[bytes]:
        return [event.octets for event in self.seen if isinstance(event, Arrived)]


def joined() -> tuple[Simulation, Scripted, Scripted]:
    simulation, a, b = Simulation(0), Scripted(), Scripted()
    simulation.add("a", a)
    simulation.add("b", b)
    simulation.connect(("a", TO_B), ("b", TO_A))
    return simulation, a, b


def test_a_node_is_started_when_it_is_added():
    _, a, _ = joined()
    assert a.seen == [Started()]


def test_messages_arrive_in_order_after_the_delay_of_the_link():
    simulation, _, b = joined()
    simulation.perform("a", [Send(TO_B, b"one"), Send(TO_B, b"two")])
    simulation.run()
    assert b.seen[1:] == [Arrived(TO_A, b"one"), Arrived(TO_A, b"two")]
    assert simulation.now_s == pytest.approx(0.01)


def test_sending_without_a_link_is_our_own_mistake():
    simulation, _, _ = joined()
    with pytest.raises(LookupError, match="no link"):
        simulation.perform("a", [Send(TO_A, b"to myself")])


def test_a_timer_runs_out_once():
    simulation, a, _ = joined()
    simulation.perform("a", [SetTimer("t", 5.0)])
    simulation.run()
    assert a.seen[1:] == [Expired("t")]
    assert simulation.surroundings("a").now() == EPOCH_S + 5.0


def test_a_timer_that_was_stopped_does_not_run_out_and_takes_no_time():
    simulation, a, _ = joined()
    simulation.perform("a", [SetTimer("t", 5.0), StopTimer("t")])
    simulation.run()
    assert a.seen[1:] == []
    assert simulation.now_s == 0.0


def test_a_timer_that_is_set_anew_runs_out_only_then():
    simulation, a, _ = joined()
    simulation.perform("a", [SetTimer("t", 5.0), SetTimer("t", 7.0)])
    simulation.run()
    assert a.seen[1:] == [Expired("t")]
    assert simulation.now_s == 7.0


def test_idle_timers_run_out_in_their_order_only_while_something_else_goes_on():
    simulation, a, _ = joined()
    idle = SetTimer("idle", 3.0, is_idle=True)
    simulation.perform("a", [idle, SetTimer("never", 2.0, is_idle=True), StopTimer("never")])
    simulation.run()
    assert (a.seen[1:], simulation.now_s) == ([], 0.0)
    simulation.perform("a", [SetTimer("first", 2.0), SetTimer("last", 4.0)])
    simulation.run()
    assert a.seen[1:] == [Expired("first"), Expired("idle"), Expired("last")]
    assert simulation.now_s == 4.0


def test_what_an_idle_timer_began_while_somebody_waited_is_brought_to_its_end():
    simulation, a, b = joined()
    a.answer = lambda event: [Send(TO_B, b"x")] * (event == Expired("idle"))
    simulation.perform("a", [SetTimer("idle", 3.0, is_idle=True)])
    simulation.wait(2.9)
    assert (a.seen[1:], simulation.now_s) == ([], 2.9)
    simulation.wait(0.1)
    assert (a.seen[1:], b.heard) == ([Expired("idle")], [b"x"])


def test_a_node_that_takes_the_place_of_another_has_none_of_its_timers():
    simulation, _, _ = joined()
    simulation.perform("a", [SetTimer("t", 5.0)])
    successor = Scripted()
    simulation.add("a", successor)
    simulation.run()
    assert successor.seen == [Started()]


def test_two_nodes_that_never_stop_talking_hit_the_bound():
    simulation, a, b = joined()
    for node in (a, b):
        node.answer = lambda event: (
            [Send(TO_A if event.source == TO_A else TO_B, b"!")]
            if isinstance(event, Arrived)
            else []
        )
    simulation.perform("a", [Send(TO_B, b"!")])
    with pytest.raises(UnboundedError):
        simulation.run(events=100)


def test_filters_lose_double_and_delay_and_taps_see_what_was_lost():
    simulation, _, b = joined()
    taken = []
    simulation.taps.append(lambda frame, *, delivered: taken.append((frame.octets, delivered)))
    fate = {b"lost": [], b"doubled": [0.0, 0.0], b"late": [9.0], b"plain": [0.0]}
    simulation.filters.append(lambda frame: [(extra, frame) for extra in fate[frame.octets]])
    simulation.perform("a", [Send(TO_B, octets) for octets in fate])
    simulation.run()
    assert b.heard == [b"doubled", b"doubled", b"plain", b"late"]
    assert taken == [(b"lost", False), (b"doubled", True), (b"late", True), (b"plain", True)]


def test_randomness_is_the_seeds_and_each_nodes_own():
    draw = [
        Simulation(seed).surroundings(name).random_octets(8) for seed in (1, 2) for name in "ab"
    ]
    assert len(set(draw)) == 4
    assert Simulation(1).surroundings("a").random_octets(8) == draw[0]


def test_whoever_decides_what_arrives_next_sees_each_way_in_its_order():
    simulation, a, b = joined()
    simulation.perform("a", [Send(TO_B, b"one"), Send(TO_B, b"two")])
    simulation.perform("b", [Send(TO_A, b"back")])
    ways = simulation.under_way()
    assert [[frame.message for frame in frames] for frames in ways.values()] == [
        [b"one", b"two"],
        [b"back"],
    ]
    simulation.let_arrive(ways["b", TO_A][0])
    assert (a.heard, b.heard) == ([b"back"], [])
    simulation.run()
    assert b.heard == [b"one", b"two"]
    assert simulation.under_way() == {}


def test_what_arrives_early_does_not_turn_time_back():
    simulation, _, b = joined()
    simulation.filters.append(lambda frame: [(1.0 if frame.message == b"late" else 0.0, frame)])
    simulation.perform("a", [Send(TO_B, b"late"), Send(TO_B, b"soon")])
    late = next(f for f in simulation.under_way()["a", TO_B] if f.message == b"late")
    simulation.let_arrive(late)
    simulation.run()
    assert b.heard == [b"late", b"soon"]
    assert simulation.now_s == pytest.approx(1.01)


def test_a_double_for_later_lives_stands_in_for_each_of_them():
    simulation, _, _ = joined()
    doubled = []
    simulation.double("a", lambda node: doubled.append(node) or node, in_later_lives=True)
    simulation.double("b", lambda node: doubled.append(node) or node)
    for name in ("a", "b"):
        simulation.remove(name)
        simulation.add(name, Scripted())
    assert len(doubled) == 3
