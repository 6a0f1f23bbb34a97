"""The application server dies, or its store breaks under it, at every instant of a change."""

import pytest

from impl.application_server.change import State
from impl.codec.personalization import Outcome
from impl.codec.smpp import RESPONSES, decode_smpp
from impl.errors import StoreLostError
from impl.events import Interface, Peer, Reconnected
from impl.messages import RefusalReason

TN1, TN2, TN3 = "20801", "26202", "310410"
SMSC1 = Peer(Interface.SMPP, TN1)


@pytest.mark.parametrize(
    "kind",
    [
        "before_commit",
        "after_commit",
        "while it speaks",
        "the store is lost before_commit",
        "the store is lost after_commit",
    ],
)
@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        (Outcome.DONE, State.DONE),
        (Outcome.WRONG_ADMIN_CODE, State.ABANDONED),
        (None, State.ABANDONED),
    ],
)
def test_a_server_that_dies_at_any_instant_loses_nothing_and_does_nothing_twice(
    lives, outcome, end, kind
):
    """Kill it at each commit, before and after, and at each word; start it again; go on.

    Or let it live, and not know what was committed.
    """
    instant = 0
    for instant, trial, parties in lives(outcome, kind):
        (change,) = trial.server.changes()
        assert change.state is end, instant
        assert parties.reserved == {change.transaction}
        assert parties.counters == sorted(set(parties.counters))
        changed = end is State.DONE
        assert parties.deleted == ({change.transaction} if changed else set())
        assert parties.released == (set() if changed else {change.transaction})
        assert trial.timers == {}
        trial.request(source=Peer(Interface.SMPP, TN2 if changed else TN1), plmn=TN3)
        assert (
            trial.server.refusals()[-1].reason is RefusalReason.NO_AGREEMENT
        )  # not that of a foreign network
    assert instant > 6


def lose_the_store():
    raise StoreLostError


def test_a_message_whose_decision_was_lost_with_the_store_never_leaves(bench):
    """A card would take an identity that the server does not know to be given."""
    bench.request()
    bench.acknowledge = lambda _: None  # the centre is silent: a message would wait
    bench.hand(Reconnected(SMSC1))
    bench.store.before_commit = lose_the_store
    bench.provide()
    bench.store.before_commit = None
    assert bench.change.state is State.REQUESTED
    bind = decode_smpp(bench.sent[-1].octets)
    bench.arrive(SMSC1, RESPONSES[type(bind)](0, bind.sequence_number).encode())
    assert bench.submitted() == []
