"""What operators say: each word counts from its own operator, on its own link, and no other."""

import pytest

from impl.application_server.change import State
from impl.codec.personalization import Outcome
from impl.codec.smpp import SubmitSm, decode_smpp
from impl.events import Interface, Peer
from impl.messages import (
    Acknowledgement,
    AskAcknowledgement,
    ChangeTaken,
    CodeSent,
    ConfirmChange,
    IdentityInUse,
    IdentityNotice,
    IdentityReleased,
    InformLeft,
    Malformed,
    Noted,
    Refusal,
    RefusalReason,
    ReleaseIdentity,
    RequestChange,
    ReserveIdentity,
    SendCode,
)
from impl.values import ICCID, IMSI, MSISDN, PLMN, Secret, TransactionId

TN1, TN2, TN3 = PLMN("20801"), PLMN("26202"), PLMN("310410")
CARD = ICCID("8933010000000000017")
HLR1, HLR2, HLR3 = (Peer(Interface.OPERATOR, plmn) for plmn in (TN1, TN2, TN3))
CENTRE1, CENTRE2, CENTRE3 = (Peer(Interface.CENTRE, plmn) for plmn in (TN1, TN2, TN3))
EVERYBODY = (HLR1, HLR2, HLR3, CENTRE1, CENTRE2, CENTRE3)
NOBODYS = TransactionId("0badbeef")


def reach(bench, state):
    """Bring a change to that state, the left operator being asked."""
    bench.restart(asks_for_acknowledgement=True)
    bench.request()
    named = {"transaction": bench.change.transaction}
    steps = {
        State.ASKING: bench.provide,
        State.SENT: lambda: bench.say(CENTRE1, Acknowledgement(id="a", granted=True, **named)),
        State.PERSONALIZED: bench.report,
        State.CONFIRMED: lambda: bench.say(HLR2, ConfirmChange(id="c", **named)),
        State.DONE: lambda: bench.say(HLR1, Noted(id="n", **named)),
    }
    for reached, step in steps.items():
        if bench.change.state is state:
            break
        step()
        assert bench.change.state is reached
    bench.sent.clear()
    return named


def texts(bench):
    """Return the short messages for users that left, and to whom."""
    sent = [decode_smpp(s.octets) for s in bench.sent if s.target.interface is Interface.SMPP]
    return [
        (pdu.destination_addr, pdu.short_message.decode("utf-16-be"))
        for pdu in sent
        if isinstance(pdu, SubmitSm) and pdu.data_coding == 8
    ]


def code_for(plmn, iccid=CARD):
    return SendCode(id="r1", iccid=iccid, plmn=plmn, code=Secret(b"12345678"))


# Codes for who holds a card


def test_the_holder_of_a_card_gets_the_code_at_their_number(bench):
    bench.say(CENTRE2, code_for(TN2))
    assert bench.told(CENTRE2) == [CodeSent(id="r1")]
    text = "Code 12345678 for your move to Zweites Netz. Not you? Ignore."
    assert texts(bench) == [("33612345678", text)]
    assert bench.server.changes() == []


@pytest.mark.parametrize(
    ("source", "message", "reason"),
    [
        (CENTRE2, code_for(TN2, ICCID("8933010000000000025")), RefusalReason.UNKNOWN_CARD),
        (CENTRE2, code_for(TN1), RefusalReason.NOT_AUTHORIZED),
        (CENTRE3, code_for(TN3), RefusalReason.NO_AGREEMENT),
        (HLR2, code_for(TN2), RefusalReason.NOT_AUTHORIZED),
    ],
)
def test_a_code_that_is_not_the_senders_to_send_goes_nowhere(bench, source, message, reason):
    bench.say(source, message)
    assert bench.told(source) == [Refusal(id="r1", reason=reason)]
    assert texts(bench) == []


@pytest.mark.parametrize("name", ["N" * 64, "\N{OLD PERMIC LETTER AN}" * 64])
def test_the_text_of_a_code_is_one_short_message_whatever_the_operators_name(bench, name):
    bench.server.agree(TN3, name)
    bench.say(CENTRE3, code_for(TN3))
    ((_, text),) = texts(bench)
    assert len(text.encode("utf-16-be")) <= 140
    assert text.endswith("Ignore.")


# Requests


def test_the_request_of_a_customer_centre_is_answered_with_a_transaction(bench):
    bench.say(CENTRE2, RequestChange(id="r1", iccid=CARD, plmn=TN2, user_agreed=True))
    assert bench.told(CENTRE2) == [ChangeTaken(id="r1", transaction=bench.change.transaction)]
    assert isinstance(bench.told(HLR2)[0], ReserveIdentity)


@pytest.mark.parametrize(
    ("source", "facts", "reason"),
    [
        (CENTRE1, {}, RefusalReason.NOT_AUTHORIZED),
        (CENTRE2, {"user_agreed": False}, RefusalReason.USER_DID_NOT_AGREE),
        (CENTRE3, {"plmn": TN3}, RefusalReason.NO_AGREEMENT),
    ],
)
def test_one_that_may_not_be_taken_is_answered_with_the_reason(bench, source, facts, reason):
    fields = {"iccid": CARD, "plmn": TN2, "user_agreed": True} | facts
    bench.say(source, RequestChange(id="r1", **fields))
    assert bench.told(source) == [Refusal(id="r1", reason=reason)]
    assert [refusal.reason for refusal in bench.server.refusals()] == [reason]
    assert bench.server.changes() == []


def test_users_are_spoken_for_by_customer_centres_only(bench):
    request = RequestChange(id="r", iccid=CARD, plmn=TN2, user_agreed=True)
    bench.say(HLR2, request)
    assert bench.told(HLR2) == [Refusal(id="r", reason=RefusalReason.NOT_AUTHORIZED)]
    assert bench.server.changes() == []


@pytest.mark.parametrize(
    "question",
    [
        ReserveIdentity(id="q", transaction=NOBODYS, iccid=CARD),
        ReleaseIdentity(id="q", transaction=NOBODYS),
        AskAcknowledgement(id="q", transaction=NOBODYS, iccid=CARD, plmn=TN2),
        InformLeft(id="q", transaction=NOBODYS, iccid=CARD),
    ],
)
def test_what_only_the_server_asks_is_refused(bench, question):
    bench.say(HLR2, question)
    assert bench.told(HLR2) == [Refusal(id="q", reason=RefusalReason.NOT_AUTHORIZED)]


@pytest.mark.parametrize("octets", [b"", b"{}", b'{"kind": "noted"}', b"\xff"])
def test_what_cannot_be_read_is_answered_by_its_sender_being_told_why(bench, octets):
    for speaker in (HLR2, CENTRE2):
        bench.arrive(speaker, octets)
        (answer,) = bench.told(speaker)
        assert isinstance(answer, Malformed)
    assert bench.server.changes() == []


# Answers


@pytest.mark.parametrize(
    ("state", "speaker", "kind", "facts"),
    [
        (State.ASKING, CENTRE1, Acknowledgement, {"granted": True}),
        (State.ASKING, CENTRE1, Acknowledgement, {"granted": False}),
        (State.SENT, HLR2, ConfirmChange, {}),
        (State.PERSONALIZED, HLR2, IdentityInUse, {}),
        (State.CONFIRMED, HLR1, Noted, {}),
    ],
)
def test_a_word_moves_a_change_if_the_right_one_speaks_and_else_never(
    bench, state, speaker, kind, facts
):
    named = reach(bench, state)
    for other in set(EVERYBODY) - {speaker}:
        bench.say(other, kind(id="w", **named, **facts))
        assert bench.change.state is state
    bench.say(speaker, kind(id="w", transaction=NOBODYS, **facts))
    assert bench.change.state is state
    bench.say(speaker, kind(id="w", **named, **facts))
    assert bench.change.state is not state


def test_every_answer_that_nobody_waits_for_is_met_with_silence(bench):
    named = reach(bench, State.SENT)
    for answer in (
        IdentityReleased(id="w", **named),
        Noted(id="w", **named),
        Acknowledgement(id="w", granted=False, **named),
        Refusal(id="w", reason=RefusalReason.NOT_AUTHORIZED),
        Refusal(id="reserve:zz", reason=RefusalReason.NOT_AUTHORIZED),
        Malformed(id="unread", why="kind: missing"),
    ):
        for speaker in EVERYBODY:
            bench.say(speaker, answer)
    assert bench.sent == []
    assert bench.change.state is State.SENT


def test_an_identity_of_whoever_was_not_asked_is_not_used(bench):
    bench.request()
    reservation = bench.told(HLR2)[-1]
    notice = IdentityNotice(
        id=reservation.id,
        transaction=reservation.transaction,
        imsi=IMSI("262020000000002"),
        k=Secret(b"x" * 16),
        opc=Secret(b"x" * 16),
        msisdn=MSISDN("49612345679"),
        service_centre=MSISDN("49609001"),
    )
    for speaker in set(EVERYBODY) - {HLR2}:
        bench.say(speaker, notice)
    assert bench.messages() == []
    assert bench.change.state is State.REQUESTED
    bench.say(HLR2, notice)
    assert bench.change.state is State.SENT


def test_an_identity_that_comes_for_a_change_that_is_over_is_given_back(bench):
    bench.request()
    transaction = bench.change.transaction
    none = Refusal(id=f"reserve:{transaction}", reason=RefusalReason.NO_FREE_IDENTITY)
    bench.say(HLR2, none)
    assert bench.change.state is State.ABANDONED
    bench.provide()  # the question came once more, when there was one again
    release = ReleaseIdentity(id=f"release:{transaction}", transaction=transaction)
    assert bench.told(HLR2)[-1] == release
    bench.say(HLR2, IdentityReleased(id=release.id, transaction=transaction))
    assert bench.change.state is State.ABANDONED
    assert bench.told(HLR2)[-1] == release
    assert bench.messages() == []


def test_a_centre_that_refuses_to_be_asked_has_not_acknowledged(bench):
    reach(bench, State.ASKING)
    transaction = bench.change.transaction
    no = Refusal(id=f"ask:{transaction}", reason=RefusalReason.NOT_AUTHORIZED)
    bench.say(CENTRE2, no)
    assert bench.change.state is State.ASKING
    bench.say(CENTRE1, no)
    assert (bench.change.state, bench.change.reason) == (State.RELEASING, "not-acknowledged")


# Confirmations


def confirm(bench, transaction):
    """Let HLR2 confirm; return what it is answered."""
    bench.say(HLR2, ConfirmChange(id="c", transaction=transaction))
    return bench.told(HLR2)[-1]


def begin(bench):
    """Bring a new change as far as MesP."""
    bench.request()
    bench.provide()
    return bench.change.transaction


def give_up(bench):
    """End a change in doubt: the card was silent, and nobody answered the release."""
    transaction = begin(bench)
    while bench.wait():
        pass
    assert (bench.change.state, bench.change.reason) == (State.ABANDONED, "no-answer")
    return transaction


def refused(reason):
    return Refusal(id="c", reason=reason)


def test_what_is_certain_is_noted_as_often_as_it_is_said(bench):
    transaction = reach(bench, State.DONE)["transaction"]
    for _ in range(3):
        assert confirm(bench, transaction) == Noted(id="c", transaction=transaction)
    assert (bench.change.state, bench.told(HLR1)) == (State.DONE, [])


def test_a_confirmation_of_a_change_that_nobody_knows_is_refused(bench):
    assert confirm(bench, NOBODYS) == refused(RefusalReason.UNKNOWN_TRANSACTION)


def test_a_confirmation_before_any_message_left_is_not_believed(bench):
    bench.request()
    transaction = bench.change.transaction
    assert confirm(bench, transaction) == refused(RefusalReason.UNKNOWN_TRANSACTION)
    while bench.change.state is not State.RELEASING:
        assert bench.wait()
    bench.say(HLR2, IdentityInUse(id="i", transaction=transaction))
    assert bench.change.state is State.RELEASING
    assert bench.told(HLR1) == []


def test_a_confirmation_of_what_was_released_is_not_believed(bench):
    transaction = begin(bench)
    bench.report(Outcome.WRONG_ADMIN_CODE)
    bench.say(HLR2, IdentityReleased(id="r", transaction=transaction))
    assert confirm(bench, transaction) == refused(RefusalReason.UNKNOWN_TRANSACTION)
    assert (bench.change.state, bench.told(HLR1)) == (State.ABANDONED, [])


def test_a_change_that_nobody_answered_is_confirmed_even_late_and_is_open_again(bench):
    transaction = give_up(bench)
    bench.restart()
    assert confirm(bench, transaction) == Noted(id="c", transaction=transaction)
    assert (bench.change.state, bench.change.reason) == (State.CONFIRMED, None)
    assert bench.change.ended is None
    bench.request()
    assert bench.server.refusals()[-1].reason is RefusalReason.CHANGE_UNDER_WAY
    bench.say(HLR1, Noted(id="n", transaction=transaction))
    assert bench.change.state is State.DONE


def test_a_late_confirmation_waits_for_the_end_of_another_change(bench):
    transaction = give_up(bench)
    bench.request()
    question = bench.told(HLR2)[-1]
    assert confirm(bench, transaction) == refused(RefusalReason.CHANGE_UNDER_WAY)
    bench.say(HLR2, Refusal(id=question.id, reason=RefusalReason.CHANGE_UNDER_WAY))
    assert bench.change.state is State.ABANDONED
    confirm(bench, transaction)
    assert bench.server.changes()[0].state is State.CONFIRMED


def test_a_network_that_confirms_when_the_card_has_gone_on_is_told_that_it_left(bench):
    transaction = give_up(bench)
    bench.server.agree(TN3, "Third Wireless")
    bench.request(plmn=TN3)
    later = bench.change.transaction
    reservation = bench.told(HLR3)[-1]
    bench.provide(HLR3, id=reservation.id, transaction=later, imsi=IMSI("310410000000001"))
    bench.say(HLR3, ConfirmChange(id="c", transaction=later))
    bench.say(HLR1, Noted(id="n", transaction=later))
    assert bench.change.state is State.DONE
    bench.sent.clear()
    confirm(bench, transaction)
    assert bench.told(HLR2) == [
        Noted(id="c", transaction=transaction),
        InformLeft(id=f"inform:{transaction}", transaction=transaction, iccid=CARD),
    ]
    assert bench.told(HLR1) == []
    bench.say(HLR1, Noted(id="n", transaction=transaction))
    assert bench.timers != {}
    bench.say(HLR2, Noted(id="n", transaction=transaction))
    assert bench.timers == {}
    assert [change.state for change in bench.server.changes()] == [State.OVERTAKEN, State.DONE]
    bench.request(plmn=TN1, source=Peer(Interface.SMPP, TN3))  # it is where the later one took it
    assert bench.change.source == TN3
