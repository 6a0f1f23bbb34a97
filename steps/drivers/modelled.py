"""The model as a system: symbols only. Are the features consistent, and does the method hold?"""

from __future__ import annotations

from steps.driver import (
    Driver,
    Setup,
)
from steps.drivers.modelled_faults import ModelledFaults
from steps.drivers.modelled_observations import ModelledObservations
from steps.drivers.modelled_stage import ModelledStage
from steps.drivers.stage import OnStage


class ModelledDriver(ModelledFaults, ModelledObservations, OnStage):
    """The model behind the door of the steps. A broken invariant raises `ViolationError`.

    Options of the ICS: `variant`, "hardened" (default) or "literal".
    """

    def stage(self) -> ModelledStage:
        """Put one card on a stage; see `steps.drivers.stage`."""
        return ModelledStage(
            self._world.variant, asks=self._world.conditions.asks_for_acknowledgement
        )

    def close(self) -> None:
        """See `Driver`. There is nothing to give back."""


def factory(setup: Setup) -> Driver:
    """Make the system."""
    return ModelledDriver(setup)
