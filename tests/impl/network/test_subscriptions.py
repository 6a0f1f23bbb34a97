"""Tests of a change of subscription at the register, driven by its messages only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from impl.codec.gsup import CancelType, Gsup, GsupCause, GsupType, decode_gsup
from impl.codec.operator import decode_operator, encode_operator
from impl.crypto.vault import Vault
from impl.events import (
    Arrived,
    Command,
    Expired,
    Interface,
    Peer,
    Send,
    SetTimer,
    Started,
    StopTimer,
)
from impl.messages import (
    ConfirmChange,
    IdentityInUse,
    IdentityNotice,
    IdentityReleased,
    InformLeft,
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
from impl.network.subscriptions import APPLICATION_SERVER
from impl.runtime.store import SqlStore
from impl.values import ICCID, IMSI, MSISDN, PLMN, Secret, TransactionId

CARD = ICCID("8933010000000000017")
OTHER_CARD = ICCID("8933010000000000025")
T1, T2 = TransactionId("00000001"), TransactionId("00000002")
VLR = Peer(Interface.GSUP, "vlr")
VAULT = Vault(Secret(bytes(32)), os.urandom)
CONFIG = HomeRegisterConfig(
    PLMN("20802"),
    MSISDN("33709"),
    NumberRange(IMSI("208020000000000"), MSISDN("33700000000"), 100),
    lease_s=1000.0,
)


class Register:
    """A register with the few things that a test says to it."""

    def __init__(self, store: Any, surroundings: Any) -> None:
        self.store, self.surroundings = store, surroundings
        self.node = HomeRegister(CONFIG, store, surroundings, VAULT)

    def restart(self) -> list[Command]:
        self.node = HomeRegister(CONFIG, self.store, self.surroundings, VAULT)
        return self.node.handle(Started())

    def tell(self, message: OperatorMessage) -> list[Command]:
        return self.node.handle(Arrived(APPLICATION_SERVER, encode_operator(message)))

    def ask(self, message: OperatorMessage) -> OperatorMessage:
        return operator_messages(self.tell(message))[0]

    def reserve(self, transaction: TransactionId = T1, iccid: ICCID = CARD) -> OperatorMessage:
        return self.ask(ReserveIdentity(id="r", transaction=transaction, iccid=iccid))

    def release(self, transaction: TransactionId = T1) -> OperatorMessage:
        return self.ask(ReleaseIdentity(id="f", transaction=transaction))

    def inform_left(self, transaction: TransactionId = T2, iccid: ICCID = CARD) -> list[Command]:
        return self.tell(InformLeft(id="l", transaction=transaction, iccid=iccid))

    def update_location(self, imsi: IMSI, vlr: Peer = VLR) -> list[Command]:
        request = Gsup(GsupType.UPDATE_LOCATION_REQUEST, imsi=imsi)
        return self.node.handle(Arrived(vlr, request.encode()))

    def knows(self, imsi: IMSI) -> bool:
        request = Gsup(GsupType.SEND_AUTH_INFO_REQUEST, imsi=imsi)
        (answer,) = gsup_messages(self.node.handle(Arrived(VLR, request.encode())))
        assert answer.cause in {None, GsupCause.IMSI_UNKNOWN}
        return answer.cause is None


def operator_messages(commands: list[Command]) -> list[OperatorMessage]:
    return [
        decode_operator(command.octets)
        for command in commands
        if isinstance(command, Send) and command.target == APPLICATION_SERVER
    ]


def gsup_messages(commands: list[Command]) -> list[Gsup]:
    return [
        decode_gsup(command.octets)
        for command in commands
        if isinstance(command, Send) and command.target.interface is Interface.GSUP
    ]


@pytest.fixture
def register(database: str, surroundings: Any) -> Iterator[Register]:
    store = SqlStore(HOME_REGISTER, database)
    made = Register(store, surroundings)
    made.node.fill_pool(3)
    yield made
    store.close()


class KilledError(Exception):
    pass


def die() -> None:
    raise KilledError


def noticed(message: OperatorMessage) -> IdentityNotice:
    assert isinstance(message, IdentityNotice)
    return message


def test_a_change_gets_an_identity_of_the_network_with_its_key(register: Register) -> None:
    notice = noticed(register.reserve())
    assert (notice.id, notice.transaction, notice.iccid) == ("r", T1, CARD)
    assert notice.imsi.is_of(CONFIG.plmn)
    assert notice.service_centre == CONFIG.service_centre
    assert register.node.count(SubscriberState.RESERVED) == 1
    assert register.node.provided() == 1


def test_the_same_change_gets_the_same_identity(register: Register) -> None:
    assert register.reserve() == register.reserve()
    register.restart()
    assert register.reserve() == register.reserve()
    assert register.node.count(SubscriberState.RESERVED) == 1


def test_two_changes_get_two_identities(register: Register) -> None:
    one, other = noticed(register.reserve()), noticed(register.reserve(T2, OTHER_CARD))
    assert one.imsi != other.imsi
    assert one.msisdn != other.msisdn
    assert one.k != other.k


def test_an_exhausted_pool_refuses(register: Register) -> None:
    register.node.drain_pool()
    assert register.reserve() == Refusal(id="r", reason=RefusalReason.NO_FREE_IDENTITY)
    register.node.fill_pool(1)
    noticed(register.reserve())


def test_one_change_does_not_get_an_identity_for_two_cards(register: Register) -> None:
    register.reserve()
    refusal = register.reserve(T1, OTHER_CARD)
    assert refusal == Refusal(id="r", reason=RefusalReason.NOT_AUTHORIZED)
    assert register.node.count(SubscriberState.RESERVED) == 1


def test_one_card_does_not_get_an_identity_for_two_changes(register: Register) -> None:
    register.reserve(T1)
    assert register.reserve(T2) == Refusal(id="r", reason=RefusalReason.CHANGE_UNDER_WAY)


def test_a_subscriber_needs_no_other_identity(register: Register) -> None:
    register.node.subscribe(CARD)
    assert register.reserve() == Refusal(id="r", reason=RefusalReason.ALREADY_SUBSCRIBED)


def test_a_released_identity_is_free_and_its_key_is_worthless(register: Register) -> None:
    notice = noticed(register.reserve())
    assert register.knows(notice.imsi)
    assert register.release() == IdentityReleased(id="f", transaction=T1)
    assert not register.knows(notice.imsi)
    assert register.node.count(SubscriberState.FREE) == 3
    later = [
        noticed(register.reserve(TransactionId(f"0000001{n}"), ICCID(f"893301000000000012{n}")))
        for n in range(3)
    ]
    assert notice.imsi in {one.imsi for one in later}
    assert notice.k not in {one.k for one in later}


def test_a_release_said_again_is_answered_again(register: Register) -> None:
    register.reserve()
    assert register.release() == register.release() == IdentityReleased(id="f", transaction=T1)


def test_what_was_released_is_not_reserved_again(register: Register) -> None:
    register.reserve()
    register.release()
    assert register.reserve() == Refusal(id="r", reason=RefusalReason.UNKNOWN_TRANSACTION)


def test_a_reservation_that_comes_after_its_release_is_refused(register: Register) -> None:
    assert register.release() == IdentityReleased(id="f", transaction=T1)
    assert register.reserve() == Refusal(id="r", reason=RefusalReason.UNKNOWN_TRANSACTION)
    assert register.node.count(SubscriberState.RESERVED) == 0
    assert register.node.provided() == 0


def test_the_first_update_location_makes_the_change_certain(register: Register) -> None:
    notice = noticed(register.reserve())
    commands = register.update_location(notice.imsi)
    assert operator_messages(commands) == [ConfirmChange(id=f"confirm:{T1}", transaction=T1)]
    assert StopTimer(f"lease/{T1}") in commands
    assert register.node.knows(CARD)
    assert register.node.count(SubscriberState.ACTIVE) == 1


def test_a_release_ends_the_lease(register: Register) -> None:
    register.reserve()
    commands = register.tell(ReleaseIdentity(id="f", transaction=T1))
    assert StopTimer(f"lease/{T1}") in commands


def test_an_authentication_alone_makes_nothing_certain(register: Register) -> None:
    notice = noticed(register.reserve())
    assert register.knows(notice.imsi)
    assert not register.node.knows(CARD)
    assert register.release() == IdentityReleased(id="f", transaction=T1)


def test_an_identity_in_use_is_not_released(register: Register) -> None:
    notice = noticed(register.reserve())
    register.update_location(notice.imsi)
    assert register.release() == IdentityInUse(id="f", transaction=T1)
    assert register.knows(notice.imsi)
    assert register.reserve() == IdentityInUse(id="r", transaction=T1)


def test_after_a_release_no_update_location_succeeds(register: Register) -> None:
    notice = noticed(register.reserve())
    register.release()
    (answer,) = gsup_messages(register.update_location(notice.imsi))
    assert answer.cause == GsupCause.IMSI_UNKNOWN
    assert not register.node.knows(CARD)


def test_further_update_locations_confirm_nothing_again(register: Register) -> None:
    notice = noticed(register.reserve())
    register.update_location(notice.imsi)
    assert operator_messages(register.update_location(notice.imsi)) == []


def test_the_confirmation_is_repeated_until_it_is_noted(register: Register) -> None:
    notice = noticed(register.reserve())
    register.update_location(notice.imsi)
    timer = f"outbox/confirm:{T1}"
    confirmation = ConfirmChange(id=f"confirm:{T1}", transaction=T1)
    assert operator_messages(register.node.handle(Expired(timer))) == [confirmation]
    assert operator_messages(register.restart()) == [confirmation]
    assert register.tell(Noted(id=f"confirm:{T1}", transaction=T1)) == [StopTimer(timer)]
    assert register.node.handle(Expired(timer)) == []
    assert register.restart() == []


def test_what_a_node_did_not_commit_did_not_happen(register: Register) -> None:
    notice = noticed(register.reserve())
    register.store.before_commit = die
    with pytest.raises(KilledError):
        register.update_location(notice.imsi)
    register.store.before_commit = None
    assert operator_messages(register.restart()) == []
    assert register.release() == IdentityReleased(id="f", transaction=T1)


def test_a_reservation_ends_with_its_lease(register: Register) -> None:
    commands = register.tell(ReserveIdentity(id="r", transaction=T1, iccid=CARD))
    assert SetTimer(f"lease/{T1}", 1000.0) in commands
    register.node.handle(Expired(f"lease/{T1}"))
    assert register.node.count(SubscriberState.FREE) == 3
    assert register.reserve() == Refusal(id="r", reason=RefusalReason.UNKNOWN_TRANSACTION)
    assert register.release() == IdentityReleased(id="f", transaction=T1)


def test_a_lease_does_not_end_what_is_certain(register: Register) -> None:
    notice = noticed(register.reserve())
    register.update_location(notice.imsi)
    assert register.node.handle(Expired(f"lease/{T1}")) == []
    assert register.node.knows(CARD)


def test_a_lease_survives_a_restart_with_what_is_left_of_it(register: Register) -> None:
    register.reserve()
    register.surroundings.time_s += 400
    assert register.restart() == [SetTimer(f"lease/{T1}", 600.0)]
    register.surroundings.time_s += 4000
    assert register.restart() == [SetTimer(f"lease/{T1}", 0.0)]


def test_whoever_left_is_known_no_more(register: Register) -> None:
    credentials, _ = register.node.subscribe(CARD)
    register.update_location(credentials.imsi)
    commands = register.inform_left()
    assert operator_messages(commands) == [Noted(id="l", transaction=T2)]
    (cancel,) = gsup_messages(commands)
    assert (cancel.imsi, cancel.cancel_type) == (credentials.imsi, CancelType.WITHDRAW)
    assert not register.node.knows(CARD)
    assert not register.knows(credentials.imsi)
    assert register.node.was_told_of_leaving(CARD)
    assert not register.node.was_told_of_leaving(OTHER_CARD)


def test_a_leaver_who_was_never_located_is_cancelled_nowhere(register: Register) -> None:
    register.node.subscribe(CARD)
    assert gsup_messages(register.inform_left()) == []
    assert not register.node.knows(CARD)


def test_a_leaver_who_is_no_subscriber_is_noted(register: Register) -> None:
    assert operator_messages(register.inform_left()) == [Noted(id="l", transaction=T2)]


def test_the_cancellation_is_repeated_until_the_vlr_answers(register: Register) -> None:
    credentials, _ = register.node.subscribe(CARD)
    register.update_location(credentials.imsi)
    register.inform_left()
    (cancel,) = gsup_messages(register.restart())
    commands = register.node.handle(Arrived(VLR, cancel.result().encode()))
    assert commands == [StopTimer(f"outbox/cancel/{credentials.imsi}/vlr")]
    assert register.restart() == []


def test_a_leaving_said_again_does_not_delete_who_came_back(register: Register) -> None:
    register.node.subscribe(CARD)
    register.inform_left(T2)
    register.node.subscribe(CARD)
    assert operator_messages(register.inform_left(T2)) == [Noted(id="l", transaction=T2)]
    assert register.node.knows(CARD)


def test_a_leaving_does_not_end_a_reservation_to_come_back(register: Register) -> None:
    notice = noticed(register.reserve(T1))
    register.inform_left(T2)
    assert register.knows(notice.imsi)


STEPS = st.lists(
    st.sampled_from(["reserve", "release", "attach", "lease", "restart", "noted"]),
    max_size=14,
)


@given(STEPS)
def test_release_and_attach_exclude_each_other_for_ever(steps: list[str]) -> None:
    engine = create_engine("sqlite://")
    HOME_REGISTER.create_all(engine)

    class Counting:
        count = 0

        def now(self) -> float:
            return 0.0

        def random_octets(self, count: int) -> bytes:
            self.count += 1
            return self.count.to_bytes(count, "big")

    register = Register(engine, Counting())
    register.node.fill_pool(1)
    imsi = IMSI("208020000000000")
    ended = ""
    for step in steps:
        match step:
            case "reserve":
                register.reserve()
            case "release" if isinstance(register.release(), IdentityReleased):
                assert ended != "attached"
                ended = "released"
            case "attach" if operator_messages(register.update_location(imsi)):
                assert ended != "released"
                ended = "attached"
            case "lease":
                register.node.handle(Expired(f"lease/{T1}"))
            case "restart":
                register.restart()
            case "noted":
                register.tell(Noted(id="n", transaction=T1))
        assert register.node.knows(CARD) == (ended == "attached")
    engine.dispose()
