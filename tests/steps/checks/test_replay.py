import pytest

from impl.application_server.course import Course
from model.compile import Space
from model.errors import UnknownEventError
from model.system import compose
from steps.checks.replay import as_feature, replay, shorten
from steps.driver import Setup
from steps.drivers import load
from steps.drivers.patched import Patch, with_patches

DEAF = with_patches(Patch(Course, "take_report", lambda *_: []))
SETUP = Setup(seed=1)
TRACE = (
    "decline_at_centre", "crash_left", "ask_centre", "take_request", "open_session",
    "provide_identity", "take_identity", "retrieve_admin_code", "send_message", "receive_message",
    "replace_identity", "repeat_message", "hear_done",
)  # fmt: skip


@pytest.fixture(scope="module")
def space():
    return Space(compose())


def test_a_trace_shows_what_it_showed_before_and_nothing_in_a_right_system(space):
    error = replay(DEAF, SETUP, space, TRACE)
    assert error is not None
    assert error.event == "hear_done"
    assert replay(load("simulated"), SETUP, space, TRACE) is None


def test_a_shorter_trace_leaves_out_what_does_not_matter(space):
    error = shorten(DEAF, SETUP, space, replay(DEAF, SETUP, space, TRACE))
    assert set(error.trace) == set(TRACE) - {"decline_at_centre", "crash_left", "repeat_message"}


def test_an_event_that_no_table_has_is_an_error(space):
    with pytest.raises(UnknownEventError, match="fly"):
        replay(load("modelled"), SETUP, space, ("fly",))


def test_what_is_tried_in_vain_is_tried_again(space):
    assert replay(load("simulated"), SETUP, space, ("(hear_done)", "request_change")) is None


def test_a_feature_says_what_happens_and_what_is_tried():
    feature = as_feature(("request_change", "(hear_done)"), "hear_done", ("it differs",))
    assert "    When nothing but request_change happens\n" in feature
    assert "    And hear_done is tried in vain\n" in feature
    assert "# after hear_done: it differs" in feature
