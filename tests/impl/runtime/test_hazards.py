"""Whatever goes wrong at once: messages lost, doubled and late, parties that die (B02 to B12, B14).

Two users change at once while anything happens to any message on any link, and any party dies at
any moment. At rest each card is of one network on which all parties agree, and can change again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from impl.runtime.deaths import Death, Deaths
from impl.runtime.deployment import NETWORKS, NetworkPlan
from impl.runtime.simulation import Frame

FIRST, SECOND, THIRD = NETWORKS
MESSAGES = 260
"""Of two changes at once, about."""
PARTIES = (
    "application-server",
    *(f"HLR {plan.plmn}" for plan in (FIRST, SECOND)),
    *(f"SMSC {plan.plmn}" for plan in (FIRST, SECOND)),
    "device 1",
)
MOMENTS = 40
"""Of one party in two changes, about."""


@dataclass
class Fates:
    """Filter: what becomes of each message, by how many came before it."""

    delays_s: Mapping[int, tuple[float, ...]]
    """After how long each copy arrives; none where it is lost."""
    count: int = 0

    def __call__(self, frame: Frame) -> list[tuple[float, Frame]]:
        """Say what becomes of a message."""
        delays_s = self.delays_s.get(self.count, (0.0,))
        self.count += 1
        return [(delay_s, frame) for delay_s in delays_s]


LATE_S = st.sampled_from((0.0, 0.5, 5.0, 61.0, 400.0))
FATES = st.dictionaries(
    st.integers(0, MESSAGES), st.lists(LATE_S, max_size=2).map(tuple), max_size=8
)
DEATHS = st.lists(st.builds(Death, st.sampled_from(PARTIES), st.integers(1, MOMENTS)), max_size=2)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    delays_s=FATES,
    deaths=DEATHS,
    absent_s=st.sampled_from((0.0, 15.0)),
    wish=st.sampled_from((SECOND, THIRD)),
)
def test_whatever_goes_wrong_together_all_parties_agree_in_the_end(
    begin, delays_s, deaths, absent_s, wish
):
    with begin() as trial:
        world, another = trial.world, trial.world.subscribe(FIRST.plmn)
        world.settle()
        fates = Fates(delays_s)
        world.simulation.filters.append(fates)
        mortal = Deaths(world, deaths, absent_s)
        trial.ask(wish)
        trial.ask(SECOND, another)
        world.settle()
        world.simulation.filters.remove(fates)
        mortal.end()
        home = demand_one_network(trial, trial.user, wish)
        demand_one_network(trial, another, SECOND)
        onward = FIRST if home is wish else wish
        trial.change(onward)
        assert trial.standing() == trial.settled_in(onward)


def demand_one_network(trial: Any, user: Any, wish: NetworkPlan) -> NetworkPlan:
    """Return the network whose subscriber the user is, as all parties say."""
    home = wish if trial.world.networks[wish.plmn].register.knows(user.profile.iccid) else FIRST
    assert trial.standing(user) == trial.settled_in(home)
    return home


def test_without_any_fault_both_change(begin):
    with begin() as trial:
        another = trial.world.subscribe(FIRST.plmn)
        trial.world.settle()
        fates = Fates({})
        trial.world.simulation.filters.append(fates)
        trial.ask(THIRD)
        trial.ask(SECOND, another)
        trial.world.settle()
        assert demand_one_network(trial, trial.user, THIRD) is THIRD
        assert demand_one_network(trial, another, SECOND) is SECOND
        assert fates.count > MESSAGES / 2
