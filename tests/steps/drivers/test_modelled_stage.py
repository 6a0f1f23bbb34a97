import pytest

from model.table import Option
from steps.drivers.modelled_stage import ModelledStage
from steps.drivers.stage import ObstacleError, ServerView, disagreements


@pytest.fixture
def stage():
    return ModelledStage(Option.HARDENED, asks=False)


def test_an_event_of_the_tables_moves_it(stage):
    stage.carry_out("request_change")
    stage.carry_out("take_request")
    assert stage.seen().server is ServerView.REQUESTED
    assert not stage.seen().under_way["request"]


def test_what_the_tables_do_not_draw_has_an_obstacle(stage):
    assert stage.obstacle("take_request")
    before = stage.seen()
    with pytest.raises(ObstacleError, match="take_request"):
        stage.carry_out("take_request")
    assert stage.seen() == before


def test_left_alone_the_parties_come_to_agree(stage):
    stage.carry_out("ask_centre")
    seen = stage.drain()
    assert seen.server is ServerView.DONE
    assert not list(disagreements(seen))


def test_a_refused_request_is_counted(stage):
    stage.carry_out("request_change")
    stage.carry_out("refuse_unagreed")
    assert stage.seen().refused == 1
