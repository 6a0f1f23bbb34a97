"""The model as a system: symbols only. Are the features consistent, and does the method hold?"""

from __future__ import annotations

from steps.driver import (
    Driver,
    Setup,
)
from steps.drivers.modelled_faults import ModelledFaults
from steps.drivers.modelled_observations import ModelledObservations


class ModelledDriver(ModelledFaults, ModelledObservations):
    """The model behind the door of the steps. A broken invariant raises `ViolationError`.

    Options of the ICS: `variant`, "hardened" (default) or "literal".
    """

    def close(self) -> None:
        """See `Driver`. There is nothing to give back."""


def factory(setup: Setup) -> Driver:
    """Make the system."""
    return ModelledDriver(setup)
