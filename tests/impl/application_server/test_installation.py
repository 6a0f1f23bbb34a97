"""The card application on its way to a card, and what the card reports of it."""

import pytest

from impl.application_server.admin_codes import UnknownCardError
from impl.codec.address import Address
from impl.codec.card_application import installation
from impl.codec.concatenation import Reassembler
from impl.codec.ota_profile import CARD_MANAGER_TAR, MINIMUM_SECURITY
from impl.codec.personalization import Outcome
from impl.codec.remote_command import RemoteResponse, encode_script
from impl.codec.secured_packet import RESPONSE_IDENTIFIER, open_command, seal_response
from impl.codec.security_parameters import PorStatus
from impl.runtime.deployment import NETWORKS
from impl.runtime.sessions import SERVER
from impl.runtime.world import World
from impl.values import ICCID, OtaKeys, Secret

CARD = ICCID("8933010000000000017")
KEYS = OtaKeys(1, Secret(b"c" * 16), Secret(b"d" * 16))


def install(bench):
    bench.perform(bench.server.install_application(CARD))
    return sent_to_card(bench)[-1]


def sent_to_card(bench):
    """Return every packet that the server sent to the card, opened."""
    reassembler = Reassembler()
    wholes = [reassembler.add(Address("33700"), each) for each in bench.submitted()]
    return [open_command(whole.octets, KEYS) for whole in wholes if whole]


def report(bench, command, answer=None, status=PorStatus.OK, keys=KEYS):
    data = (answer or RemoteResponse(3, 0x6101, b"")).encode() if status is PorStatus.OK else b""
    packet = seal_response(command.parameters, status, data, keys)
    bench.deliver(packet, RESPONSE_IDENTIFIER)


def only_view(bench):
    (view,) = bench.server.installations()
    return view


def test_the_script_goes_to_the_cards_security_domain_at_full_security(bench):
    command = install(bench)
    assert command.parameters.tar == CARD_MANAGER_TAR
    assert command.parameters.spi1 == MINIMUM_SECURITY
    assert command.data == encode_script(installation())
    assert (only_view(bench).iccid, only_view(bench).is_done) == (CARD, False)


def test_a_report_of_success_is_noted(bench):
    report(bench, install(bench))
    assert (only_view(bench).status, only_view(bench).sw) == (PorStatus.OK, 0x6101)
    assert only_view(bench).is_done


def test_a_report_of_failure_is_noted_too(bench):
    report(bench, install(bench), RemoteResponse(1, 0x6985))
    assert (only_view(bench).sw, only_view(bench).is_done) == (0x6985, False)


def test_a_refusal_of_the_packet_is_noted_without_a_status_word(bench):
    report(bench, install(bench), status=PorStatus.COUNTER_LOW)
    assert (only_view(bench).status, only_view(bench).sw) == (PorStatus.COUNTER_LOW, None)
    assert not only_view(bench).is_done


def test_every_packet_has_a_counter_of_its_own_and_the_last_one_counts(bench):
    first, second = install(bench), install(bench)
    assert first.parameters.counter < second.parameters.counter
    report(bench, first)
    assert only_view(bench).status is None
    report(bench, second)
    assert only_view(bench).is_done


@pytest.mark.parametrize("keys", [None, OtaKeys(1, Secret(b"x" * 16), Secret(b"y" * 16))])
def test_a_report_that_is_not_the_cards_is_not_noted(bench, keys):
    command = install(bench)
    status = PorStatus.OK if keys else PorStatus.TAR_UNKNOWN
    report(bench, command, status=status, keys=keys)
    assert only_view(bench).status is None


def test_a_report_without_an_answer_of_the_script_is_not_noted(bench):
    command = install(bench)
    packet = seal_response(command.parameters, PorStatus.OK, b"\x03", KEYS)
    bench.deliver(packet, RESPONSE_IDENTIFIER)
    bench.deliver(b"", RESPONSE_IDENTIFIER)
    assert only_view(bench).status is None


def test_a_report_that_nobody_waits_for_is_no_matter(bench):
    command = install(bench)
    bench.server.remove_card(CARD)
    report(bench, command)
    assert only_view(bench).status is None


def test_a_card_that_is_not_known_gets_nothing(bench):
    with pytest.raises(UnknownCardError):
        bench.server.install_application(ICCID("8933010000000000025"))
    assert bench.server.installations() == []
    assert bench.submitted() == []


def test_a_card_without_the_application_takes_part_once_it_came_over_the_air():
    here, there = NETWORKS[:2]
    world = World(1, (here, there))
    world.agree(here.plmn)
    world.agree(there.plmn)
    handset = world.subscribe(here.plmn)
    world.reissue(handset, has_application=False)
    world.simulation.run()
    world.simulation.perform(SERVER, world.server.install_application(handset.profile.iccid))
    world.simulation.run()
    (view,) = world.server.installations()
    assert view.is_done
    world.choose(handset, there.name)
    world.simulation.run()
    (change,) = world.server.changes()
    assert (change.target, change.report) == (there.plmn, Outcome.DONE)


def test_a_change_goes_its_way_beside_an_installation(bench):
    command = install(bench)
    bench.request()
    bench.provide()
    report(bench, command)
    assert only_view(bench).is_done
    assert bench.change.report is None
    change = sent_to_card(bench)[-1]
    assert change.parameters.counter > command.parameters.counter
    assert bench.change.report is not Outcome.DONE
