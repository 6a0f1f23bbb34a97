"""The implementation with something replaced, for as long as one scenario lasts."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from unittest import mock

from steps.driver import Driver, Factory, Setup
from steps.drivers.simulated import SimulatedDriver


@dataclass(frozen=True, slots=True)
class Patch:
    """`name` of a class or module of `impl`, and what stands in its place."""

    target: Any
    name: str
    wrong: Any


class PatchedDriver(SimulatedDriver):
    """A world in which some code is wrong."""

    def __init__(self, setup: Setup, patches: tuple[Patch, ...]) -> None:
        self._patches = ExitStack()
        for patch in patches:
            self._patches.enter_context(mock.patch.object(patch.target, patch.name, patch.wrong))
        try:
            super().__init__(setup)
        except BaseException:
            self._patches.close()
            raise

    def close(self) -> None:
        """Let go of the world, and make the code right again."""
        try:
            super().close()
        finally:
            self._patches.close()


def with_patches(*patches: Patch) -> Factory:
    """Return a factory of such worlds."""

    def factory(setup: Setup) -> Driver:
        return PatchedDriver(setup, patches)

    return factory
