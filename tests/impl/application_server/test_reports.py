"""Reports of cards: on commands to the application, and on scripts, which name no change."""

import pytest

from impl.application_server.change import State
from impl.application_server.config import CommandForm
from impl.codec.address import Address
from impl.codec.concatenation import Reassembler
from impl.codec.ota_profile import CPA_TAR, UICC_FILES_TAR, USIM_FILES_TAR
from impl.codec.personalization import Forget, Outcome, PersonalizationResult, encode_result
from impl.codec.receipt import MessageState
from impl.codec.remote_command import RemoteResponse, decode_script
from impl.codec.secured_packet import RESPONSE_IDENTIFIER, open_command, seal_response
from impl.codec.security_parameters import PorStatus
from impl.events import Interface, Peer
from impl.messages import ConfirmChange, IdentityReleased, RefusalReason, RequestChange
from impl.values import ICCID, IMSI, MSISDN, PLMN, OtaKeys, Secret

KEYS = OtaKeys(1, Secret(b"c" * 16), Secret(b"d" * 16))
HLR2 = Peer(Interface.OPERATOR, PLMN("26202"))
OTHER_KEYS = OtaKeys(1, Secret(b"x" * 16), Secret(b"y" * 16))
DONE = RemoteResponse(15, 0x9000)


@pytest.fixture
def scripted(begin):
    """Make a server that sends scripts, with a message on its way to the card."""
    bench = begin(command_form=CommandForm.SCRIPT)
    bench.request()
    bench.provide()
    return bench


def wholes(bench):
    """Return every packet to a card, put together."""
    reassembler = Reassembler()
    found = [reassembler.add(Address("33700"), each) for each in bench.submitted()]
    return [whole.octets for whole in found if whole]


def sent(bench):
    """Return every packet to the card, opened."""
    return [open_command(octets, KEYS) for octets in wholes(bench)]


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


def test_no_card_speaks_of_the_change_of_another(bench):
    """A card proves who it is with its own keys; whose change it names is its own claim."""
    other = ICCID("8933010000000000025")
    fields = (other, b"AnOtHeR1".hex(), (b"e" * 16).hex(), (b"f" * 16).hex())
    bench.server.import_cards("iccid,admin_code,kic,kid\n" + ",".join(fields))
    bench.server.subscribe(other, PLMN("20801"), MSISDN("33612345679"))
    asked = RequestChange(id="r1", iccid=other, plmn=PLMN("26202"), user_agreed=True)
    bench.say(Peer(Interface.CENTRE, PLMN("26202")), asked)
    bench.provide()
    bench.request()
    bench.provide(imsi=IMSI("262020000000002"), msisdn=MSISDN("49612345679"))
    (of_other,) = bench.server.changes(other)
    parameters = open_command(wholes(bench)[-1], KEYS).parameters
    result = PersonalizationResult(of_other.transaction, Outcome.DONE)
    packet = seal_response(parameters, PorStatus.OK, encode_result(result), KEYS)
    bench.deliver(packet, RESPONSE_IDENTIFIER)
    states = [change.state for change in bench.server.changes()]
    assert states == [State.SENT, State.SENT]


def test_what_is_no_report_at_all_is_ignored(scripted):
    scripted.deliver(b"\0", RESPONSE_IDENTIFIER)
    assert scripted.change.state == State.SENT


def test_no_card_is_told_to_forget_what_a_script_wrote(scripted):
    while scripted.change.state is not State.ABANDONED:
        scripted.wait()
    assert {command.parameters.tar for command in sent(scripted)} == {USIM_FILES_TAR}
    assert scripted.timers == {}


# What the network gave up


@pytest.fixture
def waiting(bench):
    """Make a server that sent a message and waits for the card's report."""
    bench.request()
    bench.provide()
    return bench


def test_a_message_that_is_out_of_time_is_sent_again_at_once(waiting):
    waiting.receipt()
    assert (waiting.change.attempts, waiting.time) == (2, 0.0)
    first, second = waiting.messages()
    assert first[0].counter < second[0].counter
    assert first[1] == second[1]
    assert waiting.timers[f"change/{waiting.change.transaction}"] == 120.0


def test_the_last_message_that_is_out_of_time_is_given_up_at_once(waiting):
    for attempts in (2, 3):
        waiting.receipt()
        assert waiting.change.attempts == attempts
    waiting.receipt()
    assert (waiting.change.state, waiting.time) == (State.RELEASING, 0.0)


def test_each_message_is_out_of_time_once_however_many_parts_it_has(begin):
    bench = begin(part_limit_octets=60)
    bench.request()
    bench.provide()
    parts = bench.named
    assert parts > 2
    bench.receipt("0000000001")
    for part in range(1, parts + 1):
        bench.receipt(f"{part:010}")
    assert bench.change.attempts == 2


def test_a_message_that_was_sent_again_may_be_out_of_time_by_now(waiting):
    waiting.wait()
    waiting.receipt("0000000001")
    assert waiting.change.attempts == 2


@pytest.mark.parametrize("state", set(MessageState) - {MessageState.EXPIRED})
def test_what_ended_otherwise_has_its_time_as_before(waiting, state):
    before = dict(waiting.timers)
    waiting.receipt(state=state)
    assert (waiting.change.attempts, waiting.timers) == (1, before)


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "0000000009"},
        {"sender": MSISDN("33600000009")},
        {"source": Peer(Interface.SMPP, PLMN("26202"))},
    ],
)
def test_what_is_said_of_another_message_card_or_network_is_ignored(waiting, facts):
    waiting.receipt(**facts)
    assert waiting.change.attempts == 1


def test_a_card_that_has_reported_is_not_hurried(waiting):
    waiting.report()
    waiting.receipt()
    assert (waiting.change.state, waiting.change.attempts) == (State.PERSONALIZED, 1)


def test_an_order_to_forget_that_is_out_of_time_is_given_again_at_once(waiting):
    while waiting.change.state is State.SENT:
        waiting.receipt()
    release = waiting.told(HLR2)[-1]
    waiting.say(HLR2, IdentityReleased(id=release.id, transaction=release.transaction))
    for _ in range(5):
        waiting.receipt()
    assert (waiting.change.state, waiting.timers) == (State.ABANDONED, {})
    orders = [command for _, command in waiting.messages() if isinstance(command, Forget)]
    assert len(orders) == 3


# Of a card that has changed networks before it spoke

SMSC1, SMSC2 = (Peer(Interface.SMPP, PLMN(plmn)) for plmn in ("20801", "26202"))
NEW_NUMBER = MSISDN("49612345678")


def test_a_report_from_the_joined_network_is_about_the_open_change(waiting):
    waiting.report(source=SMSC2, sender=NEW_NUMBER)
    assert (waiting.change.state, waiting.change.report) == (State.PERSONALIZED, Outcome.DONE)


def test_a_report_from_the_joined_network_is_noted_after_the_confirmation_too(waiting):
    transaction = waiting.change.transaction
    waiting.say(HLR2, ConfirmChange(id="confirm", transaction=transaction))
    waiting.report(source=SMSC2, sender=NEW_NUMBER)
    assert (waiting.change.state, waiting.change.report) == (State.CONFIRMED, Outcome.DONE)


@pytest.mark.parametrize(
    "facts",
    [
        {"source": SMSC1, "sender": NEW_NUMBER},
        {"source": SMSC2, "sender": MSISDN("49612345679")},
        {"source": SMSC2, "sender": MSISDN("33612345678")},
        {"source": SMSC2, "sender": NEW_NUMBER, "keys": OTHER_KEYS},
    ],
)
def test_a_report_from_anywhere_else_is_nobody_s(waiting, facts):
    waiting.report(**facts)
    assert (waiting.change.state, waiting.change.report) == (State.SENT, None)


def test_a_report_from_the_joined_network_is_late_once_the_change_was_given_up(waiting):
    while waiting.change.state is State.SENT:
        waiting.receipt()
    release = waiting.told(HLR2)[-1]
    waiting.say(HLR2, IdentityReleased(id=release.id, transaction=release.transaction))
    waiting.report(source=SMSC2, sender=NEW_NUMBER)
    assert (waiting.change.state, waiting.change.report) == (State.ABANDONED, None)


def test_a_request_from_the_joined_network_is_not_taken_before_the_change_is_complete(waiting):
    waiting.request(source=SMSC2, sender=NEW_NUMBER)
    waiting.request(source=SMSC2)
    reasons = [refusal.reason for refusal in waiting.server.refusals()]
    assert reasons == [RefusalReason.NOT_AUTHORIZED] * 2
