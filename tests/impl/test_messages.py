"""The messages of operators and server by themselves; for the wire see `codec/test_operator`."""

import pytest
from pydantic import ValidationError

from impl.messages import (
    AskAcknowledgement,
    ChangeRequest,
    IdentityNotice,
    OperatorMessage,
    Refusal,
    RefusalReason,
    RequestChange,
    ReserveIdentity,
)
from impl.values import ICCID, IMSI, MSISDN, PLMN, Algorithm, Credentials, Secret, TransactionId

K, OPC = b"kEy1" * 4, b"oPc2" * 4
NOTICE = {
    "id": "reserve:0badcafe",
    "transaction": "0badcafe",
    "imsi": "262020000000001",
    "k": K.hex(),
    "opc": OPC.hex(),
    "msisdn": "49612345678",
    "service_centre": "49609001",
}
KINDS = OperatorMessage.__subclasses__()


def shown(model):
    return f"{model!r} {model} {vars(model)}"


def test_every_kind_has_a_name_of_its_own():
    names = [kind.model_fields["kind"].default for kind in KINDS]
    assert len(set(names)) == len(names) > 10


def test_fields_are_the_values_that_every_party_means_the_same_by():
    notice = IdentityNotice(**NOTICE)
    assert isinstance(notice.transaction, TransactionId)
    assert isinstance(notice.imsi, IMSI)
    assert isinstance(notice.msisdn, MSISDN)
    assert notice.credentials == Credentials(IMSI(NOTICE["imsi"]), Secret(K), Secret(OPC))


def test_keys_are_octets_or_their_digits():
    assert IdentityNotice(**NOTICE | {"k": Secret(K)}) == IdentityNotice(**NOTICE)
    assert IdentityNotice(**NOTICE | {"k": K.hex().upper()}) == IdentityNotice(**NOTICE)


def test_keys_are_on_the_wire_and_nowhere_else():
    notice = IdentityNotice(**NOTICE)
    assert K.hex() in notice.model_dump_json()
    for secret in (K, OPC):
        assert secret.hex() not in shown(notice) + str(notice.model_dump())
        assert repr(secret) not in shown(notice)


@pytest.mark.parametrize(
    "key", [K[:15].hex(), (K + b"x").hex(), "kEy1" * 8, 7, None, K, Secret(b"")]
)
def test_a_key_of_another_form_is_refused_without_being_shown(key):
    with pytest.raises(ValidationError) as caught:
        IdentityNotice(**NOTICE | {"k": key})
    (fault,) = caught.value.errors(include_input=False)
    assert fault["loc"] == ("k",)
    assert str(key) not in fault["msg"] or key in {7, None}


@pytest.mark.parametrize("algorithm", Algorithm)
def test_an_algorithm_comes_with_an_opc_of_its_length(algorithm):
    facts = {"algorithm": algorithm.name, "opc": bytes(algorithm.opc_octets).hex()}
    notice = IdentityNotice(**NOTICE | facts)
    assert notice.credentials.algorithm is algorithm
    assert IdentityNotice.model_validate_json(notice.model_dump_json()) == notice
    with pytest.raises(ValidationError) as caught:
        IdentityNotice(**NOTICE | facts | {"opc": bytes(algorithm.opc_octets + 1).hex()})
    assert [fault["loc"] for fault in caught.value.errors()] == [("opc",)]


@pytest.mark.parametrize(
    "facts",
    [
        {"transaction": "0BADCAFE"},
        {"transaction": "badcafe"},
        {"imsi": "26202"},
        {"imsi": "26202000000000x"},
        {"msisdn": ""},
        {"id": ""},
        {"id": "with space"},
        {"id": "x" * 65},
        {"iccid": "123"},
    ],
)
def test_a_field_without_meaning_is_refused(facts):
    with pytest.raises(ValidationError) as caught:
        IdentityNotice(**NOTICE | facts)
    assert {fault["loc"][0] for fault in caught.value.errors()} == set(facts)


@pytest.mark.parametrize("missing", sorted(NOTICE))
def test_a_field_that_is_missing_is_named(missing):
    with pytest.raises(ValidationError) as caught:
        IdentityNotice(**{name: value for name, value in NOTICE.items() if name != missing})
    assert [fault["loc"] for fault in caught.value.errors()] == [(missing,)]


def test_an_unknown_field_is_refused():
    with pytest.raises(ValidationError):
        IdentityNotice(**NOTICE, sqn=0)


def test_a_message_of_one_kind_is_none_of_another():
    with pytest.raises(ValidationError):
        IdentityNotice(**NOTICE, kind="reserve-identity")


def test_what_was_said_does_not_change():
    request = ReserveIdentity(id="1", transaction="0badcafe", iccid="8933010000000000017")
    with pytest.raises(ValidationError):
        request.iccid = ICCID("8933010000000000025")


def test_a_refusal_gives_one_of_the_known_reasons():
    assert Refusal(id="1", reason="no-agreement").reason is RefusalReason.NO_AGREEMENT
    with pytest.raises(ValidationError):
        Refusal(id="1", reason="other")


def test_whether_the_user_agreed_has_to_be_said():
    request = {"id": "1", "iccid": "8933010000000000017", "plmn": "26202"}
    with pytest.raises(ValidationError):
        RequestChange(**request)
    assert not RequestChange(**request, user_agreed=False).user_agreed


def test_the_left_operator_learns_who_leaves_but_nothing_secret():
    assert set(AskAcknowledgement.model_fields) == {"kind", "id", "transaction", "iccid", "plmn"}


def test_a_request_of_a_card_names_card_and_network_and_nothing_else():
    request = ChangeRequest(iccid="8933010000000000017", plmn="310410")
    assert (request.iccid, request.plmn) == (ICCID("8933010000000000017"), PLMN("310410"))
    assert set(ChangeRequest.model_fields) == {"iccid", "plmn"}
