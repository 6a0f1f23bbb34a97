"""Keys and responses of one generation made from those of another.

GSM from UMTS and back: TS 33.102 clause 6.8.1.2. EPS: TS 33.401 annex A. 5G: TS 33.501 annex A.
All release 17. Keys are octets here, not `Secret`: they live for one authentication.
"""

from __future__ import annotations

import hmac
from enum import IntEnum


def c2(res: bytes) -> bytes:
    """Return SRES, 4 octets, from RES or XRES of 4 to 16 octets."""
    words = res.ljust(16, b"\0")
    return _xor(words[:4], words[4:8], words[8:12], words[12:])


def c3(ck: bytes, ik: bytes) -> bytes:
    """Return Kc, 8 octets, from CK and IK of 16."""
    return _xor(ck[:8], ck[8:], ik[:8], ik[8:])


def c4(kc: bytes) -> bytes:
    """Return CK, 16 octets, from Kc of 8."""
    return kc + kc


def c5(kc: bytes) -> bytes:
    """Return IK, 16 octets, from Kc of 8."""
    middle = _xor(kc[:4], kc[4:])
    return middle + kc + middle


def _xor(*parts: bytes) -> bytes:
    total = 0
    for part in parts:
        total ^= int.from_bytes(part, "big")
    return total.to_bytes(len(parts[0]), "big")


def derive(key: bytes, function_code: int, *parameters: bytes) -> bytes:
    """Return 32 octets: the generic key derivation function of TS 33.220 clause B.2.

    S = FC | P0 | L0 | P1 | L1 ..., each length in 2 octets; HMAC-SHA-256 over S.
    """
    lengths_too = (part + len(part).to_bytes(2, "big") for part in parameters)
    return hmac.digest(key, bytes((function_code,)) + b"".join(lengths_too), "sha256")


def kasme(ck: bytes, ik: bytes, serving_network: bytes, sqn_xor_ak: bytes) -> bytes:
    """Return K_ASME, 32 octets (TS 33.401 clause A.2).

    `serving_network` is the PLMN in its 3 octets, `sqn_xor_ak` the first 6 octets of AUTN.
    """
    return derive(ck + ik, 0x10, serving_network, sqn_xor_ak)


class NasKey(IntEnum):
    """Algorithm type distinguisher of the NAS keys, TS 33.401 table A.7-1."""

    ENCRYPTION = 0x01
    INTEGRITY = 0x02


def nas_key(kasme_key: bytes, use: NasKey, algorithm: int) -> bytes:
    """Return K_NASenc or K_NASint, 16 octets, for 128-EEA or 128-EIA `algorithm` (A.7)."""
    return derive(kasme_key, 0x15, bytes((use,)), bytes((algorithm,)))[16:]


def kausf(ck: bytes, ik: bytes, serving_network_name: str, sqn_xor_ak: bytes) -> bytes:
    """Return K_AUSF of 5G AKA, 32 octets (TS 33.501 clause A.2)."""
    return derive(ck + ik, 0x6A, serving_network_name.encode(), sqn_xor_ak)


def res_star(ck: bytes, ik: bytes, serving_network_name: str, rand: bytes, res: bytes) -> bytes:
    """Return RES* or XRES*, 16 octets (TS 33.501 clause A.4)."""
    return derive(ck + ik, 0x6B, serving_network_name.encode(), rand, res)[16:]
