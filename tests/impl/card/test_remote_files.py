"""Remote file management: identity and key together, and the pair before them kept."""

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
from impl.card.question import Question
from impl.card.remote_files import RemoteFileManagement
from impl.card.session import Session
from impl.card.uicc import Uicc
from impl.codec.apdu import CommandApdu, Ins
from impl.codec.digits import encode_imsi
from impl.codec.expanded_command import ExpandedResponse, encode_expanded
from impl.codec.ota_profile import (
    CARD_MANAGER_TAR,
    CPA_TAR,
    UICC_FILES_TAR,
    USIM_FILES_TAR,
    message_header,
)
from impl.codec.remote_command import RemoteResponse
from impl.codec.security_parameters import PorStatus, Spi1
from impl.codec.toolkit import Refresh, SendShortMessage
from impl.errors import PowerLostError
from impl.values import PLMN, Credentials, Secret

ADMIN_CODE, WRONG_CODE = b"12345678", b"87654321"


def test_a_script_of_the_administrator_changes_the_subscription(
    scripting: Any, server: Any, terminal: Any, second: Credentials
) -> None:
    assert scripting.outcome(server, *scripting.change_to(second)) == (7, 0x9000)
    terminal.restart()
    assert terminal.imsi == encode_imsi(second.imsi)
    assert terminal.authenticate(second, sqn=32).data[:1] == b"\xdb"
    assert image.GUESSES.number(terminal.memory) == 0


def test_the_answer_goes_before_the_reset(
    scripting: Any, server: Any, terminal: Any, second: Credentials
) -> None:
    server.counter += 1
    packet = server.seal_script(USIM_FILES_TAR, scripting.change_to(second))
    for envelope in server.envelopes(packet):
        terminal.tell(envelope)
    report, reset = terminal.serve()
    assert isinstance(report, SendShortMessage)
    assert isinstance(reset, Refresh)


def test_the_pair_before_is_sealed_until_the_new_network_accepts(
    scripting: Any, server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    server.run(USIM_FILES_TAR, scripting.change_to(second))
    terminal.restart()
    assert Pairs(terminal.memory).are_two
    assert terminal.authenticate(first).sw == 0x9862
    terminal.attach(PLMN("310410"), second)
    assert not Pairs(terminal.memory).are_two
    assert first.k.reveal() not in terminal.memory.image


def test_a_rejected_script_gives_way_to_the_pair_before(
    scripting: Any, server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    terminal.ok("00a4080c047fff6f46")
    name = terminal.ok("00b0000000")
    script = [
        *scripting.change_to(second),
        scripting.select("7fff6f46"),
        scripting.update(b"\0Other"),
    ]
    assert scripting.outcome(server, *script) == (9, 0x9000)
    terminal.restart()
    assert terminal.read("7fff6f46")[1:6] == b"Other"
    with terminal.memory.transaction():
        Pairs(terminal.memory).change()
    terminal.restart()
    assert terminal.imsi == encode_imsi(first.imsi)
    assert terminal.read("7fff6f46") == name
    assert terminal.authenticate(first).data[:1] == b"\xdb"


def test_the_literal_variant_keeps_nothing(
    scripting: Any, new_terminal: Any, server_of: Any, first: Credentials, second: Credentials
) -> None:
    terminal = new_terminal(keep_old_pair=False)
    server = server_of(terminal)
    assert scripting.outcome(server, *scripting.change_to(second)) == (7, 0x9000)
    assert first.k.reveal() not in terminal.memory.image
    assert not Pairs(terminal.memory).are_two


def test_an_expanded_script_changes_the_subscription_as_well(
    scripting: Any, server: Any, terminal: Any, second: Credentials
) -> None:
    server.counter += 1
    server.header = message_header(server.whose, report_by_submit=True, tar=USIM_FILES_TAR)
    for envelope in server.envelopes(server.seal(encode_expanded(scripting.change_to(second)))):
        terminal.tell(envelope)
    (report,) = server.reports(terminal.serve())
    answers = ExpandedResponse.decode(report.data).answers
    assert [answer.sw for answer in answers if not answer.data][-1] == 0x9000
    assert len(answers) == 7
    terminal.restart()
    assert terminal.imsi == encode_imsi(second.imsi)


def test_a_card_that_has_to_ask_its_user_takes_no_pair_from_a_script(
    scripting: Any, new_terminal: Any, server_of: Any, first: Credentials, second: Credentials
) -> None:
    terminal = new_terminal(ask_user=True)
    server = server_of(terminal)
    before = scripting.areas(terminal.memory)
    assert scripting.outcome(server, *scripting.change_to(second)) == (7, 0x6985)
    assert scripting.areas(terminal.memory) == before
    assert scripting.outcome(
        server, scripting.verify(), scripting.select("7fff6f46"), scripting.update(b"\0Other")
    ) == (3, 0x9000)
    terminal.restart()
    assert terminal.imsi == encode_imsi(first.imsi)


def test_a_script_on_a_pair_that_the_terminal_does_not_know_yet_keeps_the_one_it_knows(
    scripting: Any, server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    server.order(server.replacement(k=Secret(b"X" * 16)))
    terminal.serve()
    assert scripting.outcome(server, *scripting.change_to(second)) == (7, 0x9000)
    Pairs(terminal.memory).change()
    terminal.restart()
    assert terminal.imsi == encode_imsi(first.imsi)
    assert b"X" * 16 not in terminal.memory.image


def test_a_script_leaves_nothing_of_where_the_card_was(
    scripting: Any, server: Any, terminal: Any, second: Credentials
) -> None:
    terminal.update("7fff6f7e", bytes(11))
    server.run(USIM_FILES_TAR, scripting.change_to(second))
    terminal.restart()
    assert terminal.read("7fff6f7e").hex() == "ffffffffffffff0000ff01"


def test_files_that_make_no_other_subscriber_need_no_reset(
    scripting: Any, server: Any, terminal: Any
) -> None:
    assert scripting.outcome(
        server, scripting.verify(), scripting.select("7fff6f46"), scripting.update(b"\0Name")
    ) == (3, 0x9000)
    assert terminal.fetch() is None
    assert not Pairs(terminal.memory).are_two
    assert terminal.read("7fff6f46")[1:5] == b"Name"


def test_writing_the_same_identity_again_makes_no_new_pair(
    scripting: Any, server: Any, terminal: Any, first: Credentials
) -> None:
    assert scripting.outcome(server, *scripting.change_to(first, 2)) == (7, 0x9000)
    assert not Pairs(terminal.memory).are_two
    assert terminal.fetch() is None


def test_another_key_for_the_same_identity_is_a_new_pair(
    scripting: Any, server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    rekeyed = Credentials(first.imsi, second.k, second.opc)
    assert scripting.outcome(server, *scripting.change_to(rekeyed, 2)) == (7, 0x9000)
    terminal.restart()
    assert terminal.authenticate(rekeyed, sqn=32).data[:1] == b"\xdb"
    assert Pairs(terminal.memory).are_two


def test_each_instance_begins_in_its_own_place(
    scripting: Any, server: Any, second: Credentials
) -> None:
    here = CommandApdu(0, Ins.SELECT, 0, 0x0C, b"\x6f\x07")
    assert scripting.outcome(server, here) == (1, 0x9000)
    assert scripting.outcome(server, here, tar=UICC_FILES_TAR) == (1, 0x6A82)
    assert scripting.outcome(server, *scripting.change_to(second), tar=UICC_FILES_TAR) == (
        2,
        0x6A82,
    )


def test_the_identity_that_the_older_directory_shows_is_the_same_one(
    scripting: Any, server: Any, terminal: Any, second: Credentials
) -> None:
    script = [
        scripting.verify(),
        scripting.select("7f206f07"),
        scripting.update(encode_imsi(second.imsi)),
        scripting.select("7f206fad"),
        scripting.update(b"\0\0\0\x03"),
    ]
    assert scripting.outcome(server, *script, tar=UICC_FILES_TAR) == (5, 0x9000)
    assert Pairs(terminal.memory).are_two


@pytest.mark.parametrize("octets", [b"\0", b"\0\x20\0\x0a\x08", bytes(5 * 300)])
def test_what_is_no_script_is_answered_so(
    scripting: Any, server: Any, terminal: Any, octets: bytes
) -> None:
    before = scripting.areas(terminal.memory)
    server.header = type(server.how)(**{**vars(server.how), "tar": USIM_FILES_TAR})
    server.send(octets)
    (report,) = server.reports(terminal.serve())
    assert RemoteResponse.decode(report.data) == RemoteResponse(0, 0x6700)
    assert scripting.areas(terminal.memory) == before


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
    scripting: Any, new_terminal: Any, server_of: Any, second: Credentials
) -> None:
    terminal = new_terminal(ask_user=True)
    server = server_of(terminal)
    server.order(server.replacement())
    server.counter += 1
    for tar in (USIM_FILES_TAR, CARD_MANAGER_TAR):
        answers = [
            terminal.tell(envelope)
            for envelope in server.envelopes(server.seal_script(tar, scripting.change_to(second)))
        ]
        assert answers[-1].sw == 0x9300


def test_power_lost_at_any_octet_of_a_script_leaves_one_whole_pair(
    scripting: Any, server: Any, terminal: Any, first: Credentials, second: Credentials
) -> None:
    """B01 for scripts, exhaustively: the power goes before each octet that the card writes."""
    start = terminal.memory.image
    server.counter += 1
    packet = server.seal_script(USIM_FILES_TAR, scripting.change_to(second))
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
    scripting: Any,
    factory_image: bytes,
    secrets_of_card: list[bytes],
    scripts: list[tuple[int, bytes]],
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
        before = scripting.areas(memory)
        octets = applications[which].execute(script, errand)
        response = RemoteResponse.decode(octets)
        assert 0x6100 <= response.sw <= 0x6FFF or response.sw == 0x9000
        assert response.is_ok or scripting.areas(memory) == before
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
