"""The OpenAPI 3.1 document of the interface between application server and operators."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from impl.codec.operator import message_schema

PATH: Final = "/v1/messages"
JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"  # RFC 9457

_INFO: Final = {
    "title": "Subscription change between application server and operators",
    "version": "1",
    "description": (
        "Each party both listens and dials, over mutual TLS 1.3 with pinned certificates. A "
        "message is one POST; what is answered to it is a message of its own, in the other "
        "direction. Who speaks is who the certificate says."
    ),
}
_PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "names fields, never their values"},
    },
}
_REFUSALS: Final = {
    "400": "no such message; `detail` names the field",
    "403": "the certificate of the session is not pinned any more",
    "408": "the message did not come whole in time",
    "413": "longer than any message is",
    "415": "not JSON",
    "503": "not taken now; say it again",
}


@cache
def openapi() -> dict[str, Any]:
    """Return the document."""
    schema = message_schema("#/components/schemas/{model}")
    components = schema.pop("$defs") | {"Problem": _PROBLEM}
    problem = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refusals = {
        status: {"description": text, "content": problem} for status, text in _REFUSALS.items()
    }
    say = {
        "operationId": "say",
        "summary": "Say one message",
        "requestBody": {"required": True, "content": {JSON: {"schema": schema}}},
        "responses": {"202": {"description": "taken, and durable where it has to be"}} | refusals,
    }
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "paths": {PATH: {"post": say}},
        "components": {"schemas": components},
    }
