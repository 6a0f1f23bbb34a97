"""What devices send: handed to the server whose number it names, or kept for another device.

What is for a server is acknowledged when that took it, so that nothing has to be kept for it; what
is for a device is acknowledged when it is kept (TS 23.040 clause 3.2.2, Rel-17).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from impl.codec.gsup import Gsup
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.receipt import MessageState
from impl.codec.relay import RpCause
from impl.codec.short_message import Submit, SubmitReport, decode_uplink
from impl.codec.smpp import CommandStatus, DeliverSmResp, GenericNack
from impl.codec.timestamp import encode_timestamp
from impl.errors import MalformedError, RefusedError
from impl.events import Command, Peer, Send, SetTimer, StopTimer
from impl.network import message_queue
from impl.network.delivery import HUB, Delivery
from impl.network.esme_sessions import DELIVER_S, TRY_AGAIN, EsmeSessions
from impl.network.message_queue import QueuedMessage
from impl.network.reversible import Reversible
from impl.network.smpp_bridge import as_deliver_sm
from impl.network.submission import DUPLICATE, DeviceRefusedError, as_kept, of_device
from impl.ports import Surroundings
from impl.values import MSISDN

TIMER = "deliver"


class _UndeliverableError(RefusedError):
    """What a device sent is not taken, for this cause."""

    def __init__(self, cause: RpCause) -> None:
        super().__init__(cause.name)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class _Uplink:
    """What a device sent to a server, and waits to hear of."""

    link: Peer
    request: Gsup
    message: QueuedMessage
    """As it would be kept, if it had to be."""


class Origination:
    """Messages of devices; those to servers until they are answered. A restart ends them all."""

    def __init__(
        self,
        sessions: EsmeSessions,
        delivery: Delivery,
        validity_s: float,
        surroundings: Surroundings,
    ) -> None:
        self._sessions = sessions
        self._delivery = delivery
        self._validity_s = validity_s
        self._surroundings = surroundings
        self._uplinks = Reversible[str, _Uplink]()

    @property
    def memory(self) -> Reversible[str, _Uplink]:
        """What servers have not answered, for the transaction to keep or to undo."""
        return self._uplinks

    def take(self, connection: Connection, request: Gsup) -> list[Command]:
        """Take what a device sent, or tell it why not.

        Which service centre the device named is not looked at: the hub leads to this one only.
        """
        try:
            return self._take(connection, request)
        except _UndeliverableError as error:
            return [_refuse(request, error.cause)]
        except DeviceRefusedError as error:
            return [self._fail(request, error.failure_cause)]
        except MalformedError:
            return [_refuse(request, RpCause.INVALID_MANDATORY_INFORMATION)]

    def answered(
        self, connection: Connection, source: Peer, pdu: DeliverSmResp | GenericNack
    ) -> list[Command]:
        """Tell a device what the server said to its message."""
        name = _timer(source, pdu.sequence_number)
        uplink = self._uplinks.pop(name, None)
        if uplink is None:
            return []
        if isinstance(pdu, DeliverSmResp) and pdu.command_status == CommandStatus.ROK:
            told = self._delivery.conclude(connection, uplink.message, MessageState.DELIVERED)
            return [StopTimer(name), self._succeed(uplink.request), *told]
        again = pdu.command_status in TRY_AGAIN
        cause = RpCause.TEMPORARY_FAILURE if again else RpCause.TRANSFER_REJECTED
        return [StopTimer(name), _refuse(uplink.request, cause)]

    def expire(self, timer: str) -> list[Command]:
        """Tell a device that the server is silent."""
        uplink = self._uplinks.pop(timer, None)
        return [_refuse(uplink.request, RpCause.TEMPORARY_FAILURE)] if uplink else []

    def end(self, source: Peer) -> list[Command]:
        """End what waits for the server of a link; its devices may try again."""
        names = [name for name, uplink in self._uplinks.items() if uplink.link == source]
        return [command for name in names for command in (StopTimer(name), *self.expire(name))]

    def _take(self, connection: Connection, request: Gsup) -> list[Command]:
        originator = _originator(request)
        submit = decode_uplink(request.sm_rp_ui or b"")
        if not isinstance(submit, Submit):
            raise _UndeliverableError(RpCause.SEMANTICALLY_INCORRECT)
        if self._sessions.serves(submit.destination.digits):
            return self._hand_over(request, submit, originator)
        return self._keep(connection, request, submit, originator)

    def _hand_over(self, request: Gsup, submit: Submit, originator: MSISDN) -> list[Command]:
        """Give a server what is for it, if it is bound."""
        message = of_device(submit, originator, self._surroundings.now())
        link = self._sessions.link_of(message.destination)
        if link is None:
            raise _UndeliverableError(RpCause.TEMPORARY_FAILURE)
        sequence = self._sessions.next_sequence(link)
        name = _timer(link, sequence)
        self._uplinks[name] = _Uplink(link, request, message)
        pdu = as_deliver_sm(sequence, originator, submit)
        return [Send(link, pdu.encode()), SetTimer(name, DELIVER_S)]

    def _keep(
        self, connection: Connection, request: Gsup, submit: Submit, originator: MSISDN
    ) -> list[Command]:
        """Keep what is for another device, say so, and try to deliver it."""
        message = as_kept(submit, originator, self._surroundings.now(), self._validity_s)
        if submit.reject_duplicates and message_queue.has_twin(connection, message):
            raise DeviceRefusedError(DUPLICATE)
        message_queue.put(connection, message)
        attempt = self._delivery.attempt(connection, message.destination)
        return [self._succeed(request), *attempt]

    def _succeed(self, request: Gsup) -> Send:
        return Send(HUB, request.result(sm_rp_ui=self._report(None)).encode())

    def _fail(self, request: Gsup, failure_cause: int) -> Send:
        error = request.error(
            sm_rp_cause=RpCause.TRANSFER_REJECTED, sm_rp_ui=self._report(failure_cause)
        )
        return Send(HUB, error.encode())

    def _report(self, failure_cause: int | None) -> bytes:
        timestamp = encode_timestamp(self._surroundings.now())
        return SubmitReport(timestamp=timestamp, failure_cause=failure_cause).encode()


def _originator(request: Gsup) -> MSISDN:
    """Return the number that the home register wrote in."""
    match request.sm_rp_oa:
        case RpAddress(RpAddressKind.MSISDN, MSISDN() as originator):
            return originator
    raise _UndeliverableError(RpCause.UNIDENTIFIED_SUBSCRIBER)


def _refuse(request: Gsup, cause: RpCause) -> Send:
    return Send(HUB, request.error(sm_rp_cause=cause).encode())


def _timer(link: Peer, sequence: int) -> str:
    return f"{TIMER}/{link.name}/{sequence}"
