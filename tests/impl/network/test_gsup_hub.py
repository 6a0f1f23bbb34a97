"""Tests of the register as GSUP hub, driven by the messages of VLRs and SMSC only."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from impl.codec.gsup import (
    AlertReason,
    CancelType,
    Gsup,
    GsupCause,
    GsupType,
    RatType,
    decode_gsup,
)
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.operator import encode_operator
from impl.codec.relay import RpCause
from impl.crypto.aka import SequenceArray, authenticate, make_auts
from impl.crypto.milenage import Milenage
from impl.crypto.vault import Vault
from impl.events import Arrived, Command, Interface, Peer, Send, Started
from impl.messages import InformLeft
from impl.network.hlr import HomeRegister, HomeRegisterConfig
from impl.network.identity_pool import NumberRange
from impl.network.records import HOME_REGISTER, Profile, subscriber
from impl.network.subscriptions import APPLICATION_SERVER
from impl.values import (
    ICCID,
    IMSI,
    MSISDN,
    PLMN,
    Algorithm,
    Credentials,
    Secret,
    TransactionId,
)

CARD = ICCID("8933010000000000017")
NOBODY = IMSI("208020000000009")
CENTRE = RpAddress(RpAddressKind.SERVICE_CENTRE, MSISDN("33709"))
TPDU = b"\x01\x02\x03"
VAULT = Vault(Secret(bytes(32)), os.urandom)
CONFIG = HomeRegisterConfig(
    PLMN("20802"),
    MSISDN("33709"),
    NumberRange(IMSI("208020000000000"), MSISDN("33700000000"), 10),
)


class Hub:
    """A register with one subscriber, and what VLRs and SMSC say to it."""

    def __init__(self, store: Any, surroundings: Any) -> None:
        self.store = store
        self.node = HomeRegister(CONFIG, store, surroundings, VAULT)
        self.node.fill_pool(2)
        self.credentials: Credentials
        self.credentials, self.number = self.node.subscribe(CARD)
        self.imsi = self.credentials.imsi

    def tell(self, source: str, message: Gsup) -> dict[str, Gsup]:
        """Return what the hub says upon it, by receiver."""
        commands = self.node.handle(Arrived(Peer(Interface.GSUP, source), message.encode()))
        return sent(commands)

    def ask(self, source: str, kind: GsupType, **fields: Any) -> Gsup:
        return self.tell(source, Gsup(kind, **fields))[source]

    def begin_update(self, vlr: str = "vlr") -> dict[str, Gsup]:
        return self.tell(vlr, Gsup(GsupType.UPDATE_LOCATION_REQUEST, imsi=self.imsi))

    def attach(self, vlr: str = "vlr") -> dict[str, Gsup]:
        said = self.begin_update(vlr)
        return said | self.tell(vlr, said[vlr].result())

    def submit(self, number: MSISDN | None = None) -> dict[str, Gsup]:
        receiver = RpAddress(RpAddressKind.MSISDN, number or self.number)
        return self.tell(
            "smsc",
            Gsup(
                GsupType.MT_FORWARD_SM_REQUEST,
                sm_rp_mr=7,
                sm_rp_da=receiver,
                sm_rp_oa=CENTRE,
                sm_rp_ui=TPDU,
            ),
        )

    def send(self, vlr: str = "vlr") -> dict[str, Gsup]:
        return self.tell(
            vlr,
            Gsup(
                GsupType.MO_FORWARD_SM_REQUEST,
                imsi=self.imsi,
                sm_rp_mr=9,
                sm_rp_da=CENTRE,
                sm_rp_oa=RpAddress(RpAddressKind.MSISDN, MSISDN("33699999999")),
                sm_rp_ui=TPDU,
            ),
        )

    def await_message(self) -> None:
        """Let a short message wait for the device."""
        with self.store.begin() as connection:
            connection.execute(update(subscriber).values(waiting=True))

    def set_profile(self, profile: Profile) -> None:
        with self.store.begin() as connection:
            connection.execute(update(subscriber).values(profile=profile))


def sent(commands: list[Command]) -> dict[str, Gsup]:
    sends = [one for one in commands if isinstance(one, Send)]
    assert len({send.target for send in sends}) == len(sends)
    return {send.target.name: decode_gsup(send.octets) for send in sends}


@pytest.fixture
def hub(store_of: Any, surroundings: Any) -> Hub:
    return Hub(store_of(HOME_REGISTER), surroundings)


@pytest.mark.parametrize(
    ("rat", "separated"), [(None, 0), (RatType.UTRAN, 0), (RatType.EUTRAN, 0x80), (9, 0)]
)
def test_the_access_that_asks_says_whether_vectors_are_separated(
    hub: Hub, rat: int | None, separated: int
) -> None:
    answer = hub.ask("vlr", GsupType.SEND_AUTH_INFO_REQUEST, imsi=hub.imsi, current_rat_type=rat)
    (vector,) = answer.auth_tuples
    assert vector.autn
    assert vector.autn[6] == separated
    assert (vector.sres is None) == bool(separated)


def test_gsm_gets_triplets(hub: Hub) -> None:
    answer = hub.ask(
        "vlr", GsupType.SEND_AUTH_INFO_REQUEST, imsi=hub.imsi, current_rat_type=RatType.GERAN
    )
    (vector,) = answer.auth_tuples
    assert vector.sres
    assert vector.autn is None


def test_a_card_of_gsm_is_not_authenticated_in_eps(hub: Hub) -> None:
    with hub.store.begin() as connection:
        of_gsm = {
            "algorithm": Algorithm.COMP128_V1,
            "secrets": VAULT.seal(hub.credentials.k.reveal(), hub.imsi),
        }
        connection.execute(update(subscriber).where(subscriber.c.imsi == hub.imsi).values(of_gsm))
    for rat, kind in (
        (RatType.EUTRAN, GsupType.SEND_AUTH_INFO_ERROR),
        (RatType.UTRAN, GsupType.SEND_AUTH_INFO_RESULT),
    ):
        answer = hub.ask(
            "vlr", GsupType.SEND_AUTH_INFO_REQUEST, imsi=hub.imsi, current_rat_type=rat
        )
        assert answer.message_type is kind


@pytest.mark.parametrize(("asked", "given"), [(None, 1), (0, 1), (1, 1), (3, 3), (5, 5), (255, 5)])
def test_as_many_vectors_are_given_as_asked_up_to_five(
    hub: Hub, asked: int | None, given: int
) -> None:
    answer = hub.ask("vlr", GsupType.SEND_AUTH_INFO_REQUEST, imsi=hub.imsi, num_vectors=asked)
    assert answer.message_type is GsupType.SEND_AUTH_INFO_RESULT
    assert len(answer.auth_tuples) == given


def test_the_card_of_the_subscriber_accepts_the_vectors_one_after_the_other(hub: Hub) -> None:
    functions = Milenage(hub.credentials.k, hub.credentials.opc)
    array = SequenceArray()
    for _ in range(40):
        (vector,) = hub.ask("vlr", GsupType.SEND_AUTH_INFO_REQUEST, imsi=hub.imsi).auth_tuples
        assert vector.rand is not None
        assert vector.autn is not None
        result, array = authenticate(functions, vector.rand, vector.autn, array)
        assert Secret(result.res) == vector.res


def test_a_card_that_is_ahead_is_caught_up_with(hub: Hub) -> None:
    functions = Milenage(hub.credentials.k, hub.credentials.opc)
    array, rand = SequenceArray((5000,) * 32), bytes(range(16))
    auts = make_auts(functions, rand, array.sqn_ms)
    kind = GsupType.SEND_AUTH_INFO_REQUEST
    (vector,) = hub.ask("vlr", kind, imsi=hub.imsi, rand=rand, auts=auts).auth_tuples
    assert vector.rand is not None
    assert vector.autn is not None
    authenticate(functions, vector.rand, vector.autn, array)


@pytest.mark.parametrize("field", ["rand", "auts"])
def test_half_a_resynchronization_is_refused(hub: Hub, field: str) -> None:
    half = {field: bytes(16 if field == "rand" else 14)}
    answer = hub.ask("vlr", GsupType.SEND_AUTH_INFO_REQUEST, imsi=hub.imsi, **half)
    assert answer.cause == GsupCause.INVALID_MANDATORY_INFORMATION


def test_used_up_sequence_numbers_are_a_failure_of_the_network(hub: Hub) -> None:
    with hub.store.begin() as connection:
        connection.execute(update(subscriber).values(sqn=(1 << 48) - 1))
    answer = hub.ask("vlr", GsupType.SEND_AUTH_INFO_REQUEST, imsi=hub.imsi)
    assert answer.cause == GsupCause.NETWORK_FAILURE


@pytest.mark.parametrize(
    "kind", [GsupType.SEND_AUTH_INFO_REQUEST, GsupType.UPDATE_LOCATION_REQUEST]
)
def test_a_free_or_foreign_identity_is_unknown(hub: Hub, kind: GsupType) -> None:
    free = IMSI("208020000000001")
    for imsi in (free, NOBODY, None):
        assert hub.ask("vlr", kind, imsi=imsi).cause == GsupCause.IMSI_UNKNOWN


def test_a_location_is_updated_after_the_vlr_has_the_profile(hub: Hub) -> None:
    profile = hub.begin_update()["vlr"]
    assert profile.message_type is GsupType.INSERT_DATA_REQUEST
    assert profile.msisdn == hub.number
    ended = hub.tell("vlr", profile.result())["vlr"]
    assert ended.message_type is GsupType.UPDATE_LOCATION_RESULT


def test_a_vlr_that_refuses_the_profile_gets_no_subscriber(hub: Hub) -> None:
    refused = hub.begin_update()["vlr"].error(cause=GsupCause.NETWORK_FAILURE)
    assert hub.tell("vlr", refused)["vlr"].message_type is GsupType.UPDATE_LOCATION_ERROR


def test_who_left_during_the_update_is_unknown(hub: Hub) -> None:
    profile = hub.begin_update()["vlr"]
    left = InformLeft(id="l", transaction=TransactionId("00000001"), iccid=CARD)
    hub.node.handle(Arrived(APPLICATION_SERVER, encode_operator(left)))
    assert hub.tell("vlr", profile.result())["vlr"].cause == GsupCause.IMSI_UNKNOWN


def test_an_answer_to_a_profile_that_was_not_sent_is_ignored(hub: Hub) -> None:
    answer = hub.begin_update()["vlr"].result()
    assert hub.tell("vlr-2", answer) == {}
    assert hub.tell("vlr", answer) != {}
    assert hub.tell("vlr", answer) == {}
    assert hub.tell("vlr", replace(answer, imsi=None)) == {}


def test_an_answer_to_a_profile_that_could_not_be_taken_is_waited_for_still(hub: Hub) -> None:
    answer = hub.begin_update()["vlr"].result()
    with hub.store.failing():
        hub.tell("vlr", answer)
    assert hub.tell("vlr", answer) != {}


def test_a_former_vlr_is_told_that_the_device_moved(hub: Hub) -> None:
    hub.attach("vlr")
    said = hub.attach("vlr-2")
    assert said["vlr"].message_type is GsupType.LOCATION_CANCEL_REQUEST
    assert said["vlr"].cancel_type is CancelType.UPDATE
    assert hub.tell("vlr", said["vlr"].result()) == {}
    assert hub.attach("vlr-2").keys() == {"vlr-2"}


def test_a_device_that_comes_back_is_not_cancelled_late(hub: Hub) -> None:
    hub.attach("vlr")
    hub.attach("vlr-2")
    hub.attach("vlr")
    again = sent(hub.node.handle(Started()))
    assert again.keys() == {"vlr-2"}


def test_a_purged_device_is_nowhere(hub: Hub) -> None:
    hub.attach()
    assert hub.ask("vlr", GsupType.PURGE_MS_REQUEST, imsi=hub.imsi).freeze_ptmsi
    assert hub.submit()["smsc"].sm_rp_cause == RpCause.DESTINATION_OUT_OF_ORDER


def test_a_vlr_does_not_purge_the_devices_of_another(hub: Hub) -> None:
    hub.attach()
    answer = hub.ask("vlr-2", GsupType.PURGE_MS_REQUEST, imsi=hub.imsi)
    assert answer.cause == GsupCause.IMSI_UNKNOWN
    assert "vlr" in hub.submit()


def test_what_a_device_sends_reaches_the_smsc_under_its_own_number(hub: Hub) -> None:
    hub.attach()
    said = hub.send()
    assert said["smsc"].sm_rp_oa == RpAddress(RpAddressKind.MSISDN, hub.number)
    assert (said["smsc"].sm_rp_ui, said["smsc"].sm_rp_mr) == (TPDU, 9)
    answer = hub.tell("smsc", said["smsc"].result())
    assert answer["vlr"].message_type is GsupType.MO_FORWARD_SM_RESULT
    assert answer["vlr"].sm_rp_mr == 9


def test_a_vlr_sends_for_none_but_its_own_devices(hub: Hub) -> None:
    cause = RpCause.UNIDENTIFIED_SUBSCRIBER
    assert hub.send()["vlr"].sm_rp_cause == cause
    hub.attach()
    assert hub.send("vlr-2")["vlr-2"].sm_rp_cause == cause


def test_an_answer_for_a_device_that_is_elsewhere_is_not_handed_on(hub: Hub) -> None:
    hub.attach()
    said = hub.send()
    hub.attach("vlr-2")
    assert hub.tell("smsc", said["smsc"].result()) == {}
    assert hub.tell("smsc", replace(said["smsc"].result(), destination_name=None)) == {}


def test_a_short_message_reaches_the_vlr_of_its_receiver(hub: Hub) -> None:
    hub.attach()
    said = hub.submit()
    assert (said["vlr"].imsi, said["vlr"].source_name) == (hub.imsi, "smsc")
    assert said["vlr"].sm_rp_da == RpAddress(RpAddressKind.IMSI, hub.imsi)
    assert (said["vlr"].sm_rp_oa, said["vlr"].sm_rp_ui) == (CENTRE, TPDU)
    report = hub.tell("vlr", said["vlr"].result(sm_rp_ui=b"\x00\x00"))
    assert report["smsc"].message_type is GsupType.MT_FORWARD_SM_RESULT
    assert (report["smsc"].msisdn, report["smsc"].sm_rp_mr) == (hub.number, 7)
    assert report["smsc"].sm_rp_ui == b"\x00\x00"


def test_a_short_message_for_nobody_is_refused(hub: Hub) -> None:
    answer = hub.submit(MSISDN("33799999999"))["smsc"]
    assert answer.message_type is GsupType.MT_FORWARD_SM_ERROR
    assert answer.sm_rp_cause == RpCause.UNKNOWN_SUBSCRIBER
    assert (answer.msisdn, answer.sm_rp_mr) == ("33799999999", 7)


def test_a_short_message_without_a_number_is_refused(hub: Hub) -> None:
    answer = hub.ask("smsc", GsupType.MT_FORWARD_SM_REQUEST, sm_rp_ui=TPDU)
    assert answer.sm_rp_cause == RpCause.INVALID_MANDATORY_INFORMATION


@pytest.mark.parametrize("alert_by", ["nowhere", "absent"])
def test_the_smsc_is_told_when_an_absent_device_is_back(hub: Hub, alert_by: str) -> None:
    if alert_by == "absent":
        hub.attach()
        said = hub.submit()
        error = said["vlr"].error(sm_rp_cause=RpCause.DESTINATION_OUT_OF_ORDER)
        assert hub.tell("vlr", error)["smsc"].sm_rp_cause == RpCause.DESTINATION_OUT_OF_ORDER
    else:
        assert hub.submit()["smsc"].sm_rp_cause == RpCause.DESTINATION_OUT_OF_ORDER
    alert = hub.attach()["smsc"]
    assert alert.message_type is GsupType.READY_FOR_SM_REQUEST
    assert (alert.msisdn, alert.sm_alert_reason) == (hub.number, AlertReason.MS_PRESENT)
    assert "smsc" not in hub.attach()


def test_the_smsc_is_told_of_nobody_for_whom_nothing_waits(hub: Hub) -> None:
    assert "smsc" not in hub.attach()


def test_a_device_that_has_memory_again_reaches_the_smsc(hub: Hub) -> None:
    hub.attach()
    ready = Gsup(GsupType.READY_FOR_SM_REQUEST, imsi=hub.imsi, sm_rp_mr=3)
    hub.await_message()
    said = hub.tell("vlr", ready)
    assert said["smsc"].msisdn == hub.number
    assert "smsc" not in hub.attach()  # it need not be told a second time
    assert hub.tell("smsc", said["smsc"].result())["vlr"].sm_rp_mr == 3
    assert hub.tell("vlr-2", ready)["vlr-2"].cause == GsupCause.IMSI_UNKNOWN


def test_a_report_of_a_vlr_where_the_device_is_not_is_ignored(hub: Hub) -> None:
    hub.attach()
    said = hub.submit()
    assert hub.tell("vlr-2", said["vlr"].result()) == {}


def test_a_subscription_without_short_messages_has_none(hub: Hub) -> None:
    hub.attach()
    hub.set_profile(Profile(0))
    assert hub.send()["vlr"].sm_rp_cause == RpCause.FACILITY_NOT_SUBSCRIBED
    assert hub.submit()["smsc"].sm_rp_cause == RpCause.FACILITY_NOT_SUBSCRIBED


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("vlr", GsupType.MT_FORWARD_SM_REQUEST),
        ("vlr", GsupType.CHECK_IMEI_REQUEST),
        ("smsc", GsupType.SEND_AUTH_INFO_REQUEST),
        ("smsc", GsupType.UPDATE_LOCATION_REQUEST),
    ],
)
def test_what_a_peer_may_not_ask_is_refused(hub: Hub, source: str, kind: GsupType) -> None:
    answer = hub.ask(source, kind, imsi=hub.imsi)
    assert answer.message_type is kind.error
    assert answer.cause == GsupCause.MESSAGE_NOT_COMPATIBLE


def test_answers_that_nobody_asked_for_are_ignored(hub: Hub) -> None:
    assert hub.tell("vlr", Gsup(GsupType.DELETE_DATA_RESULT, imsi=hub.imsi)) == {}
    assert hub.tell("vlr", Gsup(GsupType.LOCATION_CANCEL_RESULT)) == {}
    assert hub.tell("smsc", Gsup(GsupType.MT_FORWARD_SM_RESULT, imsi=hub.imsi)) == {}
