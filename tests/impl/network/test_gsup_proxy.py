"""Tests of the proxy between VLRs and an osmo-hlr, by what each of them says."""

from __future__ import annotations

import os
from typing import Any

import pytest

from impl.codec.gsup import CancelType, Gsup, GsupCause, GsupType, decode_gsup
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.operator import encode_operator
from impl.crypto.vault import Vault
from impl.events import (
    Arrived,
    Command,
    Expired,
    Interface,
    Peer,
    Reconnected,
    Send,
    SetTimer,
    StopTimer,
)
from impl.messages import InformLeft
from impl.network.gsup_proxy import HOLD_S, REGISTER
from impl.network.hlr import HomeRegisterConfig
from impl.network.identity_pool import NumberRange
from impl.network.osmo_gateway import OsmoGateway
from impl.network.provisioning import CONTROL
from impl.network.records import HOME_REGISTER
from impl.network.subscriptions import APPLICATION_SERVER
from impl.values import ICCID, IMSI, MSISDN, PLMN, Secret, TransactionId

CARD = ICCID("8933010000000000017")
NOBODY = IMSI("208020000000009")
VAULT = Vault(Secret(bytes(32)), os.urandom)
CONFIG = HomeRegisterConfig(
    PLMN("20802"),
    MSISDN("33709"),
    NumberRange(IMSI("208020000000000"), MSISDN("33700000000"), 4),
)
K = GsupType


class Site:
    """A gateway with one subscriber, whom osmo-hlr holds."""

    def __init__(self, store: Any, surroundings: Any, foreign: Any) -> None:
        self.foreign = foreign
        self.node = OsmoGateway(CONFIG, store, surroundings, VAULT)
        self.node.fill_pool(2)
        credentials, self.number = self.node.subscribe(CARD)
        self.imsi = credentials.imsi
        self.provision()

    def provision(self) -> dict[str, Gsup]:
        """Let the control interface answer all that it is asked; return what else is said."""
        return self._sent(self.node.handle(Reconnected(CONTROL)))

    def tell(self, source: str, message: Gsup) -> dict[str, Gsup]:
        """Return what is said upon it over GSUP, by receiver."""
        arrived = Arrived(Peer(Interface.GSUP, source), message.encode())
        return self._sent(self.node.handle(arrived))

    def ask(self, kind: GsupType, vlr: str = "vlr", **fields: Any) -> dict[str, Gsup]:
        return self.tell(vlr, Gsup(kind, **({"imsi": self.imsi, "source_name": "x"} | fields)))

    def attach(self, vlr: str = "vlr") -> dict[str, Gsup]:
        asked = self.ask(K.UPDATE_LOCATION_REQUEST, vlr)["hlr"]
        return self.tell("hlr", asked.result())

    def forget(self) -> None:
        """Let osmo-hlr lose the subscriber."""
        self.foreign.subscribers.clear()

    def leave(self) -> dict[str, Gsup]:
        left = InformLeft(id="l", transaction=TransactionId("00000001"), iccid=CARD)
        arrived = Arrived(APPLICATION_SERVER, encode_operator(left))
        return self._sent(self.node.handle(arrived))

    def _sent(self, commands: list[Command]) -> dict[str, Gsup]:
        said: dict[str, Gsup] = {}
        while commands:
            command = commands.pop(0)
            if not isinstance(command, Send):
                continue
            if command.target.interface is Interface.GSUP:
                assert command.target.name not in said
                said[command.target.name] = decode_gsup(command.octets)
            elif command.target == CONTROL:
                answer = Arrived(CONTROL, self.foreign.control(command.octets))
                commands = [*commands, *self.node.handle(answer)]
        return said


@pytest.fixture
def site(store_of: Any, surroundings: Any, foreign: Any) -> Site:
    return Site(store_of(HOME_REGISTER), surroundings, foreign)


def test_vectors_are_asked_in_the_name_of_the_vlr_and_handed_to_it(site: Site) -> None:
    asked = site.ask(K.SEND_AUTH_INFO_REQUEST, "vlr-b")
    assert asked.keys() == {"hlr"}
    assert asked["hlr"].source_name == "vlr-b"
    given = site.tell("hlr", asked["hlr"].result())
    assert given.keys() == {"vlr-b"}
    assert given["vlr-b"].message_type is K.SEND_AUTH_INFO_RESULT


def test_two_vlrs_that_ask_about_one_subscriber_both_hear(site: Site) -> None:
    asked = [site.ask(K.SEND_AUTH_INFO_REQUEST, vlr)["hlr"] for vlr in ("a", "b")]
    assert [list(site.tell("hlr", one.result())) for one in asked] == [["a"], ["b"]]


@pytest.mark.parametrize("kind", [K.SEND_AUTH_INFO_REQUEST, K.UPDATE_LOCATION_REQUEST])
def test_who_is_no_subscriber_is_not_asked_about(site: Site, kind: GsupType) -> None:
    for imsi in (NOBODY, IMSI("208020000000001"), None):
        answer = site.ask(kind, imsi=imsi)
        assert answer.keys() == {"vlr"}
        assert answer["vlr"].cause == GsupCause.IMSI_UNKNOWN


def test_the_profile_passes_and_so_does_the_answer_to_it(site: Site) -> None:
    profile = Gsup(K.INSERT_DATA_REQUEST, imsi=site.imsi, destination_name="vlr")
    passed = site.tell("hlr", profile)
    assert passed["vlr"].message_type is K.INSERT_DATA_REQUEST
    back = site.tell("vlr", passed["vlr"].result())
    assert back["hlr"].message_type is K.INSERT_DATA_RESULT
    assert back["hlr"].source_name == "vlr"


def test_what_is_for_no_vlr_goes_to_where_the_device_is_or_back(site: Site) -> None:
    request = Gsup(K.DELETE_DATA_REQUEST, imsi=site.imsi)
    assert site.tell("hlr", request)["hlr"].cause == GsupCause.IMSI_UNKNOWN
    site.attach()
    assert site.tell("hlr", request)["vlr"].message_type is K.DELETE_DATA_REQUEST
    for_itself = Gsup(K.INSERT_DATA_REQUEST, imsi=site.imsi, destination_name="hlr")
    assert site.tell("hlr", for_itself)["hlr"].message_type is K.INSERT_DATA_ERROR


def test_a_device_is_where_osmo_hlr_says_that_it_is(site: Site) -> None:
    asked = site.ask(K.UPDATE_LOCATION_REQUEST)
    assert site.node.location(CARD) is None
    site.tell("hlr", asked["hlr"].error(cause=GsupCause.NETWORK_FAILURE))
    assert site.node.location(CARD) is None
    assert site.attach()["vlr"].message_type is K.UPDATE_LOCATION_RESULT
    assert site.node.location(CARD) == "vlr"


def test_the_vlr_that_a_device_left_is_told_what_osmo_hlr_does_not_tell(site: Site) -> None:
    site.attach("vlr")
    said = site.attach("vlr-b")
    assert said["vlr"].message_type is K.LOCATION_CANCEL_REQUEST
    assert said["vlr"].cancel_type is CancelType.UPDATE
    assert said["vlr-b"].message_type is K.UPDATE_LOCATION_RESULT


def test_the_vlr_of_who_left_the_network_is_told_as_well(site: Site) -> None:
    site.attach()
    assert site.leave()["vlr"].cancel_type is CancelType.WITHDRAW


def test_who_left_while_osmo_hlr_was_asked_is_unknown(site: Site) -> None:
    asked = site.ask(K.UPDATE_LOCATION_REQUEST)["hlr"]
    site.leave()
    answer = site.tell("hlr", asked.result())
    assert answer["vlr"].cause == GsupCause.IMSI_UNKNOWN
    assert site.node.location(CARD) is None


def test_only_the_vlr_where_a_device_is_purges_it(site: Site) -> None:
    site.attach()
    assert site.ask(K.PURGE_MS_REQUEST, "vlr-b")["vlr-b"].cause == GsupCause.IMSI_UNKNOWN
    asked = site.ask(K.PURGE_MS_REQUEST)["hlr"]
    assert site.node.location(CARD) == "vlr"
    assert site.tell("hlr", asked.result())["vlr"].message_type is K.PURGE_MS_RESULT
    assert site.node.location(CARD) is None


def test_what_osmo_hlr_did_not_answer_is_asked_again_when_it_is_back(site: Site) -> None:
    asked = site.ask(K.UPDATE_LOCATION_REQUEST)["hlr"]
    (again,) = site.node.handle(Reconnected(REGISTER))
    assert again == Send(REGISTER, asked.encode())
    site.tell("hlr", asked.result())
    assert site.node.handle(Reconnected(REGISTER)) == []


def test_a_question_is_held_for_a_while_and_then_a_failure(site: Site) -> None:
    request = Gsup(K.SEND_AUTH_INFO_REQUEST, imsi=site.imsi)
    timer, _ = site.node.handle(Arrived(Peer(Interface.GSUP, "vlr"), request.encode()))
    assert timer == SetTimer(f"proxy/vlr/{site.imsi}/08", HOLD_S)
    (send,) = site.node.handle(Expired(timer.timer))
    assert isinstance(send, Send)
    assert decode_gsup(send.octets).cause == GsupCause.NETWORK_FAILURE
    assert site.node.handle(Expired(f"proxy/vlr/{site.imsi}/08")) == []


def test_an_answer_comes_once_and_stops_the_clock(site: Site) -> None:
    asked = site.ask(K.SEND_AUTH_INFO_REQUEST)["hlr"]
    commands = site.node.handle(Arrived(REGISTER, asked.result().encode()))
    assert StopTimer(f"proxy/vlr/{site.imsi}/08") in commands
    assert site.tell("hlr", asked.result()) == {}


@pytest.mark.parametrize("fields", [{"imsi": None}, {"source_name": None}, {"source_name": "who"}])
def test_an_answer_to_nobody_is_ignored(site: Site, fields: dict[str, Any]) -> None:
    request = Gsup(K.SEND_AUTH_INFO_REQUEST, **({"imsi": site.imsi, "source_name": "vlr"} | fields))
    assert site.tell("hlr", request.result()) == {}


def test_a_subscriber_whom_osmo_hlr_lost_is_entered_anew_and_asked_about_again(site: Site) -> None:
    asked = site.ask(K.SEND_AUTH_INFO_REQUEST)["hlr"]
    site.forget()
    again = site.tell("hlr", asked.error(cause=GsupCause.IMSI_UNKNOWN))
    assert site.imsi in site.foreign.subscribers
    assert again == {"hlr": asked}
    assert site.tell("hlr", asked.result())["vlr"].message_type is K.SEND_AUTH_INFO_RESULT


def test_one_whom_it_loses_again_is_a_failure_of_the_network(site: Site) -> None:
    asked = site.ask(K.SEND_AUTH_INFO_REQUEST)["hlr"]
    for _ in range(2):
        said = site.tell("hlr", asked.error(cause=GsupCause.IMSI_UNKNOWN))
    assert said["vlr"].cause == GsupCause.NETWORK_FAILURE


def test_who_is_not_entered_yet_is_not_asked_about_until_then(site: Site) -> None:
    site.leave()
    credentials, _ = site.node.subscribe(CARD)
    request = Gsup(K.SEND_AUTH_INFO_REQUEST, imsi=credentials.imsi, source_name="x")
    commands = site.node.handle(Arrived(Peer(Interface.GSUP, "vlr"), request.encode()))
    sends = [one.target for one in commands if isinstance(one, Send)]
    assert sends == [CONTROL]
    assert site._sent(commands).keys() == {"hlr"}


def test_short_messages_remain_with_the_hub(site: Site) -> None:
    site.attach()
    centre = RpAddress(RpAddressKind.SERVICE_CENTRE, MSISDN("33709"))
    sent = site.ask(K.MO_FORWARD_SM_REQUEST, sm_rp_da=centre, sm_rp_oa=centre, sm_rp_ui=b"\1")
    assert sent["smsc"].sm_rp_oa == RpAddress(RpAddressKind.MSISDN, site.number)
    receiver = RpAddress(RpAddressKind.MSISDN, site.number)
    request = Gsup(K.MT_FORWARD_SM_REQUEST, sm_rp_da=receiver, sm_rp_oa=centre, sm_rp_ui=b"\1")
    assert site.tell("smsc", request)["vlr"].imsi == site.imsi


def test_a_vlr_cannot_answer_for_osmo_hlr(site: Site) -> None:
    asked = site.ask(K.UPDATE_LOCATION_REQUEST)["hlr"]
    assert site.tell("vlr", asked.result()) == {}
    assert site.node.location(CARD) is None
