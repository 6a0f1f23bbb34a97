"""APDUs a second through the card in one process, against a bare dispatcher.

The bare dispatcher reads the four cases of command, finds a function by class and instruction, and
that function a file by number: no PINs, no access rules, no lengths checked, no toolkit, no
memory that a loss of power could tear.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from measure import Work, compare, show

from impl.card.profile import CardProfile, personalize
from impl.card.uicc import Uicc
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER, make_iccid
from impl.values import Credentials, OtaKeys, Secret

SELECT_ICCID = bytes.fromhex("00a4000c022fe2")
READ_ICCID = bytes.fromhex("00b000000a")
SELECT_WITH_FCP = bytes.fromhex("00a40004022fe200")
STATUS = bytes.fromhex("80f2000c")
TARGET = 0.25

Handler = Callable[[int, int, bytes, int], tuple[bytes, int]]


class Bare:
    """A card that only finds and reads."""

    def __init__(self, files: dict[int, bytes], templates: dict[int, bytes]) -> None:
        self._files = files
        self._templates = templates
        self._file = 0
        self._handlers: dict[tuple[int, int], Handler] = {
            (0x00, 0xA4): self._select,
            (0x00, 0xB0): self._read,
            (0x80, 0xF2): self._status,
        }

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU."""
        cla, ins, p1, p2 = command[:4]
        data, le = b"", 0
        if len(command) == 5:
            le = command[4] or 256
        elif len(command) > 5:
            end = 5 + command[4]
            data = command[5:end]
            le = command[end] or 256 if end < len(command) else 0
        handler = self._handlers.get((cla, ins))
        if handler is None:
            return b"\x6d\x00"
        answer, sw = handler(p1, p2, data, le)
        return answer + sw.to_bytes(2, "big")

    def _select(self, _p1: int, p2: int, data: bytes, _le: int) -> tuple[bytes, int]:
        file = int.from_bytes(data, "big")
        if file not in self._files:
            return b"", 0x6A82
        self._file = file
        return self._templates[file] if p2 == 0x04 else b"", 0x9000

    def _read(self, p1: int, p2: int, _data: bytes, le: int) -> tuple[bytes, int]:
        at = p1 << 8 | p2
        return self._files[self._file][at : at + le], 0x9000

    def _status(self, _p1: int, _p2: int, _data: bytes, _le: int) -> tuple[bytes, int]:
        return b"", 0x9000


def card() -> Uicc:
    """Make a card and power it."""
    plan = NETWORKS[0]
    key = Secret(bytes(16))
    profile = CardProfile(
        iccid=make_iccid(1),
        admin_code=Secret(bytes(8)),
        ota_keys=OtaKeys(1, key, key),
        plmn=plan.plmn,
        credentials=Credentials(plan.first_imsi, key, key),
        msisdn=plan.first_msisdn,
        service_centre=plan.service_centre,
        application_server=SERVER_NUMBER,
    )
    made = Uicc(personalize(profile))
    made.power_on()
    return made


def main() -> None:
    """Print the ratios."""
    uicc = card()
    template = uicc.transmit(SELECT_WITH_FCP)[:-2]
    content = uicc.transmit(READ_ICCID)[:-2]
    bare = Bare({0x2FE2: content}, {0x2FE2: template})
    commands = {
        "SELECT": SELECT_ICCID,
        "READ BINARY": READ_ICCID,
        "SELECT, FCP returned": SELECT_WITH_FCP,
        "STATUS": STATUS,
    }
    works: dict[str, Work] = {}
    for name, command in commands.items():
        assert uicc.transmit(command) == bare.transmit(command), name
        works[name] = partial(uicc.transmit, command)
        works[f"{name} bare"] = partial(bare.transmit, command)
    timings = compare(works)
    for name in commands:
        show(name, timings, name, f"{name} bare", TARGET)


if __name__ == "__main__":
    main()
