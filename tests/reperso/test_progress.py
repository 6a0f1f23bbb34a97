"""Progress is a bar for a person and lines for a log; colours only where they are wanted."""

import contextlib
import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.evidence import Result
from conformance.verdicts import Verdict
from reperso.progress import Count, Progress, painted, wants_colour

ROOT = Path(__file__).parent.parent.parent


class Terminal(io.StringIO):
    def isatty(self):
        return True


def result(verdict):
    return Result("reperso/1e/1", verdict, "", (), 0.0, "")


def test_a_log_gets_a_plain_line_a_case():
    stream = io.StringIO()
    progress = Progress(stream, 2)
    progress.case("simulated", "A lamp", result(Verdict.FAIL))
    progress.end()
    assert stream.getvalue() == "FAIL   reperso/1e/1     simulated  A lamp\n"


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_no_name_steers_the_terminal(stream):
    progress = Progress(stream, 2)
    progress.case("sys\x1b]0;tem", "A \u202elamp\x1b[2J", result(Verdict.FAIL))
    assert "\x1b]" not in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()
    assert r"sys\x1b]0;tem  A \u202elamp\x1b[2J" in stream.getvalue()


def test_a_terminal_gets_a_bar_that_is_taken_away(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    stream = Terminal()
    progress = Progress(stream, 2)
    progress.case("simulated", "A lamp" * 20, result(Verdict.PASS))
    *_, bar = stream.getvalue().split("\r\033[K")
    assert bar.startswith("[############............] 1/2  simulated")
    assert len(bar) < 60
    progress.end()
    assert stream.getvalue().endswith("\r\033[K")


@pytest.mark.parametrize(
    ("took_s", "said"),
    [
        (1.0, "1/4  simulated"),
        (4.0, "1/4  12 s left  simulated"),
        (50.0, "1/4  2 min 30 s left  s"),
    ],
)
def test_the_bar_says_how_long_the_rest_takes_once_it_can(took_s, said):
    stream = Terminal()
    times = iter([10.0, 10.0 + took_s])
    Progress(stream, 4, lambda: next(times)).case("simulated", "A lamp", result(Verdict.PASS))
    assert said in stream.getvalue()


@pytest.mark.parametrize(
    ("verdict", "stays"), [(Verdict.FAIL, True), (Verdict.ERROR, True), (Verdict.PASS, False)]
)
def test_on_a_terminal_only_what_went_wrong_stays(verdict, stays):
    stream = Terminal()
    Progress(stream, 1).case("simulated", "A lamp", result(verdict))
    assert ("A lamp\n" in stream.getvalue()) is stays


def test_colour_is_for_terminals_without_no_color():
    assert wants_colour(Terminal(), {})
    assert wants_colour(Terminal(), {"NO_COLOR": ""})  # empty counts as not set
    assert not wants_colour(Terminal(), {"NO_COLOR": "1"})
    assert not wants_colour(io.StringIO(), {})


def test_a_painted_verdict_is_the_same_word():
    assert painted(Verdict.PASS, colour=True) == "\033[32mPASS  \033[0m"
    assert painted(Verdict.PASS, colour=False) == "PASS  "


def test_of_many_small_parts_a_log_is_told_twice_a_minute():
    stream = io.StringIO()
    now_s = [0.0]
    count = Count(stream, lambda: now_s[0])
    for done in range(1, 8):
        now_s[0] += 10.0
        count.at("one" if done < 4 else "other", done if done < 4 else done - 3, 10)
    count.end()
    assert stream.getvalue() == "3/10  1 min 10 s left  one\n3/10  1 min 10 s left  other\n"


def test_many_small_parts_are_a_bar_on_a_terminal_and_nothing_in_a_log_of_seconds():
    terminal, log = Terminal(), io.StringIO()
    for stream in (terminal, log):
        count = Count(stream)
        count.at("a change", 1, 2)
        count.end()
    assert "[############............] 1/2  a change" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\033[K")
    assert not log.getvalue()


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_real_terminal_gets_a_bar_and_colours_where_they_are_wanted(
    suite, scenarios, environment, coloured
):
    scenarios(one=["Given a system"], bad=["Then all is well"])
    ours, theirs = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "reperso", "run", "--sut", suite.system],
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=suite.path,
    )  # fmt: skip
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # a terminal that nobody holds any more is an error
        while piece := os.read(ours, 4096):
            said += piece
    os.close(ours)
    assert process.wait(60) == 1
    assert b"[############............] 1/2" in said
    assert (b"\033[31mFAIL" in said) is coloured
    assert (b"\033[3" in said) is coloured
    assert b"report: build/report/report.html" in said
