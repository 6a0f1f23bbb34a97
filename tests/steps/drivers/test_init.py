import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from steps.driver import Driver, DriverError, Setup
from steps.drivers import NotADriverError, UnknownSystemError, calls, demand_driver, load
from steps.drivers.modelled import ModelledDriver

MODULE = """
from steps.drivers.modelled import ModelledDriver

class Lacking:
    def settle(self): ...

class Clumsy(ModelledDriver):
    def request_change(self, network): ...
    def ask_customer_centre(self, network, user, agreed): ...
    settle = None
    standing = 5

def factory(setup): return ModelledDriver(setup)
def lacking(setup): return Lacking()
def clumsy(setup): return Clumsy(setup)
number = 1
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "own_system.py").write_text(MODULE)
    (tmp_path / "broken_system.py").write_text("import no_such_dependency")
    (tmp_path / "unreadable_system.py").write_text("def (")
    monkeypatch.syspath_prepend(tmp_path)
    load.cache_clear()
    return "own_system"


@pytest.mark.parametrize("name", ["modelled", "simulated", "shadowed", "shadowed(modelled)"])
def test_the_systems_that_come_along_are_found_and_are_drivers(name: str) -> None:
    driver = load(name)(Setup())
    demand_driver(driver, name)
    driver.close()


def test_a_system_of_your_own_is_found(module: str) -> None:
    assert isinstance(load(f"{module}:factory")(Setup()), ModelledDriver)


def test_the_model_walks_beside_a_system_of_your_own(module: str) -> None:
    driver = load(f"shadowed({module}:factory)")(Setup())
    assert type(driver).__name__ == "ShadowedDriver"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("imaginary", "no system 'imaginary': there are modelled, served, shadowed, simulated"),
        ("", "no system ''"),
        ("no_such_module:factory", "No module named 'no_such_module'"),
        ("own_system:absent", "own_system has no absent"),
        ("own_system:", "own_system has no "),
        (":factory", "no system ':factory'"),
        ("broken_system:factory", "No module named 'no_such_dependency'"),
        ("unreadable_system:factory", "unreadable_system: invalid syntax"),
        ("shadowed(imaginary)", "no system 'imaginary'"),
    ],
)
@pytest.mark.usefixtures("module")
def test_what_cannot_be_found_is_named(name: str, fault: str) -> None:
    with pytest.raises(UnknownSystemError, match=fault.replace("(", r"\(")) as caught:
        load(name)
    assert isinstance(caught.value, DriverError)
    assert "\n" not in str(caught.value)


def test_what_is_no_factory_is_named(module: str) -> None:
    with pytest.raises(NotADriverError, match="own_system:number is a int, not a factory"):
        load(f"{module}:number")


def test_the_calls_that_a_driver_lacks_are_named(module: str) -> None:
    make = load(f"{module}:lacking")
    with pytest.raises(
        NotADriverError, match=r"Lacking lacks agree\(network\); .*lacks close\(\)"
    ) as caught:
        make(Setup())
    assert "settle" not in str(caught.value)


def test_the_calls_that_take_something_else_are_named(module: str) -> None:
    make = load(f"{module}:clumsy")
    with pytest.raises(NotADriverError) as caught:
        make(Setup())
    text = str(caught.value)
    assert "does not take request_change(network, means, user)" in text
    assert "does not take ask_customer_centre(network, user, *, agrees)" in text
    assert "lacks settle" in text
    assert "has standing, but it cannot be called" in text


def test_the_calls_are_those_of_the_protocol() -> None:
    declared = {
        name
        for name, member in inspect.getmembers(Driver, inspect.isfunction)
        if not name.startswith("_")
    }
    assert calls().keys() == declared
    assert {"agree", "lose_part", "standing", "close"} <= declared


@pytest.mark.parametrize(("name", "other"), [("modelled", "impl"), ("simulated", "model")])
def test_a_system_is_loaded_without_the_others(name: str, other: str) -> None:
    script = (
        "import sys; from steps.drivers import load; "
        f"load({name!r}); sys.exit({other!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_sound_class_does_not_excuse_what_an_object_has_instead() -> None:
    class Sound(ModelledDriver):
        """Has room for what shadows its methods."""

    demand_driver(Sound(Setup()), "sound")
    broken: Any = Sound(Setup())
    broken.settle = 5
    with pytest.raises(NotADriverError, match="has settle, but it cannot be called"):
        demand_driver(broken, "broken")


def test_a_class_that_was_found_sound_is_not_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Sound(ModelledDriver):
        """Takes every call."""

    class Another(ModelledDriver):
        """Takes them as well."""

    demand_driver(Sound(Setup()), "sound")
    monkeypatch.setattr(inspect, "signature", None)
    demand_driver(Sound(Setup()), "sound")
    with pytest.raises(NotADriverError):
        demand_driver(Another(Setup()), "not looked at yet")
