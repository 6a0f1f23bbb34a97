"""Several home registers over one database: what one leaves undone another does."""

import os
from dataclasses import replace

import pytest

from impl.codec.gsup import Gsup, GsupType
from impl.codec.operator import decode_operator, encode_operator
from impl.crypto.vault import Vault
from impl.errors import MalformedError
from impl.events import Arrived, Expired, Interface, Peer, Send, SetTimer, Started
from impl.messages import ConfirmChange, ReserveIdentity
from impl.network.hlr import HomeRegister, HomeRegisterConfig
from impl.network.identity_pool import NumberRange
from impl.network.records import HOME_REGISTER, SubscriberState
from impl.network.subscriptions import APPLICATION_SERVER
from impl.outbox import FIRST_WAIT_S
from impl.runtime.store import SqlStore
from impl.values import ICCID, IMSI, MSISDN, PLMN, Secret, TransactionId

FIRST = IMSI("208020000000000")
NAME = TransactionId("00000001")
VAULT = Vault(Secret(bytes(32)), os.urandom)
CONFIG = HomeRegisterConfig(
    PLMN("20802"),
    MSISDN("33709"),
    NumberRange(FIRST, MSISDN("33700000000"), 100),
    lease_s=1000.0,
    takeover_s=5.0,
)
LOOKS_AGAIN = SetTimer("takeover", 5.0)


@pytest.fixture
def registers(lasting, surroundings):
    """Return two over one database; the first has reserved an identity, and dies."""
    stores = [SqlStore(HOME_REGISTER, lasting) for _ in range(2)]
    both = [HomeRegister(CONFIG, store, surroundings, VAULT) for store in stores]
    both[0].fill_pool(3)
    reservation = ReserveIdentity(id="r", transaction=NAME, iccid=ICCID("8933010000000000017"))
    both[0].handle(Arrived(APPLICATION_SERVER, encode_operator(reservation)))
    yield both
    for store in stores:
        store.close()


def attach(register):
    request = Gsup(GsupType.UPDATE_LOCATION_REQUEST, imsi=FIRST)
    register.handle(Arrived(Peer(Interface.GSUP, "vlr"), request.encode()))


def test_what_one_left_unsaid_another_says_once(registers, surroundings):
    attach(registers[0])
    name = f"outbox/confirm:{NAME}"
    assert registers[1].handle(Expired("takeover")) == [LOOKS_AGAIN]
    surroundings.time_s += FIRST_WAIT_S + 5.0
    assert registers[1].handle(Expired("takeover")) == [SetTimer(name, 0.0), LOOKS_AGAIN]
    said, timer = registers[1].handle(Expired(name))
    assert isinstance(said, Send)
    assert decode_operator(said.octets) == ConfirmChange(id=f"confirm:{NAME}", transaction=NAME)
    assert timer == SetTimer(name, 2 * FIRST_WAIT_S)
    assert registers[0].handle(Expired(name)) == [timer]  # it was only slow: it waits


def test_a_lease_is_ended_by_another_too(registers, surroundings):
    surroundings.time_s += 1004
    assert registers[1].handle(Expired("takeover")) == [LOOKS_AGAIN]
    surroundings.time_s += 1
    assert registers[1].handle(Expired("takeover")) == [SetTimer(f"lease/{NAME}", 0.0), LOOKS_AGAIN]
    registers[1].handle(Expired(f"lease/{NAME}"))
    assert registers[1].count(SubscriberState.FREE) == 3


def test_one_that_is_alone_looks_for_nothing(registers, surroundings):
    alone = HomeRegister(replace(CONFIG, takeover_s=None), registers[1]._store, surroundings, VAULT)
    assert LOOKS_AGAIN in registers[1].handle(Started())
    assert LOOKS_AGAIN not in alone.handle(Started())
    assert alone.handle(Expired("takeover")) == []


def test_a_time_that_is_none_is_refused():
    with pytest.raises(MalformedError, match="takeover_s"):
        replace(CONFIG, takeover_s=0.0)
