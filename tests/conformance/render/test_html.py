"""The page says all that the report says, escapes every text, and needs nothing but itself."""

import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from conformance.evidence import (
    Background,
    Finding,
    Kill,
    KillState,
    RecordChange,
)
from conformance.glossary import Term
from conformance.machines import Goals, Machine, State, SuiteRun, Transition
from conformance.render.html import (
    breakable,
    duration,
    octets,
    render_html,
    span,
    spelled,
    write_html,
)
from conformance.specification import Specification
from conformance.verdicts import Verdict

VOID = {"meta", "br", "path", "input", "wbr", "rect"}
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
        if self.open[-1:] not in (["style"], ["script"]):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


KILLS = (
    Kill("dark", "stays dark", ("1a",), KillState.BY_NAME, "", {"lamp/1a/1": Verdict.FAIL}),
    Kill("dim", "is dim", ("1b",), KillState.SURVIVED, "content", {"lamp/1b/1": Verdict.PASS}),
)


PRESS = "lamp: OFF - press -> ON"


@pytest.fixture
def background(message):
    """Make a background with something of everything."""
    lamp = Machine(
        "lamp",
        "OFF",
        (State("OFF", "it is dark"), State("ON", "it shines")),
        (
            Transition("OFF", "press", "ON", "normal", ("1a",)),
            Transition("ON", "press", "OFF", "normal", ("1a",)),
            Transition("ON", "burn_out", "ON", "fault", ()),
        ),
    )
    return Background(
        specification=Specification({8: "A lamp has a switch.", 9: "A switch is pressed."}, (1,)),
        terms=(Term("switch", "what turns it on", "TS 1"),),
        unused=("Given a candle",),
        outdated=("1b",),
        machines=(lamp,),
        suites=(
            SuiteRun(
                "tour",
                "bulb",
                3,
                (Goals("moves", 4, 2, 1),),
                ("leap: no wind",),
                ((PRESS, "lamp: ON - press -> OFF", PRESS),),
            ),
        ),
        findings=(Finding("It can burn", "Read so.", ("B01",), ("press", "burn"), (message(1),)),),
    )


@pytest.fixture
def report(record, background):
    """Make a report with something of everything."""
    bad = {
        "lamp/1a/1": Verdict.FAIL,
        "lamp/1b/1": Verdict.ERROR,
        "lamp/2a/1": Verdict.NA,
        "lamp/E01/1": Verdict.INCONC,
    }
    made = record({"bulb": bad, "tube": {}}, mutants=KILLS)
    bulb, tube = made.systems
    spoken = tuple(replace(one, spans={"level": (1, 2)}) for one in bulb.results[0].messages)
    records = (RecordChange("lamp / filament", "whole", "torn"),)
    first = replace(
        bulb.results[0], messages=spoken, trail=(PRESS,), records=records,
        change="REGRESSED", expected="PASS",
    )  # fmt: skip
    systems = (replace(bulb, results=(first, *bulb.results[1:])), tube)
    return replace(made, systems=systems, background=background)


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
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    of_script = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; script-src 'sha256-{of_script}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_script_is_small_and_makes_no_markup_of_texts(report):
    script = re.search(r"<script>(.*?)</script>", render_html(report), re.DOTALL)[1]
    assert len(script.encode()) < 30_000
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", script)


def test_nothing_runs_but_the_own_script_and_nothing_is_fetched(page, report):
    assert page.tags.count("script") == 2  # of which one is data
    assert not {"link", "img", "iframe", "object", "form"} & set(page.tags)
    assert not {"style", "src", "srcset", "onclick", "onload"} & page.attributes
    text = render_html(report).replace("http://www.w3.org/2000/svg", "")  # names, fetches nothing
    assert not re.search(r"url\(|@import|https?://|fetch\(|XMLHttp|import\(", text)


def hostile_of(report, text=EVIL):
    """Put markup wherever a system, a feature or a file can put a text."""
    (first, *rest) = report.systems
    result = first.results[0]
    message = replace(
        result.messages[0],
        sender=text, receiver=text, protocol=text, name=text, fields={text: text},
        spans={text: (1, 2)},
    )  # fmt: skip
    evil = replace(
        result, reason=text, trace=(text,), rerun=text, trail=(text,), messages=(message,),
        records=(RecordChange(text, text, text),),
    )  # fmt: skip
    systems = (replace(first, name=text, results=(evil, *first.results[1:])), *rest)
    case = replace(report.cases[0], name=text, rule=text, feature=text, file=text)
    (machine,) = report.background.machines
    told = report.background
    background = replace(
        told,
        specification=Specification({8: text, 9: text}, (1,)),
        terms=(Term(text, text, text), *told.terms),
        unused=(text,),
        machines=(replace(machine, states=(State("OFF", text), State("ON", text))),),
        suites=(replace(told.suites[0], name=text, reasons=(text,)),),
        findings=(Finding(text, text, ("B01",), (text,), (message,)),),
    )
    return replace(
        report, title=text, tool=text, systems=systems, background=background,
        cases=(case, *report.cases[1:]),
    )  # fmt: skip


def test_no_text_of_a_system_or_feature_is_markup(report, page):
    hostile = Page(render_html(hostile_of(report)))
    assert hostile.text.count(EVIL) > 10
    assert (hostile.open, hostile.stray) == ([], [])
    assert set(hostile.tags) == set(page.tags)
    assert hostile.attributes == page.attributes


def test_nothing_on_the_page_is_hidden_or_turned_round(report):
    evil = "\x00\x1b[31m\u202egnihtemos\u200b"
    page = render_html(hostile_of(report, evil))
    assert page.count(r"\x00\x1b[31m\u202egnihtemos\u200b") > 10
    assert not set("\x00\x1b\u202e\u200b") & set(page)


def test_a_lone_surrogate_in_a_name_does_not_hinder_the_page(record, tmp_path):
    write_html(record({"bu\ud800lb": {}}), tmp_path / "report.html")
    assert r"bu\ud800lb" in (tmp_path / "report.html").read_text()


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
        assert heads or "class=data" in table


def test_what_can_be_scrolled_can_be_reached_by_keyboard_and_has_a_name(report):
    boxes = re.findall(r"<div class=\"?scroll\b[^>]*>", render_html(report))
    assert boxes
    for box in boxes:
        assert re.search(r'tabindex="?0"? role="?group', box)
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
    assert "see report.json" in page


def test_octets_are_grouped_and_short_times_are_milliseconds():
    assert octets("00a40004") == "00 A4 00 04"
    assert octets("") == ""
    assert duration(0.0123) == "12.3 ms"
    assert duration(3.04) == "3.0 s"


def test_octets_of_a_field_are_marked_where_they_stand(report):
    text = render_html(report)
    assert (
        "<code class=o>A0 <i class=f1>B1</i></code><dl><dt tabindex=0>level<dd><small>1</small> 1"
        in text
    )
    assert span({"a": (4, 8)}, "a") == "4\N{EN DASH}7"
    assert span({}, "a") == ""


def test_spans_that_do_not_lie_in_the_message_are_not_marked(report):
    (bulb, *others) = report.systems
    far = tuple(replace(one, spans={"level": (7, 99)}) for one in bulb.results[0].messages)
    first = replace(bulb.results[0], messages=far)
    systems = (replace(bulb, results=(first, *bulb.results[1:])), *others)
    assert "<i class=f1>" not in render_html(replace(report, systems=systems))


def test_a_long_call_can_be_broken_and_is_no_markup():
    assert breakable("is_so(a<b)") == "is_<wbr>so(<wbr>a&lt;b)"


def test_a_claim_chart_has_the_form_of_practice(page):
    for words in (
        "Element Construction Specification support Test Evidence Verdict",
        "Independent claim 1 of A lamp",
        "Dependent claim 2 of A lamp",
        "[008] A lamp has a switch.",
        "switch : what turns it on",
        "A rule .",
    ):
        assert words.replace(" .", ".") in page.text.replace(" .", ".")


def test_a_case_has_the_parts_of_a_test_specification(page):
    at = [
        page.text.index(words)
        for words in (
            "Conformance requirement 1a",
            "Purpose To see that this holds: A rule",
            "Initial conditions Given",
            "Procedure When",
            "Acceptance criteria Then",
        )
    ]
    assert at == sorted(at)


def test_what_became_of_records_is_shown(page):
    assert "What became of records (1)" in page.text
    assert "lamp / filament whole torn" in page.text


def test_what_changed_against_the_baseline_stands_in_matrix_list_and_case(page, record):
    assert page.words.count("REGRESSED") == 3
    assert "lamp/1a/1 bulb REGRESSED PASS FAIL because FAIL" in page.text
    assert "Against the baseline" not in Page(render_html(record({"bulb": {}}))).text


def test_the_machines_say_what_features_and_suites_took(page):
    assert "features on bulb: transitions pairs tour on bulb: transitions pairs" in page.text
    assert "lamp 2 1/3 0/5 2/3 2/5" in page.text
    assert "burn out ON ON fault not taken not taken" in page.text
    assert "tour on bulb 3 4 moves 2 1 1" in page.text
    assert "leap: no wind" in page.text


def test_steps_of_a_case_that_was_not_run_are_left_to_its_feature(record):
    ran = record({"bulb": {}})
    (bulb,) = ran.systems
    case = ran.cases[0]
    steps = f'aria-label="Steps of {case.id}"'
    not_run = render_html(replace(ran, systems=(replace(bulb, results=bulb.results[1:]),)))
    assert steps in render_html(ran)
    assert steps not in not_run
    assert f"{case.file}:{case.line}" in Page(not_run).text
    # A report without systems is a specification to read: it has all steps.
    assert steps in render_html(replace(ran, systems=()))


def test_what_does_not_apply_is_not_offered_to_be_run_again(record):
    (bulb,) = record({"bulb": {}}).systems
    for verdict, said in ((Verdict.PASS, True), (Verdict.NA, False)):
        one = replace(bulb.results[0], verdict=verdict, rerun="lamp again")
        shown = replace(record({"bulb": {}}), systems=(replace(bulb, results=(one,)),))
        assert ("lamp again" in Page(render_html(shown)).text) is said


def test_findings_orphans_and_words_are_there(page, record):
    for words in ("It can burn", "OUTDATED 1 1b", "Given a candle", "what turns it on (TS 1)"):
        assert words in page.text
    plain = Page(render_html(record({"bulb": {}}))).text
    assert "Findings" not in plain
    assert "State machines" not in plain


def test_where_systems_differ_is_listed(page, record):
    assert "FAIL because FAIL PASS 1: lamp/1a/1" in page.text
    assert "None: every case" in Page(render_html(record({"a": {}, "b": {}}))).text
    assert "Differences between" not in Page(render_html(record({"a": {}}))).text


def test_techniques_are_told_apart(report):
    kills = (KILLS[0], replace(KILLS[0], technique="tour", state=KillState.SURVIVED))
    text = Page(render_html(replace(report, mutants=kills))).text
    assert "features : 1 of 1 killed by name" in text
    assert "tour : 0 of 1 killed by name" in text


def test_octets_of_a_field_in_a_field_are_marked_as_of_both(message):
    fields = {"outer": "1", "inner": "2", "flag": "3"}
    spans = {"outer": (1, 4), "inner": (2, 3), "flag": (1, 2)}
    said = message(1, octets="00112233**44", fields=fields, spans=spans)
    assert spelled(said) == (
        '00 <i class="f1 f3">11</i> <i class="f1 f2">22</i> <i class=f1>33</i> ** 44'
    )


def test_a_place_that_octets_do_not_have_is_not_marked(message):
    said = message(1, octets="0011", fields={"a": "1"}, spans={"a": (1, 3)})
    assert spelled(said) == "00 11"
