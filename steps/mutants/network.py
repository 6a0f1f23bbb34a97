"""Wrong networks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from impl.codec.operator import encode_operator
from impl.events import Command, Peer, Send
from impl.messages import (
    InformLeft,
    Noted,
    OperatorMessage,
    Refusal,
    RefusalReason,
    ReserveIdentity,
)
from impl.network.customer_centre import CustomerCentre
from impl.network.gateway import Gateway
from impl.network.hlr import HomeRegister
from impl.network.identity_pool import IdentityPool
from impl.network.records import SubscriberState, subscriber
from impl.network.subscriptions import Subscriptions
from impl.served.pages.visits import Visits
from impl.values import ICCID, IMSI, MSISDN, Credentials, Secret
from steps.drivers.patched import Patch, with_patches
from steps.mutants import Mutant

_pass_on = Gateway._pass_on
_take, _request, _subscribe = IdentityPool.take, CustomerCentre.request, HomeRegister.subscribe


def _give_twice(self: IdentityPool, connection: Connection, *args: Any) -> Any:
    taken = _take(self, connection, *args)
    if taken is not None:
        return taken
    used = connection.execute(select(subscriber.c.imsi).limit(1)).scalar()
    if used is None:
        self.fill(connection, 1)
    else:
        freed = update(subscriber).where(subscriber.c.imsi == used)
        connection.execute(freed.values(state=SubscriberState.FREE, iccid=None))
    return _take(self, connection, *args)


def _ask_anyway(self: CustomerCentre, iccid: ICCID, *, user_agreed: bool) -> list[Command]:
    del user_agreed
    return _request(self, iccid, user_agreed=True)


def _note_only(
    self: Subscriptions, connection: Connection, message: InformLeft
) -> tuple[Noted, list[Command]]:
    del self, connection
    return Noted(id=message.id, transaction=message.transaction), []


def _write_another_key(self: HomeRegister, iccid: ICCID) -> tuple[Credentials, MSISDN]:
    credentials, msisdn = _subscribe(self, iccid)
    return Credentials(IMSI(credentials.imsi), Secret(bytes(16)), credentials.opc), msisdn


def _answer_for_the_register(
    self: Gateway, source: Peer, message: OperatorMessage
) -> list[Command]:
    if isinstance(message, ReserveIdentity):
        refusal = Refusal(id=message.id, reason=RefusalReason.NO_FREE_IDENTITY)
        return [Send(source, encode_operator(refusal))]
    return _pass_on(self, source, message)


def _take_any_code(self: Visits, name: str, said: str) -> str:
    del self, said
    return name


MUTANTS = (
    Mutant(
        "answers-for-the-register",
        breaks=("8a",),
        what="the network entity answers without interrogating the home register",
        factory=with_patches(Patch(Gateway, "_pass_on", _answer_for_the_register)),
    ),
    Mutant(
        "gives-identities-twice",
        breaks=("1c", "E11"),
        what="takes an identity from a subscriber when none is free",
        factory=with_patches(Patch(IdentityPool, "take", _give_twice)),
    ),
    Mutant(
        "asks-for-users-who-did-not-agree",
        breaks=("2b", "E07"),
        what="the customer centre sends a request though the user did not agree",
        factory=with_patches(Patch(CustomerCentre, "request", _ask_anyway)),
    ),
    Mutant(
        "keeps-who-left",
        breaks=("5b", "1p"),
        what="the home register notes that a subscriber left, and keeps identity and key",
        factory=with_patches(Patch(Subscriptions, "let_go", _note_only)),
    ),
    Mutant(
        "card-and-register-disagree",
        breaks=("1p",),
        what="the first operator writes another key in the card than in its home register",
        factory=with_patches(Patch(HomeRegister, "subscribe", _write_another_key)),
    ),
    Mutant(
        "takes-any-code-on-its-site",
        breaks=("E07",),
        what="asks for a change of whatever card a visitor of the web site names",
        factory=with_patches(Patch(Visits, "prove", _take_any_code)),
    ),
)
