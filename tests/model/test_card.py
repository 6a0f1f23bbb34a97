import pytest

from model.application_server import Sealing
from model.card import (
    COMPONENTS,
    NEW_IN_USE,
    OLD_IN_USE,
    Card,
    Counter,
    Guesses,
    Holding,
)
from model.errors import ForbiddenTransitionError, UnknownEventError
from model.table import Automaton, Option

CARD, COUNTER, HOLDING, GUESSES = COMPONENTS
RIGHT = {"sealing": Sealing.RIGHT}
WRONG_CODE = {"sealing": Sealing.WRONG_CODE}
WRONG_KEYS = {"sealing": Sealing.WRONG_KEYS}


def card(state: Card = Card.OLD_ONLY, variant: Option = Option.HARDENED) -> Automaton:
    return Automaton(CARD.under({variant}), state)


def test_no_pair_is_old_and_new_at_once() -> None:
    assert not OLD_IN_USE & NEW_IN_USE


def test_the_literal_card_overwrites_at_once() -> None:
    automaton = card(variant=Option.LITERAL)
    automaton.fire("replace_identity", RIGHT)
    assert automaton.state is Card.NEW_ONLY
    with pytest.raises(UnknownEventError):
        automaton.fire("reject_joined", {})


def test_the_hardened_card_keeps_the_old_pair_until_the_new_one_is_accepted() -> None:
    automaton = card()
    automaton.fire("replace_identity", RIGHT)
    assert automaton.state is Card.BOTH_NEW_ACTIVE
    automaton.fire("accept_joined", {})
    assert automaton.state is Card.NEW_ONLY


@pytest.mark.parametrize("variant", [Option.HARDENED, Option.LITERAL])
@pytest.mark.parametrize("sealing", [WRONG_CODE, WRONG_KEYS])
def test_only_the_right_admin_code_replaces(sealing: dict[str, Sealing], variant: Option) -> None:
    automaton = card(variant=variant)
    with pytest.raises(ForbiddenTransitionError):
        automaton.fire("replace_identity", sealing)
    assert automaton.state is Card.OLD_ONLY


def test_a_wrong_admin_code_is_refused_and_the_right_one_is_not() -> None:
    automaton = card()
    automaton.fire("refuse_wrong_code", WRONG_CODE)
    assert automaton.state is Card.OLD_ONLY
    with pytest.raises(ForbiddenTransitionError):
        automaton.fire("refuse_wrong_code", RIGHT)


def test_a_rejected_pair_gives_way_to_the_other() -> None:
    automaton = card(Card.BOTH_NEW_ACTIVE)
    automaton.fire("reject_joined", {})
    assert automaton.state is Card.BOTH_OLD_ACTIVE
    automaton.fire("reject_left", {})
    assert automaton.state is Card.BOTH_NEW_ACTIVE


def test_an_attach_to_the_old_network_forgets_nothing() -> None:
    automaton = card(Card.BOTH_OLD_ACTIVE)
    automaton.fire("accept_left", {})
    assert automaton.state is Card.BOTH_OLD_ACTIVE


def test_only_the_order_forgets_the_new_pair() -> None:
    to_old_only = {
        row.event
        for row in CARD.under({Option.HARDENED}).arrows
        if row.source is Card.BOTH_OLD_ACTIVE and row.target is Card.OLD_ONLY
    }
    assert to_old_only == {"obey_order"}


def test_a_power_cut_leaves_the_hardened_card_whole_and_the_literal_one_torn() -> None:
    whole, torn = card(), card(variant=Option.LITERAL)
    whole.fire("cut_power", RIGHT)
    torn.fire("cut_power", RIGHT)
    assert (whole.state, torn.state) == (Card.OLD_ONLY, Card.TORN)


def test_a_late_message_of_an_earlier_change_is_found_out() -> None:
    automaton = card()
    automaton.fire("obey_late_message", {})
    assert automaton.state is Card.STALE_ACTIVE
    automaton.fire("reject_late", {})
    assert automaton.state is Card.STALE_SEALED
    automaton.fire("replace_identity", RIGHT)
    assert automaton.state is Card.BOTH_NEW_ACTIVE


def test_a_message_is_obeyed_once() -> None:
    counter = Automaton(COUNTER.under({Option.HARDENED}))
    counter.fire("replace_identity", {})
    with pytest.raises(ForbiddenTransitionError):
        counter.fire("replace_identity", {})
    counter.fire("refuse_replay", {})
    assert counter.state is Counter.AT_MESSAGE


def test_after_the_order_no_message_of_that_change_is_obeyed() -> None:
    counter = Automaton(COUNTER.under({Option.HARDENED}))
    counter.fire("obey_order", {})
    for event in ("replace_identity", "answer_again", "obey_order", "refuse_wrong_code"):
        with pytest.raises(ForbiddenTransitionError):
            counter.fire(event, {})


def test_the_card_acts_on_a_complete_message() -> None:
    holding = Automaton(HOLDING.under({Option.HARDENED}))
    holding.fire("receive_some_parts", {})
    holding.fire("repeat_part", {})
    with pytest.raises(ForbiddenTransitionError):
        holding.fire("replace_identity", {})
    holding.fire("receive_rest", {})
    assert holding.state is Holding.MESSAGE
    holding.fire("replace_identity", {})
    assert holding.state is Holding.NOTHING


def test_the_rest_of_a_message_of_which_the_card_holds_nothing_completes_nothing() -> None:
    with pytest.raises(ForbiddenTransitionError):
        Automaton(HOLDING.under({Option.HARDENED})).fire("receive_rest", {})


def test_a_user_who_refuses_leaves_every_pair_as_it_is() -> None:
    for state in (Card.OLD_ONLY, Card.STALE_SEALED):
        automaton = card(state)
        automaton.fire("refuse_by_user", RIGHT)
        assert automaton.state is state


@pytest.mark.parametrize("sealing", [WRONG_CODE, WRONG_KEYS])
def test_a_user_is_not_asked_about_what_is_not_genuine(sealing: dict[str, Sealing]) -> None:
    with pytest.raises(ForbiddenTransitionError):
        card().fire("refuse_by_user", sealing)


def test_one_wrong_code_too_many_and_the_card_takes_none_any_more() -> None:
    guesses = Automaton(GUESSES.under({Option.HARDENED}))
    guesses.fire("refuse_wrong_code", {})
    guesses.fire("block_admin_code", {})
    assert guesses.state is Guesses.BLOCKED
    for event in ("replace_identity", "refuse_wrong_code", "obey_order", "obey_late_message"):
        with pytest.raises(ForbiddenTransitionError):
            guesses.fire(event, {})
    guesses.fire("refuse_blocked", {})


def test_a_card_within_the_limit_does_not_say_that_it_is_blocked() -> None:
    with pytest.raises(ForbiddenTransitionError):
        Automaton(GUESSES).fire("refuse_blocked", {})


def test_only_a_message_that_the_card_could_read_meets_the_block() -> None:
    automaton = card()
    automaton.fire("refuse_blocked", RIGHT)
    assert automaton.state is Card.OLD_ONLY
    with pytest.raises(ForbiddenTransitionError):
        automaton.fire("refuse_blocked", WRONG_KEYS)
    with pytest.raises(ForbiddenTransitionError):
        automaton.fire("block_admin_code", RIGHT)
