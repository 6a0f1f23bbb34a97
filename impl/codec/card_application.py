"""The card application as it is installed over the air [051]: its names, and its load file.

The manufacturer of the card and the application server share them, as they share
`ota_profile`. The load file is the header of a Java Card CAP file (Java Card virtual machine
specification 3 clause 6.4), which names package and version: the code itself is in the read-only
memory of the cards that this is for, and a card knows by the hash whether it has that version.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from impl.codec.apdu import CommandApdu
from impl.codec.card_content import InstallForInstall, InstallForLoad, delete, install, load
from impl.codec.ota_profile import CPA_TAR

_PROVIDER: Final = b"\xf0rper"
"""F: an identifier that nobody registered (ISO/IEC 7816-5 clause 8)."""
PACKAGE: Final = _PROVIDER + bytes.fromhex("0001ffffffff")
MODULE: Final = _PROVIDER + bytes.fromhex("0002ffffffff")
INSTANCE: Final = MODULE + CPA_TAR + bytes(2)
"""Behind the provider: application code, country, provider, TAR (TS 101 220 annex A)."""

_MAGIC: Final = bytes.fromhex("decaffed")
_CAP_FORMAT: Final = bytes.fromhex("0102")  # minor, major
_FLAGS: Final = bytes.fromhex("04")  # it has applets
_VERSION: Final = bytes.fromhex("0001")  # minor, major
_HEADER: Final = _MAGIC + _CAP_FORMAT + _FLAGS + _VERSION + bytes([len(PACKAGE)]) + PACKAGE
LOAD_FILE: Final = b"\x01" + len(_HEADER).to_bytes(2, "big") + _HEADER
LOAD_FILE_HASH: Final = sha256(LOAD_FILE).digest()


def installation() -> tuple[CommandApdu, ...]:
    """Return the script that installs the application."""
    return (
        install(InstallForLoad(PACKAGE, b"", LOAD_FILE_HASH)),
        *load(LOAD_FILE),
        install(InstallForInstall(PACKAGE, MODULE, INSTANCE, b"\0", b"\xc9\0")),
    )


def removal() -> tuple[CommandApdu, ...]:
    """Return the script that removes the application, and its load file with it."""
    return (delete(PACKAGE, and_related=True),)
