"""Keys and checksum of EAP-AKA': RFC 5448 section 3.

Keys are octets here, not `Secret`, as in `conversions`: they live for one authentication.
"""

from __future__ import annotations

import hmac
from typing import Final, NamedTuple

from impl.crypto.conversions import derive

MAC_OCTETS: Final = 16

_HASH: Final = "sha256"
_SEED: Final = b"EAP-AKA'"
_CK_IK_PRIME: Final = 0x20
_KEY_OCTETS: Final = 16 + 32 + 32 + 64 + 64


class SessionKeys(NamedTuple):
    """What one authentication gives, in the order in which it is derived (section 3.3)."""

    k_encr: bytes
    """16 octets: ciphers attributes."""
    k_aut: bytes
    """32 octets: authenticates packets."""
    k_re: bytes
    """32 octets: for authenticating again without the home network."""
    msk: bytes
    """64 octets: for the link under EAP."""
    emsk: bytes
    """64 octets: for mobility above it."""


def ck_ik_prime(
    ck: bytes, ik: bytes, network_name: bytes, sqn_xor_ak: bytes
) -> tuple[bytes, bytes]:
    """Return CK' and IK', 16 octets each, bound to the access network (TS 33.402 clause A.2).

    `sqn_xor_ak` is the first 6 octets of AUTN.
    """
    both = derive(ck + ik, _CK_IK_PRIME, network_name, sqn_xor_ak)
    return both[:16], both[16:]


def session_keys(identity: bytes, ck_prime: bytes, ik_prime: bytes) -> SessionKeys:
    """Return the keys of a full authentication of `identity`, as the peer sent it last."""
    master = prf_prime(ik_prime + ck_prime, _SEED + identity, _KEY_OCTETS)
    return SessionKeys(master[:16], master[16:48], master[48:80], master[80:144], master[144:])


def prf_prime(key: bytes, seed: bytes, size: int) -> bytes:
    """Return `size` octets, at most 8,160: T1 | T2 | ... of section 3.4."""
    output = block = b""
    count = 0
    while len(output) < size:
        count += 1
        block = hmac.digest(key, block + seed + bytes((count,)), _HASH)
        output += block
    return output[:size]


def packet_mac(k_aut: bytes, packet: bytes) -> bytes:
    """Return AT_MAC, 16 octets, of a whole packet that has zeros in its place (section 3.1)."""
    return hmac.digest(k_aut, packet, _HASH)[:MAC_OCTETS]
