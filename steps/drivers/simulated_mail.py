"""Messages of a world that stands: what is kept, and what an outsider makes of it.

Between short message centre and server stands a relay: it answers for the one who is to get a
message, keeps it, and passes it on when told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from impl.codec.mobility import MmType, message_type
from impl.codec.operator import decode_operator, encode_operator
from impl.codec.personalization import decode_request, encode_request
from impl.codec.secured_packet import RESPONSE_IDENTIFIER, open_command, seal_command
from impl.codec.smpp import (
    DeliverSm,
    DeliverSmResp,
    EsmClass,
    SubmitSm,
    SubmitSmResp,
    decode_smpp,
)
from impl.codec.tlv import Tlv, decode_tlvs, encode_tlvs
from impl.codec.user_data import UserData
from impl.events import Interface, Peer, Send
from impl.messages import (
    AskAcknowledgement,
    ConfirmChange,
    IdentityNotice,
    InformLeft,
    Noted,
    OperatorMessage,
    ReleaseIdentity,
    RequestChange,
    ReserveIdentity,
)
from impl.runtime.sessions import SERVER
from impl.runtime.stepping import Kept, SteppedSimulation
from impl.values import ICCID, IMSI, PLMN, OtaKeys

IDENTIFIER_TAG = 0xC6


class Letter(Enum):
    """What is kept until it is told what becomes of it."""

    REQUEST = "Req of a device"
    CENTRE = "Req of a customer centre"
    RESERVE = "that an identity be reserved"
    NOTICE = "MesN"
    ASK = "whether the user may leave"
    PARTS = "parts of a message for the card"
    REPORT = "PoR"
    CONFIRM = "that the card attached"
    RELEASE = "that the identity be freed"
    INFORM = "that the user has left"
    NOTED = "that this was noted"
    ATTACH = "location updating request"


_SAID: dict[type[OperatorMessage], Letter] = {
    ReserveIdentity: Letter.RESERVE,
    IdentityNotice: Letter.NOTICE,
    AskAcknowledgement: Letter.ASK,
    ConfirmChange: Letter.CONFIRM,
    ReleaseIdentity: Letter.RELEASE,
    InformLeft: Letter.INFORM,
    RequestChange: Letter.CENTRE,
}
_LAST_ONLY = frozenset(Letter) - {Letter.PARTS}
"""Of which one that is said again takes the place of the one before: it says the same."""


@dataclass(slots=True)
class Mail:
    """What is kept. `passing` are letters that go through at once, `lost` those that vanish."""

    simulation: SteppedSimulation
    kept: dict[Letter, list[Kept]] = field(default_factory=lambda: {one: [] for one in Letter})
    passing: set[Letter] = field(default_factory=set)
    arrived: dict[Letter, Kept] = field(default_factory=dict)
    """Of each kind the last that was passed on."""
    told: dict[int, Kept] = field(default_factory=dict)
    """Of each type of mobility message the last that was said."""
    loses_accept: bool = False
    loses_all: bool = False
    """Whether all that parties say is lost; what is passed on arrives."""
    unasked: int = 0
    """Parts for the card that left the server while all was lost."""
    left_behind: set[str] = field(default_factory=set)
    """Changes before the one under way: what an operator says of them again, goes through."""

    def gate(self, message: Kept) -> bool:
        """Keep what waits for a decision."""
        match message.target.interface:
            case Interface.OPERATOR | Interface.CENTRE:
                return self.loses_all or self._keep(self._of_operator(message), message)
            case Interface.SMPP:
                return self._keep_short_message(message)
            case Interface.MM:
                return self._keep_attach(message)
        return False

    def has(self, letter: Letter) -> bool:
        """Whether such a letter waits."""
        return bool(self.kept[letter])

    def take(self, letter: Letter) -> Kept:
        """Take out the oldest letter of its kind."""
        return self.kept[letter].pop(0)

    def deliver(self, letter: Letter, change: Callable[[bytes], bytes] | None = None) -> None:
        """Pass on the oldest letter of its kind, or what `change` makes of it."""
        message = self.take(letter)
        if change:
            message = replace(message, octets=change(message.octets))
        self.arrived[letter] = message
        self.simulation.pass_on(message)

    def drop(self, *letters: Letter) -> None:
        """Lose every letter of these kinds."""
        for letter in letters:
            self.kept[letter].clear()

    def clear(self) -> None:
        """Lose all but the device's wish to attach."""
        self.drop(*(frozenset(Letter) - {Letter.ATTACH}))

    def _keep(self, letter: Letter | None, message: Kept) -> bool:
        if letter is None or letter in self.passing:
            return False
        if self.loses_all:
            self.unasked += letter is Letter.PARTS
            return True
        if letter in _LAST_ONLY:
            self.kept[letter].clear()
        self.kept[letter].append(message)
        return True

    def _of_operator(self, message: Kept) -> Letter | None:
        said = decode_operator(message.octets)
        if getattr(said, "transaction", None) in self.left_behind:
            return None
        if isinstance(said, Noted):
            return None if message.sender == SERVER else Letter.NOTED
        return _SAID.get(type(said))

    def _keep_short_message(self, message: Kept) -> bool:
        pdu = decode_smpp(message.octets)
        if isinstance(pdu, SubmitSm) and message.sender == SERVER:
            answer = SubmitSmResp(sequence_number=pdu.sequence_number, message_id="0").encode()
            centre = f"SMSC {message.target.name}"
            self._answer(centre, Peer(Interface.SMPP, SERVER), answer)
            return self._keep(Letter.PARTS, message)
        if not isinstance(pdu, DeliverSm) or message.target.name != SERVER:
            return False
        if pdu.esm_class & EsmClass.MESSAGE_TYPE == EsmClass.DELIVERY_RECEIPT:
            return False
        header = UserData.decode(pdu.user_data, has_header=True).header
        is_report = RESPONSE_IDENTIFIER in {element.identifier for element in header}
        plmn = message.sender.partition(" ")[2]
        answer = DeliverSmResp(sequence_number=pdu.sequence_number).encode()
        self._answer(SERVER, Peer(Interface.SMPP, plmn), answer)
        return self._keep(Letter.REPORT if is_report else Letter.REQUEST, message)

    def _keep_attach(self, message: Kept) -> bool:
        kind = message_type(message.octets)
        if kind == MmType.LOCATION_UPDATING_ACCEPT and self.loses_accept:
            return True
        self.told[kind] = message
        is_request = kind == MmType.LOCATION_UPDATING_REQUEST
        return is_request and self._keep(Letter.ATTACH, message)

    def _answer(self, sender: str, target: Peer, octets: bytes) -> None:
        self.simulation.perform(sender, [Send(target, octets)])


def with_identity(octets: bytes, imsi: IMSI) -> bytes:
    """Return a notice with another identity."""
    message = decode_operator(octets)
    return encode_operator(message.model_copy(update={"imsi": imsi}))


def asking_for(octets: bytes, *, iccid: ICCID | None = None, plmn: PLMN | None = None) -> bytes:
    """Return a request of a customer centre for another card or another network."""
    message = decode_operator(octets)
    changes = {"iccid": iccid, "plmn": plmn}
    given = {name: value for name, value in changes.items() if value is not None}
    return encode_operator(message.model_copy(update=given))


def renamed(
    octets: bytes, keys: OtaKeys, *, iccid: ICCID | None = None, plmn: PLMN | None = None
) -> bytes:
    """Return the request of a card as that card would have made it with other contents."""

    def change(packet: bytes) -> bytes:
        opened = open_command(packet, keys)
        changes = {"iccid": iccid, "plmn": plmn}
        given = {name: value for name, value in changes.items() if value is not None}
        request = decode_request(opened.data).model_copy(update=given)
        return seal_command(opened.parameters, encode_request(request), keys)

    return with_packet(octets, change)


def with_packet(octets: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a deliver_sm in which the packet is what `change` makes of it."""
    pdu = decode_smpp(octets)
    assert isinstance(pdu, DeliverSm)
    user_data = UserData.decode(pdu.user_data, has_header=True)
    changed = user_data._replace(octets=change(user_data.octets))
    return replace(pdu, short_message=changed.encode()).encode()


def contents(parts: Sequence[Kept]) -> list[UserData]:
    """Return what the parts of a message to a card contain."""
    pdus = [decode_smpp(part.octets) for part in parts]
    return [
        UserData.decode(pdu.user_data, has_header=True) for pdu in pdus if isinstance(pdu, SubmitSm)
    ]


def altered(parts: Sequence[UserData]) -> list[UserData]:
    """Return the parts of a message with the last octet of each changed."""
    return [part._replace(octets=part.octets[:-1] + bytes([part.octets[-1] ^ 1])) for part in parts]


def without_card(packet: bytes, keys: OtaKeys) -> bytes:
    """Return a request as a card would have sent it that leaves its identifier out."""
    opened = open_command(packet, keys)
    (template,) = decode_tlvs(opened.data)
    fields = [one for one in decode_tlvs(template.value) if one.tag != IDENTIFIER_TAG]
    data = encode_tlvs([Tlv(template.tag, encode_tlvs(fields))])
    return seal_command(opened.parameters, data, keys)
