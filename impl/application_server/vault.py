"""Secrets at rest: sealed under the key-encryption key with AES-256-GCM."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from impl.errors import RefusedError, UnencodableError
from impl.values import Secret

NONCE_OCTETS = 12
KEY_OCTETS = 32


class UnsealError(RefusedError):
    """What was sealed is not as it was, or was sealed for something else or under another key."""


class Vault:
    """Seals and unseals octets; each is bound to what it belongs to."""

    def __init__(self, key: Secret, random_octets: Callable[[int], bytes]) -> None:
        """Take the key-encryption key, 32 octets; UnencodableError for another length."""
        if len(key) != KEY_OCTETS:
            raise UnencodableError("key-encryption key", f"must be {KEY_OCTETS} octets")
        self._cipher = AESGCM(key.reveal())
        self._random_octets = random_octets

    def seal(self, plain: bytes, belongs_to: str) -> bytes:
        """Return nonce, ciphertext and tag; 28 octets more than `plain`."""
        nonce = self._random_octets(NONCE_OCTETS)
        return nonce + self._cipher.encrypt(nonce, plain, belongs_to.encode())

    def unseal(self, sealed: bytes, belongs_to: str) -> bytes:
        """Return what was sealed for `belongs_to`; UnsealError if this is not that."""
        nonce, ciphertext = sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, belongs_to.encode())
        except (InvalidTag, ValueError):
            raise UnsealError(f"what was sealed for {belongs_to} does not open") from None
