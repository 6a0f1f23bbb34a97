import json
import sys
import types
from collections import Counter

import pytest

from impl.application_server.course import Course
from model.suites import Goal, What
from reperso import beside
from reperso.cli import main
from reperso.errors import ExitCode
from steps.checks.coverage import Coverage
from steps.checks.script import Refused
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


def test_the_w_method_is_a_kind_of_suite_beside_those_of_the_tour(monkeypatch, capsys):
    def identify(walks, tell):
        walks.coverage.there[What.TARGET] = walks.coverage.met[What.TARGET] = 7
        tell(walks.coverage)

    monkeypatch.setattr("steps.checks.identify.identify", identify)
    monkeypatch.setattr("steps.checks.suites.tour", lambda *_: pytest.fail("nobody asked for it"))
    arguments = ["suites", "--sut", "modelled", "--kind", "target"]
    assert main(arguments) == ExitCode.EXPECTED
    assert "by the W-method: 7 of 7" in capsys.readouterr().out


def test_what_is_out_of_reach_fails_only_a_suite_that_is_to_be_whole(monkeypatch):
    lost = Goal(What.FAULT, "lose_notice", "in CONNECTED")
    coverage = Coverage(Counter({What.FAULT: 1}), hidden={lost: "bound"})
    monkeypatch.setattr(beside, "_walk_suites", lambda *_: coverage)
    assert main(["suites", "--sut", "modelled"]) == ExitCode.EXPECTED
    assert main(["suites", "--sut", "modelled", "--whole"]) == ExitCode.FAILED
    coverage.met, coverage.hidden = Counter({What.FAULT: 1}), {}
    assert main(["suites", "--sut", "modelled", "--whole"]) == ExitCode.EXPECTED
    coverage.refused = {lost: Refused.ABSENT}
    assert main(["suites", "--sut", "modelled", "--whole"]) == ExitCode.FAILED


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
