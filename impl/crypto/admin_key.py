"""Keys of secured packets made from the admin code, which is then used and not sent ([074]).

"More generally the admin codes may be tools used for authentication and ciphering procedures": a
card that can read the packet has the code that the server has. Both ends derive with the KDF in
counter mode of NIST SP 800-108 over HMAC-SHA-256, one round for each of the two keys:

    K = HMAC(admin code, 01 | label | 00 | ICCID | version | 0080), of which the first 16 octets

with the label "KIc" or "KID" and the digits of the ICCID in ASCII. The label separates the two
uses, the ICCID two cards that were given one code in error, the version two generations of a card.

A key so made is no harder to guess than its code: whoever has seen one packet can try codes without
the card counting them. Codes for this mode are therefore 8 random octets, not 8 digits.
"""

from __future__ import annotations

import hmac
from typing import Final

from impl.errors import UnencodableError
from impl.values import ICCID, OtaKeys, Secret

_KEY_SIZE: Final = 16
_KEY_BITS: Final = (8 * _KEY_SIZE).to_bytes(2, "big")


def derive_keys(admin_code: Secret, iccid: ICCID, version: int) -> OtaKeys:
    """Return the AES-128 keyset of this card and key version, 1 to 15.

    Raises:
        UnencodableError: the version does not fit in the half octet that packets have for it.
    """
    if not 1 <= version <= 15:
        raise UnencodableError("version", "is outside 1 to 15")
    context = iccid.encode("ascii") + bytes((version,))
    return OtaKeys(
        version=version,
        kic=_derive(admin_code, b"KIc", context),
        kid=_derive(admin_code, b"KID", context),
    )


def _derive(admin_code: Secret, label: bytes, context: bytes) -> Secret:
    message = b"\x01" + label + b"\x00" + context + _KEY_BITS
    return Secret(hmac.digest(admin_code.reveal(), message, "sha256")[:_KEY_SIZE])
