"""What is seen of the simulation: each call answers as `steps.driver.Observations` says."""

import pytest

from impl.codec.personalization import Outcome
from impl.values import Secret
from steps.driver import CardReport, Generation, Interface, Means, Network, Party, Standing, User
from steps.drivers.simulated_observations import REPORTS

FIRST, SECOND, THIRD = Network
USER, ANOTHER = User


@pytest.fixture
def unchanged(simulated):
    """Return a driver after a change that the card refused."""
    simulated.exchange_admin_code(USER)
    simulated.change()
    return simulated


@pytest.fixture
def changed(simulated):
    """Return a driver after a change to the second network."""
    simulated.change()
    return simulated


# Where the card belongs


def test_before_a_change_the_first_network_accepts_the_card_and_after_it_the_second(simulated):
    assert [simulated.authenticates_in(network, USER) for network in Network] == [1, 0, 0]
    simulated.change()
    assert [simulated.authenticates_in(network, USER) for network in Network] == [0, 1, 0]


def test_asking_who_accepts_the_card_changes_nothing_that_is_noticed(simulated):
    for network in (*Network, *Network):
        simulated.authenticates_in(network, USER)
    assert simulated.attached_to(USER) is FIRST
    assert simulated.standing(USER) is Standing.NEVER_ASKED
    simulated.change()
    assert simulated.standing(USER) is Standing.CHANGED


def test_a_network_that_the_card_belongs_to_does_not_accept_it_without_its_key(simulated):
    handset = simulated._users[USER]
    credentials = handset.profile.credentials
    wrong = type(credentials)(credentials.imsi, Secret(bytes(16)), credentials.opc)
    simulated.world.reissue(handset, credentials=wrong)
    simulated.settle()
    assert not simulated.authenticates_in(FIRST, USER)
    assert simulated.register_knows(FIRST, USER)


def test_the_device_is_where_it_has_service_by_its_own_choice(changed):
    assert changed.attached_to(USER) is SECOND
    changed.switch_off(USER)
    changed.settle()
    assert changed.attached_to(USER) is None


def test_the_register_knows_where_its_subscriber_is(changed):
    assert changed.locates(SECOND, USER) is SECOND
    assert changed.locates(FIRST, USER) is None


def test_a_register_knows_its_own_cards(changed):
    assert [changed.register_knows(network, USER) for network in Network] == [0, 1, 0]


def test_an_ordinary_message_reaches_who_has_service(changed):
    assert changed.is_reachable(USER)
    changed.switch_off(USER)
    changed.settle()
    assert not changed.is_reachable(USER)


def test_no_two_cards_share_an_identity_unless_one_is_a_copy(simulated):
    simulated.subscribe(FIRST, ANOTHER)
    assert not simulated.shares_identity()
    copy = simulated._users[USER].profile.credentials
    simulated.world.reissue(simulated._users[ANOTHER], credentials=copy)
    simulated.settle()
    assert simulated.shares_identity()


# What the server says


def test_a_change_that_is_under_way_is_open(simulated):
    simulated.request_change(SECOND, Means.MENU, USER)
    while simulated.standing(USER) is Standing.NEVER_ASKED:
        assert simulated.world.simulation.step()
    assert simulated.standing(USER) is Standing.OPEN
    simulated.settle()
    assert simulated.standing(USER) is Standing.CHANGED


def test_of_a_change_that_failed_the_server_says_unchanged(unchanged):
    assert unchanged.standing(USER) is Standing.UNCHANGED


def test_the_last_request_counts_whatever_was_before(changed):
    changed.change(SECOND)  # whose card it is already
    assert changed.standing(USER) is Standing.REFUSED
    changed.change(THIRD)
    assert changed.standing(USER) is Standing.CHANGED


def test_a_request_for_one_card_says_nothing_of_another(changed):
    changed.subscribe(FIRST, ANOTHER)
    assert changed.standing(ANOTHER) is Standing.NEVER_ASKED
    assert changed.requested_network(ANOTHER) is None
    assert changed.messages_sent(ANOTHER) == changed.parts_delivered(ANOTHER) == 0
    assert changed.card_report(ANOTHER) is CardReport.NONE


def test_the_requested_network_is_that_of_the_last_request_that_was_taken(changed):
    assert changed.requested_network(USER) is SECOND
    changed.change(SECOND)
    assert changed.requested_network(USER) is SECOND
    changed.change(THIRD)
    assert changed.requested_network(USER) is THIRD


def test_nothing_was_requested_of_who_never_asked(simulated):
    assert simulated.requested_network(USER) is None


def test_sessions_are_with_those_to_whom_there_was_something_to_say(simulated):
    assert simulated.sessions() == frozenset()
    simulated.change(SECOND)
    assert simulated.sessions() == {FIRST, SECOND}


def test_a_session_that_was_refused_is_none(simulated):
    simulated.impersonate_register(SECOND)
    simulated.change(SECOND)
    assert simulated.sessions() == frozenset()


# Identities


def test_an_identity_is_reserved_as_long_as_the_change_is_open_and_provided_for_good(simulated):
    simulated.request_change(SECOND, Means.MENU, USER)
    assert (simulated.reserved_identities(SECOND), simulated.provided_identities(SECOND)) == (0, 0)
    while not simulated.provided_identities(SECOND):
        assert simulated.world.simulation.step()
    assert simulated.reserved_identities(SECOND) == 1
    simulated.settle()
    assert (simulated.reserved_identities(SECOND), simulated.provided_identities(SECOND)) == (0, 1)
    assert simulated.provided_identities(THIRD) == 0


def test_an_identity_of_a_change_that_failed_is_not_reserved_any_more(unchanged):
    assert unchanged.reserved_identities(SECOND) == 0
    assert unchanged.provided_identities(SECOND) == 1


def test_who_interrogates_the_register_is_the_server_unless_there_is_an_entity(changed):
    assert not changed.interrogated_by_entity(SECOND)
    changed.interpose_entity(THIRD)
    changed.change(THIRD)
    assert changed.interrogated_by_entity(THIRD)
    assert not changed.interrogated_by_entity(SECOND)


# Messages


def test_a_message_counts_once_however_often_it_is_sent_again(simulated):
    simulated.lose_part(1)
    simulated.change()
    assert simulated.world.journal.packets_sent() > 1
    assert simulated.messages_sent(USER) == 1


def test_no_message_left_where_no_identity_was_provided(simulated):
    simulated.exhaust_identities(SECOND)
    simulated.change()
    assert simulated.messages_sent(USER) == simulated.parts_delivered(USER) == 0
    assert not simulated.carried_message(FIRST)


def test_parts_are_counted_as_they_reach_the_card(simulated):
    simulated.send_in_parts(3)
    simulated.lose_part(3)
    simulated.change()
    arrived = simulated.parts_delivered(USER)
    assert arrived > 0
    simulated.lose_no_part()
    simulated.change()
    assert simulated.parts_delivered(USER) == arrived + 3


def test_orders_to_forget_are_no_parts_of_a_personalization(simulated):
    simulated.refuse_attach(SECOND)
    simulated.send_in_parts(3)
    simulated.change()
    assert simulated.standing(USER) is Standing.UNCHANGED
    device = simulated._users[USER].name
    assert len(simulated.world.journal.downloads(device)) > simulated.parts_delivered(USER)
    assert simulated.parts_delivered(USER) == 3


def test_messages_go_through_the_centre_of_the_network_that_the_card_belongs_to(changed):
    assert changed.carried_message(FIRST)
    assert changed.carried_request(FIRST)
    assert not changed.carried_message(SECOND)
    changed.change(THIRD)
    assert changed.carried_message(SECOND)
    assert (changed.carried_request(FIRST), changed.carried_request(SECOND)) == (False, True)


def test_a_request_that_never_left_was_carried_by_nobody(changed):
    changed.request_change(THIRD, Means.UNKNOWN_CODE, USER)
    changed.settle()
    assert not any(changed.carried_request(network) for network in Network)


def test_a_question_names_the_network_that_was_asked_about(simulated):
    simulated.let_card_ask()
    assert simulated.question(USER) is None
    for network in (THIRD, SECOND):
        simulated.change(network)
        assert simulated.question(USER) is network


# Card and device


@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_every_outcome_of_the_card_is_a_report_of_the_steps(outcome):
    report = REPORTS.get(outcome, CardReport.REFUSED)
    assert isinstance(report, CardReport)
    assert (report is CardReport.DONE) is (outcome is Outcome.DONE)
    assert (report is CardReport.NONE) is (outcome is None)


def test_the_cards_report_is_its_last(unchanged):
    assert unchanged.card_report(USER) is CardReport.WRONG_ADMIN_CODE
    unchanged.restore_admin_code(USER)
    unchanged.change()
    assert unchanged.card_report(USER) is CardReport.DONE


def test_a_card_that_never_got_the_message_reported_nothing(simulated):
    simulated.lose_part(1)
    simulated.change()
    assert simulated.card_report(USER) is CardReport.NONE


def test_a_device_relays_faithfully_unless_something_between_it_and_its_card_is_other(changed):
    assert changed.relays_faithfully(USER)
    entries = changed.world.journal.entries
    entries[:] = [
        entry
        for entry in entries
        if entry.interface or entry.octets[1:2] != b"\xc2"  # without any ENVELOPE
    ]
    assert not changed.relays_faithfully(USER)


def test_a_device_that_relayed_nothing_to_any_card_is_not_faithful(bare):
    bare.subscribe(FIRST, USER)
    bare.world.journal.entries.clear()
    assert not bare.relays_faithfully(USER)


def test_the_card_takes_its_users_pin_and_asking_costs_no_try(simulated):
    for _ in range(5):
        assert simulated.takes_pin(USER)
    handset = simulated._users[USER]
    handset.profile = type(handset.profile)(
        **{
            name: getattr(handset.profile, name)
            for name in handset.profile.__dataclass_fields__
            if name != "pin"
        },
        pin=Secret(b"9876"),
    )
    assert not simulated.takes_pin(USER)


def test_a_card_yields_to_nobody_and_is_the_same_afterwards(changed):
    assert not changed.yields_to_commands(USER)
    assert changed.authenticates_in(SECOND, USER)


# Operators


def test_an_operator_confirms_the_card_that_attached_and_no_other(changed):
    changed.subscribe(FIRST, ANOTHER)
    assert changed.has_confirmed(SECOND, USER)
    assert not changed.has_confirmed(FIRST, USER)
    assert not changed.has_confirmed(SECOND, ANOTHER)


def test_who_did_not_change_was_not_confirmed(unchanged):
    assert not unchanged.has_confirmed(SECOND, USER)


def test_the_left_operator_is_informed_and_only_if_somebody_left(changed):
    assert [changed.was_informed(network, USER) for network in Network] == [1, 0, 0]


def test_nobody_is_informed_of_who_stays(unchanged):
    assert not any(unchanged.was_informed(network, USER) for network in Network)


def test_an_operator_was_asked_about_its_own_leaver_only(simulated):
    simulated.subscribe(FIRST, ANOTHER)
    simulated.ask_for_acknowledgement()
    simulated.change()
    assert simulated.was_asked(FIRST, USER)
    assert not simulated.was_asked(SECOND, USER)
    assert not simulated.was_asked(FIRST, ANOTHER)


# Evidence


def test_no_secret_is_overheard_unless_one_passes(changed):
    assert not changed.overheard_secrets()
    changed.world.journal.keep_secret(Secret(b"20801"))  # which stands in every IMSI in clear
    changed.world.journal.keep_secret(Secret(changed.exchanges()[0].octets))
    assert changed.overheard_secrets()


def test_exchanges_are_numbered_and_in_order(changed):
    exchanges = changed.exchanges()
    assert [one.number for one in exchanges] == list(range(1, len(exchanges) + 1))
    times = [one.time_s for one in exchanges]
    assert times == sorted(times)
    assert {"SMPP 3.4", "GSUP", "TS 24.008", "TS 24.011", "APDU", "JSON, TLS 1.3"} == {
        one.protocol for one in exchanges
    }
    assert all(one.delivered for one in exchanges)


def test_what_was_lost_is_an_exchange_that_was_not_delivered(simulated):
    simulated.lose_part(2)
    simulated.change()
    lost = [one for one in simulated.exchanges() if not one.delivered]
    assert {one.name for one in lost} == {"RP-DATA (SMS-DELIVER)"}


def test_what_passed_is_what_had_passed_when_it_was_asked_for(simulated):
    before = simulated.exchanges()
    count = len(before)
    simulated.change()
    assert len(before) == len(list(before)) == count < len(simulated.exchanges())
    assert before[-1] == list(before)[-1] == simulated.exchanges()[count - 1]


def test_what_is_asked_later_begins_as_it_was(simulated):
    before = list(simulated.exchanges())
    simulated.stop(Party.SECOND_CENTRE)
    simulated.start(Party.SECOND_CENTRE)
    simulated.change()
    assert simulated.exchanges()[: len(before)] == before
    assert len(simulated.exchanges()) > len(before)


# What all say, and what the server noted


def test_all_agree_on_the_network_of_a_card_but_not_while_it_changes(simulated):
    assert simulated.agreed_network(USER) is FIRST
    simulated.request_change(SECOND, Means.MENU, USER)
    while simulated.standing(USER) is not Standing.OPEN:
        assert simulated.world.simulation.step()
    simulated.stop(Party.SECOND_REGISTER)
    while simulated.standing(USER) is Standing.OPEN and simulated.world.simulation.now_s < 5:
        assert simulated.world.simulation.step()
    assert simulated.standing(USER) is Standing.OPEN
    simulated.start(Party.SECOND_REGISTER)
    simulated.settle()
    assert simulated.agreed_network(USER) is SECOND


def test_all_do_not_agree_if_a_register_lacks_the_card(simulated):
    simulated.mistake_keys(FIRST)
    simulated.subscribe(FIRST, ANOTHER)
    assert simulated.agreed_network(ANOTHER) is None
    assert simulated.agreed_network(USER) is FIRST


def test_refused_requests_are_counted_by_card(changed):
    assert changed.refused_requests(USER) == 0
    for _ in range(2):
        changed.change(SECOND)
    assert changed.refused_requests(USER) == 2
    changed.subscribe(FIRST, ANOTHER)
    assert changed.refused_requests(ANOTHER) == 0


def test_a_message_was_resent_if_no_report_came(simulated):
    simulated.change(SECOND)
    assert not simulated.was_resent(USER)
    simulated.lose_part(1)
    simulated.change(THIRD)
    assert simulated.was_resent(USER)


def test_a_card_says_that_it_is_blocked_after_too_many_wrong_codes(simulated):
    simulated.exchange_admin_code(USER)
    for _ in range(3):
        simulated.change()
        assert not simulated.is_blocked(USER)
    simulated.change()
    assert simulated.is_blocked(USER)


def test_no_secret_is_shown_unless_the_evidence_holds_one(changed):
    assert not changed.shows_secrets()
    shown = next(one for one in changed.exchanges() if len(one.octets) > 20)
    changed.world.journal.keep_secret(Secret(shown.octets[:20]))
    assert changed.shows_secrets()


def test_nonsense_that_nobody_got_was_not_refused(simulated):
    simulated.stop(Party.SECOND_REGISTER)
    simulated.send_nonsense(Interface.REGISTER_FROM_SERVER)
    simulated.settle()
    assert not simulated.refused_nonsense(Interface.REGISTER_FROM_SERVER)


@pytest.mark.parametrize("generation", Generation)
def test_a_network_authenticated_as_its_generation_does_whom_it_let_in(bare, generation):
    bare.use_generation(FIRST, generation)
    bare.subscribe(FIRST, USER)
    assert bare.authenticated_as(FIRST, USER) is generation
    assert bare.authenticated_as(SECOND, USER) is None


def test_records_tell_a_change_and_no_key(simulated):
    before = simulated.records()
    simulated.change()
    after = simulated.records()
    assert any("EF.IMSI" in place for place in after if before.get(place) != after[place])
    assert not simulated.shows_secrets()


def test_a_key_in_what_records_tell_would_be_noticed(simulated, monkeypatch):
    key = simulated._users[User.THE_USER].profile.credentials.k.reveal().hex()
    monkeypatch.setattr(simulated, "records", lambda: {"card": key})
    assert simulated.shows_secrets()
