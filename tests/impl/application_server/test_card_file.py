"""Files of manufacturers: cards and faults come with their lines, faults without secrets."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.application_server.card_file import CardEntry, CardFileError, FileFormat, read_cards
from impl.errors import MalformedError
from impl.values import ICCID

ONE, TWO = ICCID("8933010000000000017"), ICCID("8933010000000000025")
CODE, KIC, KID = "3132333435363738", "a0" * 16, "b0" * 16
SECRETS = bytes.fromhex(CODE + KIC + KID)
HEADER = "iccid,admin_code,kic,kid,key_version\n"


def line(iccid=ONE, code=CODE, kic=KIC, kid=KID, version="1"):
    return f"{iccid},{code},{kic},{kid},{version}\n"


def member(**changes):
    return {"iccid": ONE, "admin_code": CODE, "kic": KIC, "kid": KID} | changes


def read(text, file_format=FileFormat.CSV):
    return list(read_cards(text, file_format))


def faults(text, file_format=FileFormat.CSV):
    """Return lines and faults, whether of a card or of the file."""
    found = []
    try:
        for number, entry in read_cards(text, file_format):
            if isinstance(entry, MalformedError):
                found.append((number, str(entry)))
    except CardFileError as error:
        found += error.faults
    return found


def test_cards_of_csv_are_read_with_their_lines():
    assert read(HEADER + line() + "\n" + line(TWO, version="14")) == [
        (2, CardEntry(ONE, SECRETS, 1)),
        (4, CardEntry(TWO, SECRETS, 14)),
    ]


@pytest.mark.parametrize("octets", [16, 24, 32])
@pytest.mark.parametrize("space", ["", " "])
def test_keys_may_be_of_each_length_of_aes(octets, space):
    kic, kid = space.join(["a0"] * octets), space.join(["b0"] * octets)
    secrets = bytes.fromhex(CODE + kic + kid)
    assert read(HEADER + line(kic=kic, kid=kid)) == [(2, CardEntry(ONE, secrets, 1))]


def test_columns_may_stand_in_any_order_with_others_between_and_a_mark_in_front():
    text = f"\ufeffkid, imsi ,iccid,kic,admin_code\n{KID},, {ONE} ,{KIC},{CODE}\n"
    assert read(text) == [(2, CardEntry(ONE, SECRETS, 1))]


def test_lines_are_read_as_they_come():
    def lines():
        yield HEADER
        yield line()
        pytest.fail("a line was read before it was needed")

    assert next(read_cards(lines(), FileFormat.CSV)) == (2, CardEntry(ONE, SECRETS, 1))


@pytest.mark.parametrize("key_version", [None, "", 1, "1"])
def test_cards_of_json_are_read_with_their_lines(key_version):
    cards = [member(), member(iccid=TWO, key_version=key_version, imsi="other")]
    text = "\n " + json.dumps(cards, indent=1)
    assert read(text, FileFormat.JSON) == [
        (3, CardEntry(ONE, SECRETS, 1)),
        (9, CardEntry(TWO, SECRETS, 1)),
    ]


@pytest.mark.parametrize("key_version", [0, 15, -1, False, True, 1.0, [], {}, "0", "1.0", "one"])
def test_a_key_version_of_json_that_is_none_is_named(key_version):
    text = json.dumps([member(key_version=key_version)])
    assert faults(text, FileFormat.JSON) == [(1, "key_version: must be 1 to 14")]


@pytest.mark.parametrize("text", ["[]", " [ ] \n"])
def test_an_array_of_nothing_has_no_cards(text):
    assert read(text, FileFormat.JSON) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iccid": TWO[:10]}, "ICCID: must be 18 to 20"),
        ({"code": "31"}, "admin_code: must be 8 octets, is 1"),
        ({"kic": "zz"}, "kic: must be hexadecimal"),
        ({"kid": ""}, "kid: must be 16, 24 or 32 octets, is 0"),
        ({"kic": "a0" * 20}, "kic: must be 16, 24 or 32 octets, is 20"),
        ({"kic": "a0" * 24}, "kid: must be as long as kic, 24 octets, is 16"),
        ({"kid": "b0" * 32}, "kid: must be as long as kic, 16 octets, is 32"),
        ({"kid": "b" + " " + "0" + "b0" * 15}, "kid: must be hexadecimal"),
        ({"version": "0"}, "key_version: must be 1 to 14"),
        ({"version": "15"}, "key_version: must be 1 to 14"),
        ({"version": "1,2"}, "must have 5 cells, has 6"),
        ({"kid": '"' + "b" * 32}, "is no CSV"),
    ],
)
def test_what_is_wrong_in_a_line_of_csv_is_named_and_the_next_is_read(changes, why):
    ((number, fault),) = faults(HEADER + line() + line(**changes))
    assert number == 3
    assert why in fault


@pytest.mark.parametrize("missing", ["iccid", "admin_code", "kic", "kid"])
def test_a_column_that_is_missing_is_named_once(missing):
    assert faults(HEADER.replace(missing, "x") + line() + line(TWO)) == [
        (1, f"has no column {missing}")
    ]


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_csv_file_has_no_columns(text):
    assert faults(text) == [(1, "has no column iccid")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[1]", (1, "card: must be an object")),
        ('[\n{"iccid": 7}]', (2, "iccid: is missing or no text")),
        ("", (1, "must be an array of cards")),
        ("{}", (1, "must be an array of cards")),
        ("[", (1, "is no JSON")),
        ("[\n\n}", (3, "is no JSON")),
        ("[[],\n]", (2, "is no JSON")),
        ("[[]\n[]]", (2, "is no JSON")),
        ("[]\n[]", (2, "is no JSON")),
        ("[" * 100_000, (1, "is no JSON")),
        ("[" + "9" * 5_000 + "]", (1, "is no JSON")),
        ("\0", (1, "must be an array of cards")),
    ],
)
def test_json_of_another_shape_is_refused_with_its_line(text, fault):
    assert faults(text, FileFormat.JSON)[-1] == fault


@given(st.text(), st.sampled_from(FileFormat))
def test_whatever_a_file_holds_each_fault_has_a_line(text, file_format):
    count = len(text.splitlines()) + 1
    assert all(1 <= number <= count for number, _ in faults(text, file_format))


@given(st.text("0123456789abcdefxyz ", max_size=40))
def test_no_fault_says_what_stood_in_a_secret(code):
    text = "".join(fault for _, fault in faults(HEADER + line(code=code)))
    assert len(code) < 4 or code not in text
