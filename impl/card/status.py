"""Status words as errors, and what a status word of TS 102 221 is called in class A0."""

from __future__ import annotations

from typing import Final

from impl.codec.apdu import SW
from impl.errors import RefusedError


class StatusError(RefusedError):
    """The command ends with this status word. What the card keeps is as before."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


_GSM: Final = {
    SW.WARNING_MEMORY_UNCHANGED: SW.TECHNICAL_PROBLEM,
    SW.MEMORY_PROBLEM: SW.GSM_MEMORY_PROBLEM,
    SW.INCOMPATIBLE_WITH_FILE_STRUCTURE: SW.GSM_FILE_INCONSISTENT,
    SW.SECURITY_STATUS_NOT_SATISFIED: SW.GSM_ACCESS_NOT_FULFILLED,
    SW.PIN_BLOCKED: SW.GSM_CHV_BLOCKED,
    SW.REFERENCED_DATA_INVALIDATED: SW.GSM_CHV_CONTRADICTION,
    SW.CONDITIONS_NOT_SATISFIED: SW.TECHNICAL_PROBLEM,
    SW.NO_EF_SELECTED: SW.GSM_NO_EF_SELECTED,
    SW.INCORRECT_DATA: SW.TECHNICAL_PROBLEM,
    SW.FUNCTION_NOT_SUPPORTED: SW.WRONG_P1_P2,
    SW.FILE_NOT_FOUND: SW.GSM_NOT_FOUND,
    SW.RECORD_NOT_FOUND: SW.GSM_OUT_OF_RANGE,
    SW.INCORRECT_P1_P2: SW.WRONG_P1_P2,
    SW.LC_INCONSISTENT_WITH_P1_P2: SW.WRONG_LENGTH,
    SW.REFERENCED_DATA_NOT_FOUND: SW.GSM_NO_CHV,
}


def in_class_a0(sw: int) -> int:
    """Return what TS 51.011 clause 9.4 calls `sw`; most words are the same in both."""
    if sw >> 8 == 0x61:
        return 0x9F00 | sw & 0xFF
    if sw & 0xFFF0 == 0x63C0:
        return SW.GSM_ACCESS_NOT_FULFILLED if sw & 0xF else SW.GSM_CHV_BLOCKED
    if sw >> 8 == 0x6C:
        return 0x6700 | sw & 0xFF
    return _GSM.get(sw, sw)  # type: ignore[call-overload, no-any-return]  # any number is looked up
