"""The table of a change: whatever happens, it can end, and never before it may."""

import pytest

from impl.application_server.change import CERTAIN, OPEN, TABLE, Occasion, State, follow


def test_what_the_table_does_not_name_is_ignored():
    assert follow(State.DONE, Occasion.RELEASED) is None


def test_every_state_but_the_first_is_entered_and_every_occasion_occurs():
    assert set(TABLE.values()) | {State.REQUESTED} == set(State)
    assert {occasion for _, occasion in TABLE} == set(Occasion)


@pytest.mark.parametrize("state", sorted(OPEN, key=lambda state: state.value))
def test_from_every_open_state_an_end_can_be_reached(state):
    reached, todo = {state}, [state]
    while todo:
        here = todo.pop()
        following = {target for (source, _), target in TABLE.items() if source is here} - reached
        reached |= following
        todo += following
    assert reached & {State.DONE, State.ABANDONED}


def test_the_left_network_is_informed_only_after_the_joined_one_confirmed():
    assert [source for (source, _), target in TABLE.items() if target is State.DONE] == [
        State.CONFIRMED,
        State.UNANSWERED,
    ]
    entries = {occasion for (_, occasion), target in TABLE.items() if target is State.CONFIRMED}
    assert entries == {Occasion.CONFIRMED}


def test_a_message_that_left_is_given_up_only_by_way_of_a_release():
    ends = {source for (source, _), target in TABLE.items() if target is State.ABANDONED}
    assert ends == {State.REQUESTED, State.RELEASING}


def test_what_is_confirmed_is_never_given_up():
    assert {target for (source, _), target in TABLE.items() if source is State.CONFIRMED} == {
        State.DONE,
        State.UNANSWERED,
    }


def test_what_is_certain_stays_certain():
    reached = {target for (source, _), target in TABLE.items() if source in CERTAIN}
    assert reached <= CERTAIN


def test_only_what_was_given_up_is_ever_opened_again():
    reopened = {
        source for (source, _), target in TABLE.items() if source not in OPEN and target in OPEN
    }
    assert reopened == {State.ABANDONED}
