"""Card and device on the stage: how each event of MesP and PoR is brought about."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from impl.card import image
from impl.codec.user_data import UserData
from impl.device.dpa import Answer
from impl.runtime.attacker import as_delivery
from impl.runtime.deployment import SERVER_NUMBER
from impl.runtime.power_cut import PowerCut
from impl.runtime.stepping import Kept
from steps.drivers.simulated_mail import Letter, altered, contents
from steps.drivers.simulated_scene import Scene

HALF = 50
PLENTY = 3
MOST_REFERENCES = 100
OBEYED = (
    "replace_identity", "refuse_wrong_code", "block_admin_code", "refuse_blocked", "answer_again",
)  # fmt: skip
"""Events by which the card accepts the counter of a message."""
NOT_ATTACHED = "the device is not attached to the network that carries the message"


class CardScript:
    """The events between server and card."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._newest = -1  # index of the newest copy whose counter the card accepted
        self._begun: int | None = None  # index of the copy of which the card holds some parts
        self._late: list[Kept] = []
        self._references = 0
        self._life: object = None  # the session of the card in which it got those parts
        self._holds = False  # whether the card has, in the model, all of a message
        self._order_is_under_way = False
        self._report: Kept | None = None
        self._obeyed: list[UserData] = []
        """What the card obeyed last, of this change or an earlier one, in its parts."""
        self._obeyed_order: list[UserData] = []
        self._heard_receipt: Kept | None = None
        self.scripts: dict[str, Callable[[], None]] = {
            **self._of_messages(),
            **self._of_reports(),
        }
        self.obstacles = self._obstacles()

    def begin_next(self, *, is_late: bool) -> None:
        """Let the next change begin; what the card never had of this one may come late."""
        scene = self._scene
        if is_late and self._newest < 0 and scene.copies:
            is_genuine = not scene.has_wrong_code and not scene.has_wrong_keys
            self._late = scene.copies[-1] if is_genuine else self._late
        elif self._newest >= 0:
            self._late = []
        self._newest, self._begun, self._holds = -1, None, False
        self._order_is_under_way = False
        self._report = None

    def replay(self) -> bool:
        """Say again what the card obeyed; False if it never did, or cannot hear it."""
        return self._say_once_more(self._obeyed)

    def replay_altered(self) -> bool:
        """Say it with octets changed; likewise."""
        return self._say_once_more(altered(self._obeyed))

    def replay_order(self) -> bool:
        """Say again an order that came to the card; likewise."""
        return self._say_once_more(self._obeyed_order)

    def repeat_receipt(self) -> bool:
        """Let the server hear a receipt again; False if it never heard one."""
        if self._heard_receipt:
            self._scene.simulation.pass_on(self._heard_receipt)
        return self._heard_receipt is not None

    def _say_once_more(self, parts: Sequence[UserData]) -> bool:
        is_heard = self._scene.handset.terminal.serving_network is not None
        if parts and is_heard and self._begun is None:
            self._say(parts)
            return True
        return False

    def _of_messages(self) -> dict[str, Callable[[], None]]:
        return {
            **dict.fromkeys(OBEYED, self._obey),
            "refuse_wrong_code": lambda: self._guess(PLENTY),
            "block_admin_code": lambda: self._guess(1),
            "refuse_wrong_keys": self._disregard,
            "refuse_replay": self._replay,
            "refuse_by_user": self._refuse_by_user,
            "cut_power": self._cut_power,
            "receive_message": self._hold,
            "receive_rest": self._hold,
            "receive_some_parts": self._receive_some_parts,
            "repeat_part": self._repeat_part,
            "lose_message": _nothing,
            "alter_message": _nothing,
            "repeat_message": _nothing,
            "refuse_altered_message": self._deliver_altered,
            "obey_late_message": self._obey_late,
        }

    def _of_reports(self) -> dict[str, Callable[[], None]]:
        return {
            "hear_done": self._hear,
            "hear_wrong_code": self._hear,
            "hear_refusal": self._hear,
            "hear_blocked": self._hear,
            "hear_receipt": self._hear_receipt,
            "lose_report": self._lose_report,
            "lose_receipt": self._lose_receipt,
            "repeat_report": self._repeat_report,
            "send_order": self._let_order_come,
            "obey_order": self._deliver_order,
            "refuse_order": self._refuse_order,
            "lose_order": self._lose_order,
            "repeat_order": self._let_order_come,
        }

    def _obstacles(self) -> dict[str, Callable[[], str | None]]:
        execution = (*OBEYED, "refuse_wrong_keys", "refuse_by_user", "cut_power")
        return {
            **dict.fromkeys(execution, self._without_fresh_copy),
            "refuse_replay": self._without_old_copy,
            "restart_device": self._executing,
            "receive_some_parts": self._unreachable,
            "repeat_part": self._without_parts,
            "refuse_altered_message": self._unreachable,
            "repeat_message": self._without_copies,
            "obey_late_message": self._without_late,
            "obey_order": self._without_order,
            "refuse_order": self._without_order,
            "hear_done": self._without_report,
            "hear_wrong_code": self._without_report,
            "hear_refusal": self._without_report,
            "hear_blocked": self._without_report,
            "hear_receipt": self._without_receipt,
            "repeat_report": lambda: None if self._report else "no report was sent",
        }

    def _hold(self) -> None:
        """Let a message be at the card, which has it with what it does with it."""
        self._holds = True

    def _obey(self) -> None:
        """Let the card have a message that it has not accepted yet."""
        index = self._fresh()
        assert index is not None
        self._deliver(self._rest_of(index))
        self._newest = max(self._newest, index)
        self._obeyed = contents(self._scene.copies[index])
        self._note_report()

    def _guess(self, left: int) -> None:
        """Let the card have a wrong admin code, the last of so many: the world chooses how many."""
        memory = self._scene.handset.memory
        image.GUESSES.set_number(memory, image.GUESS_LIMIT.number(memory) - left)
        self._obey()

    def _disregard(self) -> None:
        """Let the card have a message that is not sealed with its keys: it accepts no counter."""
        index = self._fresh()
        assert index is not None
        parts = self._rest_of(index)
        self._unheard(lambda: self._deliver(parts))

    def _replay(self) -> None:
        index = self._old()
        assert index is not None
        parts = self._rest_of(index)
        self._unheard(lambda: self._deliver(parts))

    def _refuse_by_user(self) -> None:
        scene = self._scene
        image.ASK_USER.set_number(scene.handset.memory, image.YES)
        scene.handset.terminal.dpa.answer = Answer.NO
        self._obey()
        image.ASK_USER.set_number(scene.handset.memory, image.NO)
        scene.handset.terminal.dpa.answer = Answer.YES

    def _cut_power(self) -> None:
        """Let the message reach the card over the air alone: nobody tries again by himself."""
        scene = self._scene
        index = self._fresh()
        assert index is not None
        slot = scene.handset.slot
        card = slot.card
        slot.card = PowerCut(card, scene.handset.memory, HALF, comes_back=True)
        self._say(contents(self._rest_of(index)))
        slot.card = card

    def _receive_some_parts(self) -> None:
        index = self._any()
        self._begun, self._life = index, self._scene.handset.terminal.session
        self._deliver(self._scene.copies[index][:1])

    def _repeat_part(self) -> None:
        assert self._begun is not None
        self._deliver(self._scene.copies[self._begun][:1])

    def _deliver_altered(self) -> None:
        index = self._any()
        if self._begun == index:
            self._begun = None  # with the altered parts it is whole, and gone when it is refused
        parts = altered(contents(self._scene.copies[index]))
        self._unheard(lambda: self._say(parts))

    def _obey_late(self) -> None:
        self._unheard(lambda: self._deliver(self._late))

    def _hear(self) -> None:
        self._scene.mail.deliver(Letter.REPORT)

    def _lose_report(self) -> None:
        self._scene.mail.drop(Letter.REPORT)

    def _repeat_report(self) -> None:
        assert self._report is not None
        self._scene.mail.kept[Letter.REPORT].append(self._report)

    def _deliver_order(self) -> None:
        """Let the card have the order; its receipt is one by itself, beside a report."""
        kept = self._scene.mail.kept
        self._order_is_under_way = False
        report, kept[Letter.REPORT] = kept[Letter.REPORT], []
        self._deliver(self._scene.orders[0])
        self._obeyed_order = contents(self._scene.orders[0])
        self._scene.receipts, kept[Letter.REPORT] = kept[Letter.REPORT], report
        if not self._scene.has_wrong_keys:  # its counter is above that of every copy
            self._newest = len(self._scene.copies) - 1

    def _refuse_order(self) -> None:
        """Let the card have an order that it cannot obey; what it says of it, nobody waits for."""
        receipts = self._scene.receipts
        self._deliver_order()
        self._scene.receipts = receipts

    def _hear_receipt(self) -> None:
        self._heard_receipt = self._scene.receipts.pop(0)
        self._scene.simulation.pass_on(self._heard_receipt)

    def _lose_receipt(self) -> None:
        self._scene.receipts.clear()

    def _let_order_come(self) -> None:
        self._order_is_under_way = True

    def _lose_order(self) -> None:
        """Lose an order, which can be said again."""
        self._order_is_under_way = False

    def _deliver(self, parts: Sequence[Kept]) -> None:
        for part in parts:
            self._scene.simulation.pass_on(part)

    def _say(self, parts: Sequence[UserData]) -> None:
        """Say parts to the device over the air, where no centre says them again."""
        scene = self._scene
        centre = scene.network(scene.left).plan.service_centre
        for part in parts:
            self._references = self._references % MOST_REFERENCES + 1
            rpdu = as_delivery(part, self._references, SERVER_NUMBER, centre)
            scene.world.transmit(scene.handset, [rpdu])
            scene.simulation.run()

    def _unheard(self, deliver: Callable[[], None]) -> None:
        """Deliver what the card does not obey; what it says to that may change nothing."""
        kept = self._scene.mail.kept
        report, kept[Letter.REPORT] = kept[Letter.REPORT], []
        deliver()
        while self._scene.mail.has(Letter.REPORT):
            self._scene.mail.deliver(Letter.REPORT)
        kept[Letter.REPORT] = report

    def _rest_of(self, index: int) -> list[Kept]:
        """Return the parts of a copy that the card does not hold."""
        copy, self._holds = self._scene.copies[index], False
        begun, self._begun = self._begun, None
        has_first = begun == index and self._life is self._scene.handset.terminal.session
        return copy[1:] if has_first else copy  # what a card holds in parts ends with its session

    def _note_report(self) -> None:
        kept = self._scene.mail.kept[Letter.REPORT]
        self._report = kept[-1] if kept else self._report

    def _fresh(self) -> int | None:
        """Return the oldest copy that the card would accept; first the one it has parts of."""
        if self._begun is not None and self._begun > self._newest:
            return self._begun
        index = self._newest + 1
        return index if index < len(self._scene.copies) else None

    def _any(self) -> int:
        index = self._old() if self._fresh() is None else self._fresh()
        assert index is not None
        return index

    def _old(self) -> int | None:
        """Return a copy whose counter the card has accepted."""
        if self._begun is not None:
            return self._begun if self._begun <= self._newest else None
        return self._newest if self._newest >= 0 else None

    def _executing(self) -> str | None:
        return "the card executes a message in the command that brings it" if self._holds else None

    def _unreachable(self) -> str | None:
        scene = self._scene
        if scene.handset.terminal.serving_network != scene.left:
            return NOT_ATTACHED
        known = scene.network(scene.left).register.knows(scene.iccid)
        return None if known and scene.copies else NOT_ATTACHED

    def _without_copies(self) -> str | None:
        return None if self._scene.copies else "no personalization message was sent"

    def _without_fresh_copy(self) -> str | None:
        if not self._holds:
            return "the card has no whole message"
        if self._fresh() is None:
            return "no copy of the message is newer than what the card obeyed"
        return self._unreachable()

    def _without_old_copy(self) -> str | None:
        if not self._holds:
            return "the card has no whole message"
        if self._old() is None:
            return "the card holds parts of a copy that it has not obeyed"
        return self._unreachable()

    def _without_parts(self) -> str | None:
        return self._unreachable() if self._begun is not None else "the card holds no parts"

    def _without_late(self) -> str | None:
        return self._unreachable_order() if self._late else "no message of an earlier change waits"

    def _without_order(self) -> str | None:
        if not self._order_is_under_way or not self._scene.orders:
            return "no order is under way"
        return self._unreachable_order()

    def _unreachable_order(self) -> str | None:
        attached = self._scene.handset.terminal.serving_network == self._scene.left
        return None if attached else NOT_ATTACHED

    def _without_report(self) -> str | None:
        return None if self._scene.mail.has(Letter.REPORT) else "no report is under way"

    def _without_receipt(self) -> str | None:
        return None if self._scene.receipts else "no receipt is under way"


def _nothing() -> None:
    """Nothing arrives yet: what is under way is decided when it does."""
