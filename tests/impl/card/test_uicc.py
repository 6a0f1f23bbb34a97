"""The card at its contacts: power, transport, classes, hostile octets, power lost at any write."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impl.card import image
from impl.card.image import ROOT, USIM
from impl.card.memory import Memory
from impl.card.tree import File, walk
from impl.card.uicc import ATR, Uicc
from impl.codec.apdu import Ins, ResponseApdu
from impl.codec.digits import encode_imsi
from impl.codec.file_contents import FileContent, encode_file_contents
from impl.codec.ota_profile import USIM_FILES_TAR
from impl.codec.personalization import Outcome
from impl.codec.toolkit import MenuSelection, SetUpMenu
from impl.errors import CardMuteError, PowerLostError
from impl.values import PLMN, Credentials, Secret


def test_the_answer_to_reset_is_that_of_a_uicc_and_checks() -> None:
    check = 0
    for octet in ATR[1:]:
        check ^= octet
    assert ATR[0] == 0x3B
    assert check == 0
    historical = ATR[1] & 0x0F
    assert len(ATR) == 6 + historical + 1  # TS T0 TA1 TD1 TD2 TA3, historical octets, TCK


def test_a_card_without_power_is_mute(terminal: Any) -> None:
    terminal.card.power_off()
    with pytest.raises(CardMuteError):
        terminal.send("00a4000c023f00")
    with pytest.raises(CardMuteError):
        Uicc(terminal.memory).transmit(bytes(4))


def test_a_card_that_lost_power_is_mute_until_it_is_powered_again(terminal: Any) -> None:
    terminal.memory.fuse = 0
    with pytest.raises(PowerLostError):
        terminal.update("7fff6f7e", bytes(11))
    terminal.memory.fuse = None
    with pytest.raises(CardMuteError):
        terminal.send("00a4000c023f00")
    assert terminal.card.power_on() == ATR
    assert terminal.send("00a4000c023f00").sw == 0x9000


def test_a_reset_forgets_the_selection(terminal: Any) -> None:
    terminal.ok("00a4080c047fff6f07")
    terminal.card.power_on()
    assert terminal.send("00b0000009").sw == 0x6986


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("", 0x6700),
        ("00a400", 0x6700),
        ("00a4000c03aabb", 0x6700),
        ("00a4000c0000043f002fe2", 0x6700),  # extended form, two identifiers
        ("00a4000c0000003f00", 0x6700),
        ("00ff0000", 0x6D00),
        ("a0ff0000", 0x6D00),
        ("80a4000c023f00", 0x6E00),
        ("0010000001ff", 0x6E00),
        ("a089000000", 0x6D00),
        ("b0a4000c023f00", 0x6E00),
        ("ffa4000c023f00", 0x6E00),
        ("01a4000c023f00", 0x6881),
        ("40a4000c023f00", 0x6881),
        ("81f2000c", 0x6881),
        ("c0f2000c", 0x6881),
        ("04a4000c023f00", 0x6882),
        ("8cf2000c", 0x6882),
    ],
)
def test_what_the_card_does_not_know_has_its_word(terminal: Any, command: str, status: int) -> None:
    assert terminal.send(command).sw == status


def test_an_answer_waits_in_the_channel_that_asked(terminal: Any) -> None:
    terminal.ok("0070000001")
    waiting = terminal.send("01a40804022fe2").more
    assert terminal.send(f"00c00000{waiting:02x}").sw == 0x6985
    terminal.send("01a40804022fe2")
    assert terminal.send(f"01c00000{waiting:02x}").sw == 0x9000


def test_the_toolkit_has_the_basic_channel_only(terminal: Any) -> None:
    terminal.ok("0070000001")
    assert terminal.send("8112000010").sw == 0x6E00
    assert terminal.send("81c2000002d300").sw == 0x6E00


def test_lengths_may_be_of_extended_form(terminal: Any) -> None:
    short = terminal.send("00a40804022fe200")
    assert terminal.send("00a408040000022fe20000") == short
    assert len(terminal.send("00b0000000000a").data) == 10


def test_get_response_brings_what_waits_in_pieces(terminal: Any) -> None:
    waiting = terminal.send("00a40804022fe2").more
    assert waiting is not None
    too_long = terminal.send(f"00c00000{waiting + 1:02x}")
    assert too_long.exact_length == waiting
    first = terminal.send("00c0000002")
    assert (len(first.data), first.more) == (2, waiting - 2)
    rest = terminal.send(f"00c00000{waiting - 2:02x}")
    assert rest.sw == 0x9000
    assert (first.data + rest.data)[0] == 0x62


def test_get_response_has_nothing_once_another_command_came(terminal: Any) -> None:
    assert terminal.send("00a40804022fe2").more
    terminal.send("80f2000c")
    assert terminal.send("00c0000001").sw == 0x6985
    assert terminal.send("a0c0000001").sw == 0x6F00
    terminal.send("00a40804022fe2")
    assert terminal.send("00c0010001").sw == 0x6A86
    terminal.send("00a40804022fe2")
    assert terminal.send("00c00000").sw == 0x6700


def test_class_a0_may_leave_octets_unread(terminal: Any) -> None:
    assert terminal.send("a0a40000023f00").more == 22
    assert terminal.send("a0c0000010").sw == 0x9000
    assert terminal.send("a0c0000001").sw == 0x6F00


def test_a_command_with_le_gets_its_answer_at_once(terminal: Any) -> None:
    whole = terminal.send("00a40804022fe200")
    assert whole.sw == 0x9000
    part = terminal.send("00a40804022fe205")
    assert (len(part.data), part.more) == (5, len(whole.data) - 5)


def test_a_pending_command_is_told_with_any_good_end(new_terminal: Any) -> None:
    terminal = new_terminal()
    terminal.card.power_on()
    assert terminal.send("00a4000c023f00").sw == 0x9000
    assert terminal.send("8010000005ffffffffff").pending
    assert terminal.send("00a4000c023f00").pending
    assert terminal.send("a0a40000023f00").more
    assert terminal.send("a0c0000016").pending
    assert terminal.send("00a4000c02aaaa").sw == 0x6A82


def test_the_toolkit_is_there_in_both_classes(terminal: Any) -> None:
    terminal.card.power_on()
    length = terminal.send("a010000005ffffffffff").pending
    menu = terminal.send(f"a0120000{length:02x}")
    assert menu.sw == 0x9000
    assert terminal.send("a014000001ff").sw == 0x6F00
    assert terminal.send("a014000000").sw >= 0x6700


def test_an_envelope_that_cannot_be_read_is_refused(terminal: Any) -> None:
    assert terminal.send("80c2000002d300").sw == 0x6A80
    assert terminal.send("80c20000").sw == 0x6A80
    assert terminal.send("80c2010002d300").sw == 0x6A86


def test_an_envelope_of_a_timer_that_the_card_never_set_is_no_matter(terminal: Any) -> None:
    assert terminal.send("80c200000ed70c82028281a40101a503000010").sw == 0x9000


def test_an_item_that_is_on_no_menu_is_refused(terminal: Any) -> None:
    assert terminal.tell(MenuSelection(9)).sw == 0x6A80
    assert terminal.serve() == []


def test_the_terminal_gets_its_menu_at_once(new_terminal: Any) -> None:
    terminal = new_terminal()
    terminal.card.power_on()
    terminal.ok("801000001100" + "ff" * 16)
    _, command = terminal.fetch()
    assert isinstance(command, SetUpMenu)


KNOWN = st.sampled_from(sorted(Ins))
Apdu = st.one_of(
    st.binary(max_size=300),
    st.builds(
        lambda cla, ins, parameters, data: bytes([cla, ins]) + parameters + data,
        st.sampled_from([0x00, 0x01, 0x02, 0x80, 0x81, 0xA0]),
        KNOWN,
        st.binary(min_size=2, max_size=2),
        st.one_of(
            st.just(b""),
            st.binary(min_size=1, max_size=1),
            st.binary(max_size=255).map(lambda data: bytes([len(data)]) + data),
            st.binary(max_size=255).map(lambda data: bytes([len(data)]) + data + b"\0"),
        ),
    ),
)


@given(apdus=st.lists(Apdu, min_size=1, max_size=12))
@settings(max_examples=300)
def test_any_octets_get_a_status_word(factory_image: bytes, apdus: list[bytes]) -> None:
    card = Uicc(Memory(factory_image))
    card.power_on()
    for apdu in apdus:
        ResponseApdu.decode(card.transmit(apdu))


@given(apdus=st.lists(Apdu, min_size=1, max_size=12))
@settings(max_examples=200)
def test_no_apdu_brings_a_secret_out(
    factory_image: bytes, secrets_of_card: list[bytes], apdus: list[bytes]
) -> None:
    card = Uicc(Memory(factory_image))
    card.power_on()
    said = b"".join(card.transmit(apdu) for apdu in apdus)
    assert not any(secret in said for secret in secrets_of_card)


def test_no_file_that_can_be_read_holds_a_secret(
    terminal: Any, secrets_of_card: list[bytes]
) -> None:
    contents = [read_all(terminal, path.replace("/", ""), file) for path, file in walk(ROOT)]
    assert sum(map(len, contents)) > 1000
    assert not any(secret in content for secret in secrets_of_card for content in contents)


def read_all(terminal: Any, path: str, file: File) -> bytes:
    """Return the whole content of the file at `path`, as the contacts tell it."""
    terminal.ok(f"00a4080c{len(path) // 2:02x}{path}")
    if file is image.KEY_FILE:
        assert terminal.send("00b0000000").sw == 0x6982
        return b""
    if not file.row.records:
        content: bytes = terminal.ok("00b0000000")
        return content
    numbers = range(1, file.row.records + 1)
    return b"".join(terminal.ok(f"00b2{number:02x}0400") for number in numbers)


@pytest.mark.parametrize("path", ["", "7fff"])
def test_no_file_can_be_selected_that_is_not_in_the_table(terminal: Any, path: str) -> None:
    directory = USIM if path else ROOT
    length = len(path) // 2 + 2
    head = bytes.fromhex(f"00a4080c{length:02x}{path}")
    answers = [terminal.card.transmit(head + fid.to_bytes(2, "big")) for fid in range(0x10000)]
    selected = {fid for fid, answer in enumerate(answers) if answer != b"\x6a\x82"}
    assert selected == {*directory.children}


@pytest.mark.parametrize("history", ["new card", "card that changed before"])
def test_power_lost_at_any_octet_of_a_personalization_leaves_one_whole_pair(
    server: Any, terminal: Any, first: Credentials, second: Credentials, history: str
) -> None:
    """B01, exhaustively: the power goes before each octet that the card writes for one order."""
    pairs = [(PLMN("20801"), first), (PLMN("310410"), second)]
    if history != "new card":
        server.order(server.replacement())
        terminal.serve()
        terminal.restart()
        terminal.attach(*pairs[1])
        pairs.reverse()
    start = terminal.memory.image
    server.counter += 1
    plmn, pair = pairs[1]
    keys = {"imsi": pair.imsi, "k": pair.k, "opc": pair.opc}
    extra = encode_file_contents([FileContent(0x6F61, bytes.fromhex("1300148000") * 50)])
    packet = server.seal_order(server.replacement("00000002", plmn=plmn, extra=extra, **keys))
    octets_written = cut_points(terminal, server, start, packet)
    assert octets_written > 900
    outcomes = [card_after_cut(terminal, server, start, packet, at) for at in range(octets_written)]
    by_imsi = {encode_imsi(pair.imsi): pair for _, pair in pairs}
    in_time = [list(by_imsi).index(imsi) for imsi, _ in outcomes]
    for (imsi, memory), has_changed in zip(outcomes, in_time, strict=True):
        check_whole(terminal, memory, imsi, by_imsi[imsi])
        counter = image.COMMAND_COUNTER.number(terminal.memory)
        assert counter == server.counter - 1 + has_changed
    assert in_time == sorted(in_time)
    assert terminal.memory.fuse is None


def run(terminal: Any, server: Any, packet: bytes) -> None:
    for envelope in server.envelopes(packet):
        terminal.tell(envelope)


def insert(terminal: Any, memory: Memory) -> None:
    terminal.memory = memory
    terminal.card = Uicc(memory)


def cut_points(terminal: Any, server: Any, start: bytes, packet: bytes) -> int:
    insert(terminal, Memory(start))
    terminal.start()
    terminal.memory.fuse = 1_000_000
    run(terminal, server, packet)
    return 1_000_000 - int(terminal.memory.fuse)


def card_after_cut(
    terminal: Any, server: Any, start: bytes, packet: bytes, at: int
) -> tuple[bytes, bytes]:
    insert(terminal, Memory(start))
    terminal.card.power_on()
    terminal.memory.fuse = at
    with pytest.raises(PowerLostError):
        run(terminal, server, packet)
    terminal.memory.fuse = None
    terminal.card.power_on()
    terminal.ok("00a4040c07a0000000871002")
    return terminal.imsi, terminal.memory.image


def check_whole(terminal: Any, image_then: bytes, imsi: bytes, pair: Credentials) -> None:
    insert(terminal, Memory(image_then))
    terminal.card.power_on()
    terminal.ok("00a4040c07a0000000871002")
    assert terminal.imsi == imsi
    assert terminal.authenticate(pair, sqn=3200).data[:1] == b"\xdb"
    assert terminal.read("7fff6fad")[3] == (3 if imsi.startswith(b"\x08\x39") else 2)


def test_a_cut_order_can_be_sent_again(server: Any, terminal: Any, second: Credentials) -> None:
    terminal.memory.fuse = 400
    with pytest.raises(PowerLostError):
        server.order(server.replacement())
    terminal.memory.fuse = None
    terminal.restart()
    server.order(server.replacement())
    assert server.result().outcome is Outcome.DONE
    terminal.restart()
    assert terminal.authenticate(second).data[:1] == b"\xdb"


def test_cutting_the_power_wins_no_guess(server: Any, terminal: Any) -> None:
    cut = 0
    while True:
        guesses = image.GUESSES.number(terminal.memory)
        terminal.memory.fuse = cut
        try:
            server.order(server.replacement(admin_code=Secret(b"87654321")))
            terminal.memory.fuse = None
            break
        except PowerLostError:
            terminal.memory.fuse = None
            terminal.restart()
        image.GUESSES.set_number(terminal.memory, guesses)
        cut += 1
    assert image.GUESSES.number(terminal.memory) == 1
    assert cut > 3


@pytest.mark.parametrize("way", ["order", "script"])
def test_a_guess_is_counted_before_the_card_knows_whether_it_is_right(
    new_terminal: Any, server_of: Any, scripting: Any, second: Credentials, way: str
) -> None:
    """Seen with the right code: a cut behind the first write has cost a guess all the same."""
    spent = []
    for cut in range(12):
        terminal = new_terminal()
        server = server_of(terminal, counter=1)
        packet = server.seal_order(server.replacement())
        if way == "script":
            packet = server.seal_script(USIM_FILES_TAR, scripting.change_to(second))
        terminal.memory.fuse = cut
        with pytest.raises(PowerLostError):
            run(terminal, server, packet)
        terminal.memory.fuse = None
        terminal.restart()
        spent.append(image.GUESSES.number(terminal.memory))
    assert (spent[0], spent[-1]) == (0, 1)
