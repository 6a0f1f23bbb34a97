from pathlib import Path

import pytest

import steps
from reperso.cli import main
from reperso.scenario import GIVEN, WHEN, scenario_of

STRANDING = (
    "request_change",
    "take_request",
    "expire_lease",
    "send_message",
    "receive_message",
    "replace_identity",
)
OBLIGATIONS = 'beyond:\n  - {id: B08, text: "A card is never left without a network"}\n'


def written(folder: Path, text: str) -> str:
    (folder / "obligations.yaml").write_text(OBLIGATIONS)
    (folder / "steps").symlink_to(Path(steps.__file__).parent)
    feature = folder / "found.feature"
    feature.write_text(text)
    return str(feature)


@pytest.mark.parametrize(("variant", "exit_code"), [("literal", 1), ("hardened", 0)])
def test_a_stranding_fails_by_itself_where_the_model_strands(
    variant: str, exit_code: int, tmp_path: Path
) -> None:
    text = scenario_of(STRANDING, "B08", "nobody is stranded")
    options = ["--sut", "modelled", "-D", f"variant={variant}", "--report", str(tmp_path / "out")]
    assert main(["run", written(tmp_path, text), *options]) == exit_code


@pytest.mark.parametrize("event", sorted(GIVEN))
def test_every_sentence_is_one_that_the_steps_know(event: str, tmp_path: Path) -> None:
    text = scenario_of(("ask_acknowledgement", event), "B08", "nobody is stranded")
    assert main(["run", written(tmp_path, text), "--dry-run"]) == 0


@pytest.mark.parametrize("event", sorted(WHEN))
def test_the_wish_of_the_way_is_that_of_the_scenario(event: str) -> None:
    text = scenario_of((event,), "B08", "nobody is stranded")
    assert f"When {WHEN[event]}" in text
    assert text.count("When ") == 1


def test_the_whole_way_is_told_and_the_obligation_is_a_tag() -> None:
    text = scenario_of(STRANDING, "B08 E17 5b", "nobody is stranded")
    assert all(event in text for event in STRANDING)
    assert "@beyond-B08 @embodiment-E17 @element-5b" in text
