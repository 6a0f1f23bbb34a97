"""Tests of what all toolkit messages share."""

from __future__ import annotations

from typing import Annotated

import pytest

from impl.codec.object_record import Required
from impl.codec.tlv import ComprehensionTlv
from impl.codec.toolkit_objects import (
    ToolkitMessage,
    check_source,
    device_object,
    refuse_uncomprehended,
    take_object,
)
from impl.codec.toolkit_values import Device, Tag
from impl.errors import MalformedError, MissingError

FROM_CARD = ComprehensionTlv(Tag.DEVICE_IDENTITIES, b"\x81\x82")
TPDU = ComprehensionTlv(Tag.SMS_TPDU, b"\1")


class Example(ToolkitMessage):
    """Two objects, one of which is written without the flag."""

    need_no_comprehension = frozenset({Tag.ADDRESS})

    address: Annotated[bytes, Required(Tag.ADDRESS)]
    tpdu: Annotated[bytes, Required(Tag.SMS_TPDU)]


def test_the_flag_stands_on_what_must_be_comprehended() -> None:
    flags = [each.comprehension_required for each in Example(b"", b"").objects()]
    assert flags == [False, True]


def test_device_identities_say_who_speaks_to_whom() -> None:
    assert device_object(Device.UICC, Device.TERMINAL) == FROM_CARD
    assert check_source([TPDU, FROM_CARD], Device.UICC, "message") == (TPDU,)


def test_somebody_else_or_nobody_speaking_is_refused() -> None:
    with pytest.raises(MalformedError):
        check_source([FROM_CARD], Device.TERMINAL, "message")
    with pytest.raises(MissingError):
        check_source([TPDU], Device.UICC, "message")
    with pytest.raises(MalformedError):
        check_source([ComprehensionTlv(Tag.DEVICE_IDENTITIES, b"\x81")], Device.UICC, "message")


def test_an_object_is_taken_out_of_the_others() -> None:
    later = ComprehensionTlv(Tag.SMS_TPDU, b"\2")
    assert take_object([FROM_CARD, TPDU, later], Tag.SMS_TPDU, "message") == (b"\1", (FROM_CARD,))
    with pytest.raises(MissingError):
        take_object([FROM_CARD], Tag.SMS_TPDU, "message")


def test_an_unknown_object_is_refused_if_it_must_be_comprehended() -> None:
    refuse_uncomprehended([ComprehensionTlv(0x7E, b"", comprehension_required=False)], "message")
    with pytest.raises(MalformedError):
        refuse_uncomprehended([ComprehensionTlv(0x7E, b"")], "message")
