"""What only a browser tells of the page: policy, keyboard, narrow, dark, print, without script.

A machine without Chromium skips this; where CI runs, it fails.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from conformance.evidence import Background, Finding
from conformance.machines import Machine, State, Transition
from conformance.render.html import write_html
from conformance.specification import Specification
from conformance.verdicts import Verdict

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PDFTOTEXT = shutil.which("pdftotext")
SERIOUS = {"serious", "critical"}
FIRST = "lamp/1a/1"


@pytest.fixture(scope="module")
def browser():
    """Start Chromium; sockets of its pipe are closed with it."""
    if CHROMIUM is None or PDFTOTEXT is None:
        missing = "Chromium and pdftotext are needed (apt-packages.txt)"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as engine:
        found = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def report(record, message):
    """Make a report with something of everything; one system diverges."""
    made = record({"bulb": {FIRST: Verdict.FAIL, "lamp/2a/1": Verdict.NA}, "tube": {}}, messages=30)
    bulb, tube = made.systems
    spoken = [*bulb.results[0].messages[:11], message(12, name="OFF", delivered=False)]
    long = tuple(message(n, spans={"level": (1, 2)}, protocol=f"P{n % 3}") for n in range(1, 31))
    results = (replace(bulb.results[0], messages=tuple(spoken)), *bulb.results[1:])
    others = (tube.results[0], replace(tube.results[1], messages=long), *tube.results[2:])
    lamp = Machine(
        "lamp",
        "OFF",
        (State("OFF", "dark"), State("ON", "it shines")),
        (Transition("OFF", "press", "ON", "normal", ()),),
    )
    results = (replace(results[0], trail=("lamp: OFF - press -> ON",)), *results[1:])
    background = Background(
        specification=Specification({8: "A lamp.", 9: "A switch.", 10: "It turns on."}, (1, 2)),
        machines=(lamp,),
        findings=(Finding("It can burn", "Read so.", ("B01",), ("press",), (message(1),)),),
    )
    systems = (replace(bulb, results=results), replace(tube, results=others))
    return replace(made, systems=systems, background=background)


@pytest.fixture
def open_page(browser, report, tmp_path):
    """Open the page of the report; what goes wrong in it is kept in `page.faults`."""
    opened = []

    def to(fragment="", made=report, **facts):
        write_html(made, tmp_path / "report.html")
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | facts))
        opened.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda said: page.faults.append(said.text))
        page.on("request", lambda asked: page.faults.append(asked.url))
        page.goto(f"{(tmp_path / 'report.html').as_uri()}{fragment}")
        page.faults = [one for one in page.faults if not one.endswith("report.html" + fragment)]
        return page

    yield to
    for context in opened:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(color_scheme=scheme, bypass_csp=True)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = Axe().run(page).response["violations"]
    assert [
        (one["id"], node["html"])
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ] == []


def test_axe_would_find_a_fault(open_page):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(bypass_csp=True)
    page.evaluate("document.querySelector('#search').closest('label').replaceWith(search)")
    page.evaluate("search.placeholder = ''")
    assert "label" in {one["id"] for one in Axe().run(page).response["violations"]}


def test_the_own_policy_lets_the_own_script_run_and_no_other(open_page):
    page = open_page()
    assert page.faults == []
    assert page.locator("#tools").is_visible()
    page.evaluate("document.body.append(Object.assign(document.createElement('script'),"
                  " {textContent: 'document.body.id = `run`'}))")  # fmt: skip
    assert page.evaluate("document.body.id") == ""
    assert any("Content Security Policy" in one for one in page.faults)


def test_cases_are_found_by_words_verdict_and_difference(open_page):
    page = open_page()

    def shown():
        page.wait_for_timeout(150)  # the script waits until nothing more is typed
        return page.locator("details[data-verdicts]:not([hidden])").count()

    assert shown() == 5
    page.keyboard.press("/")
    page.keyboard.type("1b")
    assert (shown(), page.text_content("#said")) == (1, "1 of 5 cases")
    page.keyboard.press("Escape")
    assert shown() == 5
    page.check("#differ")
    assert shown() == 2
    page.uncheck("input[value=PASS]")
    page.uncheck("input[value=NA]")
    assert shown() == 1
    page.click("#clear")
    assert (shown(), page.text_content("#said")) == (5, "5 cases")
    assert page.faults == []


def test_a_link_opens_what_it_leads_to(open_page):
    page = open_page(f"#{FIRST}/bulb")
    assert page.locator(f"[id='{FIRST}/bulb']").is_visible()
    assert not page.locator("[id='lamp/1b/1/bulb']").is_visible()


def unfold(page, place):
    page.evaluate("place => { location.hash = place }", place)
    box = page.locator(f"[id='{place}'] details.inner").first
    box.locator("summary").first.click()
    box.locator("tbody tr").first.wait_for()
    return box


def test_what_is_held_compressed_is_drawn_as_the_page_draws_it(open_page, monkeypatch):
    place = "lamp/1a/2/tube"
    drawn = open_page().locator(f"[id='{place}'] svg").first.evaluate(SHAPES)
    crossed = open_page().locator(f"[id='{FIRST}/bulb'] svg").first.evaluate(SHAPES)
    monkeypatch.setattr("conformance.render.html.SIZE", 0)
    page = open_page()
    assert page.locator(f"[id='{place}'] svg").count() == 0
    assert unfold(page, place).locator("svg").first.evaluate(SHAPES) == drawn
    bad = unfold(page, f"{FIRST}/bulb").locator("svg").first.evaluate(SHAPES)
    assert bad == crossed
    assert "first divergence" in str(bad)
    assert page.faults == []


SHAPES = """svg => [svg.getAttribute('viewBox'),
    ...Array.from(svg.querySelectorAll('path, text'), one =>
        [one.className.baseVal || one.parentNode.className.baseVal, one.getAttribute('d') || '',
         one.getAttribute('x'), one.getAttribute('y'),
         one.tagName === 'text' ? one.textContent : ''].join(' ')).sort()]"""


def test_a_click_on_a_field_marks_its_octets(open_page, monkeypatch):
    monkeypatch.setattr("conformance.render.html.SIZE", 0)
    page = open_page()
    row = unfold(page, "lamp/1a/2/tube").locator("tbody tr").first
    assert row.locator("code.o").text_content() == "A0 B1 "
    row.locator("dt").click()
    assert row.locator("i.on").all_text_contents() == ["B1"]
    row.locator("i").click()
    assert row.locator("i.on").count() == 0


def test_pointing_at_a_field_marks_its_octets_without_script(open_page):
    page = open_page("#lamp/1a/2/tube", java_script_enabled=False)
    box = page.locator("[id='lamp/1a/2/tube'] details.inner").first
    box.locator("summary").click()
    octets, field = box.locator("i.f1").first, box.locator("dt").first
    plain = octets.evaluate("one => getComputedStyle(one).backgroundColor")
    field.hover()
    assert octets.evaluate("one => getComputedStyle(one).backgroundColor") != plain


def test_without_script_everything_is_read_and_no_tool_is_in_the_way(open_page):
    page = open_page(java_script_enabled=False)
    assert not page.locator("#tools").is_visible()
    page.locator("summary", has_text=FIRST).click()
    assert page.locator(f"[id='{FIRST}/bulb']").is_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_itself_never_scrolls_sideways(open_page, width):
    page = open_page(viewport={"width": width, "height": 800})
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_independent_claim_prints_on_pages_of_its_own(open_page, tmp_path):
    open_page().pdf(path=tmp_path / "report.pdf")
    printed = subprocess.run(
        [PDFTOTEXT, "-layout", tmp_path / "report.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    sheets = printed.stdout.split("\f")
    of_claim = [
        [at for at, sheet in enumerate(sheets) if f"ndependent claim {claim} of" in sheet]
        for claim in (1, 2)
    ]
    assert [len(found) for found in of_claim] == [1, 1]
    assert of_claim[0] != of_claim[1]
    assert "Element" in sheets[of_claim[0][0]]
    assert not any("Matrix" in sheet and "ndependent claim" in sheet for sheet in sheets)
    assert re.search(r"lamp/E01/1", printed.stdout)
    assert "Show all" not in printed.stdout
