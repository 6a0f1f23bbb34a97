"""Status words of TS 102 221 as class A0 says them."""

from __future__ import annotations

import pytest

from impl.card.status import StatusError, in_class_a0
from impl.codec.apdu import SW


@pytest.mark.parametrize(
    ("sw", "in_a0"),
    [
        (SW.OK, 0x9000),
        (0x9123, 0x9123),
        (0x6116, 0x9F16),
        (0x6C0B, 0x670B),
        (SW.FILE_NOT_FOUND, 0x9404),
        (SW.NO_EF_SELECTED, 0x9400),
        (SW.RECORD_NOT_FOUND, 0x9402),
        (SW.INCOMPATIBLE_WITH_FILE_STRUCTURE, 0x9408),
        (SW.SECURITY_STATUS_NOT_SATISFIED, 0x9804),
        (0x63C2, 0x9804),
        (0x63C0, 0x9840),
        (SW.PIN_BLOCKED, 0x9840),
        (SW.REFERENCED_DATA_INVALIDATED, 0x9808),
        (SW.MEMORY_PROBLEM, 0x9240),
        (SW.INCORRECT_P1_P2, 0x6B00),
        (SW.WARNING_MEMORY_UNCHANGED, 0x6F00),
    ],
)
def test_class_a0_has_its_own_words(sw: int, in_a0: int) -> None:
    assert in_class_a0(sw) == in_a0


@pytest.mark.parametrize("sw", [SW.WRONG_LENGTH, SW.INS_NOT_SUPPORTED, SW.TOOLKIT_BUSY])
def test_words_that_both_know_stay(sw: int) -> None:
    assert in_class_a0(sw) == sw


def test_a_status_error_says_its_word_and_nothing_else() -> None:
    assert str(StatusError(SW.PIN_BLOCKED)) == "6983"
