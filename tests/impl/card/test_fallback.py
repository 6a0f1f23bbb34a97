"""Two-pair life: confirmed by an attach, or changed back; never given up by the card itself."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card import image
from impl.card.fallback import MOST_CHANGES, MOST_VAIN_CHANGES
from impl.card.memory import Memory
from impl.card.toolkit import MOST_TRIES
from impl.card.uicc import Uicc
from impl.codec.toolkit import (
    GeneralResult,
    LocationStatus,
    LocationStatusEvent,
    NetworkRejectionEvent,
    Refresh,
)
from impl.errors import PowerLostError
from impl.values import PLMN, Credentials

HOME, NEW_HOME = bytes.fromhex("02f8100001"), bytes.fromhex("1300140001")
NOBODY = bytes.fromhex("62f2200001")
UNKNOWN_IN_HLR, CONGESTION = 0x02, 0x16


@pytest.fixture
def changed(terminal: Any, server: Any) -> Any:
    """Return a terminal whose card holds two pairs, the new one active, after the reset."""
    server.order(server.replacement())
    terminal.serve()
    terminal.restart()
    return terminal


def resets(terminal: Any) -> bool:
    return any(isinstance(command, Refresh) for command in terminal.serve())


def pairs_held(terminal: Any) -> int:
    origins = [places.origin.number(terminal.memory) for places in image.PAIRS]
    return sum(origin != image.NOWHERE for origin in origins)


def reject(terminal: Any, location: bytes, cause: int = UNKNOWN_IN_HLR) -> None:
    assert terminal.tell(NetworkRejectionEvent(location, cause)).sw >> 8 in (0x90, 0x91)


def lose_service(terminal: Any) -> None:
    terminal.tell(LocationStatusEvent(LocationStatus.NO_SERVICE))


def be_limited(terminal: Any) -> None:
    terminal.tell(LocationStatusEvent(LocationStatus.LIMITED))


def test_an_attach_in_the_new_network_erases_the_old_pair(
    changed: Any, first: Credentials, second: Credentials
) -> None:
    changed.attach(PLMN("310410"), second)
    assert pairs_held(changed) == 1
    for secret in (first.k, first.opc):
        assert secret.reveal() not in changed.memory.image
    assert not resets(changed)


def test_after_that_no_rejection_brings_the_old_pair_back(
    changed: Any, second: Credentials
) -> None:
    changed.attach(PLMN("310410"), second)
    reject(changed, NEW_HOME)
    lose_service(changed)
    assert not resets(changed)
    assert changed.authenticate(second).data[:1] == b"\xdb"


def test_service_without_a_challenge_proves_nothing(changed: Any) -> None:
    changed.update("7fff6f7e", b"\x12\x34\x56\x78" + NEW_HOME + b"\0\0")
    changed.tell(LocationStatusEvent(LocationStatus.NORMAL, NEW_HOME))
    assert pairs_held(changed) == 2


@pytest.mark.parametrize(
    ("in_file", "status", "reported"),
    [
        (NEW_HOME, b"\x01", NEW_HOME),  # not updated
        (HOME, b"\x00", HOME),
        (NEW_HOME, b"\x00", HOME),
        (HOME, b"\x00", NEW_HOME),
        (b"\xff" * 5, b"\x01", None),
    ],
)
def test_service_elsewhere_or_an_old_location_proves_nothing(
    changed: Any, second: Credentials, in_file: bytes, status: bytes, reported: bytes | None
) -> None:
    changed.authenticate(second)
    changed.update("7fff6f7e", b"\x12\x34\x56\x78" + in_file + b"\0" + status)
    changed.tell(LocationStatusEvent(LocationStatus.NORMAL, reported))
    assert pairs_held(changed) == 2


def test_service_before_the_reset_is_that_of_the_old_pair(terminal: Any, server: Any) -> None:
    server.order(server.replacement())
    terminal.update("7fff6f7e", b"\x12\x34\x56\x78" + NEW_HOME + b"\0\0")
    terminal.tell(LocationStatusEvent(LocationStatus.NORMAL, NEW_HOME))
    assert pairs_held(terminal) == 2


@pytest.mark.parametrize("cause", [0x02, 0x03, 0x06, 0x08, 0x0B])
def test_a_rejection_for_good_changes_back(changed: Any, first: Credentials, cause: int) -> None:
    reject(changed, NEW_HOME, cause)
    assert resets(changed)
    changed.restart()
    assert changed.authenticate(first).data[:1] == b"\xdb"
    assert pairs_held(changed) == 2


@pytest.mark.parametrize(
    ("location", "cause"), [(NEW_HOME, CONGESTION), (HOME, UNKNOWN_IN_HLR), (NOBODY, 0x0B)]
)
def test_a_rejection_for_now_or_by_another_network_changes_nothing(
    changed: Any, second: Credentials, location: bytes, cause: int
) -> None:
    reject(changed, location, cause)
    assert not resets(changed)
    assert changed.authenticate(second).data[:1] == b"\xdb"


def test_a_rejection_in_a_tracking_area_counts_as_well(changed: Any) -> None:
    event = NetworkRejectionEvent(None, UNKNOWN_IN_HLR, tracking_area=NEW_HOME)
    changed.tell(event)
    assert resets(changed)


def test_a_network_that_does_not_know_the_key_changes_back_when_it_rejects(
    changed: Any, first: Credentials
) -> None:
    assert changed.authenticate(first).sw == 0x9862
    reject(changed, NEW_HOME, CONGESTION)
    assert resets(changed)


def test_a_false_challenge_alone_changes_nothing(
    changed: Any, first: Credentials, second: Credentials
) -> None:
    changed.authenticate(first)
    assert not resets(changed)
    changed.authenticate(second)
    reject(changed, NEW_HOME, CONGESTION)
    assert not resets(changed)


def test_no_service_changes_back_and_limited_service_does_not(changed: Any) -> None:
    changed.tell(LocationStatusEvent(LocationStatus.LIMITED))
    assert not resets(changed)
    lose_service(changed)
    assert resets(changed)


def test_limited_service_after_a_false_challenge_changes_back(
    changed: Any, first: Credentials
) -> None:
    changed.authenticate(first)
    changed.tell(LocationStatusEvent(LocationStatus.LIMITED))
    assert resets(changed)


def test_a_single_pair_has_nothing_to_change_to(terminal: Any, first: Credentials) -> None:
    reject(terminal, HOME)
    lose_service(terminal)
    assert not resets(terminal)
    assert terminal.authenticate(first).data[:1] == b"\xdb"


def test_an_attach_in_the_old_network_never_gives_up_the_new_pair(
    changed: Any, first: Credentials, second: Credentials
) -> None:
    reject(changed, NEW_HOME)
    changed.restart()
    changed.attach(PLMN("20801"), first)
    assert pairs_held(changed) == 2
    reject(changed, HOME)  # the first operator has deleted the subscriber
    changed.restart()
    assert changed.authenticate(second).data[:1] == b"\xdb"


def test_vain_changes_end_until_somebody_powers_the_device(changed: Any) -> None:
    for _ in range(MOST_VAIN_CHANGES):
        lose_service(changed)
        assert resets(changed)
        changed.restart()
    lose_service(changed)
    assert not resets(changed)
    changed.restart()  # not one that the card asked for
    lose_service(changed)
    assert resets(changed)


def test_after_vain_changes_a_rejection_gives_each_pair_its_turn_again(changed: Any) -> None:
    for _ in range(MOST_VAIN_CHANGES):
        lose_service(changed)
        assert resets(changed)
        changed.restart()
    for location in (NEW_HOME, HOME):  # coverage is back, and both networks reject
        reject(changed, location)
        assert resets(changed)
        changed.restart()
    reject(changed, NEW_HOME)
    assert not resets(changed)
    assert image.VAIN_CHANGES.number(changed.memory) == MOST_CHANGES


def test_limited_service_that_lasts_is_none(changed: Any, first: Credentials) -> None:
    be_limited(changed)
    assert not resets(changed)
    be_limited(changed)
    assert resets(changed)
    changed.restart()
    assert changed.authenticate(first).data[:1] == b"\xdb"


def test_limited_service_that_ends_does_not_count(changed: Any, second: Credentials) -> None:
    for _ in range(3):
        be_limited(changed)
        changed.tell(LocationStatusEvent(LocationStatus.NORMAL, HOME))
    assert not resets(changed)
    assert changed.authenticate(second).data[:1] == b"\xdb"


@pytest.mark.parametrize("cause", [0x02, 0x03, 0x06])
def test_limited_service_lasts_where_any_network_ended_all_searches(
    changed: Any, first: Credentials, cause: int
) -> None:
    reject(changed, HOME, cause)
    assert not resets(changed)
    be_limited(changed)
    assert resets(changed)
    changed.restart()
    assert changed.authenticate(first).data[:1] == b"\xdb"


@pytest.mark.parametrize("cause", [0x08, 0x0B, CONGESTION])
def test_limited_service_may_end_where_a_foreign_network_said_anything_else(
    changed: Any, cause: int
) -> None:
    reject(changed, HOME, cause)
    be_limited(changed)
    assert not resets(changed)


def test_a_terminal_that_found_another_network_after_all_keeps_the_pair(
    changed: Any, second: Credentials
) -> None:
    reject(changed, HOME)
    changed.attach(PLMN("310410"), second)
    be_limited(changed)
    assert not resets(changed)


def test_limited_service_of_a_single_pair_has_nothing_to_change_to(terminal: Any) -> None:
    for _ in range(3):
        be_limited(terminal)
    assert not resets(terminal)


def test_service_makes_changes_possible_again(changed: Any, first: Credentials) -> None:
    for _ in range(MOST_VAIN_CHANGES - 1):
        lose_service(changed)
        resets(changed)
        changed.restart()
    changed.attach(PLMN("20801"), first)
    for _ in range(2):
        lose_service(changed)
        assert resets(changed)
        changed.restart()


def test_a_reset_that_the_terminal_owes_is_asked_for_again(terminal: Any, server: Any) -> None:
    server.order(server.replacement())
    terminal.respond(terminal.fetch())  # the report
    for _ in range(MOST_TRIES):
        terminal.respond(terminal.fetch(), GeneralResult.TERMINAL_UNABLE)
    reject(terminal, HOME)
    lose_service(terminal)
    assert resets(terminal)
    assert pairs_held(terminal) == 2
    assert terminal.imsi[:2] == bytes.fromhex("0839")
    terminal.restart()
    assert not resets(terminal)


@pytest.mark.parametrize("status", ["80f2000c", "a0f200000d"])
def test_a_reset_that_the_terminal_owes_comes_up_when_it_polls(
    terminal: Any, server: Any, status: str
) -> None:
    server.order(server.replacement())
    terminal.respond(terminal.fetch())
    for _ in range(MOST_TRIES):
        terminal.respond(terminal.fetch(), GeneralResult.TERMINAL_UNABLE)
    assert terminal.send("00a4000c023f00").sw == 0x9000
    assert terminal.send(status).pending


def test_every_cut_while_the_old_pair_is_erased_leaves_the_new_one(
    changed: Any, first: Credentials, second: Credentials
) -> None:
    changed.authenticate(second)
    changed.update("7fff6f7e", b"\x12\x34\x56\x78" + NEW_HOME + b"\0\0")
    start = changed.memory.image
    after = []
    lost = True
    while lost:
        changed.memory = Memory(start)
        changed.card = Uicc(changed.memory)
        changed.start()
        changed.memory.fuse = 5 * len(after)
        try:
            changed.tell(LocationStatusEvent(LocationStatus.NORMAL, NEW_HOME))
            lost = False
        except PowerLostError:
            changed.memory.fuse = None
            changed.restart()
        changed.memory.fuse = None
        after.append(pairs_held(changed))
        assert changed.authenticate(second).data[:1] == b"\xdb"
    assert after == sorted(after, reverse=True)
    assert after[-1] == 1
    assert first.k.reveal() not in changed.memory.image
