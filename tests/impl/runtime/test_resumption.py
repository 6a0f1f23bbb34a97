import pytest

from impl.errors import StoreBusyError, StoreLostError
from impl.events import Arrived, Expired, Interface, Peer, Reconnected, SetTimer, Started
from impl.runtime.resumption import AGAIN_S, RESUME, taken_as, when_lost

PEER = Peer(Interface.GSUP, "vlr")
ARRIVED, LEASE = Arrived(PEER, b"question"), Expired("lease")
TIMER, START = SetTimer("lease", AGAIN_S), SetTimer(RESUME, AGAIN_S)


@pytest.mark.parametrize(
    ("event", "error", "expected"),
    [
        (ARRIVED, OSError("disk full"), []),
        (ARRIVED, StoreBusyError(), []),
        (ARRIVED, StoreLostError(), [START]),
        (Reconnected(PEER), StoreLostError(), [START]),
        (LEASE, OSError("disk full"), [TIMER]),
        (LEASE, StoreLostError(), [TIMER, START]),
        (Started(), OSError("disk full"), [START]),
        (Started(), StoreLostError(), [START]),
    ],
)
def test_what_nobody_would_say_again_happens_again(event, error, expected):
    assert when_lost(event, error) == expected


@pytest.mark.parametrize("event", [ARRIVED, LEASE, Reconnected(PEER), Started()])
def test_events_are_what_they_are(event):
    assert taken_as(event) is event


def test_the_timer_of_a_resumption_is_a_start():
    assert taken_as(Expired(RESUME)) == Started()
