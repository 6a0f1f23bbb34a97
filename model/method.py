"""The method of claim 1 from end to end, steps S0 to S5. Read this file first.

It is the overview: it moves with the parties (`model.application_server`, `home_register`, `card`,
`device`) and forbids nothing that they allow. What each party does, and what can go wrong, stands
in that party's table.
"""

from __future__ import annotations

from enum import Enum

from model.table import Arrow, Component, Kind, each


class Method(Enum):
    """How far the method has come."""

    AGREED = "S0 AS and operators agreed, the user subscribes to the network that is left"
    REQUESTED = "S1 the AS took Req"
    RESERVED = "S2 the AS holds IMSI2 and AK2, by MesN"
    SENT = "S3 MesP left for the card"
    PERSONALIZED = "S4 the card holds IMSI2 and AK2"
    MOVED = "S5 the network that is joined authenticated the card, HLR1 has forgotten IMSI1"


M = Method
UNFINISHED = (M.REQUESTED, M.RESERVED, M.SENT, M.PERSONALIZED)
FAULT, INTERNAL = Kind.FAULT, Kind.INTERNAL

# fmt: off
ARROWS = (
    #     step  cites  event                from            to              kind
    Arrow("S1", "1a",  "take_request",      M.AGREED,       M.REQUESTED),
    Arrow("S2", "1b",  "open_session",      M.REQUESTED,    M.REQUESTED),
    Arrow("S2", "1c",  "take_identity",     M.REQUESTED,    M.RESERVED),
    Arrow("S3", "1d",  "send_message",      M.RESERVED,     M.SENT),
    Arrow("S4", "1e",  "replace_identity",  M.SENT,         M.PERSONALIZED),
    Arrow("S4", "1f",  "refuse_wrong_code", M.SENT,         M.SENT),
    Arrow("S4", "B11", "block_admin_code",  M.SENT,         M.SENT, FAULT),
    Arrow("S4", "B11", "refuse_blocked",    M.SENT,         M.SENT),
    Arrow("S5", "5b",  "delete_subscriber", M.PERSONALIZED, M.MOVED),

    # Nothing changed, and the user stays. What the card obeys after that, it undoes itself.
    Arrow("S2", "1b",  "reject_impostor",   M.REQUESTED,    M.AGREED, FAULT),
    Arrow("S2", "E11", "refuse_exhausted",  M.REQUESTED,    M.AGREED),
    *each("S5", "B05", "release_identity",  UNFINISHED,     M.AGREED),
    Arrow("S4", "B03", "replace_identity",  M.AGREED,       M.AGREED),
    Arrow("S4", "1f",  "refuse_wrong_code", M.AGREED,       M.AGREED),
    Arrow("S4", "B11", "block_admin_code",  M.AGREED,       M.AGREED, FAULT),
    Arrow("S4", "B11", "refuse_blocked",    M.AGREED,       M.AGREED),

    Arrow("S1", "E21", "turn_round",        M.MOVED,        M.AGREED, INTERNAL),
)
# fmt: on

COMPONENTS = (Component("method", ARROWS, Method.AGREED),)
