"""128-EIA2, the integrity algorithm of EPS that stands on AES: 3GPP TS 33.401 clause B.2.3."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC


def eia2(key: bytes, count: int, bearer: int, direction: int, message: bytes) -> bytes:
    """Return the message authentication code, 4 octets.

    Args:
        key: K_NASint or another key of 16 octets.
        count: 32 bits, never the same twice under one key and direction.
        bearer: 5 bits.
        direction: 0 uplink, 1 downlink.
        message: whole octets.
    """
    head = count.to_bytes(4, "big") + bytes((bearer << 3 | direction << 2,)) + bytes(3)
    code = CMAC(AES(key))
    code.update(head + message)
    return code.finalize()[:4]
