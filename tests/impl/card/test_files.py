"""The table of files: sound as a table, and true to the standards where a terminal relies on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from impl.card.files import (
    DIRECTORY_RULE,
    MASTER_FILE,
    RULES,
    Access,
    Dedicated,
    Elementary,
)
from impl.codec.tlv import decode_tlvs


def rows(directory: Dedicated) -> Iterator[tuple[Dedicated, Elementary]]:
    for child in directory.children:
        if isinstance(child, Dedicated):
            yield from rows(child)
        else:
            yield directory, child


def directories(directory: Dedicated) -> Iterator[Dedicated]:
    yield directory
    for child in directory.children:
        if isinstance(child, Dedicated):
            yield from directories(child)


def find(name: str, where: str = "ADF.USIM") -> Elementary:
    (row,) = [row for there, row in rows(MASTER_FILE) if (there.name, row.name) == (where, name)]
    return row


def test_no_directory_has_an_identifier_twice() -> None:
    for directory in directories(MASTER_FILE):
        identifiers = [child.fid for child in directory.children]
        assert len(set(identifiers)) == len(identifiers), directory.name


def test_no_directory_has_a_short_identifier_twice() -> None:
    for directory in directories(MASTER_FILE):
        children = [child for child in directory.children if isinstance(child, Elementary)]
        short = [child.sfi for child in children if child.sfi]
        assert len(set(short)) == len(short), directory.name
        assert all(1 <= each <= 30 for each in short)


def test_what_a_file_holds_at_first_fits_in_it() -> None:
    for _, row in rows(MASTER_FILE):
        assert len(row.erased) == row.size * max(row.records, 1), row.name
        assert len(row.fixed) in {0, len(row.erased)}, row.name


def test_every_pair_of_conditions_has_its_rule() -> None:
    for _, row in rows(MASTER_FILE):
        assert (row.read, row.update) in RULES, row.name


def test_the_rules_are_readable_and_name_their_conditions() -> None:
    arr = find("EF.ARR")
    records = [arr.fixed[at : at + arr.size] for at in range(0, len(arr.fixed), arr.size)]
    assert len(records) == len(RULES) + 1 == DIRECTORY_RULE == arr.records
    pin_then_adm = records[RULES.index((Access.PIN, Access.ADM))].rstrip(b"\xff")
    tags = [tlv.tag for tlv in decode_tlvs(pin_then_adm)]
    assert tags == [0x80, 0xA4, 0x80, 0xA4, 0x80, 0x97]
    assert b"\x83\x01\x01" in pin_then_adm
    assert b"\x83\x01\x0a" in pin_then_adm


def test_identities_are_not_for_the_terminal_to_write() -> None:
    assert find("EF.IMSI").update is Access.ADM
    assert find("EF.ICCID", "MF").update is Access.NEVER
    assert find("EF.ICCID", "MF").read is Access.ALWAYS


def test_the_terminal_may_write_where_it_is() -> None:
    for name in ("EF.LOCI", "EF.PSLOCI", "EF.EPSLOCI", "EF.Keys", "EF.KeysPS", "EF.FPLMN"):
        assert find(name).update is Access.PIN, name


def test_service_28_says_that_short_messages_may_come_for_the_card() -> None:
    table = find("EF.UST").fixed
    assert table[(28 - 1) // 8] >> (28 - 1) % 8 & 1
    assert not table[(10 - 1) // 8] >> (10 - 1) % 8 & 1


def test_files_of_class_a0_show_the_same_content() -> None:
    linked = {
        row.name for there, row in rows(MASTER_FILE) if there.name == "DF.GSM" and row.same_as
    }
    assert {"EF.IMSI", "EF.LOCI", "EF.Kc", "EF.AD", "EF.ACC", "EF.FPLMN"} <= linked
    assert "EF.SST" not in linked


@pytest.mark.parametrize(
    ("path", "services"),
    [
        # 12 SMS parameters; 19, 20, 21; 27, 28 data download; 33, 34, 38; 42, 43; 85
        ("7fff6f38", "00 08 1c 0c 23 06 00 00 00 00 10 00 00 00 00 00 00"),
        # two bits a service: 1, 2; 7; 9, 12; 17; 26 data download, 27; 29 proactive SIM; 38 GPRS
        ("7f206f38", "0f 30 c3 00 03 00 3c 03 00 0c"),
    ],
    ids=["UST", "SST"],
)
def test_the_service_tables_say_what_the_card_does(terminal: Any, path: str, services: str) -> None:
    """TS 31.102 clause 4.2.8, TS 51.011 clause 10.3.7."""
    assert terminal.read(path) == bytes.fromhex(services)
