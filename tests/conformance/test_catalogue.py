"""Cases are scenarios by the obligation they verify; what does not fit together is refused."""

import pytest

from conformance.catalogue import build_catalogue, known_tags
from conformance.errors import CatalogueError
from conformance.verdicts import Level

SOURCE = "features/obligations.yaml"


@pytest.fixture
def build(obligations):
    """Build the catalogue of some scenarios."""

    def of(*scenarios):
        return build_catalogue("lamp", obligations, SOURCE, scenarios)

    return of


def problems_of(build, *scenarios):
    with pytest.raises(CatalogueError) as caught:
        build(*scenarios)
    return [str(problem) for problem in caught.value.problems]


def test_a_case_id_is_the_obligation_and_the_ordinal_within_it(catalogue):
    ids = [case.id for case in catalogue.cases]
    assert ids == ["lamp/1a/1", "lamp/1a/2", "lamp/1b/1", "lamp/2a/1", "lamp/E01/1"]


def test_a_scenario_that_is_appended_changes_no_other_id(build, scenario):
    before = build(scenario("element-1a"), scenario("element-1b"))
    after = build(scenario("element-1a"), scenario("element-1b"), scenario("element-1a"))
    assert [case.id for case in after.cases[:2]] == [case.id for case in before.cases]
    assert after.cases[2].id == "lamp/1a/2"


def test_the_first_obligation_names_the_case_and_the_others_are_verified_too(build, scenario):
    catalogue = build(scenario("claim-1", "element-1b", "embodiment-E01", "element-1a"))
    (case,) = catalogue.cases
    assert case.id == "lamp/1b/1"
    assert case.obligations == ("1b", "E01", "1a")
    assert catalogue.cases_of("E01") == (case,)
    assert catalogue.cases_of("2a") == ()


def test_the_severity_is_that_of_the_most_binding_obligation(build, scenario):
    (both,) = build(scenario("embodiment-E01", "beyond-B01")).cases
    (one,) = build(scenario("embodiment-E01")).cases
    assert (both.level, one.level) == (Level.MUST, Level.SHOULD)


def test_a_case_is_found_by_its_id_and_nothing_by_another(catalogue):
    assert catalogue.case("lamp/1b/1") is catalogue.cases[2]
    assert catalogue.case("lamp/1b/2") is None


def test_a_tag_that_names_nothing_is_refused_where_it_stands(build, scenario):
    found = problems_of(build, scenario("embodiment-E01", "wip", line=10))
    assert found == ["features/lamp.feature:9: unknown tag @wip"]


@pytest.mark.parametrize("tag", ["element-E01", "claim-3", "step-S9", "Element-1a", "element-1A"])
def test_a_tag_has_to_be_exact(build, scenario, tag):
    assert any(f"@{tag}" in found for found in problems_of(build, scenario("beyond-B01", tag)))


def test_a_tag_of_a_rule_is_named_once_however_many_scenarios_it_has(build, scenario):
    twice = [scenario("embodiment-E01", "wip", line=10)] * 2
    assert len(problems_of(build, *twice)) == 1


def test_a_scenario_that_verifies_nothing_is_refused(build, scenario):
    (found,) = problems_of(build, scenario("claim-1", line=12))
    assert found.startswith("features/lamp.feature:12: scenario 'It shines' verifies no obligation")


def test_a_must_of_a_started_claim_without_a_scenario_is_refused_at_its_line(build, scenario):
    (found,) = problems_of(build, scenario("element-1a"))
    assert found.startswith(f"{SOURCE}:3: no scenario verifies element-1b")


def test_a_should_and_a_claim_that_is_not_started_need_no_scenario(build, scenario):
    assert build(scenario("element-2a"))  # neither 2b, a should, nor claim 1
    assert build(scenario("embodiment-E01"))


def test_all_problems_are_listed_at_once(build, scenario):
    found = problems_of(build, scenario("element-1a", "wip"), scenario("claim-2", line=30))
    assert len(found) == 3


def test_the_known_tags_are_those_of_obligations_claims_and_steps(obligations):
    known = known_tags(obligations.values())
    assert {"element-1a", "claim-2", "step-S2", "embodiment-E01", "beyond-B01"} <= known
    assert not {"claim-3", "step-", "E01"} & known
