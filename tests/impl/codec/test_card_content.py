"""Commands on card content: INSTALL, LOAD, DELETE."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.apdu import CommandApdu
from impl.codec.card_content import (
    InstallForInstall,
    InstallForLoad,
    delete,
    install,
    load,
    open_delete,
    open_load_file,
)
from impl.errors import MalformedError, UnencodableError

Octets = st.binary(max_size=40)


@given(st.builds(InstallForLoad, *[Octets] * 5))
def test_install_for_load_comes_back_as_it_went(order: InstallForLoad) -> None:
    assert InstallForLoad.decode(order.encode()) == order


@given(st.builds(InstallForInstall, *[Octets] * 6))
def test_install_for_install_comes_back_as_it_went(order: InstallForInstall) -> None:
    assert InstallForInstall.decode(order.encode()) == order


def test_install_says_what_for() -> None:
    command = install(InstallForLoad(b"\xa0\0", b"", b"\1"))
    assert command.encode().hex() == "80e602000802a0000001010000"
    command = install(InstallForInstall(b"\1", b"\2", b"\3", b"\0"))
    assert (command.p1, command.data.hex()) == (0x0C, "01010102010301000000")


@given(st.binary(min_size=1, max_size=1000))
def test_a_load_file_goes_in_numbered_blocks(load_file: bytes) -> None:
    blocks = load(load_file)
    assert [block.p2 for block in blocks] == list(range(len(blocks)))
    assert [block.p1 for block in blocks] == [0] * (len(blocks) - 1) + [0x80]
    assert open_load_file(b"".join(block.data for block in blocks)) == load_file


def test_a_load_file_of_too_many_blocks_is_not_written() -> None:
    with pytest.raises(UnencodableError):
        load(bytes(256 * 255))


@pytest.mark.parametrize("blocks", [b"", b"\xc4", b"\xc4\x01", b"\xc5\x01\0", b"\xc4\0\xc4\0"])
def test_what_is_no_load_file_is_refused(blocks: bytes) -> None:
    with pytest.raises(MalformedError):
        open_load_file(blocks)


@pytest.mark.parametrize("and_related", [False, True])
def test_delete_names_an_object(and_related: bool) -> None:  # noqa: FBT001 - a parameter
    command = delete(b"\xa0\1", and_related=and_related)
    assert command.data.hex() == "4f02a001"
    assert open_delete(command) == (b"\xa0\1", and_related)


@pytest.mark.parametrize(
    ("p1", "p2", "data"),
    [(0, 0, ""), (0, 0, "4f"), (0, 0, "5001a0"), (0, 0, "4f01a04f01a0"), (1, 0, "4f01a0")],
)
def test_what_names_no_object_is_refused(p1: int, p2: int, data: str) -> None:
    with pytest.raises(MalformedError):
        open_delete(CommandApdu(0x80, 0xE4, p1, p2, bytes.fromhex(data)))
    with pytest.raises(MalformedError):
        open_delete(CommandApdu(0x80, 0xE4, 0, 0x40, b"\x4f\x01\xa0"))
