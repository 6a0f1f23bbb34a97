import json
from pathlib import Path

import pytest

from conformance.evidence import KillState
from reperso import kill_matrix
from reperso.errors import UsageError
from reperso.kill_matrix import FILE, NOT_APPLICABLE, Judgement, KillMatrix

KILLED = Judgement(KillState.BY_NAME, ("it is otherwise",))
SURVIVED = Judgement(KillState.SURVIVED, ())


def test_a_judgement_is_in_the_file_once_it_is_noted(tmp_path: Path) -> None:
    matrix = KillMatrix(tmp_path)
    assert matrix.find("one", "a") is None
    matrix.note("one", "a", KILLED)
    matrix.note("other", "a", SURVIVED)
    matrix.note("one", "b", Judgement(NOT_APPLICABLE, ("no stage",)))
    again = KillMatrix(tmp_path)
    assert again.find("one", "a") == KILLED
    assert again.find("other", "a") == SURVIVED
    assert again.find("one", "b") == Judgement("NA", ("no stage",))
    assert again.find("other", "b") is None
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_what_is_noted_again_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    for judgement in (KILLED, SURVIVED):
        KillMatrix(tmp_path).note("one", "a", judgement)
    assert KillMatrix(tmp_path).find("one", "a") == SURVIVED


def test_of_other_sources_it_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    KillMatrix(tmp_path).note("one", "a", KILLED)
    monkeypatch.setattr(kill_matrix, "digest", lambda: "others")
    matrix = KillMatrix(tmp_path)
    assert matrix.find("one", "a") is None
    assert capsys.readouterr().err == f"{tmp_path / FILE} is of other sources: begun anew\n"
    matrix.note("one", "b", SURVIVED)
    assert set(json.loads((tmp_path / FILE).read_text())["techniques"]["one"]) == {"b"}


def test_the_sources_that_decide_are_all_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "reperso"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.setattr(kill_matrix.reperso, "__file__", str(package / "__init__.py"))
    found = [kill_matrix.digest.__wrapped__()]
    for folder, name in (("impl", "card.py"), ("features", "a.feature"), ("model", "m.yaml")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text("x")
        found.append(kill_matrix.digest.__wrapped__())
        (tmp_path / folder / name).write_text("y")
        found.append(kill_matrix.digest.__wrapped__())
    assert len(set(found)) == len(found)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.py").write_text("x")
    assert kill_matrix.digest.__wrapped__() == found[-1]


@pytest.mark.parametrize(
    "text",
    [
        "no matrix",
        "[]",
        "{}",
        '{"of": "%s", "techniques": {"one": {"a": {"state": "DEAD", "found": []}}}}',
        '{"of": "%s", "techniques": {"one": {"a": {"state": "NA", "found": "x"}}}}',
        '{"of": "%s", "techniques": {"one": {"a": ["x"]}}}',
        '{"of": "%s", "techniques": []}',
    ],
)
def test_what_is_no_matrix_is_not_overwritten(tmp_path: Path, text: str) -> None:
    text = text.replace("%s", kill_matrix.digest())
    (tmp_path / FILE).write_text(text)
    with pytest.raises(UsageError, match="is no kill matrix; move it away"):
        KillMatrix(tmp_path)
    assert (tmp_path / FILE).read_text() == text
