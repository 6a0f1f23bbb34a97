import dataclasses

import pytest

from model.compile import Space
from model.errors import UnknownEventError
from model.system import compose
from steps.checks.script import HiddenError, LockstepError, Refused, Walk, put_on_stage
from steps.driver import Setup, UnsupportedError
from steps.drivers import load
from steps.drivers.stage import PairView
from steps.mutants import hazards

WHOLE = (
    "request_change", "take_request", "open_session", "provide_identity", "take_identity",
    "retrieve_admin_code", "send_message", "receive_message", "replace_identity", "hear_done",
    "accept_joined", "confirm_change", "inform_left", "delete_subscriber", "note_deletion",
    "turn_round",
)  # fmt: skip

GIVEN_UP = (
    "lose_message", "resend_message", "give_up", "release_identity", "send_order", "leave_order",
    "start_over",
)  # fmt: skip


@pytest.fixture(params=["modelled", "simulated"])
def walk(request):
    driver = load(request.param)(Setup(seed=1))
    yield Walk(Space(compose()), put_on_stage(driver))
    driver.close()


def test_a_whole_change_is_the_same_in_both_event_by_event(walk):
    for event in WHOLE:
        walk.step(event)
    assert walk.trace == list(WHOLE)


def test_what_cannot_happen_changes_nothing(walk):
    walk.step("request_change")
    walk.step("take_request")
    assert walk.refuse("confirm_change") in {Refused.ABSENT, Refused.AGAIN}
    assert walk.refuse("lose_message") is Refused.WORLD
    assert walk.refuse("send_message") is Refused.UNASKED
    for event in WHOLE[2:]:
        walk.step(event)
    assert walk.refuse("confirm_change") is Refused.AGAIN
    assert walk.refuse("take_request") is Refused.AGAIN
    assert walk.trace[-2:] == ["(confirm_change)", "(take_request)"]


def test_a_system_that_heeds_what_comes_once_more_differs():
    (mutant,) = (one for one in hazards.MUTANTS if one.name == "takes-requests-again")
    driver = mutant.factory(Setup(seed=1))
    walk = Walk(Space(compose()), put_on_stage(driver))
    for event in (*WHOLE[:7], *GIVEN_UP):
        walk.step(event)
    with pytest.raises(LockstepError, match="in the model IDLE"):
        walk.refuse("take_request")
    driver.close()


def test_a_server_that_writes_to_the_card_upon_it_differs():
    driver = load("modelled")(Setup(seed=1))
    stage = Hasty(driver.stage())
    with pytest.raises(LockstepError, match="sends 1 parts to the card"):
        Walk(Space(compose()), stage).refuse("confirm_change")


def test_an_event_that_no_table_has_is_an_error_that_names_it(walk):
    with pytest.raises(UnknownEventError, match="fly"):
        walk.step("fly")


def test_what_has_another_outcome_here_is_not_tried_twice(walk):
    for event in WHOLE[:8]:
        walk.step(event)
    assert walk.refuse("refuse_replay") is Refused.OTHERWISE


def test_what_a_system_cannot_do_is_hidden_with_a_reason():
    driver = load("simulated")(Setup(seed=1))
    walk = Walk(Space(compose()), put_on_stage(driver))
    walk.step("ask_centre")
    walk.step("take_request")
    with pytest.raises(HiddenError, match="only a short message can come again"):
        walk.step("repeat_request")
    assert walk.trace == ["ask_centre", "take_request"]
    driver.close()


def test_a_stage_that_lacks_calls_is_refused_by_their_names():
    driver = load("modelled")(Setup())
    driver.stage = object
    with pytest.raises(UnsupportedError, match="has no obstacle, carry_out, offer, seen, drain"):
        put_on_stage(driver)
    driver.close()


class Hasty:
    """A stage on which the server writes to the card whatever comes."""

    def __init__(self, stage):
        self.stage = stage
        self.sent = 0

    def obstacle(self, event):
        return self.stage.obstacle(event)

    def offer(self, event):
        self.sent += 1
        return self.stage.offer(event)

    def seen(self):
        return dataclasses.replace(self.stage.seen(), unasked=self.sent)


class Liar:
    """A stage on which the card is seen to hold what it does not."""

    def __init__(self, stage, event):
        self.stage = stage
        self.event = event
        self.lies = False

    def obstacle(self, event):
        return self.stage.obstacle(event)

    def carry_out(self, event):
        self.lies = event == self.event
        self.stage.carry_out(event)

    def seen(self):
        seen = self.stage.seen()
        return dataclasses.replace(seen, in_use=PairView.STALE) if self.lies else seen


def test_what_differs_is_told_with_the_way_there():
    driver = load("modelled")(Setup(seed=1))
    walk = Walk(Space(compose()), Liar(driver.stage(), "take_request"))
    walk.step("request_change")
    with pytest.raises(LockstepError) as caught:
        walk.step("take_request")
    assert caught.value.event == "take_request"
    assert caught.value.trace == ("request_change", "take_request")
    assert "card is STALE_ONLY, in the model OLD_ONLY" in caught.value.found


def test_a_driver_that_cannot_be_stepped_is_refused_with_what_to_do():
    with pytest.raises(UnsupportedError, match="shadowed"):
        put_on_stage(object())
