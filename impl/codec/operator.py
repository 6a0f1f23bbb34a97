"""Operator messages as octets: UTF-8 JSON of `impl.messages`, one object a message."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from impl.errors import MalformedError
from impl.messages import (
    Acknowledgement,
    AskAcknowledgement,
    ChangeTaken,
    CodeSent,
    ConfirmChange,
    IdentityInUse,
    IdentityNotice,
    IdentityReleased,
    InformLeft,
    Malformed,
    Noted,
    OperatorMessage,
    Refusal,
    ReleaseIdentity,
    RequestChange,
    ReserveIdentity,
    SendCode,
)

LONGEST = 16_384
"""Octets that a message may have; the longest that is meant has a few hundred."""

UNREAD = "unread"
"""The `id` of an answer to a message whose own `id` could not be read."""

AnyMessage = (
    ReserveIdentity
    | IdentityNotice
    | ReleaseIdentity
    | IdentityReleased
    | IdentityInUse
    | SendCode
    | CodeSent
    | RequestChange
    | ChangeTaken
    | AskAcknowledgement
    | Acknowledgement
    | ConfirmChange
    | InformLeft
    | Noted
    | Refusal
    | Malformed
)


ANSWERS = (
    IdentityNotice,
    IdentityReleased,
    IdentityInUse,
    CodeSent,
    ChangeTaken,
    Acknowledgement,
    Noted,
    Refusal,
    Malformed,
)


def encode_operator(message: OperatorMessage) -> bytes:
    """Write a message; keys stand in it in clear, so it goes nowhere but into a secured session."""
    return message.model_dump_json(exclude_none=True).encode()


def decode_operator(octets: bytes) -> OperatorMessage:
    """Read a message of any kind.

    Raises:
        MalformedError: not JSON, of no known kind, too long, or a field is missing, unknown or has
            no meaning. The text names the field, never its value.
    """
    if len(octets) > LONGEST:
        raise MalformedError("OperatorMessage", f"is longer than {LONGEST} octets")
    try:
        return _reader().validate_json(octets, strict=True)
    except ValidationError as error:
        raise MalformedError(*_first_fault(error)) from None


def answer_to_unread(error: MalformedError) -> Malformed:
    """Return what the sender of a message that `decode_operator` refused is told."""
    return Malformed(id=UNREAD, why=str(error))


def is_answer(message: OperatorMessage) -> bool:
    """Whether a message answers another: then it is never answered, lest it go round for ever."""
    return isinstance(message, ANSWERS)


def message_schema(ref_template: str) -> dict[str, Any]:
    """Return the JSON Schema of all messages; `$defs` holds each kind, referred to as told."""
    schema = _reader().json_schema(ref_template=ref_template, schema_generator=_Schema)
    for described in schema["$defs"].values():
        if "kind" in described.get("properties", {}):  # in the models it has a default
            described["required"] = ["kind", *described.get("required", ())]
    return schema


class _Schema(GenerateJsonSchema):
    """A default that is a secret has no place in a schema: leaving it out is meant."""

    ignored_warning_kinds = {"non-serializable-default"}  # noqa: RUF012 - as pydantic declares it


@cache
def _reader() -> TypeAdapter[AnyMessage]:
    return TypeAdapter(Annotated[AnyMessage, Field(discriminator="kind")])


def _first_fault(error: ValidationError) -> tuple[str, str]:
    """Say what is wrong first, in words of ours only: pydantic's may quote the value."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = [str(part) for part in fault["loc"]]
    reason = fault["type"].replace("_", " ")
    if fault["type"] == "extra_forbidden":  # the name is the peer's own choice: not repeated
        where = where[:-1]
        reason = "has a field that is not known"
    return ".".join(["OperatorMessage", *where]), reason
