"""The whole world: whatever happens to one change, in the end all parties say the same."""

from __future__ import annotations

from itertools import accumulate, count

import pytest
from sqlalchemy import select

from impl.application_server import messaging
from impl.application_server.change import State
from impl.card.memory import Memory
from impl.codec.personalization import Outcome
from impl.codec.security_parameters import Spi1
from impl.codec.smpp import DeliverSm, command_id
from impl.events import Interface
from impl.network.records import SubscriberState, subscriber
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER
from impl.runtime.faults import PersonalizationFaults
from impl.runtime.testimony import said
from impl.values import Secret

FIRST, SECOND, THIRD = NETWORKS


def secrets_of(trial):
    """Return every key and code that anybody in the world holds, read where it is held."""
    found = [trial.world._config.key_encryption_key]
    for handset in trial.world.handsets:
        profile = handset.profile
        found += [profile.admin_code, profile.ota_keys.kic, profile.ota_keys.kid]
    for plmn, network in trial.world.networks.items():
        pool = network.register._pool
        with trial.world.stores[f"HLR {plmn}"].begin() as connection:
            for imsi in connection.execute(select(subscriber.c.imsi)).scalars().all():
                found += [pool.of_imsi(connection, imsi).k, pool.of_imsi(connection, imsi).opc]
    return found


def forms_of(secrets):
    """Return how a secret may look: octets, and hexadecimal digits of both cases."""
    octets = [secret.reveal() for secret in secrets]
    digits = [one.hex() for one in octets]
    return octets, [*digits, *(one.upper() for one in digits)]


def leaks(trial, secrets):
    """Return where a secret passed over a link or to a card, or shows in the evidence."""
    octets, digits = forms_of(secrets)
    forms = (*octets, *(one.encode() for one in digits))
    for entry in trial.world.journal.entries:
        wire = entry.octets if entry.interface else entry.octets + entry.message
        if any(form in wire for form in forms):
            yield entry.sender, entry.receiver
    for shown in trial.world.journal.shown():
        text = repr(shown) + shown.dissection.octets.hex()
        raw = shown.dissection.octets
        if any(one in text for one in digits) or any(one in raw for one in octets):
            yield shown.dissection.name


# One change, many, and several at once


def test_a_change_moves_the_user_and_everything_that_is_known_of_him(begin):
    with begin() as trial:
        assert trial.standing() == trial.settled_in(FIRST)
        trial.change(SECOND)
        assert trial.user.terminal.serving_network == SECOND.plmn
        assert trial.standing() == trial.settled_in(SECOND)
        (change,) = trial.world.server.changes()
        assert (change.state, change.attempts, change.report) == (State.DONE, 1, Outcome.DONE)


def test_a_report_in_the_delivery_report_counts_as_one_of_its_own(begin):
    with begin(report_by_submit=False) as trial:
        trial.change(SECOND)
        (change,) = trial.world.server.changes()
        assert (change.state, change.attempts, change.report) == (State.DONE, 1, Outcome.DONE)


def test_a_user_goes_there_and_back_among_three_networks_as_often_as_he_likes(begin):
    with begin() as trial:
        free = {
            plan: trial.world.networks[plan.plmn].register.count(SubscriberState.FREE)
            for plan in NETWORKS
        }
        for plan in (SECOND, THIRD, FIRST, SECOND, FIRST):
            trial.change(plan)
            assert trial.standing() == trial.settled_in(plan)
        for plan, before in free.items():
            register = trial.world.networks[plan.plmn].register
            assert register.count(SubscriberState.FREE) == before
            assert register.count(SubscriberState.ACTIVE) == (plan is FIRST)


def test_hundreds_of_changes_leave_no_trace_but_the_last(begin):
    with begin() as trial:
        for plan in (SECOND, THIRD, FIRST) * 70 + (SECOND, FIRST) * 45:
            trial.change(plan)
        assert trial.standing() == trial.settled_in(FIRST)
        done = trial.world.server.changes()
        assert len(done) == 300
        assert {(one.state, one.attempts) for one in done} == {(State.DONE, 1)}
        for network in trial.world.networks.values():
            assert network.register.count(SubscriberState.FREE) == network.plan.identities - (
                network.plan is FIRST
            )


def test_two_users_change_at_once_and_neither_notices_the_other(begin):
    with begin() as trial:
        other = trial.world.subscribe(SECOND.plmn)
        trial.world.settle()
        trial.ask(SECOND)
        trial.ask(FIRST, other)
        trial.world.settle()
        assert trial.standing() == trial.settled_in(SECOND)
        assert trial.standing(other) == trial.settled_in(FIRST)
        for user in (trial.user, other):
            trial.ask(THIRD, user)
        trial.world.settle()
        assert trial.standing() == trial.standing(other) == trial.settled_in(THIRD)


def test_an_impostor_in_the_place_of_the_register_learns_nothing_and_changes_nothing(begin):
    with begin() as trial:
        trial.world.impersonate_register(SECOND.plmn)
        trial.change(SECOND)
        assert trial.standing() == trial.settled_in(FIRST)
        assert not trial.world.networks[SECOND.plmn].session.established
        assert not any(
            said(trial.world.journal.entries, "application-server", f"HLR {SECOND.plmn}")
        )


def test_a_network_entity_asks_the_register_in_the_place_of_the_server(begin):
    with begin() as trial:
        trial.world.interpose_gateway(SECOND.plmn)
        trial.change(SECOND)
        assert trial.standing() == trial.settled_in(SECOND)
        assert any(
            said(trial.world.journal.entries, f"gateway {SECOND.plmn}", f"HLR {SECOND.plmn}")
        )
        assert not any(
            said(trial.world.journal.entries, "application-server", f"HLR {SECOND.plmn}")
        )


# Nothing secret shows (B09)


def test_no_key_and_no_code_shows_on_any_link_or_in_the_evidence(begin):
    with begin() as trial:
        secrets = secrets_of(trial)
        trial.change(SECOND)
        trial.change(THIRD)
        trial.world.server.replace_admin_code(trial.user.profile.iccid, Secret(b"another1"))
        trial.change(FIRST)
        secrets += [*secrets_of(trial), Secret(b"another1")]
        assert list(leaks(trial, secrets)) == []
        assert list(trial.world.journal.overheard()) == []


def test_a_message_that_leaves_unciphered_is_overheard(begin, monkeypatch):
    sealed = messaging.seal_command

    def seal_in_clear(parameters, data, keys):
        fields = vars(parameters) | {"spi1": parameters.spi1 & ~Spi1.CIPHERED}
        return sealed(type(parameters)(**fields), data, keys)

    monkeypatch.setattr(messaging, "seal_command", seal_in_clear)
    with begin() as trial:
        secrets = secrets_of(trial)
        trial.change(SECOND)
        seen = set(leaks(trial, secrets))
        assert ("application-server", f"SMSC {FIRST.plmn}") in seen
        assert "submit_sm" in seen
        assert {entry.interface for entry in trial.world.journal.overheard()} > {Interface.SMPP}


# One seed is one run


def evidence(trial):
    return [repr(shown) for shown in trial.world.journal.shown()]


def test_one_seed_is_one_run_and_another_seed_another(begin):
    runs = []
    for seed in (7, 7, 8):
        with begin(seed) as trial:
            trial.world.simulation.filters.append(PersonalizationFaults(SERVER_NUMBER, {2}))
            trial.change(SECOND)
            runs.append(evidence(trial))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


# Wrong admin codes block the card and nothing else (B11)


def test_a_blocked_card_takes_no_code_any_more_and_goes_on_working(begin):
    with begin() as trial:
        iccid, right = trial.user.profile.iccid, trial.user.profile.admin_code
        trial.world.server.replace_admin_code(iccid, Secret(b"guessed!"))
        for _ in range(3):
            trial.change(SECOND)
        trial.world.server.replace_admin_code(iccid, right)
        trial.change(SECOND)
        reports = [change.report for change in trial.world.server.changes(iccid)]
        assert reports == [Outcome.WRONG_ADMIN_CODE] * 3 + [Outcome.BLOCKED]
        assert trial.standing() == trial.settled_in(FIRST)
        assert trial.user.terminal.serving_network == FIRST.plmn


def test_a_right_code_between_wrong_ones_is_as_good_as_ever(begin):
    with begin() as trial:
        iccid, right = trial.user.profile.iccid, trial.user.profile.admin_code
        for plan in (SECOND, FIRST):
            trial.world.server.replace_admin_code(iccid, Secret(b"guessed!"))
            for _ in range(2):
                trial.change(plan)
            trial.world.server.replace_admin_code(iccid, right)
            trial.change(plan)
            assert trial.standing() == trial.settled_in(plan)


# Power may go at any time (B01)


class PowerCut:
    """A card that loses power once, after so many octets were written to its memory."""

    def __init__(self, card, octets):
        self._card = card
        self._memory = card._memory
        self._memory.fuse = octets

    @property
    def is_over(self):
        return self._memory.fuse is None

    def power_on(self):
        if self._memory.fuse == 0:  # whoever powers it anew has power again
            self._memory.fuse = None
        return self._card.power_on()

    def power_off(self):
        self._card.power_off()

    def transmit(self, command):
        return self._card.transmit(command)


def writes_of_a_change(begin, monkeypatch):
    """Return how many octets each write to the card's memory has during a change."""
    sizes, burn = [], Memory._burn

    def note(memory, address, octets):
        sizes.append(len(octets))
        burn(memory, address, octets)

    with begin() as trial, monkeypatch.context() as patch:
        patch.setattr(Memory, "_burn", note)
        trial.change(SECOND)
    return sizes


def test_power_lost_at_any_write_leaves_a_card_that_all_parties_agree_on(begin, monkeypatch):
    sizes = writes_of_a_change(begin, monkeypatch)
    assert len(sizes) > 100
    starts = list(accumulate(sizes, initial=0))[:-1]
    halves = [start + size // 2 for start, size in zip(starts, sizes, strict=True)]
    ends = set()
    for point in sorted({*starts, *halves}):
        with begin() as trial:
            cut = trial.user.slot.card = PowerCut(trial.user.slot.card, point)
            trial.change(SECOND)
            assert cut.is_over, point
            standing = trial.standing()
            assert standing in (trial.settled_in(FIRST), trial.settled_in(SECOND)), point
            ends.add(standing.owner)
    assert ends == {FIRST.plmn, SECOND.plmn}  # before the request left, and after


# Messages may be lost, late or doubled (B03, B14)


class OneFrame:
    """A filter that does something to one frame, by its number, and nothing to all others."""

    def __init__(self, number, fate):
        self._left, self._fate = number, fate

    @property
    def has_met_it(self):
        return self._left <= 0

    def __call__(self, frame):
        self._left -= 1
        return [(0.0, frame)] if self._left else self._fate(frame)


FATES = {
    "lost": lambda _: [],
    "doubled": lambda frame: [(0.0, frame), (200.0, frame)],
    "late": lambda frame: [(2000.0, frame)],
}


@pytest.mark.parametrize("fate", FATES)
def test_whatever_happens_to_any_one_message_all_parties_agree(begin, fate):
    for number in count(1):
        with begin() as trial:
            one = OneFrame(number, FATES[fate])
            trial.world.simulation.filters.append(one)
            trial.change(SECOND)
            if not one.has_met_it:
                break
            standing = trial.standing()
            lost_request = standing == trial.settled_in(FIRST) and not trial.world.server.changes()
            assert lost_request or standing == trial.settled_in(SECOND), number
            trial.change(SECOND)
            assert trial.standing() == trial.settled_in(SECOND), number
    assert number > 50


@pytest.mark.parametrize("part", [1, 2])
def test_a_part_that_is_always_lost_ends_in_no_change_and_no_identity_is_kept(begin, part):
    with begin() as trial:
        losses = PersonalizationFaults(SERVER_NUMBER, {part})
        trial.world.simulation.filters.append(losses)
        trial.change(SECOND)
        assert trial.standing() == trial.settled_in(FIRST)
        (change,) = trial.world.server.changes()
        assert (change.state, change.attempts, change.report) == (State.ABANDONED, 3, None)
        losses.lost_parts.clear()
        trial.change(SECOND)
        assert trial.standing() == trial.settled_in(SECOND)


def brings_short_message(frame):
    """Whether a frame is the deliver_sm of a centre to the server."""
    interface = frame.target.interface
    return interface is Interface.SMPP and command_id(frame.octets) == DeliverSm.command_id


def test_a_report_that_is_always_lost_does_not_matter_once_the_register_confirms(begin):
    with begin() as trial:
        brought = []

        def lose_all_but_the_request(frame):
            if not brings_short_message(frame):
                return [(0.0, frame)]
            brought.append(frame)
            return [(0.0, frame)] if len(brought) == 1 else []

        trial.world.simulation.filters.append(lose_all_but_the_request)
        trial.change(SECOND)
        assert len(brought) > 1
        assert trial.world.server.changes()[0].report is None
        assert trial.standing() == trial.settled_in(SECOND)


RADIO = (Interface.MM, Interface.SM)


def silence(trial, since_s, seconds):
    """Let nothing pass over the air for a while."""

    def lose(frame):
        is_silent = since_s <= trial.world.simulation.now_s < since_s + seconds
        return [] if is_silent and frame.target.interface in RADIO else [(0.0, frame)]

    trial.world.simulation.filters.append(lose)


@pytest.mark.parametrize("seconds", [1.0, 30.0, 200.0, 400.0])
@pytest.mark.parametrize("since_s", [0.1, 0.2, 0.4, 0.5, 0.6, 0.7])
def test_a_radio_that_is_silent_for_a_while_leaves_one_subscription(begin, since_s, seconds):
    with begin() as trial:
        silence(trial, trial.world.simulation.now_s + since_s, seconds)
        trial.change(SECOND)
        assert trial.standing() in (trial.settled_in(FIRST), trial.settled_in(SECOND))
        trial.change(SECOND)
        assert trial.standing() == trial.settled_in(SECOND)


@pytest.mark.parametrize("seconds", [1200.0, 5000.0, 80_000.0])
@pytest.mark.parametrize("since_s", [0.1, 0.2, 0.4, 0.5, 0.6, 0.7])
def test_after_long_silence_the_device_has_service_by_itself(begin, since_s, seconds):
    with begin() as trial:
        silence(trial, trial.world.simulation.now_s + since_s, seconds)
        trial.change(SECOND)
        assert trial.user.terminal.serving_network
        assert trial.standing() in (trial.settled_in(FIRST), trial.settled_in(SECOND))
