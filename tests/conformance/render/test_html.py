"""The page says all that the report says, escapes every text, and needs nothing but itself."""

import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from conformance.evidence import Kill, KillState
from conformance.render.html import duration, octets, render_html, write_html
from conformance.verdicts import Verdict

VOID = {"meta", "br", "path"}
OPTIONAL = {"td", "th", "tr", "tbody", "thead", "li", "dt", "dd"}
EVIL = "<script>alert(1)</script>\"' onmouseover=x &amp;"


class Page(HTMLParser):
    """Reads a page as a browser does, and notes what stands in it."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.links, self.words = [], [], [], [], []
        self.attributes, self.stray = set(), []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        facts = dict(attrs)
        self.attributes |= facts.keys()
        if "id" in facts:
            self.ids.append(facts["id"])
        if tag == "a":
            self.links.append(facts["href"])
        if tag not in VOID | OPTIONAL:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID | OPTIONAL:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID | OPTIONAL:
            return
        if not self.open or self.open[-1] != tag:
            self.stray.append(tag)
        else:
            self.open.pop()

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


KILLS = (
    Kill("dark", "stays dark", ("1a",), KillState.BY_NAME, "", {"lamp/1a/1": Verdict.FAIL}),
    Kill("dim", "is dim", ("1b",), KillState.SURVIVED, "content", {"lamp/1b/1": Verdict.PASS}),
)


@pytest.fixture
def report(record):
    """Make a report with something of everything."""
    bad = {
        "lamp/1a/1": Verdict.FAIL,
        "lamp/1b/1": Verdict.ERROR,
        "lamp/2a/1": Verdict.NA,
        "lamp/E01/1": Verdict.INCONC,
    }
    return record({"bulb": bad, "tube": {}}, mutants=KILLS)


@pytest.fixture
def page(report):
    """Read the page of that report."""
    return Page(render_html(report))


def test_every_element_is_closed(page):
    assert (page.open, page.stray) == ([], [])


def test_every_id_stands_once_and_every_link_leads_to_one(page):
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_the_header_says_of_each_system_what_is_met(page):
    assert "bulb: claim 1 NOT MET at 1a ; claim 2 NOT APPLICABLE at 2a" in page.text
    assert "tube: claim 1 MET 2/2 elements ; claim 2 MET 1/1 elements" in page.text


def test_each_verdict_is_a_word(page):
    assert all(word in page.words for word in Verdict)


def test_a_case_shows_reason_trace_messages_and_how_to_run_it_again(page):
    for words in (
        "because FAIL",
        "lamp.py:1 in on",
        "lamp lamp/1a/1 --sut bulb --seed 7",
        "A0 B1",
        "level 1",
        "0.100",
        "shines()",
        "white",
        "a text",
        "[008] [009]",
    ):
        assert words in page.text


def test_obligations_without_a_case_and_reasons_of_na_are_listed(page):
    assert "2 obligations without a case" in page.text
    assert "because NA: lamp/2a/1" in page.text


def test_the_kill_matrix_is_there_where_mutants_ran(page, record):
    assert "KILLED-BY-NAME" in page.words
    assert "SURVIVED" in page.words
    assert "Kill matrix" not in Page(render_html(record({"bulb": {}}))).text


def test_an_interrupted_run_says_so(page, record):
    assert "Interrupted." not in page.text
    assert "Interrupted." in Page(render_html(record({"bulb": {}}, complete=False))).text


def test_a_report_of_mutants_alone_has_a_page(record):
    assert "stays dark" in Page(render_html(record({}, mutants=KILLS))).text


def test_a_report_without_evidence_has_a_page(record):
    assert "No message was seen" not in Page(render_html(record({"b": {}}, evidence=False))).text


def test_the_policy_allows_the_own_style_sheet_and_nothing_else(report):
    text = render_html(report)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        in text
    )


def test_nothing_runs_and_nothing_is_fetched(page, report):
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(page.tags)
    assert not {"style", "src", "srcset", "onclick", "onload"} & page.attributes
    assert not re.search(r"url\(|@import|https?://", render_html(report))


def test_no_text_of_a_system_or_feature_is_markup(report, page):
    (first, *rest) = report.systems
    result = first.results[0]
    message = replace(
        result.messages[0],
        sender=EVIL, receiver=EVIL, protocol=EVIL, name=EVIL, fields={EVIL: EVIL},
    )  # fmt: skip
    evil = replace(
        result, reason=EVIL, trace=(EVIL,), rerun=EVIL, trail=(EVIL,), messages=(message,)
    )
    systems = (replace(first, name=EVIL, results=(evil, *first.results[1:])), *rest)
    case = replace(report.cases[0], name=EVIL, rule=EVIL, feature=EVIL, file=EVIL)
    hostile = Page(
        render_html(
            replace(report, title=EVIL, tool=EVIL, systems=systems, cases=(case, *report.cases[1:]))
        )
    )
    assert hostile.text.count(EVIL) > 10
    assert (hostile.open, hostile.stray) == ([], [])
    assert set(hostile.tags) == set(page.tags)
    assert hostile.attributes == page.attributes


def test_a_lone_surrogate_in_a_name_does_not_hinder_the_page(record, tmp_path):
    write_html(record({"bu\ud800lb": {}}), tmp_path / "report.html")
    assert "bu&#55296;lb" in (tmp_path / "report.html").read_text()


def test_the_same_report_gives_the_same_page(report):
    assert render_html(report) == render_html(report)


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_there_are_landmarks_a_language_and_a_way_past_the_header(report, page):
    text = render_html(report)
    assert '<html lang="en">' in text
    assert {"header", "nav", "main", "footer"} <= set(page.tags)
    assert page.links[0] == "#main"


def test_every_table_has_headings_with_a_scope(report):
    for table in re.findall(r"<table.*?</table>", render_html(report), re.DOTALL):
        heads = re.findall(r"<th\b[^>]*>", table)
        assert all("scope=" in head for head in heads)
        assert heads or 'class="data"' in table


def test_what_can_be_scrolled_can_be_reached_by_keyboard_and_has_a_name(report):
    for box in re.findall(r'<div class="scroll"[^>]*>', render_html(report)):
        assert 'tabindex="0" role="region"' in box
        assert "aria-label" in box


def test_a_page_of_many_large_messages_stays_below_two_megabytes(record, message):
    report = record({"bulb": {}, "tube": {}, "moon": {}}, messages=0)
    systems = []
    for system in report.systems:
        results = tuple(
            replace(
                result,
                messages=tuple(
                    message(n, octets=f"{n:04x}" * 50, name=f"{result.case} {system.name} {n}")
                    for n in range(1, 1001)
                ),
            )
            for result in system.results
        )
        systems.append(replace(system, results=results))
    page = render_html(replace(report, systems=tuple(systems)))
    assert 1_000_000 < len(page.encode()) < 2_000_000
    assert "would make this page too large" in page


def test_octets_are_grouped_and_short_times_are_milliseconds():
    assert octets("00a40004") == "00 A4 00 04"
    assert octets("") == ""
    assert duration(0.0123) == "12.3 ms"
    assert duration(3.04) == "3.0 s"
