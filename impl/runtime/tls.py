"""The secured session of server and operators: mutual TLS 1.3, pinned certificates.

Application server and operator exchange certificates when they agree [059]; each then accepts that
one certificate from the other and no other, whoever signed it. The engine is `ssl` over memory
buffers: whoever owns a link moves the records.
"""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from impl.errors import RefusedError, UncertainError

LIFETIME = timedelta(days=825)
CHUNK_OCTETS = 65536


class SessionRefusedError(RefusedError):
    """The other end is not the one with whom this session was agreed. Nothing was said to it."""


class SessionBrokenError(UncertainError):
    """The session ended before or while a message was read."""


@dataclass(frozen=True, eq=False)
class Identity:
    """Private key and certificate of one end. The key leaves only for its own context."""

    name: str
    certificate: x509.Certificate
    _key: ec.EllipticCurvePrivateKey

    @cached_property
    def certificate_pem(self) -> str:
        """What the other end pins."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @cached_property
    def certificate_der(self) -> bytes:
        """The same in DER, to recognise a peer by."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        """The private key, PKCS #8 in clear: for a file that only its owner reads. It is secret."""
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def load_into(self, context: ssl.SSLContext) -> None:
        """Let `context` present this identity; `ssl` wants a file, so one lives briefly."""
        with tempfile.NamedTemporaryFile(
            suffix=".pem"
        ) as file:  # created readable by its owner only
            Path(file.name).write_bytes(self.key_pem + self.certificate_pem.encode("ascii"))
            context.load_cert_chain(file.name)

    def __repr__(self) -> str:
        return f"Identity({self.name!r})"


def make_identity(name: str, valid_from: datetime | None = None) -> Identity:
    """Make a P-256 key and a certificate for `name`, signed by itself: it will be pinned."""
    start = valid_from or datetime.now(UTC) - timedelta(minutes=5)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    key_identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + LIFETIME)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        # By these two certificates of one name are told apart while one replaces the other.
        .add_extension(key_identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_identifier),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return Identity(name, certificate, key)


@lru_cache(maxsize=64)
def _context(own: Identity, pinned: frozenset[Identity], *, server: bool) -> ssl.SSLContext:
    side = ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    if server:
        context.num_tickets = 0  # sessions are kept open, not resumed
    own.load_into(context)
    for peer in pinned:
        context.load_verify_locations(cadata=peer.certificate_pem)
    return context


class Endpoint:
    """One end of one session: turns messages into TLS records and back."""

    def __init__(
        self, own: Identity, pinned: frozenset[Identity], *, server: bool, peer: str | None = None
    ) -> None:
        """Prepare an end.

        Args:
            own: what this end presents.
            pinned: the identities with whom this end agreed.
            server: whether the other end opens the session.
            peer: as client, the name that the server has to prove.
        """
        self.pinned = {identity.certificate_der: identity.name for identity in pinned}
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.context = _context(own, pinned, server=server)
        self.server_name = peer
        self._is_server = server

    @cached_property
    def _tls(self) -> ssl.SSLObject:
        """The session: made when it is first used, since a context is all that some want."""
        return self.context.wrap_bio(
            self._incoming,
            self._outgoing,
            server_side=self._is_server,
            server_hostname=self.server_name,
        )

    def shake_hands(self, records: bytes) -> tuple[bytes, bool]:
        """Take records of the other end; return records for it, and whether this end is ready.

        Raises:
            SessionRefusedError: the other end failed to prove what it had to.
        """
        self._incoming.write(records)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return self._outgoing.read(), False
        except ssl.SSLError as error:
            raise SessionRefusedError(f"secured session: {error.reason}") from None
        return self._outgoing.read(), True

    @property
    def peer_name(self) -> str:
        """The name of the identity that the other end proved."""
        der = self._tls.getpeercert(binary_form=True)
        if der is None or der not in self.pinned:
            raise SessionRefusedError("secured session: the other end is not one agreed with")
        return self.pinned[der]

    def seal(self, message: bytes) -> bytes:
        """Return the TLS records of one message: its length in 4 octets, then the message."""
        self._tls.write(len(message).to_bytes(4, "big") + message)
        return self._outgoing.read()

    def open(self, records: bytes) -> bytes:
        """Return the one message that `records` carry.

        Raises:
            SessionBrokenError: they were altered, cut short or out of order; the session is over.
        """
        self._incoming.write(records)
        plain = bytearray()
        try:
            while True:
                plain += self._tls.read(CHUNK_OCTETS)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            raise SessionBrokenError(f"secured session: {error.reason}") from None
        if len(plain) < 4 or int.from_bytes(plain[:4], "big") != len(plain) - 4:
            raise SessionBrokenError("secured session: not one whole message")
        return bytes(plain[4:])


@dataclass(frozen=True)
class Session:
    """Both ends of an established session, as a simulation holds them."""

    client: Endpoint
    server: Endpoint


def establish(client: Endpoint, server: Endpoint) -> tuple[Session, list[tuple[bool, bytes]]]:
    """Run the handshake between two ends in one process.

    Returns:
        The session, and the flights of records, each with whether the client sent it.

    Raises:
        SessionRefusedError: one end did not accept the other.
    """
    flights: list[tuple[bool, bytes]] = []
    records, client_ready, server_ready = b"", False, False
    while not (client_ready and server_ready):
        records, client_ready = client.shake_hands(records)
        flights.append((True, records))
        records, server_ready = server.shake_hands(records)
        flights.append((False, records))
    return Session(client, server), flights
