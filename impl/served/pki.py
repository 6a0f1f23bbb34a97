"""Keys and certificates as files: what a party shows, and whom it accepts [054] [059].

A folder holds `own.pem` (certificate), `own.key` (private key, for its owner's eyes) and, below
`pinned/`, the certificate of each party with which there is an agreement, by its name and the
interface over which it speaks: `20802.operator.pem`, `application-server.centre.pem`. Two
certificates of one party (`20802.operator.next.pem`) are both accepted: so one is replaced without
a stop.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from impl.errors import RefusedError
from impl.events import Interface, Peer
from impl.runtime.tls import Identity, make_identity

CERTIFICATE, KEY, PINNED = "own.pem", "own.key", "pinned"


class KeyFolderError(RefusedError):
    """A folder of keys lacks something, or it cannot be read. Nothing was started."""


def create_folder(folder: Path, name: str) -> None:
    """Make a key and a certificate for `name`, unless the folder has them.

    Raises:
        KeyFolderError: the folder cannot be written.
    """
    if (folder / CERTIFICATE).exists():
        return
    try:
        (folder / PINNED).mkdir(parents=True, exist_ok=True)
        write_identity(folder, make_identity(name))
    except OSError as error:
        raise KeyFolderError(f"{folder}: {error.strerror}") from None


def write_identity(folder: Path, identity: Identity) -> None:
    """Write certificate and private key, the latter readable by its owner only."""
    descriptor = os.open(folder / KEY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(identity.key_pem)
    (folder / CERTIFICATE).write_text(identity.certificate_pem, "ascii")


def pin(folder: Path, name: str, certificate: Path) -> None:
    """Accept from now on what goes as `name` and shows that certificate.

    Raises:
        KeyFolderError: the file cannot be read or holds no certificate.
    """
    text = _read(certificate)
    _load(certificate, text)
    target = folder / PINNED / f"{name}.pem"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text)


class OwnKeys(Protocol):
    """What one end of sessions shows, and whom it accepts."""

    @property
    def peers(self) -> Mapping[bytes, Peer]:
        """By the certificate (DER) who shows it."""

    @property
    def names(self) -> Mapping[Peer, str]:
        """What the certificate of each is made out to."""

    @property
    def server_context(self) -> ssl.SSLContext:
        """For who listens."""

    @property
    def client_context(self) -> ssl.SSLContext:
        """For who dials."""


@dataclass(slots=True)
class Pins:
    """One folder, as it was read last. New connections see what `reload` found."""

    folder: Path
    peers: dict[bytes, Peer] = field(default_factory=dict)
    """By the certificate (DER) who shows it."""
    names: dict[Peer, str] = field(default_factory=dict)
    """What the certificate of each is made out to."""
    _server: ssl.SSLContext | None = None
    _client: ssl.SSLContext | None = None

    def reload(self) -> None:
        """Read the folder.

        Raises:
            KeyFolderError: a file is missing or holds no certificate. What was read before holds.
        """
        peers, names = {}, {}
        for path in sorted((self.folder / PINNED).glob("*.pem")):
            text = _read(path)
            certificate, peer = _load(path, text), _peer_of(path)
            peers[certificate.public_bytes(serialization.Encoding.DER)] = peer
            names[peer] = _name_in(certificate)
        server = self._context(ssl.PROTOCOL_TLS_SERVER, peers)
        server.sni_callback = self._choose
        self._client = self._context(ssl.PROTOCOL_TLS_CLIENT, peers)
        self._server, self.peers, self.names = server, peers, names

    @property
    def server_context(self) -> ssl.SSLContext:
        """For who listens."""
        assert self._server is not None
        return self._server

    @property
    def client_context(self) -> ssl.SSLContext:
        """For who dials."""
        assert self._client is not None
        return self._client

    def _choose(self, connection: ssl.SSLObject, name: str | None, first: ssl.SSLContext) -> None:
        """Let a new session use what was read last, though the socket listens with the first."""
        del name, first
        connection.context = self.server_context

    def _context(self, side: int, pinned: Iterable[bytes]) -> ssl.SSLContext:
        context = ssl.SSLContext(side)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_cert_chain(self.folder / CERTIFICATE, self.folder / KEY)
        except (OSError, ssl.SSLError) as error:
            raise KeyFolderError(f"{self.folder}: no usable key and certificate") from error
        try:
            for certificate in pinned:
                context.load_verify_locations(cadata=certificate)
        except ssl.SSLError as error:
            raise KeyFolderError(f"{self.folder / PINNED}: {error.reason}") from error
        return context


@dataclass(slots=True)
class SiteKeys:
    """What a web site shows to browsers, who show nothing; new connections see `reload`."""

    folder: Path
    _context: ssl.SSLContext | None = None

    def reload(self) -> None:
        """Read certificate and key, of the same names as a party's.

        Raises:
            KeyFolderError: they are not there, or not of each other. What was read before holds.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            context.load_cert_chain(self.folder / CERTIFICATE, self.folder / KEY)
        except (OSError, ssl.SSLError) as error:
            raise KeyFolderError(f"{self.folder}: no usable key and certificate") from error
        context.sni_callback = self._choose
        self._context = context

    @property
    def server_context(self) -> ssl.SSLContext:
        """For who listens."""
        assert self._context is not None
        return self._context

    def _choose(self, connection: ssl.SSLObject, name: str | None, first: ssl.SSLContext) -> None:
        """Let a new session use what was read last, though the socket listens with the first."""
        del name, first
        connection.context = self.server_context


def _peer_of(path: Path) -> Peer:
    """Return who a file of `pinned/` is of."""
    name, _, interface = path.name.removesuffix(".pem").removesuffix(".next").partition(".")
    if interface not in set(Interface):
        raise KeyFolderError(f"{path}: is not named PARTY.INTERFACE.pem")
    return Peer(Interface(interface), name)


def _name_in(certificate: x509.Certificate) -> str:
    """Return the common name that a certificate is made out to."""
    (attribute,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(attribute.value)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyFolderError(f"{path}: {error.strerror}") from None


def _load(path: Path, text: bytes) -> x509.Certificate:
    """Return the certificate of a party, whatever else is written around it.

    Raises:
        KeyFolderError: there is none, or it does not say by one common name whose it is.
    """
    try:
        certificate = x509.load_pem_x509_certificate(text)
    except ValueError:
        raise KeyFolderError(f"{path}: holds no certificate") from None
    try:
        _name_in(certificate)
    except ValueError:
        raise KeyFolderError(f"{path}: its subject has to have one common name (CN)") from None
    return certificate
