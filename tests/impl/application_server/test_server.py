"""The application server, event by event: one change from Req to the end, and every other end."""

import pytest

from impl.application_server.change import State
from impl.application_server.config import AdminCodeMode
from impl.codec.concatenation import part_of
from impl.codec.ota_profile import KEYING_VERSION
from impl.codec.personalization import Forget, Outcome, Replace
from impl.codec.smpp import BindTransceiver, DeliverSmResp, GenericNack, decode_smpp
from impl.crypto.admin_key import derive_keys
from impl.events import Interface, Peer, Send
from impl.messages import (
    Acknowledgement,
    AskAcknowledgement,
    ChangeTaken,
    ConfirmChange,
    IdentityInUse,
    IdentityReleased,
    InformLeft,
    Malformed,
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
CENTRE1, CENTRE2 = (Peer(Interface.CENTRE, plmn) for plmn in (TN1, TN2))


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


def test_the_request_of_an_operator_is_the_same_request(bench):
    request = RequestChange(id="r1", iccid=bench_card(), plmn=TN2, user_agreed=True)
    bench.say(CENTRE2, request)
    (answer,) = bench.told(CENTRE2)
    assert answer == ChangeTaken(id="r1", transaction=bench.change.transaction)
    assert isinstance(bench.told(HLR2)[0], ReserveIdentity)


@pytest.mark.parametrize(
    ("source", "facts", "reason"),
    [
        (CENTRE1, {}, RefusalReason.NOT_AUTHORIZED),
        (CENTRE2, {"user_agreed": False}, RefusalReason.USER_DID_NOT_AGREE),
        (CENTRE2, {"iccid": ICCID("8933010000000000025")}, RefusalReason.UNKNOWN_CARD),
        (Peer(Interface.CENTRE, TN3), {"plmn": TN3}, RefusalReason.NO_AGREEMENT),
    ],
)
def test_a_request_of_an_operator_that_may_not_be_taken_is_refused(bench, source, facts, reason):
    fields = {"iccid": bench_card(), "plmn": TN2, "user_agreed": True} | facts
    bench.say(source, RequestChange(id="r1", **fields))
    assert bench.told(source) == [Refusal(id="r1", reason=reason)]
    assert bench.server.changes() == []


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
    else:
        while bench.change.state is State.ASKING:
            assert bench.wait()
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


@pytest.mark.parametrize(
    "facts",
    [{"imsi": IMSI("208010000000009")}, {"iccid": ICCID("8933010000000000025")}],
)
def test_an_identity_of_another_network_or_card_is_not_used(bench, facts):
    bench.request()
    bench.provide(**facts)
    assert bench.messages() == []
    release(bench)
    assert (bench.change.state, bench.change.reason) == (State.ABANDONED, "unusable-identity")


def test_only_the_operator_whose_word_it_is_moves_a_change(bench):
    transaction = take(bench)
    for source in (HLR1, HLR3, CENTRE2):
        confirm(bench, source)
        assert isinstance(bench.told(source)[-1], Refusal)
    bench.say(HLR3, IdentityReleased(id="x", transaction=transaction))
    bench.say(HLR2, Noted(id="x", transaction=transaction))
    assert bench.change.state is State.SENT


def test_a_confirmation_of_a_change_that_nobody_knows_is_refused(bench):
    confirm(bench, transaction=TransactionId("0badbeef"))
    assert bench.told(HLR2) == [Refusal(id="c1", reason=RefusalReason.UNKNOWN_TRANSACTION)]


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


@pytest.mark.parametrize("octets", [b"", b"{", b'{"kind": "confirm-change"}', b"\xff" * 40])
def test_what_cannot_be_read_is_answered_and_changes_nothing(bench, octets):
    bench.arrive(HLR2, octets)
    assert isinstance(bench.told(HLR2)[0], Malformed)
    assert bench.server.changes() == []


@pytest.mark.parametrize("octets", [b"", b"\x00" * 16, b"\xff" * 40])
def test_a_pdu_that_cannot_be_read_gets_the_answer_of_its_protocol(bench, octets):
    bench.arrive(Peer(Interface.SMPP, TN1), octets)
    assert isinstance(decode_smpp(bench.sent[-1].octets), GenericNack)


@pytest.mark.parametrize("packet", [b"", b"\x00", b"\xff" * 140, bytes(60)])
def test_a_short_message_without_sense_is_taken_and_leaves_no_trace(bench, packet):
    bench.deliver(packet, 0x70)
    bench.deliver(packet, 0x71)
    assert isinstance(decode_smpp(bench.sent[-1].octets), DeliverSmResp)
    assert bench.server.changes() == bench.server.refusals() == []


def test_the_server_binds_at_every_short_message_centre(bench):
    bench.restart()
    bound = [send.target for send in bench.sent if isinstance(send, Send)]
    assert bound == [Peer(Interface.SMPP, TN1), Peer(Interface.SMPP, TN2)]
    assert isinstance(decode_smpp(bench.sent[0].octets), BindTransceiver)


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


class KilledError(Exception):
    """The node died at a commit."""


def test_a_server_that_dies_at_any_commit_goes_on_and_nothing_happens_twice(bench):
    """Kill it before or after each commit of a change, start it again, let peers say it again."""

    def report():
        while not bench.messages():  # it may have died before it said what it had committed
            assert bench.wait()
        bench.report()

    steps = [
        lambda: bench.request(counter=1),
        bench.provide,
        report,
        lambda: confirm(bench),
        lambda: bench.say(HLR1, Noted(id="i", transaction=bench.change.transaction)),
    ]

    def die():
        raise KilledError

    for number, step in enumerate(steps):
        for hook in ("before_commit", "after_commit"):
            setattr(bench.store, hook, die)
            with pytest.raises(KilledError):
                step()
            setattr(bench.store, hook, None)
            bench.restart()
        if number != 0 or not bench.server.changes():
            step()
    assert bench.change.state is State.DONE
    assert len(bench.server.changes()) == 1
    counters = [parameters.counter for parameters, _ in bench.messages()]
    assert counters == sorted(set(counters))
    assert MSISDN("49612345678") not in str(bench.server.refusals())


def bench_card():
    return ICCID("8933010000000000017")
