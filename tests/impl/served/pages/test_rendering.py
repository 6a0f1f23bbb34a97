import asyncio

import pytest

from impl.served.pages.rendering import HEADERS, TEMPLATES, assets, fours, moment, page

HOSTILE = "\"'><script>alert(1)</script>{{ 7 * 7 }}"


def test_what_somebody_typed_stays_text():
    made = page("card.html", operator=HOSTILE, token=HOSTILE, fault="x", typed=HOSTILE)
    assert "<script" not in made.text
    assert made.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3
    assert "49" not in made.text


def test_a_page_says_what_a_browser_may_do_with_it():
    made = page("problem.html", 404, {"X": "y"}, operator="N", token="", number=404, minutes=0)
    assert made.status == 404
    assert made.headers["X"] == "y"
    assert made.headers.items() >= HEADERS.items()
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
    assert "script-src" not in HEADERS["Content-Security-Policy"]


def test_no_template_has_a_script_or_a_style_of_its_own():
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text("utf-8").lower()
        assert "<script" not in text
        assert "style=" not in text
        assert "http-equiv" not in text
        assert "| safe" not in text


@pytest.mark.parametrize("route", assets(), ids=lambda route: route.path)
def test_style_and_icon_are_given(route):
    given = asyncio.run(route.handler(None))
    assert given.body
    assert given.headers["X-Content-Type-Options"] == "nosniff"


def test_moments_and_digits_are_written_for_people():
    assert moment(1_700_000_000.9) == "2023-11-14T22:13:20Z"
    assert fours("8933010000000000017") == "8933 0100 0000 0000 017"
