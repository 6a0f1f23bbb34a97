"""The communication device: between its card, its user and the networks in reach [034] to [048].

Short messages for the card go into it as ENVELOPE, what the card wants sent goes out as RP-DATA;
menu, questions and resets are the toolkit engine's, service is the registration's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from impl.codec.alpha import decode_ucs2
from impl.codec.relay import RpAck, RpData, RpError, decode_rp
from impl.codec.short_message import Deliver, DeliverReport, decode_downlink
from impl.codec.toolkit import (
    AccessTechnology,
    GeneralResult,
    LocationStatus,
    LocationStatusEvent,
    MenuSelection,
    NetworkRejectionEvent,
    Refresh,
    SendShortMessage,
    SmsPpDownload,
    ToolkitEvent,
    UpdateType,
)
from impl.codec.user_data import DCS_UCS2, is_for_card
from impl.device.card_session import CardRefusedError, CardSession
from impl.device.dpa import DevicePersonalizationApplication
from impl.device.registration import Accepted, Lost, News, Radio, Registration, Rejected, Service
from impl.device.toolkit_engine import Demand, ToolkitEngine
from impl.device.usim_session import UsimSession
from impl.errors import CardMuteError, MalformedError
from impl.events import Arrived, Command, Event, Expired, Interface, Peer, Send, SetTimer, StopTimer
from impl.ports import CardReader
from impl.values import PLMN, Generation

REPORT_TIMER, REPORT_S = "TR1M", 40.0  # TS 24.011 clause 10: 35 to 45 s
START_ATTEMPTS = 3  # TS 102 221 clause 6.2.0: a card is reset so often before it is rejected
PID_USIM_DATA_DOWNLOAD = 0x7F  # TS 23.040 clause 9.2.3.9
THE_CELL = b"\x00\x01"  # every location area here has one
THE_EUTRAN_CELL = b"\x00\x00\x00\x1f"  # 28 bits, then ones (TS 31.111 clause 8.19)
REJECTIONS: Mapping[Generation, tuple[AccessTechnology, UpdateType]] = {
    Generation.GSM: (AccessTechnology.GSM, UpdateType.IMSI_ATTACH),
    Generation.UMTS: (AccessTechnology.UTRAN, UpdateType.IMSI_ATTACH),
    Generation.LTE: (AccessTechnology.EUTRAN, UpdateType.COMBINED_EPS_IMSI_ATTACH),
    Generation.CDMA: (AccessTechnology.EHRPD, UpdateType.EPS_ATTACH),
}
"""Through which access a network rejected the attach, and what attach that was."""


@dataclass(frozen=True, slots=True)
class TerminalConfig:
    """What distinguishes one device from another."""

    reach: tuple[PLMN, ...]
    """Networks whose radio it can hear."""
    radios: Mapping[PLMN, Radio] = field(default_factory=dict)
    """What they broadcast; a `Radio()` where nothing is said."""


class Terminal:
    """A device with one card slot."""

    def __init__(
        self, config: TerminalConfig, reader: CardReader, dpa: DevicePersonalizationApplication
    ) -> None:
        self.dpa = dpa
        self._config = config
        self._reader = reader
        self._registration = Registration(config.reach, config.radios)
        self._session = CardSession(reader)
        self._engine = ToolkitEngine(self._session, dpa)
        self._only: PLMN | None = None
        self._reference = 0
        self._last_message = 0

    @property
    def is_on(self) -> bool:
        """Whether the device works with a card: it has service or looks for it."""
        return self._registration.service is not Service.OFF

    @property
    def config(self) -> TerminalConfig:
        """What it is, and which networks it can hear now."""
        return replace(self._config, reach=self._registration.reach)

    @property
    def serving_network(self) -> PLMN | None:
        """The network that gives service now, None without service."""
        normal = self._registration.service is Service.NORMAL
        return self._registration.plmn if normal else None

    @property
    def session(self) -> CardSession:
        """The session with the card; another one after each reset."""
        return self._session

    @property
    def attempts(self) -> int:
        """How often the network that is tried has been asked."""
        return self._registration.attempts

    def switch_on(self) -> list[Command]:
        """Power the card, show its menu and look for service; without a usable card, stay off."""
        for _ in range(START_ATTEMPTS):
            try:
                return self._start()
            except CardMuteError:
                continue
            except (CardRefusedError, MalformedError):
                break
        return self.switch_off()

    def switch_off(self) -> list[Command]:
        """Leave the network and take the power from the card; its menu goes with it."""
        commands = [*self._registration.stop(), StopTimer(REPORT_TIMER)]
        self._session.stop()
        self.dpa.show_menu("", {})
        return commands

    def select_network(self, plmn: PLMN | None) -> list[Command]:
        """Let the user select a network by hand, or None to let the device look by itself again.

        With service, the latter changes nothing. A device that is off heeds it once it is on.
        """
        self._only = plmn
        if not self.is_on or (plmn is None and self.serving_network):
            return []
        return self._with_card(lambda: self._register(plmn))

    def move(self, reach: tuple[PLMN, ...]) -> list[Command]:
        """Come to where only these networks are heard, and look for service there."""
        self._registration.reach = reach
        return self._registration.start(UsimSession(self._session), self._only)

    def choose(self, text: str) -> list[Command]:
        """Let the user choose the item of the card's menu that reads `text` [063].

        Raises:
            NotOnMenuError: there is no such item. Nothing happened.
        """
        item = self.dpa.choose(text)
        return self._with_card(lambda: self._tell(MenuSelection(item)))

    def handle(self, event: Event) -> list[Command]:
        """Serve network, card and timers; a device that is off hears nothing."""
        return self._with_card(lambda: self._handle(event)) if self.is_on else []

    def _with_card(self, act: Callable[[], list[Command]]) -> list[Command]:
        """Do something; a card that goes mute is powered anew, one that makes no sense rejected."""
        try:
            return act()
        except CardMuteError:
            return [*self._registration.stop(), *self.switch_on()]
        except (CardRefusedError, MalformedError):
            return self.switch_off()

    def _start(self) -> list[Command]:
        self._session = CardSession(self._reader)
        self._engine = ToolkitEngine(self._session, self.dpa)
        self._session.start()
        return [*self._serve_card(), *self._register(self._only)]

    def _register(self, only: PLMN | None) -> list[Command]:
        return self._registration.start(UsimSession(self._session), only)

    def _handle(self, event: Event) -> list[Command]:
        match event:
            case Arrived(Peer(Interface.SM, _) as source, octets):
                return self._take_relay(source, octets)
            case Arrived(Peer(interface, name), octets):
                taken = self._registration.take(interface, name, octets)
                return self._and_news(taken)
            case Expired(timer) if timer == REPORT_TIMER:
                return self._sent(GeneralResult.NETWORK_UNABLE)
            case Expired(timer):
                return self._and_news(self._registration.expire(timer))
        return []

    def _take_relay(self, source: Peer, octets: bytes) -> list[Command]:
        try:
            message = decode_rp(octets, from_network=True)
        except MalformedError:
            return []
        match message:
            case RpData():
                return self._deliver(source, message)
            case RpAck(reference=reference) if reference == self._reference:
                return self._sent(GeneralResult.OK)
            case RpError(reference=reference) if reference == self._reference:
                return self._sent(GeneralResult.SMS_RP_ERROR, bytes([message.cause]))
        return []

    def _deliver(self, source: Peer, message: RpData) -> list[Command]:
        """Hand a short message for the card to it, and its answer to the network.

        TS 23.040 clause 9.2.3.9, TS 31.111 clause 7.1.1.2: 9000 and 91xx are RP-ACK, busy and data
        errors RP-ERROR.
        """
        try:
            deliver = decode_downlink(message.user_data)
        except MalformedError:
            return [Send(source, RpError(message.reference, cause=111).encode(from_network=False))]
        if not _is_download(deliver) or message.originator is None:
            self._show(deliver)
            return [Send(source, RpAck(message.reference).encode(from_network=False))]
        answer = self._engine.envelope(SmsPpDownload(message.originator, message.user_data))
        if answer.sw >> 8 in {0x90, 0x91}:
            report = DeliverReport.acknowledging(answer.data).encode() if answer.data else None
            reply = RpAck(message.reference, report).encode(from_network=False)
        else:
            busy = answer.sw == 0x9300
            report = DeliverReport.failing(0xD4 if busy else 0xD5, answer.data).encode()
            reply = RpError(message.reference, cause=111, user_data=report).encode(
                from_network=False
            )
        return [Send(source, reply), *self._serve_card()]

    def _show(self, message: object) -> None:
        """Show the user a short message whose text this device can read: one of UCS2, and whole."""
        if isinstance(message, Deliver) and message.dcs == DCS_UCS2 and not message.header:
            with suppress(MalformedError):
                self.dpa.receive(decode_ucs2(message.user_data))

    def _tell(
        self, envelope: MenuSelection | LocationStatusEvent | NetworkRejectionEvent
    ) -> list[Command]:
        self._engine.envelope(envelope)
        return self._serve_card()

    def _and_news(self, commands: list[Command]) -> list[Command]:
        """Tell the card the news, and return `commands` with what follows from that.

        A card that is reset upon it may have another identity: what was to be done with the one
        before is not done any more, lest it be answered in the place of the new one's attach.
        """
        life = self._session
        told = self._tell_news()
        return [*commands, *told] if self._session is life else told

    def _tell_news(self) -> list[Command]:
        """Tell the card of service gained or lost, if it wants to hear; a reset ends it."""
        commands: list[Command] = []
        while self._registration.news:
            event, envelope = _as_envelope(self._registration.news.pop(0))
            if event in self._engine.events:
                commands += self._tell(envelope)
        return commands

    def _serve_card(self) -> list[Command]:
        return self._satisfy(self._engine.run())

    def _satisfy(self, demand: Demand | None) -> list[Command]:
        match demand:
            case SendShortMessage():
                return self._submit(demand)
            case Refresh():
                self._registration.news.clear()
                commands = [*self._registration.stop(), StopTimer(REPORT_TIMER)]
                self._session.stop()
                return [*commands, *self.switch_on()]
        return []

    def _submit(self, message: SendShortMessage) -> list[Command]:
        network = self.serving_network
        if network is None:
            return self._sent(GeneralResult.NETWORK_UNABLE)
        self._reference = (self._reference + 1) % 256
        self._last_message = (self._last_message + 1) % 256
        tpdu = message.tpdu[:1] + bytes([self._last_message]) + message.tpdu[2:]
        centre = message.address or UsimSession(self._session).service_centre()
        if centre is None:
            return self._sent(GeneralResult.NETWORK_UNABLE)
        data = RpData(self._reference, None, centre, tpdu)
        target = Peer(Interface.SM, network)
        return [Send(target, data.encode(from_network=False)), SetTimer(REPORT_TIMER, REPORT_S)]

    def _sent(self, result: GeneralResult, additional: bytes = b"") -> list[Command]:
        if not self._engine.is_waiting:
            return []
        self._engine.sent(result, additional)
        return [StopTimer(REPORT_TIMER), *self._serve_card()]


def _is_download(message: object) -> bool:
    """Whether a short message is data for the card (TS 31.111 clause 7.1.1.1)."""
    if not isinstance(message, Deliver):
        return False
    return message.pid == PID_USIM_DATA_DOWNLOAD and is_for_card(message.dcs)


def _as_envelope(
    news: News,
) -> tuple[ToolkitEvent, LocationStatusEvent | NetworkRejectionEvent]:
    match news:
        case Accepted(location, generation):
            cell = THE_EUTRAN_CELL if generation is Generation.LTE else THE_CELL
            envelope = LocationStatusEvent(LocationStatus.NORMAL, location.octets + cell)
            return ToolkitEvent.LOCATION_STATUS, envelope
        case Rejected(location, cause, generation):
            return ToolkitEvent.NETWORK_REJECTION, _rejection(location.octets, cause, generation)
        case Lost(heard):
            status = LocationStatus.LIMITED if heard else LocationStatus.NO_SERVICE
            return ToolkitEvent.LOCATION_STATUS, LocationStatusEvent(status)


def _rejection(area: bytes, cause: int, generation: Generation) -> NetworkRejectionEvent:
    technology, attach = REJECTIONS[generation]
    is_tracking_area = generation is Generation.LTE
    return NetworkRejectionEvent(
        None if is_tracking_area else area,
        tracking_area=area if is_tracking_area else None,
        access_technology=technology,
        update_type=attach,
        cause=cause,
    )
