"""Everything that passed between the parties of a simulation, as it happened.

Kept raw and read only when somebody asks, so that a run whose evidence nobody wants pays little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from impl.codec.apdu import CommandApdu, Ins
from impl.codec.envelope import SMS_PP_DOWNLOAD
from impl.codec.operator import decode_operator
from impl.codec.secured_packet import COMMAND_IDENTIFIER
from impl.codec.short_message import Deliver, decode_downlink
from impl.codec.smpp import DeliverSm, EsmClass, Pdu, SubmitSm, decode_smpp
from impl.codec.toolkit import SmsPpDownload, decode_envelope
from impl.codec.user_data import UserData
from impl.errors import MalformedError
from impl.events import Interface
from impl.messages import IdentityNotice
from impl.runtime.card_evidence import dissect_apdu
from impl.runtime.card_slot import Listener
from impl.runtime.deployment import serves_devices
from impl.runtime.evidence import Dissection, dissect
from impl.runtime.simulation import Frame, Runtime
from impl.values import Secret


@dataclass(frozen=True, slots=True)
class Entry:
    """One message or one exchange with a card."""

    time_s: float
    sender: str
    receiver: str
    octets: bytes
    """As an eavesdropper would have them; of an exchange with a card the command."""
    message: bytes
    """As the sender wrote it; of an exchange with a card the response."""
    interface: Interface | None
    """None between device and card."""
    delivered: bool = True


class Shown(NamedTuple):
    """An entry as evidence."""

    time_s: float
    sender: str
    receiver: str
    delivered: bool
    dissection: Dissection


class Journal:
    """Listens to a simulation from its beginning."""

    def __init__(self, simulation: Runtime) -> None:
        self.entries: list[Entry] = []
        self._simulation = simulation
        self._secrets: list[Secret] = []
        self._shown: list[Shown] = []
        self._read = 0  # entries that are shown already
        self._exchange_count = 0
        self._marked = 0
        simulation.taps.append(self._tap)

    def listen_to_card(self, device: str, card: str) -> Listener:
        """Return what hears the exchanges between a device and its card."""

        def listen(command: bytes, response: bytes) -> None:
            now_s = self._simulation.now_s
            self.entries.append(Entry(now_s, device, card, command, response, None))
            self._exchange_count += 1

        return listen

    def keep_secret(self, *secrets: Secret) -> None:
        """Note octets that must not pass in clear anywhere."""
        self._secrets += secrets

    def overheard(self) -> Iterator[Entry]:
        """Yield every entry in which a secret stands, as octets or as hexadecimal digits."""
        forms = self._forms()
        for entry in self.entries:
            wire = entry.octets if entry.interface else entry.octets + entry.message
            if any(form in wire or form.upper() in wire for form in forms):
                yield entry

    def holds_secret(self, texts: Iterable[bytes]) -> bool:
        """Whether a secret stands in one of `texts`, as octets or as hexadecimal digits."""
        forms = self._forms()
        return any(form in text or form.upper() in text for text in texts for form in forms)

    @property
    def message_count(self) -> int:
        """How many messages passed so far; an exchange with a card is two."""
        return len(self.entries) + self._exchange_count

    def shown(self) -> Sequence[Shown]:
        """Return everything as evidence, in order; an exchange with a card is two messages."""
        unread, self._read = self.entries[self._read :], len(self.entries)
        for entry in unread:
            self._shown += _as_shown(entry)
        return self._shown

    def downloads(self, device: str) -> list[float | None]:
        """Return when each short message that a device handed to its card was submitted last.

        In seconds of the simulation; None for what came from nobody known, or not as it was sent.
        """
        submitted: dict[bytes, float] = {}
        found: list[float | None] = []
        for entry in self.entries:
            if entry.interface is Interface.SMPP:
                pdu = _read(entry)
                if isinstance(pdu, SubmitSm):
                    submitted[pdu.user_data] = entry.time_s
            elif entry.interface is None and entry.sender == device:
                content = _downloaded(entry.octets)
                if content is not None:
                    found.append(submitted.get(content))
        return found

    def packets_sent(self) -> int:
        """Return how many secured packets left the server for cards, resent ones included."""
        return sum(
            entry.interface is Interface.SMPP and _begins_packet(entry) for entry in self.entries
        )

    def mark(self) -> None:
        """Remember how far it got, as where the last request begins."""
        self._marked = len(self.entries)

    def carried_request(self, centre: str) -> bool:
        """Whether a short message centre brought the server a packet since the last mark."""
        return any(
            entry.interface is Interface.SMPP
            and entry.sender == centre
            and _is_message(_read(entry))
            for entry in self.entries[self._marked :]
        )

    def _tap(self, frame: Frame, *, delivered: bool) -> None:
        self.entries.append(
            Entry(
                frame.time_s,
                frame.sender,
                frame.receiver,
                frame.octets,
                frame.message,
                frame.target.interface,
                delivered,
            )
        )

    def _forms(self) -> set[bytes]:
        secrets = {secret.reveal() for secret in (*self._secrets, *self._provided_keys())} - {b""}
        return {form for octets in secrets for form in (octets, octets.hex().encode())}

    def _provided_keys(self) -> Iterator[Secret]:
        """Yield the keys that home registers provided, as the messages inside the sessions say."""
        for entry in self.entries:
            if entry.interface is not Interface.OPERATOR:
                continue
            try:
                message = decode_operator(entry.message)
            except MalformedError:
                continue
            if isinstance(message, IdentityNotice):
                yield message.k
                yield message.opc


def _downloaded(command: bytes) -> bytes | None:
    """Return the user data of the short message that a command brings a card, None if none."""
    if command[1] != Ins.ENVELOPE or command[5] != SMS_PP_DOWNLOAD:
        return None
    envelope = decode_envelope(CommandApdu.decode(command).data)
    assert isinstance(envelope, SmsPpDownload)
    try:
        tpdu = decode_downlink(envelope.tpdu)
    except MalformedError:
        return b""
    return tpdu.content.encode() if isinstance(tpdu, Deliver) else b""


def _begins_packet(entry: Entry) -> bool:
    """Whether a message is the only or first short message of a packet for a card."""
    pdu = _read(entry)
    if not isinstance(pdu, SubmitSm):
        return False
    has_header = bool(pdu.esm_class & EsmClass.UDHI)
    try:
        header = UserData.decode(pdu.user_data, has_header=has_header).header
    except MalformedError:
        return False
    return COMMAND_IDENTIFIER in {element.identifier for element in header}


def _is_message(pdu: Pdu | None) -> bool:
    """Whether it brings a message, and does not tell what became of one."""
    return isinstance(pdu, DeliverSm) and not pdu.esm_class & EsmClass.MESSAGE_TYPE


def _read(entry: Entry) -> Pdu | None:
    """Return the PDU of an entry of SMPP, None if it is none."""
    try:
        return decode_smpp(entry.message)
    except MalformedError:
        return None


def _as_shown(entry: Entry) -> Iterator[Shown]:
    sender, receiver = entry.sender, entry.receiver
    if entry.interface is None:
        asked, answered = dissect_apdu(entry.octets, entry.message)
        yield Shown(entry.time_s, sender, receiver, delivered=True, dissection=asked)
        yield Shown(entry.time_s, receiver, sender, delivered=True, dissection=answered)
    else:
        from_network = serves_devices(sender)
        dissection = dissect(entry.interface, entry.message, from_network=from_network)
        yield Shown(entry.time_s, sender, receiver, entry.delivered, dissection)
