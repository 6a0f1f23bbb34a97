"""The implementation on a stage: each event of the model's tables, brought about in a world.

The world stands: no timer runs out and no message of the method arrives but by an event. Some
events of the model are one with the next in the implementation, which does both in one
transaction; they are carried out with that one (`TOGETHER`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from impl.application_server.change import State
from impl.application_server.server import ChangeView
from impl.card import image
from impl.card.pairs import Pairs
from impl.runtime.deployment import NETWORKS
from impl.runtime.sessions import SERVER
from impl.values import TransactionId
from steps.drivers.simulated_again import AgainScript
from steps.drivers.simulated_attach import AttachScript
from steps.drivers.simulated_card import CardScript
from steps.drivers.simulated_mail import Letter, with_identity
from steps.drivers.simulated_requests import RequestScript
from steps.drivers.simulated_scene import MOST_TIMES, Scene
from steps.drivers.stage import ObstacleError, PairView, Place, Seen, ServerView

if TYPE_CHECKING:
    from steps.drivers.simulated import SimulatedDriver

TOGETHER: Mapping[str, str] = {
    "open_session": "provide_identity",
    "take_identity": "retrieve_admin_code, ask_acknowledgement",
    "grant_acknowledgement": "retrieve_admin_code",
    "send_message": "retrieve_admin_code",
    "receive_message": "what the card does with it",
    "receive_rest": "what the card does with it",
    "inform_left": "confirm_change, refuse_release",
    "send_order": "release_identity",
}
"""Events of the model that are no event of their own here, with the one that does their work."""

VIEWS = {
    State.REQUESTED: ServerView.REQUESTED,
    State.ASKING: ServerView.ASKING,
    State.PERSONALIZED: ServerView.REPORTED,
    State.CONFIRMED: ServerView.CONFIRMED,
    State.OVERTAKEN: ServerView.CONFIRMED,
    State.DONE: ServerView.DONE,
    State.UNANSWERED: ServerView.UNANSWERED,
    State.RELEASING: ServerView.RELEASING,
}


UPDATES_S = 5 * 3600.0
"""After which every device has said once more where it is, and heard if nobody knows it."""
FIRST_REQUESTS = ("take_request", "refuse_unagreed", "refuse_unknown_card", "refuse_own_network")
"""What a request is while no change is under way."""
OVER = frozenset(
    {ServerView.ORDERING, ServerView.ABANDONED, ServerView.DONE, ServerView.UNANSWERED}
)


class SimulatedStage:
    """See `Stage`."""

    def __init__(self, driver: SimulatedDriver) -> None:
        self._scene = Scene(driver)
        self._requests = RequestScript(self._scene)
        self._card = CardScript(self._scene)
        self._again = AgainScript(self._scene, self._card)
        attaches = AttachScript(self._scene)
        self._has_taken = False  # whether the server has, in the model, the notice under way
        self._has_answer = False  # likewise, the yes of the left operator
        self._scripts: dict[str, Callable[[], None]] = {
            **dict.fromkeys(TOGETHER, nothing),
            **self._requests.scripts,
            **self._card.scripts,
            **attaches.scripts,
            **self._of_server(),
            **self._of_operators(),
            "take_identity": self._take,
            "grant_acknowledgement": self._answer,
            "turn_round": self._turn_round,
            "start_over": self._start_over,
        }
        self._all_obstacles = (
            self._requests.obstacles,
            self._card.obstacles,
            attaches.obstacles,
            self._obstacles(),
        )

    def obstacle(self, event: str) -> str | None:
        """See `Stage`."""
        if event not in self._scripts:
            return "no call of this system brings it about"
        scene = self._scene
        for obstacles in self._all_obstacles:
            if event in obstacles and (reason := obstacles[event]()):
                return reason
        return scene.missing(event)

    def carry_out(self, event: str) -> None:
        """See `Stage`."""
        reason = self.obstacle(event)
        if reason:
            raise ObstacleError(f"{event}: {reason}")
        self._scripts[event]()
        self._scene.sort()

    def offer(self, event: str) -> bool:
        """See `Stage`."""
        return self._again.offer(event)

    def seen(self) -> Seen:
        """See `Stage`."""
        scene = self._scene
        server = self._server()
        in_use, sealed = self._pairs()
        mail = scene.mail
        return Seen(
            server=server,
            left=scene.records[scene.left](),
            joined=scene.records[scene.joined](),
            in_use=in_use,
            sealed=sealed,
            device=self._place(),
            refused=scene.refused(),
            under_way={
                "request": mail.has(Letter.REQUEST) or mail.has(Letter.CENTRE),
                "notice": mail.has(Letter.NOTICE),
                "report": mail.has(Letter.REPORT),
                "receipt": bool(scene.receipts),
            },
            unasked=mail.unasked,
        )

    def drain(self) -> Seen:
        """See `Stage`."""
        scene = self._scene
        scene.heal()
        scene.driver.settle()
        scene.simulation.wait(UPDATES_S)
        return self.seen()

    def _of_server(self) -> dict[str, Callable[[], None]]:
        scene, mail = self._scene, self._scene.mail
        return {
            "retrieve_admin_code": self._retrieve,
            "retrieve_wrong_code": lambda: self._retrieve(scene.mistake_code),
            "retrieve_wrong_keys": lambda: self._retrieve(scene.mistake_keys),
            "ask_acknowledgement": self._ask_acknowledgement,
            "refuse_acknowledgement": self._refuse_acknowledgement,
            "miss_acknowledgement": scene.expire_change,
            "refuse_identity": lambda: mail.deliver(Letter.NOTICE),
            "lose_notice": lambda: mail.drop(Letter.NOTICE),
            "ask_again": self._ask_again,
            "stop_waiting": self._stop_waiting,
            "reject_impostor": self._reject_impostor,
            "resend_message": scene.expire_change,
            "give_up": scene.expire_change,
            "leave_order": self._leave_order,
            "confirm_change": lambda: mail.deliver(Letter.CONFIRM),
            "stop_informing": self._stop_informing,
            "release_identity": lambda: mail.deliver(Letter.RELEASE),
            "refuse_release": lambda: mail.deliver(Letter.RELEASE),
            "crash_server": self._crash_server,
        }

    def _of_operators(self) -> dict[str, Callable[[], None]]:
        scene, mail = self._scene, self._scene.mail
        return {
            "provide_identity": lambda: mail.deliver(Letter.RESERVE),
            "garble_identity": self._garble,
            "refuse_exhausted": self._refuse_exhausted,
            "exhaust_pool": self._exhaust_pool,
            "expire_lease": self._expire_lease,
            "delete_subscriber": lambda: mail.deliver(Letter.INFORM),
            "note_deletion": lambda: mail.deliver(Letter.NOTED),
            "crash_left": lambda: scene.restart(f"HLR {scene.left}"),
            "crash_joined": self._crash_joined,
            "crash_centre": scene.restart_centre,
            "crash_message_centre": lambda: scene.restart(f"SMSC {scene.left}"),
        }

    def _obstacles(self) -> dict[str, Callable[[], str | None]]:
        scene = self._scene
        asked_out = "the server has asked as often as it does"
        return {
            "ask_again": lambda: (
                self._without_question() or (None if scene.may_ask_again() else asked_out)
            ),
            "resend_message": self._without_wait,
            "give_up": self._without_wait,
            "leave_order": self._without_wait,
            "miss_acknowledgement": self._without_wait,
            "stop_waiting": self._without_question,
            "stop_informing": scene.without_question,
            "reject_impostor": self._without_question,
            "expire_lease": scene.without_lease,
            "refuse_second_request": self._nothing_open,
            **dict.fromkeys(FIRST_REQUESTS, self._nothing_new),
        }

    def _nothing_open(self) -> str | None:
        if self._server() not in OVER:
            return None
        return "a change is over as soon as the identity is free: a request begins the next one"

    def _nothing_new(self) -> str | None:
        if self._server() not in OVER:
            return None
        return "in the model what is over is left behind first (turn_round, start_over)"

    def _retrieve(self, mistake: Callable[[], None] | None = None) -> None:
        scene = self._scene
        self._has_taken = self._has_answer = False
        if mistake:
            mistake()
        scene.mail.deliver(Letter.ASK if scene.asks else Letter.NOTICE)

    def _ask_acknowledgement(self) -> None:
        self._has_taken = False
        self._scene.mail.deliver(Letter.NOTICE)

    def _refuse_acknowledgement(self) -> None:
        centre = self._scene.network(self._scene.left).centre
        centre.acknowledges = False
        self._scene.mail.deliver(Letter.ASK)
        centre.acknowledges = True

    def _refuse_exhausted(self) -> None:
        """Let the register have nothing to give: then it keeps nothing of who asked."""
        self._scene.mail.deliver(Letter.RESERVE)
        del self._scene.mail.arrived[Letter.RESERVE]

    def _garble(self) -> None:
        """Let the register provide an identity that is not its own."""
        mail = self._scene.mail
        foreign = next(plan for plan in NETWORKS if plan.plmn != self._scene.joined).first_imsi
        mail.deliver(Letter.RESERVE)
        kept = mail.take(Letter.NOTICE)
        mail.kept[Letter.NOTICE].append(
            type(kept)(kept.sender, kept.target, with_identity(kept.octets, foreign))
        )

    def _ask_again(self) -> None:
        if not self._scene.mail.has(Letter.RESERVE):
            self._scene.expire_question()
        self._scene.mail.deliver(Letter.RESERVE)

    def _stop_waiting(self) -> None:
        scene = self._scene
        scene.mail.drop(Letter.NOTICE)
        for _ in range(MOST_TIMES):
            if self._server() is not ServerView.REQUESTED:
                break
            scene.expire_question()
        scene.mail.drop(Letter.RESERVE)

    def _reject_impostor(self) -> None:
        """Let somebody else answer in the register's place, until the server asks no more."""
        scene = self._scene
        scene.mail.passing |= {Letter.RESERVE, Letter.RELEASE}
        scene.impersonate(scene.joined)
        scene.mail.drop(Letter.RESERVE)
        for _ in range(MOST_TIMES):
            if self._server() is ServerView.ABANDONED:
                break
            scene.expire_question()
        scene.unmask(scene.joined)
        scene.mail.passing.clear()

    def _stop_informing(self) -> None:
        """Let the server tell the left network as often as it does, and be answered never."""
        for _ in range(MOST_TIMES):
            if self._server() is not ServerView.CONFIRMED:
                break
            self._scene.expire_question()

    def _leave_order(self) -> None:
        """Let the server order as often as it does, in vain."""
        scene = self._scene
        while scene.without_change_timer() is None:
            scene.expire_change()
        scene.sort(keeps_orders=False)

    def _exhaust_pool(self) -> None:
        self._scene.network(self._scene.joined).register.drain_pool()

    def _expire_lease(self) -> None:
        scene = self._scene
        scene.simulation.expire(f"HLR {scene.joined}", f"lease/{scene.transaction}")

    def _crash_server(self) -> None:
        """Let it die; a notice that it has in the model already comes with the next event."""
        self._lose_untaken()
        self._scene.restart(SERVER)
        if self._has_taken:  # in the model it has no reason to ask again
            self._scene.mail.drop(Letter.RESERVE)

    def _crash_joined(self) -> None:
        self._lose_untaken()
        self._scene.restart(f"HLR {self._scene.joined}")

    def _lose_untaken(self) -> None:
        if not self._has_taken:
            self._scene.mail.drop(Letter.NOTICE)

    def _take(self) -> None:
        self._has_taken = True

    def _answer(self) -> None:
        self._has_answer = True

    def _without_question(self) -> str | None:
        if self._has_taken:
            return "in the model the server has the identity that it asked for"
        return self._scene.without_question()

    def _without_wait(self) -> str | None:
        if self._has_answer:
            return "in the model the server has the answer that it waits for"
        return self._scene.without_change_timer()

    def _turn_round(self) -> None:
        self._card.begin_next(is_late=False)
        self._scene.begin_next(changed=True)

    def _start_over(self) -> None:
        self._card.begin_next(is_late=True)
        self._scene.begin_next(changed=False)

    def _server(self) -> ServerView:
        change = self._scene.change()
        if change is None:
            return ServerView.NONE
        if change.state is State.SENT:
            return ServerView.SENT if change.attempts == 1 else ServerView.RESENT
        if change.state is State.ABANDONED:
            return ServerView.ORDERING if self._is_due(change) else ServerView.ABANDONED
        return VIEWS[change.state]

    def _is_due(self, change: ChangeView) -> bool:
        return (SERVER, f"change/{change.transaction}") in self._scene.simulation.armed

    def _pairs(self) -> tuple[PairView, PairView]:
        memory = self._scene.handset.memory
        pairs = Pairs(memory)
        in_use = self._whose(pairs.active)
        return in_use, self._whose(1 - pairs.active) if pairs.are_two else PairView.NONE

    def _whose(self, index: int) -> PairView:
        memory, places = self._scene.handset.memory, image.PAIRS[index]
        if places.origin.number(memory) == image.NOWHERE:
            return PairView.NONE
        brought = places.origin.number(memory) == image.TRANSACTION
        name = TransactionId(places.transaction.read(memory).hex()) if brought else None
        if name == self._scene.home_transaction:
            return PairView.OLD
        return PairView.NEW if name == self._scene.transaction else PairView.STALE

    def _place(self) -> Place:
        serving = self._scene.handset.terminal.serving_network
        places = {self._scene.left: Place.LEFT, self._scene.joined: Place.JOINED}
        return Place.NOWHERE if serving is None else places[serving]


def nothing() -> None:
    """Do nothing: another event does it."""
