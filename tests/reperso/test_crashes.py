from __future__ import annotations

import pytest

from reperso.cli import main
from reperso.errors import ExitCode

FEW = ["--scenario", "admin code", "--party", "the application server"]


def test_a_system_that_goes_on_passes(capsys):
    assert main(["crashes", *FEW]) == ExitCode.EXPECTED
    told = capsys.readouterr().out
    assert "the admin code is wrong: moments of" in told
    assert told.endswith("28 runs, 0 findings\n")


def test_a_system_that_loses_what_it_has_to_say_fails(capsys, monkeypatch):
    monkeypatch.setattr("impl.outbox.Outbox.send_again", lambda *_, **__: [])
    assert main(["crashes", *FEW]) == ExitCode.FAILED
    told = capsys.readouterr().out
    assert "the application server dies" in told
    assert "B12: " in told
    assert "more" in told


def test_a_system_without_the_scenarios_is_told_so(capsys):
    assert main(["crashes", "--sut", "modelled", *FEW]) == ExitCode.NOTHING
    told = capsys.readouterr()
    assert "not applicable: the model" in told.out
    assert "has none of the scenarios" in told.err


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--scenario", "none such"], ExitCode.NOTHING, "the device asks"),
        (["--sut", "none such"], ExitCode.USAGE, "no system"),
        (["--party", "nobody", *FEW[:2]], ExitCode.NOTHING, "there are card 1"),
    ],
)
def test_what_is_not_there_is_named(capsys, arguments, code, text):
    assert main(["crashes", *arguments]) == code
    assert text in capsys.readouterr().err


def test_a_stride_is_a_number_from_1(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["crashes", "--stride", "0"])
    assert ended.value.code == ExitCode.USAGE
    assert "is no number from 1" in capsys.readouterr().err
