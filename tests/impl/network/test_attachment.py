"""What every attach has, whatever its generation: the home register, and who claims an identity."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import pytest

from impl.codec.gsup import AuthTuple, CnDomain, Gsup, GsupCause, GsupType, RatType, decode_gsup
from impl.codec.mobility import RejectCause
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network.attachment import Attachment, Phase, Procedure, Site
from impl.network.visitors import Visitor, Visitors
from impl.values import IMSI, MSISDN, PLMN, Secret

ONE, OTHER = "8933010000000000017", "8933010000000000025"
SUBSCRIBER, FOREIGNER = IMSI("208010000000001"), IMSI("208030000000001")
HOME = "hlr"
RES = b"response"
KEY = Secret(bytes(16))
VECTOR = AuthTuple(rand=bytes(16), ik=KEY, ck=KEY, autn=bytes(16), res=Secret(RES))


class Plain(Attachment[Procedure]):
    """An air in which every message is one word."""

    interface: ClassVar = Interface.MM
    domain: ClassVar = CnDomain.CIRCUIT_SWITCHED
    longest_s: ClassVar = 5.0

    def take(self, device: str, octets: bytes) -> list[Command]:
        if octets == b"hello":
            procedure = Procedure(device)
            return [*self._enter(procedure), *self._route(procedure, SUBSCRIBER)]
        if octets == b"foreign":
            procedure = Procedure(device)
            return [*self._enter(procedure), *self._route(procedure, FOREIGNER)]
        procedure = self._procedures[device]
        if octets == b"not fresh":
            return self._resynchronize(procedure, bytes(14))
        if octets == b"not believed":
            return self._renew(procedure)
        return self._check(procedure, octets)

    def _challenge(self, procedure: Procedure, challenge: AuthTuple) -> list[Command]:
        del challenge
        return [self._tell(procedure.device, b"challenge")]

    def _accept(self, procedure: Procedure, visitor: Visitor) -> list[Command]:
        return [self._tell(procedure.device, b"accepted " + visitor.tmsi)]

    def _reject(self, procedure: Procedure, cause: RejectCause) -> list[Command]:
        return [*self._end(procedure), self._tell(procedure.device, cause.name.encode())]

    def _refuse(self, procedure: Procedure) -> list[Command]:
        return [*self._end(procedure), self._tell(procedure.device, b"refused")]


@pytest.fixture
def visitors() -> Visitors:
    return Visitors()


@pytest.fixture
def air(surroundings: Any, visitors: Visitors) -> Plain:
    site = Site(PLMN("20801"), "vlr", 1, lambda imsi: HOME if imsi == SUBSCRIBER else None)
    return Plain(site, RatType.UTRAN, visitors, surroundings)


def asked(commands: list[Command]) -> Gsup:
    (request,) = [decode_gsup(c.octets) for c in commands if _is(c, Interface.GSUP)]
    return request


def told(commands: list[Command]) -> list[tuple[str, bytes]]:
    return [(c.target.name, c.octets) for c in commands if _is(c, Interface.MM)]


def _is(command: Command, interface: Interface) -> bool:
    return isinstance(command, Send) and command.target.interface is interface


def give(air: Plain, request: Gsup) -> list[Command]:
    return air.take_vectors(HOME, request.result(auth_tuples=(VECTOR,)))


def attach(air: Plain, device: str = ONE) -> list[Command]:
    give(air, asked(air.take(device, b"hello")))
    update = asked(air.take(device, RES))
    (kept,) = air.take_profile(
        HOME, Gsup(GsupType.INSERT_DATA_REQUEST, imsi=SUBSCRIBER, msisdn=MSISDN("33600"))
    )
    assert isinstance(kept, Send)
    assert kept.target == Peer(Interface.GSUP, HOME)
    return air.take_update(HOME, update.result())


def test_whoever_proves_the_key_is_a_visitor_when_the_register_agrees(
    air: Plain, visitors: Visitors
) -> None:
    commands = air.take(ONE, b"hello")
    assert SetTimer(f"attach/{ONE}", 5.0) in commands
    request = asked(commands)
    assert (request.current_rat_type, request.cn_domain) == (
        RatType.UTRAN,
        CnDomain.CIRCUIT_SWITCHED,
    )
    assert told(give(air, request)) == [(ONE, b"challenge")]
    proven = air.take(ONE, RES)
    assert all(c.target.name == HOME for c in proven if _is(c, Interface.GSUP))
    update = asked(proven)
    assert (update.cn_domain, update.source_name) == (CnDomain.CIRCUIT_SWITCHED, "vlr")
    assert request.source_name == "vlr"
    assert visitors.of_device(ONE) is None
    end = air.take_update(HOME, update.result())
    assert StopTimer(f"attach/{ONE}") in end
    visitor = visitors.of_imsi(SUBSCRIBER)
    assert visitor is not None
    assert told(end) == [(ONE, b"accepted " + visitor.tmsi)]


def test_whoever_does_not_prove_the_key_is_refused(air: Plain, visitors: Visitors) -> None:
    give(air, asked(air.take(ONE, b"hello")))
    assert told(air.take(ONE, b"guess")) == [(ONE, b"refused")]
    assert visitors.of_device(ONE) is None


@pytest.mark.parametrize("word", [b"not fresh", b"not believed"])
def test_another_vector_is_asked_once(air: Plain, word: bytes) -> None:
    give(air, asked(air.take(ONE, b"hello")))
    again = asked(air.take(ONE, word))
    assert (again.auts is not None) == (again.rand is not None) == (word == b"not fresh")
    give(air, again)
    assert told(air.take(ONE, word)) == [(ONE, b"refused")]


@pytest.mark.parametrize("lacks", ["rand", "autn", "ck", "ik"])
def test_half_a_vector_does_not_serve(air: Plain, lacks: str) -> None:
    assert air.expected(VECTOR) == Secret(RES)
    assert air.expected(replace(VECTOR, **{lacks: None})) is None


def test_a_vector_that_does_not_serve_ends_the_attach(air: Plain) -> None:
    request = asked(air.take(ONE, b"hello"))
    without = AuthTuple(rand=bytes(16), sres=Secret(b"sres"), kc=Secret(bytes(8)))
    commands = air.take_vectors(HOME, request.result(auth_tuples=(without,)))
    assert told(commands) == [(ONE, b"NETWORK_FAILURE")]


def test_a_subscriber_of_no_known_network_is_rejected(air: Plain) -> None:
    assert told(air.take(ONE, b"foreign")) == [(ONE, b"PLMN_NOT_ALLOWED")]


def test_what_the_register_refuses_ends_the_attach(air: Plain) -> None:
    request = asked(air.take(ONE, b"hello"))
    commands = air.take_vectors(HOME, request.error(cause=GsupCause.IMSI_UNKNOWN))
    assert told(commands) == [(ONE, b"IMSI_UNKNOWN_IN_HLR")]
    assert told(air.expire(ONE)) == []


def test_an_attach_that_takes_too_long_is_given_up(air: Plain) -> None:
    request = asked(air.take(ONE, b"hello"))
    assert told(air.expire(ONE)) == [(ONE, b"NETWORK_FAILURE")]
    assert give(air, request) == []


def test_of_two_devices_with_one_identity_the_one_that_waits_longest_is_served(air: Plain) -> None:
    one, other = asked(air.take(ONE, b"hello")), asked(air.take(OTHER, b"hello"))
    assert told(give(air, one)) == [(ONE, b"challenge")]
    assert told(give(air, other)) == [(OTHER, b"challenge")]


def test_the_device_that_attached_last_has_the_identity(air: Plain, visitors: Visitors) -> None:
    attach(air, ONE)
    attach(air, OTHER)
    assert visitors.of_device(ONE) is None
    assert visitors.of_device(OTHER) is not None


def test_a_device_detaches_under_its_own_names_only(air: Plain, visitors: Visitors) -> None:
    attach(air)
    assert air._detach(ONE, FOREIGNER) == []
    visitor = visitors.of_device(ONE)
    assert visitor is not None
    assert visitor.msisdn == MSISDN("33600")  # as its profile says
    air._detach(ONE, SUBSCRIBER)
    assert visitors.of_device(ONE) is None


def test_new_keys_get_another_number_than_those_that_the_device_has() -> None:
    procedure = Procedure(ONE, Phase.IDENTITY)
    for told_number, given in ((7, 0), (0, 1), (5, 6), (6, 0)):
        procedure.choose_key_sequence(told_number)
        assert procedure.key_sequence == given
