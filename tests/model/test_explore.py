from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum

import pytest

from model.application_server import Change
from model.card import Card, Counter
from model.explore import Exploration, explore
from model.home_register import Record
from model.invariants import INVARIANTS
from model.scopes import one_card
from model.system import Composition, System, compose
from model.table import Arrow, Option, each

Explorations = dict[tuple[Option, Option], Exploration]
Rows = Sequence[Arrow]


@pytest.mark.parametrize("asking", [Option.ACKNOWLEDGED, Option.UNACKNOWLEDGED])
def test_nothing_breaks_the_hardened_method(explorations: Explorations, asking: Option) -> None:
    exploration = explorations[Option.HARDENED, asking]
    assert not exploration.findings, str(exploration)
    assert exploration.states > 80_000, str(exploration)
    assert exploration.edges > 1_200_000, str(exploration)


@pytest.mark.parametrize("asking", [Option.ACKNOWLEDGED, Option.UNACKNOWLEDGED])
def test_the_literal_method_strands_the_card(explorations: Explorations, asking: Option) -> None:
    exploration = explorations[Option.LITERAL, asking]
    (stranding,) = (one for one in exploration.findings if one.cites == "B08")
    assert "replace_identity" in stranding.trace, str(exploration)
    system = System(compose(Option.LITERAL, asking), invariants=[])
    for event in stranding.trace:
        system.fire(event)
    assert system.state["card"] is Card.NEW_ONLY, str(exploration)
    assert system.state["home_joined"] is Record.RELEASED, str(exploration)


def test_the_shortest_stranding_is_a_change_whose_reservation_ends() -> None:
    literal = explore(compose(Option.LITERAL))
    (stranding,) = (one for one in literal.findings if one.cites == "B08")
    happy = {
        "ask_centre",
        "request_change",
        "take_request",
        "open_session",
        "provide_identity",
        "take_identity",
        "retrieve_admin_code",
        "send_message",
        "receive_message",
        "replace_identity",
    }
    assert [event for event in stranding.trace if event not in happy] == ["expire_lease"]
    assert len(stranding.trace) == 10


def test_the_literal_method_breaks_what_the_hardening_is_for(explorations: Explorations) -> None:
    exploration = explorations[Option.LITERAL, Option.UNACKNOWLEDGED]
    broken = {one.cites for one in exploration.findings}
    assert broken == {"B01", "B03 1p", "B04 1e", "B08", "B03 B04 B14"}, str(exploration)


def rows(composition: Composition, name: str) -> Rows:
    (part,) = (one for one in composition.components if one.name == name)
    return part.arrows


def forget_when_the_old_network_accepts(arrows: Rows) -> Rows:
    careless: dict[tuple[str, Enum], Card] = {("accept_left", Card.BOTH_OLD_ACTIVE): Card.OLD_ONLY}
    return [
        replace(row, target=careless.get((row.event, row.source), row.target)) for row in arrows
    ]


def release_what_is_attached(arrows: Rows) -> Rows:
    return [*arrows, *each("S5", "B05", "release_identity", {Record.ACTIVE}, Record.RELEASED)]


def ask_nobody_when_giving_up(arrows: Rows) -> Rows:
    return [
        replace(row, target=Change.UNCHANGED) if row.event == "give_up" else row for row in arrows
    ]


def inform_on_the_word_of_the_card(arrows: Rows) -> Rows:
    return [*arrows, Arrow("S5", "5a", "inform_left", Change.REPORTED, Change.INFORMED)]


def obey_any_admin_code(arrows: Rows) -> Rows:
    return [replace(row, needs={}) if row.event == "replace_identity" else row for row in arrows]


def obey_replays(arrows: Rows) -> Rows:
    return [
        *arrows,
        *each("S4", "B02", "replace_identity", {Counter.AT_MESSAGE, Counter.AT_ORDER}),
    ]


def send_without_acknowledgement(arrows: Rows) -> Rows:
    return [*arrows, Arrow("S3", "9b", "retrieve_admin_code", Change.ASKED, Change.PREPARED)]


def keep_what_was_reserved(arrows: Rows) -> Rows:
    return [
        replace(row, target=row.source) if row.event == "release_identity" else row
        for row in arrows
    ]


def give_no_way_back(arrows: Rows) -> Rows:
    return [
        replace(row, target=row.source) if row.event == "reject_joined" else row for row in arrows
    ]


@pytest.mark.parametrize(
    ("component", "wrong", "cites"),
    [
        ("card", forget_when_the_old_network_accepts, "B08"),
        ("card", obey_any_admin_code, "1f 4a"),
        ("card", give_no_way_back, "B03 B04 B14"),
        ("counter", obey_replays, "B02"),
        ("home_joined", release_what_is_attached, "B07"),
        ("home_joined", keep_what_was_reserved, "B05"),
        ("application_server", ask_nobody_when_giving_up, "B03 1p"),
        ("application_server", inform_on_the_word_of_the_card, "B08 E17 5b"),
        ("application_server", send_without_acknowledgement, "9b"),
    ],
)
def test_a_wrong_table_is_found_out(
    component: str, wrong: Callable[[Rows], Rows], cites: str
) -> None:
    sound = one_card(Option.HARDENED, Option.ACKNOWLEDGED).bounded(faults=2).composition
    exploration = explore(sound.with_arrows(component, wrong(rows(sound, component))))
    assert cites in {one.cites for one in exploration.findings}, str(exploration)


def test_forgetting_the_new_pair_too_early_needs_a_lost_accept_and_a_way_back() -> None:
    sound = one_card().bounded(faults=2).composition
    careless = forget_when_the_old_network_accepts(rows(sound, "card"))
    exploration = explore(sound.with_arrows("card", careless))
    (stranding,) = (one for one in exploration.findings if one.cites == "B08")
    assert stranding.trace[-6:] == (
        "lose_accept",
        "confirm_change",
        "inform_left",
        "miss_joined",
        "accept_left",
        "delete_subscriber",
    ), str(exploration)


def test_parties_that_go_round_in_circles_are_found_out() -> None:
    sound = one_card().bounded(faults=0).composition
    tireless = replace(
        next(row for row in rows(sound, "application_server") if row.event == "resend_message"),
        target=Change.SENT,
    )
    server = [
        tireless if row.event == "resend_message" else row
        for row in rows(sound, "application_server")
    ]
    wrong = sound.with_arrows("application_server", server)
    cited = {one.sentence for one in explore(wrong).findings}
    assert "left alone, the parties come to rest" in cited


def test_an_invariant_that_nothing_comes_near_is_named() -> None:
    far = replace(INVARIANTS[0], witness={"card": {Card.TORN}})
    exploration = explore(compose(), invariants=[far])
    assert exploration.unwitnessed == (far,)
    assert far.sentence in str(exploration)


def test_a_trace_leads_where_it_says() -> None:
    exploration = explore(compose(Option.LITERAL))
    for finding in exploration.findings:
        system = System(compose(Option.LITERAL), invariants=[])
        for event in finding.trace[:-1]:
            system.fire(event)
        assert system.allows(finding.trace[-1])
