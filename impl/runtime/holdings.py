"""What cards, registers and the application server keep of subscribers, as text to compare.

Nothing secret: of a key only a number is said, the same as long as the key is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from impl.card import image
from impl.card.memory import Memory
from impl.card.pairs import Pairs
from impl.card.tree import File
from impl.codec.digits import decode_imsi
from impl.codec.subscriber_files import Ef
from impl.errors import MalformedError
from impl.runtime.world import Handset, Network, World

SECRET_FILES: Final = frozenset(
    {"EF.USIM_AUTH_KEY", "EF.Keys", "EF.KeysPS", "EF.Kc", "EF.KcGPRS", "EF.EPSNSC"}
)
"""Files that hold keys."""
NUMBERS: Final = {
    "wrong admin codes": image.GUESSES,
    "counter of the last command": image.COMMAND_COUNTER,
    "counter of the last request": image.REQUEST_COUNTER,
}
"""What a card counts beside its files."""
_SQN_OCTETS: Final = 6


class Holdings:
    """Reads a world; nothing is changed by it."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        """Of each secret that was met, in the order in which they were."""

    def read(self, world: World) -> Mapping[str, str]:
        """Return what each record holds now, by its place; what does not exist has none."""
        found: dict[str, str] = {}
        for handset in world.handsets:
            card = f"card {handset.profile.iccid}"
            found |= {f"{card}: {what}": text for what, text in self._of_card(handset.memory)}
            for network in world.networks.values():
                found |= self._of_register(network, handset)
            found |= _of_server(world, handset)
        return found

    def sealed(self, secret: bytes) -> str:
        """Say which of the secrets met so far this is."""
        number = self._numbers.setdefault(secret, len(self._numbers) + 1)
        return f"(withheld, no. {number})"

    def _of_card(self, memory: Memory) -> Iterator[tuple[str, str]]:
        for file in image.OWN_FILES:
            if not file.row.fixed:
                content = file.read(memory)
                yield f"{file.row.name} ({file.row.fid:04X})", self._text(file, content)
        for what, area in NUMBERS.items():
            yield what, str(int.from_bytes(area.read(memory), "big"))
        pairs = Pairs(memory)
        sequence = image.PAIRS[pairs.active].sqn.read(memory)
        yield "highest SQN taken", str(_highest(sequence))
        if pairs.are_two:
            sealed = 1 - pairs.active
            imsi = self._text(image.IMSI_FILE, image.IMSI_FILE.areas[sealed].read(memory))
            key = self.sealed(image.KEY_FILE.areas[sealed].read(memory))
            yield "sealed pair", f"{imsi}, K {key}"

    def _text(self, file: File, content: bytes) -> str:
        """Return what a file holds, without the FF behind it."""
        written = content.rstrip(b"\xff")
        if not written:
            return "erased"
        if file.row.name in SECRET_FILES:
            return self.sealed(content)
        if file.row.fid == Ef.IMSI:
            try:
                return f"IMSI {decode_imsi(content)}"
            except MalformedError:
                return written.hex()
        return written.hex()

    def _of_register(self, network: Network, handset: Handset) -> Mapping[str, str]:
        iccid = handset.profile.iccid
        held = network.register.record(iccid)
        if held is None:
            return {}
        key = self.sealed(held.k.reveal())
        said = f"{held.state}, IMSI {held.imsi}, MSISDN {held.msisdn}, K {key}, SQN {held.sqn}"
        at = f", at {held.vlr}" if held.vlr else ""
        return {f"HLR {network.plan.plmn}: subscriber with card {iccid}": said + at}


def _of_server(world: World, handset: Handset) -> Mapping[str, str]:
    """Return the last change of a card; nothing if there is none."""
    iccid = handset.profile.iccid
    changes = world.server.changes(iccid)
    if not changes:
        return {}
    last = changes[-1]
    why = f", {last.reason}" if last.reason else ""
    said = f"from {last.source} to {last.target}: {last.state.value}{why}"
    return {f"application server: last change of card {iccid}": said}


def _highest(sequence: bytes) -> int:
    starts = range(0, len(sequence), _SQN_OCTETS)
    return max(int.from_bytes(sequence[at : at + _SQN_OCTETS], "big") for at in starts)
