import json
from pathlib import Path

import pytest

from reperso.cli import main


def test_the_hardened_reading_of_one_card_is_sound(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["explore", "--json", str(tmp_path / "found.json")]) == 0
    assert "0 findings" in capsys.readouterr().out
    ((found,),) = (json.loads((tmp_path / "found.json").read_text()).values(),)
    assert found["complete"]
    assert found["states"] > 80_000
    assert found["findings"] == []


def test_the_literal_reading_strands_and_shows_how(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = {name: tmp_path / name for name in ("json", "gherkin", "chart")}
    options = [option for name, path in files.items() for option in (f"--{name}", str(path))]
    assert main(["explore", "--variant", "literal", *options]) == 1
    said = capsys.readouterr().out
    assert files["gherkin"].read_text() in said
    assert files["chart"].read_text() in said
    assert "the second network rejects every attach for good" in said
    (found,) = json.loads(files["json"].read_text()).values()
    assert "B08" in {id_ for finding in found["findings"] for id_ in finding["cites"]}


def test_a_search_that_is_cut_decides_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explore", "--cards", "2", "--faults", "1", "--limit", "2000"]) == 3
    assert "there are more" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--cards", "0"],
        ["--cards", "9"],
        ["--faults", "-1"],
        ["--limit", "0"],
        ["--identities", "0"],
        ["--json", "no/such/folder/x.json", "--limit", "1"],
    ],
    ids=" ".join,
)
def test_a_number_that_means_nothing_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explore", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith("reperso: ")
    assert said.count("\n") == 1
