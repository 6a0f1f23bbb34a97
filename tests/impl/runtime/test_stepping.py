import pytest

from impl.events import Arrived, Expired, Interface, Peer, Send, SetTimer, Started, StopTimer
from impl.runtime.stepping import SteppedSimulation, SteppedWorld

THERE, HERE = Peer(Interface.SM, "there"), Peer(Interface.SM, "here")


class Echo:
    """Sets a timer when something arrives, and notes what happens to it."""

    def __init__(self):
        self.events = []

    def handle(self, event):
        self.events.append(event)
        match event:
            case Started():
                return []
            case Arrived():
                return [SetTimer("wait", 5.0)]
        return []


@pytest.fixture
def simulation():
    made = SteppedSimulation(1)
    made.connect(("one", THERE), ("other", HERE))
    for name in ("one", "other"):
        made.add(name, Echo())
    return made


def heard(simulation, name):
    return [one for one in simulation._nodes[name].events if not isinstance(one, Started)]


def test_it_flows_until_somebody_lets_it_stand(simulation):
    simulation.perform("one", [Send(THERE, b"hello")])
    simulation.run()
    assert heard(simulation, "other") == [Arrived(HERE, b"hello"), Expired("wait")]
    assert simulation.now_s > 5.0


def test_what_the_gate_keeps_arrives_when_it_is_passed_on(simulation):
    kept = []
    simulation.stand(lambda message: not kept.append(message))
    simulation.perform("one", [Send(THERE, b"hello")])
    simulation.run()
    assert not heard(simulation, "other")
    simulation.pass_on(kept[0])
    assert heard(simulation, "other") == [Arrived(HERE, b"hello")]


def test_a_timer_runs_out_when_it_is_told_to_and_only_once(simulation):
    simulation.stand(lambda _: False)
    simulation.perform("one", [Send(THERE, b"hello")])
    simulation.run()
    assert not [one for one in heard(simulation, "other") if isinstance(one, Expired)]
    assert simulation.expire("other", "wait")
    assert heard(simulation, "other").count(Expired("wait")) == 1
    assert not simulation.expire("other", "wait")


def test_a_timer_that_was_stopped_does_not_run_out(simulation):
    simulation.stand(lambda _: False)
    simulation.perform("one", [SetTimer("mine", 1.0), StopTimer("mine")])
    assert not simulation.expire("one", "mine")


def test_timers_of_a_node_that_dies_are_gone(simulation):
    simulation.stand(lambda _: False)
    simulation.perform("one", [SetTimer("mine", 1.0)])
    simulation.remove("one")
    assert not simulation.expire("one", "mine")


def test_once_it_flows_again_timers_run_out_by_themselves(simulation):
    simulation.stand(lambda _: False)
    simulation.perform("one", [SetTimer("mine", 1.0)])
    simulation.flow()
    simulation.step()
    assert heard(simulation, "one") == [Expired("mine")]


def test_what_ran_when_it_began_to_stand_runs_on_when_it_flows(simulation):
    simulation.perform("one", [SetTimer("mine", 3.0), SetTimer("idle", 5.0, is_idle=True)])
    simulation.stand(lambda _: False)
    simulation.flow()
    simulation.run()
    assert (heard(simulation, "one"), simulation.now_s) == ([Expired("mine")], 3.0)
    simulation.wait(2.0)
    assert heard(simulation, "one") == [Expired("mine"), Expired("idle")]


def test_a_world_that_can_stand_has_such_a_simulation():
    world = SteppedWorld(1)
    assert isinstance(world.simulation, SteppedSimulation)
    world.close()
