"""report.html: how long it takes to make, how large it is, and how soon a browser can be used.

Reports of 200 cases on three systems as the simulation would fill them, and of 2,000 cases on one.
Browser times are of Chromium from the disk, and are left out where there is none.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from conformance.catalogue import Case, StepText  # noqa: E402 - after the path is set
from conformance.evidence import (  # noqa: E402 - likewise
    Call,
    Message,
    Report,
    Result,
    StepResult,
    StepStatus,
    SystemRun,
)
from conformance.obligations import Kind, Obligation  # noqa: E402 - likewise
from conformance.render.html import render_html  # noqa: E402 - likewise
from conformance.verdicts import Level, Verdict  # noqa: E402 - likewise

PARTIES = ("device", "card", "VLR", "HLR", "SMSC", "application-server")
MESSAGES = 180
ROUNDS = 5
STEPS = (
    StepText("Given", "the application server has agreements with the operators"),
    StepText("And", "a user who subscribes to the first network"),
    StepText("When", "the device requests a change to the second network"),
    StepText("Then", "the card authenticates in the second network"),
)


def main() -> None:
    """Print both reports' sizes and times."""
    for cases, systems, wanted_s in ((200, 3, 3.0), (2000, 1, None)):
        report = report_of(cases, systems)
        began = time.process_time()
        page = render_html(report)
        took = min(time.process_time() - began, *(timed(report) for _ in range(ROUNDS - 1)))
        aim = "" if wanted_s is None else f"  (to reach: {wanted_s:g} s)"
        size = f"{len(page.encode()):,} octets"
        print(f"{cases} cases x {systems}: made in {took:.2f} s of CPU{aim}, {size}")
        interactive(page)


def timed(report: Report) -> float:
    """Return the CPU seconds of making the page once."""
    began = time.process_time()
    render_html(report)
    return time.process_time() - began


def interactive(page: str) -> None:
    """Print when a browser can be used: the page is there, and its script has run."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("  no Chromium: not opened")
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where it is used

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as engine:
        path = Path(folder, "report.html")
        path.write_text(page, encoding="utf-8")
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        times = sorted(opened(browser, path.as_uri()) for _ in range(ROUNDS))
        browser.close()
    ready, found = times[0]
    print(f"  interactive after {ready:.0f} ms  (to reach: 1000), a search takes {found:.0f} ms")


def opened(browser: object, url: str) -> tuple[float, float]:
    """Return milliseconds until the page can be used, and of one search through all cases."""
    tab = browser.new_page()  # type: ignore[attr-defined]
    tab.goto(url)
    ready = tab.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    found = tab.evaluate(SEARCH)
    tab.close()
    return ready, found


SEARCH = """() => new Promise(done => {
    const began = performance.now(), search = document.querySelector('#search');
    new MutationObserver(() => done(performance.now() - began - 60))
        .observe(document.querySelector('#said'), {childList: true});
    search.value = 'case-17';
    search.dispatchEvent(new Event('input', {bubbles: true}));
})"""
"""The script waits 60 ms for more to be typed, which is not counted."""


def report_of(cases: int, systems: int) -> Report:
    """Make a report of so many cases on so many systems, all with messages of their own."""
    obligations = tuple(
        Obligation(
            f"{claim}{letter}", Kind.ELEMENT, claim, Level.MUST, "S1", (8,), "It is so", claim
        )
        for claim in range(1, 13)
        for letter in "abc"
    )
    named = tuple(
        Case(
            f"bench/{obligations[at % 36].id}/{at // 36 + 1}", (obligations[at % 36].id,),
            Level.MUST,
            f"Claim {at % 36 // 3 + 1}", "It is so", f"It is as it should be, case-{at}",
            "a.feature", at + 1, (), STEPS,
        )
        for at in range(cases)
    )  # fmt: skip
    runs = tuple(
        SystemRun(f"system-{at}", 0, {}, tuple(result_of(case, n) for n, case in enumerate(named)))
        for at in range(systems)
    )
    return Report(
        title="Bench",
        tool="bench",
        started="2000-01-01T00:00:00Z",
        duration_s=1.0,
        complete=True,
        evidence=True,
        obligations=obligations,
        cases=named,
        systems=runs,
    )


def result_of(case: Case, number: int) -> Result:
    """Make a result whose messages are its own in part, as those of the simulation are."""
    said = tuple(messages_of(number))
    steps = tuple(
        StepResult(StepStatus.PASSED, 0.001, MESSAGES // 4, (Call("is_so()", "True"),))
        for _ in STEPS
    )
    result = Result(case.id, Verdict.PASS, "", (), 0.02, f"reperso run {case.id}", steps, said)
    return replace(result, trail=("card: OLD - change -> NEW",))


def messages_of(number: int) -> Iterator[Message]:
    """Yield messages: one in twenty is of this case only."""
    for at in range(MESSAGES):
        own = number if at % 20 == 0 else 0
        octets = f"{at * 7919 + own * 104729:08x}" * 12
        yield Message(
            number=at + 1,
            time_s=at / 100,
            sender=PARTIES[at % 6],
            receiver=PARTIES[(at + 1 + own) % 6],
            protocol=f"PROTOCOL {at % 4}",
            name=f"MESSAGE {at % 30}",
            octets=octets,
            fields={"number": str(at), "own": str(own)},
            delivered=True,
            spans={"number": (0, 4), "own": (4, 8)},
        )


if __name__ == "__main__":
    main()
