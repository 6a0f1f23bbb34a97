from dataclasses import replace

import pytest

from steps.checks.learning import ModelMachine, learn
from steps.checks.projections import PROJECTIONS, USER, Call, Projection
from steps.driver import Network, Setup
from steps.drivers import load
from steps.drivers.modelled import ModelledDriver
from steps.mutants.hazards import MUTANTS

BY_NAME = {one.name: one for one in PROJECTIONS}


@pytest.fixture(scope="module")
def attach() -> Projection:
    return BY_NAME["attach"]


@pytest.fixture(scope="module")
def machine(attach: Projection) -> ModelMachine:
    return ModelMachine(attach)


def test_the_implementation_answers_as_the_model(attach: Projection, machine: ModelMachine) -> None:
    learned = learn(attach, load("simulated"), machine)
    assert learned.difference is None, str(learned.difference)
    assert 1 < learned.states <= 100
    assert learned.queries > len(attach.calls)


def test_a_card_that_never_comes_back_is_a_difference_and_a_scenario(
    attach: Projection, machine: ModelMachine
) -> None:
    (wrong,) = (one for one in MUTANTS if one.name == "never-comes-back")
    difference = learn(attach, wrong.factory, machine).difference
    assert difference is not None
    assert difference.word == ("refused",)
    text = str(difference)
    assert "And the second network rejects every attach for good" in text
    assert "Then " in text
    assert "# the system says: the device is attached to no network" in text


def test_the_model_answers_a_word_as_its_machine_does(
    attach: Projection, machine: ModelMachine
) -> None:
    word = ("refused", "to second", "refused", "to second")
    driver = attach.begin(load("modelled"))
    assert machine.answers(word) == [attach.step(driver, letter) for letter in word]


def test_another_reading_is_another_machine(attach: Projection, machine: ModelMachine) -> None:
    literal = learn(
        attach, lambda _: ModelledDriver(Setup(options={"variant": "literal"})), machine
    )
    assert literal.difference is not None


def test_a_call_that_changes_nothing_leads_nowhere() -> None:
    nothing = Call("nothing happens", lambda driver: driver.attached_to(USER))
    idle = replace(BY_NAME["attach"], calls={"nothing": nothing})
    machine = ModelMachine(idle)
    assert len(machine.rows) == 1
    assert learn(idle, load("modelled"), machine).states == 1
    assert Network.SECOND not in machine.answers(("nothing",))[0]
