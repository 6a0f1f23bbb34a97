"""pytest at the repository root: runs the features on the systems that `--sut` names.

`pytest features/`, one `.feature` file, or `-m "claim_1 and element_1e"`; once a system each.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from steps.driver import Driver, DriverError, Setup, UnsettledError, UnsupportedError
from steps.drivers import load

ROOT = Path(__file__).parent

pytest_plugins = [
    "steps.agreement",
    "steps.request",
    "steps.session",
    "steps.message",
    "steps.card",
    "steps.device",
    "steps.attach",
    "steps.faults",
    "steps.events",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what chooses the system and the seed."""
    group = parser.getgroup("reperso")
    group.addoption(
        "--sut",
        action="append",
        default=[],
        metavar="SYSTEM",
        help="modelled, simulated (default), shadowed or package.module:factory; may be repeated",
    )
    group.addoption("--seed", type=int, default=0, help="seed of every random choice (default 0)")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the tags as marks, and load every system: what is wrong is one line then."""
    for tag, text in _tags():
        config.addinivalue_line("markers", f"{tag}: {text}")
    try:
        for system in _systems(config):
            load(system)
    except DriverError as error:
        raise pytest.UsageError(str(error)) from error


def _tags() -> Iterator[tuple[str, str]]:
    """Yield every tag that a feature may have, as a mark: `--strict-markers` refuses others."""
    obligations = yaml.safe_load((ROOT / "features/obligations.yaml").read_text("utf-8"))
    kinds = {"claims": "element", "embodiments": "embodiment", "beyond": "beyond"}
    for kind, name in kinds.items():
        for obligation in obligations[kind]:
            yield f"{name}_{obligation['id']}", obligation["text"]
            if "claim" in obligation:
                yield f"claim_{obligation['claim']}", "every element of this claim"
            if "step" in obligation:
                yield f"step_{obligation['step']}", "every obligation of this step"


def _systems(config: pytest.Config) -> list[str]:
    chosen: list[str] = config.getoption("--sut")
    return chosen or ["simulated"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each scenario once for each chosen system."""
    if "sut" in metafunc.fixturenames:
        metafunc.parametrize("sut", _systems(metafunc.config))


@pytest.fixture
def driver(sut: str, request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Give a scenario its system, and close it afterwards."""
    made = load(sut)(Setup(seed=request.config.getoption("--seed")))
    yield made
    made.close()


def pytest_bdd_apply_tag(tag: str, function: Any) -> bool:
    """Turn `@claim-1` into the mark `claim_1`, which `-m` can name."""
    getattr(pytest.mark, tag.replace("-", "_"))(function)
    return True


def pytest_bdd_step_error(exception: Exception) -> None:
    """An option that the system does not have makes the scenario not applicable, not failed."""
    if isinstance(exception, UnsupportedError):
        pytest.skip(f"NA: {exception}")
    if isinstance(exception, UnsettledError):
        pytest.fail(f"INCONC: {exception}")


SCENARIOS = """
import pytest, pytest_bdd
pytest_bdd.scenarios(__file__)
@pytest.fixture(autouse=True)
def _driver_of_scenario(driver): pass  # steps ask for it too late to be run once a system
"""


class FeatureFile(pytest.Module):
    """A `.feature` file as the module of its scenarios."""

    def _getobj(self) -> types.ModuleType:
        module = types.ModuleType(self.path.stem)
        module.__file__ = str(self.path)
        exec(SCENARIOS, module.__dict__)  # noqa: S102 - scenarios() fills the module that calls it
        return module


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect the features of this repository."""
    if file_path.suffix == ".feature" and ROOT in file_path.parents:
        return FeatureFile.from_parent(parent, path=file_path)
    return None
