"""A way through the model as a Gherkin scenario, in the sentences that every system understands.

What the parties do of themselves needs no sentence; what a user wishes is a When, and what goes
wrong a Given. Events that no sentence brings about stay in the comment that tells the whole way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

CLOSED = "the second network rejects every attach for good"
GIVEN: Mapping[str, tuple[str, ...]] = {
    "lose_request": ("the next request of the device is lost",),
    "lose_notice": ("the next identity notice of the second operator is lost",),
    "lose_message": ("the next personalization message is lost",),
    "lose_report": ("the next report of the card is lost",),
    "cut_power": ("the card loses power for a moment after 50 hundredths of its replacement",),
    "retrieve_wrong_code": ("the application server holds another card's admin code for the card",),
    "retrieve_wrong_keys": ("the application server enciphers with another card's key",),
    "refuse_by_user": (
        "cards ask their user before they change",
        "the user answers no when asked",
    ),
    "garble_identity": (
        "the home register of the second network provides identities of another network",
    ),
    "exhaust_pool": ("the home register of the second network has no free identity",),
    "reject_impostor": ("an impostor in the place of the home register of the second network",),
    "refuse_unknown_card": ("the card is not in the database of the application server",),
    "refuse_nameless_request": ("requests of devices lack the identifier of the card",),
    "refuse_acknowledgement": ("the operator of the first network refuses acknowledgement",),
    "miss_acknowledgement": (
        "the operator of the first network never answers a question for acknowledgement",
    ),
    "alter_message": ("every personalization message is altered on its way",),
    "obey_late_message": ("every personalization message comes late",),
    "expire_lease": (CLOSED,),  # the reservation ends while the card cannot attach with it
    "miss_joined": (CLOSED,),
    "lose_accept": (CLOSED,),
}
WHEN: Mapping[str, str] = {
    "request_change": "the device requests a change to the second network",
    "ask_centre": "the user agrees with the customer centre of the second network to change",
}
AGREED = (
    "the application server has agreements with the operators of the first and the second network"
)
CARRIED = 4
"""Events in a line of the comment."""


def scenario_of(trace: Sequence[str], cites: str, sentence: str) -> str:
    """Write the way `trace` as a feature that fails where the obligation `cites` is broken."""
    givens = [AGREED, "a user who subscribes to the first network"]
    if "ask_acknowledgement" in trace:
        givens.append("the application server asks for acknowledgement before a subscriber leaves")
    givens += [given for event in trace for given in GIVEN.get(event, ())]
    whens = [WHEN[event] for event in trace if event in WHEN] or [WHEN["request_change"]]
    told = [" > ".join(trace[at : at + CARRIED]) for at in range(0, len(trace), CARRIED)]
    lines = [
        "Feature: What the model found",
        "",
        f"  # {cites}: not so: {sentence}.",
        "  # The way there:",
        *(f"  #   {line}" for line in told),
        f"  {' '.join(map(_tag, cites.split()))}",
        f"  Scenario: {sentence[0].upper()}{sentence[1:]}",
        *_steps("Given", dict.fromkeys(givens)),
        *_steps("When", whens[:1]),
        *_steps("Then", [_outcome(trace)]),
        "",
    ]
    return "\n".join(lines)


def _tag(obligation: str) -> str:
    if obligation.startswith("B"):
        return f"@beyond-{obligation}"
    return f"@embodiment-{obligation}" if obligation.startswith("E") else f"@element-{obligation}"


def _steps(keyword: str, sentences: Sequence[str] | Mapping[str, None]) -> list[str]:
    words = [keyword, *["And"] * (len(sentences) - 1)]
    return [f"    {word} {text}" for word, text in zip(words, sentences, strict=True)]


def _outcome(trace: Sequence[str]) -> str:
    """Return what has to be so in the end: the user is served, by whichever network is left."""
    stays = any(event in GIVEN and not event.startswith(("lose", "cut")) for event in trace)
    return f"the card authenticates in the {'first' if stays else 'second'} network"
