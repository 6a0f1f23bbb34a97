"""Secrets at rest: sealed under a key-encryption key with AES-256-GCM.

What is sealed says under which version of the key it is: a version octet, the nonce (12 octets),
the ciphertext and the tag (16 octets). So keys can be changed while the server runs: it seals under
the newest and opens what is under any that it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from impl.errors import RefusedError, UnencodableError
from impl.values import Secret

NONCE_OCTETS = 12
KEY_OCTETS = 32
FIRST_VERSION, LAST_VERSION = 1, 255


class UnsealError(RefusedError):
    """What was sealed is not as it was, or was sealed for something else or under another key."""


class Vault:
    """Seals and unseals octets; each is bound to what it belongs to."""

    def __init__(
        self, keys: Secret | Mapping[int, Secret], random_octets: Callable[[int], bytes]
    ) -> None:
        """Take the key-encryption keys by version (1 to 255), or the only one there ever was.

        Raises:
            UnencodableError: a key is not of 32 octets, or a version is none.
        """
        by_version = {FIRST_VERSION: keys} if isinstance(keys, Secret) else dict(keys)
        if not by_version or not all(FIRST_VERSION <= one <= LAST_VERSION for one in by_version):
            raise UnencodableError("key-encryption key", "its version must be 1 to 255")
        if any(len(key) != KEY_OCTETS for key in by_version.values()):
            raise UnencodableError("key-encryption key", f"must be {KEY_OCTETS} octets")
        self._ciphers = {bytes([one]): AESGCM(key.reveal()) for one, key in by_version.items()}
        self._newest = max(self._ciphers)
        self._random_octets = random_octets

    @classmethod
    def fresh(cls, random_octets: Callable[[int], bytes]) -> Self:
        """Return one with a key that nobody else has: what it seals is lost with it."""
        return cls(Secret(random_octets(KEY_OCTETS)), random_octets)

    def seal(self, plain: bytes, belongs_to: str) -> bytes:
        """Return version, nonce, ciphertext and tag; 29 octets more than `plain`."""
        nonce, version = self._random_octets(NONCE_OCTETS), self._newest
        return version + nonce + self._ciphers[version].encrypt(nonce, plain, belongs_to.encode())

    def unseal(self, sealed: bytes, belongs_to: str) -> bytes:
        """Return what was sealed for `belongs_to`; UnsealError if this is not that."""
        cipher = self._ciphers.get(sealed[:1])
        nonce, ciphertext = sealed[1 : 1 + NONCE_OCTETS], sealed[1 + NONCE_OCTETS :]
        if cipher is None:
            raise UnsealError(f"what was sealed for {belongs_to} is under a key that is not there")
        try:
            return cipher.decrypt(nonce, ciphertext, belongs_to.encode())
        except (InvalidTag, ValueError):
            raise UnsealError(f"what was sealed for {belongs_to} does not open") from None

    def reseal(self, sealed: bytes, belongs_to: str) -> bytes:
        """Return the same under the newest key; UnsealError if it was not sealed for this."""
        return self.seal(self.unseal(sealed, belongs_to), belongs_to)

    def is_newest(self, sealed: bytes) -> bool:
        """Whether this is sealed under the newest key."""
        return sealed[:1] == self._newest
