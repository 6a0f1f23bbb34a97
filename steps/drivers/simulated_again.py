"""What comes once more on the stage, out of turn: messages that arrived before, timers that ran.

Whoever gets it may not change anything by it. What is answered to it is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from impl.codec.mobility import MmType
from steps.drivers.simulated_card import OBEYED, CardScript
from steps.drivers.simulated_mail import Letter
from steps.drivers.simulated_scene import NEEDS, RETRIEVING, Scene

LETTERS: Mapping[str, Letter] = {
    **NEEDS,
    **dict.fromkeys(RETRIEVING, Letter.NOTICE),
    "hear_done": Letter.REPORT,
    "hear_wrong_code": Letter.REPORT,
    "hear_refusal": Letter.REPORT,
    "hear_blocked": Letter.REPORT,
    "take_request": Letter.REQUEST,
    "refuse_second_request": Letter.REQUEST,
    "refuse_repeated_request": Letter.REQUEST,
    "refuse_unagreed": Letter.REQUEST,
    "refuse_unknown_card": Letter.REQUEST,
    "refuse_own_network": Letter.REQUEST,
    "refuse_outdated_request": Letter.REQUEST,
    "refuse_nameless_request": Letter.REQUEST,
}
"""By event, the letter that brings it about."""
TIMERS: Mapping[str, str] = {
    "ask_again": "outbox/reserve:",
    "stop_waiting": "outbox/reserve:",
    "stop_informing": "outbox/inform:",
    "resend_message": "change/",
    "give_up": "change/",
    "leave_order": "change/",
    "miss_acknowledgement": "change/",
    "expire_lease": "lease/",
}
"""By event, how the timer is called that brings it about."""
ATTACHES: Mapping[str, MmType] = {
    "accept_joined": MmType.LOCATION_UPDATING_ACCEPT,
    "accept_left": MmType.LOCATION_UPDATING_ACCEPT,
    "lose_accept": MmType.LOCATION_UPDATING_ACCEPT,
    "reject_joined": MmType.LOCATION_UPDATING_REJECT,
    "reject_late": MmType.LOCATION_UPDATING_REJECT,
    "reject_left": MmType.LOCATION_UPDATING_REJECT,
}
"""By event, what a network says to the device."""


class AgainScript:
    """By event, what brings it about once more; False where there was nothing of it before."""

    def __init__(self, scene: Scene, card: CardScript) -> None:
        self._scene = scene
        self._card = card
        execution = (*OBEYED, "refuse_wrong_keys", "refuse_by_user", "refuse_replay")
        self._scripts: dict[str, Callable[[str], bool]] = {
            **dict.fromkeys(LETTERS, self._say_letter),
            **dict.fromkeys(TIMERS, self._run_out),
            **dict.fromkeys(ATTACHES, self._say_to_device),
            **dict.fromkeys(execution, lambda _: card.replay()),
            "refuse_altered_message": lambda _: card.replay_altered(),
            "obey_order": lambda _: card.replay_order(),
            "refuse_order": lambda _: card.replay_order(),
            "hear_receipt": lambda _: card.repeat_receipt(),
        }

    def offer(self, event: str) -> bool:
        """Let what brings `event` about come once more; whether there was anything to come."""
        script = self._scripts.get(event)
        if script is None:
            return False
        with self._scene.aside():
            return script(event)

    def _say_letter(self, event: str) -> bool:
        said = self._scene.mail.arrived.get(LETTERS[event])
        if said is not None:
            self._scene.simulation.pass_on(said)
        return said is not None

    def _run_out(self, event: str) -> bool:
        """Let a timer run out that was stopped, or ran out before."""
        simulation = self._scene.simulation
        for name, timer in reversed(simulation.ever_armed):
            is_of_event = timer.startswith(TIMERS[event])
            if is_of_event and (name, timer) not in simulation.armed:
                simulation.overrun(name, timer)
                return True
        return False

    def _say_to_device(self, event: str) -> bool:
        """Let the device hear again what it was told when it attached, now that it is attached."""
        said = self._scene.mail.told.get(ATTACHES[event])
        if said is None or self._scene.handset.terminal.serving_network is None:
            return False
        self._scene.simulation.pass_on(said)
        return True
