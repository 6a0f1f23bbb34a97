"""Tests of the gateway before an osmo-hlr, as a node."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from impl.codec.gsup import Gsup, GsupType, decode_gsup
from impl.codec.operator import decode_operator, encode_operator
from impl.crypto.vault import Vault
from impl.errors import HlrRefusedError, MalformedError
from impl.events import Arrived, Command, Expired, Reconnected, Send, SetTimer, Started
from impl.messages import (
    ConfirmChange,
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
from impl.network.gsup_proxy import REGISTER
from impl.network.hlr import HomeRegisterConfig
from impl.network.identity_pool import NumberRange
from impl.network.osmo_gateway import OsmoGateway
from impl.network.provisioning import CONTROL
from impl.network.records import HOME_REGISTER, OUTBOX, SubscriberState, subscriber
from impl.network.subscriptions import APPLICATION_SERVER
from impl.values import ICCID, IMSI, MSISDN, PLMN, Secret, TransactionId

CARDS = [ICCID(f"893301000000000{number:04d}") for number in (17, 25, 33)]
VAULT = Vault(Secret(bytes(32)), os.urandom)
CONFIG = HomeRegisterConfig(
    PLMN("20802"),
    MSISDN("33709"),
    NumberRange(IMSI("208020000000000"), MSISDN("33700000000"), 4),
)
VLR = "vlr"


class Site:
    """A gateway, the register behind it, and the application server's messages."""

    def __init__(self, store: Any, surroundings: Any, foreign: Any) -> None:
        self.store, self.surroundings, self.foreign = store, surroundings, foreign
        self.is_up = True
        self.node = OsmoGateway(CONFIG, store, surroundings, VAULT)
        self.node.fill_pool(3)
        self.last: list[Command] = []

    def again(self) -> None:
        """Let the node die and live again."""
        self.node = OsmoGateway(CONFIG, self.store, self.surroundings, VAULT)
        self.do(Started())
        self.connect()

    def connect(self) -> list[OperatorMessage]:
        return self.do(Reconnected(CONTROL)) + self.do(Reconnected(REGISTER))

    def do(self, event: Any) -> list[OperatorMessage]:
        """Return what the application server hears."""
        self.last = self.node.handle(event)
        commands = self.last
        if self.is_up:
            commands = self.foreign.serve(self.node, commands)
        sends = [one for one in commands if isinstance(one, Send)]
        return [decode_operator(one.octets) for one in sends if one.target == APPLICATION_SERVER]

    def say(self, message: OperatorMessage) -> list[OperatorMessage]:
        return self.do(Arrived(APPLICATION_SERVER, encode_operator(message)))

    def reserve(self, number: int = 0, card: int = 0) -> list[OperatorMessage]:
        return self.say(ReserveIdentity(id="r", transaction=transaction(number), iccid=CARDS[card]))

    def update(self, imsi: IMSI, vlr: str = VLR) -> list[OperatorMessage]:
        request = Gsup(GsupType.UPDATE_LOCATION_REQUEST, imsi=imsi)
        return self.do(Arrived(REGISTER._replace(name=vlr), request.encode()))

    def given(self) -> dict[str, str]:
        """Return the keys of the identities that are somebody's, as osmo-hlr is told them."""
        with self.store.begin() as connection:
            rows = connection.execute(
                select(subscriber).where(subscriber.c.state != SubscriberState.FREE)
            ).all()
        keys = {row.imsi: VAULT.unseal(row.secrets, row.imsi).hex() for row in rows}
        return {imsi: f"MILENAGE,{one[:32]},OPC,{one[32:]}" for imsi, one in keys.items()}

    def asks_for_key(self) -> None:
        """Reserve an identity, and let osmo-hlr fall silent when it is told the key."""
        self.is_up = False
        self.reserve()
        for _ in range(2):
            (send,) = (one for one in self.last if isinstance(one, Send) and one.target == CONTROL)
            self.do(Arrived(CONTROL, self.foreign.control(send.octets)))

    def outbox(self) -> bytes:
        with self.store.begin() as connection:
            return b"".join(connection.execute(select(OUTBOX.table.c.octets)).scalars())


def transaction(number: int) -> TransactionId:
    return TransactionId(f"{number:08x}")


@pytest.fixture
def site(store_of: Any, surroundings: Any, foreign: Any) -> Site:
    return Site(store_of(HOME_REGISTER), surroundings, foreign)


def test_an_identity_is_given_when_osmo_hlr_holds_it(site: Site) -> None:
    (notice,) = site.reserve()
    assert isinstance(notice, IdentityNotice)
    k, opc = notice.k.reveal().hex(), notice.opc.reveal().hex()
    assert site.foreign.subscribers == {
        notice.imsi: {"msisdn": notice.msisdn, "aud3g": f"MILENAGE,{k},OPC,{opc}"}
    }
    assert site.reserve() == [notice]


def test_while_osmo_hlr_is_down_nobody_is_given_an_identity(site: Site) -> None:
    site.is_up = False
    assert site.reserve() == []
    assert site.reserve() == []
    site.is_up = True
    (notice,) = site.connect()
    assert isinstance(notice, IdentityNotice)
    assert notice.imsi in site.foreign.subscribers


def test_after_its_own_death_the_gateway_goes_on(site: Site) -> None:
    site.is_up = False
    site.reserve()
    site.is_up = True
    site.again()
    assert site.foreign.subscribers.keys() == site.given().keys()
    (notice,) = site.reserve()
    assert isinstance(notice, IdentityNotice)


def test_a_key_that_waits_is_said_whole_and_kept_sealed_only(site: Site) -> None:
    site.asks_for_key()
    (key,) = site.given().values()
    said = [one.octets for one in site.last if isinstance(one, Send)]
    assert [octets.endswith(f"aud3g {key}".encode()) for octets in said] == [True]
    assert b"aud3g MILENAGE" in site.outbox()
    assert key.split(",")[1].encode() not in site.outbox()


def test_a_key_that_waits_is_said_whole_after_a_death_too(site: Site) -> None:
    site.asks_for_key()
    ((imsi, key),) = site.given().items()
    site.node = OsmoGateway(CONFIG, site.store, site.surroundings, VAULT)
    for event in (Started(), Reconnected(CONTROL), Expired(f"outbox/hlr/{imsi}")):
        site.do(event)
        said = [one.octets for one in site.last if isinstance(one, Send) and one.target == CONTROL]
        assert [octets.endswith(f"aud3g {key}".encode()) for octets in said] == [True]


def test_a_death_between_two_steps_is_made_up_for(site: Site) -> None:
    site.is_up = False
    site.reserve()
    created = next(one for one in site.last if isinstance(one, Send) and one.target == CONTROL)
    site.foreign.control(created.octets)
    site.is_up = True
    site.again()
    assert site.foreign.subscribers[site.given().popitem()[0]].keys() == {"msisdn", "aud3g"}


def test_the_update_of_the_location_makes_the_change_certain(site: Site) -> None:
    (notice,) = site.reserve()
    assert isinstance(notice, IdentityNotice)
    assert not site.node.knows(CARDS[0])
    (confirmed,) = site.update(notice.imsi)
    assert isinstance(confirmed, ConfirmChange)
    assert site.node.knows(CARDS[0])
    assert site.node.location(CARDS[0]) == VLR


def test_a_released_identity_is_deleted_and_its_update_has_no_effect(site: Site) -> None:
    (notice,) = site.reserve()
    assert isinstance(notice, IdentityNotice)
    (released,) = site.say(ReleaseIdentity(id="x", transaction=transaction(0)))
    assert isinstance(released, IdentityReleased)
    assert not site.foreign.subscribers
    assert site.update(notice.imsi) == []


def test_who_left_is_deleted(site: Site) -> None:
    credentials, _ = site.node.subscribe(CARDS[0])
    site.connect()
    assert credentials.imsi in site.foreign.subscribers
    left = InformLeft(id="l", transaction=transaction(1), iccid=CARDS[0])
    (noted,) = site.say(left)
    assert isinstance(noted, Noted)
    assert not site.foreign.subscribers


def test_an_identity_that_osmo_hlr_refuses_is_given_to_nobody(site: Site) -> None:
    site.foreign.refuses["msisdn"] = "Update MSISDN failed"
    assert site.reserve() == [Refusal(id="r", reason=RefusalReason.NO_FREE_IDENTITY)]
    assert not site.foreign.subscribers
    assert not site.given()
    site.foreign.refuses.clear()
    (notice,) = site.reserve(number=1)
    assert isinstance(notice, IdentityNotice)


def test_a_refusal_that_nobody_waits_for_is_an_error_and_asked_again(site: Site) -> None:
    site.node.subscribe(CARDS[0])
    site.foreign.refuses["aud3g"] = "Unknown auth algorithm."
    with pytest.raises(HlrRefusedError, match="Unknown auth algorithm") as caught:
        site.connect()
    assert "MILENAGE" not in str(caught.value)
    site.foreign.refuses.clear()
    site.connect()
    assert site.foreign.subscribers.keys() == site.given().keys()


@pytest.mark.parametrize("octets", [b"", b"\xff", b"OsmoHLR> ", b"GET_REPLY 1 x y"])
def test_what_no_control_interface_says_is_refused(site: Site, octets: bytes) -> None:
    with pytest.raises(MalformedError):
        site.node.handle(Arrived(CONTROL, octets))
    assert isinstance(site.reserve()[0], IdentityNotice)


@pytest.mark.parametrize("octets", [b"TRAP 0 a b", b"SET 1 a b", b"ERROR err Who?", b"ERROR 9 x"])
def test_what_nobody_asked_for_is_ignored(site: Site, octets: bytes) -> None:
    assert site.node.handle(Arrived(CONTROL, octets)) == []


def test_a_subscriber_lost_between_two_steps_is_created_anew(site: Site) -> None:
    site.foreign.refuses["aud3g"] = "No such subscriber."
    site.is_up = False
    site.reserve()
    send = next(one for one in site.last if isinstance(one, Send) and one.target == CONTROL)
    for _ in range(2):
        (send, *_) = site.node.handle(Arrived(CONTROL, site.foreign.control(send.octets)))
    (send, timer) = site.node.handle(Arrived(CONTROL, site.foreign.control(send.octets)))
    assert isinstance(send, Send)
    assert b"subscriber.create" in send.octets
    assert isinstance(timer, SetTimer)


def test_what_a_failed_transaction_would_have_asked_is_not_asked(site: Site) -> None:
    with site.store.failing():
        site.reserve()
    assert site.node.handle(Reconnected(CONTROL)) == []


def test_who_waits_for_an_identity_waits_still_after_a_failed_transaction(site: Site) -> None:
    site.asks_for_key()
    (send,) = (one for one in site.last if isinstance(one, Send) and one.target == CONTROL)
    answer = Arrived(CONTROL, site.foreign.control(send.octets))
    with site.store.failing():
        site.node.handle(answer)
    (notice,) = site.do(answer)
    assert isinstance(notice, IdentityNotice)


def test_a_vlr_that_waits_for_an_answer_waits_still_after_one(site: Site) -> None:
    (notice,) = site.reserve()
    assert isinstance(notice, IdentityNotice)
    site.is_up = False
    site.update(notice.imsi)
    (send,) = (one for one in site.last if isinstance(one, Send))
    (*_, octets) = site.foreign.gsup(decode_gsup(send.octets))
    answer = Arrived(REGISTER, octets)
    with site.store.failing():
        site.node.handle(answer)
    (confirmation,) = site.do(answer)
    assert isinstance(confirmation, ConfirmChange)


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "update", "release", "leave", "up", "down", "die"]),
        st.integers(0, 2),
    ),
    max_size=25,
)


def test_in_the_end_osmo_hlr_holds_what_is_given_and_nothing_else(
    store_of: Any, surroundings: Any, foreign: Any
) -> None:
    @settings(max_examples=60, deadline=None)
    @given(DEEDS)
    def hold(deeds: Any) -> None:
        foreign.subscribers.clear()
        site = Site(store_of(HOME_REGISTER), surroundings, foreign)
        for number, (deed, card) in enumerate(deeds):
            _do(site, deed, number, card)
        site.is_up = True
        site.again()
        held = {imsi: one["aud3g"] for imsi, one in foreign.subscribers.items()}
        assert held == site.given()

    hold()


def _do(site: Site, deed: str, number: int, card: int) -> None:
    match deed:
        case "reserve":
            site.reserve(number, card)
        case "update":
            for imsi in sorted(site.given())[: card + 1]:
                site.update(imsi)
        case "release":
            for one in range(number):
                site.say(ReleaseIdentity(id="x", transaction=transaction(one)))
        case "leave":
            left = InformLeft(id="l", transaction=transaction(0x100 + number), iccid=CARDS[card])
            site.say(left)
        case "up":
            site.is_up = True
            site.connect()
        case "down":
            site.is_up = False
        case _:
            site.again()
