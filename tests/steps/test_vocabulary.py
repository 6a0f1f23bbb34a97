"""Words: which phrases of the features mean what, and that no phrase is misread."""

import pytest
from parse import compile as compile_pattern

from steps.driver import Ban, Network, Party, User
from steps.vocabulary import TYPES


def read(kind, phrase):
    """Return what a phrase means as a whole; None if the word does not take it."""
    found = compile_pattern(f"{{word:{kind}}}", TYPES).parse(phrase)
    return found["word"] if found else None


@pytest.mark.parametrize("network", Network)
def test_networks_are_named_as_they_are(network):
    assert read("Network", network.value) is network


@pytest.mark.parametrize("party", Party)
def test_parties_are_named_as_they_are(party):
    assert read("Party", party.value) is party


@pytest.mark.parametrize("ban", Ban)
def test_bans_are_said_as_they_are(ban):
    assert read("Ban", ban.value) is ban


@pytest.mark.parametrize(
    ("kind", "phrase", "user"),
    [
        ("User", "a user", User.THE_USER),
        ("User", "another user", User.ANOTHER),
        ("Device", "the device", User.THE_USER),
        ("Device", "the device of the other user", User.ANOTHER),
        ("Card", "the card", User.THE_USER),
        ("Card", "the card of the other user", User.ANOTHER),
    ],
)
def test_users_devices_and_cards_are_told_apart(kind, phrase, user):
    assert read(kind, phrase) is user


@pytest.mark.parametrize(("phrase", "number"), [("0", 0), ("2", 2), ("12", 12)])
def test_numbers_are_numbers(phrase, number):
    assert read("Number", phrase) == number


@pytest.mark.parametrize(
    ("kind", "phrase"),
    [
        ("Network", "the fourth network"),
        ("Network", "first network"),
        ("Network", ""),
        ("User", "the user"),
        ("Device", "a device"),
        ("Card", "the card of the first network"),
        ("Party", "the customer centre of the first network"),
        ("Number", "-1"),
        ("Number", "two"),
    ],
)
def test_what_is_no_word_has_no_meaning(kind, phrase):
    assert read(kind, phrase) is None


def test_two_words_in_one_sentence_do_not_run_into_each_other():
    pattern = compile_pattern("{card:Card} becomes a card of {network:Network}", TYPES)
    found = pattern.parse("the card of the other user becomes a card of the third network")
    assert found.named == {"card": User.ANOTHER, "network": Network.THIRD}


def test_no_word_has_a_group_that_would_count_as_a_field():
    for word in TYPES.values():
        assert word.regex_group_count == 0
        assert "(" not in word.pattern
