"""Whether a request is taken, where the server as a whole does not show it: order and traces."""

import pytest
from sqlalchemy import select

from impl.application_server.messaging import Incoming
from impl.application_server.records import card, refusal
from impl.codec.ota_profile import CPA_TAR, request_header
from impl.codec.personalization import encode_request
from impl.codec.secured_packet import seal_command
from impl.codec.security_parameters import SecurityParameters, Spi1
from impl.events import Interface, Peer, Send
from impl.messages import ChangeRequest, RefusalReason, RequestChange
from impl.values import ICCID, MSISDN, PLMN, OtaKeys, Secret, TransactionId

TN1, TN2, TN3 = PLMN("20801"), PLMN("26202"), PLMN("310410")
CARD, STRANGER = ICCID("8933010000000000017"), ICCID("8933010000000000025")
NUMBER = MSISDN("33612345678")
KEYS = OtaKeys(1, Secret(b"c" * 16), Secret(b"d" * 16))


def from_card(counter=1, *, iccid=CARD, plmn=TN2, keys=KEYS, brought_by=TN1, **security):
    """Return Req as the messaging module hands it on."""
    header = vars(request_header(keys)) | security
    parameters = SecurityParameters(**header, counter=counter)
    data = encode_request(ChangeRequest(iccid=iccid, plmn=plmn))
    return Incoming(brought_by, NUMBER, seal_command(parameters, data, keys), is_response=False)


def from_operator(*, plmn=TN2, iccid=CARD, agreed=True):
    return RequestChange(id="r1", iccid=iccid, plmn=plmn, user_agreed=agreed)


@pytest.fixture
def connection(bench):
    with bench.store.begin() as opened:
        yield opened


@pytest.fixture
def reception(bench):
    return bench.server._reception


def refusals(connection):
    query = select(refusal.c.sender, refusal.c.reason).order_by(refusal.c.id)
    return [(row.sender, row.reason) for row in connection.execute(query)]


def seen_counter(connection):
    return connection.execute(select(card.c.seen_counter)).scalar_one()


def test_a_request_that_is_taken_reserves_an_identity_and_leaves_no_refusal(reception, connection):
    commands = reception.take_from_device(connection, from_card(counter=4))
    assert Peer(Interface.OPERATOR, TN2) in {
        command.target for command in commands if isinstance(command, Send)
    }
    assert refusals(connection) == []
    assert seen_counter(connection) == 4


def test_a_refusal_says_who_asked_through_which_network(reception, connection):
    assert reception.take_from_device(connection, from_card(plmn=TN3)) == []
    assert refusals(connection) == [(f"{TN1}/{NUMBER}", RefusalReason.NO_AGREEMENT)]


@pytest.mark.parametrize("counter", [3, 4])
def test_a_request_seen_before_or_older_is_refused(reception, connection, counter):
    reception.take_from_device(connection, from_card(counter=4, plmn=TN3))
    reception.take_from_device(connection, from_card(counter=counter))
    assert refusals(connection)[-1][1] == RefusalReason.NOT_AUTHORIZED
    assert seen_counter(connection) == 4


@pytest.mark.parametrize(
    "facts",
    [{"brought_by": TN2}, {"keys": OtaKeys(1, Secret(b"c" * 16), Secret(b"x" * 16))}],
    ids=["through another network", "under another key"],
)
def test_what_is_not_surely_the_cards_does_not_spend_its_counter(reception, connection, facts):
    reception.take_from_device(connection, from_card(counter=9, **facts))
    assert refusals(connection)[-1][1] == RefusalReason.NOT_AUTHORIZED
    assert seen_counter(connection) == 0
    assert reception.take_from_device(connection, from_card(counter=1)) != []


@pytest.mark.parametrize(
    "security",
    [
        {"spi1": Spi1(0)},
        {"spi1": Spi1(0), "kic": 0, "kid": 0},
        {"spi1": Spi1.RC | Spi1.COUNTER_HIGHER, "kid": 0x11},
        {"spi1": Spi1.CC},
        {"spi1": Spi1.CC | Spi1.COUNTER_UNCHECKED},
        {"tar": CPA_TAR},
    ],
    ids=["nothing", "no keys", "redundancy only", "no counter", "counter unchecked", "not for us"],
)
def test_a_request_that_asks_for_less_security_than_agreed_is_refused(
    reception, connection, security
):
    assert reception.take_from_device(connection, from_card(counter=9, **security)) == []
    assert refusals(connection)[-1][1] == RefusalReason.NOT_AUTHORIZED
    assert seen_counter(connection) == 0


def test_nobody_without_the_cards_keys_makes_a_request(reception, connection):
    stranger = OtaKeys(1, Secret(b"x" * 16), Secret(b"y" * 16))
    for integrity, kid in ((0, 0x12), (Spi1.RC, 0x11), (Spi1.RC, 0x15), (Spi1.CC, 0x12)):
        for counter_mode in (0, Spi1.COUNTER_UNCHECKED, Spi1.COUNTER_HIGHER, Spi1.COUNTER_NEXT):
            forged = from_card(keys=stranger, spi1=Spi1(integrity | counter_mode), kid=kid)
            assert reception.take_from_device(connection, forged) == []
    assert seen_counter(connection) == 0


def test_an_unknown_card_is_told_from_one_that_may_not_ask(reception, connection):
    reception.take_from_device(connection, from_card(iccid=STRANGER))
    assert refusals(connection)[-1][1] == RefusalReason.UNKNOWN_CARD


@pytest.mark.parametrize("packet", [b"", b"\x00\x05", bytes(40)])
def test_a_packet_that_names_no_card_leaves_no_trace(reception, connection, packet):
    incoming = Incoming(TN1, NUMBER, packet, is_response=False)
    assert reception.take_from_device(connection, incoming) == []
    assert refusals(connection) == []


def test_an_operators_request_is_taken_under_a_transaction(reception, connection):
    taken, commands = reception.take_from_operator(connection, TN2, from_operator())
    assert isinstance(taken, TransactionId)
    assert commands != []
    assert seen_counter(connection) == 0


@pytest.mark.parametrize(
    ("operator", "request_", "reason"),
    [
        (TN3, from_operator(), RefusalReason.NOT_AUTHORIZED),
        (TN3, from_operator(agreed=False), RefusalReason.NOT_AUTHORIZED),
        (TN2, from_operator(agreed=False), RefusalReason.USER_DID_NOT_AGREE),
        (TN2, from_operator(iccid=STRANGER), RefusalReason.UNKNOWN_CARD),
        (TN1, from_operator(plmn=TN1), RefusalReason.ALREADY_SUBSCRIBED),
    ],
)
def test_an_operators_request_is_refused_for_the_first_reason(
    reception, connection, operator, request_, reason
):
    assert reception.take_from_operator(connection, operator, request_) == (reason, [])
    assert refusals(connection) == [(operator, reason)]


def test_a_card_whose_own_network_never_agreed_does_not_leave_it(bench, reception, connection):
    bench.server._codes.settle(connection, CARD, TN3, NUMBER)
    taken, commands = reception.take_from_operator(connection, TN2, from_operator())
    assert (taken, commands) == (RefusalReason.NO_AGREEMENT, [])


def test_of_two_requests_for_one_card_one_wins(reception, connection):
    first, _ = reception.take_from_operator(connection, TN2, from_operator())
    second, commands = reception.take_from_operator(connection, TN2, from_operator())
    assert isinstance(first, TransactionId)
    assert (second, commands) == (RefusalReason.CHANGE_UNDER_WAY, [])
