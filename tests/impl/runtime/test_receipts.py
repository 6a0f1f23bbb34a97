"""What becomes of short messages, told to who sent them: the server, and devices."""

from __future__ import annotations

from functools import partial

import pytest

from impl.application_server.change import State
from impl.codec.address import Address
from impl.codec.relay import RpData, decode_rp
from impl.codec.short_message import Deliver, StatusReport, Submit, decode_downlink
from impl.errors import MalformedError
from impl.events import Interface, Peer, Send
from impl.runtime import world
from impl.runtime.deployment import NETWORKS

FIRST, SECOND, _ = NETWORKS


@pytest.mark.parametrize(("validity_s", "lasts_s"), [(30.0, 90.0), (86_400.0, 360.0)])
def test_what_its_centre_gave_up_is_sent_again_at_once(begin, monkeypatch, validity_s, lasts_s):
    config = partial(world.SmscConfig, validity_s=validity_s)
    monkeypatch.setattr(world, "SmscConfig", config)
    with begin() as trial:
        user = trial.user
        trial.world.perform(user.name, user.terminal.switch_off())
        network = trial.world.networks[SECOND.plmn]
        asked = network.centre.request(user.profile.iccid, user_agreed=True)
        trial.world.perform(network.centre_name, asked)
        trial.world.settle()
        (change,) = trial.world.server.changes()
        assert (change.state, change.attempts) == (State.ABANDONED, 3)
        assert change.ended - change.opened == pytest.approx(lasts_s, abs=1)


def write(trial, sender, number, **facts):
    """Let a device send a text, and ask what becomes of it."""
    submit = Submit(Address(number), b"\x01", dcs=0xF4, reference=7, status_report=True, **facts)
    centre = Address(FIRST.service_centre)
    data = RpData(200, None, centre, submit.encode()).encode(from_network=False)
    trial.world.perform(sender.name, [Send(Peer(Interface.SM, FIRST.plmn), data)])
    trial.world.settle()


def heard(trial, device):
    """Return the short messages and reports that a device was sent over the air."""
    for entry in trial.world.journal.entries:
        if entry.interface is Interface.SM and entry.receiver == device.name and entry.delivered:
            try:
                relay = decode_rp(entry.message, from_network=True)
            except MalformedError:
                continue
            if isinstance(relay, RpData):
                yield decode_downlink(relay.user_data)


def told(trial, device):
    return [one for one in heard(trial, device) if isinstance(one, StatusReport)]


@pytest.fixture
def trial(begin):
    """Make a world with two users of the first network."""
    with begin() as made:
        made.friend = made.world.subscribe(FIRST.plmn)
        made.world.settle()
        yield made


def test_a_message_of_one_user_reaches_another_and_its_sender_is_told(trial):
    write(trial, trial.user, trial.friend.profile.msisdn)
    (message,) = [one for one in heard(trial, trial.friend) if isinstance(one, Deliver)]
    assert (message.originator.digits, message.user_data) == (trial.user.profile.msisdn, b"\x01")
    (report,) = told(trial, trial.user)
    assert (report.reference, report.status) == (7, 0)
    assert report.recipient.digits == trial.friend.profile.msisdn


def test_a_message_to_who_is_away_expires_when_its_sender_said(trial):
    world = trial.world
    world.perform(trial.friend.name, trial.friend.terminal.switch_off())
    world.settle()
    began = world.simulation.now_s
    write(trial, trial.user, trial.friend.profile.msisdn, validity=b"\x0b")
    (report,) = told(trial, trial.user)
    assert report.status == 0x46
    assert world.simulation.now_s - began == pytest.approx(3600, abs=10)


def test_a_message_to_nobody_is_not_obtainable(trial):
    write(trial, trial.user, "33699999999")
    (report,) = told(trial, trial.user)
    assert report.status == 0x43


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("decision", range(1, 5))
def test_a_centre_that_dies_at_any_decision_loses_no_message_and_no_report(trial, decision, kept):
    name = f"SMSC {FIRST.plmn}"
    trial.world.let_die(name, decision, kept=kept)
    write(trial, trial.user, trial.friend.profile.msisdn)
    arrived = [one for one in heard(trial, trial.friend) if isinstance(one, Deliver)]
    was_taken = kept or decision > 1
    assert bool(arrived) is was_taken
    assert {report.status for report in told(trial, trial.user)} == ({0} if was_taken else set())
