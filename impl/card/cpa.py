"""The card personalization application (CPA): what carries out the command ComP [052] [074] [075].

It answers every order of the application server with an outcome. What an order changes, the counter
of the packet that brought it and the count of wrong admin codes are one transaction of the memory.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from impl.card import image
from impl.card.admin_code import AdminCode
from impl.card.fallback import Fallback
from impl.card.memory import Memory
from impl.card.menu import name_of
from impl.card.pairs import Pairs
from impl.card.question import Question
from impl.card.status import StatusError
from impl.card.subscription import subscription_of
from impl.codec.apdu import SW
from impl.codec.digits import encode_iccid
from impl.codec.personalization import (
    Forget,
    Order,
    Outcome,
    PersonalizationCommand,
    PersonalizationResult,
    Query,
    Replace,
    RollBack,
    decode_command,
    encode_result,
)
from impl.errors import MalformedError, MemoryFullError
from impl.values import Secret, TransactionId


class Errand(Protocol):
    """An order that came in a packet which passed every check."""

    def accept(self) -> None:
        """Keep the packet's counter, as part of the open transaction."""

    def answer(self, result: bytes) -> None:
        """Send the result, where `execute` returned none."""


class PersonalizationApplication:
    """CPA during one life of the card."""

    __slots__ = ("_code", "_fallback", "_memory", "_pairs", "_question")

    def __init__(
        self, memory: Memory, pairs: Pairs, fallback: Fallback, question: Question
    ) -> None:
        self._memory = memory
        self._code = AdminCode(memory)
        self._pairs = pairs
        self._fallback = fallback
        self._question = question

    @property
    def is_selectable(self) -> bool:
        """Whether it is installed [051]."""
        return image.APPLICATION.number(self._memory) == image.INSTALLED

    def execute(self, octets: bytes, errand: Errand) -> bytes | None:
        """Carry out an order and return the result; None if the user has to be asked first.

        Raises:
            StatusError: the user is still being asked about an earlier order; nothing was done.
        """
        if self._question.is_open:
            raise StatusError(SW.TOOLKIT_BUSY)
        try:
            order = decode_command(octets)
        except MalformedError:
            return encode_result(PersonalizationResult(None, Outcome.MALFORMED))
        refusal = self._check(order)
        if refusal is not None:
            return encode_result(refusal)
        if isinstance(order, Replace) and self._has_to_ask(order):
            self._commit(errand, lambda: Outcome.DONE)
            operator = self._operator_name(order) or order.plmn
            self._question.ask(operator, partial(self._go_on, order, errand))
            return None
        return _result(order, self._commit(errand, lambda: self._carry_out(order)))

    def _check(self, order: Order) -> PersonalizationResult | None:
        """Return the refusal of an order that is for another card or has no valid admin code."""
        if encode_iccid(order.iccid) != image.ICCID_FILE.read(self._memory):
            return PersonalizationResult(order.transaction, Outcome.OTHER_CARD)
        if self._code.is_key:
            by_code = order.admin_code is not None
            return PersonalizationResult(order.transaction, Outcome.MALFORMED) if by_code else None
        return self._check_admin_code(order.transaction, order.admin_code)

    def _check_admin_code(
        self, transaction: TransactionId, admin_code: Secret | None
    ) -> PersonalizationResult | None:
        """Count the guess, then compare: cutting the power wins nobody another one."""
        left = self._code.guesses_left
        if not left:
            return PersonalizationResult(transaction, Outcome.BLOCKED, 0)
        if admin_code is None:
            return PersonalizationResult(transaction, Outcome.WRONG_ADMIN_CODE, left)
        self._code.count_guess()
        if not self._code.is_right(admin_code):
            return PersonalizationResult(transaction, Outcome.WRONG_ADMIN_CODE, left - 1)
        return None

    def _commit(self, errand: Errand, carry_out: Callable[[], Outcome]) -> Outcome:
        """Do what is ordered and keep the counter with it, or alone if all is too much."""
        try:
            return self._commit_whole(errand, carry_out)
        except MemoryFullError:
            return self._commit_whole(errand, lambda: Outcome.MEMORY)

    def _commit_whole(self, errand: Errand, carry_out: Callable[[], Outcome]) -> Outcome:
        with self._memory.transaction():
            errand.accept()
            self._code.forgive()
            outcome = carry_out()
        self._fallback.remind()
        return outcome

    def _carry_out(self, order: PersonalizationCommand) -> Outcome:
        match order:
            case Replace():
                return self._replace(order)
            case Query():
                return self._query(order.transaction)
            case RollBack():
                return self._roll_back(order.transaction)
            case Forget():
                return self._forget(order.transaction)

    def _replace(self, order: Replace) -> Outcome:
        """Replace identity and key; a transaction that was done is done, one given up stays so."""
        if self._pairs.find(order.transaction) is not None:
            return Outcome.DONE
        if self._pairs.gave_up(order.transaction):
            return Outcome.UNKNOWN_TRANSACTION
        try:
            subscription = subscription_of(order, self._operator_name(order))
        except MalformedError:
            return Outcome.MALFORMED
        keep_old = image.KEEP_OLD_PAIR.number(self._memory) == image.YES
        self._pairs.bring(subscription, order.transaction, keep_old=keep_old)
        return Outcome.DONE

    def _query(self, transaction: TransactionId) -> Outcome:
        index = self._pairs.find(transaction)
        if index is None:
            return Outcome.UNKNOWN_TRANSACTION
        changed_back = index == self._pairs.newest != self._pairs.active
        return Outcome.CHANGED_BACK if changed_back else Outcome.DONE

    def _roll_back(self, transaction: TransactionId) -> Outcome:
        """Change to the pair before this transaction's, while the card still has it."""
        index = self._pairs.find(transaction)
        if index is None:
            return Outcome.UNKNOWN_TRANSACTION
        if not self._is_open(index):
            return Outcome.CONFIRMED
        if index == self._pairs.active:
            self._pairs.change()
        return Outcome.DONE

    def _forget(self, transaction: TransactionId) -> Outcome:
        """Erase the pair of this transaction; where it is active, change back first."""
        if self._pairs.gave_up(transaction):
            return Outcome.DONE
        outcome = self._roll_back(transaction)
        if outcome is Outcome.DONE:
            self._pairs.give_up(transaction)
        return outcome

    def _is_open(self, index: int) -> bool:
        """Whether this pair came last and no attach has confirmed it: the old one is still here."""
        return self._pairs.are_two and index == self._pairs.newest

    def _operator_name(self, order: Replace) -> str:
        return order.operator_name or name_of(self._memory, order.plmn)

    def _has_to_ask(self, order: Replace) -> bool:
        known = self._pairs.find(order.transaction) is not None
        asks = image.ASK_USER.number(self._memory) == image.YES
        return asks and not known and not self._pairs.gave_up(order.transaction)

    def _go_on(self, order: Replace, errand: Errand, agreed: bool) -> None:  # noqa: FBT001 - of Question
        """Carry out an order that the user was asked about, and send its result."""
        outcome = Outcome.REFUSED_BY_USER
        if agreed:
            outcome = self._commit(errand, lambda: self._replace(order))
        errand.answer(_result(order, outcome))


def _result(order: Order, outcome: Outcome) -> bytes:
    return encode_result(PersonalizationResult(order.transaction, outcome))
