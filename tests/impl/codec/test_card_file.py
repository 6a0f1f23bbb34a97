"""Tests of the contents of card files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.address import Address
from impl.codec.card_file import (
    BLANK_FILES,
    AccessControlClasses,
    AdministrativeData,
    Application,
    CipheringKeys,
    EpsLocationInformation,
    EpsSecurityContext,
    GsmCipheringKey,
    LocationInformation,
    OperationMode,
    PacketLocationInformation,
    ShortMessageParameters,
    UpdateStatus,
)
from impl.codec.layout import Layout
from impl.codec.tlv import Tlv
from impl.errors import MalformedError, MissingError, TruncatedError, UnencodableError
from impl.values import IMSI, PLMN, Secret


def load(name: str) -> dict[str, dict[str, Any]]:
    octets = (Path(__file__).parents[2] / "vectors" / name).read_bytes()
    return {vector["id"]: vector for vector in yaml.load(octets, yaml.CSafeLoader)["vectors"]}


VECTORS = load("files.yaml")
ON_A_CARD = load("apdu.yaml")
LAYOUTS: dict[str, type[Layout]] = {
    "loci": LocationInformation,
    "ad": AdministrativeData,
    "acc": AccessControlClasses,
    "kc": GsmCipheringKey,
}
IN_A_LAYOUT = [name for name in VECTORS if name.partition("-")[0] in LAYOUTS]
# Contents of a card's files that this codec holds to be wrong.
WRONG = {"ono-20": "EF.PSLOCI names the network FFFF00, which is neither a network nor none"}
DIRECTORY_RECORD = bytes.fromhex(VECTORS["dir-usim"]["ef_bytes"])

octet = st.integers(0, 255)
texts = st.text("abz19 \u0417", max_size=6)
addresses = st.none() | st.text("0123456789", min_size=1, max_size=20).map(Address)
parameters = st.builds(
    ShortMessageParameters,
    name=texts,
    destination=addresses,
    service_centre=addresses,
    pid=st.none() | octet,
    dcs=st.none() | octet,
    validity=st.none() | octet,
)
applications = st.builds(
    Application,
    st.binary(min_size=5, max_size=16),
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.sampled_from([(), (Tlv(0x73, b"\xff\xff"),)]),
)


@pytest.mark.parametrize("name", IN_A_LAYOUT)
def test_a_file_is_read_and_written_again(name: str) -> None:
    octets = bytes.fromhex(VECTORS[name]["ef_bytes"])
    assert LAYOUTS[name.partition("-")[0]].decode(octets).encode() == octets


def test_a_location_is_told() -> None:
    said = VECTORS["loci-78025702"]["value"]
    loci = LocationInformation.decode(bytes.fromhex(VECTORS["loci-78025702"]["ef_bytes"]))
    assert (loci.tmsi.hex(), f"{loci.lac:04x}") == (said["tmsi"], said["lac"])
    assert loci.plmn == PLMN(said["mcc_mnc"].replace("-", ""))
    assert loci.status is UpdateStatus.UPDATED


@pytest.mark.parametrize("name", [name for name in VECTORS if name.startswith("ad-")])
def test_administrative_data_tells_the_length_of_the_mnc(name: str) -> None:
    data = AdministrativeData.decode(bytes.fromhex(VECTORS[name]["ef_bytes"]))
    assert data.mode is OperationMode.NORMAL
    assert data.mnc_length == VECTORS[name]["value"]["mnc_len"]


@pytest.mark.parametrize(("plmn", "octets"), [("26201", "00000002"), ("310410", "00000003")])
def test_administrative_data_follows_the_network(plmn: str, octets: str) -> None:
    assert AdministrativeData.of(PLMN(plmn)).encode() == bytes.fromhex(octets)


@pytest.mark.parametrize("name", [name for name in VECTORS if name.startswith("acc-")])
def test_access_classes_are_bits(name: str) -> None:
    octets = bytes.fromhex(VECTORS[name]["ef_bytes"])
    assert AccessControlClasses.decode(octets).classes == tuple(VECTORS[name]["value"])
    assert AccessControlClasses.holding(VECTORS[name]["value"]).encode() == octets


def test_every_subscriber_is_in_the_class_of_the_last_digit() -> None:
    assert AccessControlClasses.of(IMSI("262011106487504")).encode() == b"\x00\x10"


@pytest.mark.parametrize("number", [-1, 10, 16])
def test_a_class_that_nobody_is_in_is_not_written(number: int) -> None:
    with pytest.raises(UnencodableError):
        AccessControlClasses.holding([number])


def test_a_gsm_key_is_told_and_not_shown() -> None:
    said = VECTORS["kc-2g"]["value"]
    key = GsmCipheringKey.decode(bytes.fromhex(VECTORS["kc-2g"]["ef_bytes"]))
    assert key == GsmCipheringKey(Secret(bytes.fromhex(said["kc"])), said["cksn"])
    assert "7d" not in repr(key)


@pytest.mark.parametrize(
    ("file", "octets"),
    [
        (LocationInformation, "ffffffffffffff0000ff01"),
        (PacketLocationInformation, "ffffffffffffffffffff0000ff01"),
        (EpsLocationInformation, "ffffffffffffffffffffffffffffff000001"),
        (CipheringKeys, "07" + "ff" * 32),
        (GsmCipheringKey, "ff" * 8 + "07"),
    ],
)
def test_a_card_that_forgets_holds_no_location_and_no_key(file: Any, octets: str) -> None:
    assert file.blank().encode() == bytes.fromhex(octets)
    assert file.decode(bytes.fromhex(octets)) == file.blank()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("ono-16", EpsLocationInformation),
        ("ono-20", PacketLocationInformation),
        ("ono-22", LocationInformation),
        ("ono-24", CipheringKeys),
    ],
)
def test_a_card_that_was_nowhere_yet_holds_the_same(name: str, file: Any) -> None:
    content = bytes.fromhex(ON_A_CARD[name]["response"])
    if name in WRONG:
        with pytest.raises(MalformedError):
            file.decode(content)
    else:
        assert file.decode(content) == file.blank()


def test_every_file_of_the_old_identity_has_its_blank() -> None:
    location = (0x6F7E, 0x6F73, 0x6FE3, 0x6F7B, 0x6FE4)
    keys = (0x6F08, 0x6F09, 0x4F20, 0x4F52)
    assert set(BLANK_FILES) == {*location, *keys}
    assert BLANK_FILES[0x6F7B] == b"\xff" * 12


@given(st.sampled_from([*LAYOUTS.values(), CipheringKeys]), st.binary(max_size=33))
def test_octets_are_a_file_in_one_way_only_or_malformed(
    layout: type[Layout], octets: bytes
) -> None:
    try:
        record = layout.decode(octets)
    except MalformedError:
        return
    assert record.encode() == octets


@pytest.mark.parametrize(
    ("read", "octets"),
    [
        (LocationInformation.decode, "ffffffff62f2200000ff04"),  # no such status
        (LocationInformation.decode, "ffffffffa2f2200000ff01"),  # no digits of a network
        (LocationInformation.decode, "ffffffff62f2200000ff"),
        (AdministrativeData.decode, "03000002"),  # no such mode
        (AdministrativeData.decode, "000000"),
        (CipheringKeys.decode, "07ff"),
    ],
)
def test_a_file_without_meaning_is_refused(read: Callable[[bytes], Any], octets: str) -> None:
    with pytest.raises(MalformedError):
        read(bytes.fromhex(octets))


def test_an_application_is_read_and_written_again() -> None:
    said = VECTORS["dir-usim"]["value"]
    application = Application.decode(DIRECTORY_RECORD)
    assert application is not None
    assert (application.aid.hex(), application.label) == (said["aid"], said["label"])
    assert application.encode() == DIRECTORY_RECORD


def test_an_application_is_found_in_a_record_of_a_card() -> None:
    record = bytes.fromhex(ON_A_CARD["ono-04"]["response"])
    application = Application.decode(record)
    assert application is not None
    assert application.label == "USim1"
    assert application.encode(len(record)) == record


@given(applications, st.integers(0, 3))
def test_applications_come_back_whatever_filler_is_behind_them(
    application: Application, filler: int
) -> None:
    size = len(application.encode()) + filler
    assert len(application.encode(size)) == size
    assert Application.decode(application.encode(size)) == application


def test_an_empty_record_names_no_application() -> None:
    assert Application.decode(b"\xff" * 38) is None
    assert Application.decode(b"") is None


def test_an_application_without_identifier_misses_it() -> None:
    with pytest.raises(MissingError):
        Application.decode(bytes.fromhex("610350014d"))


@pytest.mark.parametrize(
    "record",
    [
        "62074f05a000000087",
        "61074f05a00000008700",
        "61084f05a000000087",
        "614f",
        "610a4f05a0000000875001ff",  # label in no UTF-8
    ],
)
def test_a_record_that_is_no_application_is_refused(record: str) -> None:
    with pytest.raises(MalformedError):
        Application.decode(bytes.fromhex(record))


def test_an_application_that_does_not_fit_is_not_written() -> None:
    with pytest.raises(UnencodableError):
        Application(b"\xa0" * 16).encode(size=19)
    with pytest.raises(UnencodableError):
        Application(b"\xa0" * 16, "\ud800").encode()


def test_a_service_centre_stands_where_the_standard_has_it() -> None:
    record = ShortMessageParameters(service_centre=Address("33609001000")).encode(30)
    assert record == bytes.fromhex(
        "ffff fd ffffffffffffffffffffffff 07913306091000f0ffffffff ffffff"
    )
    assert ShortMessageParameters.decode(record).service_centre == Address("33609001000")


@given(parameters, st.integers(41, 60))
def test_parameters_come_back_as_they_were_written(
    wanted: ShortMessageParameters, size: int
) -> None:
    record = wanted.encode(size)
    assert len(record) == size
    assert ShortMessageParameters.decode(record) == wanted


@given(st.binary(max_size=45))
def test_octets_are_parameters_or_malformed(octets: bytes) -> None:
    try:
        found = ShortMessageParameters.decode(octets)
    except MalformedError:
        return
    assert ShortMessageParameters.decode(found.encode(len(octets) + 60)) == found


def test_a_record_of_nothing_says_nothing() -> None:
    assert ShortMessageParameters.decode(b"\xff" * 40) == ShortMessageParameters()


@pytest.mark.parametrize(
    "record",
    [
        "fd" + "ff" * 27,  # a service centre is said to be there
        "fd" + "ff" * 12 + "02913306" + "ff" * 8 + "ffffff",  # its length is too small
        "fe" + "ff" * 27,  # a destination is said to be there
        "fe" + "02913306" + "ff" * 23,
        "80" * 2 + "ff" * 28,  # half a character in the name
    ],
)
def test_parameters_without_meaning_are_refused(record: str) -> None:
    with pytest.raises(MalformedError):
        ShortMessageParameters.decode(bytes.fromhex(record))


def test_a_record_too_short_for_parameters_is_refused() -> None:
    with pytest.raises(TruncatedError):
        ShortMessageParameters.decode(b"\xff" * 27)


@pytest.mark.parametrize(
    "wanted",
    [
        ShortMessageParameters(name="longer than two"),
        ShortMessageParameters(destination=Address("1" * 21)),
        ShortMessageParameters(service_centre=Address("1" * 21)),
        ShortMessageParameters(pid=256),
    ],
)
def test_parameters_that_do_not_fit_are_not_written(wanted: ShortMessageParameters) -> None:
    with pytest.raises(UnencodableError):
        wanted.encode(30)


CONTEXT = EpsSecurityContext(3, Secret(bytes(range(32))), 2, 1, 0x02)


def test_a_security_context_has_the_objects_of_the_standard() -> None:
    assert CONTEXT.encode().hex() == (
        "a0348001038120" + bytes(range(32)).hex() + "820400000002830400000001840102"
    )
    assert EpsSecurityContext.decode(CONTEXT.encode()) == CONTEXT
    assert bytes(range(32)).hex() not in repr(CONTEXT)


def test_a_record_without_a_security_context_holds_none() -> None:
    assert EpsSecurityContext.decode(BLANK_FILES[0x6FE4]) is None


@pytest.mark.parametrize("record", ["a100", "a003800103", "a0348001", "a0348002"])
def test_a_record_that_is_no_security_context_is_refused(record: str) -> None:
    with pytest.raises(MalformedError):
        EpsSecurityContext.decode(bytes.fromhex(record))
