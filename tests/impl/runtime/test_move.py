"""A card that has changed networks before its report got out reports through the joined one."""

from __future__ import annotations

import pytest

from impl.application_server.change import State
from impl.codec.personalization import Outcome
from impl.codec.relay import RpData, decode_rp
from impl.events import Interface, Peer, Send
from impl.runtime.deployment import NETWORKS
from impl.runtime.interference import Kind, LossFault

FIRST, SECOND, _ = NETWORKS


def moved(trial):
    """Let the card change and move while its report and the confirmation are lost."""
    world, kept = trial.world, []

    def hold(frame):
        is_sent = frame.sender == trial.user.name and frame.target.interface is Interface.SM
        relay = decode_rp(frame.message, from_network=False) if is_sent else None
        if not isinstance(relay, RpData) or trial.user.terminal.serving_network != FIRST.plmn:
            return [(0.0, frame)]
        kept.append(frame.message)
        return []

    world.simulation.filters += [hold, LossFault(Kind.CONFIRMATION)]
    centre = world.networks[SECOND.plmn]
    asked = centre.centre.request(trial.user.profile.iccid, user_agreed=True)
    world.perform(centre.centre_name, asked)
    while trial.user.terminal.serving_network != SECOND.plmn:
        world.simulation.step()
    return kept[0]


@pytest.mark.parametrize(
    ("plan", "state", "outcome"),
    [(SECOND, State.PERSONALIZED, Outcome.DONE), (FIRST, State.SENT, None)],
    ids=["the joined network", "the left network"],
)
def test_what_it_says_is_taken_from_the_network_where_it_is(begin, plan, state, outcome):
    with begin() as trial:
        report = moved(trial)
        user, simulation = trial.user, trial.world.simulation
        trial.world.perform(user.name, [Send(Peer(Interface.SM, plan.plmn), report)])
        until_s = simulation.now_s + 1
        while simulation.now_s < until_s:
            simulation.step()
        (change,) = trial.world.server.changes()
        assert (change.state, change.report) == (state, outcome)
        simulation.filters.clear()
        trial.world.settle()
        assert trial.standing() == trial.settled_in(SECOND)
