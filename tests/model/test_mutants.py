from collections import Counter
from random import Random

import pytest

from model.compile import Event, Space
from model.mutants import SEEN, Comparison, Fault, Mutant, Suite, Word, mutants
from model.scopes import one_card
from model.system import Composition, System

SAMPLE = 20


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return Comparison(one_card().composition)


@pytest.fixture(scope="module")
def suite(comparison: Comparison) -> Suite:
    return comparison.suite()


def some(composition: Composition, fault: Fault, text: str) -> Mutant:
    return next(one for one in mutants(composition) if one.fault is fault and text in str(one))


def test_every_row_is_changed_in_every_way() -> None:
    composition = one_card().composition
    rows = [row for part in composition.components for row in part.arrows]
    made = Counter(one.fault for one in mutants(composition))
    assert made[Fault.MISSING] == len(rows)
    assert made[Fault.NEGATED] == made[Fault.DROPPED] == sum(len(row.needs) for row in rows)
    assert made[Fault.TARGET] == sum(
        (len(part.states) - 1) * len(part.arrows) for part in composition.components
    )
    assert made[Fault.EXTRA] > 500


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault.MISSING, "card: reject_joined from BOTH_NEW_ACTIVE"),
        (Fault.TARGET, "card: replace_identity from OLD_ONLY to BOTH_NEW_ACTIVE, now to NEW_ONLY"),
        (Fault.NEGATED, "card: replace_identity from OLD_ONLY"),
        (Fault.DROPPED, "message: receive_message from UNDER_WAY"),
        (Fault.EXTRA, "device: accept_left in ATTACHED_LEFT"),
        (Fault.TARGET, "counter: replace_identity from BEHIND to AT_MESSAGE, now to BEHIND"),
    ],
)
def test_a_mutant_that_is_different_is_told_by_a_way_there(
    comparison: Comparison, fault: Fault, text: str
) -> None:
    mutant = some(one_card().composition, fault, text)
    way = comparison.difference(mutant)
    assert way is not None
    sound = System(comparison.composition, invariants=[])
    wrong = System(
        comparison.composition.with_arrows(mutant.component, mutant.arrows), invariants=[]
    )
    for event in way[:-1]:
        sound.fire(event)
        wrong.fire(event)
    if sound.allows(way[-1]) and wrong.allows(way[-1]):
        sound.fire(way[-1])
        wrong.fire(way[-1])
        assert any(sound.state[name] is not wrong.state[name] for name in SEEN)
    else:
        assert sound.allows(way[-1]) is not wrong.allows(way[-1])


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault.MISSING, "application_server: refuse_second_request from ACKNOWLEDGED"),
        (Fault.EXTRA, "card: reject_joined in STALE_ONLY"),
    ],
)
def test_a_mutant_that_nobody_can_tell_is_equivalent(
    comparison: Comparison, suite: Suite, fault: Fault, text: str
) -> None:
    mutant = some(one_card().composition, fault, text)
    assert comparison.difference(mutant) is None
    assert comparison.killed(mutant, suite) is None


def test_the_suite_kills_every_mutant_that_is_different(
    comparison: Comparison, suite: Suite
) -> None:
    sample = Random(0).sample(list(mutants(one_card().composition)), SAMPLE)
    survivors = [
        str(one)
        for one in sample
        if comparison.killed(one, suite) is None and comparison.difference(one) is not None
    ]
    assert not survivors
    assert sum(comparison.killed(one, suite) is not None for one in sample) > SAMPLE / 2


def test_the_tree_notices_what_is_noticed_word_by_word(
    comparison: Comparison, suite: Suite
) -> None:
    """The tree leaves out what words share, and where both are alike; here nothing is left out."""
    chance = Random(1)
    words = chance.sample(suite.words, 100)
    few, found = Suite.of(comparison.space, words), 0
    for mutant in chance.sample(list(mutants(comparison.composition)), SAMPLE):
        changed = comparison.composition.with_arrows(mutant.component, mutant.arrows)
        spaces = (comparison.space, Space(changed))
        noticed = any(beginning(*spaces, word) is not None for word in words)
        killed = comparison.killed(mutant, few)
        assert (killed is not None) is noticed, mutant
        assert killed is None or beginning(*spaces, killed) == killed, mutant
        found += noticed
    assert 0 < found < SAMPLE


def beginning(sound: Space, wrong: Space, word: Word) -> Word | None:
    """Return the shortest beginning of a word after which both are not alike; None if they are."""
    seen = sound.packing.mask(SEEN)
    one = other = sound.initial
    for at, event in enumerate((*word, "")):
        here = {step.event: step.added for step in sound.steps(one)}
        there = {step.event: step.added for step in wrong.steps(other)}
        if here.keys() != there.keys() or (one ^ other) & seen:
            return word[:at]
        if event:
            one, other = one + here[event], other + there[event]
    return None


def test_a_suite_that_goes_nowhere_misses_what_is_far(comparison: Comparison) -> None:
    text = "card: replace_identity from OLD_ONLY to BOTH_NEW_ACTIVE, now to NEW_ONLY"
    mutant = some(one_card().composition, Fault.TARGET, text)
    assert comparison.difference(mutant) is not None
    assert comparison.killed(mutant, Suite.of(comparison.space, [()])) is None


def test_a_word_is_a_run_of_the_sound_tables(comparison: Comparison, suite: Suite) -> None:
    word = max(suite.words, key=len)
    system = System(comparison.composition)
    for event in word:
        system.fire(event)
    assert isinstance(comparison.space.events[word[0]], Event)
