import pytest

from impl.codec.gsup import Gsup, GsupType
from impl.events import Arrived, Expired, Interface, Peer, Reconnected, Send, SetTimer, Started
from impl.runtime.simulation import UnboundedError
from impl.served import loopback
from impl.served.loopback import Loopback
from impl.values import IMSI

REGISTER, VLR = Peer(Interface.GSUP, "hlr"), Peer(Interface.GSUP, "vlr")
REQUEST = Gsup(GsupType.SEND_AUTH_INFO_REQUEST, imsi=IMSI("208010000000001")).encode()


@pytest.fixture
def runtime():
    made = Loopback(0)
    yield made
    made.close()


@pytest.fixture
def pair(runtime, make_node):
    """A register and a VLR, joined."""
    register, vlr = make_node(), make_node()
    runtime.connect(("HLR", VLR), ("VLR", REGISTER))
    runtime.add("HLR", register)
    runtime.add("VLR", vlr)
    runtime.run()
    return register, vlr


def arrivals(node):
    return [one for one in node.events if isinstance(one, Arrived)]


def test_a_message_crosses_a_socket(runtime, pair):
    register, _ = pair
    runtime.perform("VLR", [Send(REGISTER, REQUEST)])
    runtime.run()
    assert arrivals(register) == [Arrived(VLR, REQUEST)]


def test_both_ends_hear_that_they_are_joined(pair):
    register, vlr = pair
    assert register.events == [Started(), Reconnected(VLR)]
    assert vlr.events == [Started(), Reconnected(REGISTER)]


def test_a_filter_loses_doubles_and_delays(runtime, pair):
    register, _ = pair
    seen = []
    runtime.taps.append(lambda _, delivered: seen.append(delivered))
    runtime.filters.append(lambda _: [])
    runtime.perform("VLR", [Send(REGISTER, REQUEST)])
    runtime.run()
    assert (arrivals(register), seen) == ([], [False])
    runtime.filters[:] = [lambda frame: [(0.0, frame), (3600.0, frame)]]
    runtime.perform("VLR", [Send(REGISTER, REQUEST)])
    before_s = runtime.now_s
    runtime.run()
    assert len(arrivals(register)) == 2
    assert seen == [False, True]
    assert runtime.now_s >= before_s + 3600


def test_a_run_goes_on_until_no_timer_runs(runtime, pair):
    register, _ = pair
    runtime.perform("HLR", [SetTimer("lease", 86_400.0)])
    runtime.run()
    assert register.events[-1] == Expired("lease")
    assert runtime.now_s >= 86_400


def test_an_idle_timer_keeps_no_run_going_and_runs_out_while_somebody_waits(runtime, pair):
    register, _ = pair
    runtime.perform("HLR", [SetTimer("idle", 3.0, is_idle=True)])
    runtime.run()
    assert Expired("idle") not in register.events
    began_s = runtime.now_s
    runtime.wait(3.0)
    assert register.events[-1] == Expired("idle")
    assert runtime.now_s == pytest.approx(began_s + 3.0)


def test_what_never_rests_is_unbounded(runtime, make_node, monkeypatch):
    monkeypatch.setattr(loopback, "MOST_SECONDS", 100.0)

    class Restless(make_node):
        def handle(self, event):
            del event
            return [SetTimer("again", 1.0)]

    runtime.add("HLR", Restless())
    with pytest.raises(UnboundedError):
        runtime.run()


def test_a_node_that_dies_hears_nothing_and_its_peer_learns_it(runtime, pair):
    register, vlr = pair
    runtime.remove("HLR")
    runtime.perform("VLR", [Send(REGISTER, REQUEST)])
    runtime.run()
    assert not arrivals(register)
    assert vlr.events.count(Reconnected(REGISTER)) == 2


def test_a_node_that_lives_again_is_joined_again(runtime, pair, make_node):
    _, vlr = pair
    second = make_node()
    runtime.remove("HLR")
    runtime.add("HLR", second)
    runtime.run()
    runtime.perform("VLR", [Send(REGISTER, REQUEST)])
    runtime.run()
    assert arrivals(second) == [Arrived(VLR, REQUEST)]
    assert len(arrivals(vlr)) == 0


def test_a_double_takes_what_comes(runtime, pair, make_node):
    register, _ = pair
    double = make_node()
    runtime.double("HLR", lambda node: double if node is register else node)
    runtime.perform("VLR", [Send(REGISTER, REQUEST)])
    runtime.run()
    assert arrivals(double)
    assert not arrivals(register)


def test_what_was_said_is_said_again(runtime, pair):
    register, _ = pair
    runtime.repeat("VLR", "HLR", REQUEST)
    runtime.repeat("HLR", "HLR", REQUEST)
    runtime.run()
    assert len(arrivals(register)) == 1


def test_randomness_is_the_seed_s(runtime):
    other = Loopback(0)
    assert runtime.surroundings("x").random_octets(8) == other.surroundings("x").random_octets(8)
    assert runtime.surroundings("x").random_octets(8) != runtime.surroundings("y").random_octets(8)
    other.close()
