"""What follows from each reject cause, by the numbers of TS 24.008 and TS 24.301."""

import pytest

from impl.codec.card_file import UpdateStatus
from impl.device.reject_causes import EPS_EFFECTS, MOBILITY_EFFECTS, Effect

CARD, NETWORK, PLACE = Effect.CARD, Effect.NETWORK, Effect.PLACE


@pytest.mark.parametrize(
    ("effects", "numbers"),
    [
        (
            MOBILITY_EFFECTS,
            {2: CARD, 3: CARD, 6: CARD, 11: NETWORK, 12: PLACE, 13: PLACE, 15: PLACE},
        ),
        (
            EPS_EFFECTS,
            {3: CARD, 6: CARD, 8: CARD, 11: NETWORK} | dict.fromkeys((7, 12, 13, 14, 15), PLACE),
        ),
    ],
)
def test_what_ends_the_matter_is_what_the_clause_names(effects, numbers):
    assert effects == numbers


@pytest.mark.parametrize("effect", Effect)
def test_the_card_keeps_whether_it_is_of_use_to_ask_again(effect):
    passing = effect is Effect.PASSING
    kept = UpdateStatus.NOT_UPDATED if passing else UpdateStatus.LOCATION_AREA_NOT_ALLOWED
    assert effect.status is kept
