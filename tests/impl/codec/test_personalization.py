"""Tests of what application server and card application say to each other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.personalization import (
    Forget,
    Order,
    Outcome,
    PersonalizationCommand,
    PersonalizationResult,
    Query,
    Replace,
    RollBack,
    decode_command,
    decode_request,
    decode_result,
    encode_command,
    encode_request,
    encode_result,
    template_places,
)
from impl.codec.tlv import Tlv, decode_tlvs, encode_tlv, encode_tlvs
from impl.errors import MalformedError, UnencodableError
from impl.messages import ChangeRequest
from impl.values import ICCID, IMSI, MSISDN, NO_OPC, PLMN, Algorithm, Secret, TransactionId

EXAMPLE = Replace(
    transaction=TransactionId("00000001"),
    iccid=ICCID("8994440400000000017"),
    plmn=PLMN("26202"),
    admin_code=Secret(b"12345678"),
    imsi=IMSI("262000000001234"),
    k=Secret(bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc")),
    opc=Secret(bytes.fromhex("cd63cb71954a9f4e48a5994e37a02baf")),
)
EXAMPLE_OCTETS = bytes.fromhex(
    "e153c10101c80400000001c60a984944400000000010f7c70362f220c2083132333435363738"
    "c309082926000000002143c410465b5ce8b199b49faa5f0a2ee238a6bc"
    "c510cd63cb71954a9f4e48a5994e37a02baf"
)
OBJECTS = decode_tlvs(decode_tlvs(EXAMPLE_OCTETS)[0].value)


def secrets(size: int) -> st.SearchStrategy[Secret]:
    return st.binary(min_size=size, max_size=size).map(Secret)


def digits(shortest: int, longest: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=shortest, max_size=longest)


transactions = st.integers(0, 2**32 - 1).map(lambda number: TransactionId(f"{number:08x}"))
iccids = digits(18, 20).map(ICCID)
plmns = digits(5, 6).map(PLMN)
numbers = digits(3, 15).map(MSISDN)
orders = {
    "transaction": transactions,
    "iccid": iccids,
    "admin_code": st.none() | secrets(8),
}
replacements = st.sampled_from(Algorithm).flatmap(
    lambda algorithm: st.builds(
        Replace,
        **orders,
        plmn=plmns,
        imsi=digits(6, 15).map(IMSI),
        k=secrets(16),
        opc=secrets(algorithm.opc_octets),
        msisdn=st.none() | numbers,
        service_centre=st.none() | numbers,
        operator_name=st.text(st.characters(codec="utf-8"), max_size=12),
        extra=st.binary(max_size=400),
        algorithm=st.just(algorithm),
    )
)
commands = replacements | st.sampled_from((Query, RollBack, Forget)).flatmap(
    lambda kind: st.builds(kind, **orders)
)
results = st.builds(
    PersonalizationResult,
    st.none() | transactions,
    st.sampled_from(Outcome),
    st.none() | st.integers(0, 255),
)


def template(*objects: tuple[int, bytes]) -> bytes:
    return encode_tlv(0xE1, encode_tlvs(Tlv(*each) for each in objects))


def changed(tag: int, value: bytes) -> bytes:
    return template(*((each, value if each == tag else old) for each, old in OBJECTS))


def test_the_worked_example_stands_in_its_octets() -> None:
    assert encode_command(EXAMPLE) == EXAMPLE_OCTETS
    assert decode_command(EXAMPLE_OCTETS) == EXAMPLE


@given(commands)
def test_a_command_is_read_as_it_was_written(command: PersonalizationCommand) -> None:
    assert decode_command(encode_command(command)) == command


@given(results)
def test_a_result_is_read_as_it_was_written(result: PersonalizationResult) -> None:
    assert decode_result(encode_result(result)) == result


@given(iccids, plmns)
def test_a_request_is_read_as_it_was_written(iccid: ICCID, plmn: PLMN) -> None:
    request = ChangeRequest(iccid=iccid, plmn=plmn)
    assert decode_request(encode_request(request)) == request


@given(st.binary(max_size=80))
@pytest.mark.parametrize("decode", [decode_command, decode_result, decode_request])
def test_any_octets_are_malformed_unless_they_are_one(decode: Any, octets: bytes) -> None:
    with pytest.raises(MalformedError):
        decode(octets)


@given(st.integers(0, len(EXAMPLE_OCTETS) - 1))
def test_a_command_cut_short_is_malformed(end: int) -> None:
    with pytest.raises(MalformedError):
        decode_command(EXAMPLE_OCTETS[:end])


def test_the_order_of_data_objects_is_free() -> None:
    assert decode_command(template(*reversed(OBJECTS))) == EXAMPLE


def test_in_keying_mode_no_admin_code_is_sent() -> None:
    fields = {name: getattr(EXAMPLE, name) for name in ("transaction", "iccid")}
    command = Forget(**fields, admin_code=None)
    assert b"\xc2\x08" not in encode_command(command)
    assert decode_command(encode_command(command)).admin_code is None


@pytest.mark.parametrize("tag", [tag for tag, _ in OBJECTS if tag != 0xC2])
def test_a_command_that_lacks_a_data_object_is_malformed(tag: int) -> None:
    with pytest.raises(MalformedError):
        decode_command(template(*(each for each in OBJECTS if each.tag != tag)))


@pytest.mark.parametrize(
    "octets",
    [
        template(*OBJECTS, OBJECTS[1]),
        template(*OBJECTS, (0xD0, b"")),
        EXAMPLE_OCTETS + b"\xe1\x00",
        b"\xe2" + EXAMPLE_OCTETS[1:],
        template(*((tag, value) for tag, value in OBJECTS if tag != 0xC1), (0xC1, b"\x02")),
    ],
    ids=["doubled", "unknown", "two templates", "another template", "foreign to the command"],
)
def test_what_is_too_much_is_malformed(octets: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_command(octets)


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (0xC1, b"\x05"),
        (0xC1, b""),
        (0xC8, bytes(3)),
        (0xC6, b"\xff" * 10),
        (0xC7, b"\xff" * 3),
        (0xC2, b"1234567"),
        (0xC3, b"\xff" * 9),
        (0xC4, bytes(15)),
        (0xC5, bytes(17)),
    ],
)
def test_a_data_object_that_cannot_hold_its_value_is_malformed(tag: int, value: bytes) -> None:
    with pytest.raises(MalformedError) as error:
        decode_command(changed(tag, value))
    assert value.hex() not in str(error.value) or not value


@pytest.mark.parametrize(
    ("tag", "value"),
    [(0xC9, b"\xff"), (0xCA, b"\x21\xa3"), (0xCB, b"\xff\xfe"), (0xCB, b"n" * 49)],
)
def test_an_option_that_cannot_hold_its_value_is_malformed(tag: int, value: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_command(template(*OBJECTS, (tag, value)))


def without(*tags: int) -> list[Tlv]:
    return [each for each in OBJECTS if each.tag not in tags]


def test_another_algorithm_comes_with_what_it_wants_beside_the_key() -> None:
    comp128 = decode_command(template(*without(0xC5), (0xCF, b"\x01")))
    assert isinstance(comp128, Replace)
    assert (comp128.algorithm, comp128.opc) == (Algorithm.COMP128_V1, NO_OPC)
    tuak = decode_command(template(*without(0xC5), (0xC5, bytes(32)), (0xCF, b"\x16")))
    assert isinstance(tuak, Replace)
    assert (tuak.algorithm, len(tuak.opc)) == (Algorithm.TUAK, 32)


@pytest.mark.parametrize(
    "objects",
    [
        [*OBJECTS, (0xCF, b"\x01")],
        [*OBJECTS, (0xCF, b"\x16")],
        [*without(0xC5), (0xC5, bytes(32))],
        [*without(0xC5), (0xCF, b"\x16")],
        [*OBJECTS, (0xCF, b"\x00")],
        [*OBJECTS, (0xCF, b"")],
    ],
    ids=["OPc for COMP128", "short TOPc", "TOPc for MILENAGE", "no TOPc", "unknown", "none"],
)
def test_an_algorithm_without_what_it_wants_is_malformed(objects: Any) -> None:
    with pytest.raises(MalformedError):
        decode_command(template(*objects))


@pytest.mark.parametrize("value", [b"", b"\xff", b"\x00\x00"])
def test_an_outcome_without_a_meaning_is_malformed(value: bytes) -> None:
    octets = encode_tlv(0xE2, encode_tlv(0xCD, value))
    with pytest.raises(MalformedError):
        decode_result(octets)


@pytest.mark.parametrize(
    "changes",
    [
        {"admin_code": Secret(b"short")},
        {"k": Secret(bytes(8))},
        {"opc": Secret(bytes(32))},
        {"opc": NO_OPC},
        {"algorithm": Algorithm.COMP128_V3},
        {"operator_name": "n" * 49},
        {"operator_name": "\ud800"},
        {"extra": bytes(65536)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_value_that_fits_no_data_object_is_refused(changes: dict[str, Any]) -> None:
    fields = {name: getattr(EXAMPLE, name) for name in Replace.__dataclass_fields__}
    with pytest.raises(UnencodableError):
        encode_command(Replace(**(fields | changes)))


def test_a_count_of_guesses_beyond_an_octet_is_refused() -> None:
    with pytest.raises(UnencodableError):
        encode_result(PersonalizationResult(None, Outcome.WRONG_ADMIN_CODE, 256))


@given(commands)
def test_no_secret_is_shown(command: Order) -> None:
    shown = repr(command)
    assert "admin_code=Secret(...)" in shown or "admin_code=None" in shown
    assert "k=b'" not in shown


def test_each_field_of_a_template_stands_where_its_data_object_does() -> None:
    octets = encode_result(PersonalizationResult(TransactionId("0badcafe"), Outcome.BLOCKED, 0))
    places = {name: octets[begin:end] for name, begin, end in template_places(octets)}
    assert places == {
        "transaction": b"\xc8\4\x0b\xad\xca\xfe",
        "outcome": b"\xcd\1\2",
        "guesses_left": b"\xce\1\0",
    }
    assert list(template_places(b"")) == []
