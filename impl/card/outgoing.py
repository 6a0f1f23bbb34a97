"""Secured packets on their way out of the card: SEND SHORT MESSAGE with SMS-SUBMIT (TS 31.115)."""

from __future__ import annotations

from typing import Final

from impl.codec.address import Address
from impl.codec.concatenation import split
from impl.codec.short_message import (
    DCS_CLASS_2_BINARY,
    PID_USIM_DATA_DOWNLOAD,
    InformationElement,
    Submit,
)
from impl.codec.toolkit import SendShortMessage

_SILENT: Final = ""  # an empty alpha identifier: the user sees nothing (TS 31.111 clause 6.4.10)


def submissions(
    packet: bytes, identifier: int, receiver: Address, service_centre: Address | None = None
) -> list[SendShortMessage]:
    """Return what the terminal has to send so that `receiver` gets the packet whole.

    Args:
        packet: a secured packet.
        identifier: of its information element, command or response.
        receiver: the number of the application server.
        service_centre: where to hand it in; None takes that of EF.SMSP.
    """
    parts = split(packet, InformationElement(identifier, b""), reference=packet[-1])
    return [
        SendShortMessage(
            Submit(
                receiver,
                part.octets,
                header=part.header,
                pid=PID_USIM_DATA_DOWNLOAD,
                dcs=DCS_CLASS_2_BINARY,
            ).encode(),
            title=_SILENT,
            address=service_centre,
        )
        for part in parts
    ]
