import pytest

from steps.driver import Setup, UnsupportedError
from steps.drivers import load
from steps.stepped import stepped


@pytest.mark.parametrize("system", ["modelled", "simulated", "shadowed"])
def test_a_system_that_is_carried_on_by_events_is_what_it_is(system):
    driver = load(system)(Setup(seed=1))
    stepped(driver).happen("request_change")
    stepped(driver).try_in_vain("hear_done")
    assert stepped(driver).comes_to_agree()
    if system != "shadowed":
        driver.close()


def test_a_system_that_is_not_says_so():
    with pytest.raises(UnsupportedError, match="event by event"):
        stepped(object())
