"""The networks and numbers of the simulation: distinct, and as their standards have them."""

from itertools import combinations

import pytest

from impl.errors import MalformedError
from impl.runtime.deployment import NETWORKS, NUMBERS, SERVER_NUMBER, NetworkPlan, make_iccid
from impl.values import PLMN

by_name = pytest.mark.parametrize("plan", NETWORKS, ids=lambda plan: plan.name)


@by_name
def test_identities_are_of_their_network_and_of_full_length(plan):
    assert plan.first_imsi.is_of(plan.plmn)
    assert len(plan.first_imsi) == 15
    assert plan.numbers.is_of(plan.plmn)


@by_name
def test_numbers_are_of_their_country(plan):
    for number in (plan.first_msisdn, plan.service_centre):
        assert number.startswith(plan.country_code)
        assert len(number) <= 15


@pytest.mark.parametrize("field", ["plmn", "name", "command_code", "service_centre", "first_imsi"])
def test_no_two_networks_have_the_same(field):
    assert len({getattr(plan, field) for plan in NETWORKS}) == len(NETWORKS)


def test_no_network_code_is_the_beginning_of_another():
    for one, other in combinations((plan.plmn for plan in NETWORKS), 2):
        assert not one.startswith(other)
        assert not other.startswith(one)


def test_network_codes_of_both_lengths_are_there():
    assert {len(plan.plmn.mnc) for plan in NETWORKS} == {2, 3}


def heads(plan):
    """Return how the first and the last number of an operator begin."""
    return {plan.numbers.msisdn(index)[:-6] for index in (0, NUMBERS - 1)}


@by_name
def test_no_subscriber_has_the_number_of_the_server_or_of_a_service_centre(plan):
    ours = {SERVER_NUMBER, *(one.service_centre for one in NETWORKS)}
    assert not any(number.startswith(head) for number in ours for head in heads(plan))


@pytest.mark.parametrize("country_code", ["1", "49", "353"])
def test_no_two_networks_of_a_country_give_the_same_number(country_code):
    codes = ("20801", "20802", "310410", "310411")  # each the next of the one before
    plans = [NetworkPlan(PLMN(code), code, code, country_code) for code in codes]
    assert len(set().union(*map(heads, plans))) == len(plans)


@pytest.mark.parametrize("number", [1, 2, 7, 99, 10**12 - 1])
def test_a_card_has_an_identifier_with_its_check_digit(number):
    iccid = make_iccid(number)
    assert len(iccid) == 19
    assert iccid.startswith("89")
    assert iccid.has_valid_check_digit


def test_no_two_cards_have_the_same_identifier():
    assert len({make_iccid(number) for number in range(1, 200)}) == 199


def test_a_card_number_that_does_not_fit_makes_no_identifier():
    with pytest.raises(MalformedError):
        make_iccid(10**15)


def test_a_plan_whose_numbers_do_not_fit_has_none():
    plan = NetworkPlan(PLMN("20899"), "Too long", "44", country_code="3" * 16)
    with pytest.raises(MalformedError):
        _ = plan.first_msisdn
