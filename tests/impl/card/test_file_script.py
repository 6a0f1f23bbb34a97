"""One script on files: who may say what, what is refused, and no guess won."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card import image
from impl.card.memory import Memory
from impl.card.profile import AdminCodeMode
from impl.card.uicc import Uicc
from impl.codec.apdu import CommandApdu, Ins
from impl.codec.digits import encode_iccid, encode_imsi
from impl.codec.ota_profile import UICC_FILES_TAR, USIM_FILES_TAR
from impl.codec.personalization import Outcome
from impl.codec.remote_command import RemoteResponse
from impl.errors import PowerLostError
from impl.values import Credentials, Secret

ADMIN_CODE, WRONG_CODE = b"12345678", b"87654321"


@pytest.mark.parametrize("path", ["7fff6f07", "7fffaf20", "7fff6f78"])
def test_without_the_admin_code_nothing_of_the_administrators_is_written(
    scripting: Any, server: Any, terminal: Any, path: str
) -> None:
    before = scripting.areas(terminal.memory)
    assert scripting.outcome(server, scripting.select(path), scripting.update(b"\x08")) == (
        2,
        0x6982,
    )
    assert scripting.areas(terminal.memory) == before


@pytest.mark.parametrize("presented", [False, True])
def test_the_keys_are_never_read(scripting: Any, server: Any, *, presented: bool) -> None:
    script = [scripting.verify()] * presented + [scripting.select("7fffaf20"), scripting.read()]
    assert scripting.outcome(server, *script) == (len(script), 0x6982)


def test_the_keys_are_not_written_at_the_contacts(scripting: Any, terminal: Any) -> None:
    terminal.ok("00a4080c047fffaf20")
    assert terminal.send(scripting.update(bytes(33))).sw == 0x6982
    assert terminal.send("00b0000021").sw == 0x6982
    assert terminal.send(scripting.verify()).sw == 0x6A88


def test_whoever_has_the_ota_keys_reads_what_everybody_may(
    scripting: Any, server: Any, terminal: Any
) -> None:
    response = server.run(USIM_FILES_TAR, [scripting.select("2fe2"), scripting.read()])
    assert response == RemoteResponse(2, 0x9000, encode_iccid(terminal.profile.iccid))
    assert scripting.outcome(server, scripting.select("7fff6f07"), scripting.read()) == (2, 0x6982)
    administrator = server.run(
        USIM_FILES_TAR, [scripting.verify(), scripting.select("7fff6f07"), scripting.read(9)]
    )
    assert administrator.data.hex() == "082980105189915852"


def test_records_are_read_written_and_searched(scripting: Any, server: Any) -> None:
    script = [
        scripting.verify(),
        scripting.select("7f106f3a"),
        CommandApdu(0, Ins.UPDATE_RECORD, 2, 4, b"\x11" * 28),
        CommandApdu(0, Ins.READ_RECORD, 0, 2, le=256),
        CommandApdu(0, Ins.READ_RECORD, 0, 2, le=256),
    ]
    assert server.run(UICC_FILES_TAR, script) == RemoteResponse(5, 0x9000, b"\x11" * 28)
    search = CommandApdu(0, Ins.SEARCH_RECORD, 1, 4, b"\x11\x11")
    more = CommandApdu(0, Ins.GET_RESPONSE, 0, 0, le=256)
    found = server.run(
        UICC_FILES_TAR, [scripting.verify(), scripting.select("7f106f3a"), search, more]
    )
    assert found == RemoteResponse(4, 0x9000, b"\x02")


def test_a_selection_answers_with_the_fcp_to_who_asks(scripting: Any, server: Any) -> None:
    assert scripting.outcome(server, scripting.select("2fe2"))[1] >> 8 == 0x61
    more = CommandApdu(0, Ins.GET_RESPONSE, 0, 0, le=256)
    assert server.run(USIM_FILES_TAR, [scripting.select("2fe2"), more]).data[:1] == b"\x62"


@pytest.mark.parametrize(
    ("command", "sw"),
    [
        (CommandApdu(0, Ins.SELECT, 4, 4, bytes.fromhex("a0000000871002")), 0x6A86),
        (CommandApdu(0xA0, Ins.SELECT, 0, 0, b"\x3f\0"), 0x6E00),
        (CommandApdu(0, Ins.AUTHENTICATE, 0, 0x81, bytes(34)), 0x6D00),
        (CommandApdu(0, Ins.VERIFY_PIN, 0, 0x01, bytes(8)), 0x6A88),
        (CommandApdu(0, Ins.VERIFY_PIN, 1, 0x0A, bytes(8)), 0x6A86),
        (CommandApdu(0, Ins.VERIFY_PIN, 0, 0x0A, bytes(7)), 0x6700),
        (CommandApdu(0, Ins.VERIFY_PIN, 0, 0x0A), 0x63C3),
    ],
)
def test_what_a_script_may_not_say_fails_and_is_no_guess(
    scripting: Any, server: Any, terminal: Any, command: CommandApdu, sw: int
) -> None:
    assert scripting.outcome(server, command) == (1, sw)
    assert image.GUESSES.number(terminal.memory) == 0


@pytest.mark.parametrize(
    ("path", "octets"),
    [
        ("7fff6f07", b"\xff" * 9),
        ("7fff6f07", b"\x08" * 9),
        ("7fffaf20", b"\x04"),  # OP, not OPc
        ("7fffaf20", b"\x16"),  # TUAK, with an OPc of MILENAGE
        ("7fffaf20", b"\x01"),  # COMP128, which has none
    ],
)
def test_what_is_no_pair_is_not_written(
    scripting: Any, server: Any, terminal: Any, path: str, octets: bytes
) -> None:
    before = scripting.areas(terminal.memory)
    assert scripting.outcome(
        server, scripting.verify(), scripting.select(path), scripting.update(octets)
    ) == (3, 0x6A80)
    assert scripting.areas(terminal.memory) == before


def test_a_length_of_mnc_that_no_network_has_is_no_pair(
    scripting: Any, server: Any, second: Credentials
) -> None:
    for size in (0, 1, 4, 255):
        assert scripting.outcome(server, *scripting.change_to(second, size)) == (7, 0x6A80)


def test_a_script_that_fails_at_its_end_has_written_nothing(
    scripting: Any, server: Any, terminal: Any, second: Credentials
) -> None:
    before = scripting.areas(terminal.memory)
    assert scripting.outcome(
        server, *scripting.change_to(second), scripting.select("7fff6fff")
    ) == (8, 0x6A82)
    assert scripting.areas(terminal.memory) == before
    assert image.GUESSES.number(terminal.memory) == 0
    assert terminal.fetch() is None


def test_wrong_admin_codes_block_here_as_in_orders(scripting: Any, server: Any) -> None:
    assert scripting.outcome(server, scripting.verify(WRONG_CODE)) == (1, 0x63C2)
    server.order(server.replacement(admin_code=Secret(WRONG_CODE)))
    assert server.result().guesses_left == 1
    assert scripting.outcome(server, scripting.verify(WRONG_CODE)) == (1, 0x6983)
    assert scripting.outcome(server, scripting.verify()) == (1, 0x6983)
    assert scripting.outcome(server, scripting.verify(b"")) == (1, 0x6983)
    server.order(server.replacement())
    assert server.result().outcome is Outcome.BLOCKED


def test_a_right_admin_code_forgives_the_wrong_ones_even_if_the_script_fails(
    scripting: Any, server: Any, terminal: Any
) -> None:
    assert scripting.outcome(server, scripting.verify(WRONG_CODE)) == (1, 0x63C2)
    assert scripting.outcome(server, scripting.verify(), scripting.select("7fff6fff")) == (
        2,
        0x6A82,
    )
    assert image.GUESSES.number(terminal.memory) == 0


def test_a_code_that_was_never_compared_is_no_guess(
    scripting: Any, server: Any, terminal: Any
) -> None:
    assert scripting.outcome(server, scripting.verify(WRONG_CODE)) == (1, 0x63C2)
    assert scripting.outcome(
        server, scripting.select("7fff6fff"), scripting.verify(WRONG_CODE)
    ) == (1, 0x6A82)
    assert image.GUESSES.number(terminal.memory) == 1


def test_a_script_makes_one_guess_however_many_codes_it_has(
    scripting: Any, server: Any, terminal: Any
) -> None:
    codes = [scripting.verify(bytes([number] * 8)) for number in range(20)]
    assert scripting.outcome(server, *codes, scripting.verify()) == (1, 0x63C2)
    assert image.GUESSES.number(terminal.memory) == 1
    assert scripting.outcome(
        server, scripting.verify(), scripting.verify(WRONG_CODE), scripting.verify()
    ) == (2, 0x63C1)


def test_where_the_admin_code_is_a_key_the_packet_presents_it(
    scripting: Any, new_terminal: Any, server_of: Any, second: Credentials
) -> None:
    terminal = new_terminal(admin_code_mode=AdminCodeMode.KEYING)
    server = server_of(terminal)
    assert scripting.outcome(server, *scripting.change_to(second)) == (1, 0x6984)
    assert scripting.outcome(server, *scripting.change_to(second)[1:]) == (6, 0x9000)
    terminal.restart()
    assert terminal.imsi == encode_imsi(second.imsi)


def _insert(terminal: Any, start: bytes) -> None:
    terminal.memory = Memory(start)
    terminal.card = Uicc(terminal.memory)
    terminal.card.power_on()


def _hand_over(terminal: Any, server: Any, packet: bytes) -> None:
    for envelope in server.envelopes(packet):
        terminal.tell(envelope)


def _written(terminal: Any, server: Any, start: bytes, packet: bytes) -> int:
    _insert(terminal, start)
    terminal.memory.fuse = 1_000_000
    _hand_over(terminal, server, packet)
    return 1_000_000 - int(terminal.memory.fuse)


def test_cutting_the_power_wins_no_guess(scripting: Any, server: Any, terminal: Any) -> None:
    start = terminal.memory.image
    server.counter += 1
    packet = server.seal_script(USIM_FILES_TAR, [scripting.verify(WRONG_CODE)])
    written = _written(terminal, server, start, packet)
    counts = []
    for at in range(written):
        _insert(terminal, start)
        terminal.memory.fuse = at
        with pytest.raises(PowerLostError):
            _hand_over(terminal, server, packet)
        terminal.memory.fuse = None
        terminal.card.power_on()
        counts.append(image.GUESSES.number(terminal.memory))
    assert counts == sorted(counts)
    assert counts[-1] == 1
