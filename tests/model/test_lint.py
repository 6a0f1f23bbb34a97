from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

import pytest

from model import lint
from model.application_server import Change
from model.errors import TableError
from model.explore import Exploration, explore
from model.home_register import Pool, Record
from model.lint import demand_alive, demand_sound
from model.messages import PASSAGES, Passage
from model.obligations import ELSEWHERE
from model.system import Composition, compose
from model.table import Arrow, Component, Kind, Option

Compositions = dict[tuple[Option, Option], Composition]
TAKE = Arrow("S1", "1a", "take_request", Change.REFUSED, Change.REQUESTED)


class Stray(Enum):
    STATE = "of no component"


def with_row(row: Arrow, name: str = "application_server") -> list[Composition]:
    sound = compose()
    (part,) = (one for one in sound.components if one.name == name)
    return [sound.with_arrows(name, [*part.arrows, row])]


def faults(compositions: Sequence[Composition], obligations: frozenset[str]) -> str:
    with pytest.raises(TableError) as caught:
        demand_sound(compositions, obligations)
    return str(caught.value)


def test_our_tables_are_sound(compositions: Compositions, obligations: frozenset[str]) -> None:
    demand_sound(list(compositions.values()), obligations)


def test_every_row_and_every_invariant_is_alive(
    explorations: dict[tuple[Option, Option], Exploration],
) -> None:
    demand_alive(list(explorations.values()))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (replace(TAKE, event="take_bribe", cites="1z"), "cites '1z', which is no obligation"),
        (replace(TAKE, event="take_bribe", cites=""), "take_bribe from REFUSED .*: cites nothing"),
        (replace(TAKE, event="take_bribe", step="S9"), "there is no step 'S9'"),
        (replace(TAKE, event="fire"), "an event cannot be called 'fire'"),
        (replace(TAKE, event="trail"), "an event cannot be called 'trail'"),
        (replace(TAKE, event="take bribe"), "an event cannot be called 'take bribe'"),
        (TAKE, "its condition does not exclude that of Change: take_request from REFUSED"),
        (replace(TAKE, event="give_up"), "NORMAL, in another row TIMER|TIMER, .* NORMAL"),
        (replace(TAKE, event="x", target=Stray.STATE), "not states of application_server"),
        (replace(TAKE, event="x", needs={"sky": {Pool.AVAILABLE}}), "'sky', which is no component"),
        (replace(TAKE, event="x", needs={"pool": {Record.FREE}}), "needs of pool what is no state"),
        (replace(TAKE, event="x", needs={"pool": set()}), "needs of pool what is no state of it"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.event,
)
def test_a_row_that_is_wrong_is_named(row: Arrow, fault: str, obligations: frozenset[str]) -> None:
    with pytest.raises(TableError, match=fault):
        demand_sound(with_row(row), obligations)


def test_rows_whose_conditions_exclude_each_other_do_not_overlap(
    obligations: frozenset[str],
) -> None:
    rows = [
        replace(TAKE, event="x", needs={"pool": {Pool.AVAILABLE}}),
        replace(TAKE, event="x", needs={"pool": {Pool.EXHAUSTED}}),
    ]
    sound = compose()
    (server,) = (one for one in sound.components if one.name == "application_server")
    composition = sound.with_arrows("application_server", [*server.arrows, *rows])
    demand_sound([compose(Option.HARDENED, Option.ACKNOWLEDGED), composition], obligations)


def test_two_components_of_one_name_are_named(obligations: frozenset[str]) -> None:
    sound = compose()
    pool = next(one for one in sound.components if one.name == "pool")
    twice = Composition((*sound.components, pool), sound.options)
    assert "pool: two components of this name" in faults([twice], obligations)


def test_a_participant_that_one_variant_leaves_out_is_named(obligations: frozenset[str]) -> None:
    hardened, literal = compose(Option.HARDENED), compose(Option.LITERAL)
    device = next(one for one in literal.components if one.name == "device")
    fewer = [row for row in device.arrows if row.event != "accept_joined"]
    fault = "accept_joined: device has no row for it under LITERAL and UNACKNOWLEDGED"
    assert fault in faults([hardened, literal.with_arrows("device", fewer)], obligations)


def test_a_message_at_an_event_that_no_table_has_is_named(obligations: frozenset[str]) -> None:
    alone = Composition((Component("application_server", (TAKE,), Change.REFUSED),), frozenset())
    assert "request_change: a message passes at it, but no table has it" in faults(
        [alone], obligations
    )


def test_an_obligation_that_nothing_states_is_named(
    compositions: Compositions, obligations: frozenset[str]
) -> None:
    more = obligations | {"E99"}
    fault = "E99: no row or invariant cites it, and no reason is given"
    assert faults(list(compositions.values()), more) == fault


def test_a_reason_for_silence_that_is_none_is_named(
    compositions: Compositions, obligations: frozenset[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint, "ELSEWHERE", {**ELSEWHERE, "B03": "nobody knows", "X1": "likewise"})
    found = faults(list(compositions.values()), obligations)
    assert "B03: a reason why no row" in found
    assert "X1: a reason why no row" in found


def test_a_secret_that_passes_in_clear_is_named(
    compositions: Compositions, obligations: frozenset[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = {"send_message": (Passage("server", "card", "short message", "MesP", secret=True),)}
    monkeypatch.setattr(lint, "PASSAGES", {**PASSAGES, **bare})
    fault = "send_message: MesP holds a secret and passes in clear (B09)"
    assert faults(list(compositions.values()), obligations) == fault


def test_an_obligation_that_an_invariant_cites_must_exist(obligations: frozenset[str]) -> None:
    assert "B08: not all of these are obligations" in faults([compose()], obligations - {"B08"})


def test_a_row_that_nothing_draws_is_named() -> None:
    dead = replace(
        TAKE, event="take_bribe", source=Change.CHANGED, needs={"pool": {Pool.EXHAUSTED}}
    )
    with pytest.raises(
        TableError, match=r"take_bribe from CHANGED .*: no reachable state draws it"
    ):
        demand_alive([explore(with_row(dead)[0])])


def test_a_row_that_one_variant_draws_is_alive_in_all(
    explorations: dict[tuple[Option, Option], Exploration],
) -> None:
    literal = explorations[Option.LITERAL, Option.UNACKNOWLEDGED]
    assert literal.unfired
    with pytest.raises(TableError):
        demand_alive([literal])


def test_kinds_are_compared_within_one_event(obligations: frozenset[str]) -> None:
    row = replace(TAKE, event="repeat_request", source=Change.IDLE, kind=Kind.NORMAL)
    assert "repeat_request" in faults(with_row(row), obligations)
