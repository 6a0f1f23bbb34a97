from __future__ import annotations

from dataclasses import replace

import pytest

from steps.checks.ends import End, faults_of, is_good, observe
from steps.driver import Network, Setup, Standing, UnsupportedError, User
from steps.drivers import load

FIRST, SECOND, THIRD = Network

CHANGED = End(
    left=FIRST,
    joined=SECOND,
    standing=Standing.CHANGED,
    attached=SECOND,
    accepted=frozenset({SECOND}),
    known=frozenset({SECOND}),
    reserved=0,
    provided=(0, 1, 0),
    messages=1,
    was_resent=False,
    shares_identity=False,
    secrets_heard=False,
    is_reachable=True,
)
STAYED = replace(
    CHANGED,
    standing=Standing.UNCHANGED,
    attached=FIRST,
    accepted=frozenset({FIRST}),
    known=frozenset({FIRST}),
)
NOT_TOLD = End(FIRST, SECOND, *[None] * 11)


@pytest.mark.parametrize(
    "end",
    [
        CHANGED,
        STAYED,
        replace(STAYED, standing=Standing.NEVER_ASKED),
        replace(STAYED, standing=Standing.REFUSED),
    ],
)
def test_an_end_on_which_all_agree_has_no_fault(end):
    assert is_good(end)
    assert not list(faults_of(end))


@pytest.mark.parametrize(
    ("end", "cites"),
    [
        (replace(CHANGED, attached=None), "B03"),
        (replace(CHANGED, standing=Standing.UNCHANGED), "B03"),
        (replace(CHANGED, known=frozenset({FIRST, SECOND})), "B03"),
        (replace(STAYED, standing=Standing.OPEN), "B14"),
        (replace(CHANGED, accepted=frozenset()), "B08 B04"),
        (replace(CHANGED, known=frozenset({FIRST})), "B08 B04"),
        (replace(CHANGED, known=frozenset()), "B08 B04"),
        (replace(CHANGED, accepted=frozenset({FIRST, SECOND})), "B07"),
        (replace(CHANGED, accepted=frozenset({THIRD})), "B03"),
        (replace(STAYED, reserved=1), "B05"),
        (replace(CHANGED, shares_identity=True), "B07"),
        (replace(CHANGED, secrets_heard=True), "B09"),
        (replace(CHANGED, is_reachable=False), "B03"),
    ],
)
def test_an_end_that_must_not_be_is_cited(end, cites):
    assert cites in {fault.cites for fault in faults_of(end)}


def test_what_is_not_told_is_not_judged_but_where_the_device_is():
    assert is_good(replace(NOT_TOLD, attached=FIRST))
    assert not list(faults_of(replace(NOT_TOLD, attached=SECOND)))


def test_an_end_reads_as_a_sentence():
    assert str(CHANGED).startswith("the change is changed, the device is attached to the second")
    assert "no network accepts the card" in str(replace(CHANGED, accepted=frozenset()))


@pytest.fixture
def driver():
    made = load("simulated")(Setup())
    made.agree(FIRST)
    made.subscribe(FIRST, User.THE_USER)
    yield made
    made.close()


def test_all_parties_are_asked(driver):
    end = observe(driver, FIRST, SECOND)
    assert end == replace(STAYED, standing=Standing.NEVER_ASKED, provided=(0, 0, 0), messages=0)


def test_what_a_driver_cannot_tell_is_none(driver, monkeypatch):
    def refuse(_):
        raise UnsupportedError("no such thing")

    monkeypatch.setattr(driver, "standing", refuse)
    assert observe(driver, FIRST, SECOND).standing is None
