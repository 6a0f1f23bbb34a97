"""What `init-sut` writes runs at once and reports what is missing."""

import json

import pytest

from reperso.errors import ExitCode
from steps.drivers import calls


@pytest.fixture
def begun(suite, reperso):
    """Begin a system of this name."""

    def of(name, *arguments):
        return reperso("init-sut", name, *arguments), suite.path / f"{name}.py"

    return of


def test_the_template_runs_at_once_and_says_what_is_missing(begun, reperso, suite):
    done, path = begun("lamp_one")
    assert (done.code, path.exists()) == (ExitCode.EXPECTED, True)
    done = reperso("run", "--sut", "lamp_one:factory")
    assert done.code == ExitCode.EXPECTED
    assert "1 case: agree() is not written yet" in done.out
    (system,) = json.loads(suite.report.read_text())["systems"]
    assert [result["verdict"] for result in system["results"]] == ["NA"]


def test_the_statement_runs_at_once_and_is_untrue(begun, reperso):
    begun("lamp_two")
    done = reperso("run", "--ics", "lamp_two.yaml")
    assert done.code == ExitCode.UNDECIDED
    assert "lamp_two.yaml says that this applies" in done.out


def test_every_call_stands_in_the_template_once_with_what_it_is_for(begun):
    _, path = begun("lamp_three")
    text = path.read_text()
    assert all(text.count(f"    def {name}(self") == 1 for name in calls())
    assert "Take the power from the device and so from its card." in text


def test_every_option_of_the_suite_stands_in_the_statement(begun, suite):
    (suite.path / "features/applicability.yaml").write_text(
        "schema: urn:reperso:applicability:1\nconditions: []\n"
        'options: [{id: keys, values: ["no", "yes"], text: "It has keys"}]\n'
    )
    begun("lamp_four")
    statement = (suite.path / "lamp_four.yaml").read_text()
    assert "  # It has keys: no or yes\n  keys: no\n" in statement


def test_what_is_there_already_stays_as_it_is(begun):
    _, path = begun("lamp_five")
    path.write_text("mine")
    done, _ = begun("lamp_five")
    assert (done.code, path.read_text()) == (ExitCode.USAGE, "mine")
    assert "is there already" in done.err


@pytest.mark.parametrize("name", ["my-system", "../x", "1st", "", "Lamp"])
def test_a_name_that_no_module_can_have_is_refused(begun, name):
    done, _ = begun(name)
    assert (done.code, done.err.count("\n")) == (ExitCode.USAGE, 1)


def test_a_folder_that_cannot_be_made_is_one_clear_line(begun, suite):
    (suite.path / "file").write_text("")
    done, _ = begun("lamp_six", "--folder", suite.path / "file")
    assert (done.code, done.err.count("\n")) == (ExitCode.USAGE, 1)


@pytest.mark.parametrize("name", ["class", "json", "1x", "my-system", "My"])
def test_a_name_that_python_could_not_find_is_refused(begun, name):
    done, path = begun(name)
    assert done.code == ExitCode.USAGE
    assert done.err.startswith(f"reperso: {name}: ")
    assert not path.exists()
