import pytest

from model.mutants import Comparison, Suite
from reperso.cli import main


def test_a_sample_of_wrong_tables_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutants", "--tables", "--sample", "5", "--seed", "7"]) == 0
    said = capsys.readouterr().out
    assert "suite: " in said
    assert "survives" not in said


def test_a_suite_that_notices_nothing_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Comparison, "suite", lambda self: Suite.of(self.space, [()]))
    assert main(["mutants", "--tables", "--sample", "20", "--faults", "1"]) == 1
    assert "survives: " in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--sample", "--faults"])
def test_a_number_below_nothing_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutants", "--tables", option, "-1"]) == 2
    assert "is less than 0" in capsys.readouterr().err
