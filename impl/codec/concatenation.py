"""Messages longer than a short message: TS 23.040 clauses 9.2.3.24.1 and 9.2.3.24.8, release 17.

A secured packet is split whole: the first part has the element that says what it is beside the one
of concatenation, the others have that one only (TS 31.115 clause 4.4). Senders exist that repeat it
in each part or turn the two round; the receiving end takes both.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, NamedTuple

from impl.codec.address import Address
from impl.codec.user_data import LONGEST, InformationElement, UserData, encode_header
from impl.errors import UnencodableError

__all__ = ["InformationElement", "Part", "Reassembler", "UserData", "part_of", "split"]

_NARROW: Final = 0x00
_WIDE: Final = 0x08
_BOTH: Final = (_NARROW, _WIDE)
_MOST_PARTS: Final = 255


class Part(NamedTuple):
    """What a concatenation element says: the `number`-th of `total`, from 1."""

    reference: int
    wide: bool
    """Whether the reference has 16 bits instead of 8."""
    total: int
    number: int

    def element(self) -> InformationElement:
        """Return the element; UnencodableError if a number does not fit."""
        try:
            reference = self.reference.to_bytes(2 if self.wide else 1, "big")
            data = reference + bytes((self.total, self.number))
        except (OverflowError, ValueError):
            raise UnencodableError("concatenation", "a number does not fit") from None
        return InformationElement(_WIDE if self.wide else _NARROW, data)


def part_of(header: tuple[InformationElement, ...]) -> Part | None:
    """Return what the header says of concatenation, or None.

    Elements without sense (number 0, or beyond the total) are to be ignored; of several, the last
    counts (clauses 9.2.3.24 and 9.2.3.24.1).
    """
    for identifier, data in reversed(header):
        if (identifier, len(data)) not in ((_NARROW, 3), (_WIDE, 4)):
            continue
        total, number = data[-2:]
        if 1 <= number <= total:
            reference = int.from_bytes(data[:-2], "big")
            return Part(reference, identifier == _WIDE, total, number)
    return None


def split(
    packet: bytes,
    first: InformationElement,
    reference: int,
    *,
    wide: bool = False,
    limit: int = LONGEST,
) -> list[UserData]:
    """Return the user data of the short messages that carry `packet`, in order.

    `first` says what the packet is. `limit` is how many octets, headers and all, one message takes.

    Raises:
        UnencodableError: 255 parts are not enough, or the limit leaves a part no room.
    """
    if len(encode_header((first,))) + len(packet) <= limit:
        return [UserData((first,), packet)]
    sample = Part(reference, wide, total=1, number=1).element()
    room = limit - len(encode_header((sample,)))
    room_in_first = limit - len(encode_header((sample, first)))
    if room_in_first < 1:
        raise UnencodableError("concatenation", f"{limit} octets leave a part no room")
    starts = (0, *range(room_in_first, len(packet), room))
    if len(starts) > _MOST_PARTS:
        raise UnencodableError("concatenation", f"{len(packet)} octets need {len(starts)} parts")
    pieces = [packet[at:end] for at, end in zip(starts, (*starts[1:], None), strict=True)]
    parts = []
    for number, piece in enumerate(pieces, 1):
        element = Part(reference, wide, len(pieces), number).element()
        parts.append(UserData((element, first) if number == 1 else (element,), piece))
    return parts


@dataclass(slots=True)
class _Message:
    """Parts that came so far; when all did, it stays, so as to know late duplicates."""

    parts: dict[int, UserData]
    is_delivered: bool = False


class Reassembler:
    """Puts parts together again, in whatever order they come and however often.

    It holds `capacity` messages; one more makes it forget the one that it heard of first.
    """

    def __init__(self, capacity: int = 8) -> None:
        self._capacity = capacity
        self._messages: OrderedDict[tuple[Address | str, int, bool, int], _Message] = OrderedDict()

    def add(self, sender: Address | str, user_data: UserData) -> UserData | None:
        """Take a short message; return the whole that it completes, else None.

        The whole has the header of the first part, without the element of concatenation. A message
        that is no part is whole as it is. A part that came before is ignored; one that contradicts
        it begins another message, since senders use references again.
        """
        part = part_of(user_data.header)
        if part is None:
            return user_data
        message = self._message_of(sender, part, user_data)
        message.parts[part.number] = user_data
        if message.is_delivered or len(message.parts) < part.total:
            return None
        message.is_delivered = True
        header = tuple(each for each in message.parts[1].header if each.identifier not in _BOTH)
        octets = [message.parts[number].octets for number in range(1, part.total + 1)]
        return UserData(header, b"".join(octets))

    def take_back(self, sender: Address | str, user_data: UserData) -> None:
        """Forget the short message that `add` took last: it could not be kept, and comes again."""
        part = part_of(user_data.header)
        if part is None:
            return
        message = self._messages[sender, part.reference, part.wide, part.total]
        del message.parts[part.number]
        message.is_delivered = False

    def _message_of(self, sender: Address | str, part: Part, user_data: UserData) -> _Message:
        key = (sender, part.reference, part.wide, part.total)
        message = self._messages.get(key)
        if message and message.parts.get(part.number, user_data) == user_data:
            return message
        self._messages.pop(key, None)
        while len(self._messages) >= self._capacity:
            self._messages.popitem(last=False)
        message = self._messages[key] = _Message({})
        return message
