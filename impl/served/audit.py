"""Whether all that a deployment keeps holds together: cards, home registers, application server.

Read while nothing runs. What must hold of one card holds of all: exactly one register knows it,
with the identity and the key that the card has; no identity is in two cards; each change that was
begun has ended, began where the last one had led, and the last one led to where the card is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping
from itertools import pairwise

from impl.application_server.change import CERTAIN, OPEN
from impl.application_server.server import ChangeView
from impl.card import image
from impl.card.memory import Memory
from impl.card.pairs import Pairs
from impl.codec.digits import decode_imsi
from impl.codec.subscriber_files import Ef, identity_files
from impl.network.hlr import HomeRegister
from impl.served.deployment import Deployment
from impl.served.set_up import cards_of, insert_card, open_register, open_server
from impl.values import ICCID, IMSI, PLMN


def audit(deployment: Deployment) -> Iterator[str]:
    """Yield what does not hold, one sentence each; nothing if all does.

    Raises:
        NotSetUpError: a card's file is none.
    """
    registers = {part.plmn: open_register(deployment, part) for part in deployment.networks}
    changes: defaultdict[ICCID, list[ChangeView]] = defaultdict(list)
    for change in open_server(deployment).changes():
        changes[change.iccid].append(change)
    holders: dict[IMSI, ICCID] = {}
    for path in cards_of(deployment):
        with insert_card(path) as (iccid, memory):
            memory.recover()  # as a card does when it has power: what was half written is undone
            yield from _of_changes(iccid, changes[iccid])
            home = yield from _of_registers(iccid, memory, registers)
            yield from _of_end(iccid, changes[iccid], home)
            imsi = decode_imsi(image.IMSI_FILE.read(memory))
        other = holders.setdefault(imsi, iccid)
        if other != iccid:
            yield f"card {iccid} and card {other} have one identity"


def _of_changes(iccid: ICCID, changes: Iterable[ChangeView]) -> Iterator[str]:
    """Say which changes of a card are open, or begin where none before had led."""
    for change in changes:
        if change.state in OPEN:
            yield f"card {iccid}: change {change.transaction} has no end, it is {change.state}"
    for before, after in pairwise(change for change in changes if change.state in CERTAIN):
        if before.target != after.source:
            yield f"card {iccid}: change {after.transaction} does not begin where it was"


def _of_registers(
    iccid: ICCID, memory: Memory, registers: Mapping[PLMN, HomeRegister]
) -> Generator[str, None, PLMN | None]:
    """Say where registers and card disagree; return the one network that knows the card."""
    known = {
        plmn: record
        for plmn, register in registers.items()
        if (record := register.record(iccid)) is not None and register.knows(iccid)
    }
    if len(known) != 1:
        named = ", ".join(known) or "none"
        yield f"card {iccid}: one home register has to know it, it is {named}"
        return None
    ((plmn, record),) = known.items()
    pairs = Pairs(memory)
    files = identity_files(record.credentials)
    if not image.IMSI_FILE.read(memory).startswith(files[Ef.IMSI]):
        yield f"card {iccid}: HLR {plmn} knows it with another identity"
    if not image.PAIRS[pairs.active].key.read(memory).startswith(files[Ef.AUTH_KEY]):
        yield f"card {iccid}: HLR {plmn} has another key for it"
    return plmn


def _of_end(iccid: ICCID, changes: Iterable[ChangeView], home: PLMN | None) -> Iterator[str]:
    """Say if the last change that is certain led elsewhere than where the card is."""
    certain = [change for change in changes if change.state in CERTAIN]
    if home is not None and certain and certain[-1].target != home:
        yield f"card {iccid}: its last change led to {certain[-1].target}, it is of {home}"
