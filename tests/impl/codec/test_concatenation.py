"""Tests of splitting and reassembly, in the orders and with the losses that happen."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.address import Address
from impl.codec.concatenation import Part, Reassembler, part_of, split
from impl.codec.user_data import InformationElement, UserData, encode_header
from impl.errors import UnencodableError

VECTORS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "sms_concat_ota.yaml").read_bytes(),
    yaml.CSafeLoader,
)["vectors"]
COMMAND = InformationElement(0x70)
SERVER = Address("33609001000")
OTHER = Address("33709001000")
PACKET = bytes(range(256)) + bytes(44)

each_vector = pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["id"])


def whole_of(parts: list[UserData]) -> UserData | None:
    reassembler = Reassembler()
    return [reassembler.add(SERVER, part) for part in parts][-1]


@each_vector
def test_a_packet_of_the_vectors_is_split_as_there(case: dict[str, Any]) -> None:
    parts = split(
        bytes.fromhex(case["command_packet"]),
        COMMAND,
        case["reference"] or 0,
        wide=case["reference_bits"] == 16,
    )
    assert [part.encode().hex() for part in parts] == case["tp_ud"]


@each_vector
def test_the_parts_of_the_vectors_make_the_packet_in_every_order(case: dict[str, Any]) -> None:
    parts = [UserData.decode(bytes.fromhex(each), has_header=True) for each in case["tp_ud"]]
    packet = bytes.fromhex(case["command_packet"])
    for order in itertools.permutations(parts):
        assert whole_of(list(order)) == UserData((COMMAND,), packet)


@given(st.binary(max_size=900), st.integers(0, 255), st.booleans(), st.randoms(), st.data())
def test_what_was_split_is_put_together(
    packet: bytes,
    reference: int,
    wide: bool,  # noqa: FBT001 - hypothesis names its arguments
    random: Any,
    data: st.DataObject,
) -> None:
    limit = data.draw(st.integers(20, 140))
    parts = split(packet, COMMAND, reference, wide=wide, limit=limit)
    assert all(len(part.encode()) <= limit for part in parts)
    random.shuffle(parts)
    assert whole_of(parts) == UserData((COMMAND,), packet)


def test_what_fits_in_one_message_is_not_split() -> None:
    assert split(PACKET[:137], COMMAND, 1) == [UserData((COMMAND,), PACKET[:137])]
    assert [len(part.octets) for part in split(PACKET[:138], COMMAND, 1)] == [132, 6]


def test_a_part_that_comes_twice_counts_once() -> None:
    first, second, third = split(PACKET, COMMAND, 1)
    reassembler = Reassembler()
    assert reassembler.add(SERVER, first) is None
    assert reassembler.add(SERVER, first) is None
    assert reassembler.add(SERVER, third) is None
    assert reassembler.add(SERVER, second) == UserData((COMMAND,), PACKET)


def test_a_complete_message_is_delivered_once() -> None:
    parts = split(PACKET, COMMAND, 1)
    reassembler = Reassembler()
    delivered = [reassembler.add(SERVER, part) for part in parts + parts]
    assert [whole is not None for whole in delivered] == [False, False, True, *[False] * 3]


def test_a_message_that_lacks_a_part_is_never_delivered() -> None:
    first, _, third = split(PACKET, COMMAND, 1)
    assert whole_of([first, third, first, third]) is None


def test_a_reference_may_be_used_again_for_another_message() -> None:
    other = bytes(reversed(PACKET))
    complete = split(PACKET, COMMAND, 1) + split(other, COMMAND, 1)
    assert whole_of(complete) == UserData((COMMAND,), other)
    given_up = split(PACKET, COMMAND, 1)[:2] + split(other, COMMAND, 1)
    assert whole_of(given_up) == UserData((COMMAND,), other)


def test_messages_of_senders_and_widths_are_kept_apart() -> None:
    other = bytes(reversed(PACKET))
    streams = [
        (SERVER, split(PACKET, COMMAND, 1)),
        (OTHER, split(other, COMMAND, 1)),
        (SERVER, split(other, COMMAND, 1, wide=True)),
    ]
    reassembler = Reassembler()
    wholes = [
        reassembler.add(sender, parts[number]) for number in range(3) for sender, parts in streams
    ]
    assert [whole.octets for whole in wholes if whole] == [PACKET, other, other]


def test_a_reference_used_again_pushes_out_no_other_message() -> None:
    reassembler = Reassembler(capacity=2)
    waiting, given_up = (split(PACKET, COMMAND, reference) for reference in range(2))
    other = split(bytes(reversed(PACKET)), COMMAND, 1)
    for part in (waiting[0], given_up[0], other[0], waiting[1]):
        assert reassembler.add(SERVER, part) is None
    assert reassembler.add(SERVER, waiting[2]) == UserData((COMMAND,), PACKET)


def test_more_messages_than_there_is_room_for_push_out_the_oldest() -> None:
    reassembler = Reassembler(capacity=2)
    streams = [split(PACKET, COMMAND, reference) for reference in range(3)]
    for parts in streams:
        reassembler.add(SERVER, parts[0])
    finished = [
        [reassembler.add(SERVER, part) for part in parts[1:]][-1] for parts in reversed(streams)
    ]
    assert [whole is not None for whole in finished] == [True, True, False]


def test_senders_that_repeat_the_element_or_turn_it_round_are_understood() -> None:
    parts = split(PACKET, COMMAND, 1)
    repeated = [
        UserData((COMMAND, *(each for each in part.header if each != COMMAND)), part.octets)
        for part in parts
    ]
    assert whole_of(repeated) == UserData((COMMAND,), PACKET)


def test_a_first_part_that_does_not_say_what_it_is_makes_a_whole_that_does_not() -> None:
    first, *others = split(PACKET, COMMAND, 1)
    silent = UserData(tuple(each for each in first.header if each != COMMAND), first.octets)
    assert whole_of([silent, *others]) == UserData((), PACKET)


def test_a_message_that_is_no_part_is_whole() -> None:
    alone = UserData((COMMAND,), b"packet")
    assert whole_of([alone]) == alone
    assert whole_of([UserData((), b"text")]) == UserData((), b"text")


@pytest.mark.parametrize(
    ("identifier", "data"),
    [(0x00, "010000"), (0x00, "010203"), (0x00, "0101"), (0x08, "010201"), (0x00, "01010100")],
    ids=["total 0", "beyond the total", "too short", "of the other width", "too long"],
)
def test_an_element_without_sense_is_ignored(identifier: int, data: str) -> None:
    element = InformationElement(identifier, bytes.fromhex(data))
    assert part_of((element,)) is None
    assert whole_of([UserData((element,), b"x")]) == UserData((element,), b"x")


@given(st.integers(0, 65535), st.integers(1, 255), st.data())
def test_an_element_is_read_as_it_was_written(
    reference: int, total: int, data: st.DataObject
) -> None:
    part = Part(reference, wide=True, total=total, number=data.draw(st.integers(1, total)))
    assert part_of((COMMAND, part.element())) == part
    narrow = part._replace(reference=reference % 256, wide=False)
    assert part_of((COMMAND, narrow.element())) == narrow
    earlier = Part(1, wide=False, total=1, number=1).element()
    assert part_of((earlier, part.element())) == part


def test_an_octet_of_room_is_enough() -> None:
    least = len(encode_header((Part(1, wide=False, total=2, number=1).element(), COMMAND))) + 1
    first, *others = split(PACKET, COMMAND, 1, limit=least)
    assert [len(part.octets) for part in (first, *others[:2])] == [1, 3, 3]
    with pytest.raises(UnencodableError):
        split(PACKET, COMMAND, 1, limit=least - 1)


@pytest.mark.parametrize(
    ("size", "reference", "limit"),
    [(255 * 134, 1, 140), (200, 256, 140), (200, -1, 140), (9, 1, 8)],
)
def test_what_no_parts_can_carry_is_refused(size: int, reference: int, limit: int) -> None:
    assert len(split(bytes(255 * 134 - 2), COMMAND, 1)) == 255
    with pytest.raises(UnencodableError):
        split(bytes(size), COMMAND, reference, limit=limit)
