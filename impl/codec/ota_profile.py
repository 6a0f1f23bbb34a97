"""What application server and card agreed on for packets between them, within TS 102 225.

Application server and card are strangers in this code as in the world: this is what the
manufacturer wrote in the card's specification.
"""

from __future__ import annotations

from typing import Final

from impl.codec.security_parameters import CommandHeader, Spi1, Spi2
from impl.crypto.ciphers import Algorithm
from impl.values import OtaKeys

CPA_TAR: Final = bytes.fromhex("bfff01")
"""The card personalization application (TS 101 220 annex D: proprietary toolkit applications)."""

USIM_FILES_TAR: Final = bytes.fromhex("b00011")
"""Remote file management of the USIM, as cards of the sysmocom family have it."""

UICC_FILES_TAR: Final = bytes.fromhex("b00001")
"""Remote file management of the files below the MF."""

CARD_MANAGER_TAR: Final = bytes(3)
"""The issuer security domain (TS 101 220 annex D)."""

SERVER_TAR: Final = bytes.fromhex("bfff02")
"""The application server, as requests of cards name it."""

MINIMUM_SECURITY: Final = Spi1.CC | Spi1.CIPHERED | Spi1.COUNTER_HIGHER
"""What the card demands of a packet (MSL), and what messages to it have."""

KEYING_VERSION: Final = 15
"""Key version that means: the keyset derived from the admin code ([074], `admin_key`)."""


def message_header(keys: OtaKeys, *, report_by_submit: bool, tar: bytes = CPA_TAR) -> CommandHeader:
    """Return how a message to the card is secured: ciphered, CC, PoR always, itself with both."""
    spi2 = Spi2.POR_ALWAYS | Spi2.POR_CC | Spi2.POR_CIPHERED
    if report_by_submit:
        spi2 |= Spi2.POR_BY_SUBMIT
    octet = key_octet(keys)
    return CommandHeader(MINIMUM_SECURITY, spi2, octet, octet, tar)


def request_header(keys: OtaKeys) -> CommandHeader:
    """Return how a card secures Req: CC only, as the server has to read whose it is first."""
    octet = key_octet(keys)
    return CommandHeader(Spi1.CC | Spi1.COUNTER_HIGHER, Spi2(0), octet, octet, SERVER_TAR)


def key_octet(keys: OtaKeys) -> int:
    """Return the octets KIc and KID of an AES keyset."""
    return keys.version << 4 | Algorithm.AES
