import json
from pathlib import Path

import pytest

from conformance.evidence import KillState
from reperso import techniques
from reperso.cli import main
from reperso.errors import UsageError
from reperso.mutants import discover
from steps.driver import Factory, UnsupportedError
from steps.drivers import load
from steps.drivers.shadowed import beside
from steps.mutants import Mutant

SOUND = Mutant("sound", ("1e",), "nothing", load("modelled"))
OTHER = Mutant("other", ("1e",), "nothing either", beside(load("modelled")))
SURE = Mutant("sure", ("1e",), "whatever has to be found", beside(load("simulated")))
ALL = [SOUND, OTHER, SURE]


def let_search(
    monkeypatch: pytest.MonkeyPatch, name: str, search: techniques.Search, must_find: str = "sure"
) -> None:
    """Make a technique, which finds SURE besides what `search` does."""

    def find(factory: Factory) -> list[str]:
        return ["it is sure"] if factory is SURE.factory else search(factory)

    technique = techniques.Technique(find, must_find)
    monkeypatch.setitem(techniques.TECHNIQUES, name, technique)


def test_what_a_technique_finds_is_kept_by_mutant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def only_other(factory: Factory) -> list[str]:
        return ["it is the other"] if factory is OTHER.factory else []

    let_search(monkeypatch, "guessing", only_other)
    kills = techniques.search(["guessing"], [SOUND, OTHER], ALL, tmp_path)
    assert [(kill.mutant, kill.state, kill.technique) for kill in kills] == [
        ("sound", KillState.SURVIVED, "guessing"),
        ("other", KillState.BY_NAME, "guessing"),
    ]
    assert [bool(kill.reason) for kill in kills] == [True, False]
    matrix = json.loads((tmp_path / techniques.KILLS).read_text())
    assert matrix == {"guessing": {"sound": [], "other": ["it is the other"]}}
    assert "guessing: 1/2 killed" in capsys.readouterr().out


def test_a_system_that_breaks_is_found_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(factory: Factory) -> list[str]:
        if factory is SOUND.factory:
            raise ZeroDivisionError(str(factory))
        return []

    let_search(monkeypatch, "breaking", breaking)
    (kill,) = techniques.search(["breaking"], [SOUND], ALL, tmp_path)
    assert kill.state is KillState.BY_CRASH
    ((found,),) = (json.loads((tmp_path / techniques.KILLS).read_text())["breaking"].values(),)
    assert found[0].startswith("broke: ZeroDivisionError")


def test_a_technique_that_finds_fault_with_everything_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    let_search(monkeypatch, "guessing", lambda _: ["it differs"])
    asked = ["mutants", "--only", "never-comes-back", "--technique", "guessing"]
    assert main([*asked, "--report", str(tmp_path)]) == 3
    assert "finds fault with simulated itself" in capsys.readouterr().err
    assert not (tmp_path / techniques.KILLS).exists()


def test_a_technique_that_finds_nothing_where_it_has_to_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    let_search(monkeypatch, "dozing", lambda _: [], "sends-in-clear")
    asked = ["mutants", "--only", "never-comes-back", "--technique", "dozing"]
    assert main([*asked, "--report", str(tmp_path)]) == 3
    assert "finds nothing wrong with sends-in-clear" in capsys.readouterr().err
    assert not (tmp_path / techniques.KILLS).exists()


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
    assert (
        "there is no 'prayer'; there are features, lockstep, suites, crashes, learning"
        in capsys.readouterr().err
    )


def test_an_unknown_mutant_is_nothing_to_run(tmp_path: Path) -> None:
    assert main(["mutants", "--only", "nobody", "--report", str(tmp_path)]) == 5


def test_a_technique_says_nothing_of_a_system_that_it_cannot_be_used_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def staged_only(factory: Factory) -> list[str]:
        if factory is SOUND.factory:
            raise UnsupportedError("it has no stage")
        return []

    let_search(monkeypatch, "staged", staged_only)
    (kill,) = techniques.search(["staged"], [SOUND, OTHER], ALL, tmp_path)
    assert kill.mutant == "other"
    assert "it has no stage" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("technique", "mutant"),
    [
        ("lockstep", "never-comes-back"),
        ("suites", "informs-nobody"),
        ("crashes", "sends-in-clear"),
        ("learning", "never-comes-back"),
    ],
)
def test_a_technique_finds_a_mutant_by_what_it_does(technique: str, mutant: str) -> None:
    (wrong,) = (one for one in discover() if one.name == mutant)
    told = techniques.TECHNIQUES[technique].search(wrong.factory)
    assert told
    assert not any(one.startswith(techniques.BROKE) for one in told)


def test_what_cannot_be_driven_by_single_events_is_for_other_techniques(tmp_path: Path) -> None:
    (silent,) = (one for one in discover() if one.name == "stays-silent")
    assert techniques.search(["lockstep"], [silent], discover(), tmp_path) == []


def test_what_techniques_found_stands_in_the_report_beside_the_features(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differs(factory: Factory) -> list[str]:
        return [] if factory is load("simulated") else ["it differs"]

    let_search(monkeypatch, "guessing", differs, "never-comes-back")
    asked = ["mutants", "--only", "never-comes-back", "--others", "none", "--report", str(tmp_path)]
    assert main([*asked, "--technique", "guessing"]) == 0
    assert main(asked) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert [kill["technique"] for kill in report["mutants"]] == ["features", "guessing"]
    assert "Mutants by technique" in (tmp_path / "report.html").read_text()
