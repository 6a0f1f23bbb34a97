import pytest

from model.obligations import ELSEWHERE
from model.system import COMPONENTS, compose
from model.table import Kind, Option

FAULTS = {
    "lost": ["lose_request", "lose_notice", "lose_message", "lose_report", "lose_order"],
    "late": ["obey_late_message"],
    "doubled": ["repeat_part", "repeat_message"],
    "reordered": ["receive_some_parts", "repeat_order"],
    "forged": ["alter_message", "retrieve_wrong_keys", "refuse_nameless_request"],
    "replayed": ["repeat_request", "repeat_message", "repeat_report", "repeat_order"],
    "power cut": ["cut_power"],
    "crash and restart": [
        "crash_server",
        "crash_joined",
        "crash_left",
        "crash_centre",
        "crash_message_centre",
        "restart_device",
    ],
    "pool exhausted": ["exhaust_pool", "refuse_exhausted"],
    "no agreement": ["refuse_unagreed", "refuse_centre"],
    "wrong admin code": ["retrieve_wrong_code", "refuse_wrong_code", "block_admin_code"],
    "user says no": ["refuse_by_user", "decline_at_centre"],
    "nobody answers": ["miss_acknowledgement", "stop_waiting", "give_up"],
    "attach refused": ["reject_joined", "miss_joined", "lose_accept"],
    "pre-acknowledgement refused or silent": ["refuse_acknowledgement", "miss_acknowledgement"],
    "release races with attach": ["expire_lease", "refuse_release"],
    "two requests at once": ["refuse_second_request"],
}


@pytest.mark.parametrize("events", FAULTS.values(), ids=list(FAULTS))
def test_what_can_go_wrong_is_an_event(events: list[str]) -> None:
    assert set(events) <= compose(Option.HARDENED, Option.ACKNOWLEDGED).events.keys()


def test_a_fault_that_no_table_has_is_not_found() -> None:
    assert "lose_mind" not in compose().events


def test_no_other_event_goes_wrong_unseen() -> None:
    seen = {event for events in FAULTS.values() for event in events} | {
        "garble_identity",  # malformed input (B13)
        "reject_impostor",  # no secured session (1b)
        "refuse_own_network",
        "refuse_unknown_card",
        "lose_receipt",
        "miss_left",
    }
    faults = {row.event for part in COMPONENTS for row in part.arrows if row.kind is Kind.FAULT}
    assert faults <= seen


def test_every_reason_says_something() -> None:
    assert all(len(reason.split()) > 3 for reason in ELSEWHERE.values())
