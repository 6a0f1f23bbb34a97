"""Sentences for single events of the model's tables, in which regressions are written down.

Nothing happens between them but what they say: whoever pastes what a walk beside the model found
has the very same walk.
"""

from steps.driver import Driver
from steps.registry import then, when
from steps.stepped import stepped


@when("nothing but {event} happens")
def event_happens(driver: Driver, event: str) -> None:
    stepped(driver).happen(event)


@when("{event} is tried in vain")
def event_is_tried(driver: Driver, event: str) -> None:
    stepped(driver).try_in_vain(event)


@then("all parties come to agree")
def parties_agree(driver: Driver) -> None:
    assert stepped(driver).comes_to_agree()
