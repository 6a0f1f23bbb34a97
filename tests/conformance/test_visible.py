"""What the eye cannot see, or a terminal obeys, stands as an escape."""

import unicodedata

import pytest

from conformance.visible import visible

JOINERS = "\u200c\u200d"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x00\x1b[31mred", r"\x00\x1b[31mred"),
        ("admin\u202etxt", r"admin\u202etxt"),
        ("one\u200bname\ufeff", r"one\u200bname\ufeff"),
        ("\x85\r\ud800", r"\x85\r\ud800"),
        ("IMSI 1 \N{RIGHTWARDS ARROW} 2\n\tüé語", "IMSI 1 \N{RIGHTWARDS ARROW} 2\n\tüé語"),
        (f"\u0646\u0645\u06cc{JOINERS}", f"\u0646\u0645\u06cc{JOINERS}"),
    ],
)
def test_what_cannot_be_seen_is_escaped_and_nothing_else(text, seen):
    assert visible(text) == seen


def test_no_control_is_left():
    text = visible("".join(map(chr, range(0x3000))))
    assert {sign for sign in text if unicodedata.category(sign) == "Cc"} == {"\t", "\n"}
    directions = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    assert not directions & {unicodedata.bidirectional(sign) for sign in text}
