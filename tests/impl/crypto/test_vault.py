"""What is sealed opens only for what it belongs to, under its key, unaltered."""

import os

import pytest

from impl.crypto.vault import UnsealError, Vault
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


@pytest.mark.parametrize("at", [0, 1, 13, -1])
def test_it_does_not_open_altered_or_cut_short(at):
    sealed = bytearray(vault().seal(b"x", "card 1"))
    sealed[at] ^= 1
    with pytest.raises(UnsealError):
        vault().unseal(bytes(sealed), "card 1")
    with pytest.raises(UnsealError):
        vault().unseal(bytes(sealed[: at % 12]), "card 1")


def test_one_that_is_fresh_opens_what_it_sealed_and_no_other_does():
    one = Vault.fresh(os.urandom)
    sealed = one.seal(b"x", "card 1")
    assert one.unseal(sealed, "card 1") == b"x"
    with pytest.raises(UnsealError):
        Vault.fresh(os.urandom).unseal(sealed, "card 1")


def test_a_key_of_another_length_is_refused():
    with pytest.raises(UnencodableError):
        vault(Secret(bytes(16)))


def test_after_a_new_key_what_is_under_the_old_one_opens_and_what_is_sealed_needs_the_new_one():
    old, new = Secret(bytes(32)), Secret(b"\1" * 32)
    sealed = vault(old).seal(b"x", "card 1")
    both = vault({1: old, 2: new})
    assert both.unseal(sealed, "card 1") == b"x"
    assert not both.is_newest(sealed)
    again = both.reseal(sealed, "card 1")
    assert both.is_newest(again)
    assert vault({2: new}).unseal(again, "card 1") == b"x"
    with pytest.raises(UnsealError, match="a key that is not there"):
        vault(old).unseal(again, "card 1")


def test_what_belongs_to_another_is_not_sealed_anew():
    with pytest.raises(UnsealError):
        vault().reseal(vault().seal(b"x", "card 1"), "card 2")


@pytest.mark.parametrize("keys", [{}, {0: KEY}, {256: KEY}, {1: KEY, 2: Secret(bytes(31))}])
def test_versions_are_one_octet_and_all_keys_have_their_length(keys):
    with pytest.raises(UnencodableError):
        vault(keys)
