"""The proactive session: what waits, what is fetched, what is answered."""

from __future__ import annotations

import pytest

from impl.card.status import StatusError
from impl.card.toolkit import MOST_TRIES, Toolkit
from impl.codec.apdu import CommandApdu, Ins
from impl.codec.toolkit import (
    DisplayText,
    GeneralResult,
    ProactiveCommand,
    Refresh,
    RefreshMode,
    TerminalResponse,
    decode_proactive,
)

RESET = Refresh(RefreshMode.UICC_RESET)


def apdu(ins: Ins, data: bytes = b"", le: int | None = None) -> CommandApdu:
    return CommandApdu(0x80, ins, 0, 0, data, le)


@pytest.fixture
def toolkit() -> Toolkit:
    toolkit = Toolkit()
    toolkit.take_profile(apdu(Ins.TERMINAL_PROFILE, b"\xff" * 5))
    return toolkit


def fetch(toolkit: Toolkit) -> tuple[int, ProactiveCommand]:
    return decode_proactive(toolkit.fetch(apdu(Ins.FETCH, le=toolkit.offer())))


def response(number: int, command: ProactiveCommand, result: GeneralResult) -> CommandApdu:
    answer = TerminalResponse(number, command.command_type, int(command.qualifier), result)
    return apdu(Ins.TERMINAL_RESPONSE, answer.encode())


def serve(toolkit: Toolkit, result: GeneralResult = GeneralResult.OK) -> ProactiveCommand:
    number, command = fetch(toolkit)
    toolkit.respond(response(number, command, result))
    return command


def refused(toolkit: Toolkit, command: CommandApdu) -> int:
    run = {Ins.FETCH: toolkit.fetch, Ins.TERMINAL_RESPONSE: toolkit.respond}
    run[Ins.TERMINAL_PROFILE] = toolkit.take_profile
    with pytest.raises(StatusError) as refusal:
        run[Ins(command.ins)](command)
    return refusal.value.sw


def test_nothing_waits_at_first(toolkit: Toolkit) -> None:
    assert toolkit.offer() == 0
    assert refused(toolkit, apdu(Ins.FETCH, le=1)) == 0x6985


def test_commands_go_in_the_order_of_asking(toolkit: Toolkit) -> None:
    toolkit.ask(DisplayText("first"))
    toolkit.ask(DisplayText("second"))
    assert serve(toolkit) == DisplayText("first")
    assert serve(toolkit) == DisplayText("second")
    assert toolkit.offer() == 0


def test_a_refresh_goes_last_whenever_it_was_asked(toolkit: Toolkit) -> None:
    toolkit.ask(RESET)
    toolkit.ask(DisplayText("report"))
    assert serve(toolkit) == DisplayText("report")
    assert toolkit.is_refreshing
    assert serve(toolkit) == RESET
    assert not toolkit.is_refreshing


def test_a_refresh_that_was_asked_twice_goes_once(toolkit: Toolkit) -> None:
    toolkit.ask(RESET)
    toolkit.ask(RESET)
    assert serve(toolkit) == RESET
    assert toolkit.offer() == 0


def test_a_terminal_that_is_not_told_to_support_a_command_is_not_asked() -> None:
    toolkit = Toolkit()
    told: list[TerminalResponse | None] = []
    toolkit.ask(DisplayText("too early"), told.append)
    toolkit.take_profile(apdu(Ins.TERMINAL_PROFILE, b"\xff\xff\xfe"))
    toolkit.ask(DisplayText("no display"), told.append)
    toolkit.ask(RESET)
    assert told == [None, None]
    assert serve(toolkit) == RESET


def test_the_one_who_asked_is_told_how_it_went(toolkit: Toolkit) -> None:
    told: list[TerminalResponse | None] = []
    toolkit.ask(DisplayText("hello"), told.append)
    serve(toolkit, GeneralResult.NO_RESPONSE)
    assert told[0] is not None
    assert told[0].result is GeneralResult.NO_RESPONSE


def test_a_busy_terminal_is_asked_three_times_in_all(toolkit: Toolkit) -> None:
    told: list[TerminalResponse | None] = []
    toolkit.ask(DisplayText("hello"), told.append)
    toolkit.ask(DisplayText("after"))
    for _ in range(MOST_TRIES):
        assert not told
        assert serve(toolkit, GeneralResult.TERMINAL_UNABLE) == DisplayText("hello")
    assert told[0] is not None
    assert serve(toolkit) == DisplayText("after")


def test_a_refresh_that_is_refused_for_now_waits_for_what_came_meanwhile(toolkit: Toolkit) -> None:
    toolkit.ask(RESET)
    number, command = fetch(toolkit)
    toolkit.ask(DisplayText("meanwhile"))
    toolkit.respond(response(number, command, GeneralResult.TERMINAL_UNABLE))
    assert serve(toolkit) == DisplayText("meanwhile")
    assert serve(toolkit) == RESET


@pytest.mark.parametrize(
    "result", [GeneralResult.BEYOND_CAPABILITIES, GeneralResult.REFUSED_BY_USER]
)
def test_a_refusal_for_good_is_not_tried_again(toolkit: Toolkit, result: GeneralResult) -> None:
    toolkit.ask(RESET)
    serve(toolkit, result)
    assert toolkit.offer() == 0


def test_a_fetch_with_another_length_is_told_the_right_one(toolkit: Toolkit) -> None:
    toolkit.ask(DisplayText("hello"))
    length = toolkit.offer()
    assert refused(toolkit, apdu(Ins.FETCH, le=length + 1)) == 0x6C00 | length
    assert toolkit.offer() == length


def test_a_command_stays_to_be_fetched_again_until_it_is_answered(toolkit: Toolkit) -> None:
    toolkit.ask(DisplayText("hello"))
    length = toolkit.offer()
    first = toolkit.fetch(apdu(Ins.FETCH, le=length))
    assert toolkit.offer() == 0
    assert toolkit.fetch(apdu(Ins.FETCH, le=length)) == first


def test_a_response_to_nothing_is_refused(toolkit: Toolkit) -> None:
    answer = response(1, DisplayText("x"), GeneralResult.OK)
    assert refused(toolkit, answer) == 0x6985
    toolkit.ask(DisplayText("waits, not fetched"))
    toolkit.offer()
    assert refused(toolkit, answer) == 0x6985


def test_a_response_to_another_command_changes_nothing(toolkit: Toolkit) -> None:
    toolkit.ask(DisplayText("hello"))
    number, command = fetch(toolkit)
    assert refused(toolkit, response(number + 1, command, GeneralResult.OK)) == 0x6A80
    assert refused(toolkit, response(number, RESET, GeneralResult.OK)) == 0x6A80
    assert refused(toolkit, apdu(Ins.TERMINAL_RESPONSE, b"\x81\x03\x01")) == 0x6A80
    toolkit.respond(response(number, command, GeneralResult.OK))


def test_parameters_other_than_zero_are_refused(toolkit: Toolkit) -> None:
    for ins in (Ins.FETCH, Ins.TERMINAL_RESPONSE, Ins.TERMINAL_PROFILE):
        assert refused(toolkit, CommandApdu(0x80, ins, 1, 0, b"\xff")) == 0x6A86
    assert refused(toolkit, apdu(Ins.TERMINAL_PROFILE)) == 0x6700


def test_numbers_begin_again_after_fe(toolkit: Toolkit) -> None:
    numbers = []
    for _ in range(0xFE + 1):
        toolkit.ask(DisplayText("again"))
        number, command = fetch(toolkit)
        numbers.append(number)
        toolkit.respond(response(number, command, GeneralResult.OK))
    assert numbers == [*range(1, 0xFF), 1]
