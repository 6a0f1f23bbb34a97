"""Tests of the sessions of ESMEs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from impl.codec.short_message import DeliverReport
from impl.codec.smpp import (
    BindTransceiver,
    CommandStatus,
    DeliverSm,
    Unbind,
    UnbindResp,
    decode_smpp,
)
from impl.events import Interface, Peer, Send
from impl.network.esme_sessions import LAST_SEQUENCE, SYSTEM_ID, EsmeSessions
from impl.network.message_queue import QueuedMessage
from impl.values import MSISDN, Secret

LINK = Peer(Interface.SMPP, "application-server")
OTHER_LINK = Peer(Interface.SMPP, "other")
SERVER, OTHER, SUBSCRIBER = MSISDN("33700"), MSISDN("33701"), MSISDN("33600000001")
BIND = BindTransceiver(sequence_number=1, system_id="as", password=Secret(b"word"))
MESSAGE = QueuedMessage(SUBSCRIBER, SERVER, 0x40, 0x7F, 0xF6, b"\x02\x70\x00", 100.0)
REPORT = DeliverReport.acknowledging(b"\2\x71\0")


@pytest.fixture
def sessions() -> EsmeSessions:
    return EsmeSessions({"as": (Secret(b"word"), SERVER), "other": (Secret(b"other"), OTHER)})


def test_an_esme_with_the_password_is_bound(sessions: EsmeSessions) -> None:
    response = sessions.bind(LINK, BIND)
    assert (response.command_status, response.sequence_number) == (CommandStatus.ROK, 1)
    assert response.system_id == SYSTEM_ID
    assert (sessions.number_of(LINK), sessions.link_of(SERVER)) == (SERVER, LINK)
    assert (sessions.number_of(OTHER_LINK), sessions.link_of(OTHER)) == (None, None)


@pytest.mark.parametrize(
    ("bind", "status"),
    [
        (BindTransceiver(system_id="as", password=Secret(b"wrong")), CommandStatus.RINVPASWD),
        (BindTransceiver(system_id="as"), CommandStatus.RINVPASWD),
        (BindTransceiver(system_id="who", password=Secret(b"word")), CommandStatus.RINVSYSID),
    ],
)
def test_an_esme_without_the_password_is_not_bound(
    sessions: EsmeSessions, bind: BindTransceiver, status: CommandStatus
) -> None:
    response = sessions.bind(LINK, replace(bind, sequence_number=7))
    assert (response.command_status, response.sequence_number) == (status, 7)
    assert sessions.number_of(LINK) is None


def test_a_failed_bind_leaves_the_session_of_the_link(sessions: EsmeSessions) -> None:
    sessions.bind(LINK, BIND)
    sessions.bind(LINK, BindTransceiver(system_id="as"))
    assert sessions.number_of(LINK) == SERVER


def test_an_esme_unbinds(sessions: EsmeSessions) -> None:
    sessions.bind(LINK, BIND)
    assert sessions.unbind(LINK, Unbind(0, 2)) == UnbindResp(0, 2)
    assert sessions.number_of(LINK) is None
    assert sessions.unbind(LINK, Unbind(0, 3)) == UnbindResp(CommandStatus.RINVBNDSTS, 3)


def test_a_link_that_broke_has_no_session(sessions: EsmeSessions) -> None:
    sessions.bind(LINK, BIND)
    sessions.end(OTHER_LINK)
    assert sessions.number_of(LINK) == SERVER
    sessions.end(LINK)
    assert sessions.number_of(LINK) is None


def test_a_number_is_served_whether_its_esme_is_bound_or_not(sessions: EsmeSessions) -> None:
    assert sessions.serves(SERVER)
    assert not sessions.serves(SUBSCRIBER)


def test_each_request_of_a_session_has_its_own_number(sessions: EsmeSessions) -> None:
    sessions.bind(LINK, BIND)
    assert [sessions.next_sequence(LINK) for _ in range(3)] == [1, 2, 3]
    sessions._sessions[LINK].last_sequence = LAST_SEQUENCE
    assert sessions.next_sequence(LINK) == 1


def test_what_a_card_answered_goes_to_who_wrote_to_it(sessions: EsmeSessions) -> None:
    sessions.bind(OTHER_LINK, BindTransceiver(system_id="other", password=Secret(b"other")))
    assert sessions.acknowledge(MESSAGE, REPORT) == []
    sessions.bind(LINK, BIND)
    (send,) = sessions.acknowledge(MESSAGE, REPORT)
    assert isinstance(send, Send)
    told = decode_smpp(send.octets)
    assert isinstance(told, DeliverSm)
    assert (send.target, told.source_addr, told.destination_addr) == (LINK, SUBSCRIBER, SERVER)
