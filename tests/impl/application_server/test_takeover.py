"""Several servers over one database, by a clock that obeys: what one leaves undone another does."""

from copy import copy

import pytest

from impl.application_server.change import State
from impl.application_server.config import ApplicationServerConfig
from impl.application_server.server import ApplicationServer
from impl.errors import MalformedError
from impl.events import Interface, Peer
from impl.messages import InformLeft, ReserveIdentity
from impl.outbox import FIRST_WAIT_S, TAKEOVER_TIMER
from impl.values import MSISDN, Secret

HLR1, HLR2 = Peer(Interface.OPERATOR, "20801"), Peer(Interface.OPERATOR, "26202")
TAKEOVER_S = 5.0
LONGEST_S = FIRST_WAIT_S + 2 * TAKEOVER_S
"""After which at the latest another server has said what one left unsaid."""


@pytest.fixture
def pair(begin):
    """Return two benches, each with a server of its own over the one database."""
    bench = begin(takeover_s=TAKEOVER_S)
    other = copy(bench)
    other.timers = {}
    other.server = ApplicationServer(other.config, other.store, other)
    other.start()
    return bench, other


def run(benches, seconds):
    """Let time pass for all of them."""
    end = benches[0].time + seconds
    while running := [one for one in benches if one.timers]:
        next_one = min(running, key=lambda one: min(one.timers.values()))
        at = min(next_one.timers.values())
        if at > end:
            break
        for each in benches:
            each.time = at
        next_one.wait()
    for each in benches:
        each.time = end


def count(bench, peer, kind):
    return len([one for one in bench.told(peer) if isinstance(one, kind)])


def test_two_that_live_say_everything_as_often_as_one_would(pair, begin):
    alone = begin()
    alone.request()
    run([alone], 2000)
    pair[0].request()
    run(pair, 2000)
    assert count(pair[0], HLR2, ReserveIdentity) == count(alone, HLR2, ReserveIdentity) == 3
    assert pair[1].change.state == alone.change.state


def test_what_one_did_not_say_before_it_died_the_other_says(pair):
    dead, other = pair
    dead.request()
    dead.sent.clear()  # nobody ever heard it
    run([other], FIRST_WAIT_S)
    assert count(other, HLR2, ReserveIdentity) == 0
    run([other], LONGEST_S - FIRST_WAIT_S)
    assert count(other, HLR2, ReserveIdentity) == 1
    other.provide()
    assert other.change.state is State.SENT


def test_the_timer_of_a_change_is_taken_over_too(pair):
    dead, other = pair
    dead.request()
    dead.provide()
    assert (dead.change.state, dead.change.attempts) == (State.SENT, 1)
    other.time = dead.time
    run([other], other.config.resend_after_s + TAKEOVER_S - 0.1)
    assert other.change.attempts == 1
    run([other], TAKEOVER_S + 0.1)
    assert other.change.attempts == 2


def test_a_timer_that_ran_out_after_the_other_server_did_its_work_does_nothing(pair):
    slow, other = pair
    slow.request()
    slow.provide()
    run([other], 140)
    assert other.change.attempts == 2
    name = f"change/{other.change.transaction}"
    slow.timers = {name: 140.0}
    slow.wait()
    assert slow.change.attempts == 2
    assert slow.timers == {name: other.timers[name]}  # it waits with the other


def test_an_answer_to_one_ends_what_the_other_asks(pair):
    one, other = pair
    one.request()
    one.provide()
    one.report()
    run(pair, 1)
    assert State(one.change.state) is State.PERSONALIZED
    run(pair, 2 * LONGEST_S)
    assert count(one, HLR2, ReserveIdentity) == 1
    assert count(one, HLR1, InformLeft) == 0
    assert other.change.state is State.PERSONALIZED


def test_a_server_that_is_alone_looks_for_nothing(begin):
    bench = begin()
    assert TAKEOVER_TIMER not in bench.timers
    assert bench.timers == {}


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_a_time_that_is_none_is_refused(seconds):
    with pytest.raises(MalformedError, match="takeover_s"):
        ApplicationServerConfig(MSISDN("33700"), Secret(bytes(32)), {}, takeover_s=seconds)
