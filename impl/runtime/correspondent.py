"""Somebody outside who writes to users: an ESME that every short message centre knows."""

from __future__ import annotations

from impl.codec.smpp import BindTransceiver, SubmitSm
from impl.events import Command, Event, Interface, Peer, Send
from impl.values import MSISDN, PLMN, Secret

NAME = "correspondent"
NUMBER = MSISDN("33999")
PASSWORD = Secret(b"hello")
VALIDITY = "000000000100000R"
"""One minute: who is not there now shall not get it later (SMPP 3.4 clause 7.1.1.2)."""


class Correspondent:
    """The node. It hears no answers: whether a message arrived is seen at the device."""

    def __init__(self) -> None:
        self._sequence = 0

    def write(self, plmn: PLMN, receiver: MSISDN, text: str) -> list[Command]:
        """Send a text to a subscriber of `plmn`."""
        bind = BindTransceiver(system_id=NAME, password=PASSWORD, sequence_number=self._next())
        submit = SubmitSm(
            sequence_number=self._next(),
            destination_addr=receiver,
            validity_period=VALIDITY,
            short_message=text.encode(),
        )
        target = Peer(Interface.SMPP, plmn)
        return [Send(target, bind.encode()), Send(target, submit.encode())]

    def handle(self, event: Event) -> list[Command]:
        """Take note of nothing."""
        del event
        return []

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence
