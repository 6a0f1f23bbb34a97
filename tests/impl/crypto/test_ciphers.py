"""Tests of ciphers and checksums, against published values and against the definitions."""

from __future__ import annotations

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from hypothesis import given
from hypothesis import strategies as st

from impl.crypto.ciphers import Algorithm, crc16, crc32, packet_checksum, packet_cipher
from impl.errors import UnusableKeyError
from impl.values import Secret

KEY_SIZES = {
    Algorithm.DES: (8,),
    Algorithm.TRIPLE_DES_2: (16,),
    Algorithm.TRIPLE_DES_3: (24,),
    Algorithm.AES: (16, 24, 32),
    Algorithm.IMPLICIT: (16, 24, 32),
}
USABLE = [(algorithm, size) for algorithm, sizes in KEY_SIZES.items() for size in sizes]

each_usable = pytest.mark.parametrize(("algorithm", "size"), USABLE)


def key_of(size: int) -> Secret:
    return Secret(bytes(range(1, size + 1)))


@each_usable
@given(blocks=st.integers(0, 6), octet=st.integers(0, 255))
def test_deciphering_undoes_ciphering(
    algorithm: Algorithm, size: int, blocks: int, octet: int
) -> None:
    cipher = packet_cipher(algorithm, key_of(size))
    octets = bytes((octet,)) * (blocks * cipher.block_size)
    assert cipher.decipher(cipher.encipher(octets)) == octets


@each_usable
def test_ciphering_hides_the_octets_and_begins_anew_each_time(
    algorithm: Algorithm, size: int
) -> None:
    cipher = packet_cipher(algorithm, key_of(size))
    octets = bytes(2 * cipher.block_size)
    ciphered = cipher.encipher(octets)
    assert ciphered != octets
    assert cipher.encipher(octets) == ciphered


@pytest.mark.parametrize("algorithm", list(Algorithm))
@pytest.mark.parametrize("size", [0, 7, 8, 15, 16, 24, 25, 32, 33])
def test_a_key_of_another_length_is_refused(algorithm: Algorithm, size: int) -> None:
    if size in KEY_SIZES[algorithm]:
        return
    with pytest.raises(UnusableKeyError):
        packet_cipher(algorithm, key_of(size))
    with pytest.raises(UnusableKeyError):
        packet_checksum(algorithm, key_of(size), 8)


@pytest.mark.parametrize(
    ("message", "cmac"),
    [
        ("", "bb1d6929e9593728"),
        ("6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144"),
        (
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
            "dfa66747de9ae630",
        ),
    ],
    ids=["RFC 4493 example 1", "RFC 4493 example 2", "RFC 4493 example 3"],
)
def test_the_checksum_with_aes_begins_as_the_published_cmac(message: str, cmac: str) -> None:
    key = Secret(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"))
    octets = bytes.fromhex(message)
    assert packet_checksum(Algorithm.AES, key, 8)(octets).hex() == cmac
    assert packet_checksum(Algorithm.AES, key, 4)(octets).hex() == cmac[:8]


@given(st.binary(max_size=40))
def test_the_checksum_with_des_is_the_last_block_of_cbc_over_zero_padding(octets: bytes) -> None:
    checksum = packet_checksum(Algorithm.TRIPLE_DES_2, key_of(16), 8)
    padded = octets + bytes(-len(octets) % 8)
    k1, k2 = bytes(range(1, 9)), bytes(range(9, 17))
    encryptor = Cipher(TripleDES(k1 + k2 + k1), modes.CBC(bytes(8))).encryptor()
    assert checksum(octets) == encryptor.update(padded)[-8:]


@pytest.mark.parametrize("algorithm", [Algorithm.AES, Algorithm.TRIPLE_DES_2])
def test_a_checksum_changes_with_octets_and_key(algorithm: Algorithm) -> None:
    checksum = packet_checksum(algorithm, key_of(16), 8)
    assert checksum(b"one") == checksum(b"one")
    assert checksum(b"one") != checksum(b"two")
    assert checksum(b"one") != packet_checksum(algorithm, Secret(bytes(16)), 8)(b"one")


def test_the_crcs_are_those_of_the_standards_example() -> None:
    # TS 102 225 annex B: the octets 01 to 05.
    example = bytes((1, 2, 3, 4, 5))
    assert crc16(example).hex() == "22ec"
    assert crc32(example).hex() == "470b99f4"


def test_the_crcs_are_those_that_catalogues_have() -> None:
    # The check values of CRC-16/X-25 and CRC-32 (both of ISO/IEC 13239) over "123456789".
    assert crc16(b"123456789").hex() == "906e"
    assert crc32(b"123456789").hex() == "cbf43926"


@given(st.binary(min_size=1, max_size=30), st.data())
def test_a_crc_finds_every_single_wrong_bit(octets: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, 8 * len(octets) - 1))
    changed = (int.from_bytes(octets) ^ 1 << bit).to_bytes(len(octets))
    assert crc16(changed) != crc16(octets)
    assert crc32(changed) != crc32(octets)
