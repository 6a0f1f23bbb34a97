"""behave, pytest-bdd and `reperso run` run the same scenarios with the same verdicts."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parent.parent
SYSTEM = "model_that_forgets_keys"
WRONG_SYSTEM = f"{SYSTEM}:factory"
SOURCE = '''
"""The model, except that no card ever authenticates in the second network."""
from steps.driver import Network, Setup, UnsupportedError, User
from steps.drivers.modelled import ModelledDriver

class Forgetful(ModelledDriver):
    def authenticates_in(self, network: Network, user: User) -> bool:
        return network is not Network.SECOND and super().authenticates_in(network, user)

    def use_admin_code_as_key(self) -> None:
        raise UnsupportedError("this system compares admin codes")

def factory(setup: Setup) -> Forgetful:
    return Forgetful(setup)
'''


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Put a system that passes, fails and lacks something where every runner finds it."""
    place = tmp_path_factory.mktemp("system")
    (place / f"{SYSTEM}.py").write_text(SOURCE)
    return os.environ | {"PYTHONPATH": os.pathsep.join((str(place), str(ROOT)))}


def run(environment, *command):
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def by_junit(folder):
    """Count verdicts of JUnit files, by what the runners call them."""
    verdicts = Counter()
    for file in folder.glob("*.xml"):
        for case in ET.parse(file).iter("testcase"):
            kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
            verdicts[kinds.pop() if kinds else "passed"] += 1
    return verdicts


@pytest.mark.parametrize("system", ["modelled", WRONG_SYSTEM])
def test_all_runners_come_to_the_same_verdicts(environment, tmp_path, system):
    run(environment, "behave", "-D", f"sut={system}", "--junit", f"--junit-directory={tmp_path}/b")
    run(environment, "pytest", "features", f"--sut={system}", f"--junitxml={tmp_path}/p/all.xml")
    run(environment, "reperso", "run", "--sut", system, "--report", f"{tmp_path}/r")
    behave, pytest_bdd, reperso = (by_junit(tmp_path / name) for name in "bpr")
    assert behave == pytest_bdd == reperso
    assert behave["passed"] > 40
    assert (behave["failure"] > 5) == (system == WRONG_SYSTEM)
    assert (behave["skipped"] >= 2) or system == "modelled"


def test_one_element_is_selected_by_each_runner(environment, tmp_path):
    where = f"{tmp_path}/r"
    run(
        environment,
        "reperso",
        "run",
        "--sut",
        "modelled",
        "-t",
        "claim-1 and element-1e",
        "--report",
        where,
    )
    (system,) = json.loads(Path(where, "report.json").read_text())["systems"]
    count = len(system["results"])
    assert count >= 3
    tags = ("--tags", "claim-1 and element-1e")
    behave = run(environment, "behave", "-D", "sut=modelled", *tags, "-f", "null")
    assert re.search(rf"\b{count} scenarios passed, 0 failed", behave.stdout)
    marks = ("-m", "claim_1 and element_1e")
    assert (
        f"{count} passed"
        in run(environment, "pytest", "features", "--sut=modelled", *marks, "-v").stdout
    )


def test_a_single_feature_file_is_run_by_each_runner(environment):
    file = "features/claims/claim_04_admin_code_check.feature"
    assert "3 passed" in run(environment, "pytest", file, "--sut=modelled", "-v").stdout
    assert "3 scenarios passed" in run(environment, "behave", file, "-D", "sut=modelled").stdout


@pytest.mark.parametrize(
    "runner", [("behave", "-D", "sut=nonsense"), ("pytest", "features", "--sut=nonsense")]
)
def test_an_unknown_system_is_one_clear_line(environment, runner):
    done = run(environment, *runner)
    assert done.returncode != 0
    assert "no system 'nonsense'" in done.stdout + done.stderr
