"""What VLR and SMSC ask the home register over GSUP, and how short messages find their way.

The register is the hub, as in Osmocom: MO-ForwardSM goes from the VLR to the SMSC, MT-ForwardSM
from the SMSC to the VLR where the device is. It takes nobody's word for more than it has on record:
the number of a sender is its subscriber's, and a VLR speaks only for devices registered with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from impl.codec.gsup import (
    MOST_TUPLES,
    AlertReason,
    CancelType,
    Gsup,
    GsupCause,
    GsupType,
)
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.relay import RpCause
from impl.errors import SecurityContextError, UnencodableError
from impl.events import Command, Interface, Peer, Send
from impl.network.auc import AuthenticationCentre, Resynchronization
from impl.network.identity_pool import IdentityPool, Subscriber
from impl.network.records import OUTBOX, Profile, SubscriberState
from impl.network.reversible import Reversible
from impl.network.subscriptions import Subscriptions, cancellation
from impl.values import IMSI, MSISDN

SHORT_MESSAGE_CENTRE = "smsc"
"""The name of the link to the SMSC; links of other names lead to VLRs."""

UNREACHABLE = {RpCause.DESTINATION_OUT_OF_ORDER, RpCause.MEMORY_EXCEEDED}
"""Causes after which a device is expected to come back, and the SMSC is then told."""

Handler = Callable[[Connection, str, Gsup], list[Command]]


class GsupHub:
    """Answers requests over GSUP and routes short messages."""

    def __init__(
        self, pool: IdentityPool, auc: AuthenticationCentre, subscriptions: Subscriptions
    ) -> None:
        self._pool = pool
        self._auc = auc
        self._subscriptions = subscriptions
        self._updating = Reversible[IMSI, tuple[str, Gsup]]()
        self._of_vlr: dict[GsupType, Handler] = {
            GsupType.SEND_AUTH_INFO_REQUEST: self._send_auth_info,
            GsupType.UPDATE_LOCATION_REQUEST: self._update_location,
            GsupType.INSERT_DATA_RESULT: self._end_update,
            GsupType.INSERT_DATA_ERROR: self._end_update,
            GsupType.LOCATION_CANCEL_RESULT: self._cancelled,
            GsupType.LOCATION_CANCEL_ERROR: self._cancelled,
            GsupType.PURGE_MS_REQUEST: self._purge,
            GsupType.MO_FORWARD_SM_REQUEST: self._forward_mo,
            GsupType.MT_FORWARD_SM_RESULT: self._report_mt,
            GsupType.MT_FORWARD_SM_ERROR: self._report_mt,
            GsupType.READY_FOR_SM_REQUEST: self._ready,
        }
        self._of_centre: dict[GsupType, Handler] = {
            GsupType.MT_FORWARD_SM_REQUEST: self._forward_mt,
            GsupType.MO_FORWARD_SM_RESULT: self._to_vlr,
            GsupType.MO_FORWARD_SM_ERROR: self._to_vlr,
            GsupType.READY_FOR_SM_RESULT: self._to_vlr,
            GsupType.READY_FOR_SM_ERROR: self._to_vlr,
        }

    @property
    def memory(self) -> Reversible[IMSI, tuple[str, Gsup]]:
        """Which updates of a location are under way, for the transaction to keep or to undo."""
        return self._updating

    def take(self, connection: Connection, source: str, message: Gsup) -> list[Command]:
        """Do what a message asks; what its sender may not ask is answered with a cause."""
        handlers = self._of_centre if source == SHORT_MESSAGE_CENTRE else self._of_vlr
        handler = handlers.get(message.message_type)
        if handler is not None:
            return handler(connection, source, message)
        if message.message_type.is_request:
            return [_send(source, message.error(cause=GsupCause.MESSAGE_NOT_COMPATIBLE))]
        return []

    def find(self, connection: Connection, message: Gsup) -> Subscriber | None:
        """Find who is meant; a free identity is nobody's."""
        found = self._pool.of_imsi(connection, message.imsi) if message.imsi else None
        return found if found and found.state is not SubscriberState.FREE else None

    def arrive(self, connection: Connection, found: Subscriber, vlr: str) -> list[Command]:
        """Keep where a device is; with a reserved identity, this is the commit point (S5)."""
        commands: list[Command] = []
        if found.state is SubscriberState.RESERVED:
            commands += self._subscriptions.confirm(connection, found.imsi)
        if found.vlr not in {None, vlr}:
            assert found.vlr is not None
            commands += self._subscriptions.cancel_location(
                connection, found.imsi, found.vlr, CancelType.UPDATE
            )
        commands += OUTBOX.drop(connection, cancellation(found.imsi, vlr))
        self._pool.locate(connection, found.imsi, vlr)
        return commands

    def alert(self, connection: Connection, found: Subscriber) -> list[Command]:
        """Tell the SMSC that a device is back for which a short message waits."""
        if not found.waiting:
            return []
        self._pool.set_waiting(connection, found.imsi, waiting=False)
        alert = Gsup(
            GsupType.READY_FOR_SM_REQUEST,
            imsi=found.imsi,
            msisdn=found.msisdn,
            sm_alert_reason=AlertReason.MS_PRESENT,
        )
        return [_send(SHORT_MESSAGE_CENTRE, alert)]

    def _send_auth_info(self, connection: Connection, source: str, request: Gsup) -> list[Command]:
        found = self.find(connection, request)
        if found is None:
            return [_send(source, request.error(cause=GsupCause.IMSI_UNKNOWN))]
        if (request.auts is None) != (request.rand is None):
            return [_send(source, request.error(cause=GsupCause.INVALID_MANDATORY_INFORMATION))]
        asked = None
        if request.auts is not None and request.rand is not None:
            asked = Resynchronization(request.rand, request.auts)
        count = min(request.num_vectors or 1, MOST_TUPLES)
        try:
            tuples, sqn = self._auc.vectors(found, count, request.current_rat_type, asked)
        except (SecurityContextError, UnencodableError):
            return [_send(source, request.error(cause=GsupCause.NETWORK_FAILURE))]
        self._pool.advance(connection, found.imsi, sqn)
        return [_send(source, request.result(auth_tuples=tuples))]

    def _update_location(self, connection: Connection, source: str, request: Gsup) -> list[Command]:
        found = self.find(connection, request)
        if found is None:
            return [_send(source, request.error(cause=GsupCause.IMSI_UNKNOWN))]
        commands = self.arrive(connection, found, source)
        self._updating[found.imsi] = source, request
        profile = Gsup(GsupType.INSERT_DATA_REQUEST, imsi=found.imsi, msisdn=found.msisdn)
        return [*commands, _send(source, profile)]

    def _end_update(self, connection: Connection, source: str, answer: Gsup) -> list[Command]:
        found = self._registered(connection, source, answer)
        updating = self._updating.get(answer.imsi) if answer.imsi else None
        if updating is None or updating[0] != source or answer.imsi is None:
            return []
        del self._updating[answer.imsi]
        request = updating[1]
        if found is None:  # it left this network in between
            return [_send(source, request.error(cause=GsupCause.IMSI_UNKNOWN))]
        if answer.message_type is GsupType.INSERT_DATA_ERROR:
            return [_send(source, request.error(cause=GsupCause.NETWORK_FAILURE))]
        return [_send(source, request.result()), *self.alert(connection, found)]

    def _cancelled(self, connection: Connection, source: str, answer: Gsup) -> list[Command]:
        return OUTBOX.drop(connection, cancellation(answer.imsi, source)) if answer.imsi else []

    def _purge(self, connection: Connection, source: str, request: Gsup) -> list[Command]:
        found = self._registered(connection, source, request)
        if found is None:
            return [_send(source, request.error(cause=GsupCause.IMSI_UNKNOWN))]
        self._pool.locate(connection, found.imsi, None)
        return [_send(source, request.result(freeze_ptmsi=True))]

    def _forward_mo(self, connection: Connection, source: str, request: Gsup) -> list[Command]:
        found = self._registered(connection, source, request)
        if found is None:
            return [_send(source, request.error(sm_rp_cause=RpCause.UNIDENTIFIED_SUBSCRIBER))]
        if not found.profile & Profile.MO_SHORT_MESSAGES:
            return [_send(source, request.error(sm_rp_cause=RpCause.FACILITY_NOT_SUBSCRIBED))]
        sender = RpAddress(RpAddressKind.MSISDN, found.msisdn)
        forwarded = replace(request, sm_rp_oa=sender, source_name=source)
        return [_send(SHORT_MESSAGE_CENTRE, forwarded)]

    def _to_vlr(self, connection: Connection, source: str, answer: Gsup) -> list[Command]:
        """Hand the answer of the SMSC to the VLR that asked, if the device is still there."""
        del source
        vlr = answer.destination_name
        if vlr is None or self._registered(connection, vlr, answer) is None:
            return []
        return [_send(vlr, answer)]

    def _forward_mt(self, connection: Connection, source: str, request: Gsup) -> list[Command]:
        match request.sm_rp_da:
            case RpAddress(RpAddressKind.MSISDN, MSISDN() as number):
                found = self._pool.of_number(connection, number)
            case _:
                cause = RpCause.INVALID_MANDATORY_INFORMATION
                return [_send(source, request.error(sm_rp_cause=cause))]
        if found is None:
            cause = RpCause.UNKNOWN_SUBSCRIBER
        elif not found.profile & Profile.MT_SHORT_MESSAGES:
            cause = RpCause.FACILITY_NOT_SUBSCRIBED
        elif found.vlr is None:
            cause = RpCause.DESTINATION_OUT_OF_ORDER
            self._pool.set_waiting(connection, found.imsi, waiting=True)
        else:
            receiver = RpAddress(RpAddressKind.IMSI, found.imsi)
            forwarded = replace(request, imsi=found.imsi, sm_rp_da=receiver, source_name=source)
            return [_send(found.vlr, forwarded)]
        return [_send(source, request.error(sm_rp_cause=cause, msisdn=number))]

    def _report_mt(self, connection: Connection, source: str, answer: Gsup) -> list[Command]:
        """Hand the report on a short message to the SMSC, with the number that it knows."""
        found = self._registered(connection, source, answer)
        if found is None:
            return []
        if answer.sm_rp_cause in UNREACHABLE:
            self._pool.set_waiting(connection, found.imsi, waiting=True)
        return [_send(SHORT_MESSAGE_CENTRE, replace(answer, msisdn=found.msisdn))]

    def _ready(self, connection: Connection, source: str, request: Gsup) -> list[Command]:
        found = self._registered(connection, source, request)
        if found is None:
            return [_send(source, request.error(cause=GsupCause.IMSI_UNKNOWN))]
        self._pool.set_waiting(connection, found.imsi, waiting=False)
        forwarded = replace(request, msisdn=found.msisdn, source_name=source)
        return [_send(SHORT_MESSAGE_CENTRE, forwarded)]

    def _registered(self, connection: Connection, vlr: str, message: Gsup) -> Subscriber | None:
        """Find who is meant, if that VLR is where the device is."""
        found = self.find(connection, message)
        return found if found and found.vlr == vlr else None


def _send(target: str, message: Gsup) -> Send:
    return Send(Peer(Interface.GSUP, target), message.encode())
