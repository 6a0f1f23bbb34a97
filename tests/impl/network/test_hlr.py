"""Tests of the home register as a node: what it takes, from whom, and what it keeps to itself."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest

from impl.codec.gsup import Gsup, GsupCause, GsupType, decode_gsup
from impl.codec.operator import decode_operator, encode_operator
from impl.crypto.vault import Vault
from impl.errors import (
    AlreadySubscribedError,
    MalformedError,
    NoFreeIdentityError,
    NumberRangeError,
)
from impl.events import Arrived, Expired, Interface, Peer, Send, Started
from impl.messages import (
    ConfirmChange,
    IdentityNotice,
    IdentityReleased,
    Malformed,
    Noted,
    OperatorMessage,
    Refusal,
    RefusalReason,
    ReleaseIdentity,
    ReserveIdentity,
)
from impl.network.hlr import HomeRegister, HomeRegisterConfig
from impl.network.identity_pool import NumberRange
from impl.network.records import HOME_REGISTER, SubscriberState
from impl.values import ICCID, IMSI, MSISDN, PLMN, Algorithm, Secret, TransactionId

CARD = ICCID("8933010000000000017")
OTHER_CARD = ICCID("8933010000000000025")
TRANSACTION = TransactionId("00000001")
SERVER = Peer(Interface.OPERATOR, "application-server")
VLR = Peer(Interface.GSUP, "vlr")
NUMBERS = NumberRange(IMSI("208020000000000"), MSISDN("33700000000"), 3)
VAULT = Vault(Secret(bytes(32)), os.urandom)
CONFIG = HomeRegisterConfig(PLMN("20802"), MSISDN("33709"), NUMBERS)
RESERVE = ReserveIdentity(id="r", transaction=TRANSACTION, iccid=CARD)


@pytest.fixture
def node(store_of: Any, surroundings: Any) -> HomeRegister:
    register = HomeRegister(CONFIG, store_of(HOME_REGISTER), surroundings, VAULT)
    register.fill_pool(2)
    return register


def only_answer(node: HomeRegister, source: Peer, octets: bytes) -> OperatorMessage:
    (command,) = node.handle(Arrived(source, octets))
    assert isinstance(command, Send)
    assert command.target == source
    return decode_operator(command.octets)


def test_a_subscriber_is_made_before_the_card_is_handed_out(node: HomeRegister) -> None:
    credentials, msisdn = node.subscribe(CARD)
    assert credentials.imsi == "208020000000000"
    assert msisdn == "33700000000"
    assert node.knows(CARD)
    assert not node.knows(OTHER_CARD)


def test_nobody_is_made_a_subscriber_twice(node: HomeRegister) -> None:
    node.subscribe(CARD)
    with pytest.raises(AlreadySubscribedError):
        node.subscribe(CARD)
    assert node.count(SubscriberState.FREE) == 1


def test_nobody_is_made_a_subscriber_without_a_free_identity(node: HomeRegister) -> None:
    node.drain_pool()
    with pytest.raises(NoFreeIdentityError):
        node.subscribe(CARD)
    assert not node.knows(CARD)


def test_the_pool_is_filled_from_the_range_of_the_network(node: HomeRegister) -> None:
    with pytest.raises(NumberRangeError):
        node.fill_pool(2)
    node.fill_pool(1)
    assert node.count(SubscriberState.FREE) == 3


def test_a_range_of_another_network_is_refused() -> None:
    with pytest.raises(MalformedError):
        HomeRegisterConfig(PLMN("20801"), MSISDN("33709"), NUMBERS)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_the_keys_of_its_cards_are_for_the_networks_algorithm(
    store_of: Any, surroundings: Any, algorithm: Algorithm
) -> None:
    config = replace(CONFIG, algorithm=algorithm)
    register = HomeRegister(config, store_of(HOME_REGISTER), surroundings, VAULT)
    register.fill_pool(2)
    credentials, _ = register.subscribe(OTHER_CARD)
    answer, _ = register.handle(Arrived(SERVER, encode_operator(RESERVE)))
    assert isinstance(answer, Send)
    notice = decode_operator(answer.octets)
    assert isinstance(notice, IdentityNotice)
    for given in (credentials, notice.credentials):
        assert given.algorithm is algorithm
        assert len(given.opc) == algorithm.opc_octets


def test_only_the_application_server_reserves(node: HomeRegister) -> None:
    stranger = Peer(Interface.OPERATOR, "20803")
    answer = only_answer(node, stranger, encode_operator(RESERVE))
    assert answer == Refusal(id="r", reason=RefusalReason.NOT_AUTHORIZED)
    assert node.count(SubscriberState.RESERVED) == 0


def test_a_stranger_does_not_stop_a_confirmation(node: HomeRegister) -> None:
    noted = Noted(id="n", transaction=TRANSACTION)
    assert node.handle(Arrived(Peer(Interface.OPERATOR, "x"), encode_operator(noted))) == []


def test_what_a_register_does_not_serve_is_refused(node: HomeRegister) -> None:
    message = ConfirmChange(id="c", transaction=TRANSACTION)
    answer = only_answer(node, SERVER, encode_operator(message))
    assert answer == Refusal(id="c", reason=RefusalReason.NOT_AUTHORIZED)


def test_answers_are_not_answered(node: HomeRegister) -> None:
    for message in (
        IdentityReleased(id="a", transaction=TRANSACTION),
        Malformed(id="a", why="x"),
        Refusal(id="a", reason=RefusalReason.UNKNOWN_CARD),
    ):
        assert node.handle(Arrived(SERVER, encode_operator(message))) == []


@pytest.mark.parametrize("octets", [b"", b"{", b'{"kind":"reserve-identity"}', b"\xff"])
def test_operator_octets_without_meaning_are_answered_as_malformed(
    node: HomeRegister, octets: bytes
) -> None:
    assert isinstance(only_answer(node, SERVER, octets), Malformed)
    assert node.count(SubscriberState.FREE) == 2


def test_a_malformed_gsup_request_gets_an_error(node: HomeRegister) -> None:
    (command,) = node.handle(Arrived(VLR, bytes.fromhex("0801")))
    assert isinstance(command, Send)
    answer = decode_gsup(command.octets)
    assert answer.message_type is GsupType.SEND_AUTH_INFO_ERROR
    assert answer.cause == GsupCause.INVALID_MANDATORY_INFORMATION


def test_a_malformed_gsup_answer_is_ignored(node: HomeRegister) -> None:
    assert node.handle(Arrived(VLR, bytes.fromhex("1e01"))) == []


def test_events_of_other_interfaces_and_timers_do_nothing(node: HomeRegister) -> None:
    assert node.handle(Started()) == []
    assert node.handle(Expired("something/else")) == []
    assert node.handle(Arrived(Peer(Interface.SMPP, "x"), b"")) == []


def test_no_key_is_in_any_command_but_the_notice(node: HomeRegister) -> None:
    credentials, _ = node.subscribe(OTHER_CARD)
    release = ReleaseIdentity(id="f", transaction=TRANSACTION)
    commands = node.handle(Arrived(SERVER, encode_operator(release)))
    octets = b"".join(command.octets for command in commands if isinstance(command, Send))
    assert credentials.k.reveal().hex().encode() not in octets
    assert repr(credentials.k.reveal())[2:-1] not in repr(vars(node)) + repr(credentials)


def test_the_number_of_a_subscriber_is_known_and_of_nobody_else(node: HomeRegister) -> None:
    _, msisdn = node.subscribe(CARD)
    assert node.number(CARD) == msisdn
    assert node.number(OTHER_CARD) is None


def test_a_device_is_located_by_the_vlr_that_updated_it(node: HomeRegister) -> None:
    credentials, _ = node.subscribe(CARD)
    assert node.location(CARD) is None
    update = Gsup(GsupType.UPDATE_LOCATION_REQUEST, imsi=credentials.imsi)
    node.handle(Arrived(VLR, update.encode()))
    assert node.location(CARD) == VLR.name
    assert node.location(OTHER_CARD) is None
