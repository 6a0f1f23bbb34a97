"""The card application as it is installed: names that hold together, a load file in its form."""

from __future__ import annotations

from hashlib import sha256

from impl.codec.card_application import (
    INSTANCE,
    LOAD_FILE,
    LOAD_FILE_HASH,
    MODULE,
    PACKAGE,
    installation,
    removal,
)
from impl.codec.card_content import open_load_file
from impl.codec.ota_profile import CPA_TAR
from impl.codec.remote_command import decode_script, encode_script


def test_names_are_application_identifiers_of_one_provider() -> None:
    for name in (PACKAGE, MODULE, INSTANCE):
        assert 5 <= len(name) <= 16
        assert name[:5] == PACKAGE[:5]
    assert len({PACKAGE, MODULE, INSTANCE}) == 3


def test_the_instance_has_the_tar_under_which_packets_find_it() -> None:
    assert INSTANCE[11:14] == CPA_TAR


def test_the_load_file_is_a_header_component_with_the_packages_name() -> None:
    assert LOAD_FILE[0] == 1
    assert int.from_bytes(LOAD_FILE[1:3], "big") == len(LOAD_FILE) - 3
    assert LOAD_FILE[3:7].hex() == "decaffed"
    assert LOAD_FILE.endswith(bytes([len(PACKAGE)]) + PACKAGE)
    assert sha256(LOAD_FILE).digest() == LOAD_FILE_HASH


def test_both_scripts_can_be_written() -> None:
    for script in (installation(), removal()):
        assert decode_script(encode_script(script)) == script
    announce, block, install = installation()
    assert LOAD_FILE_HASH in announce.data
    assert open_load_file(block.data) == LOAD_FILE
    assert INSTANCE in install.data
