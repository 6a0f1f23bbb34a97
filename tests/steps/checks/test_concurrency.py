from __future__ import annotations

from steps.checks.concurrency import CASES, Outcome, outcome_of, sequential_outcomes
from steps.driver import Network, Setup, User
from steps.drivers import load

DIFFERENT, SAME, *_, LAST = CASES


def test_the_model_explains_requests_one_after_the_other_and_refuses_those_at_once():
    explained = sequential_outcomes(DIFFERENT, Setup())
    ends = {(network, refused) for outcome in explained for _, network, refused, _ in outcome.users}
    both = {Network.SECOND, Network.THIRD}
    assert ends == {(network, refused) for network in both for refused in (0, 1)}


def test_the_same_network_is_joined_once_however_often_it_is_asked_for():
    (outcome,) = sequential_outcomes(SAME, Setup())
    assert outcome.users == ((User.THE_USER, Network.SECOND, 1, 1),)


def test_of_two_cards_one_gets_the_last_identity_in_the_model():
    winners = {
        tuple(network for _, network, *_ in outcome.users)
        for outcome in sequential_outcomes(LAST, Setup())
    }
    assert winners == {(Network.SECOND, Network.FIRST), (Network.FIRST, Network.SECOND)}


def test_requests_one_after_the_other_come_to_what_the_model_says():
    driver = DIFFERENT.begin(load("simulated"), Setup())
    for ask in DIFFERENT.asks:
        ask.make(driver)
        driver.settle()
    assert outcome_of(driver, DIFFERENT.users) in sequential_outcomes(DIFFERENT, Setup())
    driver.close()


def test_an_outcome_reads_as_a_sentence():
    outcome = Outcome(((User.THE_USER, None, 1, 2),), (0, 1, 1), 1, shares_identity=True)
    assert str(outcome) == (
        "the user is of no network that all agree on, 1 refused, 2 messages sent; "
        "0/1/1 identities given, 1 kept, one identity at two cards"
    )
