"""What stands in examples/ runs as its pages say."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from reperso.cli import make_parser

ROOT = Path(__file__).parent.parent


def verdicts(folder, *arguments):
    """Run features on a system and give the verdict of each case."""
    done = subprocess.run(
        [sys.executable, "-m", "reperso", "run", *arguments, "--no-evidence", "--report", folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (system,) = json.loads((folder / "report.json").read_text())["systems"]
    return {result["case"]: result["verdict"] for result in system["results"]}


@pytest.mark.skipif(not shutil.which("node"), reason="node is not there to run JavaScript")
def test_the_system_in_javascript_does_what_it_says(tmp_path):
    found = verdicts(tmp_path, "--sut", "jsonl:node examples/javascript/system.mjs")
    assert set(found.values()) == {"PASS", "NA"}
    assert found["reperso/1e/1"] == found["reperso/1f/1"] == "PASS"
    assert list(found.values()).count("PASS") > 30


def test_the_implementation_with_another_card_in_it_does_what_it_did(tmp_path):
    found = verdicts(tmp_path, "--sut", "examples.own_card.own_card:factory", "--claim", "1")
    assert set(found.values()) == {"PASS"}
    assert len(found) > 10


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("github-workflows", "examples/ci/github.yml"),
        ("github-workflows", ".github/workflows/test.yml"),
        ("gitlab-ci", "examples/ci/gitlab.yml"),
    ],
)
def test_the_jobs_of_others_are_valid_by_the_schemas_of_their_services(schema, file):
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*check, file], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", ["examples/ci/github.yml", "examples/ci/gitlab.yml"])
def test_every_command_of_the_jobs_is_one_that_there_is(file):
    text = (ROOT / file).read_text().replace("\n          -f", " -f")
    commands = re.findall(r"reperso run [^\n]+(?:\n {10}-[^\n]+)?", text)
    assert commands
    for command in commands:
        make_parser().parse_args(shlex.split(command)[1:])


def test_the_hooks_are_commands_that_hold_here():
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    used = yaml.safe_load((ROOT / "examples/ci/pre-commit-config.yaml").read_text())
    assert {hook["id"] for hook in used["repos"][0]["hooks"]} <= {hook["id"] for hook in hooks}
    for hook in hooks:
        entry = [sys.executable, "-m", *shlex.split(hook["entry"])]
        done = subprocess.run(entry, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not there to ask")
class TestUnits:
    @staticmethod
    def verify(tmp_path, unit, text):
        """Ask systemd of a unit whose interpreter is one that this machine has."""
        copy = tmp_path / unit
        copy.write_text(text.replace("/opt/reperso/bin/python", sys.executable))
        return subprocess.run(
            ["systemd-analyze", "verify", "--man=no", copy],
            capture_output=True,
            text=True,
            check=False,
        )

    @pytest.mark.parametrize(
        "path", sorted((ROOT / "examples/systemd").iterdir()), ids=lambda path: path.name
    )
    def test_systemd_takes_a_unit_without_a_word(self, tmp_path, path):
        done = self.verify(tmp_path, path.name, path.read_text())
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def test_systemd_names_a_line_that_it_does_not_know(self, tmp_path):
        path = ROOT / "examples/systemd/reperso-application-server.service"
        text = path.read_text().replace("ProtectHome=", "ProtectHouse=")
        done = self.verify(tmp_path, path.name, text)
        assert "ProtectHouse" in done.stderr
