"""How pages are made: templates that escape, one style sheet, and what a browser is to hold to.

No page has a script, and none may run: whatever a name or a number of somebody else might smuggle
into one stays text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES: Final = Path(__file__).with_name("templates")

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Strict-Transport-Security": "max-age=31536000",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(
    template: str, status: int = 200, headers: Mapping[str, str] | None = None, **facts: Any
) -> web.Response:
    """Make a page."""
    text = _environment().get_template(template).render(facts)
    return web.Response(
        text=text,
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={**HEADERS, **(headers or {})},
    )


def assets() -> list[web.RouteDef]:
    """Return where the style sheet and the icon are."""
    return [
        web.get("/style.css", _asset("style.css", "text/css")),
        web.get("/icon.svg", _asset("icon.svg", "image/svg+xml")),
        web.get("/favicon.ico", _asset("icon.svg", "image/svg+xml")),
    ]


def _asset(name: str, content_type: str) -> Any:
    async def give(request: web.Request) -> web.Response:
        del request
        return web.Response(
            body=_read(name),
            content_type=content_type,
            headers={**HEADERS, "Cache-Control": "max-age=3600"},
        )

    return give


@cache
def _read(name: str) -> bytes:
    return (TEMPLATES / name).read_bytes()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = moment
    environment.filters["fours"] = fours
    return environment


def moment(seconds: float) -> str:
    """Return a moment since the epoch as RFC 3339 has it, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fours(digits: str) -> str:
    """Return digits in groups, as they stand on a card."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
