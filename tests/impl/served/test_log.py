import ast
import re
from pathlib import Path

import pytest

from impl.values import Secret


def test_a_line_is_one_json_object(log, lines):
    log.info("it happens", node="HLR 20801", count=3)
    assert lines.records == [
        {
            "time": 0.0,
            "level": "info",
            "process": "test",
            "event": "it happens",
            "node": "HLR 20801",
            "count": 3,
        }
    ]


def test_each_level_says_its_name(log, lines):
    for tell in (log.debug, log.info, log.warning, log.failure):
        tell("x")
    assert [one["level"] for one in lines.records] == ["debug", "info", "warning", "error"]


def test_below_the_lowest_level_nothing_is_written(lines):
    from impl.served.log import Log

    quiet = Log("test", "warning", lines)
    quiet.info("x")
    assert not lines.records
    quiet.warning("y")
    assert len(lines.records) == 1


def test_a_line_break_in_a_name_does_not_make_a_line(log, lines):
    log.info("x", peer="a\nb")
    assert lines.getvalue().count("\n") == 1


def test_a_secret_is_not_written(log, lines):
    with pytest.raises(AssertionError):
        log.info("x", key=Secret(b"1234"))
    assert not lines.records


ROOT = Path(__file__).parents[3]
LEVEL_OF = {"debug": "debug", "info": "info", "warning": "warning", "failure": "error"}
TRACED = {"sent", "received"}


def logged_in(tree):
    """Yield level, event and fields of each call of a log; of a computed event its source."""
    for call in ast.walk(tree):
        match call:
            case ast.Call(ast.Attribute(owner, method), [event]) if (
                method in LEVEL_OF and ast.unparse(owner).split(".")[-1] in ("log", "_log")
            ):
                text = event.value if isinstance(event, ast.Constant) else ast.unparse(event)
                yield LEVEL_OF[method], text, tuple(word.arg for word in call.keywords)


def logged():
    """Return what the code tells; the trace's event is the name of a message's direction."""
    found = set()
    for path in sorted((ROOT / "impl").rglob("*.py")):
        for level, event, fields in logged_in(ast.parse(path.read_text(encoding="utf-8"))):
            computed = path.name == "trace.py" and event == "what"
            found |= {(level, each, fields) for each in (TRACED if computed else {event})}
    return found


def documented(text):
    """Return level, event and fields of each row of the reference."""
    section = text.split("\n## Log events\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| `(.+?)` \| (.+?) \|", section, re.MULTILINE)
    return {
        (level, event, () if fields == "-" else tuple(fields.split(", ")))
        for level, event, fields in rows
    }


def test_the_reference_has_each_event_of_the_code_and_no_other():
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert documented(text) == logged()


def test_an_event_that_nobody_wrote_down_is_found():
    tree = ast.parse('self.host.log.warning("is new", node=name)')
    assert list(logged_in(tree)) == [("warning", "is new", ("node",))]
