"""The networks and numbers of the simulation: distinct, and as their standards have them."""

from itertools import combinations

import pytest

from impl.errors import MalformedError
from impl.network.identity_pool import NumberRange
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER, NetworkPlan, make_iccid
from impl.values import PLMN

by_name = pytest.mark.parametrize("plan", NETWORKS, ids=lambda plan: plan.name)


@by_name
def test_identities_are_of_their_network_and_of_full_length(plan):
    assert plan.first_imsi.is_of(plan.plmn)
    assert len(plan.first_imsi) == 15
    assert NumberRange(plan.first_imsi, plan.first_msisdn, 1000).is_of(plan.plmn)


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


def test_no_subscriber_has_the_number_of_the_server():
    for plan in NETWORKS:
        subscribers = NumberRange(plan.first_imsi, plan.first_msisdn, 1000)
        assert SERVER_NUMBER not in {subscribers.msisdn(index) for index in range(1000)}


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
