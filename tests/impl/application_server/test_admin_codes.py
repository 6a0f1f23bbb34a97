"""The database of cards: files are taken whole or not at all, secrets lie sealed."""

import json

import pytest
from sqlalchemy import select

from impl.application_server import admin_codes
from impl.application_server.admin_codes import (
    AdminCodes,
    CardFileError,
    FileFormat,
    UnknownCardError,
)
from impl.application_server.records import APPLICATION_SERVER, card
from impl.crypto.vault import Vault
from impl.errors import MalformedError
from impl.runtime.store import SqlStore
from impl.values import ICCID, MSISDN, PLMN, OtaKeys, Secret

ONE, TWO = "8933010000000000017", "8933010000000000025"
CODE, KIC, KID = "3132333435363738", "a0" * 16, "b0" * 16
HEADER = "iccid,admin_code,kic,kid,key_version\n"


def row(iccid=ONE, code=CODE, kic=KIC, kid=KID, version="1"):
    return f"{iccid},{code},{kic},{kid},{version}\n"


@pytest.fixture
def connection(database):
    store = SqlStore(APPLICATION_SERVER, database)
    with store.begin() as opened:
        yield opened
    store.close()


@pytest.fixture
def codes():
    counter = iter(range(10_000))
    return AdminCodes(Vault(Secret(bytes(32)), lambda size: next(counter).to_bytes(size, "big")))


def count(connection):
    return len(connection.execute(select(card.c.key)).all())


@pytest.mark.parametrize("file_format", FileFormat)
def test_a_file_of_the_manufacturer_is_taken(codes, connection, file_format):
    text = HEADER + row() + row(TWO, version="")
    if file_format is FileFormat.JSON:
        fields = {"admin_code": CODE, "kic": KIC, "kid": KID}
        text = json.dumps([{"iccid": iccid, **fields} for iccid in (ONE, TWO)])
    assert codes.import_file(connection, text, file_format) == 2
    found = codes.find(connection, ICCID(TWO))
    assert found.admin_code == Secret(bytes.fromhex(CODE))
    assert found.keys == OtaKeys(1, Secret(bytes.fromhex(KIC)), Secret(bytes.fromhex(KID)))
    assert (found.plmn, found.msisdn, found.sent_counter, found.seen_counter) == (None, None, 0, 0)


@pytest.mark.parametrize("octets", [16, 24, 32])
def test_keys_of_each_length_are_found_again(codes, connection, octets):
    kic, kid = b"c" * octets, b"d" * octets
    codes.import_file(connection, HEADER + row(kic=kic.hex(), kid=kid.hex()), FileFormat.CSV)
    keys = OtaKeys(1, Secret(kic), Secret(kid))
    assert codes.find(connection, ICCID(ONE)).keys == keys
    other = OtaKeys(2, Secret(kid), Secret(kic))
    codes.replace_keys(connection, ICCID(ONE), other)
    assert codes.find(connection, ICCID(ONE)).keys == other
    with pytest.raises(MalformedError, match="of one length"):
        codes.replace_keys(connection, ICCID(ONE), OtaKeys(3, Secret(b"e" * 40), Secret(kid)))
    assert codes.find(connection, ICCID(ONE)).keys == other


def test_nothing_in_clear_lies_in_the_table(codes, connection):
    codes.import_file(connection, HEADER + row(), FileFormat.CSV)
    (lying,) = connection.execute(select(card.c.secrets)).scalars()
    assert bytes.fromhex(CODE) not in lying
    assert bytes.fromhex(KIC) not in lying


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (row(TWO[:10]), "ICCID: must be 18 to 20"),
        (row(TWO, code="31"), "admin_code: must be 8 octets"),
        (row(TWO, kic="zz"), "kic: must be hexadecimal"),
        (row(TWO, kid=""), "kid: must be 16, 24 or 32 octets"),
        (row(TWO, version="15"), "key_version: must be 1 to 14"),
        (f"{TWO}\n", "must have 5 cells, has 1"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken(codes, connection, bad, why):
    with pytest.raises(CardFileError, match=why) as caught:
        codes.import_file(connection, HEADER + row() + bad, FileFormat.CSV)
    assert [line for line, _ in caught.value.faults] == [3]
    assert count(connection) == 0


def test_a_fault_never_says_what_the_line_holds(codes, connection):
    with pytest.raises(CardFileError) as caught:
        codes.import_file(
            connection, HEADER + row(code=CODE + "99", kic=KIC + "zz"), FileFormat.CSV
        )
    assert CODE not in str(caught.value)
    assert KIC not in str(caught.value)


def test_a_card_that_is_named_twice_or_there_already_is_refused(codes, connection):
    with pytest.raises(CardFileError, match="line 3: names a card that is there"):
        codes.import_file(connection, HEADER + row() + row(), FileFormat.CSV)
    codes.import_file(connection, HEADER + row(), FileFormat.CSV)
    with pytest.raises(CardFileError, match="line 3: names a card that is there"):
        codes.import_file(connection, HEADER + row(TWO) + row(), FileFormat.CSV)
    assert count(connection) == 1


def test_a_long_file_is_taken_in_portions_and_is_still_one_file(codes, connection, monkeypatch):
    monkeypatch.setattr(admin_codes, "CARDS_AT_ONCE", 2)
    rows = [row(f"89330100000000{number:05d}") for number in range(5)]
    twice = HEADER + "".join(rows) + row("8933010000000000003")
    with pytest.raises(CardFileError, match="line 7: names a card that is there"):
        codes.import_file(connection, twice, FileFormat.CSV)
    assert count(connection) == 0
    lines = iter([HEADER, *rows])
    assert codes.import_file(connection, lines, FileFormat.CSV) == 5
    assert count(connection) == 5


def test_of_a_file_that_is_all_wrong_not_every_line_is_named(codes, connection, monkeypatch):
    monkeypatch.setattr(admin_codes, "MOST_FAULTS", 3)
    with pytest.raises(CardFileError) as caught:
        codes.import_file(connection, HEADER + row(code="") * 9, FileFormat.CSV)
    assert [line for line, _ in caught.value.faults] == [2, 3, 4]


def test_an_empty_file_is_no_card(codes, connection):
    assert codes.import_file(connection, HEADER, FileFormat.CSV) == 0


def test_what_changes_of_a_card_is_kept(codes, connection):
    codes.import_file(connection, HEADER + row(), FileFormat.CSV)
    iccid = ICCID(ONE)
    codes.settle(connection, iccid, PLMN("20801"), MSISDN("33612345678"))
    codes.count_sent(connection, iccid, 5)
    codes.count_seen(connection, iccid, 7)
    codes.replace_admin_code(connection, iccid, Secret(b"87654321"))
    codes.replace_keys(connection, iccid, OtaKeys(2, Secret(b"c" * 16), Secret(b"d" * 16)))
    found = codes.find(connection, iccid)
    assert (found.plmn, found.msisdn) == ("20801", "33612345678")
    assert (found.sent_counter, found.seen_counter) == (5, 7)
    assert found.admin_code == Secret(b"87654321")
    assert found.keys == OtaKeys(2, Secret(b"c" * 16), Secret(b"d" * 16))


def test_a_number_reaches_the_card_that_got_it_last(codes, connection):
    codes.import_file(connection, HEADER + row() + row(TWO), FileFormat.CSV)
    number, other = MSISDN("33612345678"), MSISDN("33612345679")
    codes.settle(connection, ICCID(ONE), PLMN("20801"), number)
    codes.settle(connection, ICCID(TWO), PLMN("20801"), other)
    codes.settle(connection, ICCID(TWO), PLMN("20801"), number)
    found = [codes.find(connection, ICCID(iccid)) for iccid in (ONE, TWO)]
    assert [(card.plmn, card.msisdn) for card in found] == [("20801", None), ("20801", number)]


def test_an_unknown_card_is_not_found_nor_changed(codes, connection):
    iccid = ICCID(ONE)
    for call in (
        lambda: codes.find(connection, iccid),
        lambda: codes.count_sent(connection, iccid, 1),
        lambda: codes.settle(connection, iccid, PLMN("20801"), MSISDN("33612345678")),
    ):
        with pytest.raises(UnknownCardError):
            call()


def test_a_removed_card_is_unknown(codes, connection):
    codes.import_file(connection, HEADER + row(), FileFormat.CSV)
    codes.remove(connection, ICCID(ONE))
    with pytest.raises(UnknownCardError):
        codes.find(connection, ICCID(ONE))
