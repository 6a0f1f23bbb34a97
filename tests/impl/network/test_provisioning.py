"""Tests of how subscribers get into an osmo-hlr, and out of it."""

from __future__ import annotations

import os
from typing import Any

import pytest

from impl.codec.osmo_control import ControlError, SetReply, SetRequest, decode_control
from impl.crypto.vault import Vault
from impl.errors import UnusableKeyError
from impl.events import Send
from impl.network.identity_pool import NumberRange, Subscriber
from impl.network.provisioning import (
    CONTROL,
    ProvisionedPool,
    Provisioning,
    Step,
    imsi_of_key,
    with_key,
)
from impl.network.records import HOME_REGISTER, SubscriberState
from impl.values import ICCID, IMSI, MSISDN, Algorithm, Secret

VAULT = Vault(Secret(bytes(32)), os.urandom)
CARD = ICCID("8933010000000000017")
NUMBERS = NumberRange(IMSI("208020000000000"), MSISDN("33700000000"), 3)


class Site:
    """A pool, and what is asked on account of it."""

    def __init__(self, connection: Any, surroundings: Any, algorithm: Algorithm) -> None:
        self.connection = connection
        self.provisioning = Provisioning(surroundings)
        self.pool = ProvisionedPool(NUMBERS, surroundings, VAULT, algorithm, self.provisioning)
        self.pool.fill(connection, 2)

    def take(self) -> Subscriber:
        taken = self.pool.take(self.connection, CARD, SubscriberState.ACTIVE)
        assert taken
        return taken

    def asked(self) -> list[SetRequest]:
        sends = [one for one in self.provisioning.collect() if isinstance(one, Send)]
        assert all(send.target == CONTROL for send in sends)
        requests = [decode_control(send.octets) for send in sends]
        return [one for one in requests if isinstance(one, SetRequest)]

    def only(self) -> SetRequest:
        (request,) = self.asked()
        return request


@pytest.fixture
def make_site(store_of: Any, surroundings: Any) -> Any:
    store = store_of(HOME_REGISTER)
    with store.begin() as connection:
        yield lambda algorithm=Algorithm.MILENAGE: Site(connection, surroundings, algorithm)


def reply(request: SetRequest) -> SetReply:
    return SetReply(request.id, request.variable, Secret(b"OK"))


def test_a_subscriber_is_created_then_has_a_number_then_a_key(make_site: Any) -> None:
    site = make_site()
    taken = site.take()
    assert site.provisioning.is_pending(site.connection, taken.imsi)
    said = []
    values = {Step.CREATE: taken.imsi, Step.NUMBER: taken.msisdn, Step.KEY: "MILENAGE"}
    for step in (Step.CREATE, Step.NUMBER, Step.KEY):
        request = site.only()
        said.append(request.variable.rpartition(".")[2])
        value = request.value.reveal().decode()
        assert value == values[step]
        assert imsi_of_key(request.encode()) == (taken.imsi if step is Step.KEY else None)
        assert site.provisioning.asked(site.connection, reply(request)) == (taken.imsi, step)
        assert site.provisioning.go_on(site.connection, step, taken) is (step is not Step.KEY)
    assert said == ["create", "msisdn", "aud3g"]
    k, opc = taken.k.reveal().hex(), taken.opc.reveal().hex()
    whole = f"SET {request.id} {request.variable} MILENAGE,{k},OPC,{opc}"
    assert with_key(request.encode(), taken).decode() == whole
    assert not site.asked()
    assert not site.provisioning.is_pending(site.connection, taken.imsi)


def test_a_key_of_gsm_is_named_as_one(make_site: Any) -> None:
    site = make_site(Algorithm.COMP128_V3)
    taken = site.take()
    for step in (Step.CREATE, Step.NUMBER):
        site.provisioning.go_on(site.connection, step, taken)
    key = site.asked()[-1]
    assert key.variable == f"subscriber.by-imsi-{taken.imsi}.aud2g"
    assert key.value == Secret(b"COMP128v3")
    whole = with_key(key.encode(), taken)
    assert whole.endswith(f" COMP128v3,{taken.k.reveal().hex()}".encode())


def test_what_osmo_hlr_cannot_compute_is_refused(make_site: Any) -> None:
    with pytest.raises(UnusableKeyError, match="choose MILENAGE"):
        make_site(Algorithm.TUAK)


def test_an_identity_given_back_is_deleted_whatever_was_under_way(make_site: Any) -> None:
    site = make_site()
    taken = site.take()
    created = site.only()
    site.pool.give_back(site.connection, taken.imsi)
    deletion = site.only()
    assert (deletion.variable, deletion.value) == (
        "subscriber.delete",
        Secret(taken.imsi.encode()),
    )
    assert site.provisioning.asked(site.connection, reply(created)) is None
    assert site.provisioning.asked(site.connection, ControlError(created.id, "late")) is None
    asked = site.provisioning.asked(site.connection, reply(deletion))
    assert asked == (taken.imsi, Step.DELETE)
    assert not site.provisioning.go_on(site.connection, Step.DELETE, taken)
    assert not site.provisioning.is_pending(site.connection, taken.imsi)


@pytest.mark.parametrize("number", ["err", "7", "208020000000009" + "1"])
def test_an_answer_to_nothing_is_known_as_such(make_site: Any, number: str) -> None:
    site = make_site()
    site.take()
    assert site.provisioning.asked(site.connection, ControlError(number, "why")) is None


def test_what_is_not_answered_is_asked_again(make_site: Any) -> None:
    site = make_site()
    taken = site.take()
    first = site.only()
    for which in (None, taken.imsi):
        site.provisioning.ask_again(site.connection, which)
        assert site.only() == first
    site.provisioning.ask_again(site.connection, NUMBERS.imsi(1))
    assert not site.asked()


def test_an_exhausted_pool_asks_nothing(make_site: Any) -> None:
    site = make_site()
    site.pool.drain(site.connection)
    assert site.pool.take(site.connection, CARD, SubscriberState.ACTIVE) is None
    assert not site.asked()
