"""What passes between the parties at each event: who says what to whom, and how it is protected.

The tables say what happens; this says what an observer on the interfaces sees of it, for sequence
charts and for the question whether a secret passes in clear (B09). `{left}` and `{joined}` stand
for the names of the networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Protection(Enum):
    """What hides a message from those it is not for."""

    NONE = "it passes in clear"
    SESSION = "the secured session between the application server and an operator [068]"
    CARD_KEYS = "the keys that the application server shares with the card [073]"


@dataclass(frozen=True)
class Passage:
    """One message between two parties."""

    sender: str
    receiver: str
    protocol: str
    name: str
    protection: Protection = Protection.NONE
    secret: bool = False  # it holds a key or an admin code


SERVER, DEVICE, CARD = "application server", "device", "card"
LEFT, JOINED = "home register of {left}", "home register of {joined}"
CENTRE, SMSC = "customer centre", "short message centre of {left}"
MESP, ORDER, REQ, POR = "MesP", "order to forget", "Req", "PoR"


def _session(sender: str, receiver: str, name: str, *, secret: bool = False) -> Passage:
    return Passage(sender, receiver, "session", name, Protection.SESSION, secret)


def _down(name: str, *, secret: bool = True) -> Passage:
    return Passage(SMSC, CARD, "short message", name, Protection.CARD_KEYS, secret)


def _submitted(name: str) -> Passage:
    return Passage(SERVER, SMSC, "short message", name, Protection.CARD_KEYS, secret=True)


def _report(outcome: str) -> Passage:
    return Passage(CARD, SERVER, "short message", f"{POR}: {outcome}", Protection.CARD_KEYS)


def _attach(register: str, answer: str) -> tuple[Passage, ...]:
    return (
        Passage(DEVICE, register, "attach", "attach request"),
        Passage(register, DEVICE, "attach", answer),
    )


_RESERVE = _session(SERVER, JOINED, "reserve an identity")
_RELEASE = _session(SERVER, JOINED, "release the identity")
_QUESTION = Passage(CARD, DEVICE, "card", "are you sure to change?")
_REFRESH = Passage(CARD, DEVICE, "card", "refresh")

PASSAGES: Mapping[str, tuple[Passage, ...]] = {
    "request_change": (
        Passage(DEVICE, SMSC, "short message", REQ),
        Passage(SMSC, SERVER, "short message", REQ),
    ),
    "repeat_request": (Passage(SMSC, SERVER, "short message", REQ),),
    "ask_centre": (_session(CENTRE + " of {joined}", SERVER, REQ),),
    "open_session": (_session(SERVER, JOINED, "open session"),),
    "provide_identity": (_RESERVE, _session(JOINED, SERVER, "MesN", secret=True)),
    "garble_identity": (_RESERVE, _session(JOINED, SERVER, "MesN", secret=True)),
    "ask_again": (_RESERVE, _session(JOINED, SERVER, "MesN", secret=True)),
    "refuse_exhausted": (_RESERVE, _session(JOINED, SERVER, "refused: no free identity")),
    "ask_acknowledgement": (_session(SERVER, CENTRE + " of {left}", "may the user leave?"),),
    "grant_acknowledgement": (_session(CENTRE + " of {left}", SERVER, "yes"),),
    "refuse_acknowledgement": (_session(CENTRE + " of {left}", SERVER, "no"),),
    "send_message": (_submitted(MESP),),
    "resend_message": (_submitted(MESP),),
    "receive_message": (_down(MESP),),
    "receive_some_parts": (_down("some parts of " + MESP),),
    "receive_rest": (_down("the other parts of " + MESP),),
    "refuse_altered_message": (_down("altered " + MESP),),
    "obey_late_message": (_down(MESP + " of an earlier change"),),
    "replace_identity": (_report("changed"), _REFRESH),
    "refuse_wrong_code": (_report("wrong admin code"),),
    "block_admin_code": (_report("wrong admin code"),),
    "refuse_blocked": (_report("no admin code is taken any more"),),
    "refuse_by_user": (_QUESTION, _report("refused by the user")),
    "answer_again": (_report("changed"),),
    "repeat_report": (_report("once more"),),
    "accept_joined": _attach(JOINED, "accepted"),
    "lose_accept": _attach(JOINED, "accepted, and lost"),
    "reject_joined": _attach(JOINED, "rejected"),
    "reject_late": _attach(LEFT, "rejected"),
    "accept_left": _attach(LEFT, "accepted"),
    "reject_left": _attach(LEFT, "rejected"),
    "confirm_change": (_session(JOINED, SERVER, "the card has attached"),),
    "inform_left": (_session(SERVER, LEFT, "the user has left"),),
    "stop_informing": (_session(SERVER, LEFT, "the user has left"),),
    "note_deletion": (_session(LEFT, SERVER, "noted"),),
    "release_identity": (_RELEASE, _session(JOINED, SERVER, "released")),
    "refuse_release": (_RELEASE, _session(JOINED, SERVER, "the card has attached")),
    "send_order": (_submitted(ORDER),),
    "obey_order": (_down(ORDER), _report("forgotten")),
    "refuse_order": (_down(ORDER),),
}

LOSSES: Mapping[str, str] = {
    "lose_request": REQ,
    "lose_notice": "MesN",
    "lose_message": MESP,
    "lose_report": POR,
    "lose_order": ORDER,
    "lose_receipt": POR,
}
"""By event, how the name of the message begins that never arrives."""

PLACES: Mapping[str, str] = {
    "crash_joined": JOINED,
    "crash_left": LEFT,
    "crash_centre": CENTRE + " of {left}",
    "crash_message_centre": SMSC,
    "cut_power": CARD,
    "refuse_replay": CARD,
    "refuse_wrong_keys": CARD,
    "repeat_part": CARD,
    "restart_device": DEVICE,
    "miss_joined": DEVICE,
    "miss_left": DEVICE,
    "expire_lease": JOINED,
    "exhaust_pool": JOINED,
    "delete_subscriber": LEFT,
    "repeat_message": SMSC,
    "repeat_order": SMSC,
    "alter_message": SMSC,
}
"""At whom an event without a message happens, where not at the application server."""
