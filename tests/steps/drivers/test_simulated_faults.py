"""What goes wrong in the simulation: each call does what `steps.driver.Faults` says."""

import pytest

from steps.driver import Ban, CardReport, Interface, Message, Network, Party, Standing, User
from steps.drivers.simulated_parties import PLMNS

FIRST, SECOND, THIRD = Network
USER, ANOTHER = User


def ends(simulated, user=USER):
    """Return how a change to the second network ends, and whose card it is then."""
    simulated.change(SECOND, user)
    accepted = [network for network in Network if simulated.authenticates_in(network, user)]
    return simulated.standing(user), *accepted


CHANGED = (Standing.CHANGED, SECOND)
UNCHANGED = (Standing.UNCHANGED, FIRST)
REFUSED = (Standing.REFUSED, FIRST)


def test_without_a_fault_a_change_succeeds(simulated):
    assert ends(simulated) == CHANGED


# What the server holds


def test_an_exchanged_admin_code_is_wrong_until_it_is_restored(simulated):
    simulated.exchange_admin_code(USER)
    assert ends(simulated) == UNCHANGED
    assert simulated.card_report(USER) is CardReport.WRONG_ADMIN_CODE
    simulated.restore_admin_code(USER)
    assert ends(simulated) == CHANGED


def test_an_exchanged_admin_code_is_one_users_only(simulated):
    simulated.subscribe(FIRST, ANOTHER)
    simulated.exchange_admin_code(USER)
    assert ends(simulated, ANOTHER) == CHANGED


def test_swapped_admin_codes_are_wrong_for_both(simulated):
    simulated.subscribe(FIRST, ANOTHER)
    simulated.swap_admin_codes()
    for user in User:
        assert ends(simulated, user) == UNCHANGED
        assert simulated.card_report(user) is CardReport.WRONG_ADMIN_CODE
        simulated.restore_admin_code(user)
        assert ends(simulated, user) == CHANGED


def test_a_card_that_is_forgotten_is_refused(simulated):
    simulated.subscribe(FIRST, ANOTHER)
    simulated.forget_card(USER)
    assert ends(simulated) == REFUSED
    assert ends(simulated, ANOTHER) == CHANGED


def test_another_key_keeps_the_card_from_reading_the_message(simulated):
    simulated.encipher_with_another_key(USER)
    assert ends(simulated) == UNCHANGED
    assert simulated.parts_delivered(USER) > 0
    assert simulated.card_report(USER) is not CardReport.DONE


# Requests


def test_requests_without_the_cards_identifier_are_no_requests(simulated):
    simulated.omit_card_identifier()
    assert ends(simulated) == (Standing.NEVER_ASKED, FIRST)
    assert simulated.carried_request(FIRST)


def test_requests_of_operators_keep_it(simulated):
    simulated.omit_card_identifier()
    simulated.ask_customer_centre(SECOND, USER, agrees=True)
    simulated.settle()
    assert simulated.standing(USER) is Standing.CHANGED


# Home registers


def test_a_register_without_identities_provides_none_until_it_has_some_again(simulated):
    simulated.exhaust_identities(SECOND)
    assert ends(simulated) == UNCHANGED
    assert simulated.provided_identities(SECOND) == 0
    simulated.replenish_identities(SECOND)
    assert ends(simulated) == CHANGED


def test_exhausted_identities_are_one_networks_only(simulated):
    simulated.exhaust_identities(THIRD)
    assert ends(simulated) == CHANGED


def test_a_register_that_mistakes_keys_gives_a_card_that_it_does_not_accept(simulated):
    simulated.mistake_keys(SECOND)
    standing, *accepted = ends(simulated)
    assert standing is not Standing.CHANGED
    assert accepted == [FIRST]


def test_a_card_of_a_register_that_mistakes_keys_is_not_accepted_from_the_start(bare):
    bare.mistake_keys(FIRST)
    bare.subscribe(FIRST, USER)
    assert not bare.authenticates_in(FIRST, USER)
    assert bare.register_knows(FIRST, USER)


def test_identities_of_another_network_are_not_used_and_given_back(simulated):
    simulated.garble_identities(SECOND)
    assert ends(simulated) == UNCHANGED
    assert simulated.provided_identities(SECOND) == 1
    assert simulated.reserved_identities(SECOND) == 0
    assert simulated.messages_sent(USER) == 0


def test_a_notice_need_not_name_the_card(simulated):
    simulated.omit_card_in_notice(SECOND)
    assert ends(simulated) == CHANGED


def test_a_notice_for_another_card_is_not_used(simulated):
    simulated.mistake_card_in_notice(SECOND)
    assert ends(simulated) == UNCHANGED
    assert simulated.messages_sent(USER) == 0


@pytest.mark.parametrize("fault", ["alter_session", "impersonate_register"])
def test_a_session_that_is_not_the_agreed_one_carries_nothing(simulated, fault):
    getattr(simulated, fault)(SECOND)
    assert ends(simulated) == UNCHANGED
    assert simulated.provided_identities(SECOND) == 0


@pytest.mark.parametrize("fault", ["alter_session", "impersonate_register"])
def test_sessions_with_other_registers_are_as_they_were(simulated, fault):
    getattr(simulated, fault)(THIRD)
    assert ends(simulated) == CHANGED


# Acknowledgement


def test_an_acknowledgement_is_refused_until_it_is_granted_again(simulated):
    simulated.ask_for_acknowledgement()
    simulated.refuse_acknowledgement(FIRST)
    assert ends(simulated) == UNCHANGED
    assert simulated.messages_sent(USER) == 0
    simulated.grant_acknowledgement(FIRST)
    assert ends(simulated) == CHANGED


def test_an_operator_that_never_answers_has_not_acknowledged(simulated):
    simulated.ask_for_acknowledgement()
    simulated.silence_acknowledgement(FIRST)
    assert ends(simulated) == UNCHANGED
    assert simulated.was_asked(FIRST, USER)
    assert simulated.messages_sent(USER) == 0


@pytest.mark.parametrize("fault", ["refuse_acknowledgement", "silence_acknowledgement"])
def test_who_is_not_the_left_operator_is_not_asked(simulated, fault):
    simulated.ask_for_acknowledgement()
    getattr(simulated, fault)(SECOND)
    assert ends(simulated) == CHANGED


# Messages


def test_a_lost_part_keeps_the_card_as_it_is_until_it_is_lost_no_more(simulated):
    simulated.send_in_parts(3)
    simulated.lose_part(2)
    assert ends(simulated) == UNCHANGED
    assert simulated.parts_delivered(USER) > 0
    simulated.lose_no_part()
    assert ends(simulated) == CHANGED


def test_a_part_that_the_message_does_not_have_is_not_missed(simulated):
    simulated.send_in_parts(3)
    simulated.lose_part(4)
    assert ends(simulated) == CHANGED


def test_reversed_parts_make_the_same_message(simulated):
    simulated.send_in_parts(3)
    simulated.reverse_parts()
    assert ends(simulated) == CHANGED
    assert simulated.parts_delivered(USER) == 3


def test_repeated_parts_all_reach_the_card_and_change_it_once(simulated):
    simulated.send_in_parts(3)
    simulated.repeat_parts()
    assert ends(simulated) == CHANGED
    assert simulated.parts_delivered(USER) > 3
    assert simulated.provided_identities(SECOND) == 1


def test_an_altered_message_changes_nothing(simulated):
    simulated.alter_message()
    assert ends(simulated) == UNCHANGED
    assert simulated.parts_delivered(USER) > 0


def test_a_forged_message_changes_nothing_and_the_right_one_still_does(simulated):
    simulated.forge_message(USER)
    simulated.settle()
    assert simulated.parts_delivered(USER) > 0
    assert simulated.authenticates_in(FIRST, USER)
    assert simulated.standing(USER) is Standing.NEVER_ASKED
    assert ends(simulated) == CHANGED


# Attach


def test_a_network_that_rejects_every_device_loses_the_newcomer_to_its_old_network(simulated):
    simulated.refuse_attach(SECOND)
    assert ends(simulated) == UNCHANGED
    simulated.allow_attach(SECOND)
    assert ends(simulated) == CHANGED


def test_a_network_that_rejects_every_device_rejects_its_own(simulated):
    simulated.refuse_attach(FIRST)
    assert not simulated.authenticates_in(FIRST, USER)
    simulated.allow_attach(FIRST)
    assert simulated.authenticates_in(FIRST, USER)


# Messages of the method, one kind at a time


@pytest.mark.parametrize("message", Message)
def test_a_message_that_is_lost_once_is_said_again_or_asked_for_again(simulated, message):
    simulated.lose(message, 1)
    if message is Message.RELEASE:
        simulated.exchange_admin_code(USER)
    simulated.change(SECOND)
    if message is Message.REQUEST:
        assert simulated.standing(USER) is Standing.NEVER_ASKED
        simulated.change(SECOND)
    expected = FIRST if message is Message.RELEASE else SECOND
    assert simulated.agreed_network(USER) is expected
    assert any(not one.delivered for one in simulated.exchanges())


def test_a_personalization_message_that_is_always_lost_is_given_up(simulated):
    simulated.lose(Message.PERSONALIZATION, 1000)
    assert ends(simulated) == UNCHANGED
    assert simulated.card_report(USER) is CardReport.NONE


@pytest.mark.parametrize("message", sorted(set(Message) - {Message.RELEASE}))
def test_a_message_that_comes_late_comes(simulated, message):
    simulated.delay(message)
    simulated.change(SECOND)
    assert simulated.agreed_network(USER) in {FIRST, SECOND}
    assert simulated.world.simulation.now_s > 3000
    assert simulated.reserved_identities(SECOND) == 0


@pytest.mark.parametrize("message", sorted(set(Message) - {Message.RELEASE}))
def test_a_message_of_a_change_that_is_over_changes_nothing_when_it_comes_again(simulated, message):
    simulated.change(SECOND)
    before = len(simulated.exchanges())
    simulated.replay(message)
    simulated.settle()
    assert len(simulated.exchanges()) > before
    assert simulated.agreed_network(USER) is SECOND
    assert simulated.provided_identities(SECOND) == 1


def test_a_message_that_never_was_does_not_come_again(simulated):
    before = len(simulated.exchanges())
    simulated.replay(Message.NOTICE)
    simulated.settle()
    assert len(simulated.exchanges()) == before


# Power and programs


@pytest.mark.parametrize("share", [0, 50, 99])
def test_a_card_whose_power_comes_back_belongs_to_one_network(simulated, share):
    simulated.cut_power(USER, share, comes_back=True)
    simulated.change(SECOND)
    assert simulated.agreed_network(USER) in {FIRST, SECOND}


def test_a_card_whose_power_stays_away_has_no_service_until_it_is_switched_on(simulated):
    simulated.cut_power(USER, 50, comes_back=False)
    simulated.change(SECOND)
    assert simulated.attached_to(USER) is None
    simulated.switch_on(USER)
    simulated.settle()
    assert simulated.attached_to(USER) is not None


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("party", [Party.APPLICATION_SERVER, Party.SECOND_REGISTER])
def test_a_party_that_crashes_goes_on(simulated, party, kept):
    before = simulated.world.server, simulated.world.networks[PLMNS[SECOND]].register
    simulated.crash(party, 2, kept=kept)
    simulated.change(SECOND)
    after = simulated.world.server, simulated.world.networks[PLMNS[SECOND]].register
    assert [one is other for one, other in zip(before, after, strict=True)].count(False) == 1
    assert simulated.agreed_network(USER) is SECOND


# Others' words


@pytest.mark.parametrize("interface", Interface)
def test_what_has_no_meaning_is_refused_and_changes_nothing(simulated, interface):
    simulated.send_nonsense(interface)
    simulated.settle()
    assert simulated.refused_nonsense(interface)
    assert ends(simulated) == CHANGED


def test_a_card_that_names_another_card_is_refused_for_it(simulated):
    simulated.subscribe(FIRST, ANOTHER)
    simulated.impersonate_card(USER, ANOTHER)
    simulated.change(SECOND)
    assert simulated.refused_requests(ANOTHER) == 1
    assert simulated.agreed_network(USER) is simulated.agreed_network(ANOTHER) is FIRST
    assert ends(simulated, ANOTHER) == CHANGED


@pytest.mark.parametrize(("target", "standing"), [(SECOND, True), (THIRD, False)])
def test_a_customer_centre_asks_for_its_own_network_only(simulated, target, standing):
    simulated.overreach(SECOND, target, USER)
    simulated.settle()
    assert (simulated.standing(USER) is Standing.CHANGED) is standing
    assert simulated.refused_requests(USER) == (not standing)


@pytest.mark.parametrize("network", [FIRST, SECOND])
def test_a_register_that_lost_count_is_told_by_the_card(simulated, network):
    before = synch_failures(simulated)
    simulated.forget_sequence(network)
    simulated.switch_off(USER)
    simulated.switch_on(USER)
    simulated.settle()
    assert simulated.attached_to(USER) is FIRST
    assert synch_failures(simulated) - before == (network is FIRST)


def synch_failures(simulated):
    return sum(one.name == "AUTHENTICATION FAILURE" for one in simulated.exchanges())


# What networks and devices do late or wrongly


@pytest.mark.parametrize(
    ("network", "report"),
    [(FIRST, CardReport.DONE), (SECOND, CardReport.DONE), (THIRD, CardReport.NONE)],
)
def test_reports_that_are_held_leave_where_the_device_is_in_the_end(simulated, network, report):
    simulated.hold_reports(network)
    simulated.lose(Message.CONFIRMATION, 1)
    assert ends(simulated) == CHANGED
    assert simulated.card_report(USER) is report


@pytest.mark.parametrize("ban", Ban)
def test_who_is_banned_by_others_comes_back(simulated, ban):
    simulated.ban_strangers(FIRST, ban)
    simulated.travel(USER, FIRST)
    simulated.settle()
    simulated.change()
    assert (simulated.standing(USER), simulated.attached_to(USER)) == UNCHANGED


def test_subscribers_are_not_banned_by_their_own_network(simulated):
    simulated.ban_strangers(SECOND, Ban.FORBIDDEN_CARD)
    assert ends(simulated) == CHANGED
