"""What a device does after a reject, by its cause: TS 24.008 clause 4.4.4.7, TS 24.301 5.5.1.3.5.

The causes that stand here end the matter, with this card, in this network or at this place. All
others pass: the device asks again after a while, and elsewhere only when that was of no use.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from impl.codec.card_file import UpdateStatus
from impl.codec.eps_mobility import EmmCause
from impl.codec.mobility import RejectCause


class Effect(Enum):
    """How far a reject reaches."""

    CARD = "card"
    """The card is invalid until it is powered again: nobody is asked any more."""
    NETWORK = "network"
    """The network is forbidden (EF.FPLMN): only a user who selects it by hand asks it again."""
    PLACE = "place"
    """The area is forbidden: not asked again until the card is powered, or half a day has gone."""
    PASSING = "passing"
    """The network could not do it now."""

    @property
    def status(self) -> UpdateStatus:
        """What EF.LOCI says afterwards: U2, or U3 where it is no use to ask (clause 4.1.2.2)."""
        if self is Effect.PASSING:
            return UpdateStatus.NOT_UPDATED
        return UpdateStatus.LOCATION_AREA_NOT_ALLOWED


MOBILITY_EFFECTS: Final[Mapping[int, Effect]] = {
    RejectCause.IMSI_UNKNOWN_IN_HLR: Effect.CARD,
    RejectCause.ILLEGAL_MS: Effect.CARD,
    RejectCause.ILLEGAL_ME: Effect.CARD,
    RejectCause.PLMN_NOT_ALLOWED: Effect.NETWORK,
    RejectCause.LOCATION_AREA_NOT_ALLOWED: Effect.PLACE,
    RejectCause.ROAMING_NOT_ALLOWED: Effect.PLACE,
    RejectCause.NO_SUITABLE_CELLS: Effect.PLACE,
}
EPS_EFFECTS: Final[Mapping[int, Effect]] = {
    EmmCause.ILLEGAL_UE: Effect.CARD,
    EmmCause.ILLEGAL_ME: Effect.CARD,
    EmmCause.NO_SERVICES_ALLOWED: Effect.CARD,
    EmmCause.EPS_NOT_ALLOWED: Effect.PLACE,
    EmmCause.PLMN_NOT_ALLOWED: Effect.NETWORK,
    EmmCause.TRACKING_AREA_NOT_ALLOWED: Effect.PLACE,
    EmmCause.ROAMING_NOT_ALLOWED: Effect.PLACE,
    EmmCause.EPS_NOT_ALLOWED_IN_PLMN: Effect.PLACE,
    EmmCause.NO_SUITABLE_CELLS: Effect.PLACE,
}
