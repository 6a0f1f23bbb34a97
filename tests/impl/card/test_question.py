"""The question to the user: a yes changes the card, anything else does not."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card import image
from impl.codec.digits import encode_imsi
from impl.codec.personalization import Outcome
from impl.codec.toolkit import NO, YES, GeneralResult, GetInkey, GetInkeyFlag
from impl.values import Credentials


def subscription(terminal: Any) -> list[bytes]:
    """Return what the card holds of its pair."""
    active = image.PAIRS[image.ACTIVE.number(terminal.memory)]
    return [terminal.imsi, active.k.read(terminal.memory), active.opc.read(terminal.memory)]


def asked(new_terminal: Any, server_of: Any) -> tuple[Any, Any, Any]:
    terminal = new_terminal(ask_user=True)
    server = server_of(terminal)
    server.order(server.replacement())
    return terminal, server, terminal.fetch()


def test_the_user_is_asked_in_the_words_of_the_specification(
    new_terminal: Any, server_of: Any
) -> None:
    _, _, (_, question) = asked(new_terminal, server_of)
    assert isinstance(question, GetInkey)
    assert question.text == "Are you sure to change MNO and to become subscriber of Two?"
    assert question.qualifier is GetInkeyFlag.YES_NO


def test_a_yes_of_the_user_changes_the_card(
    new_terminal: Any, server_of: Any, second: Credentials
) -> None:
    terminal, server, fetched = asked(new_terminal, server_of)
    assert terminal.imsi != encode_imsi(second.imsi)
    terminal.respond(fetched, text=YES)
    assert server.result().outcome is Outcome.DONE
    assert terminal.imsi == encode_imsi(second.imsi)


@pytest.mark.parametrize(
    ("result", "facts"),
    [
        (GeneralResult.OK, {"text": NO}),
        (GeneralResult.OK, {}),
        (GeneralResult.NO_RESPONSE, {}),
        (GeneralResult.ENDED_BY_USER, {}),
        (GeneralResult.BACKWARD_MOVE, {"text": YES}),
        (GeneralResult.BEYOND_CAPABILITIES, {}),
    ],
)
def test_anything_but_a_yes_changes_nothing(
    new_terminal: Any,
    server_of: Any,
    first: Credentials,
    result: GeneralResult,
    facts: dict[str, Any],
) -> None:
    terminal, server, fetched = asked(new_terminal, server_of)
    before = subscription(terminal)
    terminal.respond(fetched, result, **facts)
    assert server.result().outcome is Outcome.REFUSED_BY_USER
    assert subscription(terminal) == before
    assert terminal.authenticate(first).data[:1] == b"\xdb"


def test_a_terminal_that_cannot_ask_is_a_no(new_terminal: Any, server_of: Any) -> None:
    terminal = new_terminal(ask_user=True)
    terminal.start(bytes.fromhex("ffff80ff01"))
    server = server_of(terminal)
    server.order(server.replacement())
    assert server.result().outcome is Outcome.REFUSED_BY_USER


def test_while_the_user_is_asked_other_orders_have_to_wait(
    new_terminal: Any, server_of: Any
) -> None:
    terminal, server, fetched = asked(new_terminal, server_of)
    (answer,) = server.order(server.replacement("00000002"))
    assert answer.sw == 0x9300
    terminal.respond(fetched, text=YES)
    assert server.result().transaction == "00000001"


def test_who_said_no_is_asked_again_for_another_order(new_terminal: Any, server_of: Any) -> None:
    terminal, server, fetched = asked(new_terminal, server_of)
    terminal.respond(fetched, text=NO)
    assert server.result().outcome is Outcome.REFUSED_BY_USER
    server.order(server.replacement("00000002"))
    terminal.respond(terminal.fetch(), text=YES)
    assert server.result().outcome is Outcome.DONE


def test_a_question_that_the_power_cut_off_changes_nothing(
    new_terminal: Any, server_of: Any, first: Credentials
) -> None:
    terminal, server, _ = asked(new_terminal, server_of)
    terminal.restart()
    assert terminal.imsi == encode_imsi(first.imsi)
    server.order(server.replacement())
    terminal.respond(terminal.fetch(), text=YES)
    assert server.result().outcome is Outcome.DONE


def test_the_user_is_not_asked_again_for_what_is_done(new_terminal: Any, server_of: Any) -> None:
    terminal, server, fetched = asked(new_terminal, server_of)
    terminal.respond(fetched, text=YES)
    server.result()
    terminal.restart()
    server.order(server.replacement())
    assert server.result().outcome is Outcome.DONE
