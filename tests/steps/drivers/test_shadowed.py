import pytest

from steps.driver import Means, Network, Setup, Standing, UnsupportedError, User
from steps.drivers import calls, load
from steps.drivers.modelled import ModelledDriver
from steps.drivers.shadowed import DivergenceError, ShadowedDriver, beside, factory

FIRST, SECOND = Network.FIRST, Network.SECOND
USER = User.THE_USER


class DeafCard(ModelledDriver):
    """A system that says it did not change."""

    def authenticates_in(self, network: Network, user: User) -> bool:
        return super().authenticates_in(network, user) and network == FIRST


class Bare(ModelledDriver):
    """A system without an option."""

    def use_admin_code_as_key(self) -> None:
        raise UnsupportedError("no such mode")


def prepare(system: type[ModelledDriver] = ModelledDriver) -> ShadowedDriver:
    driver = beside(system)(Setup())
    assert isinstance(driver, ShadowedDriver)
    driver.agree(FIRST)
    driver.agree(SECOND)
    driver.subscribe(FIRST, USER)
    return driver


def test_systems_that_agree_are_not_disturbed() -> None:
    driver = prepare()
    driver.request_change(SECOND, Means.MENU, USER)
    driver.settle()
    assert driver.authenticates_in(SECOND, USER) is True
    assert driver.standing(USER) is Standing.CHANGED
    assert list(driver.exchanges()) == list(driver.system.exchanges())
    driver.close()


def test_a_divergence_names_call_answers_and_way() -> None:
    driver = prepare(DeafCard)
    driver.request_change(SECOND, Means.MENU, USER)
    driver.settle()
    with pytest.raises(DivergenceError) as caught:
        driver.authenticates_in(SECOND, USER)
    text = str(caught.value)
    assert text.startswith("authenticates_in(the second network, the user): the system says False")
    assert "the model True" in text
    assert text.endswith("note_deletion")
    assert isinstance(caught.value, AssertionError)


def test_facts_given_by_name_reach_both() -> None:
    driver = prepare()
    driver.ask_customer_centre(SECOND, USER, agrees=False)
    assert isinstance(driver.system, ModelledDriver)
    assert driver.system.trace == driver.model.trace == ("decline_at_centre",)


def test_what_the_system_does_not_support_the_model_does_not_hear_of() -> None:
    driver = prepare(Bare)
    with pytest.raises(UnsupportedError):
        driver.use_admin_code_as_key()
    assert not driver.model._world.conditions.admin_code_is_key


def test_only_calls_of_the_driver_are_forwarded() -> None:
    with pytest.raises(AttributeError):
        _ = prepare().pcap


def test_the_trail_is_that_of_the_model() -> None:
    driver = prepare()
    driver.request_change(SECOND, Means.MENU, USER)
    assert driver.trail == driver.model.trail
    assert driver.trail[0].component == "device"


def test_what_another_user_does_stands_apart_in_the_trail() -> None:
    driver = prepare()
    driver.subscribe(FIRST, User.ANOTHER)
    driver.request_change(SECOND, Means.MENU, User.ANOTHER)
    assert {move.component for move in driver.trail} >= {"device (another user)"}
    assert "device" not in {move.component for move in driver.trail}


@pytest.mark.parametrize("name", sorted(calls()))
def test_every_call_of_the_driver_is_forwarded(name: str) -> None:
    assert callable(getattr(prepare(), name))


def test_the_simulated_system_is_the_default() -> None:
    driver = factory(Setup())
    assert isinstance(driver, ShadowedDriver)
    assert type(driver.system).__name__ == "SimulatedDriver"
    driver.close()


def test_another_system_is_named_in_brackets() -> None:
    driver = load("shadowed(modelled)")(Setup())
    assert isinstance(driver, ShadowedDriver)
    assert isinstance(driver.system, ModelledDriver)


def test_records_are_those_of_the_system_where_it_tells_any() -> None:
    prepared = prepare()
    assert prepared.records() == prepared.system.records()  # type: ignore[attr-defined]  # a model
    assert "card of the user" in prepared.records()


class Secretive(ModelledDriver):
    """A system that tells nothing of what it keeps."""

    records = None  # type: ignore[assignment]  # as if it had none


def test_a_system_that_tells_no_records_has_none_to_tell() -> None:
    assert prepare(Secretive).records() == {}
