"""behave's hooks: a fresh system for every scenario, closed again whatever happened.

`environment.py` at the root hands them to plain `behave`; `reperso run` uses them too, there and in
folders that have no `environment.py`. `behave -D sut=modelled -D seed=7` chooses the system and the
seed; every other definition is an option of the system.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from behave.model_type import Status

from steps.driver import Setup, UnsupportedError

DEFAULT_SYSTEM = "simulated"
HOOKS = ("before_all", "before_scenario", "after_step", "after_scenario")
OWN = frozenset({"sut", "seed", "factory"})
"""User data that is not an option of the system."""


def before_all(context: Any) -> None:
    """Find the system once; an object `factory` in the user data goes before the name `sut`."""
    userdata = context.config.userdata
    context.factory = userdata.get("factory")
    if context.factory is None:
        from steps.drivers import load  # noqa: PLC0415 - not where the factory is given

        context.factory = load(userdata.get("sut", DEFAULT_SYSTEM))
    options = {name: value for name, value in userdata.items() if name not in OWN}
    context.setup = Setup(seed=int(userdata.get("seed", 0)), options=options)


def before_scenario(context: Any, scenario: Any) -> None:
    """Make the system of the scenario; one that cannot be made with these options is skipped."""
    context.closing = ExitStack()  # runs once, here or in after_scenario
    context.add_cleanup(context.closing.close)
    try:
        context.driver = context.factory(context.setup)
    except UnsupportedError as error:
        scenario.store_exception_context(error)
        scenario.skip(f"NA: {error}")
    else:
        context.closing.callback(context.driver.close)


def after_step(context: Any, step: Any) -> None:
    """Skip the rest of a scenario that turns out to need what the system does not have."""
    if isinstance(step.exception, UnsupportedError):
        step.status = Status.skipped
        context.scenario.skip(f"NA: {step.exception}")


def after_scenario(context: Any, scenario: Any) -> None:  # noqa: ARG001 - behave gives both
    """Close the system."""
    context.closing.close()
