"""Ciphers and checksums of secured packets: ETSI TS 102 225 clauses 5.1.2 and 5.1.3, release 17.

All block ciphers run in CBC mode from an initial value of zeros, over whole blocks.
"""

from __future__ import annotations

import binascii
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from impl.errors import UnencodableError
from impl.values import Secret


class Algorithm(IntEnum):
    """Low half of the octets KIc and KID: the cipher, and for CC the checksum made of it."""

    IMPLICIT = 0x0
    """Both ends know it; the cards and servers here take AES."""
    DES = 0x1
    AES = 0x2
    TRIPLE_DES_2 = 0x5
    """Two keys, 16 octets: K1, K2, K1."""
    TRIPLE_DES_3 = 0x9
    DES_ECB = 0xD
