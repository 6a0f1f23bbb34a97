"""Tests of FCP templates and of the status of class A0."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.file_control import (
    AccessMode,
    AccessRule,
    FileControl,
    FileDescriptor,
    FileKind,
    GsmDirectoryFeatures,
    GsmDirectoryStatus,
    GsmFileFeatures,
    GsmFileStatus,
    GsmFileType,
    GsmStructure,
    LifeCycle,
    PinState,
)
from impl.codec.tlv import Tlv
from impl.errors import MalformedError, MissingError, TruncatedError, UnencodableError

VECTORS: list[dict[str, Any]] = [
    vector
    for vector in yaml.load(
        (Path(__file__).parents[2] / "vectors" / "apdu.yaml").read_bytes(), yaml.CSafeLoader
    )["vectors"]
    if vector["name"] in ("SELECT", "STATUS") and vector["response"]
]
TEMPLATES = {vector["id"]: bytes.fromhex(vector["response"]) for vector in VECTORS}
AID = bytes.fromhex("a0000000871002ffffffff8907090000")
PINS = (PinState(0x01, enabled=False), PinState(0x81, enabled=False), PinState(0x0A, enabled=True))

word = st.integers(0, 0xFFFF)
octet = st.integers(0, 0xFF)
descriptors = st.builds(
    FileDescriptor,
    st.sampled_from([FileKind.TRANSPARENT, FileKind.DIRECTORY, FileKind.BER_TLV]),
    st.just(0),
    st.just(0),
    st.booleans(),
    octet,
) | st.builds(
    FileDescriptor,
    st.sampled_from([FileKind.LINEAR_FIXED, FileKind.CYCLIC]),
    word,
    octet,
    st.booleans(),
    octet,
)
pins = st.lists(st.builds(PinState, octet, st.booleans(), st.none() | octet), max_size=9)
files = st.builds(
    FileControl,
    descriptors,
    st.none() | word,
    st.none() | st.binary(min_size=5, max_size=16),
    st.none() | st.just((Tlv(0x80, b"\x71"),)),
    st.sampled_from(LifeCycle),
    st.none() | st.binary(max_size=5),
    st.none() | st.binary(max_size=5),
    pins=st.none() | pins.map(tuple),
    size=st.none() | word,
    total_size=st.none() | word,
    sfi=st.none() | st.integers(0, 30),
    others=st.sampled_from([(), (Tlv(0x85, b""),)]),
)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_of_a_card_is_read_and_written_again(template: bytes) -> None:
    file = FileControl.decode(template)
    assert file.others == ()
    assert file.encode() == template


def test_a_transparent_file_is_described() -> None:
    file = FileControl.decode(TEMPLATES["ono-12"])
    assert file == FileControl(
        FileDescriptor(FileKind.TRANSPARENT),
        0x6F07,
        referenced_security=b"\x6f\x06\x05",
        size=9,
        sfi=7,
    )
    assert file.access_rule == AccessRule(0x6F06, 5)


def test_a_file_of_records_is_described() -> None:
    file = FileControl.decode(TEMPLATES["ono-03"])
    assert file.descriptor == FileDescriptor(FileKind.LINEAR_FIXED, 0x26, 2)
    assert (file.size, file.sfi) == (0x4C, 0x1E)


def test_a_file_says_whether_it_has_a_short_identifier() -> None:
    assert FileControl.decode(TEMPLATES["ono-13"]).sfi == 0
    assert FileControl.decode(TEMPLATES["ono-11"]).sfi is None


def test_a_directory_is_described() -> None:
    master = FileControl.decode(TEMPLATES["ono-00"])
    assert master.descriptor.kind is FileKind.DIRECTORY
    assert master.fid == 0x3F00
    assert master.pins == PINS
    assert master.proprietary == (Tlv(0x80, b"\xf1"), Tlv(0x87, b"\0"), Tlv(0x88, b"\0"))
    assert FileControl.decode(TEMPLATES["ono-11"]).df_name == AID


@given(files)
def test_descriptions_come_back_as_they_were_written(file: FileControl) -> None:
    assert FileControl.decode(file.encode()) == file


@given(st.binary(max_size=40))
def test_octets_are_a_description_or_malformed(octets: bytes) -> None:
    body = bytes.fromhex("820241218a0105") + octets
    for each in (octets, bytes((0x62, len(body))) + body):
        try:
            file = FileControl.decode(each)
        except MalformedError:
            continue
        assert FileControl.decode(file.encode()) == file


def test_compact_attributes_name_a_condition_for_each_mode() -> None:
    file = FileControl(
        FileDescriptor(FileKind.TRANSPARENT), compact_security=b"\x1b\x04\x04\x04\x01"
    )
    assert file.access_conditions == {
        AccessMode.ACTIVATE: 4,
        AccessMode.DEACTIVATE: 4,
        AccessMode.UPDATE: 4,
        AccessMode.READ: 1,
    }
    assert file.access_rule is None


def test_compact_attributes_with_a_condition_too_few_are_refused() -> None:
    file = FileControl(FileDescriptor(FileKind.TRANSPARENT), compact_security=b"\x03\x04")
    with pytest.raises(MalformedError):
        _ = file.access_conditions


def test_attributes_of_another_form_name_no_single_rule() -> None:
    by_environment = FileControl(
        FileDescriptor(FileKind.TRANSPARENT), referenced_security=b"\x6f\x06\x00\x01\x01\x02"
    )
    assert by_environment.access_rule is None
    assert by_environment.access_conditions is None


@pytest.mark.parametrize("octets", ["6200", "6204820241 21", "62038a0105"])
def test_a_template_without_what_it_needs_misses_it(octets: str) -> None:
    with pytest.raises(MissingError):
        FileControl.decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "objects",
    [
        "8201418a0105",  # descriptor of one octet
        "820247218a0105",  # no such structure
        "820242218a0105",  # linear fixed without records
        "820541210009018a0105",  # transparent with records
        "820241218a0102",  # no such life cycle
        "820241218a01058304 3f007f10",
        "820241218a0105880101",  # low bits of the short identifier
        "820241218a01058801f8",  # short identifier 31
        "820241218a0105c603830101",  # PINs without bits
        "820241218a0105c603900180",  # bits without PINs
        "820241218a0105c606900140830101",  # a bit of a second PIN
        "820241218a0105c609900180830101950108",  # usage of no PIN
        "820241218a0105c60690018084 0101",
    ],
)
def test_a_template_without_meaning_is_refused(objects: str) -> None:
    body = bytes.fromhex(objects)
    with pytest.raises(MalformedError):
        FileControl.decode(bytes((0x62, len(body))) + body)


@pytest.mark.parametrize(
    "file",
    [
        FileControl(FileDescriptor(FileKind.TRANSPARENT, 9, 1)),
        FileControl(FileDescriptor(FileKind.CYCLIC, 9, 256)),
        FileControl(FileDescriptor(FileKind.TRANSPARENT), sfi=31),
        FileControl(FileDescriptor(FileKind.TRANSPARENT), fid=0x10000),
        FileControl(FileDescriptor(FileKind.TRANSPARENT), size=-1),
    ],
)
def test_a_file_that_does_not_exist_is_not_described(file: FileControl) -> None:
    with pytest.raises(UnencodableError):
        file.encode()


IMSI_FILE = GsmFileStatus(
    bytes(2),
    9,
    0x6F07,
    GsmFileType.EF,
    0,
    b"\x14\xff\x44",
    1,
    GsmFileFeatures(GsmStructure.TRANSPARENT, 0, b""),
)
GSM_DIRECTORY = GsmDirectoryStatus(
    bytes(2),
    0x1234,
    0x7F20,
    GsmFileType.DF,
    bytes(5),
    GsmDirectoryFeatures(0x83, 0, 24, 4, 0, 0x83, 0x8A, 0x83, 0x8A, b"\0"),
)


@pytest.mark.parametrize(
    ("status", "octets"),
    [
        (IMSI_FILE, "0000 0009 6f07 04 00 14ff44 01 02 00 00"),
        (GSM_DIRECTORY, "0000 1234 7f20 02 0000000000 0a 83 00 18 04 00 838a838a 00"),
    ],
)
def test_class_a0_describes_a_file_by_its_status(
    status: GsmFileStatus | GsmDirectoryStatus, octets: str
) -> None:
    assert status.encode() == bytes.fromhex(octets)
    assert type(status).decode(bytes.fromhex(octets)) == status


@pytest.mark.parametrize(
    "octets",
    [
        "0000 0009 6f07 03 00 14ff44 01 02 00 00",  # no such file type
        "0000 0009 6f07 04 00 14ff44 01 02 02 00",  # no such structure
        "0000 0009 6f07 04 00 14ff44 01 01 00",  # no room for a record length
    ],
)
def test_a_status_without_meaning_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        GsmFileStatus.decode(bytes.fromhex(octets))


def test_a_status_cut_short_is_refused() -> None:
    with pytest.raises(TruncatedError):
        GsmFileStatus.decode(IMSI_FILE.encode()[:-1])
    with pytest.raises(TruncatedError):
        GsmDirectoryStatus.decode(GSM_DIRECTORY.encode()[:-1])
