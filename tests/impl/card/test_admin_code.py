"""The admin code: one count of guesses, whoever makes them."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card.admin_code import AdminCode
from impl.card.profile import AdminCodeMode
from impl.values import Secret


@pytest.fixture
def code(terminal: Any) -> AdminCode:
    return AdminCode(terminal.memory)


def test_only_the_right_code_is_right(code: AdminCode) -> None:
    assert code.is_right(Secret(b"12345678"))
    assert not code.is_right(Secret(b"12345679"))
    assert not code.is_right(Secret(b""))


def test_guesses_run_out_and_are_forgiven(code: AdminCode) -> None:
    left = []
    for _ in range(4):
        left.append(code.guesses_left)
        code.count_guess()
    assert left == [3, 2, 1, 0]
    code.forgive()
    assert code.guesses_left == 3


def test_a_guess_that_was_not_compared_is_taken_back(code: AdminCode) -> None:
    code.count_guess()
    code.count_guess()
    code.take_back_guess()
    assert code.guesses_left == 2


@pytest.mark.parametrize("mode", list(AdminCodeMode))
def test_a_code_that_is_a_key_says_so(new_terminal: Any, mode: AdminCodeMode) -> None:
    terminal = new_terminal(admin_code_mode=mode)
    assert AdminCode(terminal.memory).is_key is (mode is AdminCodeMode.KEYING)
