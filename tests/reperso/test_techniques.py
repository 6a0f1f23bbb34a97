import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.evidence import KillState
from reperso import techniques
from reperso.cli import main
from reperso.kill_matrix import Judgement, KillMatrix
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


def tried(
    folder: Path, name: str, found: Sequence[Mutant], **effort: Any
) -> tuple[techniques.Searched, KillMatrix]:
    matrix = KillMatrix(folder)
    made = techniques.Effort(**{"jobs": 1, "limit_s": 600.0, "resumes": False} | effort)
    return techniques.search([name], found, ALL, matrix, made), matrix


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_technique_finds_is_kept_by_mutant(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    jobs: int,
) -> None:
    def only_other(factory: Factory) -> list[str]:
        return ["it is the other"] if factory is OTHER.factory else []

    let_search(monkeypatch, "guessing", only_other)
    searched, matrix = tried(tmp_path, "guessing", [SOUND, OTHER], jobs=jobs)
    assert [(kill.mutant, kill.state, kill.technique) for kill in searched.kills] == [
        ("sound", KillState.SURVIVED, "guessing"),
        ("other", KillState.BY_NAME, "guessing"),
    ]
    assert [bool(kill.reason) for kill in searched.kills] == [True, False]
    assert searched.is_decided
    assert not searched.is_interrupted
    assert matrix.find("guessing", "sound") == Judgement(KillState.SURVIVED, ())
    assert matrix.find("guessing", "other") == Judgement(KillState.BY_NAME, ("it is the other",))
    assert "guessing: 1/2 killed" in capsys.readouterr().out


def test_no_mutant_leaves_anything_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traces: list[str] = []

    def tracing(factory: Factory) -> list[str]:
        found = list(traces)
        if factory is SOUND.factory:
            traces.append("somebody was here")
        return found

    let_search(monkeypatch, "tracing", tracing)
    searched, _ = tried(tmp_path, "tracing", [SOUND, OTHER])
    assert {kill.state for kill in searched.kills} == {KillState.SURVIVED}
    assert traces == []


def test_what_was_judged_is_judged_again_only_if_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_search(monkeypatch, "guessing", lambda _: [])
    tried(tmp_path, "guessing", [SOUND])

    def other_now(factory: Factory) -> list[str]:
        return [] if factory is load("simulated") else ["it differs"]

    let_search(monkeypatch, "guessing", other_now)
    resumed, _ = tried(tmp_path, "guessing", [SOUND, OTHER], resumes=True)
    assert [kill.state for kill in resumed.kills] == [KillState.SURVIVED, KillState.BY_NAME]
    anew, _ = tried(tmp_path, "guessing", [SOUND, OTHER])
    assert [kill.state for kill in anew.kills] == [KillState.BY_NAME, KillState.BY_NAME]


def test_what_is_not_decided_in_time_is_neither_a_kill_nor_a_survivor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def brooding(factory: Factory) -> list[str]:
        while factory is OTHER.factory:
            pass
        return []

    let_search(monkeypatch, "brooding", brooding)
    searched, matrix = tried(tmp_path, "brooding", [OTHER, SOUND], limit_s=0.2)
    assert [kill.state for kill in searched.kills] == [KillState.INCONC, KillState.SURVIVED]
    assert not searched.is_decided
    why = "not decided in 0.2 s of processor time"
    assert matrix.find("brooding", "other") == Judgement(KillState.INCONC, (why,))
    assert f"INCONC          other: {why}" in capsys.readouterr().out


def test_a_mutant_that_ends_its_process_is_not_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ending(factory: Factory) -> list[str]:
        if factory is SOUND.factory:
            os._exit(7)
        return []

    let_search(monkeypatch, "ending", ending)
    searched, _ = tried(tmp_path, "ending", [SOUND])
    ((state, reason),) = [(kill.state, kill.reason) for kill in searched.kills]
    assert (state, reason) == (KillState.INCONC, "its process ended with exit code 7")


def test_a_search_that_is_interrupted_keeps_what_was_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupting(factory: Factory) -> list[str]:
        if factory is OTHER.factory:
            raise KeyboardInterrupt
        return []

    let_search(monkeypatch, "interrupting", interrupting)
    searched, _ = tried(tmp_path, "interrupting", [SOUND, OTHER, SURE])
    assert searched.is_interrupted
    assert [kill.mutant for kill in searched.kills] == ["sound", "sure"]
    assert KillMatrix(tmp_path).find("interrupting", "sound") is not None
    assert KillMatrix(tmp_path).find("interrupting", "other") is None


def test_a_system_that_breaks_is_found_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(factory: Factory) -> list[str]:
        if factory is SOUND.factory:
            raise ZeroDivisionError(str(factory))
        return []

    let_search(monkeypatch, "breaking", breaking)
    searched, _ = tried(tmp_path, "breaking", [SOUND])
    (kill,) = searched.kills
    assert kill.state is KillState.BY_CRASH
    assert kill.reason.startswith("broke: ZeroDivisionError")


def test_a_technique_that_finds_fault_with_everything_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    let_search(monkeypatch, "guessing", lambda _: ["it differs"], "never-comes-back")
    asked = ["mutants", "--only", "informs-nobody", "--technique", "guessing"]
    assert main([*asked, "--report", str(tmp_path)]) == 3
    assert "finds fault with simulated itself" in capsys.readouterr().err
    assert KillMatrix(tmp_path).find("guessing", "simulated") is None
    assert KillMatrix(tmp_path).find("guessing", "informs-nobody") is None


def test_a_technique_that_finds_nothing_where_it_has_to_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    let_search(monkeypatch, "dozing", lambda _: [], "sends-in-clear")
    asked = ["mutants", "--only", "never-comes-back", "--technique", "dozing"]
    assert main([*asked, "--report", str(tmp_path)]) == 3
    assert "finds nothing wrong with sends-in-clear" in capsys.readouterr().err
    assert KillMatrix(tmp_path).find("dozing", "never-comes-back") is None


def test_an_undecided_mutant_leaves_the_command_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ending(factory: Factory) -> list[str]:
        (wrong,) = (one for one in discover() if one.name == "informs-nobody")
        if factory == wrong.factory:
            os._exit(7)
        return [] if factory is load("simulated") else ["it differs"]

    let_search(monkeypatch, "ending", ending, "never-comes-back")
    asked = ["mutants", "--only", "informs-nobody", "--technique", "ending"]
    assert main([*asked, "--report", str(tmp_path)]) == 3
    report = json.loads((tmp_path / "report.json").read_text())
    assert [kill["state"] for kill in report["mutants"]] == ["INCONC"]


@pytest.mark.parametrize("limit", ["0", "-1", "soon", "inf", "nan"])
def test_a_limit_is_a_time(capsys: pytest.CaptureFixture[str], limit: str) -> None:
    with pytest.raises(SystemExit):
        main(["mutants", "--technique", "lockstep", f"--limit={limit}"])
    assert "--limit" in capsys.readouterr().err


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
    searched, matrix = tried(tmp_path, "staged", [SOUND, OTHER])
    assert [kill.mutant for kill in searched.kills] == ["other"]
    assert matrix.find("staged", "sound") == Judgement("NA", ("it has no stage",))
    assert "NA              sound: it has no stage" in capsys.readouterr().out


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


def test_what_cannot_be_driven_by_single_events_is_for_other_techniques() -> None:
    (silent,) = (one for one in discover() if one.name == "stays-silent")
    with pytest.raises(UnsupportedError):
        techniques.TECHNIQUES["lockstep"].search(silent.factory)


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
