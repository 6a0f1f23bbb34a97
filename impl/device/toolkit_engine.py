"""The SIM Toolkit engine of the device: fetches what the card wants done and does it [043] [044].

What needs the network or a reset of the card is handed to the terminal as a demand; the engine
waits until the terminal says how it went (TS 102 223 clause 6).
"""

from __future__ import annotations

from impl.codec.apdu import CommandApdu, Ins, ResponseApdu
from impl.codec.toolkit import (
    NO,
    YES,
    DisplayText,
    Envelope,
    GeneralResult,
    GetInkey,
    GetInput,
    ProactiveCommand,
    Refresh,
    SendShortMessage,
    SetUpEventList,
    SetUpMenu,
    TerminalResponse,
    decode_proactive,
    encode_envelope,
)
from impl.device.card_session import CLA_UICC, CardSession
from impl.device.dpa import Answer, DevicePersonalizationApplication
from impl.errors import MalformedError, NotUnderstoodError

Demand = SendShortMessage | Refresh


class ToolkitEngine:
    """Carries out proactive commands, one after the other."""

    def __init__(self, session: CardSession, dpa: DevicePersonalizationApplication) -> None:
        self._session = session
        self._dpa = dpa
        self._sending: tuple[int, SendShortMessage] | None = None
        self.events: frozenset[int] = frozenset()
        """Events of which the card wants to hear (SET UP EVENT LIST)."""

    @property
    def is_waiting(self) -> bool:
        """Whether a short message of the card is under way: nothing else is fetched meanwhile."""
        return self._sending is not None

    def run(self) -> Demand | None:
        """Do all that the card wants; return what only the terminal can do, if that comes up."""
        while self._session.pending and not self.is_waiting:
            demand = self._fetch()
            if demand is not None:
                return demand
        return None

    def sent(self, result: GeneralResult, additional: bytes = b"") -> None:
        """Tell the card how its short message went."""
        assert self._sending is not None
        number, command = self._sending
        self._sending = None
        self._respond(number, command, result, additional=additional)

    def envelope(self, envelope: Envelope) -> ResponseApdu:
        """Hand the card what happened outside; return its answer."""
        return self._session.exchange(
            CommandApdu(CLA_UICC, Ins.ENVELOPE, 0, 0, encode_envelope(envelope), 256)
        )

    def _fetch(self) -> Demand | None:
        length, self._session.pending = self._session.pending, 0
        octets = self._session.command(CommandApdu(CLA_UICC, Ins.FETCH, 0, 0, le=length))
        try:
            number, command = decode_proactive(octets)
        except NotUnderstoodError as error:
            self._answer(
                TerminalResponse(
                    error.number, error.command_type, error.qualifier, GeneralResult(error.result)
                )
            )
            return None
        except MalformedError:
            return None  # without command details there is nothing to answer to
        if isinstance(command, SendShortMessage):
            self._sending = (number, command)
            return command
        if isinstance(command, Refresh):
            return command  # the reset is the answer (TS 102 223 clause 6.4.7)
        self._interact(number, command)
        return None

    def _interact(self, number: int, command: ProactiveCommand) -> None:
        match command:
            case SetUpMenu():
                self._dpa.show_menu(
                    command.title, {item.identifier: item.text for item in command.items}
                )
                self._respond(number, command, GeneralResult.OK)
            case SetUpEventList():
                self.events = frozenset(command.events)
                self._respond(number, command, GeneralResult.OK)
            case DisplayText():
                shown = self._dpa.display(command.text)
                result = GeneralResult.OK if shown else GeneralResult.BEYOND_CAPABILITIES
                self._respond(number, command, result)
            case GetInkey():
                self._ask(number, command)
            case GetInput():
                typed = self._dpa.take_input(command.text)
                result = GeneralResult.OK if typed is not None else GeneralResult.NO_RESPONSE
                self._respond(number, command, result, text=typed)
            case _:
                self._respond(number, command, GeneralResult.BEYOND_CAPABILITIES)

    def _ask(self, number: int, command: GetInkey) -> None:
        answer = self._dpa.ask(command.text)
        if answer is Answer.NONE:
            self._respond(number, command, GeneralResult.NO_RESPONSE)
        else:
            said = YES if answer is Answer.YES else NO
            self._respond(number, command, GeneralResult.OK, text=said)

    def _respond(
        self,
        number: int,
        command: ProactiveCommand,
        result: GeneralResult,
        *,
        additional: bytes = b"",
        text: str | None = None,
    ) -> None:
        self._answer(TerminalResponse.to(number, command, result, additional=additional, text=text))

    def _answer(self, response: TerminalResponse) -> None:
        self._session.command(CommandApdu(CLA_UICC, Ins.TERMINAL_RESPONSE, 0, 0, response.encode()))
