import jsonschema
import pytest

from impl.codec.operator import encode_operator
from impl.messages import Noted
from impl.served.openapi import JSON, PATH, openapi
from impl.values import TransactionId


def schema():
    """Return the schema of a message, with what it refers to."""
    document = openapi()
    content = document["paths"][PATH]["post"]["requestBody"]["content"]
    return content[JSON]["schema"] | {"components": document["components"]}


def test_every_kind_of_message_is_described():
    kinds = openapi()["components"]["schemas"]
    assert {"ReserveIdentity", "IdentityNotice", "ConfirmChange", "Problem"} <= set(kinds)


def test_a_message_fits_and_another_does_not():
    import json

    message = json.loads(encode_operator(Noted(id="x", transaction=TransactionId("0000002a"))))
    jsonschema.validate(message, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(message | {"transaction": "x"}, schema())


def test_every_refusal_is_a_problem():
    responses = openapi()["paths"][PATH]["post"]["responses"]
    assert set(responses) == {"202", "400", "403", "408", "413", "415", "503"}
    assert all(
        "application/problem+json" in one.get("content", {"application/problem+json": 0})
        for one in responses.values()
    )
