"""Requests on the stage: how each event of Req is brought about in the implementation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from impl.device.dpa import NotOnMenuError
from impl.errors import UserDidNotAgreeError
from impl.runtime.deployment import NETWORKS, make_iccid
from impl.runtime.stepping import Kept
from impl.values import PLMN
from steps.drivers.simulated_mail import Letter, asking_for, renamed, with_packet, without_card
from steps.drivers.simulated_scene import Scene

NO_CARD = make_iccid(999)
"""Of a card that nobody has."""
UNAGREED = NETWORKS[2].plmn
"""A network whose operator agreed on nothing."""


class RequestScript:
    """The events of Req."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._asked_in: PLMN | None = None
        """The network that was the card's own when the request under way was said."""
        self._taken: Kept | None = None
        """The last request of the device that came to the server as it was said."""
        self._repeated = False
        self.scripts: dict[str, Callable[[], None]] = {
            "request_change": self._request,
            "ask_centre": self._ask_centre,
            "decline_at_centre": self._decline,
            "lose_request": self._lose,
            "take_request": self._deliver,
            "refuse_second_request": self._deliver,
            "refuse_unagreed": lambda: self._deliver_for(plmn=UNAGREED),
            "refuse_unknown_card": self._deliver_of_nobody,
            "refuse_own_network": self._deliver_for_own,
            "refuse_nameless_request": self._deliver_nameless,
            "refuse_centre": self._overreach,
            "repeat_request": self._repeat,
            "refuse_repeated_request": self._deliver,
            "refuse_outdated_request": self._deliver,
        }
        self.obstacles: dict[str, Callable[[], str | None]] = {
            "request_change": self._without_service,
            "take_request": self._without_request,
            "refuse_second_request": self._without_request,
            "refuse_own_network": self._without_request,
            "refuse_unknown_card": self._without_request,
            "refuse_unagreed": self._without_device_request,
            "refuse_nameless_request": self._without_device_request,
            "lose_request": self._without_device_request,
            "refuse_centre": self._without_centre_request,
            "repeat_request": self._without_past,
            "refuse_repeated_request": self._without_repeated,
            "refuse_outdated_request": self._without_outdated,
        }

    def _without_service(self) -> str | None:
        serving = self._scene.handset.terminal.serving_network
        if self._scene.mail.has(Letter.REQUEST) or self._scene.mail.has(Letter.CENTRE):
            return "a request is under way"
        return None if serving else "the device has no service"

    def _without_any(self) -> str | None:
        if self._repeated:
            return "what is under way is a request once more"
        mail = self._scene.mail
        is_there = mail.has(Letter.REQUEST) or mail.has(Letter.CENTRE)
        return None if is_there else "no request is under way"

    def _without_request(self) -> str | None:
        reason = self._without_any()
        if reason:
            return reason
        return "the card was another network's when this was asked" if self._is_outdated else None

    def _without_outdated(self) -> str | None:
        reason = self._without_any()
        if reason or self._is_outdated:
            return reason
        return "the card is still of the network of which it was when this was asked"

    @property
    def _is_outdated(self) -> bool:
        return self._asked_in != self._scene.left

    def _without_device_request(self) -> str | None:
        if not self._scene.mail.has(Letter.REQUEST):
            return "no request of a device is under way"
        return self._without_request()

    def _without_centre_request(self) -> str | None:
        if not self._scene.mail.has(Letter.CENTRE):
            return "no request of a customer centre is under way"
        return self._without_request()

    def _without_past(self) -> str | None:
        if self._taken:
            return None
        return "only a short message can come again, and the server has had none"

    def _without_repeated(self) -> str | None:
        return None if self._repeated else "no request is under way once more"

    def _request(self) -> None:
        """Let the user choose the network that the card would join."""
        scene = self._scene
        self._asked_in, self._repeated = scene.left, False
        scene.driver.world.journal.mark()
        with suppress(NotOnMenuError):
            scene.world.choose(scene.handset, scene.network(scene.joined).plan.name)
        scene.simulation.run()

    def _ask_centre(self) -> None:
        scene = self._scene
        self._asked_in, self._repeated = scene.left, False
        network = scene.network(scene.joined)
        commands = network.centre.request(scene.iccid, user_agreed=True)
        scene.world.perform(network.centre_name, commands)

    def _decline(self) -> None:
        scene = self._scene
        with suppress(UserDidNotAgreeError):
            scene.network(scene.joined).centre.request(scene.iccid, user_agreed=False)

    def _lose(self) -> None:
        self._scene.mail.drop(Letter.REQUEST)

    def _deliver(self) -> None:
        mail = self._scene.mail
        if mail.has(Letter.CENTRE):
            mail.deliver(Letter.CENTRE)
            return
        self._taken, self._repeated = mail.kept[Letter.REQUEST][0], False
        mail.deliver(Letter.REQUEST)

    def _deliver_for(self, plmn: PLMN) -> None:
        keys = self._scene.handset.profile.ota_keys
        self._scene.mail.deliver(Letter.REQUEST, lambda octets: renamed(octets, keys, plmn=plmn))

    def _deliver_for_own(self) -> None:
        """Let the request name the card's own network; a customer centre names but itself."""
        scene = self._scene
        if scene.mail.has(Letter.REQUEST):
            self._deliver_for(plmn=scene.left)
            return
        kept = scene.mail.take(Letter.CENTRE)
        own = scene.network(scene.left).centre_name
        octets = asking_for(kept.octets, plmn=scene.left)
        scene.simulation.pass_on(Kept(own, kept.target, octets))

    def _deliver_of_nobody(self) -> None:
        mail, keys = self._scene.mail, self._scene.handset.profile.ota_keys
        if mail.has(Letter.REQUEST):
            mail.deliver(Letter.REQUEST, lambda octets: renamed(octets, keys, iccid=NO_CARD))
        else:
            mail.deliver(Letter.CENTRE, lambda octets: asking_for(octets, iccid=NO_CARD))

    def _deliver_nameless(self) -> None:
        keys = self._scene.handset.profile.ota_keys
        self._scene.mail.deliver(
            Letter.REQUEST,
            lambda octets: with_packet(octets, lambda packet: without_card(packet, keys)),
        )

    def _overreach(self) -> None:
        """Let a customer centre ask for a change to another network than its own."""
        mail, own = self._scene.mail, self._scene.left
        mail.deliver(Letter.CENTRE, lambda octets: asking_for(octets, plmn=own))

    def _repeat(self) -> None:
        assert self._taken is not None
        self._scene.mail.kept[Letter.REQUEST].append(self._taken)
        self._repeated = True
