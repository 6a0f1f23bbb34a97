"""What parties do in the simulation: each call does what `steps.driver.Parties` says."""

import pytest

from impl.card import image
from impl.runtime.simulation import UnboundedError
from impl.values import Secret
from steps.driver import (
    Answer,
    CardReport,
    DriverError,
    Generation,
    Means,
    Network,
    Party,
    Standing,
    UnsettledError,
    User,
)
from steps.drivers.simulated_parties import NETWORK_OF, NODES, PLMNS, mistaken

FIRST, SECOND, THIRD = Network
USER, ANOTHER = User


def test_every_network_and_party_of_the_steps_is_in_the_world(simulated):
    assert set(PLMNS) == set(Network)
    assert {NETWORK_OF[plmn] for plmn in simulated.world.networks} == set(Network)
    assert set(NODES) == set(Party)
    assert set(NODES.values()) <= set(simulated.world.simulation._nodes)


def test_nobody_has_agreed_before_it_is_said(bare):
    bare.agree(FIRST)
    bare.subscribe(FIRST, USER)
    bare.change(SECOND)
    assert bare.standing(USER) is Standing.REFUSED
    bare.agree(SECOND)
    bare.change(SECOND)
    assert bare.standing(USER) is Standing.CHANGED


@pytest.mark.parametrize("network", Network)
def test_a_subscriber_is_one_of_the_network_and_of_no_other(bare, network):
    bare.subscribe(network, USER)
    for each in Network:
        assert bare.register_knows(each, USER) is (each is network)
        assert bare.authenticates_in(each, USER) is (each is network)


@pytest.mark.parametrize("asks", [True, False])
def test_the_left_operator_is_asked_if_the_server_shall_ask(simulated, asks):
    if asks:
        simulated.ask_for_acknowledgement()
    simulated.change()
    assert simulated.was_asked(FIRST, USER) is asks
    assert simulated.standing(USER) is Standing.CHANGED


@pytest.mark.parametrize("parts", [2, 3, 5, 8])
def test_a_message_is_as_many_short_messages_as_was_said(simulated, parts):
    simulated.send_in_parts(parts)
    simulated.change()
    assert simulated.standing(USER) is Standing.CHANGED
    assert simulated.parts_delivered(USER) == parts


def test_an_admin_code_may_be_the_key_and_a_wrong_one_is_then_a_wrong_key(simulated):
    simulated.use_admin_code_as_key()
    simulated.exchange_admin_code(USER)
    simulated.change()
    assert simulated.standing(USER) is Standing.UNCHANGED
    assert simulated.card_report(USER) is not CardReport.DONE
    simulated.restore_admin_code(USER)
    simulated.change()
    assert simulated.standing(USER) is Standing.CHANGED


def test_an_operator_may_manage_the_server_and_changes_go_on(simulated):
    simulated.change(SECOND)
    simulated.let_manage(FIRST)
    simulated.change(THIRD)
    assert simulated.standing(USER) is Standing.CHANGED
    assert simulated.authenticates_in(THIRD, USER)


def test_a_card_that_the_server_lacks_is_refused_until_it_is_announced(simulated):
    simulated.forget_card(USER)
    simulated.change()
    assert simulated.standing(USER) is Standing.REFUSED
    simulated.announce_card(USER)
    simulated.change()
    assert simulated.standing(USER) is Standing.CHANGED


@pytest.mark.parametrize(
    ("answer", "standing"), [(Answer.YES, Standing.CHANGED), (Answer.NO, Standing.UNCHANGED)]
)
def test_a_card_that_asks_does_what_its_user_answers(simulated, answer, standing):
    simulated.let_card_ask()
    simulated.answer(USER, answer)
    simulated.change()
    assert simulated.question(USER) is SECOND
    assert simulated.standing(USER) is standing


def test_a_card_that_need_not_ask_does_not(simulated):
    simulated.answer(USER, Answer.NO)
    simulated.change()
    assert simulated.question(USER) is None
    assert simulated.standing(USER) is Standing.CHANGED


def test_where_nobody_answers_nothing_changes(simulated):
    simulated.let_card_ask()
    simulated.answer(USER, Answer.NONE)
    simulated.change()
    assert simulated.standing(USER) is Standing.UNCHANGED
    assert simulated.authenticates_in(FIRST, USER)


def test_a_machine_has_no_menu_to_choose_from_and_changes_by_its_operator(simulated):
    simulated.use_machine(USER)
    simulated.request_change(SECOND, Means.MENU, USER)
    simulated.settle()
    assert simulated.standing(USER) is Standing.NEVER_ASKED
    simulated.ask_customer_centre(SECOND, USER, agrees=True)
    simulated.settle()
    assert simulated.standing(USER) is Standing.CHANGED


def test_a_device_that_is_off_has_no_service_and_on_again_the_same_as_before(simulated):
    simulated.switch_off(USER)
    simulated.settle()
    assert simulated.attached_to(USER) is None
    assert not simulated.is_reachable(USER)
    simulated.switch_on(USER)
    simulated.settle()
    assert simulated.attached_to(USER) is FIRST
    assert simulated.is_reachable(USER)


@pytest.mark.parametrize("interposed", [True, False])
def test_a_network_entity_interrogates_the_register_where_there_is_one(simulated, interposed):
    if interposed:
        simulated.interpose_entity(SECOND)
    simulated.change()
    assert simulated.interrogated_by_entity(SECOND) is interposed
    assert simulated.standing(USER) is Standing.CHANGED


@pytest.mark.parametrize("means", [Means.MENU, Means.COMMAND_CODE])
def test_a_request_goes_out_at_once_and_takes_its_course_later(simulated, means):
    simulated.request_change(THIRD, means, USER)
    assert simulated.standing(USER) is Standing.NEVER_ASKED
    simulated.settle()
    assert (simulated.requested_network(USER), simulated.standing(USER)) == (
        THIRD,
        Standing.CHANGED,
    )


def test_a_code_that_is_in_no_document_asks_for_nothing(simulated):
    simulated.request_change(SECOND, Means.UNKNOWN_CODE, USER)
    simulated.settle()
    assert simulated.standing(USER) is Standing.NEVER_ASKED


@pytest.mark.parametrize(
    ("agrees", "standing"), [(True, Standing.CHANGED), (False, Standing.NEVER_ASKED)]
)
def test_a_customer_centre_asks_for_users_who_agree(simulated, agrees, standing):
    simulated.ask_customer_centre(SECOND, USER, agrees=agrees)
    simulated.settle()
    assert simulated.standing(USER) is standing


@pytest.mark.parametrize(
    ("reads_code", "standing"), [(True, Standing.CHANGED), (False, Standing.NEVER_ASKED)]
)
def test_a_web_site_asks_for_visitors_who_read_the_code(simulated, reads_code, standing):
    simulated.ask_web_site(SECOND, USER, reads_code=reads_code)
    simulated.settle()
    assert simulated.standing(USER) is standing


def test_nobody_reads_the_code_from_a_machine(simulated):
    simulated.use_machine(USER)
    simulated.ask_web_site(SECOND, USER, reads_code=True)
    simulated.settle()
    assert simulated.standing(USER) is Standing.NEVER_ASKED


@pytest.mark.parametrize("party", Party)
def test_a_party_that_is_stopped_and_started_again_goes_on(simulated, party):
    simulated.stop(party)
    simulated.start(party)
    simulated.settle()
    simulated.change()
    assert simulated.standing(USER) is Standing.CHANGED


def test_a_server_that_is_stopped_takes_no_request(simulated):
    simulated.stop(Party.APPLICATION_SERVER)
    simulated.change()
    simulated.start(Party.APPLICATION_SERVER)
    simulated.settle()
    assert simulated.standing(USER) is Standing.NEVER_ASKED


def test_changes_follow_each_other_as_often_as_was_said(simulated):
    simulated.change_again_and_again(USER, [SECOND, FIRST], times=2)
    assert simulated.messages_sent(USER) == 4
    assert simulated.authenticates_in(FIRST, USER)


def test_two_users_have_their_own_devices(simulated):
    simulated.subscribe(SECOND, ANOTHER)
    simulated.change(THIRD, ANOTHER)
    assert simulated.standing(USER) is Standing.NEVER_ASKED
    assert simulated.authenticates_in(FIRST, USER)
    assert simulated.authenticates_in(THIRD, ANOTHER)


def test_a_world_that_never_comes_to_rest_is_unsettled(simulated, monkeypatch):
    def never():
        raise UnboundedError("not at rest")

    monkeypatch.setattr(simulated.world, "settle", never)
    with pytest.raises(UnsettledError, match="not at rest"):
        simulated.settle()


def test_a_mistaken_secret_is_another_of_the_same_size():
    assert mistaken(Secret(b"12345678")) != Secret(b"12345678")
    assert len(mistaken(Secret(b"12345678"))) == 8


@pytest.mark.parametrize("scripted", [True, False])
def test_personalization_messages_are_scripts_where_that_was_decided(simulated, scripted):
    if scripted:
        simulated.send_scripts()
    simulated.change()
    assert simulated.standing(USER) is Standing.CHANGED
    (handset,) = simulated.world.handsets
    brought = {pair.origin.number(handset.memory) for pair in image.PAIRS} - {image.NOWHERE}
    assert brought == {image.SCRIPT if scripted else image.TRANSACTION}


@pytest.mark.parametrize("generation", Generation)
def test_a_network_is_of_the_generation_that_was_said_and_no_other_with_it(bare, generation):
    bare.use_generation(SECOND, generation)
    plans = {NETWORK_OF[plmn]: one.plan for plmn, one in bare.world.networks.items()}
    assert plans[SECOND].generation == generation
    assert plans[FIRST].generation == plans[THIRD].generation == Generation.UMTS
    bare.subscribe(SECOND, USER)
    assert bare.attached_to(USER) is SECOND


@pytest.mark.parametrize(
    "begin", [lambda one: one.agree(FIRST), lambda one: one.subscribe(FIRST, USER)]
)
def test_a_generation_is_not_changed_once_something_is_set_up(bare, begin):
    begin(bare)
    world = bare.world
    with pytest.raises(DriverError):
        bare.use_generation(SECOND, Generation.LTE)
    assert bare.world is world
