"""What is sealed opens only for what it belongs to, under its key, unaltered."""

import pytest

from impl.application_server.vault import UnsealError, Vault
from impl.errors import UnencodableError
from impl.values import Secret

KEY = Secret(bytes(32))


def vault(key=KEY):
    counter = iter(range(1000))
    return Vault(key, lambda size: next(counter).to_bytes(size, "big"))


def test_what_was_sealed_opens():
    opened = vault()
    assert opened.unseal(opened.seal(b"admin code", "card 1"), "card 1") == b"admin code"


def test_the_plain_octets_do_not_show():
    assert b"admin code" not in vault().seal(b"admin code", "card 1")


def test_the_same_is_never_sealed_the_same_twice():
    sealing = vault()
    assert sealing.seal(b"x", "card 1") != sealing.seal(b"x", "card 1")


@pytest.mark.parametrize("belongs_to", ["card 2", ""])
def test_it_does_not_open_for_another_owner(belongs_to):
    with pytest.raises(UnsealError):
        vault().unseal(vault().seal(b"x", "card 1"), belongs_to)


def test_it_does_not_open_under_another_key():
    with pytest.raises(UnsealError):
        vault(Secret(b"\1" * 32)).unseal(vault().seal(b"x", "card 1"), "card 1")


@pytest.mark.parametrize("at", [0, 12, -1])
def test_it_does_not_open_altered_or_cut_short(at):
    sealed = bytearray(vault().seal(b"x", "card 1"))
    sealed[at] ^= 1
    with pytest.raises(UnsealError):
        vault().unseal(bytes(sealed), "card 1")
    with pytest.raises(UnsealError):
        vault().unseal(bytes(sealed[: at % 12]), "card 1")


def test_a_key_of_another_length_is_refused():
    with pytest.raises(UnencodableError):
        vault(Secret(bytes(16)))
