"""Tests of secured packets: both ends against public vectors, each other and pycrate's parser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from impl.codec.secured_packet import (
    Algorithm,
    CipheringError,
    CommandPacket,
    InsufficientSecurityError,
    Integrity,
    IntegrityError,
    PorStatus,
    ResponsePacket,
    SecuredPacketError,
    SecurityParameters,
    Spi1,
    Spi2,
    Terms,
    UnidentifiedSecurityError,
    open_command,
    open_response,
    peek_command,
    peek_data,
    seal_command,
    seal_response,
)
from impl.crypto.ciphers import crc16, crc32
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError
from impl.values import OtaKeys, Secret


def load(name: str) -> list[dict[str, Any]]:
    octets = (Path(__file__).parents[2] / "vectors" / name).read_bytes()
    vectors: list[dict[str, Any]] = yaml.load(octets, yaml.CSafeLoader)["vectors"]
    return vectors


COMMANDS = load("ota_commands.yaml")
RESPONSES = load("ota_por.yaml")
CONCATENATED = load("sms_concat_ota.yaml")
# Its card pads with octets that are not zero, as a sender may; we send zeros.
NOT_OUR_PADDING = {"onomondo-por-submit-aes-ciph-cc"}

AES_KEYS = OtaKeys(1, Secret(bytes(range(16))), Secret(bytes(range(16, 32))))
DES_KEYS = OtaKeys(1, Secret(bytes(range(24))), Secret(bytes(range(24, 48))))
RECOMMENDED = SecurityParameters(Spi1(0x16), Spi2(0x39), 0x12, 0x12, b"\xbf\xff\x01", 1)
DATA = b"the data of a command"
PACKET = seal_command(RECOMMENDED, DATA, AES_KEYS)
RESPONSE = seal_response(RECOMMENDED, PorStatus.OK, b"answer", AES_KEYS)

suites = st.sampled_from([(Algorithm.AES, AES_KEYS), (Algorithm.TRIPLE_DES_3, DES_KEYS)])
contents = st.binary(max_size=300)


def keys_of(case: dict[str, Any], version: int) -> OtaKeys:
    kic, kid = Secret(bytes.fromhex(case["kic_key"])), Secret(bytes.fromhex(case["kid_key"]))
    return OtaKeys(version, kic, kid)


def terms_of(case: dict[str, Any]) -> Terms:
    has_short_cc = case["spi"]["integrity"] == "CC" and case["cc_len"] == 4
    return Terms(cc_size=4 if has_short_cc else 8, allow_weak=True)


def parameters_of(case: dict[str, Any]) -> SecurityParameters:
    return SecurityParameters(
        Spi1(int(case["spi"]["spi1"], 16)),
        Spi2(int(case["spi"]["spi2"], 16)),
        int(case["kic"], 16),
        int(case["kid"], 16),
        bytes.fromhex(case["tar"]),
        int(case["cntr"], 16),
    )


def asked_by(case: dict[str, Any]) -> SecurityParameters:
    octet = 0x12 if case["algo"].startswith("AES") else 0x15
    tar, counter = bytes.fromhex(case["tar"]), int(case["cntr"], 16)
    return SecurityParameters(Spi1(0), Spi2(int(case["spi2"], 16)), octet, octet, tar, counter)


@pytest.mark.parametrize("case", COMMANDS, ids=lambda case: case["id"])
def test_a_command_packet_of_the_vectors_is_opened(case: dict[str, Any]) -> None:
    packet, parameters = bytes.fromhex(case["command_packet"]), parameters_of(case)
    opened = open_command(packet, keys_of(case, parameters.kic >> 4), terms_of(case))
    assert opened == CommandPacket(parameters, bytes.fromhex(case["plain_data"]))
    assert (len(packet) - 2, packet[2]) == (case["cpl"], case["chl"])


@pytest.mark.parametrize(
    "case", [case for case in COMMANDS if "decode_only" not in case], ids=lambda case: case["id"]
)
def test_a_command_packet_of_the_vectors_is_sealed(case: dict[str, Any]) -> None:
    parameters, data = parameters_of(case), bytes.fromhex(case["plain_data"])
    packet = seal_command(parameters, data, keys_of(case, parameters.kic >> 4), terms_of(case))
    assert packet.hex() == case["command_packet"]


@pytest.mark.parametrize(("kid", "check"), [(0x11, crc16), (0x15, crc32), (0x10, crc32)])
def test_kid_names_the_redundancy_check(kid: int, check: Callable[[bytes], bytes]) -> None:
    """TS 102 225 clause 5.1.3.2: over all but the check itself, which stands behind PCNTR."""
    parameters = SecurityParameters(Spi1(0x01), Spi2(0), 0, kid, b"\xbf\xff\x01", 1)
    packet = seal_command(parameters, DATA, AES_KEYS)
    size = len(check(b""))
    assert packet[2] == 13 + size
    assert packet[16 : 16 + size] == check(packet[:16] + packet[16 + size :])
    assert open_command(packet, AES_KEYS) == CommandPacket(parameters, DATA)
    with pytest.raises(IntegrityError):
        open_command(packet[:-1] + b"?", AES_KEYS)


@pytest.mark.parametrize("case", CONCATENATED, ids=lambda case: case["id"])
def test_a_long_packet_of_the_vectors_is_sealed_and_opened(case: dict[str, Any]) -> None:
    parameters = parameters_of(case | {"spi": {"spi1": case["spi"][:2], "spi2": case["spi"][2:]}})
    keys, packet = keys_of(case, 1), bytes.fromhex(case["command_packet"])
    assert seal_command(parameters, bytes.fromhex(case["plain_data"]), keys) == packet
    assert open_command(packet, keys).parameters == parameters


@pytest.mark.parametrize(
    "case",
    [case for case in RESPONSES if case["expect"] == "accept"],
    ids=lambda case: case["id"],
)
def test_a_response_packet_of_the_vectors_is_opened_and_sealed(case: dict[str, Any]) -> None:
    packet, asked = bytes.fromhex(case["response_packet_with_udh"])[3:], asked_by(case)
    opened = open_response(packet, asked, keys_of(case, 1))
    assert opened == ResponsePacket(
        tar=asked.tar,
        counter=asked.counter,
        status=PorStatus(int(case["status"], 16)),
        data=bytes.fromhex(case["data"]),
        is_authentic=case["cc"] is not None,
    )
    sealed = seal_response(asked, opened.status, opened.data, keys_of(case, 1))
    assert (sealed == packet) is (case["id"] not in NOT_OUR_PADDING)


@pytest.mark.parametrize(
    "case",
    [case for case in RESPONSES if case["expect"] != "accept"],
    ids=lambda case: case["id"],
)
def test_a_response_packet_of_the_vectors_that_was_altered_is_refused(case: dict[str, Any]) -> None:
    packet = bytes.fromhex(case["response_packet_with_udh"])[3:]
    with pytest.raises(IntegrityError):
        open_response(packet, asked_by(case), keys_of(case, 1))


def test_the_worked_example_of_a_personalization_message_is_sealed_and_opened() -> None:
    keys = OtaKeys(1, Secret(bytes(range(0xA0, 0xB0))), Secret(bytes(range(0xB0, 0xC0))))
    data = bytes.fromhex(
        "e153c10101c80400000001c60a984944400000000010f7c70362f220c2083132333435363738"
        "c309082926000000002143c410465b5ce8b199b49faa5f0a2ee238a6bc"
        "c510cd63cb71954a9f4e48a5994e37a02baf"
    )
    packet = bytes.fromhex(
        "00781516391212bfff0110dbe1adf434cb81af6325ed7bcb29b1ce7d196c55dc19bac21325a32ca1"
        "7f34ac36e4ff0d83ea040c34e83436826ca796754eb04701f6984b103b874f7e565e3e054c1d638b"
        "ccb48ac9c902a3ca5f7b944e032dd8cf5cc6bab3f6061abaa4f2fdadd2f7f3e40b052c608453f5ac"
        "8400"
    )
    assert seal_command(RECOMMENDED, data, keys) == packet
    assert open_command(packet, keys) == CommandPacket(RECOMMENDED, data)


@st.composite
def security(draw: st.DrawFn) -> tuple[SecurityParameters, OtaKeys, Terms]:
    """Every combination of SPI bits but digital signatures, which have no algorithm."""
    algorithm, keys = draw(suites)
    integrity = st.sampled_from([0, Spi1.RC, Spi1.CC])
    rest = st.integers(0, 7).map(lambda bits: bits << 2)
    spi1 = Spi1(draw(integrity) | draw(rest))
    spi2 = Spi2(draw(integrity) << 2 | draw(st.integers(0, 15)) << 4 | draw(st.integers(0, 3)))
    octet = 0x10 | algorithm
    has_crc = spi1.integrity is Integrity.RC
    kid = draw(st.sampled_from([0x10, 0x11, 0x15])) if has_crc else octet
    parameters = SecurityParameters(
        spi1,
        spi2,
        octet,
        kid,
        draw(st.binary(min_size=3, max_size=3)),
        draw(st.integers(0, 2**40 - 1)),
    )
    return parameters, keys, draw(st.sampled_from([Terms(), Terms(cc_size=4)]))


@given(security(), contents)
def test_a_command_is_opened_as_it_was_sealed(
    agreed: tuple[SecurityParameters, OtaKeys, Terms], data: bytes
) -> None:
    parameters, keys, terms = agreed
    packet = seal_command(parameters, data, keys, terms)
    assert open_command(packet, keys, terms) == CommandPacket(parameters, data)
    assert vars(peek_command(packet)).items() <= vars(parameters).items()


@given(security(), st.sampled_from(PorStatus), contents)
def test_a_response_is_opened_as_it_was_sealed(
    agreed: tuple[SecurityParameters, OtaKeys, Terms], status: PorStatus, data: bytes
) -> None:
    parameters, keys, terms = agreed
    integrity = parameters.spi2.integrity
    assume(not (parameters.spi1.integrity is Integrity.RC and integrity is Integrity.CC))  # one KID
    opened = open_response(
        seal_response(parameters, status, data, keys, terms), parameters, keys, terms
    )
    assert opened == ResponsePacket(
        parameters.tar,
        parameters.counter,
        status,
        data,
        is_authentic=integrity is Integrity.CC,
    )


@given(security(), contents)
def test_pycrate_reads_a_packet_as_we_mean_it(
    agreed: tuple[SecurityParameters, OtaKeys, Terms], data: bytes
) -> None:
    pycrate = pytest.importorskip("pycrate_mobile.TS31115")
    parameters, keys, terms = agreed
    packet = seal_command(parameters, data, keys, terms)
    theirs = pycrate.PacketCmdSMSPP()
    theirs.from_bytes(packet)
    assert theirs.to_bytes() == packet
    assert theirs["CmdPacketLen"]() == len(packet) - 2
    assert theirs["CmdHeaderLen"]() == packet[2]
    assert theirs["SPI"].to_bytes() == bytes((parameters.spi1, parameters.spi2))
    assert theirs["SPI"]["IntegrityType"]() == parameters.spi1.integrity
    assert theirs["SPI"]["CounterType"]() == parameters.spi1.counter_mode
    assert theirs["KIc"]["Keys"]() == 1
    assert theirs["TAR"]() == int.from_bytes(parameters.tar, "big")
    if not parameters.spi1.is_ciphered:
        assert theirs["CNTR"]() == parameters.counter
        assert theirs["Data"].to_bytes() == data


@given(st.integers(0, 8 * len(PACKET) - 1))
def test_no_bit_of_a_command_can_be_changed(bit: int) -> None:
    altered = (int.from_bytes(PACKET, "big") ^ 1 << bit).to_bytes(len(PACKET), "big")
    with pytest.raises((MalformedError, SecuredPacketError)):
        open_command(altered, AES_KEYS)


@given(st.integers(0, 8 * len(RESPONSE) - 1))
def test_no_bit_of_a_response_can_be_changed(bit: int) -> None:
    altered = (int.from_bytes(RESPONSE, "big") ^ 1 << bit).to_bytes(len(RESPONSE), "big")
    with pytest.raises((MalformedError, SecuredPacketError)):
        open_response(altered, RECOMMENDED, AES_KEYS)


@given(st.binary(max_size=80))
def test_any_octets_are_refused_with_an_error_of_ours(octets: bytes) -> None:
    framed = len(octets).to_bytes(2, "big") + octets
    for packet in (octets, framed):
        with pytest.raises((MalformedError, SecuredPacketError)):
            open_command(packet, AES_KEYS)
        with pytest.raises((MalformedError, SecuredPacketError)):
            open_response(packet, RECOMMENDED, AES_KEYS)


@pytest.mark.parametrize(
    ("packet", "error"),
    [
        (b"", TruncatedError),
        (PACKET[:-1], TruncatedError),
        (PACKET + b"\x00", TrailingError),
        (PACKET[:2] + b"\x0c" + PACKET[3:], MalformedError),
        (PACKET[:2] + b"\xff" + PACKET[3:], MalformedError),
    ],
    ids=["nothing", "cut short", "too long", "header too short", "header beyond the end"],
)
def test_lengths_that_do_not_hold_are_malformed(packet: bytes, error: type[MalformedError]) -> None:
    for read in (peek_command, peek_data, lambda octets: open_command(octets, AES_KEYS)):
        with pytest.raises(error):
            read(packet)


def test_a_wrong_key_fails_at_the_checksum() -> None:
    stranger = OtaKeys(1, AES_KEYS.kic, Secret(bytes(16)))
    with pytest.raises(IntegrityError) as error:
        open_command(PACKET, stranger)
    assert error.value.status is PorStatus.INTEGRITY_FAILED


def test_a_wrong_cipher_key_fails_too() -> None:
    stranger = OtaKeys(1, Secret(bytes(16)), AES_KEYS.kid)
    with pytest.raises(IntegrityError):
        open_command(PACKET, stranger)


def test_ciphered_octets_that_are_no_whole_blocks_are_a_ciphering_error() -> None:
    cut = (len(PACKET) - 3).to_bytes(2, "big") + PACKET[2:-1]
    with pytest.raises(CipheringError) as error:
        open_command(cut, AES_KEYS)
    assert error.value.status is PorStatus.CIPHERING_ERROR


def test_padding_that_does_not_hold_is_a_ciphering_error() -> None:
    plain = SecurityParameters(Spi1(0), Spi2(0), 0x12, 0x12, b"tar", 1)
    packet = bytearray(seal_command(plain, DATA, AES_KEYS))
    packet[15] = 1  # PCNTR, where nothing is ciphered
    with pytest.raises(CipheringError):
        open_command(bytes(packet), AES_KEYS)


def test_a_checksum_shorter_than_agreed_is_refused() -> None:
    short = seal_command(RECOMMENDED, DATA, AES_KEYS, Terms(cc_size=4))
    assert open_command(short, AES_KEYS, Terms(cc_size=4)).data == DATA
    with pytest.raises(IntegrityError):
        open_command(short, AES_KEYS)


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"kic": 0x22}, AES_KEYS),
        ({"kid": 0x22}, AES_KEYS),
        ({"kic": 0x1D}, AES_KEYS),
        ({"kid": 0x13}, AES_KEYS),
        ({"kic": 0x19}, AES_KEYS),
        ({"kid": 0x15}, DES_KEYS),
        ({"spi1": Spi1.DS}, AES_KEYS),
        ({"spi1": Spi1.RC, "kid": 0x12}, AES_KEYS),
    ],
    ids=[
        "other key version to cipher",
        "other key version to check",
        "DES in ECB mode",
        "proprietary algorithm",
        "key too short for the cipher",
        "key too long for the checksum",
        "digital signature",
        "no CRC",
    ],
)
def test_security_that_the_keyset_does_not_have_is_unidentified(
    changes: dict[str, Any], keys: OtaKeys
) -> None:
    parameters = SecurityParameters(**(vars(RECOMMENDED) | changes))
    with pytest.raises(UnidentifiedSecurityError) as error:
        seal_command(parameters, DATA, keys)
    assert error.value.status is PorStatus.UNIDENTIFIED_SECURITY
    packet = bytearray(PACKET)
    packet[3:10] = parameters.encode()[:7]
    with pytest.raises(UnidentifiedSecurityError):
        open_command(bytes(packet), keys)


def test_single_des_is_refused_unless_it_is_allowed() -> None:
    weak = OtaKeys(1, Secret(bytes(8)), Secret(bytes(8)))
    parameters = SecurityParameters(**(vars(RECOMMENDED) | {"kic": 0x11, "kid": 0x11}))
    allowed = Terms(allow_weak=True)
    packet = seal_command(parameters, DATA, weak, allowed)
    assert open_command(packet, weak, allowed).data == DATA
    with pytest.raises(InsufficientSecurityError):
        seal_command(parameters, DATA, weak)
    with pytest.raises(InsufficientSecurityError) as error:
        open_command(packet, weak)
    assert error.value.status is PorStatus.INSUFFICIENT_SECURITY


def test_what_is_too_long_for_its_length_is_refused() -> None:
    with pytest.raises(UnencodableError):
        seal_command(RECOMMENDED, bytes(65536), AES_KEYS)
    with pytest.raises(UnencodableError):
        seal_command(
            SecurityParameters(**(vars(RECOMMENDED) | {"counter": 1 << 40})), DATA, AES_KEYS
        )


def test_data_are_legible_before_the_key_is_known_only_if_they_are_not_ciphered() -> None:
    signed = SecurityParameters(**(vars(RECOMMENDED) | {"spi1": Spi1.CC | Spi1.COUNTER_HIGHER}))
    assert peek_data(seal_command(signed, DATA, AES_KEYS)) == DATA
    with pytest.raises(MalformedError):
        peek_data(PACKET)


def test_padding_is_checked_with_the_rest() -> None:
    # The receiver checks the padding octets that came, so nobody can change them on their way.
    clear = SecurityParameters(Spi1(0x12), Spi2(0), 0x12, 0x12, b"tar", 1)
    packet = bytearray(seal_command(clear, DATA, AES_KEYS))
    packet[-1] ^= 1
    with pytest.raises(IntegrityError):
        open_command(bytes(packet), AES_KEYS)


@pytest.mark.parametrize("spi2", [0x39, 0x19, 0x09, 0x31])
def test_a_refusal_may_come_bare_but_then_proves_nothing(spi2: int) -> None:
    asked = SecurityParameters(**(vars(RECOMMENDED) | {"spi2": Spi2(spi2)}))
    bare = seal_response(asked, PorStatus.UNIDENTIFIED_SECURITY, b"", None)
    opened = open_response(bare, asked, AES_KEYS)
    assert opened.status is PorStatus.UNIDENTIFIED_SECURITY
    assert not opened.is_authentic


@pytest.mark.parametrize("spi2", [0x39, 0x09, 0x31])
def test_a_bare_response_that_claims_success_is_refused(spi2: int) -> None:
    asked = SecurityParameters(**(vars(RECOMMENDED) | {"spi2": Spi2(spi2)}))
    bare = seal_response(asked, PorStatus.OK, b"", None)
    with pytest.raises(IntegrityError):
        open_response(bare, asked, AES_KEYS)


def test_a_status_without_a_meaning_is_malformed() -> None:
    asked = SecurityParameters(**(vars(RECOMMENDED) | {"spi2": Spi2.POR_ALWAYS}))
    packet = bytearray(seal_response(asked, PorStatus.OK, b"", AES_KEYS))
    packet[-1] = 0x0D
    with pytest.raises(MalformedError):
        open_response(bytes(packet), asked, AES_KEYS)


def test_no_error_shows_a_key() -> None:
    for packet in (PACKET[:-16], b"", PACKET):
        with pytest.raises((MalformedError, SecuredPacketError)) as error:
            open_command(packet, DES_KEYS)
        assert DES_KEYS.kic.reveal().hex() not in repr(error.value)
