"""The application server, event by event: one change from Req to the end, and every other end."""

import pytest

from impl.application_server.change import State
from impl.application_server.config import AdminCodeMode
from impl.application_server.course import ChangeUnderWayError
from impl.codec.concatenation import part_of
from impl.codec.ota_profile import KEYING_VERSION
from impl.codec.personalization import (
    Forget,
    Outcome,
    PersonalizationResult,
    Replace,
    encode_result,
)
from impl.codec.secured_packet import RESPONSE_IDENTIFIER, seal_response
from impl.codec.security_parameters import PorStatus
from impl.codec.smpp import DeliverSmResp, decode_smpp
from impl.crypto.admin_key import derive_keys
from impl.events import Expired, Interface, Peer
from impl.messages import (
    Acknowledgement,
    AskAcknowledgement,
    ConfirmChange,
    IdentityInUse,
    IdentityReleased,
    InformLeft,
    Noted,
    Refusal,
    RefusalReason,
    ReleaseIdentity,
    RequestChange,
    ReserveIdentity,
)
from impl.values import ICCID, IMSI, MSISDN, OtaKeys, Secret, TransactionId

TN1, TN2, TN3 = "20801", "26202", "310410"
HLR1, HLR2, HLR3 = (Peer(Interface.OPERATOR, plmn) for plmn in (TN1, TN2, TN3))
SMSC1 = Peer(Interface.SMPP, TN1)
CENTRE1, CENTRE2 = (Peer(Interface.CENTRE, plmn) for plmn in (TN1, TN2))
KEYS = OtaKeys(1, Secret(b"c" * 16), Secret(b"d" * 16))


def take(bench):
    """Bring a change as far as MesP."""
    bench.request()
    bench.provide()
    return bench.change.transaction


def confirm(bench, source=HLR2, transaction=None):
    bench.say(source, ConfirmChange(id="c1", transaction=transaction or bench.change.transaction))


def release(bench, answer=IdentityReleased):
    asked = bench.told(HLR2)[-1]
    assert isinstance(asked, ReleaseIdentity)
    bench.say(HLR2, answer(id=asked.id, transaction=asked.transaction))


def reasons(bench):
    return [refusal.reason for refusal in bench.server.refusals()]


def test_one_change_from_request_to_end(bench):
    bench.request()
    (reservation,) = bench.told(HLR2)
    assert isinstance(reservation, ReserveIdentity)
    assert bench.change.state is State.REQUESTED
    bench.provide()
    ((_, message),) = bench.messages()
    assert isinstance(message, Replace)
    assert (message.imsi, message.k) == (IMSI("262020000000001"), Secret(b"k" * 16))
    assert message.admin_code == Secret(b"sEcReT#1")
    bench.report()
    assert (bench.change.state, bench.change.report) == (State.PERSONALIZED, Outcome.DONE)
    assert bench.told(HLR1) == []
    confirm(bench)
    assert isinstance(bench.told(HLR2)[-1], Noted)
    (information,) = bench.told(HLR1)
    assert isinstance(information, InformLeft)
    bench.say(HLR1, Noted(id=information.id, transaction=information.transaction))
    assert bench.change.state is State.DONE
    assert bench.timers == {}


def test_the_way_back_begins_at_the_joined_network(bench):
    take(bench)
    confirm(bench)
    bench.say(HLR1, Noted(id="inform", transaction=bench.change.transaction))
    bench.request(plmn=TN1)
    assert reasons(bench) == [RefusalReason.NOT_AUTHORIZED]  # it still came through TN1
    bench.request(plmn=TN1, source=Peer(Interface.SMPP, TN2))
    assert (bench.change.source, bench.change.target) == (TN2, TN1)


def test_the_confirmation_suffices_where_the_report_was_lost(bench):
    take(bench)
    confirm(bench)
    assert bench.change.state is State.CONFIRMED


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"plmn": TN3}, RefusalReason.NO_AGREEMENT),
        ({"plmn": TN1}, RefusalReason.ALREADY_SUBSCRIBED),
        ({"iccid": ICCID("8933010000000000025")}, RefusalReason.UNKNOWN_CARD),
        ({"source": Peer(Interface.SMPP, TN2)}, RefusalReason.NOT_AUTHORIZED),
        ({"counter": 0}, RefusalReason.NOT_AUTHORIZED),
        ({"keys": OtaKeys(1, Secret(b"c" * 16), Secret(b"x" * 16))}, RefusalReason.NOT_AUTHORIZED),
    ],
)
def test_a_request_of_a_device_that_may_not_be_taken_is_refused(bench, facts, reason):
    bench.request(**facts)
    assert reasons(bench) == [reason]
    assert bench.server.changes() == []
    assert bench.told(HLR2) == []


def test_a_request_seen_before_changes_nothing(bench):
    bench.request(counter=5)
    bench.provide()
    bench.report(Outcome.WRONG_ADMIN_CODE)
    release(bench)
    bench.request(counter=5)
    assert reasons(bench) == [RefusalReason.NOT_AUTHORIZED]
    assert len(bench.server.changes()) == 1


def test_while_a_change_is_open_another_is_refused(bench):
    bench.request()
    bench.request()
    assert reasons(bench) == [RefusalReason.CHANGE_UNDER_WAY]
    assert len(bench.server.changes()) == 1


def test_the_left_operator_is_asked_before_the_message_is_sent(bench):
    bench.restart(asks_for_acknowledgement=True)
    take(bench)
    (question,) = bench.told(CENTRE1)
    assert isinstance(question, AskAcknowledgement)
    assert bench.messages() == []
    answer = {"id": question.id, "transaction": question.transaction}
    bench.say(CENTRE1, Acknowledgement(**answer, granted=True))
    assert len(bench.messages()) == 1


@pytest.mark.parametrize("answers", [True, False])
def test_without_its_acknowledgement_nothing_is_sent_and_the_identity_goes_back(bench, answers):
    bench.restart(asks_for_acknowledgement=True)
    take(bench)
    question = bench.told(CENTRE1)[0]
    if answers:
        fields = {"id": question.id, "transaction": question.transaction}
        bench.say(CENTRE1, Acknowledgement(**fields, granted=False))
    while bench.change.state is State.ASKING:
        assert bench.wait()
    assert bench.change.reason == ("not-acknowledged" if answers else "no-answer")
    release(bench)
    assert bench.change.state is State.ABANDONED
    assert bench.messages() == []
    assert not bench.wait()


def test_a_card_that_refused_has_its_identity_taken_back_and_is_told_nothing_more(bench):
    take(bench)
    bench.report(Outcome.WRONG_ADMIN_CODE)
    assert bench.change.state is State.RELEASING
    release(bench)
    assert (bench.change.state, bench.change.reason) == (State.ABANDONED, "wrong-admin-code")
    assert len(bench.messages()) == 1
    assert bench.timers == {}


def test_a_message_without_a_report_is_sent_again_under_a_new_counter(bench):
    take(bench)
    bench.wait()
    (first, one), (second, other) = bench.messages()
    assert second.counter > first.counter
    assert one.transaction == other.transaction


def test_a_message_that_is_never_answered_ends_in_bounded_time_with_an_order_to_forget(bench):
    take(bench)
    while bench.change.state is State.SENT:
        assert bench.wait()
    assert len(bench.messages()) == bench.config.attempts
    release(bench)
    assert bench.change.state is State.ABANDONED
    while bench.wait():
        pass
    orders = [command for _, command in bench.messages() if isinstance(command, Forget)]
    assert len(orders) == bench.config.attempts


def test_a_card_that_reports_that_it_forgot_is_not_told_again(bench):
    take(bench)
    while bench.change.state is State.SENT:
        bench.wait()
    release(bench)
    bench.report()
    assert bench.timers == {}


def test_an_attach_that_is_faster_than_the_release_wins(bench):
    take(bench)
    bench.report(Outcome.WRONG_ADMIN_CODE)
    release(bench, IdentityInUse)
    assert bench.change.state is State.CONFIRMED
    assert isinstance(bench.told(HLR1)[-1], InformLeft)


def test_a_silent_home_register_is_given_up_in_bounded_time(bench):
    bench.request()
    while bench.wait():
        pass
    assert bench.change.state is State.ABANDONED
    bench.request()
    assert bench.change.state is State.REQUESTED


def test_a_register_without_a_free_identity_ends_the_change(bench):
    bench.request()
    reservation = bench.told(HLR2)[0]
    bench.say(HLR2, Refusal(id=reservation.id, reason=RefusalReason.NO_FREE_IDENTITY))
    assert (bench.change.state, bench.change.reason) == (State.ABANDONED, "no-free-identity")
    assert bench.timers == {}


def test_what_is_said_twice_happens_once(bench):
    take(bench)
    bench.provide()
    confirm(bench)
    confirm(bench)
    bench.report()
    assert len(bench.messages()) == 1
    assert len(bench.told(HLR1)) == 1


def test_a_report_with_another_cards_keys_or_on_another_change_is_ignored(bench):
    take(bench)
    bench.report(keys=OtaKeys(1, Secret(b"x" * 16), Secret(b"y" * 16)))
    bench.report(transaction=TransactionId("0badbeef"))
    assert bench.change.state is State.SENT


def test_the_admin_code_can_be_the_key_of_the_message(bench):
    bench.restart(admin_code_mode=AdminCodeMode.KEYING)
    take(bench)
    keys = derive_keys(Secret(b"sEcReT#1"), bench_card(), KEYING_VERSION)
    ((_, message),) = bench.messages(keys)
    assert message.admin_code is None


@pytest.mark.parametrize("wide", [False, True])
def test_a_long_message_is_split_with_references_of_either_width(bench, wide):
    bench.restart(wide_references=wide, further_contents=bytes(300))
    take(bench)
    parts = [part_of(header) for header in bench.headers()]
    assert [part.number for part in parts] == [1, 2, 3, 4]
    assert {part.wide for part in parts} == {wide}
    ((_, message),) = bench.messages()
    assert message.extra == bytes(300)


@pytest.mark.parametrize("packet", [b"", b"\x00", b"\xff" * 140, bytes(60)])
def test_a_short_message_without_sense_is_taken_and_leaves_no_trace(bench, packet):
    bench.deliver(packet, 0x70)
    bench.deliver(packet, 0x71)
    assert isinstance(decode_smpp(bench.sent[-1].octets), DeliverSmResp)
    assert bench.server.changes() == bench.server.refusals() == []


def test_nothing_secret_lies_in_the_records_in_clear(bench):
    take(bench)
    with bench.store.begin() as connection:
        raw = connection.connection.driver_connection.serialize()
    for secret in (b"sEcReT#1", b"c" * 16, b"k" * 16, b"o" * 16):
        assert secret not in raw
        assert secret.hex().encode() not in raw


def test_nothing_secret_shows_in_what_an_operator_of_the_server_sees(bench):
    take(bench)
    shown = repr(bench.server.changes()) + repr(bench.server.refusals()) + repr(bench.config)
    assert "k" * 16 not in shown
    assert (b"k" * 16).hex() not in shown
    assert "password" not in shown.replace("password=", "")


@pytest.mark.parametrize(
    "iccid",
    ["9" * 19, "9" * 20, "0" * 18, "0" + "8933010000000000017", "8933010000000000017" + "1"],
)
def test_whatever_identifier_an_operator_names_the_answer_is_a_defined_one(bench, iccid):
    bench.say(CENTRE2, RequestChange(id="r", iccid=ICCID(iccid), plmn=TN2, user_agreed=True))
    assert bench.told(CENTRE2) == [Refusal(id="r", reason=RefusalReason.UNKNOWN_CARD)]


@pytest.mark.parametrize("iccid", ["9" * 20, "0" * 18, "89330100000000000178"])
def test_a_card_of_any_identifier_can_change(bench, iccid):
    bench.server.import_cards(
        f"iccid,admin_code,kic,kid\n{iccid},{'0' * 16},{'63' * 16},{'64' * 16}"
    )
    bench.server.subscribe(ICCID(iccid), TN1, MSISDN("33612345679"))
    bench.request(iccid=ICCID(iccid))
    (change,) = bench.server.changes(ICCID(iccid))
    assert change.iccid == iccid


def test_a_card_that_is_being_personalized_is_not_removed(bench):
    take(bench)
    with pytest.raises(ChangeUnderWayError):
        bench.server.remove_card(bench_card())
    bench.report(Outcome.WRONG_ADMIN_CODE)
    release(bench)
    bench.server.remove_card(bench_card())
    bench.request()
    assert reasons(bench) == [RefusalReason.UNKNOWN_CARD]


def test_a_card_that_is_removed_in_the_end_leaves_nothing_that_goes_on(bench):
    take(bench)
    while bench.change.state is State.SENT:
        bench.wait()
    release(bench)
    bench.server.remove_card(bench_card())
    while bench.wait():
        pass
    assert bench.change.state is State.ABANDONED


def test_a_report_on_an_earlier_change_of_the_card_is_about_that_one(bench):
    take(bench)
    while bench.change.state is State.SENT:
        bench.wait()
    release(bench)
    abandoned = bench.change
    parameters, _ = bench.messages()[-1]
    take(bench)
    assert bench.change.transaction != abandoned.transaction
    result = PersonalizationResult(abandoned.transaction, Outcome.DONE)
    response = seal_response(parameters, PorStatus.OK, encode_result(result), KEYS)
    bench.deliver(response, RESPONSE_IDENTIFIER)
    assert bench.change.state is State.SENT
    assert f"change/{abandoned.transaction}" not in bench.timers


def test_a_change_that_was_given_up_in_doubt_is_confirmed_after_a_restart(bench):
    take(bench)
    while bench.wait():
        pass
    assert (bench.change.state, bench.change.reason) == (State.ABANDONED, "no-answer")
    bench.restart()
    confirm(bench)
    assert (bench.change.state, bench.change.reason) == (State.CONFIRMED, None)
    bench.say(HLR1, Noted(id="n", transaction=bench.change.transaction))
    assert bench.change.state is State.DONE


@pytest.mark.parametrize("timer", ["smpp/99999", "change/0badbeef", "outbox/release:0badbeef"])
def test_a_timer_of_what_is_not_there_means_nothing(bench, timer):
    assert bench.server.handle(Expired(timer)) == []


def bench_card():
    return ICCID("8933010000000000017")


def test_nobody_is_told_again_of_a_change_that_nobody_knows(bench):
    assert bench.server.inform_again(TransactionId("00000000")) == []
