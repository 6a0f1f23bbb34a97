import pytest

from model.application_server import Change
from model.card import Card
from model.home_register import Record
from model.invariants import CLAIMED, GOOD_ENDS, INVARIANTS, Invariant, Moment, matches
from model.system import compose
from model.table import Option

CITED = [one.cites for one in INVARIANTS]


def only(cites: str) -> Invariant:
    (found,) = (one for one in INVARIANTS if one.cites == cites)
    return found


@pytest.mark.parametrize("invariant", INVARIANTS, ids=[f"{one.cites}" for one in INVARIANTS])
def test_an_invariant_is_not_broken_where_everything_begins(invariant: Invariant) -> None:
    composition = compose(Option.HARDENED, Option.ACKNOWLEDGED)
    if invariant.moment is Moment.ALWAYS:
        assert not invariant.broken_in(composition.initial)


@pytest.mark.parametrize("invariant", INVARIANTS, ids=[f"{one.cites}" for one in INVARIANTS])
def test_an_invariant_is_broken_by_what_it_excludes(invariant: Invariant) -> None:
    beginning = compose(Option.HARDENED, Option.ACKNOWLEDGED).initial
    for needs in invariant.never:
        excluded = {name: next(iter(states)) for name, states in needs.items()}
        assert invariant.broken_in({**beginning, **excluded})


def test_a_card_with_a_pair_that_nobody_knows_is_stranded() -> None:
    stranding = only("B08")
    state = {
        "card": Card.NEW_ONLY,
        "home_left": Record.ACTIVE,
        "home_joined": Record.RELEASED,
    }
    assert stranding.broken_in(state)
    assert not stranding.broken_in({**state, "card": Card.BOTH_OLD_ACTIVE})


@pytest.mark.parametrize("cites", ["1f 4a", "6a", "7a", "9b", "B01", "B02", "B05", "B08"])
def test_the_obligations_of_the_slice_are_invariants(cites: str) -> None:
    assert cites in CITED


def test_an_invariant_reads_what_it_and_its_witness_name() -> None:
    assert only("B05").reads == {"application_server", "home_joined"}


def test_the_claims_alone_do_not_demand_that_the_old_pair_is_kept() -> None:
    assert only("1f 4a") in CLAIMED
    assert only("B04 1e") not in CLAIMED


def test_an_acknowledgement_is_demanded_only_where_it_is_asked_for() -> None:
    assert only("9b") in compose(asking=Option.ACKNOWLEDGED).invariants()
    assert only("9b") not in compose().invariants()


def test_the_beginning_is_a_good_end_and_a_change_under_way_is_none() -> None:
    beginning = compose().initial
    assert any(matches(end, beginning) for end in GOOD_ENDS)
    under_way = {**beginning, "application_server": Change.SENT}
    assert not any(matches(end, under_way) for end in GOOD_ENDS)
