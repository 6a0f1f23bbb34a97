"""Every claim element that has scenarios has a system that breaks it."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
import yaml

import steps.mutants
from steps.drivers import demand_driver
from steps.mutants import Mutant

FEATURES = Path(__file__).parent.parent / "features"
OBLIGATIONS = {
    obligation["id"]: obligation
    for group in yaml.safe_load((FEATURES / "obligations.yaml").read_text()).values()
    for obligation in group
}
COVERED = {
    tag
    for feature in FEATURES.rglob("*.feature")
    for tag in re.findall(r"@(?:element|embodiment|beyond)-(\w+)", feature.read_text())
}
MUTANTS: list[Mutant] = [
    mutant
    for module in pkgutil.iter_modules(steps.mutants.__path__)
    for mutant in importlib.import_module(f"steps.mutants.{module.name}").MUTANTS
]


def test_names_are_unique_and_short():
    names = [mutant.name for mutant in MUTANTS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z-]{4,40}", name) for name in names)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_breaks_obligations_that_have_scenarios(mutant):
    assert set(mutant.breaks) <= COVERED
    assert mutant.what


@pytest.mark.parametrize("element", sorted(id_ for id_ in COVERED if "claim" in OBLIGATIONS[id_]))
def test_every_covered_claim_element_has_a_mutant_of_its_own(element):
    assert [
        mutant.name for mutant in MUTANTS if element in mutant.breaks and len(mutant.breaks) < 9
    ]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_a_driver_and_leaves_the_right_system_right(mutant):
    from impl.card.cpa import PersonalizationApplication
    from steps.driver import Setup

    before = dict(vars(PersonalizationApplication))
    wrong = mutant.factory(Setup())
    demand_driver(wrong, mutant.name)
    wrong.close()
    assert dict(vars(PersonalizationApplication)) == before
