"""Reports of cards: on commands to the application, and on scripts, which name no change."""

import pytest

from impl.application_server.change import State
from impl.application_server.config import CommandForm
from impl.codec.address import Address
from impl.codec.concatenation import Reassembler
from impl.codec.ota_profile import CPA_TAR, UICC_FILES_TAR, USIM_FILES_TAR
from impl.codec.personalization import Outcome
from impl.codec.remote_command import RemoteResponse, decode_script
from impl.codec.secured_packet import RESPONSE_IDENTIFIER, open_command, seal_response
from impl.codec.security_parameters import PorStatus
from impl.values import OtaKeys, Secret

KEYS = OtaKeys(1, Secret(b"c" * 16), Secret(b"d" * 16))
OTHER_KEYS = OtaKeys(1, Secret(b"x" * 16), Secret(b"y" * 16))
DONE = RemoteResponse(15, 0x9000)


@pytest.fixture
def scripted(begin):
    """Make a server that sends scripts, with a message on its way to the card."""
    bench = begin(command_form=CommandForm.SCRIPT)
    bench.request()
    bench.provide()
    return bench


def sent(bench):
    """Return every packet to the card, opened."""
    reassembler = Reassembler()
    wholes = [reassembler.add(Address("33700"), each) for each in bench.submitted()]
    return [open_command(whole.octets, KEYS) for whole in wholes if whole]


def answer(bench, response=DONE, *, keys=KEYS, number=-1, **changes):
    """Let the card answer the script that it got last, or another one."""
    parameters = sent(bench)[number].parameters
    said = type(parameters)(**vars(parameters) | changes)
    packet = seal_response(said, PorStatus.OK, response.encode(), keys)
    bench.deliver(packet, RESPONSE_IDENTIFIER)


def test_a_script_goes_to_the_cards_file_management(scripted):
    (command,) = sent(scripted)
    assert command.parameters.tar == USIM_FILES_TAR
    assert decode_script(command.data)[0].data == b"sEcReT#1"


def test_a_command_goes_to_the_cards_application(bench):
    bench.request()
    bench.provide()
    assert sent(bench)[-1].parameters.tar == CPA_TAR


def test_the_answer_to_a_script_is_about_the_open_change(scripted):
    answer(scripted)
    assert (scripted.change.state, scripted.change.report) == (State.PERSONALIZED, Outcome.DONE)


def test_a_script_that_did_not_know_the_admin_code_is_a_refusal(scripted):
    answer(scripted, RemoteResponse(1, 0x63C2))
    assert scripted.change.state == State.RELEASING
    assert scripted.change.report is Outcome.WRONG_ADMIN_CODE


def test_the_answer_to_a_script_that_was_sent_again_counts_and_so_does_that_to_the_first(scripted):
    scripted.wait()
    assert len(sent(scripted)) == 2
    answer(scripted, number=0)
    assert scripted.change.state == State.PERSONALIZED


@pytest.mark.parametrize(
    "facts",
    [
        {"keys": OTHER_KEYS},
        {"tar": UICC_FILES_TAR},
        {"tar": CPA_TAR},
        {"counter": 9},
    ],
)
def test_what_is_not_the_cards_word_on_this_script_is_ignored(scripted, facts):
    answer(scripted, **facts)
    assert (scripted.change.state, scripted.change.report) == (State.SENT, None)


def test_an_answer_without_a_status_word_is_ignored(scripted):
    packet = seal_response(sent(scripted)[-1].parameters, PorStatus.OK, b"\x0f", KEYS)
    scripted.deliver(packet, RESPONSE_IDENTIFIER)
    assert scripted.change.state == State.SENT


def test_the_answer_to_a_script_of_a_change_that_is_over_is_not_about_the_next(scripted):
    answer(scripted, RemoteResponse(1, 0x63C2))
    while scripted.change.state is not State.ABANDONED:
        scripted.wait()
    scripted.request()
    scripted.provide()
    answer(scripted, number=0)
    assert (scripted.change.state, scripted.change.report) == (State.SENT, None)


def test_what_is_no_report_at_all_is_ignored(scripted):
    scripted.deliver(b"\0", RESPONSE_IDENTIFIER)
    assert scripted.change.state == State.SENT


def test_no_card_is_told_to_forget_what_a_script_wrote(scripted):
    while scripted.change.state is not State.ABANDONED:
        scripted.wait()
    assert {command.parameters.tar for command in sent(scripted)} == {USIM_FILES_TAR}
    assert scripted.timers == {}
