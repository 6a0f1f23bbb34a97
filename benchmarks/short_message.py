"""SMS-DELIVER TPDUs a second, with concatenation and command packet headers and 120 octets.

The floor is bare code that works field by field on octets, as clause 9.2.2.1 of TS 23.040 lists
them: it appends each, digit by digit where they are digits, reads each into a dict by its name, and
checks nothing. The bound has no fields at all: what can be sliced and translated for this one
message is. pycrate runs beside them.
"""

from __future__ import annotations

from typing import Any

from measure import compare, show
from pycrate_mobile.TS23040_SMS import SMS_DELIVER

from impl.codec.address import Address
from impl.codec.concatenation import Reassembler, UserData, split
from impl.codec.short_message import Deliver, InformationElement

SWAPPED = bytes((octet << 4 | octet >> 4) & 0xFF for octet in range(256))
TIMESTAMP = bytes.fromhex("62101200000000")
SENDER = "33609001000"
HEADER = (InformationElement(0x00, b"\x05\x03\x01"), InformationElement(0x70, b""))
DATA = bytes(range(120))
PACKET = bytes(index % 251 for index in range(390))
COMMAND = InformationElement(0x70, b"")

Header = tuple[tuple[int, bytes], ...]


def floor_encode(sender: str, header: Header, data: bytes) -> bytes:
    """Append each field."""
    octets = bytearray()
    octets.append(0x44)  # TP-MTI, TP-MMS, TP-UDHI
    octets.append(len(sender))
    octets.append(0x91)
    for at in range(0, len(sender) - 1, 2):
        octets.append(int(sender[at + 1]) << 4 | int(sender[at]))
    if len(sender) % 2:
        octets.append(0xF0 | int(sender[-1]))
    octets.append(0x7F)  # TP-PID
    octets.append(0xF6)  # TP-DCS
    octets += TIMESTAMP
    elements = bytearray()
    for tag, value in header:
        elements.append(tag)
        elements.append(len(value))
        elements += value
    octets.append(1 + len(elements) + len(data))
    octets.append(len(elements))
    octets += elements
    octets += data
    return bytes(octets)


def floor_decode(octets: bytes) -> dict[str, Any]:
    """Read each field."""
    fields: dict[str, Any] = {"first": octets[0], "type": octets[2]}
    digits = []
    at = 3
    for _ in range(octets[1] // 2):
        digits.append(str(octets[at] & 0xF))
        digits.append(str(octets[at] >> 4))
        at += 1
    if octets[1] % 2:
        digits.append(str(octets[at] & 0xF))
        at += 1
    fields["sender"] = "".join(digits)
    fields["pid"] = octets[at]
    fields["dcs"] = octets[at + 1]
    fields["timestamp"] = octets[at + 2 : at + 9]
    at += 10
    end = at + 1 + octets[at]
    fields["header"] = header = []
    at += 1
    while at < end:
        size = octets[at + 1]
        header.append((octets[at], octets[at + 2 : at + 2 + size]))
        at += 2 + size
    fields["data"] = octets[end:]
    return fields


def bound_encode(sender: str, header: Header, data: bytes) -> bytes:
    """Write the message in as few calls as there can be."""
    digits = sender if len(sender) % 2 == 0 else sender + "f"
    elements = b"".join([bytes((tag, len(value))) + value for tag, value in header])
    return b"".join(
        (
            bytes((0x44, len(sender), 0x91)),
            bytes.fromhex(digits).translate(SWAPPED),
            b"\x7f\xf6",
            TIMESTAMP,
            bytes((1 + len(elements) + len(data), len(elements))),
            elements,
            data,
        )
    )


def bound_decode(octets: bytes) -> tuple[Any, ...]:
    """Read the message in as few calls as there can be."""
    count = octets[1]
    at = 3 + (count + 1) // 2
    sender = octets[3:at].translate(SWAPPED).hex()[:count]
    end = at + 11 + octets[at + 10]
    header = []
    start = at + 11
    while start < end:
        following = start + 2 + octets[start + 1]
        header.append((octets[start], octets[start + 2 : following]))
        start = following
    return octets[0], sender, octets[at], octets[at + 1], octets[at + 2 : at + 9], header


def floor_split(packet: bytes) -> list[bytes]:
    """Cut a packet in three and write each part."""
    parts = []
    for number, (at, end) in enumerate(((0, 132), (132, 266), (266, 390)), 1):
        concatenation = (0x00, bytes((5, 3, number)))
        header = (concatenation, (0x70, b"")) if number == 1 else (concatenation,)
        parts.append(floor_encode(SENDER, header, packet[at:end]))
    return parts


def floor_join(parts: list[bytes]) -> bytes:
    """Read three parts and put their octets together."""
    found = {}
    for part in parts:
        fields = floor_decode(part)
        found[fields["header"][0][1][2]] = fields["data"]
    return b"".join([found[number] for number in sorted(found)])


def our_split(packet: bytes) -> list[bytes]:
    """Cut a packet and write each part, as a short message centre and a server do together."""
    return [
        Deliver(Address(SENDER), part.octets, 0x7F, 0xF6, TIMESTAMP, part.header).encode()
        for part in split(packet, COMMAND, 5)
    ]


def our_join(parts: list[bytes]) -> UserData | None:
    """Read parts and put their octets together, as a card does."""
    reassembler, whole = Reassembler(), None
    for part in parts:
        message = Deliver.decode(part)
        whole = reassembler.add(message.originator, message.content)
    return whole


def pycrate_decode(octets: bytes) -> dict[str, Any]:
    """Read the TPDU with pycrate."""
    message = SMS_DELIVER()
    message.from_bytes(octets)
    return dict(message.get_val_d())


def main() -> None:
    """Print the ratios."""
    octets = floor_encode(SENDER, HEADER, DATA)
    message = Deliver(Address(SENDER), DATA, 0x7F, 0xF6, TIMESTAMP, HEADER)
    assert message.encode() == octets == bound_encode(SENDER, HEADER, DATA)
    assert Deliver.decode(octets) == message
    values = pycrate_decode(octets)
    assert SMS_DELIVER(val=values).to_bytes() == octets
    parts = our_split(PACKET)
    joined = our_join(parts)
    assert parts == floor_split(PACKET)
    assert joined is not None
    assert joined.octets == floor_join(parts) == PACKET
    timings = compare(
        {
            "encode": message.encode,
            "encode floor": lambda: floor_encode(SENDER, HEADER, DATA),
            "encode bound": lambda: bound_encode(SENDER, HEADER, DATA),
            "encode pycrate": lambda: SMS_DELIVER(val=values).to_bytes(),
            "decode": lambda: Deliver.decode(octets),
            "decode floor": lambda: floor_decode(octets),
            "decode bound": lambda: bound_decode(octets),
            "decode pycrate": lambda: pycrate_decode(octets),
            "split 390 octets in 3": lambda: our_split(PACKET),
            "split floor": lambda: floor_split(PACKET),
            "join 3 parts": lambda: our_join(parts),
            "join floor": lambda: floor_join(parts),
        }
    )
    for name, floor, target in (
        ("encode", "encode floor", 0.5),
        ("encode", "encode bound", None),
        ("encode", "encode pycrate", 80),
        ("decode", "decode floor", 0.4),
        ("decode", "decode bound", None),
        ("decode", "decode pycrate", 80),
        ("split 390 octets in 3", "split floor", None),
        ("join 3 parts", "join floor", None),
    ):
        show(name, timings, name, floor, target)


if __name__ == "__main__":
    main()
