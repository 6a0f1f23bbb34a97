"""A program answers lines with lines; whatever it does otherwise has a clear end."""

import json
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from steps.driver import Network, Setup, Standing, UnsettledError, UnsupportedError, User
from steps.drivers import NotADriverError, calls, load
from steps.drivers.jsonl import LinesDriver, Program, ProgramError

SCHEMA = json.loads((Path(__file__).parents[3] / "steps/drivers/jsonl.schema.json").read_text())
PROGRAM = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    with open({log!r}, "a") as log: log.write(line)
    id, call = asked["id"], asked["call"]
    if call in ("setup", "close"): said = {{"id": id, "answer": None}}
    else: said = {said}
    print(said if isinstance(said, str) else json.dumps(said), flush=True)
"""


@pytest.fixture
def program(tmp_path):
    """Make a program that answers every call so; `asked` are the lines that it got."""
    made = []

    def of(said, answer_s=20.0):
        path = tmp_path / "system.py"
        path.write_text(PROGRAM.format(said=said, log=str(tmp_path / "log")))
        made.append(Program(f"{sys.executable} {path}", answer_s))
        return made[-1]

    of.asked = lambda: [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    yield of
    for one in made:
        one.end()


@pytest.fixture
def driver(program):
    """Make a driver over a program that gives this answer to every call."""

    def of(answer):
        return LinesDriver(program(f'{{"id": id, "answer": {answer!r}}}'), Setup(7, {"x": "y"}))

    return of


def test_a_call_is_a_line_with_its_arguments_by_name(driver, program):
    driver(None).ask_customer_centre(Network.SECOND, User.THE_USER, agrees=False)
    assert program.asked() == [
        {"id": 1, "call": "setup", "arguments": {"seed": 7, "options": {"x": "y"}}},
        {
            "id": 2, "call": "ask_customer_centre",
            "arguments": {"network": "the second network", "user": "the user", "agrees": False},
        },
    ]  # fmt: skip
    assert all(Draft202012Validator(SCHEMA).is_valid(line) for line in program.asked())


@pytest.mark.parametrize(
    ("call", "answer", "value"),
    [
        ("attached_to", "the first network", Network.FIRST),
        ("attached_to", None, None),
        ("standing", "changed", Standing.CHANGED),
        ("messages_sent", 3, 3),
        ("is_reachable", True, True),
        ("settle", None, None),
        ("sessions", ["the first network"], frozenset({Network.FIRST})),
    ],
)
def test_an_answer_is_read_as_what_the_driver_declares(driver, call, answer, value):
    arguments = [User.THE_USER] if "user" in str(calls()[call]) else []
    found = getattr(driver(answer), call)(*arguments)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("call", "answer"),
    [("attached_to", "Paris"), ("messages_sent", "3"), ("is_reachable", 1), ("standing", None),
     ("is_reachable", [])],
)  # fmt: skip
def test_an_answer_of_another_type_is_refused(driver, call, answer):
    with pytest.raises(ProgramError, match=f"{call}: .* is no answer to it"):
        getattr(driver(answer), call)(User.THE_USER)


def test_messages_are_evidence_with_their_octets(driver):
    line = {
        "number": 1,
        "time_s": 0.5,
        "sender": "a",
        "receiver": "b",
        "protocol": "P",
        "name": "N",
    }
    (found,) = driver([line | {"octets": "0aff", "fields": {"x": "1"}}]).exchanges()
    assert (found.octets, found.fields, found.delivered) == (b"\x0a\xff", {"x": "1"}, True)
    with pytest.raises(ProgramError):
        driver([line | {"octets": "0g"}]).exchanges()


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ('{"id": id, "unsupported": "no screen"}', UnsupportedError, "no screen"),
        ('{"id": id, "unsettled": "at work"}', UnsettledError, "at work"),
        ('{"id": id, "error": "broken"}', ProgramError, "settle: broken"),
        ('{"id": id}', ProgramError, "neither answer nor error"),
        ('{"id": 99, "answer": None}', ProgramError, "is no answer to request 2"),
        ('"no json"', ProgramError, "'no json' is no answer"),
        ('"[" * 100000', ProgramError, "is no answer"),
        ("[1]", ProgramError, "is no answer"),
        ("sys.exit(3)", ProgramError, "ended before it answered"),
    ],
)
def test_each_way_not_to_answer_has_its_error(program, said, error, words):
    lines = LinesDriver(program(said), Setup())
    with pytest.raises(error) as caught:
        lines.settle()
    assert words in str(caught.value)


def test_a_program_that_is_silent_is_unsettled_and_started_anew(program):
    silent = program("__import__('time').sleep(60)", answer_s=2.0)
    lines = LinesDriver(silent, Setup())
    with pytest.raises(UnsettledError, match="no answer within 2 s"):
        lines.settle()
    LinesDriver(silent, Setup())


def test_a_program_that_is_not_there_is_refused():
    for command in ("no-such-program", "", "'"):
        with pytest.raises(ProgramError):
            LinesDriver(Program(command), Setup())


def test_what_no_step_calls_is_no_attribute(driver):
    assert not hasattr(driver(None), "pcap")


def test_a_program_is_a_system_like_any_other(program, tmp_path):
    program('{"id": id, "answer": None}')
    made = load(f"jsonl:{sys.executable} {tmp_path / 'system.py'}")(Setup())
    made.settle()
    made.close()
    with pytest.raises(ProgramError):
        load("jsonl:no-such-program")(Setup())


def test_demands_on_drivers_hold_for_lines_too():
    with pytest.raises(NotADriverError):
        load("steps.drivers.jsonl:ANSWER_S")
