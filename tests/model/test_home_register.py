import pytest

from model.errors import ForbiddenTransitionError
from model.home_register import COMPONENTS, Notice, Pool, Record
from model.table import Automaton, Option

LEFT, JOINED, NOTICE, POOL = COMPONENTS
FREE = {"pool": Pool.AVAILABLE}
EXHAUSTED = {"pool": Pool.EXHAUSTED}


def joined(state: Record = Record.FREE) -> Automaton:
    return Automaton(JOINED.under({Option.HARDENED}), state)


def test_a_free_identity_is_reserved() -> None:
    register = joined()
    register.fire("provide_identity", FREE)
    assert register.state is Record.RESERVED


def test_an_exhausted_register_provides_nothing() -> None:
    register = joined()
    with pytest.raises(ForbiddenTransitionError):
        register.fire("provide_identity", EXHAUSTED)
    register.fire("refuse_exhausted", EXHAUSTED)
    assert register.state is Record.FREE


@pytest.mark.parametrize("state", [Record.RESERVED, Record.ACTIVE, Record.RELEASED])
def test_no_second_identity_is_provided_for_one_change(state: Record) -> None:
    with pytest.raises(ForbiddenTransitionError):
        joined(state).fire("provide_identity", FREE)


def test_the_first_attach_excludes_the_release() -> None:
    register = joined(Record.RESERVED)
    register.fire("accept_joined", {})
    assert register.state is Record.ACTIVE
    with pytest.raises(ForbiddenTransitionError):
        register.fire("release_identity", {})
    register.fire("refuse_release", {})
    assert register.state is Record.ACTIVE


@pytest.mark.parametrize("event", ["release_identity", "expire_lease"])
def test_the_release_excludes_the_attach(event: str) -> None:
    register = joined(Record.RESERVED)
    register.fire(event, {})
    assert register.state is Record.RELEASED
    with pytest.raises(ForbiddenTransitionError):
        register.fire("accept_joined", {})
    register.fire("reject_joined", {})


@pytest.mark.parametrize("state", [Record.FREE, Record.RELEASED])
def test_a_release_may_be_asked_for_twice_or_for_nothing(state: Record) -> None:
    register = joined(state)
    register.fire("release_identity", {})
    assert register.state is Record.RELEASED


def test_a_lease_of_an_attached_identity_does_not_expire() -> None:
    with pytest.raises(ForbiddenTransitionError):
        joined(Record.ACTIVE).fire("expire_lease", {})


def test_the_register_that_is_left_deletes_and_says_so() -> None:
    register = Automaton(LEFT)
    register.fire("inform_left", {})
    with pytest.raises(ForbiddenTransitionError):
        register.fire("note_deletion", {})
    register.fire("delete_subscriber", {})
    register.fire("note_deletion", {})
    assert register.state is Record.FREE


def test_a_notice_is_taken_once() -> None:
    notice = Automaton(NOTICE)
    notice.fire("provide_identity", {})
    assert notice.state is Notice.UNDER_WAY
    notice.fire("take_identity", {})
    with pytest.raises(ForbiddenTransitionError):
        notice.fire("take_identity", {})


def test_a_malformed_notice_is_refused_and_not_taken() -> None:
    notice = Automaton(NOTICE)
    notice.fire("garble_identity", {})
    with pytest.raises(ForbiddenTransitionError):
        notice.fire("take_identity", {})
    notice.fire("refuse_identity", {})
    assert notice.state is Notice.NONE


def test_a_pool_is_exhausted_by_others_only_while_nothing_is_reserved() -> None:
    pool = Automaton(POOL)
    with pytest.raises(ForbiddenTransitionError):
        pool.fire("exhaust_pool", {"home_joined": Record.RESERVED})
    pool.fire("exhaust_pool", {"home_joined": Record.FREE})
    assert pool.state is Pool.EXHAUSTED
