"""Where everything stands in memory: nothing twice, nothing secret in a file."""

from __future__ import annotations

from collections.abc import Iterator

from impl.card import image
from impl.card.memory import Area


def areas_of(value: object) -> Iterator[Area]:
    if isinstance(value, Area):
        yield value
    elif isinstance(value, image.PinPlaces | image.PairPlaces):
        yield from (getattr(value, name) for name in type(value).__slots__)


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


def test_secrets_are_in_no_file() -> None:
    in_files = {(area.address, area.size) for area in IN_FILES}
    secrets = [image.ADMIN_CODE, image.KIC, image.KID]
    secrets += [area for pair in image.PAIRS for area in (pair.k, pair.opc)]
    assert not in_files & {(area.address, area.size) for area in secrets}


def test_files_of_a_subscription_have_two_places_and_others_one() -> None:
    for file in image.OWN_FILES:
        assert len(file.areas) == (2 if file.row.paired else 1), file.row.name
    assert {0x6F07, 0x6FAD, 0x6F78, 0x6F42, 0x6F46, 0x6F40} <= set(image.PAIRED_FILES)


def test_files_of_a_location_are_not_of_a_subscription() -> None:
    names = {file.row.name for file in image.LOCATION_FILES}
    assert {"EF.LOCI", "EF.PSLOCI", "EF.EPSLOCI", "EF.Keys", "EF.KeysPS", "EF.Kc"} <= names
    assert not any(file.row.paired for file in image.LOCATION_FILES)
