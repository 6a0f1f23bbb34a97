"""The simulated system as a whole: a driver, made anew for each scenario, and let go of."""

from steps.driver import Means, Message, Network, Setup, Standing, User
from steps.drivers import calls, demand_driver
from steps.drivers.simulated import SimulatedDriver, factory


def test_the_factory_makes_a_driver():
    made = factory(Setup())
    demand_driver(made, "simulated")
    made.close()


def test_every_call_of_the_driver_is_answered_by_the_simulation_itself():
    inherited = {name for name in calls() if name not in dir(SimulatedDriver)}
    assert inherited == set()


def test_the_seed_is_the_worlds_and_another_seed_makes_another_world():
    exchanges = []
    for seed in (3, 3, 4):
        made = factory(Setup(seed=seed))
        made.agree(Network.FIRST)
        made.subscribe(Network.FIRST, User.THE_USER)
        exchanges.append(list(made.exchanges()))
        made.close()
    assert exchanges[0] == exchanges[1]
    assert exchanges[0] != exchanges[2]


def test_two_systems_know_nothing_of_each_other(simulated):
    other = factory(Setup())
    simulated.change()
    for network in Network:
        other.agree(network)
    other.subscribe(Network.FIRST, User.THE_USER)
    assert other.standing(User.THE_USER) is Standing.NEVER_ASKED
    assert simulated.standing(User.THE_USER) is Standing.CHANGED
    other.close()


def test_only_the_hardened_server_tells_a_card_to_forget_what_was_given_up():
    packets = {}
    for variant in ("hardened", "literal"):
        made = SimulatedDriver(Setup(options={"variant": variant}))
        made.agree(Network.FIRST)
        made.agree(Network.SECOND)
        made.subscribe(Network.FIRST, User.THE_USER)
        made.lose(Message.PERSONALIZATION, 1000)
        made.request_change(Network.SECOND, Means.MENU, User.THE_USER)
        made.settle()
        assert made.standing(User.THE_USER) is Standing.UNCHANGED
        packets[variant] = made.world.journal.packets_sent()
        made.close()
    assert packets["hardened"] > packets["literal"]
