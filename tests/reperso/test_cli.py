"""The command line answers at once, and says what it can do."""

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from reperso import __version__
from reperso.cli import main
from reperso.errors import ExitCode

ROOT = Path(__file__).parent.parent.parent
COMMANDS = (
    "init-sut",
    "run",
    "report",
    "diff",
    "baseline",
    "mutants",
    "explain",
    "steps",
    "schema",
    "replay",
    "completion",
)


def helped(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--help"])
    assert caught.value.code == 0
    return capsys.readouterr().out


def test_the_help_teaches_with_examples_and_names_every_command(capsys):
    said = helped(capsys)
    assert "reperso run --claim 1 --element 1e" in said
    assert all(f"    {command}" in said for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_documents_the_exit_codes(capsys, command):
    said = helped(capsys, command)
    for code in ExitCode:
        assert re.search(rf"\b{code.value}\b", said)


@pytest.mark.parametrize(
    "arguments",
    [[], ["dance"], ["run", "--seed", "x"], ["run", "-D", "x"], ["run", "--claim", "one"],
     ["report"], ["explain"], ["mutants", "--others", "some"]],
)  # fmt: skip
def test_a_wrong_argument_ends_with_the_code_of_usage(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == ExitCode.USAGE
    assert "error:" in capsys.readouterr().err


def test_the_version_is_that_of_the_distribution(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"reperso {__version__}\n"
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text()


def test_the_help_needs_no_heavy_import():
    code = (
        "import sys\nfrom reperso.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'behave', 'jinja2', 'jsonschema', 'pydantic', 'yaml', 'steps', 'conformance'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert after.ru_utime - before.ru_utime < 0.3


def test_python_m_reperso_is_the_same_command():
    done = subprocess.run(
        [sys.executable, "-m", "reperso", "--version"], env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, f"reperso {__version__}\n")


def test_a_reader_that_stops_early_is_no_error(suite):
    process = subprocess.Popen(
        [sys.executable, "-m", "reperso", "schema"], env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=suite.path,
    )  # fmt: skip
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0
