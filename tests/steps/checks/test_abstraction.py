import dataclasses

import pytest

from model.application_server import Change
from model.bearer import Report
from model.card import Card
from model.home_register import Notice, Record
from model.system import compose
from steps.checks.abstraction import SERVER, differences
from steps.drivers.stage import PairView, Place, RecordView, Seen, ServerView

BEGINNING = Seen(
    ServerView.NONE,
    RecordView.ACTIVE,
    RecordView.NOTHING,
    PairView.OLD,
    PairView.NONE,
    Place.LEFT,
    under_way={"report": False, "notice": False},
)
INITIAL = compose().initial


def test_the_beginning_is_the_beginning():
    assert not list(differences(BEGINNING, INITIAL))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"server": ServerView.SENT}, "application_server is PREPARED or SENT"),
        ({"left": RecordView.NOTHING}, "home_left is FREE or RELEASED"),
        ({"joined": RecordView.RESERVED}, "home_joined is RESERVED"),
        ({"in_use": PairView.NEW}, "card is NEW_ONLY"),
        ({"in_use": PairView.NONE}, "card is TORN"),
        ({"sealed": PairView.STALE}, "card is STALE_SEALED"),
        ({"device": Place.NOWHERE}, "device is SEARCHING"),
        ({"under_way": {"report": True}}, "report is under way"),
    ],
)
def test_whatever_differs_is_told(change, says):
    (told,) = differences(dataclasses.replace(BEGINNING, **change), INITIAL)
    assert told.startswith(says)


def test_the_server_may_be_ahead_by_what_it_does_in_one_transaction():
    seen = dataclasses.replace(BEGINNING, server=ServerView.REQUESTED)
    for change in (Change.REQUESTED, Change.CONNECTED):
        assert not list(differences(seen, {**INITIAL, "application_server": change}))


def test_what_the_model_has_under_way_has_to_be_under_way():
    state = {**INITIAL, "report": Report.DONE, "notice": Notice.UNDER_WAY}
    assert len(list(differences(BEGINNING, state))) == 2


def test_a_pair_in_use_and_another_sealed_are_both():
    seen = dataclasses.replace(BEGINNING, in_use=PairView.NEW, sealed=PairView.OLD)
    state = {**INITIAL, "card": Card.BOTH_NEW_ACTIVE, "home_joined": Record.FREE}
    assert not list(differences(seen, state))


def test_every_place_where_the_server_can_be_seen_is_one_of_the_model():
    assert set(SERVER) == set(ServerView)
    assert all(SERVER.values())


def test_a_server_whom_nobody_answers_has_told_that_the_user_left_and_is_not_done():
    seen = dataclasses.replace(BEGINNING, server=ServerView.UNANSWERED)
    assert not list(differences(seen, {**INITIAL, "application_server": Change.UNANSWERED}))
    for change in (Change.INFORMED, Change.CHANGED):
        assert list(differences(seen, {**INITIAL, "application_server": change}))
