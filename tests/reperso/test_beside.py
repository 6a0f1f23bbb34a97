import json
import sys
import types

import pytest

from impl.application_server.course import Course
from reperso.cli import main
from reperso.errors import ExitCode
from steps.drivers.patched import Patch, with_patches


def test_a_walk_beside_the_model_says_how_far_it_came_and_writes_it(tmp_path, capsys):
    place = tmp_path / "new" / "walk.json"
    arguments = ["lockstep", "--sut", "modelled", "--steps", "60", "--length", "20"]
    assert main([*arguments, "--output", str(place)]) == ExitCode.EXPECTED
    assert "events/s" in capsys.readouterr().out
    assert json.loads(place.read_text())["difference"] is None


def test_a_wrong_system_fails_with_a_feature_a_chart_and_a_trace(capsys, monkeypatch):
    module = types.ModuleType("wrong_system")
    module.deaf = with_patches(Patch(Course, "take_report", lambda *_: []))
    monkeypatch.setitem(sys.modules, "wrong_system", module)
    arguments = ["suites", "--sut", "wrong_system:deaf", "--kind", "transition"]
    assert main(arguments) == ExitCode.FAILED
    said = capsys.readouterr().out
    assert "    When nothing but " in said
    assert "sequenceDiagram" in said
    trace = json.loads(said.strip().splitlines()[-1])
    assert any(event.startswith("hear_") for event in trace["trace"])
    assert len(trace["trace"]) < 20


def test_a_suite_that_does_not_get_far_is_no_success(capsys):
    arguments = ["suites", "--sut", "modelled", "--steps", "30"]
    assert main(arguments) == ExitCode.FAILED
    said = capsys.readouterr().out
    assert "refusals" in said
    assert "of the events that were refused" in said


def test_a_system_that_cannot_be_stepped_is_refused_with_what_to_do(capsys):
    assert main(["lockstep", "--sut", "served"]) == ExitCode.USAGE
    assert "by themselves" in capsys.readouterr().err


def test_what_cannot_be_written_is_a_matter_of_one_line(tmp_path, capsys):
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "walk.json"
    arguments = ["lockstep", "--sut", "modelled", "--steps", "20", "--length", "10"]
    assert main([*arguments, "--output", str(place)]) == ExitCode.USAGE
    assert f"reperso: {place}: " in capsys.readouterr().err


def test_a_number_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["lockstep", "--steps", "0"])
    assert "number of at least 1" in capsys.readouterr().err
