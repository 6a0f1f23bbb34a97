import json

import pytest

from conformance.machines import Goals
from reperso.background import machines
from reperso.cli import main
from reperso.errors import ExitCode, UsageError
from reperso.suite_runs import read_suite_runs

EVENTS = ["request_change", "take_request"]


@pytest.fixture(name="write")
def _write(tmp_path):
    def write(text=None, **different):
        data = {
            "system": "simulated",
            "options": {"acknowledgement": "yes"},
            "kinds": [{"kind": "transitions", "there": 9, "met": 4, "hidden": 2}],
            "steps": 7,
            "hidden": [{"kind": "transitions", "goal": "a leap", "reason": "there is no wind"}],
            "trails": [EVENTS],
            **different,
        }
        place = tmp_path / "suite.json"
        place.write_text(json.dumps(data) if text is None else text)
        return str(place)

    return write


def test_a_suite_is_told_in_transitions_of_the_machines_of_a_report(write):
    (run,) = read_suite_runs([write()])
    assert (run.name, run.system, run.steps) == ("suite of transitions", "simulated", 7)
    assert run.goals == (Goals("transitions", 9, 4, 2),)
    assert run.goals[0].left == 3
    assert run.reasons == ("a leap: there is no wind",)
    known = {f"{one.name}: {row.name}" for one in machines() for row in one.transitions}
    (trail,) = run.trails
    assert len(trail) > len(EVENTS)
    assert known.issuperset(trail)


def test_what_a_suite_met_stands_on_the_page_of_a_run(tmp_path, capsys):
    place, folder = str(tmp_path / "met.json"), tmp_path / "report"
    main(["suites", "--sut", "modelled", "--steps", "200", "--output", place])
    command = ["run", "reperso/1a/1", "--report", str(folder), "--suites", place]
    assert main(command) == ExitCode.EXPECTED
    capsys.readouterr()
    page = (folder / "report.html").read_text()
    assert "suite of refusals, transitions on modelled: transitions" in page
    assert main(["report", str(folder / "report.json")]) == ExitCode.EXPECTED  # it is of the schema


@pytest.mark.parametrize(
    ("different", "why"),
    [
        ({"text": "{"}, "is no JSON"),
        ({"text": "[]"}, "is not what"),
        ({"text": "{}"}, "is not what"),
        ({"text": "[" * 100_000}, "is no JSON"),
        ({"kinds": [{"kind": "moons"}]}, "is not what"),
        ({"options": {"variant": "free"}}, "is not what"),
        ({"trails": [7]}, "is not what"),
        ({"steps": float("inf")}, "is not what"),
        ({"trails": [["fly_to_the_moon"]]}, "no table has the event 'fly_to_the_moon'"),
        ({"trails": [["request_change"] * 2]}, "request draws no such arrow"),
    ],
)
def test_what_no_suite_wrote_is_refused_by_name_before_anything_runs(write, different, why):
    place = write(**different)
    with pytest.raises(UsageError, match=r"suite\.json") as caught:
        read_suite_runs([place])
    assert why in str(caught.value)


def test_a_file_that_is_not_there_is_a_matter_of_one_line(capsys):
    assert main(["run", "reperso/1a/1", "--suites", "nowhere.json"]) == ExitCode.USAGE
    assert capsys.readouterr().err == "reperso: nowhere.json: No such file or directory\n"
