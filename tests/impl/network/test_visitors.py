"""Tests of the register of visitors."""

from __future__ import annotations

from dataclasses import replace

from impl.codec.mobility import TMSI
from impl.network.visitors import Visitor, Visitors
from impl.values import IMSI

ONE = Visitor(IMSI("208010000000001"), "device-1", "hlr", TMSI(b"\0\0\0\1"), None)
OTHER = Visitor(IMSI("208010000000002"), "device-2", "hlr", TMSI(b"\0\0\0\2"), None)


def test_who_entered_is_found_every_way() -> None:
    visitors = Visitors()
    visitors.enter(ONE)
    visitors.enter(OTHER)
    assert visitors.of_imsi(ONE.imsi) == ONE
    assert visitors.of_device("device-1") == ONE
    assert ONE.tmsi is not None
    assert visitors.of_tmsi(ONE.tmsi) == ONE


def test_who_left_is_found_no_way() -> None:
    visitors = Visitors()
    visitors.enter(ONE)
    visitors.leave(ONE)
    visitors.leave(None)
    assert visitors.of_imsi(ONE.imsi) is None
    assert visitors.of_device("device-1") is None
    assert ONE.tmsi is not None
    assert visitors.of_tmsi(ONE.tmsi) is None
    assert visitors.of_imsi(None) is None


def test_one_identity_has_one_device() -> None:
    visitors = Visitors()
    visitors.enter(ONE)
    copy = replace(ONE, device="device-3", tmsi=TMSI(b"\0\0\0\3"))
    visitors.enter(copy)
    assert visitors.of_device("device-1") is None
    assert ONE.tmsi is not None
    assert visitors.of_tmsi(ONE.tmsi) is None
    assert visitors.of_imsi(ONE.imsi) == copy


def test_one_device_has_one_identity() -> None:
    visitors = Visitors()
    visitors.enter(ONE)
    visitors.enter(replace(OTHER, device="device-1"))
    assert visitors.of_imsi(ONE.imsi) is None
    assert visitors.of_device("device-1") == replace(OTHER, device="device-1")


def test_who_enters_again_has_the_new_temporary_identity_only() -> None:
    visitors = Visitors()
    visitors.enter(ONE)
    again = replace(ONE, tmsi=TMSI(b"\0\0\0\4"))
    visitors.enter(again)
    assert ONE.tmsi is not None
    assert visitors.of_tmsi(ONE.tmsi) is None
    assert visitors.of_tmsi(again.tmsi) == again


def test_a_visitor_without_a_temporary_identity_enters_and_leaves() -> None:
    visitors, nameless = Visitors(), replace(ONE, tmsi=None)
    visitors.enter(nameless)
    visitors.enter(replace(OTHER, tmsi=None))
    assert visitors.of_device("device-1") == nameless
    visitors.leave(nameless)
    assert visitors.of_imsi(ONE.imsi) is None
