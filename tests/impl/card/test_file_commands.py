"""SELECT, STATUS, READ, UPDATE and SEARCH, in both classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from impl.card.files import USIM_AID
from impl.codec.file_control import FileControl, GsmDirectoryStatus, GsmFileStatus, PinState
from impl.codec.tlv import decode_tlvs, open_template

ADN = "00a4080c047f106f3a"


def test_select_by_path_returns_the_fcp(terminal: Any) -> None:
    fcp = FileControl.decode(terminal.ok("00a40804022fe2"))
    assert (fcp.fid, fcp.size) == (0x2FE2, 10)
    assert terminal.ok("00a4080c022fe2") == b""


def test_select_by_identifier_goes_step_by_step(terminal: Any) -> None:
    for fid in ("3f00", "7f10", "6f3a", "7f20", "6f07", "3f00", "2fe2"):
        terminal.ok(f"00a4000c02{fid}")
    assert terminal.sw("00a4000c026f07") == 0x6A82


def test_select_by_path_from_here(terminal: Any) -> None:
    terminal.ok("00a4080c027fff")
    terminal.ok("00a4090c045f3b4f20")
    assert terminal.ok("00b0000009")[-1] == 0x07
    assert terminal.sw("00a4090c045f3b4f20") == 0x6A82


def test_select_of_the_parent(terminal: Any) -> None:
    terminal.ok("00a4080c047fff5f3b")
    assert FileControl.decode(terminal.ok("00a4030400")).df_name == USIM_AID
    assert FileControl.decode(terminal.ok("00a4030400")).fid == 0x3F00


def test_select_of_a_child_directory(terminal: Any) -> None:
    terminal.ok("00a4000c023f00")
    assert FileControl.decode(terminal.ok("00a40104027f10")).fid == 0x7F10
    terminal.ok("00a4000c027fff")
    assert FileControl.decode(terminal.ok("00a40104025f3b")).fid == 0x5F3B


@pytest.mark.parametrize(
    ("here", "identifier"),
    [
        ("3f00", "2fe2"),  # a file
        ("3f00", "7fff"),  # an application
        ("3f00", "5f3b"),  # not right below
        ("7f10", "7f20"),  # beside
        ("7f10", "3f00"),  # above
        ("7f10", "7f10"),
    ],
)
def test_select_of_a_child_finds_directories_right_below_only(
    terminal: Any, here: str, identifier: str
) -> None:
    terminal.ok(f"00a4000c02{here}")
    assert terminal.sw(f"00a4010c02{identifier}") == 0x6A82
    assert FileControl.decode(terminal.ok("80f2000000")).fid == int(here, 16)


@pytest.mark.parametrize("length", [5, 7, 16])
def test_select_by_aid_takes_its_beginning(terminal: Any, length: int) -> None:
    aid = USIM_AID[:length].hex()
    fcp = FileControl.decode(terminal.ok(f"00a40404{length:02x}{aid}"))
    assert fcp.df_name == USIM_AID


def test_select_by_aid_of_another_application_fails(terminal: Any) -> None:
    assert terminal.sw("00a4040407a0000000871004") == 0x6A82
    assert terminal.sw("00a4040604a0000000") == 0x6700
    assert terminal.sw("00a4040607a0000000871002") == 0x6A82  # the next one: there is only one


def test_the_application_is_reachable_only_while_it_is_selected(terminal: Any) -> None:
    terminal.ok("00a4080c047fff6f07")
    terminal.ok("00a4044c07a0000000871002")  # ends the session of the application
    assert terminal.sw("00a4080c047fff6f07") == 0x6A82


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00a4080c022fff", 0x6A82),
        ("00a4080c042fe26f07", 0x6A82),  # a file is no directory
        ("00a4080c042fe22f00", 0x6A82),
        ("00a40801022fe2", 0x6A86),
        ("00a4070c022fe2", 0x6A86),
        ("00a4080c0300aabb", 0x6700),
        ("00a4010c047f106f3a", 0x6700),
        ("00a4010c", 0x6700),
        ("00a4020c022fe2", 0x6A86),  # of ISO/IEC 7816-4, not of a UICC
        ("00a4080c", 0x6700),
        ("00a4000c043f002fe2", 0x6700),
        ("00a4030c023f00", 0x6700),
        ("00a4080c067f207fff6f07", 0x6A82),  # 7FFF begins a path or is not in it
        ("00a4090c047fff7fff", 0x6A82),
    ],
)
def test_a_select_that_fails_leaves_the_selection(terminal: Any, command: str, status: int) -> None:
    terminal.ok("00a4080c022fe2")
    assert terminal.sw(command) == status
    assert len(terminal.ok("00b000000a")) == 10


def test_read_binary_returns_what_is_asked(terminal: Any) -> None:
    terminal.ok("00a4080c022fe2")
    whole = terminal.ok("00b000000a")
    assert whole.hex() == "983310214330046942f4"
    assert terminal.ok("00b0000203") == whole[2:5]
    assert terminal.ok("00b082000a") == whole  # by short identifier


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00b0000000", 0x6C0A),
        ("00b000000b", 0x6C0A),
        ("00b0000405", 0x9000),
        ("00b0000407", 0x6C06),
        ("00b0000a01", 0x6B00),
        ("00b00000", 0x6700),
        ("00b0800001", 0x6A86),
        ("00b09f0001", 0x6A82),
        ("00b2010401", 0x6981),
    ],
)
def test_read_binary_outside_of_the_file(terminal: Any, command: str, status: int) -> None:
    terminal.ok("00a4080c022fe2")
    assert terminal.sw(command) == status


def test_nothing_is_read_where_no_file_is_selected(terminal: Any) -> None:
    terminal.ok("00a4000c023f00")
    assert terminal.sw("00b0000001") == 0x6986
    assert terminal.sw("00b2010401") == 0x6986
    assert terminal.sw("a0a2000001aa") == 0x9400


def test_update_binary_changes_just_what_it_says(terminal: Any) -> None:
    terminal.update("7fff6f7e", b"abcdefghijk")
    terminal.ok("00d6000202" + b"XY".hex())
    assert terminal.read("7fff6f7e") == b"abXYefghijk"
    assert terminal.read("7f206f7e") == b"abXYefghijk"


def test_update_beyond_the_end_changes_nothing(terminal: Any) -> None:
    before = terminal.read("7fff6f7e")
    assert terminal.sw("00d6000a02aabb") == 0x6700
    assert terminal.sw("00d6000b01aa") == 0x6B00
    assert terminal.sw("00d60000") == 0x6700
    assert terminal.read("7fff6f7e") == before


@pytest.mark.parametrize(
    "path", ["7fff6f07", "2fe2", "7fff6fad", "7fff6f38", "7f206f07", "7f206fad"]
)
def test_what_is_not_for_the_terminal_cannot_be_written(terminal: Any, path: str) -> None:
    before = terminal.read(path)
    assert terminal.sw("00d6000001aa") == 0x6982
    assert terminal.read(path) == before


def test_records_by_number(phone_book: Any) -> None:
    assert phone_book.ok("00b203041c").startswith(b"name03")
    assert phone_book.sw("00b20b041c") == 0x6A83
    assert phone_book.sw("00b2000000") == 0x6A86
    assert phone_book.sw("00b2030400") == 0x6C1C
    assert phone_book.sw("00dc01041baa" + "ff" * 26) == 0x6700


def test_records_next_and_previous(phone_book: Any) -> None:
    assert phone_book.ok("00b200021c").startswith(b"name01")
    assert phone_book.ok("00b200021c").startswith(b"name02")
    assert phone_book.ok("00b200041c").startswith(b"name02")  # the current one
    assert phone_book.ok("00b200031c").startswith(b"name01")
    assert phone_book.sw("00b200031c") == 0x6A83
    phone_book.ok(ADN)
    assert phone_book.ok("00b200031c").startswith(b"name10")
    assert phone_book.sw("00b200021c") == 0x6A83


def test_reading_by_number_does_not_move_the_pointer(phone_book: Any) -> None:
    phone_book.ok("00b200021c")
    phone_book.ok("00b207041c")
    assert phone_book.ok("00b200021c").startswith(b"name02")


def test_a_wrong_length_does_not_move_the_pointer(phone_book: Any) -> None:
    assert phone_book.sw("00b2000200") == 0x6C1C
    assert phone_book.ok("00b200021c").startswith(b"name01")


def test_there_is_no_current_record_before_one_was_read(phone_book: Any) -> None:
    assert phone_book.sw("00b200041c") == 0x6A83


def test_records_by_short_identifier(terminal: Any) -> None:
    terminal.ok("00a4000c023f00")
    assert terminal.ok("00b201f41a").startswith(b"\x61")
    assert terminal.sw("00b2018c01") == 0x6A82


def test_update_of_records_next_and_by_number(terminal: Any) -> None:
    terminal.ok(ADN)
    terminal.ok("00dc00021c" + "aa" * 28)
    terminal.ok("00dc00021c" + "bb" * 28)
    assert terminal.ok("00b201041c") == b"\xaa" * 28
    assert terminal.ok("00b202041c") == b"\xbb" * 28
    assert terminal.sw("00d6000001aa") == 0x6981


def test_status_describes_the_current_directory(terminal: Any) -> None:
    terminal.ok("00a4080c047f106f3a")
    assert terminal.send("80f2000000").sw >> 8 == 0x6C
    assert FileControl.decode(terminal.ok("80f2000000")).fid == 0x7F10
    assert terminal.ok("80f2000c") == b""


@pytest.mark.parametrize("path", ["7fff", "7fff5f3b", "7f106f3a", "2fe2"])
def test_status_names_the_current_application_wherever_one_is(terminal: Any, path: str) -> None:
    """TS 102 221 clause 11.1.2.1: of the application, not of the directory."""
    terminal.ok(f"00a4080c{len(path) // 2:02x}{path}")
    assert terminal.ok("80f2000112") == b"\x84\x10" + USIM_AID


def test_status_names_no_application_once_its_session_has_ended(terminal: Any) -> None:
    terminal.ok("00a4044c07a0000000871002")
    assert terminal.sw("80f2000112") == 0x6A88


def test_status_with_unknown_parameters(terminal: Any) -> None:
    assert terminal.sw("80f2030c") == 0x6A86
    assert terminal.sw("80f2000201") == 0x6A86


def test_class_a0_selects_and_reads(terminal: Any) -> None:
    assert terminal.send("a0a40000023f00").sw == 0x9F16
    status = GsmDirectoryStatus.decode(terminal.ok("a0a40000027f20"))
    assert status.fid == 0x7F20
    imsi = GsmFileStatus.decode(terminal.ok("a0a40000026f07"))
    assert imsi.size == 9
    assert terminal.ok("a0b0000009") == terminal.imsi


def test_class_a0_reads_records_of_telecom(terminal: Any) -> None:
    terminal.ok("a0a40000023f00")
    terminal.ok("a0a40000027f10")
    record_length = GsmFileStatus.decode(terminal.ok("a0a40000026f42")).features.record_length
    assert record_length == 40
    assert terminal.ok("a0b2010428")[-15:-13] == bytes.fromhex("0491")
    assert terminal.sw("a0b2020428") == 0x9402


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("a0a40000026fff", 0x9404),
        ("a0a4080c022fe2", 0x6B00),
        ("a0a4000003aabbcc", 0x6700),
        ("a0b0000a01", 0x6B00),
        ("a0b000000b", 0x670A),
        ("a0b0820001", 0x6B00),
        ("a0f2000100", 0x6B00),
    ],
)
def test_class_a0_has_its_own_refusals(terminal: Any, command: str, status: int) -> None:
    terminal.ok("a0a40000023f00")
    terminal.ok("a0a40000022fe2")
    assert terminal.sw(command) == status


@pytest.mark.parametrize("parameters", ["0100", "0001", "0101"])
def test_class_a0_select_has_no_parameters(terminal: Any, parameters: str) -> None:
    assert terminal.sw(f"a0a4{parameters}023f00") == 0x6B00


def test_class_a0_does_not_know_the_current_application(terminal: Any) -> None:
    terminal.ok("00a4080c047fff6f07")
    assert terminal.sw("a0a40000027fff") == 0x9404


@pytest.mark.parametrize("asks", [True, False])
def test_class_a0_says_whether_chv1_is_asked_for(new_terminal: Any, *, asks: bool) -> None:
    terminal = new_terminal(asks_for_pin=asks)
    status = GsmDirectoryStatus.decode(terminal.ok("a0a40000027f20"))
    assert bool(status.features.characteristics & 0x80) is not asks


@pytest.mark.parametrize("path", ["3f00", "7f10", "7fff"])
@pytest.mark.parametrize("asks", [False, True])
def test_the_fcp_of_a_directory_says_whether_pin_1_is_asked_for(
    new_terminal: Any, path: str, *, asks: bool
) -> None:
    fcp = new_terminal(asks_for_pin=asks).ok(f"00a4000402{path}")
    assert FileControl.decode(fcp).pins == (PinState(0x01, asks), PinState(0x81, enabled=True))


def test_class_a0_status_returns_as_much_as_is_asked(terminal: Any) -> None:
    terminal.ok("a0a40000023f00")
    assert len(terminal.ok("a0f2000016")) == 22
    assert len(terminal.ok("a0f200000d")) == 13


def test_files_are_closed_while_the_pin_is_wanted(new_terminal: Any) -> None:
    terminal = new_terminal(asks_for_pin=True)
    terminal.ok("00a4080c047fff6f07")
    assert terminal.sw("00b0000009") == 0x6982
    assert terminal.sw("a0b0000009") == 0x9804
    terminal.ok("00a4080c022fe2")
    terminal.ok("00b000000a")
    terminal.ok("002000010830303030ffffffff")
    terminal.ok("00a4080c047fff6f07")
    assert len(terminal.ok("00b0000009")) == 9


SESSION = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "apdu.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]
OTHER_CARD = {vector["id"]: vector for vector in SESSION if vector["id"].startswith("ono-")}
NOT_THE_SAME = {
    "ono-04": (0x6C1A, "EF.DIR: our application needs a record of 26 octets, not of 38"),
    "ono-06": (0x6C04, "EF.PL: ours has two languages of 2 octets, not five"),
    "ono-07": (0x6A82, "EF.UMPC: our card does not tell its power consumption"),
    "ono-08": (0x6C04, "EF.UMPC again: EF.PL is still the current file"),
    "ono-11": (0x6A82, "the application is of another provider"),
}


def start_as_it_began(terminal: Any) -> None:
    """Power the card; our application takes the place of the one in the recorded session."""
    terminal.card.power_on()
    terminal.ok("00a4040c07a0000000871002")
    terminal.ok("00a4000c023f00")


@pytest.mark.parametrize("name", OTHER_CARD)
def test_a_session_with_another_card_is_answered_alike(terminal: Any, name: str) -> None:
    """Status word, length and kinds of data; the values are the other card's own."""
    start_as_it_began(terminal)
    for vector in OTHER_CARD.values():
        answer = terminal.send(vector["command"])
        if vector["id"] == name:
            break
    if name in NOT_THE_SAME:
        assert answer.sw == NOT_THE_SAME[name][0]
        return
    if answer.exact_length:  # it is of T=0: the other card's STATUS took any Le
        answer = terminal.send(vector["command"][:8] + f"{answer.exact_length:02x}")
    expected = bytes.fromhex(vector["response"])
    assert answer.sw in {int(vector["sw"], 16), 0x9100 | answer.sw & 0xFF}
    if expected[:1] == b"\x62":
        assert fcp_of(answer.data) == fcp_of(expected)
    else:
        assert len(answer.data) == len(expected)


def fcp_of(octets: bytes) -> list[tuple[int, int]]:
    """Return the tags of an FCP template in their order, and what kind of file it is of."""
    objects = decode_tlvs(open_template(octets, 0x62, "FCP"))
    return [(each.tag, each.value[0] if each.tag == 0x82 else 0) for each in objects]
