"""One system and the model beside it, event by event: the core of lockstep and suites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from model.compile import Packed, Space, Step
from model.errors import UnknownEventError
from steps.checks.abstraction import differences
from steps.driver import Driver, UnsupportedError
from steps.drivers.stage import Seen, Stage, Staged

GROUPS: Sequence[frozenset[str]] = (
    frozenset(
        {
            "replace_identity",
            "refuse_wrong_code",
            "block_admin_code",
            "refuse_blocked",
            "answer_again",
            "refuse_wrong_keys",
            "refuse_replay",
            "refuse_by_user",
            "cut_power",
        }
    ),
    frozenset(
        {
            "accept_joined",
            "accept_left",
            "reject_joined",
            "reject_left",
            "reject_late",
            "lose_accept",
        }
    ),
    frozenset({"hear_done", "hear_wrong_code", "hear_refusal", "hear_blocked"}),
    frozenset(
        {
            "take_request",
            "refuse_second_request",
            "refuse_repeated_request",
            "refuse_outdated_request",
            "refuse_unagreed",
            "refuse_unknown_card",
            "refuse_own_network",
            "refuse_nameless_request",
        }
    ),
    frozenset({"release_identity", "refuse_release"}),
    # Asked again after the reservation ended, the register says no, and the server stops waiting.
    frozenset(
        {"provide_identity", "refuse_exhausted", "garble_identity", "ask_again", "stop_waiting"}
    ),
    frozenset(
        {
            "refuse_identity",
            "retrieve_admin_code",
            "take_identity",
            "ask_acknowledgement",
            "retrieve_wrong_code",
            "retrieve_wrong_keys",
        }
    ),
    frozenset(
        {
            "retrieve_admin_code",
            "retrieve_wrong_code",
            "retrieve_wrong_keys",
            "grant_acknowledgement",
            "refuse_acknowledgement",
        }
    ),
    frozenset({"obey_order", "refuse_order"}),
    frozenset({"resend_message", "give_up", "leave_order", "miss_acknowledgement"}),
)
"""Events that are one and the same thing to do: what comes of it decides which one it was."""

WORLD = frozenset({
    "exhaust_pool", "turn_round", "start_over", "request_change", "ask_centre", "cut_power",
    "repeat_message", "repeat_order", "repeat_report", "repeat_request", "repeat_part",
    "alter_message", "lose_message", "lose_order", "lose_request", "lose_report", "lose_receipt",
    "lose_notice", "receive_message", "receive_rest", "receive_some_parts", "obey_late_message",
    "miss_joined", "miss_left", "reject_impostor", "refuse_centre", "restart_device",
})  # fmt: skip
"""What the world does to messages, users and devices: no party could refuse it."""

UNASKED = frozenset({
    "open_session", "take_identity", "send_message", "send_order", "inform_left",
    "grant_acknowledgement",
})  # fmt: skip
"""What a party does of itself: that it does not is compared after whatever happens."""

AHEAD = frozenset({"open_session", "send_message", "send_order", "inform_left"})
"""What an implementation may do together with the event before: it is ahead of the model then."""

ASKING = "ask_acknowledgement"
"""The tables have it where the left operator is asked before a message leaves [079]."""

REFUSALS = frozenset({
    "refuse_unagreed", "refuse_unknown_card", "refuse_own_network", "refuse_second_request",
    "refuse_repeated_request", "refuse_outdated_request", "refuse_centre",
})  # fmt: skip
"""After these, and no others, the server has one refusal more to show."""


CALLS = ("obstacle", "carry_out", "offer", "seen", "drain")
"""What a stage is called for."""


class LockstepError(AssertionError):
    """System and model differ. Both stay as they are."""

    def __init__(self, event: str, found: Sequence[str], trace: Sequence[str]) -> None:
        super().__init__(f"after {event}: {'; '.join(found)}; by: {' > '.join(trace)}")
        self.event = event
        self.found = tuple(found)
        self.trace = tuple(trace)


class HiddenError(Exception):
    """The model lets an event happen that cannot be brought about in this system, for a reason."""

    def __init__(self, event: str, reason: str) -> None:
        super().__init__(f"{event}: {reason}")
        self.event = event
        self.reason = reason


class Refused(Enum):
    """How it showed that an event cannot happen."""

    OTHERWISE = "what brings it about has another outcome here, which is a transition of its own"
    UNCHANGED = "it was brought about, and changed nothing"
    AGAIN = "what brings it about came once more, out of turn, and changed nothing"
    AHEAD = "the system has done more already, and after that it can happen"
    UNASKED = "a party would do it of itself: that it did not is seen after every event"
    WORLD = "it is done by the world, which no party can refuse"
    NOWHERE = "wherever this party would refuse it, another one does already"
    ABSENT = "there is nothing to bring it about with, and was not before"


@dataclass
class Walk:
    """A system and the model, side by side."""

    space: Space
    stage: Stage
    state: Packed = field(init=False)
    trace: list[str] = field(default_factory=list)
    """What happened, and in brackets what was tried in vain."""
    _seen: Seen = field(init=False)

    def __post_init__(self) -> None:
        self.state = self.space.initial
        self._seen = self.stage.seen()
        self._compare("the beginning")

    @property
    def unpacked(self) -> Mapping[str, Enum]:
        """The state of the model, by component."""
        return self.space.packing.unpack(self.state)

    def following(self, event: str) -> Packed | None:
        """Return the model's state after `event`, None if it cannot happen now.

        Raises:
            UnknownEventError: no table has it.
        """
        if event not in self.space.composition.events:
            raise UnknownEventError(event, self.space.composition.events)
        table = self.space.events[event]
        return next((self.state + one.added for one in table[self.state & table.mask]), None)

    def enabled(self) -> list[Step]:
        """Return what can happen in the model now."""
        return list(self.space.steps(self.state))

    def step(self, event: str) -> None:
        """Let `event` happen in both, and compare what is seen then.

        Raises:
            HiddenError: it cannot be brought about in the system. Nothing was done.
            LockstepError: they differ.
            ForbiddenTransitionError: the model does not let it happen. Nothing was done.
        """
        after = self.following(event)
        assert after is not None, f"{event} cannot happen in the model"
        reason = self.stage.obstacle(event)
        if reason:
            raise HiddenError(event, reason)
        self.trace.append(event)
        before = self._seen
        self.stage.carry_out(event)
        self.state = after
        self._seen = self.stage.seen()
        more = self._seen.refused - before.refused
        wrong = more != (event in REFUSALS)
        self._compare(event, [f"the server notes {more} refusals more"] if wrong else [])

    def refuse(self, event: str) -> Refused:
        """Try an event that the model does not let happen: it may change nothing.

        Raises:
            LockstepError: it changed something.
        """
        assert self.following(event) is None, f"{event} can happen in the model"
        how = self._apart(event)
        if how is not None:
            return how
        before = self._seen
        if not self.stage.obstacle(event):
            self.stage.carry_out(event)
            how = Refused.UNCHANGED
        elif self.stage.offer(event):
            how = Refused.AGAIN
        else:
            return Refused.ABSENT
        self.trace.append(f"({event})")
        self._seen = self.stage.seen()
        more = self._seen.unasked - before.unasked
        self._compare(event, [f"the server sends {more} parts to the card"] if more else [])
        return how

    def _apart(self, event: str) -> Refused | None:
        """Say why an event that cannot happen is not to be tried; None if it is."""
        if event in WORLD:
            return Refused.WORLD
        if event in UNASKED:
            return Refused.UNASKED
        others = self._soon()
        if event in others:
            return Refused.AHEAD
        if any(event in group and group & others for group in GROUPS):
            return Refused.OTHERWISE
        return None

    def _soon(self) -> set[str]:
        """Return what can happen in the model now, or after what the system has done already."""
        now = self.enabled()
        ahead = [one for one in now if one.event in AHEAD]
        later = (step for one in ahead for step in self.space.steps(self.state + one.added))
        return {one.event for one in (*now, *later)}

    def _compare(self, event: str, found: Sequence[str] = ()) -> None:
        all_found = [*differences(self._seen, self.unpacked), *found]
        if all_found:
            raise LockstepError(event, all_found, self.trace)


def beside(space: Space, driver: Driver) -> Walk:
    """Put a new system on its stage, and the model in `space` beside it.

    Raises:
        UnsupportedError: it can only be driven as a whole.
    """
    if ASKING in space.composition.events:
        driver.ask_for_acknowledgement()
    return Walk(space, put_on_stage(driver))


def put_on_stage(driver: Driver) -> Stage:
    """Return the stage of a driver.

    Raises:
        UnsupportedError: it can only be driven as a whole.
    """
    if not isinstance(driver, Staged):
        raise UnsupportedError(
            f"{type(driver).__name__} has no stage() (steps/drivers/stage.py), by which single "
            "events are brought about: hold it against the model at rest, as shadowed(...)"
        )
    stage = driver.stage()
    missing = [name for name in CALLS if not callable(getattr(stage, name, None))]
    if missing:
        raise UnsupportedError(
            f"what stage() of {type(driver).__name__} returns has no {', '.join(missing)}: "
            "it needs all calls of Stage (steps/drivers/stage.py)"
        )
    return stage
