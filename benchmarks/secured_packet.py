"""Secured packets a second, ciphered and with CC, against bare code over the same ciphers.

Floor A makes its ciphers anew for every packet and checks nothing but the CC; it slices and packs
what the standard's table says, for one algorithm and one SPI.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from measure import Work, compare, show

from impl.codec.secured_packet import (
    Algorithm,
    PorStatus,
    SecurityParameters,
    Spi1,
    Spi2,
    open_command,
    open_response,
    seal_command,
    seal_response,
)
from impl.values import OtaKeys, Secret

SPI1 = Spi1.CC | Spi1.CIPHERED | Spi1.COUNTER_HIGHER
SPI2 = Spi2.POR_ALWAYS | Spi2.POR_CC | Spi2.POR_CIPHERED
TAR = b"\xbf\xff\x01"
COUNTER = 7
HEAD = struct.Struct(">HBBBBB3s")
RESPONSE_HEAD = struct.Struct(">HB3s")
SIZES = (16, 100)


class Bare(NamedTuple):
    """Bare code for one algorithm."""

    cipher: Callable[[], BlockCipherAlgorithm]
    """Of KIc."""
    check: Callable[[bytes], bytes]
    block: int
    octet: int
    """KIc and KID, as the packet says them."""

    def encode(self, data: bytes) -> bytes:
        """Write a command packet."""
        padding = -(14 + len(data)) % self.block
        padded = data + bytes(padding)
        head = HEAD.pack(22 + len(padded), 21, SPI1, SPI2, self.octet, self.octet, TAR)
        counter = COUNTER.to_bytes(5, "big") + bytes((padding,))
        body = counter + self.check(head + counter + padded) + padded
        mode = modes.CBC(bytes(self.block))
        return head + Cipher(self.cipher(), mode).encryptor().update(body)

    def decode(self, packet: bytes) -> tuple[object, ...]:
        """Read a command packet."""
        _, _, spi1, spi2, kic, kid, tar = HEAD.unpack_from(packet)
        mode = modes.CBC(bytes(self.block))
        body = Cipher(self.cipher(), mode).decryptor().update(packet[10:])
        counter, padded = body[:6], body[14:]
        assert self.check(packet[:10] + counter + padded) == body[6:14]
        data = padded[: len(padded) - counter[5]]
        return spi1, spi2, kic, kid, tar, int.from_bytes(counter[:5], "big"), data

    def decode_response(self, packet: bytes) -> tuple[object, ...]:
        """Read a response packet (PoR)."""
        _, _, tar = RESPONSE_HEAD.unpack_from(packet)
        mode = modes.CBC(bytes(self.block))
        body = Cipher(self.cipher(), mode).decryptor().update(packet[6:])
        head, padded = body[:7], body[15:]
        assert self.check(b"\x02\x71\x00" + packet[:6] + head + padded) == body[7:15]
        data = padded[: len(padded) - head[5]]
        return tar, int.from_bytes(head[:5], "big"), head[6], data


def aes(kic: bytes, kid: bytes) -> Bare:
    """Return bare code with AES-CBC and CMAC."""

    def check(octets: bytes) -> bytes:
        running = CMAC(AES(kid))
        running.update(octets)
        return running.finalize()[:8]

    return Bare(lambda: AES(kic), check, 16, 1 << 4 | Algorithm.AES)


def triple_des(kic: bytes, kid: bytes) -> Bare:
    """Return bare code with 3DES of two keys in CBC, and CBC-MAC."""
    kic, kid = kic + kic[:8], kid + kid[:8]

    def check(octets: bytes) -> bytes:
        mode = modes.CBC(bytes(8))
        padded = octets + bytes(-len(octets) % 8)
        return Cipher(TripleDES(kid), mode).encryptor().update(padded)[-8:]

    return Bare(lambda: TripleDES(kic), check, 8, 1 << 4 | Algorithm.TRIPLE_DES_2)


def works_of(name: str, bare: Bare, keys: OtaKeys) -> dict[str, Work]:
    """Return what is to be timed with one algorithm, ours and the floor's in turn."""
    parameters = SecurityParameters(SPI1, SPI2, bare.octet, bare.octet, TAR, COUNTER)
    works: dict[str, Work] = {}
    for size in SIZES:
        data = bytes(range(size))
        packet = seal_command(parameters, data, keys)
        assert packet == bare.encode(data)
        assert open_command(packet, keys).data == bare.decode(packet)[-1] == data
        works[f"{name} encode {size}"] = partial(seal_command, parameters, data, keys)
        works[f"{name} encode {size} floor"] = partial(bare.encode, data)
        works[f"{name} decode {size}"] = partial(open_command, packet, keys)
        works[f"{name} decode {size} floor"] = partial(bare.decode, packet)
    report = seal_response(parameters, PorStatus.OK, b"\xab\x07", keys)
    assert open_response(report, parameters, keys).data == bare.decode_response(report)[-1]
    works[f"{name} PoR decode"] = partial(open_response, report, parameters, keys)
    works[f"{name} PoR decode floor"] = partial(bare.decode_response, report)
    return works


def main() -> None:
    """Print the ratios."""
    warnings.simplefilter("ignore")  # that 3DES is old is known
    kic, kid = bytes(range(1, 17)), bytes(range(33, 49))
    keys = OtaKeys(1, Secret(kic), Secret(kid))
    works = works_of("3DES", triple_des(kic, kid), keys) | works_of("AES", aes(kic, kid), keys)
    timings = compare(works)
    for name in works:
        if not name.endswith("floor"):
            show(name, timings, name, f"{name} floor", 0.5 if "PoR" in name else 0.65)


if __name__ == "__main__":
    main()
