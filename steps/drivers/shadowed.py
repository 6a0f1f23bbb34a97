"""Any system with the model walking beside it: what can be observed of both must be the same."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from model.compile import Space
from model.system import Transition
from steps.checks.script import Walk, put_on_stage
from steps.driver import Driver, Factory, Observations, Setup
from steps.drivers import calls, load
from steps.drivers.modelled import ModelledDriver
from steps.drivers.stage import disagreements

ONLY_OF_THE_SYSTEM = frozenset({"exchanges"})
"""Observations that no two systems share: the evidence is what the system itself sent."""


class DivergenceError(AssertionError):
    """The system and the model answered the same question otherwise. Both stay as they are."""

    def __init__(self, call: str, system: object, model: object, trace: tuple[str, ...]) -> None:
        super().__init__(
            f"{call}: the system says {system!s}, the model {model!s}, "
            f"which came here by: {' > '.join(trace) or 'nothing'}"
        )
        self.call = call
        self.system = system
        self.model = model
        self.trace = trace


class ShadowedDriver:
    """Forwards each call of `Driver` to the system, then to the model, and compares observations.

    What the system does not support, it says first: then the model is not asked. What the model
    does not know, it says afterwards (`UnsupportedError`): the comparison is not applicable then.
    """

    def __init__(self, system: Driver, model: ModelledDriver) -> None:
        self.system = system
        self.model = model
        self._walk: Walk | None = None

    @property
    def trail(self) -> Sequence[Transition]:
        """Every arrow that the model took, as far as it came; `Driver` does not ask for it."""
        return self.model.trail

    def records(self) -> Mapping[str, str]:
        """Return what the system says that its records hold; `Driver` does not ask for it."""
        ask = getattr(self.system, "records", None)
        return ask() if ask is not None else {}

    def happen(self, event: str) -> None:
        """See `Stepped`: the system does it, and what is seen then is what the model says.

        Raises:
            LockstepError: it is not.
        """
        self._beside().step(event)

    def try_in_vain(self, event: str) -> None:
        """See `Stepped`; LockstepError if it changes anything."""
        self._beside().refuse(event)

    def comes_to_agree(self) -> bool:
        """See `Stepped`."""
        return not list(disagreements(self._beside().stage.drain()))

    def _beside(self) -> Walk:
        if self._walk is None:
            composition = self.model.stage().composition
            self._walk = Walk(Space(composition), put_on_stage(self.system))
        return self._walk

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in calls():
            raise AttributeError(name)
        of_system, of_model = getattr(self.system, name), getattr(self.model, name)

        @functools.wraps(of_system)
        def call(*arguments: Any, **facts: Any) -> Any:
            answer = of_system(*arguments, **facts)
            if name in ONLY_OF_THE_SYSTEM:
                return answer
            expected = of_model(*arguments, **facts)
            if name in calls(Observations) and answer != expected:
                asked = f"{name}({_listed(arguments, facts)})"
                raise DivergenceError(asked, answer, expected, self.model.trace)
            return answer

        return call


def _listed(arguments: tuple[object, ...], facts: Mapping[str, object]) -> str:
    return ", ".join([*map(str, arguments), *(f"{name}={value}" for name, value in facts.items())])


def beside(system: Factory) -> Factory:
    """Return a factory of `system` with the model beside it."""

    def make(setup: Setup) -> Driver:
        shadowed = ShadowedDriver(system(setup), ModelledDriver(setup))
        return cast("Driver", shadowed)  # every call of Driver, by __getattr__

    return make


def factory(setup: Setup) -> Driver:
    """Make the simulated system with the model beside it."""
    return beside(load("simulated"))(setup)
