"""Delivery receipts: what became of a message, as an SMSC tells it an ESME.

SMPP 3.4 says it twice: in optional parameters of deliver_sm (clause 5.3.2), and in a text that each
centre writes in its own way, and whose usual form appendix B shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from impl.codec.digits import decode_bcd
from impl.codec.smpp import DeliverSm, Parameter, Tag
from impl.codec.timestamp import encode_timestamp
from impl.errors import MalformedError

GSM: Final = 3
"""The kind of network whose error codes are told (clause 5.3.2.31)."""
TEXT_SHOWN: Final = 20
"""Octets of the message that its receipt repeats."""


class MessageState(IntEnum):
    """How a message ended (clause 5.2.28)."""

    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8


WORDS: Final = {
    MessageState.DELIVERED: "DELIVRD",
    MessageState.EXPIRED: "EXPIRED",
    MessageState.DELETED: "DELETED",
    MessageState.UNDELIVERABLE: "UNDELIV",
    MessageState.ACCEPTED: "ACCEPTD",
    MessageState.UNKNOWN: "UNKNOWN",
    MessageState.REJECTED: "REJECTD",
}
"""Table B-2."""
_STATES: Final = {word: state for state, word in WORDS.items()}
_TEXT: Final = re.compile(rb"id:(?P<id>[!-~]{1,64}) .*\bstat:(?P<stat>[A-Z]{7})\b", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one message."""

    message_id: str
    """As submit_sm_resp named it."""
    state: MessageState
    submitted: float
    """Seconds since the epoch, as the next; the text has whole minutes, in UTC."""
    done: float
    error: int = 0
    """The cause for which the network did not deliver it, 0 if it did."""
    text: bytes = b""
    """How the message began, where it is text."""

    def encode(self) -> bytes:
        """Write the text of appendix B."""
        is_delivered = self.state is MessageState.DELIVERED
        fields = (
            f"id:{self.message_id} sub:001 dlvrd:{is_delivered:03d}"
            f" submit date:{_minute(self.submitted)} done date:{_minute(self.done)}"
            f" stat:{WORDS[self.state]} err:{self.error:03d} Text:"
        )
        return fields.encode("ascii") + self.text[:TEXT_SHOWN]

    def parameters(self) -> tuple[Parameter, ...]:
        """Return the optional parameters of its deliver_sm."""
        parameters = (
            Parameter(Tag.RECEIPTED_MESSAGE_ID, self.message_id.encode("ascii") + b"\0"),
            Parameter(Tag.MESSAGE_STATE, bytes((self.state,))),
        )
        if not self.error:
            return parameters
        code = bytes((GSM,)) + self.error.to_bytes(2, "big")
        return (*parameters, Parameter(Tag.NETWORK_ERROR_CODE, code))


def receipted(pdu: DeliverSm) -> tuple[str, MessageState]:
    """Return which message a receipt is about, and how that ended.

    The parameters count before the text, which tells what they leave out.

    Raises:
        MalformedError: neither tells both.
    """
    found = {parameter.tag: parameter.value for parameter in pdu.parameters}
    text = _TEXT.match(pdu.short_message)
    name, state = found.get(Tag.RECEIPTED_MESSAGE_ID), found.get(Tag.MESSAGE_STATE)
    try:
        known = _known(state, text)
        named = name.removesuffix(b"\0") if name else text["id"] if text else b""
        message_id = named.decode("ascii")
    except ValueError:
        raise MalformedError("DeliverSm", "is a receipt without a state or id") from None
    if known is None or not message_id:
        raise MalformedError("DeliverSm", "is a receipt without a state or id")
    return message_id, known


def _known(state: bytes | None, text: re.Match[bytes] | None) -> MessageState | None:
    """Return the state; ValueError if the parameter has none."""
    if state is not None:
        return MessageState(int.from_bytes(state, "big"))
    return _STATES.get(text["stat"].decode("ascii")) if text else None


def _minute(moment_s: float) -> str:
    """Write YYMMDDhhmm, which time stamps begin with."""
    return decode_bcd(encode_timestamp(moment_s)[:5])
