"""COMP128, A3 and A8 of GSM as cards have them who know nothing later: versions 1, 2 and 3.

No standard describes them: TS 43.020 leaves A3 and A8 to the operator. What the tables hold was
published by those who found it out (version 1 in 1998, versions 2 and 3 in 2013), and the vectors
come from real cards. Version 1 gives its Ki away to who asks a card some ten thousand times; it is
here because cards of GSM networks have it, and for nobody who can choose.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from impl.errors import UnencodableError
from impl.values import Secret

_SIZE: Final = 16
_ROUNDS: Final = 8
_LEVELS: Final = 5
_WEAK_BITS: Final = 10
"""Of Kc, which versions 1 and 2 leave zero."""


class GsmAnswer(NamedTuple):
    """What A3 and A8 make of RAND: SRES 4 octets, Kc 8."""

    sres: bytes
    kc: bytes


def comp128v1(ki: Secret, rand: bytes) -> GsmAnswer:
    """Return SRES and Kc, 54 bits of which are not zero.

    Raises:
        UnencodableError: Ki or RAND is not 16 octets.
    """
    _check(ki, rand)
    nibbles = _compress(ki.reveal() + rand)
    for _ in range(_ROUNDS - 1):
        nibbles = _compress(ki.reveal() + _permute(nibbles))
    output = int(_digits(nibbles), 16)
    kc = (output & (1 << 64 - _WEAK_BITS) - 1) << _WEAK_BITS
    return GsmAnswer((output >> 96).to_bytes(4, "big"), kc.to_bytes(8, "big"))


def comp128v2(ki: Secret, rand: bytes) -> GsmAnswer:
    """Return what version 3 does, but for the last 10 bits of Kc; errors as for `comp128v1`."""
    sres, kc = comp128v3(ki, rand)
    weak = int.from_bytes(kc, "big") >> _WEAK_BITS << _WEAK_BITS
    return GsmAnswer(sres, weak.to_bytes(8, "big"))


def comp128v3(ki: Secret, rand: bytes) -> GsmAnswer:
    """Return SRES and Kc of 64 bits; errors as for `comp128v1`."""
    _check(ki, rand)
    state = rand[::-1]
    key = bytes(a ^ b for a, b in zip(ki.reveal()[::-1], state, strict=True))
    for _ in range(_ROUNDS):
        state = _select(_mix(state, key))
    output = state[::-1]
    return GsmAnswer(output[:4], output[8:])


# Version 1


def _compress(octets: bytes) -> list[int]:
    """Return 32 numbers of 4 bits: a butterfly of five levels over as many octets."""
    values = list(octets)
    for level, table in enumerate(_COMPRESSION):
        half, modulus = _SIZE >> level, len(table)
        for first in range(2 * _SIZE):
            if first & half:
                continue
            a, b = values[first], values[first + half]
            values[first] = table[(a + 2 * b) % modulus]
            values[first + half] = table[(2 * a + b) % modulus]
    return values


def _permute(nibbles: list[int]) -> bytes:
    """Return the 128 bits as the next RAND: bit i of it is bit 17 i modulo 128."""
    bits = f"{int(_digits(nibbles), 16):0128b}"
    permuted = "".join(bits[17 * index % 128] for index in range(128))
    return int(permuted, 2).to_bytes(_SIZE, "big")


def _digits(nibbles: list[int]) -> str:
    return "".join(f"{nibble:x}" for nibble in nibbles)


# Versions 2 and 3


def _mix(state: bytes, key: bytes) -> bytes:
    """Return 32 octets: five levels, after each of which blocks of one size alternate."""
    left, right = state, key
    for level in range(_LEVELS):
        first = bytes(_OUTER[_INNER[b] ^ a] for a, b in zip(left, right, strict=True))
        second = bytes(_OUTER[_INNER[a] ^ b] for a, b in zip(first, right, strict=True))
        size = 1 << level
        blocks = (slice(at, at + size) for at in range(0, _SIZE, size))
        mixed = b"".join(first[block] + second[block] for block in blocks)
        left, right = mixed[:_SIZE], mixed[_SIZE:]
    return left + right


def _select(octets: bytes) -> bytes:
    """Return half of 256 bits, both counted from the lowest: bit t is bit 19 (t + 1) modulo 256."""
    bits = int.from_bytes(octets, "little")
    chosen = sum((bits >> 19 * (index + 1) % 256 & 1) << index for index in range(128))
    return chosen.to_bytes(_SIZE, "little")


def _check(ki: Secret, rand: bytes) -> None:
    for name, size in (("Ki", len(ki)), ("RAND", len(rand))):
        if size != _SIZE:
            raise UnencodableError(name, f"must be {_SIZE} octets, is {size}")


_FIRST_HALF: Final = bytes.fromhex(
    "66b1baa2029c704b3719080cfbc1f6bc6dd597352a4fbf73e9f2a4dfd1946ca1"
    "fc25f42f40d306edb9a08b714c8a3b46431a0d9d3fb3dd1ed624a645987ccf74"
    "f7c229544701310e5f23a915604ed7e1b6f31c5cc976044af880110b9284f530"
    "955a782757e66ae8af137ebeca8d89b0fa1b6528dbe33a1433b262d88c162079"
    "3d67cb481d6e55d4b4cc96b70f42acc438c59e00642d990790dea3a73c87d2e7"
    "aea526f9e022dce5d9d0f144cebd7dffef36a8597b7a499175ea8f6381c8c052"
    "68aa88eb5d51cdadec5e69342ee4c60539fe619b8e85c7abbb3241b57f6b93e2"
    "b8da83214d561f2c583eee12182b9a17509f866f0972035b1082530ac3f0fd77"
)
_COMPRESSION: Final = (
    # The second half of the first table is the first with neighbours exchanged.
    _FIRST_HALF + bytes(_FIRST_HALF[index ^ 1] for index in range(256)),
    bytes.fromhex(
        "130b50722b01455e27127f756103552b1b7c46532f473f0a2f594f040e3b0b05"
        "236b67441556245b557e20326d5e7806354f1c2d635f292258445d376e7d6914"
        "5a504c60173c594079380e4a6508134e4c42682e6f32200327003a195c161233"
        "39417774166d07563b5d3e6e4e634d430c71576266055821263817084b2d0d4b"
        "5f3f1c317b7814702c1e0f626a02671d526b2a7c181e29106c64752849280772"
        "527324700c6664545c3048610936374a717b111a353a0409457a15762a3c1b49"
        "767d220f417354403e514601186f79536851317f30691f0a065b57251036747e"
        "1f260d00486a4d3d1a432e1d60253d3465112c6c473442392133195a02777a23"
    ),
    bytes.fromhex(
        "34322c061531293b27331920332f342b250428223d0c1c043a17080f0c160912"
        "370a212332012b03390d3e0e072a2c3b3e391b06081f1a3629162d1427031038"
        "3002151c242a3c212212000b180a113d1d0e2d1a372e0b11362e09181e3c2000"
        "1426021e3a230110382817300d13131b1f352f263f0f3105253519243f1d0507"
    ),
    bytes.fromhex(
        "01051d0619011217111300091819061f1c14181e041b030d0f100e1204030809"
        "14000c1a15081c021d020f070b160e0a11150c1e1a1b101f0b070d170a051613"
    ),
    bytes.fromhex("0f0c0a04010e0b0705000e0701020d080a03040906000302050608090b0d0f0c"),
)
_OUTER: Final = bytes.fromhex(
    "c5eb3c9762600364f8762a75acd3b5cb3d7e9c5795e03784ba3feeff55539821"
    "a0b8d2db9f0bb4c282d49305d75c1b2e71bb3419b94fdd30461f650fc3c932de"
    "89e9e56a7ab7b2b190cfeab625fee3e736d18541ca45eddcbd927844157d261e"
    "029b35c4aeb033f6a74c6e145279677038ad31d9fc0072e47b0c5da1fde8f0af"
    "4380169e59124d6dbe113e0499a33b918a074acd0aa2502d686f96d69a1cbfa9"
    "d558c1c6c8f527a47c544e01bcaa1756e28d2006837fc728871039475be1a8f2"
    "ce61a62c0e5aecefe6f4df6c667794fb1dd80809f9d018695e22405f734886cc"
    "2bf7f3da2f3a496bf1b37442248f51fa8b130d8e8c81c063ab9d88294b23a51a"
)
_INNER: Final = bytes.fromhex(
    "aa2a5f8d6d1e47591a93e7cdefd47c81d84f0fb9990efba200f1acc52b0ac2eb"
    "0614482d8f68a177298826bd87195d12e0abfcc33f133aa5173785fed690dcb2"
    "9c346ee161b78c273558dba710c63ede4c8baf5e338673164301f9d90305e88a"
    "1f3874a34680ea84e5b8f40d2249e99ab383d7ec8edf1b39f66cd308fd5542f5"
    "c14ebe041107967f98d525ba02f32ea944653caed09eb045eebf5a53a67d4d3b"
    "155c3197a8630932927175e441e6285236ede3661c246b182c7ecec93d72a4cf"
    "b51d5b40ddff309bc06fb4d2b6f7cb94d162ad0b4b7bfa76202ff0ca4ab16450"
    "c421f8569d89788254cc7a51f2bcc895e2daa0bb6a2357696091c79f0c796770"
)
