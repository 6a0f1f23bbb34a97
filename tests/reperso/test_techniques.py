import json
from pathlib import Path

import pytest

from reperso import techniques
from reperso.cli import main
from reperso.errors import ExitCode, UsageError
from steps.driver import Factory
from steps.drivers import load
from steps.mutants import Mutant

SOUND = Mutant("sound", ("1e",), "nothing", load("modelled"))
OTHER = Mutant("other", ("1e",), "nothing either", load("simulated"))


def test_what_a_technique_finds_is_kept_by_mutant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def only_other(factory: Factory) -> list[str]:
        return ["it is the other"] if factory is OTHER.factory else []

    monkeypatch.setitem(techniques.TECHNIQUES, "guessing", only_other)
    assert techniques.search(["guessing"], [SOUND, OTHER], tmp_path) is ExitCode.EXPECTED
    matrix = json.loads((tmp_path / techniques.KILLS).read_text())
    assert matrix == {"guessing": {"sound": [], "other": ["it is the other"]}}
    assert "guessing: 1/2 killed" in capsys.readouterr().out


def test_a_system_that_breaks_is_found_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(factory: Factory) -> list[str]:
        raise ZeroDivisionError(str(factory))

    monkeypatch.setitem(techniques.TECHNIQUES, "breaking", breaking)
    techniques.search(["breaking"], [SOUND], tmp_path)
    ((found,),) = (json.loads((tmp_path / techniques.KILLS).read_text())["breaking"].values(),)
    assert found[0].startswith("broke: ZeroDivisionError")


def test_techniques_do_not_forget_each_other(tmp_path: Path) -> None:
    techniques.keep("one", {"a": ["x"]}, tmp_path)
    techniques.keep("other", {"a": []}, tmp_path)
    techniques.keep("one", {"b": []}, tmp_path)
    matrix = json.loads((tmp_path / techniques.KILLS).read_text())
    assert matrix == {"one": {"a": ["x"], "b": []}, "other": {"a": []}}


def test_what_is_no_matrix_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / techniques.KILLS).write_text("no matrix")
    with pytest.raises(UsageError, match="is no kill matrix"):
        techniques.keep("one", {"a": []}, tmp_path)
    assert (tmp_path / techniques.KILLS).read_text() == "no matrix"


def test_an_unknown_technique_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = ["mutants", "--technique", "prayer", "--report", str(tmp_path)]
    assert main(arguments) == 2
    assert "there is no 'prayer'; there are features, learning" in capsys.readouterr().err


def test_an_unknown_mutant_is_nothing_to_run(tmp_path: Path) -> None:
    assert main(["mutants", "--only", "nobody", "--report", str(tmp_path)]) == 5
