import pytest

from model.application_server import Change
from model.card import Card
from model.errors import ViolationError
from model.home_register import Record
from model.invariants import CLAIMED
from model.messages import PASSAGES, Passage
from model.table import Option
from steps.driver import DriverError, Network, Standing, UnsettledError, User
from steps.drivers import model_world
from steps.drivers.model_world import POOL_SIZE, Conditions, Line, ModelWorld, parts_of

FIRST, SECOND = Network.FIRST, Network.SECOND


def world_with_user(variant: Option = Option.HARDENED) -> tuple[ModelWorld, Line]:
    world = ModelWorld(variant)
    world.conditions.agreed |= {FIRST, SECOND}
    world.subscribe(FIRST, User.THE_USER)
    return world, world.lines[User.THE_USER]


def test_a_wish_is_under_way_until_the_world_settles() -> None:
    world, line = world_with_user()
    assert world.wish(line, "request_change", SECOND)
    assert line.system.state["application_server"] is Change.IDLE
    world.settle()
    assert line.standing is Standing.CHANGED


def test_a_second_wish_waits_for_the_first_to_be_taken() -> None:
    world, line = world_with_user()
    world.wish(line, "request_change", SECOND)
    world.wish(line, "ask_centre", SECOND)
    world.settle()
    assert world.trace.count("take_request") == 1
    assert world.trace.count("refuse_second_request") == 1
    assert line.standing is Standing.CHANGED


def test_a_device_that_is_nowhere_attached_cannot_ask() -> None:
    world, line = world_with_user(Option.LITERAL)
    world.wish(line, "request_change", SECOND)
    while line.system.state["card"] is not Card.NEW_ONLY:
        world.go_on(line)
    line.system.fire("expire_lease")
    world.settle()
    assert not world.wish(line, "request_change", SECOND)
    assert "request_change" not in world.trace[1:]


def test_identities_of_a_network_are_shared_by_its_users_and_none_is_given_twice() -> None:
    world, _ = world_with_user()
    world.subscribe(FIRST, User.ANOTHER)
    for line in world.lines.values():
        world.wish(line, "request_change", SECOND)
    world.settle()
    assert len({line.identities["joined"] for line in world.lines.values()}) == 2
    assert len(world.pools[SECOND]) == POOL_SIZE - 2
    assert sorted(world.pools[FIRST]) == list(range(1, POOL_SIZE + 1))


def test_what_was_reserved_for_a_change_that_failed_is_free_again() -> None:
    world, line = world_with_user()
    world.conditions.lost_parts.add(1)
    world.wish(line, "request_change", SECOND)
    world.settle()
    assert line.standing is Standing.UNCHANGED
    assert len(world.pools[SECOND]) == POOL_SIZE


def test_a_network_without_a_free_identity_gets_no_subscriber() -> None:
    world, _ = world_with_user()
    world.pools[SECOND].clear()
    with pytest.raises(DriverError, match="the second network has no free identity"):
        world.subscribe(SECOND, User.ANOTHER)
    assert User.ANOTHER not in world.lines


def test_a_record_is_known_by_network_and_free_where_the_user_never_was() -> None:
    _, line = world_with_user()
    assert line.record(FIRST) is Record.ACTIVE
    assert line.record(SECOND) is Record.FREE


def test_what_never_comes_to_rest_is_unsettled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_world, "MOST_EVENTS", 3)
    world, line = world_with_user()
    world.wish(line, "request_change", SECOND)
    with pytest.raises(UnsettledError, match="the user: not at rest after 3 events"):
        world.settle()


def test_an_impostor_cannot_be_told_that_the_user_has_left() -> None:
    world, line = world_with_user()
    world.conditions.impostors.add(FIRST)
    world.wish(line, "request_change", SECOND)
    with pytest.raises(UnsettledError, match="the user: a party tries for ever"):
        world.settle()
    assert line.standing is Standing.OPEN
    assert not line.informed


def test_a_secret_in_clear_is_overheard(monkeypatch: pytest.MonkeyPatch) -> None:
    leak = Passage("application server", "card", "short message", "MesP", secret=True)
    monkeypatch.setitem(PASSAGES, "send_message", (leak,))
    world, line = world_with_user()
    world.wish(line, "request_change", SECOND)
    world.settle()
    assert world.overheard


def test_a_violation_stops_the_world() -> None:
    world, line = world_with_user()
    world.wish(line, "request_change", SECOND)
    while line.system.state["card"] is Card.OLD_ONLY:
        world.go_on(line)
    line.system._automata["home_left"].state = Record.FREE
    line.system._automata["home_joined"].state = Record.RELEASED
    with pytest.raises(ViolationError, match=r"B0[58]"):
        world.settle()


def test_the_literal_world_is_held_to_the_claims_only() -> None:
    _, line = world_with_user(Option.LITERAL)
    assert {*line.system._invariants} <= {*CLAIMED}


def test_asking_for_acknowledgement_keeps_what_has_happened() -> None:
    world, line = world_with_user()
    world.wish(line, "request_change", SECOND)
    world.ask_for_acknowledgement()
    world.settle()
    assert "ask_acknowledgement" in world.trace
    assert line.standing is Standing.CHANGED


@pytest.mark.parametrize(
    ("event", "conditions", "count"),
    [
        ("receive_message", Conditions(), 1),
        ("receive_some_parts", Conditions(parts=3), 2),
        ("receive_rest", Conditions(parts=3), 1),
        ("receive_some_parts", Conditions(parts=3, lost_parts={2, 3, 4}), 1),
        ("refuse_altered_message", Conditions(parts=3), 3),
        ("receive_message", Conditions(parts_are_repeated=True), 2),
        ("send_message", Conditions(parts=3), 0),
    ],
)
def test_parts_are_counted_where_they_reach_the_card(
    event: str, conditions: Conditions, count: int
) -> None:
    assert parts_of(event, conditions) == count
