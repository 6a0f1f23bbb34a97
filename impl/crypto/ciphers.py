"""Ciphers and checksums of secured packets: ETSI TS 102 225 release 17, clauses 5.1.2 and 5.1.3.

What is made of a key is kept for the next packets of that card, up to a bound: to make it costs as
much as to use it. It holds no state between packets.
"""

from __future__ import annotations

import binascii
import zlib
from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from impl.errors import UnusableKeyError
from impl.values import Secret

_KEYS_KEPT: Final = 1024


class Algorithm(IntEnum):
    """Low half of the octets KIc and KID: the cipher, and the checksum (CC) made with it.

    DES in ECB mode (D) is not offered: it hides nothing.
    """

    IMPLICIT = 0x0
    """Known to both ends without being said: AES here."""
    DES = 0x1
    AES = 0x2
    TRIPLE_DES_2 = 0x5
    TRIPLE_DES_3 = 0x9


class PacketCipher:
    """A key ready to cipher whole blocks, in CBC mode from an initial value of zeros."""

    __slots__ = ("_cbc", "block_size")

    def __init__(self, algorithm: BlockCipherAlgorithm) -> None:
        self.block_size = algorithm.block_size // 8
        self._cbc = Cipher(algorithm, modes.CBC(bytes(self.block_size)))

    def encipher(self, octets: bytes) -> bytes:
        """Return as many octets, ciphered."""
        return self._cbc.encryptor().update(octets)

    def decipher(self, octets: bytes) -> bytes:
        """Return as many octets, deciphered."""
        return self._cbc.decryptor().update(octets)


@lru_cache(maxsize=_KEYS_KEPT)
def packet_cipher(algorithm: Algorithm, key: Secret) -> PacketCipher:
    """Make a key ready to cipher.

    Raises:
        UnusableKeyError: the key is not of a length that the algorithm takes.
    """
    return PacketCipher(_block_cipher(algorithm, key))


@lru_cache(maxsize=_KEYS_KEPT)
def packet_checksum(algorithm: Algorithm, key: Secret, size: int) -> Callable[[bytes], bytes]:
    """Return the function from octets to their CC of `size` octets: CMAC with AES, else CBC-MAC.

    Raises:
        UnusableKeyError: the key is not of a length that the algorithm takes.
    """
    block_cipher = _block_cipher(algorithm, key)
    if isinstance(block_cipher, AES):
        fresh = CMAC(block_cipher)

        def cmac(octets: bytes) -> bytes:
            running = fresh.copy()
            running.update(octets)
            return running.finalize()[:size]

        return cmac
    cipher = PacketCipher(block_cipher)

    def cbc_mac(octets: bytes) -> bytes:
        padded = octets + bytes(-len(octets) % cipher.block_size)
        return cipher.encipher(padded)[-cipher.block_size :][:size]

    return cbc_mac


_KEY_SIZES: Final = {
    Algorithm.IMPLICIT: (16, 24, 32),
    Algorithm.AES: (16, 24, 32),
    Algorithm.DES: (8,),
    Algorithm.TRIPLE_DES_2: (16,),
    Algorithm.TRIPLE_DES_3: (24,),
}


def _block_cipher(algorithm: Algorithm, key: Secret) -> BlockCipherAlgorithm:
    if len(key) not in _KEY_SIZES[algorithm]:
        raise UnusableKeyError(f"a key of {len(key)} octets is none of {algorithm.name}")
    octets = key.reveal()
    if algorithm in (Algorithm.IMPLICIT, Algorithm.AES):
        return AES(octets)
    # The library wants the shorter keys written out as what they are: K1, K2, K1 and K, K, K.
    return TripleDES((octets * 3)[:24])


_REVERSED: Final = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))


def crc16(octets: bytes) -> bytes:
    """Return the 2 octets of the CRC 16 of ISO/IEC 13239 (TS 102 225 clause 5.1.3.2).

    The library's CRC-CCITT takes the highest bit first, this one the lowest: mirroring every octet
    that goes in and the sum that comes out makes the one of the other.
    """
    mirrored = binascii.crc_hqx(octets.translate(_REVERSED), 0xFFFF) ^ 0xFFFF
    return mirrored.to_bytes(2, "little").translate(_REVERSED)


def crc32(octets: bytes) -> bytes:
    """Return the 4 octets of the CRC 32 of ISO/IEC 13239 (TS 102 225 clause 5.1.3.2)."""
    return zlib.crc32(octets).to_bytes(4, "big")
