"""What application server and operators say to each other, and what Req says.

The JSON of these models, inside the secured session, is the wire format (`impl.codec.operator`).
Every request carries `id`; the answer to it carries the same `id`. Everything is idempotent by
`transaction`: said twice, it happens once and is answered the same twice.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from impl.values import (
    ICCID,
    IMSI,
    MSISDN,
    NO_OPC,
    PLMN,
    Algorithm,
    Credentials,
    Secret,
    TransactionId,
)


def _secret(value: object) -> Secret:
    if isinstance(value, str):
        try:
            return Secret(bytes.fromhex(value))
        except ValueError:
            raise ValueError("must be hexadecimal digits") from None
    if not isinstance(value, Secret):
        raise ValueError("must be hexadecimal digits")  # noqa: TRY004 - pydantic wants it so
    return value


def _key(value: object) -> Secret:
    key = _secret(value)
    if len(key) != 16:
        raise ValueError("must be 16 octets")
    return key


def _algorithm(value: object) -> Algorithm:
    if isinstance(value, Algorithm):
        return value
    if not isinstance(value, str) or value not in Algorithm.__members__:
        raise ValueError("must be the name of an algorithm")
    return Algorithm[value]


def _one_time_code(value: object) -> Secret:
    if isinstance(value, str) and value.isascii():
        value = Secret(value.encode())
    if not isinstance(value, Secret) or len(value) != 8 or not value.reveal().isdigit():
        raise ValueError("must be 8 digits")
    return value


_AS_HEX = PlainSerializer(lambda secret: secret.reveal().hex(), when_used="json")

Key = Annotated[
    Secret,
    BeforeValidator(_key),
    _AS_HEX,
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-fA-F]{32}$"}),
]
"""A key of 16 octets: hexadecimal digits on the wire, hidden everywhere else."""

OperatorKey = Annotated[
    Secret,
    BeforeValidator(_secret),
    _AS_HEX,
    WithJsonSchema({"type": "string", "pattern": "^([0-9a-fA-F]{32}|[0-9a-fA-F]{64})?$"}),
]
"""OPc or TOPc, or nothing where an algorithm has none."""

OneTimeCode = Annotated[
    Secret,
    BeforeValidator(_one_time_code),
    PlainSerializer(lambda code: code.reveal().decode(), when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{8}$"}),
]
"""8 digits that prove, said again, that their reader holds the device: hidden like a key."""

AlgorithmName = Annotated[
    Algorithm,
    BeforeValidator(_algorithm),
    PlainSerializer(lambda algorithm: algorithm.name, when_used="json"),
    WithJsonSchema({"type": "string", "enum": list(Algorithm.__members__)}),
]


def _digits(kind: type[ICCID | IMSI | PLMN | MSISDN]) -> tuple[BeforeValidator, WithJsonSchema]:
    pattern = f"^[0-9]{{{kind.shortest},{kind.longest}}}$"
    return BeforeValidator(kind), WithJsonSchema({"type": "string", "pattern": pattern})


Iccid = Annotated[ICCID, *_digits(ICCID)]
Imsi = Annotated[IMSI, *_digits(IMSI)]
Plmn = Annotated[PLMN, *_digits(PLMN)]
Msisdn = Annotated[MSISDN, *_digits(MSISDN)]
Transaction = Annotated[
    TransactionId,
    BeforeValidator(TransactionId),
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{8}$"}),
]


class RefusalReason(StrEnum):
    """Why a well-formed request is not done."""

    NO_AGREEMENT = "no-agreement"  # [059] the AS and that operator never agreed
    UNKNOWN_CARD = "unknown-card"  # [067] IdSC is not in the database
    USER_DID_NOT_AGREE = "user-did-not-agree"  # [066]
    CHANGE_UNDER_WAY = "change-under-way"  # one open change a card
    ALREADY_SUBSCRIBED = "already-subscribed"  # the card is a card of that network
    NOT_AUTHORIZED = "not-authorized"  # the sender may not ask this
    NO_FREE_IDENTITY = "no-free-identity"  # the IMSI set is exhausted
    UNKNOWN_TRANSACTION = "unknown-transaction"


class OperatorMessage(BaseModel):
    """What every message inside a secured session has."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    kind: str
    id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z._:-]+$")]


class ReserveIdentity(OperatorMessage):
    """AS to HLR2, S2: give me a free identity for this card [068]."""

    kind: Literal["reserve-identity"] = "reserve-identity"
    transaction: Transaction
    iccid: Iccid


def _opc_by_algorithm(schema: dict[str, Any]) -> None:
    """Say in a schema how long OPc is, which is another field's to decide."""
    named = [
        ({"properties": {"algorithm": {"const": one.name}}, "required": ["algorithm"]}, one)
        for one in Algorithm
    ]
    unnamed = ({"not": {"required": ["algorithm"]}}, Algorithm.MILENAGE)
    schema["allOf"] = [{"if": case, "then": _opc_of(one)} for case, one in (*named, unnamed)]


def _opc_of(algorithm: Algorithm) -> dict[str, Any]:
    digits = 2 * algorithm.opc_octets
    length = {"minLength": digits, "maxLength": digits}
    return {"properties": {"opc": length}, "required": ["opc"] if digits else []}


class IdentityNotice(OperatorMessage):
    """HLR2 to AS, S2: MesN, IMSI2 and AK2 [069], and what a card of TN2 also needs."""

    model_config = ConfigDict(json_schema_extra=_opc_by_algorithm)

    kind: Literal["identity-notice"] = "identity-notice"
    transaction: Transaction
    iccid: Iccid | None = None
    imsi: Imsi
    algorithm: AlgorithmName = Algorithm.MILENAGE
    k: Key
    opc: Annotated[OperatorKey, Field(validate_default=True)] = NO_OPC
    msisdn: Msisdn
    service_centre: Msisdn

    @field_validator("opc")
    @classmethod
    def _fits_algorithm(cls, opc: Secret, info: ValidationInfo) -> Secret:
        algorithm = info.data.get("algorithm")  # absent if it has a fault of its own
        if algorithm is not None and len(opc) != algorithm.opc_octets:
            raise ValueError("must be as long as the algorithm has it")
        return opc

    @property
    def credentials(self) -> Credentials:
        """IMSI2, K2 and OPc2 together."""
        return Credentials(self.imsi, self.k, self.opc, self.algorithm)


class ReleaseIdentity(OperatorMessage):
    """AS to HLR2: the change is given up; free the identity if no device ever attached with it."""

    kind: Literal["release-identity"] = "release-identity"
    transaction: Transaction


class IdentityReleased(OperatorMessage):
    """HLR2 to AS: it is free (or never was reserved), no attach with it will succeed."""

    kind: Literal["identity-released"] = "identity-released"
    transaction: Transaction


class IdentityInUse(OperatorMessage):
    """HLR2 to AS: a device attached with it: the change is certain, and release is refused."""

    kind: Literal["identity-in-use"] = "identity-in-use"
    transaction: Transaction


class SendCode(OperatorMessage):
    """Customer centre of operator 2 to AS, before Req: send the holder of this card this code.

    Who knows a card by its number alone does not get it, so who says it again holds the card.
    """

    kind: Literal["send-code"] = "send-code"
    iccid: Iccid
    plmn: Plmn
    code: OneTimeCode


class CodeSent(OperatorMessage):
    """AS to customer centre: the short message with the code is on its way."""

    kind: Literal["code-sent"] = "code-sent"


class RequestChange(OperatorMessage):
    """Customer centre of operator 2 to AS, S1: Req for a user who contacted it [066]."""

    kind: Literal["request-change"] = "request-change"
    iccid: Iccid
    plmn: Plmn
    user_agreed: bool


class ChangeTaken(OperatorMessage):
    """AS to customer centre: the change runs under this transaction."""

    kind: Literal["change-taken"] = "change-taken"
    transaction: Transaction


class AskAcknowledgement(OperatorMessage):
    """AS to the entity of operator 1, S3: may this subscriber leave? [079]."""

    kind: Literal["ask-acknowledgement"] = "ask-acknowledgement"
    transaction: Transaction
    iccid: Iccid
    plmn: Plmn


class Acknowledgement(OperatorMessage):
    """The entity of operator 1 to AS: yes or no."""

    kind: Literal["acknowledgement"] = "acknowledgement"
    transaction: Transaction
    granted: bool


class ConfirmChange(OperatorMessage):
    """HLR2 to AS, S5: a device authenticated and updated its location as IMSI2 [078]."""

    kind: Literal["confirm-change"] = "confirm-change"
    transaction: Transaction


class InformLeft(OperatorMessage):
    """AS to HLR1, S5: this card's user is not your subscriber any more [078]."""

    kind: Literal["inform-left"] = "inform-left"
    transaction: Transaction
    iccid: Iccid


class Noted(OperatorMessage):
    """Answer to ConfirmChange and InformLeft: done, now or at an earlier time."""

    kind: Literal["noted"] = "noted"
    transaction: Transaction


class Refusal(OperatorMessage):
    """Answer to any request: well-formed, not done; nothing has changed."""

    kind: Literal["refusal"] = "refusal"
    reason: RefusalReason


class Malformed(OperatorMessage):
    """Answer to what could not be read; `why` names the field, never its value."""

    kind: Literal["malformed"] = "malformed"
    why: str


class ChangeRequest(BaseModel):
    """The patent's Req as it comes from the card, S1 [064]: which card, to which network."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    iccid: Iccid
    plmn: Plmn
