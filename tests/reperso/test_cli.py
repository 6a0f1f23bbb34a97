"""The command line answers at once, and says what it can do."""

import os
import re
import resource
import shlex
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest

from reperso import __version__
from reperso.cli import main, make_parser
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
    "crashes",
    "load",
    "interleavings",
    "suites",
    "lockstep",
    "explore",
    "trace",
    "init-deployment",
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


EXAMPLE = re.compile(r"^  (?:[A-Z_]+=\d+ )?(reperso (?:[^ \n]| (?! ))+)", re.MULTILINE)
LESS = {
    "run": ["reperso/1e/2"],
    "mutants": ["--only", "accepts-all", "--others", "none"],
    "crashes": ["--scenario", "the device asks", "--party", "card 1", "--stride", "5000"],
    "interleavings": ["--case", "two operators", "--most", "2"],
    "explore": ["--limit", "300"],
    "lockstep": ["--steps", "30"],
}
"""Makes an example of a command short: it runs as it stands, and on less."""
SELECTS = re.compile(r"features/|reperso/1e|-t |--only")
OF_OTHERS = (
    "my.package",
    "my_system",
    "COMMAND",
    "before/",
    "@build",
    "suites",
    "--tables",
    "load",
)
"""Examples about what a user has, and long ones: other tests run them."""


def examples():
    parser = make_parser()
    (commands,) = (one for one in parser._actions if isinstance(one.choices, dict))
    texts = [parser.format_help(), *(one.format_help() for one in commands.choices.values())]
    return dict.fromkeys(found for text in texts for found in EXAMPLE.findall(text))


def test_every_command_has_an_example():
    taught = {shlex.split(example)[1] for example in examples()}
    assert taught == {*COMMANDS, "diff", "baseline"}


@pytest.mark.parametrize("example", examples())
def test_every_example_of_the_help_is_a_command(example):
    make_parser().parse_args(shlex.split(example.partition(" > ")[0])[1:])


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Make an empty folder in which something was run."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "build").mkdir()
    with chdir(folder):
        assert main(["run", *LESS["run"]]) == ExitCode.EXPECTED
    return folder


@pytest.mark.parametrize(
    "example", [one for one in examples() if not any(word in one for word in OF_OTHERS)]
)
def test_every_example_of_the_help_does_something(elsewhere, monkeypatch, capfd, example):
    monkeypatch.chdir(elsewhere)
    words = shlex.split(example.partition(" > ")[0])[1:]
    less = () if SELECTS.search(example) else LESS.get(words[0], ())
    code = main([*words, *less])
    said = capfd.readouterr()
    assert "Traceback" not in said.err
    found_out = words[0] in {"mutants", "explore"}  # wrong systems, or cut short
    assert code in ({0, 1, 3} if found_out else {0}), said.out + said.err
    assert said.out or words[0] == "steps"


def run_in_a_pipe(suite, *arguments, out):
    return subprocess.run(
        [sys.executable, "-m", "reperso", *arguments], env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=out, stderr=subprocess.PIPE, cwd=suite.path, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments", [["schema"], ["steps"], ["run", "--list"], ["run", "--no-evidence", "--sut"]]
)
def test_a_reader_that_stops_early_is_no_success_and_no_traceback(suite, arguments):
    reads, writes = os.pipe()
    os.close(reads)
    system = [suite.system] if arguments[-1] == "--sut" else []
    with os.fdopen(writes, "w") as closed:
        done = run_in_a_pipe(suite, *arguments, *system, out=closed)
    assert done.returncode == ExitCode.UNREAD
    assert [line for line in done.stderr.splitlines() if not line.startswith("PASS")] == []


@pytest.mark.parametrize(
    "arguments", [["schema"], ["steps"], ["run", "--list"], ["run", "--no-evidence", "--sut"]]
)
def test_a_full_disk_is_one_clear_line(suite, arguments):
    system = [suite.system] if arguments[-1] == "--sut" else []
    with Path("/dev/full").open("w") as full:
        done = run_in_a_pipe(suite, *arguments, *system, out=full)
    assert done.returncode == ExitCode.USAGE
    said = [line for line in done.stderr.splitlines() if not line.startswith("PASS")]
    assert said == ["reperso: output: No space left on device"]
