"""Tests of the operator messages as octets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.operator import (
    LONGEST,
    UNREAD,
    answer_to_unread,
    decode_operator,
    encode_operator,
    is_answer,
)
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
    RefusalReason,
    ReleaseIdentity,
    RequestChange,
    ReserveIdentity,
    SendCode,
)
from impl.values import ICCID, IMSI, MSISDN, PLMN, Algorithm, Secret, TransactionId

ICCID_1 = ICCID("8933010000000000017")
K = "000102030405060708090a0b0c0d0e0f"
RESERVE = {
    "id": "1",
    "kind": "reserve-identity",
    "transaction": "0011aabb",
    "iccid": ICCID_1,
}
NOTICE = {
    "id": "1",
    "kind": "identity-notice",
    "transaction": "0011aabb",
    "imsi": "208021234567890",
    "k": K,
    "opc": K[::-1],
    "msisdn": "33700000001",
    "service_centre": "33709",
}


def digits(shortest: int, longest: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=shortest, max_size=longest)


head = {
    "id": st.from_regex(r"[0-9A-Za-z._:-]{1,64}", fullmatch=True),
    "transaction": st.binary(min_size=4, max_size=4).map(lambda o: TransactionId(o.hex())),
}
iccids = digits(18, 20).map(ICCID)
numbers = digits(3, 15).map(MSISDN)
plmns = digits(5, 6).map(PLMN)


def keys(size: int) -> st.SearchStrategy[Secret]:
    return st.binary(min_size=size, max_size=size).map(Secret)


notices = st.sampled_from(Algorithm).flatmap(
    lambda algorithm: st.builds(
        IdentityNotice,
        **head,
        iccid=st.none() | iccids,
        imsi=digits(6, 15).map(IMSI),
        algorithm=st.just(algorithm),
        k=keys(16),
        opc=keys(algorithm.opc_octets),
        msisdn=numbers,
        service_centre=numbers,
    )
)
messages: st.SearchStrategy[OperatorMessage] = st.one_of(
    st.builds(ReserveIdentity, **head, iccid=iccids),
    notices,
    st.builds(ReleaseIdentity, **head),
    st.builds(IdentityReleased, **head),
    st.builds(IdentityInUse, **head),
    st.builds(RequestChange, id=head["id"], iccid=iccids, plmn=plmns, user_agreed=st.booleans()),
    st.builds(
        SendCode,
        id=head["id"],
        iccid=iccids,
        plmn=plmns,
        code=digits(8, 8).map(lambda code: Secret(code.encode())),
    ),
    st.builds(CodeSent, id=head["id"]),
    st.builds(ChangeTaken, **head),
    st.builds(AskAcknowledgement, **head, iccid=iccids, plmn=plmns),
    st.builds(Acknowledgement, **head, granted=st.booleans()),
    st.builds(ConfirmChange, **head),
    st.builds(InformLeft, **head, iccid=iccids),
    st.builds(Noted, **head),
    st.builds(Refusal, id=head["id"], reason=st.sampled_from(RefusalReason)),
    st.builds(Malformed, id=head["id"], why=st.text(max_size=50)),
)


def octets_of(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields).encode()


@given(messages)
def test_every_message_is_read_as_it_was_written(message: OperatorMessage) -> None:
    decoded = decode_operator(encode_operator(message))
    assert decoded == message
    assert type(decoded) is type(message)


@given(st.binary(max_size=100))
def test_any_octets_are_read_or_refused_as_malformed(octets: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_operator(octets)


def test_the_octets_are_one_json_object() -> None:
    message = ReserveIdentity(id="1", transaction=TransactionId("0011aabb"), iccid=ICCID_1)
    assert json.loads(encode_operator(message)) == RESERVE


def test_values_have_their_types_again() -> None:
    notice = decode_operator(octets_of(NOTICE))
    assert isinstance(notice, IdentityNotice)
    assert isinstance(notice.imsi, IMSI)
    assert notice.k == Secret(bytes.fromhex(K))
    assert notice.iccid is None
    assert notice.algorithm is Algorithm.MILENAGE


@pytest.mark.parametrize("algorithm", ["SHA1", "milenage", "", 20, None, [], {}])
def test_an_unknown_algorithm_is_refused(algorithm: object) -> None:
    with pytest.raises(MalformedError, match=r"identity-notice\.algorithm"):
        decode_operator(octets_of(NOTICE | {"algorithm": algorithm}))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"iccid": "8933"}, "reserve-identity.iccid"),
        ({"iccid": 8933010000000000017}, "reserve-identity.iccid"),
        ({"transaction": "0011AABB"}, "reserve-identity.transaction"),
        ({"transaction": None}, "reserve-identity.transaction"),
        ({"id": ""}, "reserve-identity.id"),
        ({"id": "a b"}, "reserve-identity.id"),
        ({"id": "x" * 65}, "reserve-identity.id"),
        ({"kind": "steal-identity"}, "OperatorMessage"),
        ({"k": K}, "reserve-identity: has a field that is not known"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], where: str) -> None:
    with pytest.raises(MalformedError, match=where):
        decode_operator(octets_of(RESERVE | change))


@pytest.mark.parametrize("field", ["id", "transaction", "iccid", "kind"])
def test_a_missing_field_is_refused(field: str) -> None:
    with pytest.raises(MalformedError):
        decode_operator(octets_of({k: v for k, v in RESERVE.items() if k != field}))


@pytest.mark.parametrize("agreed", ["yes", "true", 1, None])
def test_agreement_of_the_user_is_true_or_false_and_nothing_like_it(agreed: object) -> None:
    request = {
        "id": "1",
        "kind": "request-change",
        "iccid": ICCID_1,
        "plmn": "20802",
        "user_agreed": agreed,
    }
    with pytest.raises(MalformedError, match="user_agreed"):
        decode_operator(octets_of(request))


@pytest.mark.parametrize(
    "change",
    [{"k": K[:-1] + "x"}, {"k": K + "00"}, {"opc": "", "k": K}, {"imsi": K}, {K: K}, {"kind": K}],
)
def test_no_error_text_repeats_a_value(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError) as caught:
        decode_operator(octets_of(NOTICE | change))
    assert K[:-1] not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "octets",
    [b"", b"null", b"[]", b'"text"', b"{", b"[" * 5000, b"\xff\xfe", b'{"id":"\\ud800"}'],
)
def test_what_is_no_json_object_is_refused(octets: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_operator(octets)


def test_a_message_that_is_too_long_is_not_looked_at() -> None:
    padded = octets_of(RESERVE).ljust(LONGEST, b" ")
    assert isinstance(decode_operator(padded), ReserveIdentity)
    with pytest.raises(MalformedError, match="longer"):
        decode_operator(padded + b" ")


def test_the_sender_of_what_cannot_be_read_is_told_why() -> None:
    answer = answer_to_unread(MalformedError("OperatorMessage", "json invalid"))
    assert answer == Malformed(id=UNREAD, why="OperatorMessage: json invalid")
    assert decode_operator(encode_operator(answer)) == answer


def test_requests_are_answered_and_answers_are_not() -> None:
    notice = decode_operator(octets_of(NOTICE))
    reserve = decode_operator(octets_of(RESERVE))
    assert is_answer(notice)
    assert not is_answer(reserve)


@pytest.mark.parametrize("code", ["1234567", "123456789", "1234567a", "\uff11" * 8, 12345678, None])
def test_a_code_is_eight_digits_and_no_error_repeats_it(code: object) -> None:
    request = {"id": "1", "kind": "send-code", "iccid": ICCID_1, "plmn": "20802", "code": code}
    with pytest.raises(MalformedError, match="code") as caught:
        decode_operator(octets_of(request))
    assert "1234567" not in str(caught.value)


def test_a_code_is_hidden_once_it_is_read() -> None:
    request = {"id": "1", "kind": "send-code", "iccid": ICCID_1, "plmn": "20802"}
    read = decode_operator(octets_of(request | {"code": "12345678"}))
    assert "12345678" not in repr(read)
    assert b"12345678" in encode_operator(read)
