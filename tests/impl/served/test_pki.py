import stat
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from impl.events import Interface, Peer
from impl.runtime.tls import make_identity
from impl.served import pki
from impl.served.pki import KeyFolderError, Pins, create_folder, pin, write_identity

REGISTER = Peer(Interface.OPERATOR, "20801")


@pytest.fixture
def folder(tmp_path):
    create_folder(tmp_path / "own", "application-server")
    return tmp_path / "own"


def certificate_of(tmp_path, name):
    path = tmp_path / f"{name}.crt"
    path.write_text(make_identity(name).certificate_pem, "ascii")
    return path


def certificate_made_out_to(names):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_a_private_key_is_for_its_owner_only(folder):
    assert stat.S_IMODE((folder / pki.KEY).stat().st_mode) == 0o600


def test_a_folder_that_is_there_keeps_its_key(folder):
    before = (folder / pki.KEY).read_bytes()
    create_folder(folder, "application-server")
    assert (folder / pki.KEY).read_bytes() == before


def test_who_is_pinned_is_known_by_the_certificate(folder, tmp_path):
    pin(folder, "20801.operator", certificate_of(tmp_path, "20801.operator"))
    pin(folder, "20801.centre", certificate_of(tmp_path, "20801.centre"))
    pins = Pins(folder)
    pins.reload()
    assert set(pins.peers.values()) == {REGISTER, Peer(Interface.CENTRE, "20801")}
    assert pins.names[REGISTER] == "20801.operator"


def test_two_certificates_of_one_party_hold_while_one_replaces_the_other(folder, tmp_path):
    for file, name in (("20801.operator", "20801.operator"), ("20801.operator.next", "new.20801")):
        pin(folder, file, certificate_of(tmp_path, name))
    pins = Pins(folder)
    pins.reload()
    assert list(pins.peers.values()) == [REGISTER, REGISTER]


def test_a_file_that_names_no_interface_is_refused(folder, tmp_path):
    pin(folder, "20801", certificate_of(tmp_path, "20801.operator"))
    with pytest.raises(KeyFolderError, match=r"PARTY[.]INTERFACE"):
        Pins(folder).reload()


def test_what_is_no_certificate_is_not_pinned(folder, tmp_path):
    file = tmp_path / "x.pem"
    file.write_text("no certificate", "ascii")
    with pytest.raises(KeyFolderError, match="holds no certificate"):
        pin(folder, "20801.operator", file)
    with pytest.raises(KeyFolderError, match="No such file"):
        pin(folder, "20801.operator", tmp_path / "missing.pem")
    assert not list((folder / pki.PINNED).iterdir())


def test_words_around_a_certificate_do_no_harm(folder, tmp_path):
    file = certificate_of(tmp_path, "20801.operator")
    file.write_text(f"Opérateur\n{file.read_text('ascii')}", "utf-8")
    pin(folder, "20801.operator", file)
    pins = Pins(folder)
    pins.reload()
    assert set(pins.peers.values()) == {REGISTER}


@pytest.mark.parametrize("names", [[], ["one", "another"]])
def test_a_certificate_of_nobody_or_of_several_is_not_pinned(folder, tmp_path, names):
    file = tmp_path / "x.pem"
    file.write_bytes(certificate_made_out_to(names))
    with pytest.raises(KeyFolderError, match="one common name"):
        pin(folder, "20801.operator", file)
    assert not list((folder / pki.PINNED).iterdir())


def test_a_folder_that_cannot_be_read_leaves_what_was_read(folder, tmp_path):
    pin(folder, "20801.operator", certificate_of(tmp_path, "20801.operator"))
    pins = Pins(folder)
    pins.reload()
    before = pins.server_context
    (folder / pki.PINNED / "20801.centre.pem").write_text("no certificate", "ascii")
    with pytest.raises(KeyFolderError, match=r"20801[.]centre"):
        pins.reload()
    assert pins.server_context is before


def test_a_key_that_is_not_of_the_certificate_is_refused(folder):
    certificate = (folder / pki.CERTIFICATE).read_text("ascii")
    write_identity(folder, make_identity("another"))
    (folder / pki.CERTIFICATE).write_text(certificate, "ascii")
    with pytest.raises(KeyFolderError, match="no usable key"):
        Pins(folder).reload()


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(KeyFolderError, match="file"):
        create_folder(tmp_path / "file" / "own", "x")


def test_a_site_whose_key_is_not_of_its_certificate_keeps_what_it_showed(folder):
    keys = pki.SiteKeys(folder)
    keys.reload()
    before = keys.server_context
    write_identity(folder, make_identity("another"))
    (folder / pki.CERTIFICATE).write_text(make_identity("third").certificate_pem, "ascii")
    with pytest.raises(KeyFolderError, match="no usable key"):
        keys.reload()
    assert keys.server_context is before
