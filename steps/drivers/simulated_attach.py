"""The device on the stage: how each event of the attach is brought about."""

from __future__ import annotations

from collections.abc import Callable

from impl.card import image
from impl.card.fallback import MOST_VAIN_CHANGES
from impl.card.pairs import Pairs
from steps.drivers.simulated_mail import Letter
from steps.drivers.simulated_scene import MOST_TIMES, Scene

MOST_TRIES = 4
"""How often the device asks one network before it asks another."""


class AttachScript:
    """The events between device and network."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        attach, searching = self._attach, self._not_searching
        self.scripts: dict[str, Callable[[], None]] = {
            "restart_device": self._restart,
            "accept_joined": attach,
            "accept_left": attach,
            "reject_joined": attach,
            "reject_late": attach,
            "reject_left": attach,
            "lose_accept": self._lose_accept,
            "miss_joined": self._miss,
            "miss_left": self._miss,
        }
        self.obstacles: dict[str, Callable[[], str | None]] = {
            "lose_accept": self._without_attempts,
            "miss_joined": self._without_patience,
            "miss_left": self._without_patience,
            "accept_joined": searching,
            "accept_left": searching,
            "reject_joined": searching,
            "reject_late": searching,
        }

    def _restart(self) -> None:
        scene = self._scene
        terminal = scene.handset.terminal
        scene.mail.drop(Letter.ATTACH)
        scene.world.perform(scene.handset.name, terminal.switch_off())
        scene.world.perform(scene.handset.name, terminal.switch_on())
        scene.simulation.run()

    def _attach(self) -> None:
        """Let the device attach with what its card has, as far as the network lets it."""
        self._search()
        if self._scene.mail.has(Letter.ATTACH):
            self._scene.mail.deliver(Letter.ATTACH)

    def _lose_accept(self) -> None:
        self._search()
        self._scene.mail.loses_accept = True
        self._scene.mail.deliver(Letter.ATTACH)
        self._scene.mail.loses_accept = False

    def _miss(self) -> None:
        """Let nobody answer the device, until its card changes to the other pair."""
        scene = self._scene
        before = Pairs(scene.handset.memory).active
        if scene.handset.terminal.serving_network:
            self._restart()
        for _ in range(MOST_TIMES):
            if Pairs(scene.handset.memory).active != before:
                break
            scene.mail.drop(Letter.ATTACH)
            self._wait_for_answer()

    def _search(self) -> None:
        """Let the device ask for service, if it does not already."""
        scene = self._scene
        if scene.handset.terminal.serving_network:
            self._restart()
        for _ in range(MOST_TIMES):
            if scene.mail.has(Letter.ATTACH) or not self._wait_for_answer():
                break

    def _wait_for_answer(self) -> bool:
        simulation, name = self._scene.simulation, self._scene.handset.name
        waited = [simulation.expire(name, timer) for timer in ("attach", "attach again")]
        return any(waited) or simulation.expire(name, "search")

    def _not_searching(self) -> str | None:
        terminal = self._scene.handset.terminal
        if terminal.serving_network:
            return "it is attached"
        waits = self._scene.mail.has(Letter.ATTACH)
        if terminal.attempts >= MOST_TRIES and not waits:
            return "the device asks other networks first, after four tries in vain"
        return None

    def _without_attempts(self) -> str | None:
        if self._scene.handset.terminal.serving_network:
            return "it is attached"
        tries = self._scene.handset.terminal.attempts
        return "the device asks no more than four times" if tries >= MOST_TRIES else None

    def _without_patience(self) -> str | None:
        vain = image.VAIN_CHANGES.number(self._scene.handset.memory)
        if vain >= MOST_VAIN_CHANGES:
            return "the card changes pairs in vain no more than four times"
        return None if Pairs(self._scene.handset.memory).are_two else "the card has no other pair"
