"""Remote file management: who may write what, identity and key together, no guess won."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impl.card import image
from impl.card.card_manager import CardManager
from impl.card.image import USIM
from impl.card.memory import Memory
from impl.card.pairs import Pairs
from impl.card.profile import AdminCodeMode
from impl.card.question import Question
from impl.card.remote_files import RemoteFileManagement
from impl.card.session import Session
from impl.card.uicc import Uicc
from impl.codec.apdu import CommandApdu, Ins
from impl.codec.digits import encode_imsi
from impl.codec.ota_profile import CARD_MANAGER_TAR, CPA_TAR, UICC_FILES_TAR, USIM_FILES_TAR
from impl.codec.personalization import Outcome
from impl.codec.remote_command import RemoteResponse
from impl.codec.security_parameters import PorStatus, Spi1
from impl.codec.toolkit import Refresh, SendShortMessage
from impl.errors import PowerLostError
from impl.values import PLMN, Credentials, Secret

ADMIN_CODE, WRONG_CODE = b"12345678", b"87654321"


def verify(code: bytes = ADMIN_CODE) -> CommandApdu:
    return CommandApdu(0, Ins.VERIFY_PIN, 0, 0x0A, code)


def select(path: str) -> CommandApdu:
    return CommandApdu(0, Ins.SELECT, 0x08, 0x04, bytes.fromhex(path))


def update(octets: bytes) -> CommandApdu:
    return CommandApdu(0, Ins.UPDATE_BINARY, 0, 0, octets)


def read(size: int = 256) -> CommandApdu:
    return CommandApdu(0, Ins.READ_BINARY, 0, 0, le=size)


def change_to(pair: Credentials, mnc_size: int = 3) -> list[CommandApdu]:
    """Return the script that writes an identity and its keys."""
    keys = b"\x14" + pair.k.reveal() + pair.opc.reveal()
    return [
        verify(),
        select("7fff6fad"),
        update(bytes((0, 0, 0, mnc_size))),
        select("7fff6f07"),
        update(encode_imsi(pair.imsi)),
        select("7fffaf20"),
        update(keys),
    ]


def outcome(server: Any, *commands: CommandApdu, tar: bytes = USIM_FILES_TAR) -> tuple[int, int]:
    """Send a script; return how many commands were begun, and the last status word."""
    response = server.run(tar, commands)
    return response.executed, response.sw


def areas(memory: Memory) -> bytes:
    """Return what the memory holds, but for the counter of packets and the count of guesses."""
    image_now = bytearray(memory.image)
    for area in (image.COMMAND_COUNTER, image.GUESSES):
        image_now[area.address : area.address + area.size] = bytes(area.size)
    return bytes(image_now)


def test_a_script_of_the_administrator_changes_the_subscription(
    server: Any, terminal: Any, second: Credentials
) -> None:
    assert outcome(server, *change_to(second)) == (7, 0x9000)
    terminal.restart()
    assert terminal.imsi == encode_imsi(second.imsi)
    assert terminal.authenticate(second, sqn=32).data[:1] == b"\xdb"
    assert image.GUESSES.number(terminal.memory) == 0


def test_the_answer_goes_before_the_reset(server: Any, terminal: Any, second: Credentials) -> None:
    server.counter += 1
    packet = server.seal_script(USIM_FILES_TAR, change_to(second))
    for envelope in server.envelopes(packet):
        terminal.tell(envelope)
    report, reset = terminal.serve()
    assert isinstance(report, SendShortMessage)
    assert isinstance(reset, Refresh)


def test_the_pair_before_is_sealed_until_the_new_network_accepts(
    server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    server.run(USIM_FILES_TAR, change_to(second))
    terminal.restart()
    assert Pairs(terminal.memory).are_two
    assert terminal.authenticate(first).sw == 0x9862
    terminal.attach(PLMN("310410"), second)
    assert not Pairs(terminal.memory).are_two
    assert first.k.reveal() not in terminal.memory.image


def test_a_rejected_script_gives_way_to_the_pair_before(
    server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    terminal.ok("00a4080c047fff6f46")
    name = terminal.ok("00b0000000")
    script = [*change_to(second), select("7fff6f46"), update(b"\0Other")]
    assert outcome(server, *script) == (9, 0x9000)
    terminal.restart()
    assert terminal.read("7fff6f46")[1:6] == b"Other"
    with terminal.memory.transaction():
        Pairs(terminal.memory).change()
    terminal.restart()
    assert terminal.imsi == encode_imsi(first.imsi)
    assert terminal.read("7fff6f46") == name
    assert terminal.authenticate(first).data[:1] == b"\xdb"


def test_the_literal_variant_keeps_nothing(
    new_terminal: Any, server_of: Any, first: Credentials, second: Credentials
) -> None:
    terminal = new_terminal(keep_old_pair=False)
    server = server_of(terminal)
    assert outcome(server, *change_to(second)) == (7, 0x9000)
    assert first.k.reveal() not in terminal.memory.image
    assert not Pairs(terminal.memory).are_two


def test_a_script_on_a_pair_that_the_terminal_does_not_know_yet_keeps_the_one_it_knows(
    server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    server.order(server.replacement(k=Secret(b"X" * 16)))
    terminal.serve()
    assert outcome(server, *change_to(second)) == (7, 0x9000)
    Pairs(terminal.memory).change()
    terminal.restart()
    assert terminal.imsi == encode_imsi(first.imsi)
    assert b"X" * 16 not in terminal.memory.image


def test_a_script_leaves_nothing_of_where_the_card_was(
    server: Any, terminal: Any, second: Credentials
) -> None:
    terminal.update("7fff6f7e", bytes(11))
    server.run(USIM_FILES_TAR, change_to(second))
    terminal.restart()
    assert terminal.read("7fff6f7e").hex() == "ffffffffffffff0000ff01"


def test_files_that_make_no_other_subscriber_need_no_reset(server: Any, terminal: Any) -> None:
    assert outcome(server, verify(), select("7fff6f46"), update(b"\0Name")) == (3, 0x9000)
    assert terminal.fetch() is None
    assert not Pairs(terminal.memory).are_two
    assert terminal.read("7fff6f46")[1:5] == b"Name"


def test_writing_the_same_identity_again_makes_no_new_pair(
    server: Any, terminal: Any, first: Credentials
) -> None:
    assert outcome(server, *change_to(first, 2)) == (7, 0x9000)
    assert not Pairs(terminal.memory).are_two
    assert terminal.fetch() is None


def test_another_key_for_the_same_identity_is_a_new_pair(
    server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    rekeyed = Credentials(first.imsi, second.k, second.opc)
    assert outcome(server, *change_to(rekeyed, 2)) == (7, 0x9000)
    terminal.restart()
    assert terminal.authenticate(rekeyed, sqn=32).data[:1] == b"\xdb"
    assert Pairs(terminal.memory).are_two


@pytest.mark.parametrize("path", ["7fff6f07", "7fffaf20", "7fff6f78"])
def test_without_the_admin_code_nothing_of_the_administrators_is_written(
    server: Any, terminal: Any, path: str
) -> None:
    before = areas(terminal.memory)
    assert outcome(server, select(path), update(b"\x08")) == (2, 0x6982)
    assert areas(terminal.memory) == before


@pytest.mark.parametrize("presented", [False, True])
def test_the_keys_are_never_read(server: Any, *, presented: bool) -> None:
    script = [verify()] * presented + [select("7fffaf20"), read()]
    assert outcome(server, *script) == (len(script), 0x6982)


def test_the_keys_are_not_written_at_the_contacts(terminal: Any) -> None:
    terminal.ok("00a4080c047fffaf20")
    assert terminal.send(update(bytes(33))).sw == 0x6982
    assert terminal.send("00b0000021").sw == 0x6982
    assert terminal.send(verify()).sw == 0x6A88


def test_anybody_who_has_the_keys_reads_what_everybody_may(server: Any) -> None:
    response = server.run(USIM_FILES_TAR, [select("2fe2"), read()])
    assert response == RemoteResponse(2, 0x9000, bytes.fromhex("983310112143306942f4"))
    assert outcome(server, select("7fff6f07"), read()) == (2, 0x6982)
    administrator = server.run(USIM_FILES_TAR, [verify(), select("7fff6f07"), read(9)])
    assert administrator.data.hex() == "082980105189918525"


def test_records_are_read_written_and_searched(server: Any) -> None:
    script = [
        verify(),
        select("7f106f3a"),
        CommandApdu(0, Ins.UPDATE_RECORD, 2, 4, b"\x11" * 28),
        CommandApdu(0, Ins.READ_RECORD, 0, 2, le=256),
        CommandApdu(0, Ins.READ_RECORD, 0, 2, le=256),
    ]
    assert server.run(UICC_FILES_TAR, script) == RemoteResponse(5, 0x9000, b"\x11" * 28)
    search = CommandApdu(0, Ins.SEARCH_RECORD, 1, 4, b"\x11\x11")
    more = CommandApdu(0, Ins.GET_RESPONSE, 0, 0, le=256)
    found = server.run(UICC_FILES_TAR, [verify(), select("7f106f3a"), search, more])
    assert found == RemoteResponse(4, 0x9000, b"\x02")


def test_a_selection_answers_with_the_fcp_to_who_asks(server: Any) -> None:
    assert outcome(server, select("2fe2"))[1] >> 8 == 0x61
    more = CommandApdu(0, Ins.GET_RESPONSE, 0, 0, le=256)
    assert server.run(USIM_FILES_TAR, [select("2fe2"), more]).data[:1] == b"\x62"


def test_each_instance_begins_in_its_own_place(server: Any, second: Credentials) -> None:
    here = CommandApdu(0, Ins.SELECT, 0, 0x0C, b"\x6f\x07")
    assert outcome(server, here) == (1, 0x9000)
    assert outcome(server, here, tar=UICC_FILES_TAR) == (1, 0x6A82)
    assert outcome(server, *change_to(second), tar=UICC_FILES_TAR) == (2, 0x6A82)


def test_the_identity_that_the_older_directory_shows_is_the_same_one(
    server: Any, terminal: Any, second: Credentials
) -> None:
    script = [
        verify(),
        select("7f206f07"),
        update(encode_imsi(second.imsi)),
        select("7f206fad"),
        update(b"\0\0\0\x03"),
    ]
    assert outcome(server, *script, tar=UICC_FILES_TAR) == (5, 0x9000)
    assert Pairs(terminal.memory).are_two


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
    server: Any, terminal: Any, command: CommandApdu, sw: int
) -> None:
    assert outcome(server, command) == (1, sw)
    assert image.GUESSES.number(terminal.memory) == 0


@pytest.mark.parametrize("octets", [b"\0", b"\0\x20\0\x0a\x08", bytes(5 * 300)])
def test_what_is_no_script_is_answered_so(server: Any, terminal: Any, octets: bytes) -> None:
    before = areas(terminal.memory)
    server.header = type(server.how)(**{**vars(server.how), "tar": USIM_FILES_TAR})
    server.send(octets)
    (report,) = server.reports(terminal.serve())
    assert RemoteResponse.decode(report.data) == RemoteResponse(0, 0x6700)
    assert areas(terminal.memory) == before


@pytest.mark.parametrize(
    ("path", "octets"),
    [
        ("7fff6f07", b"\xff" * 9),
        ("7fff6f07", b"\x08" * 9),
        ("7fffaf20", b"\x04"),
        ("7fffaf20", b"\x16"),
    ],
)
def test_what_is_no_pair_is_not_written(
    server: Any, terminal: Any, path: str, octets: bytes
) -> None:
    before = areas(terminal.memory)
    assert outcome(server, verify(), select(path), update(octets)) == (3, 0x6A80)
    assert areas(terminal.memory) == before


def test_a_length_of_mnc_that_no_network_has_is_no_pair(server: Any, second: Credentials) -> None:
    for size in (0, 1, 4, 255):
        assert outcome(server, *change_to(second, size)) == (7, 0x6A80)


def test_a_script_that_fails_at_its_end_has_written_nothing(
    server: Any, terminal: Any, second: Credentials
) -> None:
    before = areas(terminal.memory)
    assert outcome(server, *change_to(second), select("7fff6fff")) == (8, 0x6A82)
    assert areas(terminal.memory) == before
    assert image.GUESSES.number(terminal.memory) == 0
    assert terminal.fetch() is None


def test_wrong_admin_codes_block_here_as_in_orders(server: Any, terminal: Any) -> None:
    assert outcome(server, verify(WRONG_CODE)) == (1, 0x63C2)
    server.order(server.replacement(admin_code=Secret(WRONG_CODE)))
    assert server.result().guesses_left == 1
    assert outcome(server, verify(WRONG_CODE)) == (1, 0x6983)
    assert outcome(server, verify()) == (1, 0x6983)
    assert outcome(server, verify(b"")) == (1, 0x6983)
    server.order(server.replacement())
    assert server.result().outcome is Outcome.BLOCKED


def test_a_right_admin_code_forgives_the_wrong_ones_even_if_the_script_fails(
    server: Any, terminal: Any
) -> None:
    assert outcome(server, verify(WRONG_CODE)) == (1, 0x63C2)
    assert outcome(server, verify(), select("7fff6fff")) == (2, 0x6A82)
    assert image.GUESSES.number(terminal.memory) == 0


def test_a_code_that_was_never_compared_is_no_guess(server: Any, terminal: Any) -> None:
    assert outcome(server, verify(WRONG_CODE)) == (1, 0x63C2)
    assert outcome(server, select("7fff6fff"), verify(WRONG_CODE)) == (1, 0x6A82)
    assert image.GUESSES.number(terminal.memory) == 1


def test_a_script_makes_one_guess_however_many_codes_it_has(server: Any, terminal: Any) -> None:
    codes = [verify(bytes([number] * 8)) for number in range(20)]
    assert outcome(server, *codes, verify()) == (1, 0x63C2)
    assert image.GUESSES.number(terminal.memory) == 1
    assert outcome(server, verify(), verify(WRONG_CODE), verify()) == (2, 0x63C1)


def test_where_the_admin_code_is_a_key_the_packet_presents_it(
    new_terminal: Any, server_of: Any, second: Credentials
) -> None:
    terminal = new_terminal(admin_code_mode=AdminCodeMode.KEYING)
    server = server_of(terminal)
    assert outcome(server, *change_to(second)) == (1, 0x6984)
    assert outcome(server, *change_to(second)[1:]) == (6, 0x9000)
    terminal.restart()
    assert terminal.imsi == encode_imsi(second.imsi)


@pytest.mark.parametrize("tar", [USIM_FILES_TAR, UICC_FILES_TAR, CARD_MANAGER_TAR, CPA_TAR])
def test_every_application_has_its_minimum_security(server: Any, terminal: Any, tar: bytes) -> None:
    server.counter += 1
    before = terminal.memory.image
    weak = Spi1.CC | Spi1.COUNTER_HIGHER
    server.header = type(server.how)(**{**vars(server.how), "tar": tar, "spi1": weak})
    for envelope in server.envelopes(server.seal(b"")):
        terminal.tell(envelope)
    (report,) = server.reports(terminal.serve())
    assert report.status is PorStatus.INSUFFICIENT_SECURITY
    assert terminal.memory.image == before


def test_a_script_waits_until_the_user_has_answered(
    new_terminal: Any, server_of: Any, second: Credentials
) -> None:
    terminal = new_terminal(ask_user=True)
    server = server_of(terminal)
    server.order(server.replacement())
    server.counter += 1
    for tar in (USIM_FILES_TAR, CARD_MANAGER_TAR):
        answers = [
            terminal.tell(envelope)
            for envelope in server.envelopes(server.seal_script(tar, change_to(second)))
        ]
        assert answers[-1].sw == 0x9300


def test_power_lost_at_any_octet_of_a_script_leaves_one_whole_pair(
    server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    """B01 for scripts, exhaustively: the power goes before each octet that the card writes."""
    start = terminal.memory.image
    server.counter += 1
    packet = server.seal_script(USIM_FILES_TAR, change_to(second))
    written = _written(terminal, server, start, packet)
    assert written > 900
    in_time = []
    for at in range(written):
        _insert(terminal, start)
        terminal.memory.fuse = at
        with pytest.raises(PowerLostError):
            _hand_over(terminal, server, packet)
        terminal.memory.fuse = None
        _check_whole(terminal, first, second)
        in_time.append(Pairs(terminal.memory).active)
    assert in_time == sorted(in_time)
    assert set(in_time) == {0, 1}


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


def _check_whole(terminal: Any, first: Credentials, second: Credentials) -> None:
    terminal.card.power_on()
    terminal.ok("00a4040c07a0000000871002")
    pair, mnc_size = (second, 3) if Pairs(terminal.memory).active else (first, 2)
    assert terminal.imsi == encode_imsi(pair.imsi)
    assert terminal.read("7fff6fad")[3] == mnc_size
    assert terminal.authenticate(pair, sqn=3200).data[:1] == b"\xdb"
    assert image.GUESSES.number(terminal.memory) <= 1


def test_cutting_the_power_wins_no_guess(server: Any, terminal: Any) -> None:
    start = terminal.memory.image
    server.counter += 1
    packet = server.seal_script(USIM_FILES_TAR, [verify(WRONG_CODE)])
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


Fields = st.tuples(
    st.sampled_from([0x00, 0x80, 0xA0]),
    st.one_of(st.sampled_from(sorted(Ins)), st.sampled_from([0xE4, 0xE6, 0xE8])),
    st.sampled_from([0x00, 0x02, 0x04, 0x08, 0x09, 0x0C, 0x80, 0xFF]),
    st.sampled_from([0x00, 0x02, 0x04, 0x0A, 0x0C, 0x80, 0xFF]),
)
Hostile = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.builds(
            lambda fields, data: bytes([*fields, len(data)]) + data,
            Fields,
            st.one_of(
                st.binary(max_size=40),
                st.sampled_from([ADMIN_CODE, b"\x7f\xff\xaf\x20", b"\x7f\xff\x6f\x07", b"\x3f\0"]),
            ),
        ),
        max_size=8,
    ).map(b"".join),
)


class Errand:
    """Brings scripts without packets."""

    def accept(self) -> None:
        """Keep no counter."""

    def answer(self, result: bytes) -> None:
        raise AssertionError(result)


@given(scripts=st.lists(st.tuples(st.integers(0, 2), Hostile), min_size=1, max_size=4))
@settings(max_examples=300)
def test_any_script_gets_a_status_word_and_no_secret(
    factory_image: bytes, secrets_of_card: list[bytes], scripts: list[tuple[int, bytes]]
) -> None:
    memory = Memory(factory_image)
    memory.recover()
    session, errand = Session(memory), Errand()
    question = Question(session.toolkit)
    shared = (memory, session.pairs, session.fallback, question)
    applications = (
        RemoteFileManagement(*shared, USIM),
        RemoteFileManagement(*shared),
        CardManager(memory, session.menu, question),
    )
    for which, script in scripts:
        before = areas(memory)
        octets = applications[which].execute(script, errand)
        response = RemoteResponse.decode(octets)
        assert 0x6100 <= response.sw <= 0x6FFF or response.sw == 0x9000
        assert response.is_ok or areas(memory) == before
        assert not any(secret in octets for secret in secrets_of_card)


@given(script=Hostile)
def test_no_script_without_the_admin_code_changes_the_subscription(
    factory_image: bytes, script: bytes
) -> None:
    if ADMIN_CODE in script:
        return
    memory = Memory(factory_image)
    memory.recover()
    session = Session(memory)
    before = session.pairs.content
    shared = (memory, session.pairs, session.fallback, Question(session.toolkit))
    RemoteFileManagement(*shared, USIM).execute(script, Errand())
    assert session.pairs.content == before
