"""Where everything stands in memory: nothing twice, no secret to be read, what a change voids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from impl.card import image
from impl.card.files import Access
from impl.card.memory import Area


def areas_of(value: object) -> Iterator[Area]:
    if isinstance(value, Area):
        yield value
    elif isinstance(value, image.PinPlaces | image.PairPlaces):
        parts = {"k", "opc"}  # of the key file
        yield from (getattr(value, name) for name in type(value).__slots__ if name not in parts)


def octets_of(area: Area) -> range:
    return range(area.address, area.address + area.size)


BESIDE_FILES = [
    area
    for name in dir(image)
    for value in (
        getattr(image, name) if isinstance(getattr(image, name), tuple) else (getattr(image, name),)
    )
    for area in areas_of(value)
]
IN_FILES = [area for file in image.OWN_FILES for area in file.areas]


def test_no_two_places_overlap_and_none_is_lost() -> None:
    spans = sorted({(area.address, area.size) for area in BESIDE_FILES + IN_FILES})
    ends = [address + size for address, size in spans]
    assert [start for start, _ in spans[1:]] == ends[:-1]
    assert ends[-1] == len(image.PLAN.blank_image())


def test_secrets_are_in_no_file_that_anybody_may_read() -> None:
    readable = [file for file in image.OWN_FILES if file.row.read is not Access.NEVER]
    in_files = {at for file in readable for area in file.areas for at in octets_of(area)}
    secrets = [image.ADMIN_CODE, image.KIC, image.KID]
    secrets += [area for pair in image.PAIRS for area in (pair.key, pair.k, pair.opc)]
    assert not in_files & {at for area in secrets for at in octets_of(area)}


def test_the_keys_are_parts_of_their_file() -> None:
    for pair, area in zip(image.PAIRS, image.KEY_FILE.areas, strict=True):
        assert pair.key == area
        assert [*octets_of(pair.k), *octets_of(pair.opc)] == [*octets_of(area)][1:]


def test_files_of_a_subscription_have_two_places_and_others_one() -> None:
    for file in image.OWN_FILES:
        assert len(file.areas) == (2 if file.row.paired else 1), file.row.name
    assert {0x6F07, 0x6FAD, 0x6F78, 0x6F42, 0x6F46, 0x6F40} <= set(image.PAIRED_FILES)


def test_files_of_a_location_are_not_of_a_subscription() -> None:
    names = {file.row.name for file in image.LOCATION_FILES}
    assert {"EF.LOCI", "EF.PSLOCI", "EF.EPSLOCI", "EF.Keys", "EF.KeysPS", "EF.Kc"} <= names
    assert not any(file.row.paired for file in image.LOCATION_FILES)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("7fff6f7e", "ffffffff ffffff0000 ff 01"),
        ("7f206f7e", "ffffffff ffffff0000 ff 01"),
        ("7fff6f73", "ffffffff ffffff ffffff0000 ff 01"),
        ("7fff6fe3", "ff" * 12 + "ffffff0000 01"),
        ("7fff6f08", "07" + "ff" * 32),
        ("7fff6f09", "07" + "ff" * 32),
        ("7fff5f3b4f20", "ff" * 8 + "07"),
        ("7f206f20", "ff" * 8 + "07"),
        ("7fff5f3b4f52", "ff" * 8 + "07"),
        ("7fff6f7b", "ff" * 12),
        ("7fff6f5b", "f00000 f00000"),
        ("7fff6fc4", "ff" * 46),
        ("7f206f74", "ff" * 16),
    ],
)
def test_a_right_order_leaves_nothing_of_where_the_card_was(
    server: Any, terminal: Any, path: str, content: str
) -> None:
    """As TS 31.102 annex E has the files before the first use."""
    expected = bytes.fromhex(content)
    terminal.update(path, bytes(len(expected)))
    server.order(server.replacement())
    terminal.serve()
    terminal.restart()
    assert terminal.read(path) == expected


def test_a_right_order_leaves_no_security_context_of_eps(server: Any, terminal: Any) -> None:
    terminal.ok("00a4080c047fff6fe4")
    terminal.ok("00dc010436" + bytes(54).hex())
    server.order(server.replacement())
    terminal.serve()
    terminal.restart()
    terminal.ok("00a4080c047fff6fe4")
    assert terminal.ok("00b2010436") == b"\xff" * 54
