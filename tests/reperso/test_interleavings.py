from __future__ import annotations

import pytest

from impl.application_server import course
from impl.application_server.change import OPEN, State
from reperso.cli import main
from reperso.errors import ExitCode

FEW = ["--case", "two operators", "--most"]


def test_orders_that_are_explained_pass(capsys):
    assert main(["interleavings", *FEW, "2"]) == ExitCode.EXPECTED
    told = capsys.readouterr().out
    assert told == "two operators ask: 2 orders, of more; 1 different ends\n2 runs, 0 findings\n"


def test_an_order_that_no_sequence_explains_fails(capsys, monkeypatch):
    monkeypatch.setattr(course, "OPEN", OPEN - {State.REQUESTED, State.SENT})
    assert main(["interleavings", *FEW, "30"]) == ExitCode.FAILED
    assert "no sequence explains this order" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--case", "none such"], ExitCode.NOTHING, "two operators ask"),
        (["--sut", "none such"], ExitCode.USAGE, "no system"),
        (["--sut", "modelled", *FEW, "1"], ExitCode.NOTHING, "cannot be told"),
    ],
)
def test_what_is_not_there_is_named(capsys, arguments, code, text):
    assert main(["interleavings", *arguments]) == code
    assert text in capsys.readouterr().err
