"""What an exception means is said the same way on every machine."""

import importlib
import re
from pathlib import Path

import pytest

from conformance.verdicts import Verdict
from reperso.blame import judge, scrub, trace
from steps.driver import UnsettledError, UnsupportedError

ROOT = Path(__file__).parent


def caught(function):
    with pytest.raises(BaseException) as info:  # noqa: PT011 - whatever it is
        function()
    return info.value


def fail_saying_why():
    raise AssertionError("it is dark")


def refuse():
    try:
        fail_saying_why()
    except AssertionError as error:
        raise ValueError("no light") from error


@pytest.mark.parametrize(
    ("error", "verdict", "reason"),
    [
        (AssertionError("dark"), Verdict.FAIL, "dark"),
        (UnsupportedError("no switch"), Verdict.NA, "no switch"),
        (UnsupportedError(), Verdict.NA, "the system does not support it"),
        (UnsettledError("flickers"), Verdict.INCONC, "flickers"),
        (UnsettledError(), Verdict.INCONC, "the system did not come to rest"),
        (KeyboardInterrupt(), Verdict.INCONC, "the run was interrupted"),
        (ValueError("7"), Verdict.ERROR, "ValueError: 7"),
        (SystemExit(3), Verdict.ERROR, "SystemExit: 3"),
        (ValueError(), Verdict.ERROR, "ValueError"),
    ],
)
def test_each_kind_of_exception_has_its_verdict(error, verdict, reason):
    assert judge(error) == (verdict, reason)


def test_an_assertion_that_says_nothing_is_shown_as_it_is_written(tmp_path, monkeypatch):
    (tmp_path / "dark_lamp.py").write_text("def fail():\n    shines = False\n    assert shines\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    fail = importlib.import_module("dark_lamp").fail
    assert judge(caught(fail)) == (Verdict.FAIL, "`assert shines` does not hold")


def test_an_assertion_that_was_never_raised_is_named_so():
    assert judge(AssertionError())[1] == "an assertion does not hold"


def test_the_lines_that_led_there_are_relative_to_the_repository():
    lines = trace(caught(fail_saying_why), ROOT)
    assert [re.sub(r":\d+", ":N", line) for line in lines] == [
        "test_blame.py:N in caught",
        "test_blame.py:N in fail_saying_why",
    ]


def test_lines_outside_the_repository_do_not_say_where_it_is_installed():
    def parse():
        import yaml

        yaml.safe_load("[")

    lines = trace(caught(parse), ROOT)
    assert any(line.startswith("yaml/") for line in lines)
    assert not any(str(Path.home()) in line or "site-packages" in line for line in lines)


def test_the_cause_of_an_exception_is_shown_with_its_lines():
    lines = trace(caught(refuse), ROOT)
    assert "caused by it is dark" in lines
    assert lines[-1].endswith("in fail_saying_why")


def test_addresses_of_objects_are_left_out_and_other_numbers_stay():
    assert (
        scrub("<object at 0x7f3a12bc> has 0x2f 12345678") == "<object at 0x...> has 0x2f 12345678"
    )


def test_a_very_long_text_is_cut():
    assert len(scrub("x" * 5000)) < 700
