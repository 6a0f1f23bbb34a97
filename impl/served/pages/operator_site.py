"""What an operator sees of the changes that concern it: a page, JSON and CSV; nothing is changed.

Who asks is who the certificate says, on the address where the operator's messages come in.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from impl.application_server.change import State
from impl.application_server.changes import Wanted
from impl.application_server.server import ChangePage, ChangeView
from impl.errors import MalformedError
from impl.served.openapi import JSON, PROBLEM
from impl.served.operator_link import source_of
from impl.served.pages.progress import End, end_of
from impl.served.pages.rendering import HEADERS, assets, moment, page
from impl.served.pki import OwnKeys
from impl.values import ICCID, PLMN

MOST: Final = 500
"""Changes on one page."""
USUAL: Final = 50
FIELDS: Final = (
    *("transaction", "iccid", "source", "target", "state", "reason"),
    *("opened", "ended", "messages_sent", "card_reported"),
)
_KNOWN: Final = {"state", "iccid", "before", "limit"}

ListChanges = Callable[[PLMN, Wanted], ChangePage]
"""`ApplicationServer.changes_of`."""


_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "state": {"type": "string", "enum": list(State)},
    "iccid": {"type": "string", "pattern": "^[0-9]{18,20}$"},
    "before": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
}


def _described(name: str, summary: str, content: dict[str, Any]) -> dict[str, Any]:
    problem = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": [
                {"name": one, "in": "query", "schema": schema}
                for one, schema in _PARAMETERS.items()
            ],
            "responses": {
                "200": {"description": "newest first", "content": content},
                "400": {"description": "`detail` names the parameter", "content": problem},
                "403": {"description": "the certificate is not pinned", "content": problem},
            },
        }
    }


_ITEM: Final = {
    "type": "object",
    "required": list(FIELDS),
    "additionalProperties": False,
    "properties": {name: {"type": ["string", "integer", "null"]} for name in FIELDS},
}
_LIST: Final = {
    "type": "object",
    "required": ["changes", "older"],
    "additionalProperties": False,
    "properties": {
        "changes": {"type": "array", "items": _ITEM},
        "older": {"type": ["integer", "null"], "description": "`before` of the next page"},
    },
}
PATHS: Final = {
    "/v1/changes": _described("changes", "List changes", {JSON: {"schema": _LIST}}),
    "/v1/changes.csv": _described(
        "changesAsTable", "List changes as CSV", {"text/csv": {"schema": {"type": "string"}}}
    ),
}
"""What the OpenAPI document says of what programs ask for."""


class OperatorSite:
    """Read-only, of one application server."""

    def __init__(self, changes_of: ListChanges, pins: OwnKeys) -> None:
        self._changes_of = changes_of
        self._pins = pins

    def routes(self) -> list[web.RouteDef]:
        """Return what there is to ask for."""
        return [
            web.get("/changes", self._show),
            web.get("/v1/changes", self._give_json),
            web.get("/v1/changes.csv", self._give_csv),
            *assets(),
        ]

    def _find(self, request: web.Request) -> tuple[PLMN, Wanted, ChangePage]:
        plmn = PLMN(source_of(request, self._pins).name)
        wanted = _wanted(request)
        return plmn, wanted, self._changes_of(plmn, wanted)

    async def _give_json(self, request: web.Request) -> web.Response:
        _, _, found = self._find(request)
        body = {"changes": [_record(one) for one in found.changes], "older": found.older}
        return web.json_response(body, headers=HEADERS)

    async def _give_csv(self, request: web.Request) -> web.Response:
        _, _, found = self._find(request)
        text = io.StringIO()
        rows = csv.DictWriter(text, FIELDS)
        rows.writeheader()
        rows.writerows(_record(one) for one in found.changes)
        named = {"Content-Disposition": 'attachment; filename="changes.csv"'}
        older = {} if found.older is None else {"X-Older": str(found.older)}
        return web.Response(
            text=text.getvalue(), content_type="text/csv", headers={**HEADERS, **named, **older}
        )

    async def _show(self, request: web.Request) -> web.Response:
        plmn, wanted, found = self._find(request)
        state = wanted.states[0] if len(wanted.states) == 1 else ""
        asked = {"state": state, "iccid": wanted.iccid or ""}
        kept = {name: value for name, value in asked.items() if value}
        if wanted.limit != USUAL:
            kept["limit"] = str(wanted.limit)
        facts: dict[str, Any] = {
            "plmn": plmn,
            "states": list(State),
            "asked": asked,
            "changes": [(one, evidence(one), _tone(one)) for one in found.changes],
            "query": urlencode(kept),
            "older": "" if found.older is None else urlencode({**kept, "before": found.older}),
            "is_first": wanted.before is None,
        }
        return page("changes.html", operator=f"Changes of {plmn}", **facts)


def evidence(change: ChangeView) -> list[str]:
    """Return what was exchanged for a change, in order; nothing of it is secret."""
    told = [f"{moment(change.opened)} request taken"]
    if change.attempts:
        times = "once" if change.attempts == 1 else f"{change.attempts} times"
        told.append(f"personalization message sent {times}")
    if change.report is not None:
        told.append(f"the card reported {change.report.name.lower().replace('_', ' ')}")
    if change.reason:
        told.append(f"given up: {change.reason}")
    if change.ended is not None:
        told.append(f"{moment(change.ended)} ended")
    return told


def _record(change: ChangeView) -> dict[str, str | int | None]:
    report = change.report
    return {
        "transaction": change.transaction,
        "iccid": change.iccid,
        "source": change.source,
        "target": change.target,
        "state": change.state.value,
        "reason": change.reason,
        "opened": moment(change.opened),
        "ended": None if change.ended is None else moment(change.ended),
        "messages_sent": change.attempts,
        "card_reported": None if report is None else report.name.lower().replace("_", "-"),
    }


def _tone(change: ChangeView) -> str:
    end = end_of(change.state)
    return {End.GOOD: "good", End.UNDONE: "undone", None: "open"}[end]


def _wanted(request: web.Request) -> Wanted:
    """Read a query; 400 names the field that cannot be taken, not its value."""
    query = request.query
    if set(query) - _KNOWN or len(query) != len(set(query)):
        raise web.HTTPBadRequest(text=f"a query has {', '.join(sorted(_KNOWN))}, each once")
    state, iccid = query.get("state", ""), "".join(query.get("iccid", "").split())
    try:
        states = (State(state),) if state else tuple(State)
        card = ICCID(iccid) if iccid else None
    except MalformedError:
        raise web.HTTPBadRequest(text="iccid: must be 18 to 20 digits") from None
    except ValueError:
        raise web.HTTPBadRequest(text="state: is none of a change") from None
    before = _number(query.get("before", ""), "before", 2**63 - 1)
    return Wanted(states, card, before, _number(query.get("limit", ""), "limit", MOST) or USUAL)


def _number(text: str, name: str, most: int) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= most:
        return int(text)
    raise web.HTTPBadRequest(text=f"{name}: must be a number from 1 to {most}")
