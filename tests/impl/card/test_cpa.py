"""The card personalization application: who may order, what orders do, and what no cut can tear."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.card import image
from impl.card.profile import AdminCodeMode
from impl.codec.card_file import ShortMessageParameters
from impl.codec.digits import encode_imsi
from impl.codec.file_contents import FileContent, encode_file_contents
from impl.codec.personalization import Forget, Outcome, Query, RollBack
from impl.codec.toolkit import (
    Refresh,
    SendShortMessage,
)
from impl.values import ICCID, IMSI, PLMN, Credentials, Secret, TransactionId

WRONG_CODE = Secret(b"87654321")
OTHER_CARD = ICCID("89441001120773696658")


def order(server: Any, kind: Any, transaction: str = "00000001", **changes: Any) -> Any:
    """Send an order other than to replace, and return its result."""
    profile = server.terminal.profile
    fields = {
        "transaction": TransactionId(transaction),
        "iccid": profile.iccid,
        "admin_code": profile.admin_code,
        **changes,
    }
    server.order(kind(**fields))
    return server.result()


def areas(terminal: Any) -> bytes:
    """Return what the memory holds, but for the counter of packets and the count of guesses."""
    image_now = bytearray(terminal.memory.image)
    for area in (image.COMMAND_COUNTER, image.GUESSES):
        image_now[area.address : area.address + area.size] = bytes(area.size)
    return bytes(image_now)


def test_a_right_order_makes_it_a_card_of_the_second_network(
    server: Any, terminal: Any, second: Credentials
) -> None:
    server.order(server.replacement())
    assert server.result().outcome is Outcome.DONE
    terminal.restart()
    assert terminal.imsi == encode_imsi(second.imsi)
    assert terminal.authenticate(second).data[:1] == b"\xdb"
    assert terminal.read("7fff6fad") == b"\0\0\0\x03"
    assert terminal.read("7fff6f78") == bytes.fromhex("0040")
    terminal.ok("00a4080c047fff6f42")
    parameters = ShortMessageParameters.decode(terminal.ok("00b2010428"))
    assert parameters.service_centre is not None
    assert parameters.service_centre.digits == "15559"
    assert terminal.read("7fff6f46")[1:4] == b"Two"


def test_the_old_pair_neither_reads_nor_answers(
    server: Any, terminal: Any, first: Credentials
) -> None:
    server.order(server.replacement())
    terminal.serve()
    terminal.restart()
    assert terminal.authenticate(first).sw == 0x9862
    assert terminal.imsi != encode_imsi(first.imsi)


def test_the_report_goes_before_the_reset(server: Any, terminal: Any) -> None:
    server.order(server.replacement())
    report, reset = terminal.serve()
    assert isinstance(report, SendShortMessage)
    assert isinstance(reset, Refresh)


def test_the_report_goes_by_the_service_centre_that_brought_the_order(
    server: Any, terminal: Any
) -> None:
    server.order(server.replacement())
    assert terminal.serve()[0].address.digits == "33609"


def test_a_wrong_admin_code_changes_nothing(server: Any, terminal: Any, first: Credentials) -> None:
    before = areas(terminal)
    server.order(server.replacement(admin_code=WRONG_CODE))
    result = server.result()
    assert (result.outcome, result.guesses_left) == (Outcome.WRONG_ADMIN_CODE, 2)
    assert areas(terminal) == before
    assert terminal.authenticate(first).data[:1] == b"\xdb"


def test_an_order_without_admin_code_is_no_guess(server: Any) -> None:
    for _ in range(4):
        server.order(server.replacement(admin_code=None))
        result = server.result()
        assert (result.outcome, result.guesses_left) == (Outcome.WRONG_ADMIN_CODE, 3)
    server.order(server.replacement())
    assert server.result().outcome is Outcome.DONE


def test_wrong_admin_codes_block_and_the_card_goes_on_working(
    server: Any, terminal: Any, first: Credentials
) -> None:
    outcomes = []
    for _ in range(4):
        server.order(server.replacement(admin_code=WRONG_CODE))
        outcomes.append(server.result().outcome)
    assert outcomes == [Outcome.WRONG_ADMIN_CODE] * 3 + [Outcome.BLOCKED]
    server.order(server.replacement())
    assert server.result().outcome is Outcome.BLOCKED
    terminal.restart()
    assert terminal.authenticate(first).data[:1] == b"\xdb"


def test_a_right_admin_code_forgives_the_wrong_ones(server: Any) -> None:
    for transaction in ("00000001", "00000002"):
        for _ in range(2):
            server.order(server.replacement(transaction, admin_code=WRONG_CODE))
            assert server.result().outcome is Outcome.WRONG_ADMIN_CODE
        assert order(server, Query, transaction).outcome is Outcome.UNKNOWN_TRANSACTION


def test_an_order_for_another_card_is_not_carried_out_and_no_guess(
    server: Any, terminal: Any
) -> None:
    before = areas(terminal)
    server.order(server.replacement(iccid=OTHER_CARD, admin_code=WRONG_CODE))
    assert server.result().outcome is Outcome.OTHER_CARD
    assert areas(terminal) == before
    assert image.GUESSES.number(terminal.memory) == 0


@pytest.mark.parametrize("octets", [b"", b"\xe1\x00", b"\xe2\x00", b"\xff" * 30])
def test_what_is_no_order_is_answered_so(server: Any, terminal: Any, octets: bytes) -> None:
    before = areas(terminal)
    server.send(octets)
    result = server.result()
    assert (result.transaction, result.outcome) == (None, Outcome.MALFORMED)
    assert areas(terminal) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"plmn": PLMN("20802")},  # not the network of the IMSI
        {"imsi": IMSI("208011598198525")},
        {"extra": encode_file_contents([FileContent(0x6F07, b"\x08")])},
        {"extra": encode_file_contents([FileContent(0x6F7E, b"\x08")])},
        {"extra": encode_file_contents([FileContent(0x6FAD, bytes(5))])},
        {"extra": b"\x6f"},
    ],
)
def test_a_subscription_that_does_not_hold_together_is_not_written(
    server: Any, terminal: Any, changes: dict[str, Any]
) -> None:
    before = areas(terminal)
    server.order(server.replacement(**changes))
    assert server.result().outcome is Outcome.MALFORMED
    assert areas(terminal) == before


def test_further_contents_reach_their_files_and_go_with_the_pair(
    server: Any, terminal: Any
) -> None:
    lists = bytes.fromhex("1300148000") * 40
    extra = encode_file_contents([FileContent(0x6F61, lists), FileContent(0x6F31, b"\x02")])
    answers = server.order(server.replacement(extra=extra + b"\xff" * 50))
    assert len(answers) > 2
    assert server.result().outcome is Outcome.DONE
    assert terminal.read("7fff6f61") == lists + b"\xff" * 50
    assert terminal.read("7fff6f31") == b"\x02"
    assert order(server, RollBack).outcome is Outcome.DONE
    assert terminal.read("7fff6f61") == b"\xff" * 250


def test_a_transaction_is_done_once_and_answered_again(
    server: Any, terminal: Any, second: Credentials
) -> None:
    server.order(server.replacement())
    terminal.serve()
    terminal.restart()
    terminal.authenticate(second, sqn=32)
    before = areas(terminal)
    server.order(server.replacement(k=Secret(b"X" * 16)))
    assert server.result().outcome is Outcome.DONE
    assert areas(terminal) == before
    assert terminal.authenticate(second, sqn=32).data[:1] == b"\xdc"


def test_a_transaction_is_answered_again_after_it_was_confirmed(
    server: Any, terminal: Any, second: Credentials
) -> None:
    server.order(server.replacement())
    terminal.serve()
    terminal.restart()
    terminal.attach(PLMN("310410"), second)
    server.order(server.replacement())
    assert server.result().outcome is Outcome.DONE


def test_query_says_what_became_of_a_transaction(server: Any) -> None:
    assert order(server, Query).outcome is Outcome.UNKNOWN_TRANSACTION
    server.order(server.replacement())
    server.result()
    assert order(server, Query).outcome is Outcome.DONE
    assert order(server, RollBack).outcome is Outcome.DONE
    assert order(server, Query).outcome is Outcome.CHANGED_BACK
    assert order(server, Query, "00000002").outcome is Outcome.UNKNOWN_TRANSACTION


def test_roll_back_makes_the_old_pair_active_and_resets(
    server: Any, terminal: Any, first: Credentials
) -> None:
    server.order(server.replacement())
    terminal.serve()
    terminal.restart()
    assert order(server, RollBack).outcome is Outcome.DONE
    terminal.restart()
    assert terminal.imsi == encode_imsi(first.imsi)
    assert order(server, RollBack).outcome is Outcome.DONE
    assert terminal.imsi == encode_imsi(first.imsi)


def test_there_is_no_way_back_once_the_new_network_accepted(
    server: Any, terminal: Any, second: Credentials
) -> None:
    server.order(server.replacement())
    terminal.serve()
    terminal.restart()
    terminal.attach(PLMN("310410"), second)
    assert order(server, RollBack).outcome is Outcome.CONFIRMED
    assert order(server, Forget).outcome is Outcome.CONFIRMED
    assert terminal.imsi == encode_imsi(second.imsi)


def test_forget_of_an_active_pair_changes_back_first(
    server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    server.order(server.replacement())
    terminal.serve()
    terminal.restart()
    server.order(
        Forget(
            transaction=TransactionId("00000001"),
            iccid=terminal.profile.iccid,
            admin_code=terminal.profile.admin_code,
        )
    )
    assert isinstance(terminal.serve()[-1], Refresh)
    terminal.restart()
    assert terminal.imsi == encode_imsi(first.imsi)
    assert second.k.reveal() not in terminal.memory.image
    assert terminal.authenticate(first).data[:1] == b"\xdb"


def test_forget_of_a_sealed_pair_erases_it_and_disturbs_nobody(
    server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    server.order(server.replacement())
    server.result()
    order(server, RollBack)
    terminal.restart()
    assert order(server, Forget).outcome is Outcome.DONE
    assert second.k.reveal() not in terminal.memory.image
    assert terminal.authenticate(first).data[:1] == b"\xdb"


def test_what_was_given_up_stays_given_up(server: Any, terminal: Any, first: Credentials) -> None:
    server.order(server.replacement())
    server.result()
    assert order(server, Forget).outcome is Outcome.DONE
    assert order(server, Forget).outcome is Outcome.DONE
    terminal.restart()
    server.order(server.replacement())
    assert server.result().outcome is Outcome.UNKNOWN_TRANSACTION
    assert terminal.imsi == encode_imsi(first.imsi)
    server.order(server.replacement("00000002"))
    assert server.result().outcome is Outcome.DONE


def test_forget_of_an_unknown_transaction_erases_nothing(server: Any, terminal: Any) -> None:
    server.order(server.replacement())
    server.result()
    before = areas(terminal)
    assert order(server, Forget, "00000009").outcome is Outcome.UNKNOWN_TRANSACTION
    assert areas(terminal) == before


def test_forget_of_an_earlier_complete_change_erases_nothing(
    server: Any, terminal: Any, second: Credentials
) -> None:
    server.order(server.replacement())
    terminal.serve()
    terminal.restart()
    terminal.attach(PLMN("310410"), second)
    third = server.replacement("00000002", plmn=PLMN("20802"), imsi=IMSI("208021111111111"))
    server.order(third)
    server.result()
    terminal.restart()
    before = areas(terminal)
    assert order(server, Forget, "00000001").outcome is Outcome.CONFIRMED
    assert order(server, RollBack, "00000001").outcome is Outcome.CONFIRMED
    assert areas(terminal) == before


def test_orders_other_than_replace_need_the_admin_code_too(server: Any) -> None:
    server.order(server.replacement())
    server.result()
    for kind in (RollBack, Forget):
        result = order(server, kind, admin_code=WRONG_CODE)
        assert result.outcome is Outcome.WRONG_ADMIN_CODE
    assert order(server, Query).outcome is Outcome.DONE


def test_there_and_back_again_many_times(
    server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    homes = {PLMN("310410"): second, PLMN("20801"): first}
    for number in range(20):
        plmn = list(homes)[number % 2]
        pair = homes[plmn]
        transaction = f"{number + 1:08x}"
        server.order(
            server.replacement(transaction, plmn=plmn, imsi=pair.imsi, k=pair.k, opc=pair.opc)
        )
        assert server.result().outcome is Outcome.DONE
        terminal.restart()
        terminal.tried.clear()
        terminal.attach(plmn, pair)
        assert terminal.imsi == encode_imsi(pair.imsi)


def test_the_literal_variant_keeps_nothing(
    new_terminal: Any, server_of: Any, first: Credentials
) -> None:
    terminal = new_terminal(keep_old_pair=False)
    server = server_of(terminal)
    server.order(server.replacement())
    assert server.result().outcome is Outcome.DONE
    assert first.k.reveal() not in terminal.memory.image
    assert order(server, RollBack).outcome is Outcome.CONFIRMED


def test_where_the_admin_code_is_a_key_it_stands_in_no_order(
    new_terminal: Any, server_of: Any
) -> None:
    terminal = new_terminal(admin_code_mode=AdminCodeMode.KEYING)
    server = server_of(terminal)
    server.order(server.replacement(admin_code=terminal.profile.admin_code))
    assert server.result().outcome is Outcome.MALFORMED
    server.order(server.replacement())
    assert server.result().outcome is Outcome.DONE


def test_too_much_at_once_is_answered_as_a_matter_of_memory(
    server: Any, terminal: Any, first: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = areas(terminal)
    with monkeypatch.context() as small:
        small.setattr("impl.card.memory.JOURNAL_SIZE", 100)
        server.order(server.replacement())
    assert server.result().outcome is Outcome.MEMORY
    assert areas(terminal) == before
    assert terminal.authenticate(first).data[:1] == b"\xdb"


def test_no_secret_is_in_the_result(server: Any, terminal: Any, second: Credentials) -> None:
    server.order(server.replacement())
    (report,) = server.reports(terminal.serve())
    for secret in (second.k, second.opc, terminal.profile.admin_code):
        assert secret.reveal() not in report.data


def test_an_order_with_everything_absent_that_may_be(server: Any, terminal: Any) -> None:
    bare = replace(server.replacement(), msisdn=None, service_centre=None)
    server.order(bare)
    assert server.result().outcome is Outcome.DONE
    terminal.ok("00a4080c047fff6f42")
    assert terminal.ok("00b2010428") == b"\xff" * 40
