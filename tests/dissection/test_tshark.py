"""What Wireshark makes of our octets: whole changes and every message that we can write.

The frames are those of `impl.runtime.pcap`; what a field should say is known from the deployment or
from another protocol that carries the same, never from our own decoders.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from impl.codec.apdu import Ins
from impl.codec.gsup import GsupType
from impl.events import Interface
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER
from impl.runtime.pcap import capture
from impl.runtime.world import Handset, World
from steps.driver import Means, Network, Setup, User
from steps.drivers.simulated import SimulatedDriver

HOME, TARGET = NETWORKS[:2]
USER = User.THE_USER
ERROR = 0x800000
"""Severity of an expert information that says: this is wrong."""
CHECKED = ("-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE")

MO_RESULT, MT_RESULT = (str(kind.value) for kind in (GsupType.MO_FORWARD_SM_RESULT, GsupType.MT_FORWARD_SM_RESULT))
SUBMIT, DELIVER = "1", "0"  # TP-MTI
COMMAND_PACKET, RESPONSE_PACKET, CONCATENATED = "0x70", "0x71", "0x00"


@dataclass(frozen=True)
class Frame:
    """What tshark says of one frame."""

    layers: Mapping[str, Any]

    def values(self, field: str) -> list[str]:
        """Return every value of a field, however deep it stands."""
        return [value for name, value in _leaves(self.layers) if name == field]

    def value(self, field: str) -> str:
        (value,) = self.values(field)
        return value

    def octets(self, field: str) -> bytes:
        return bytes.fromhex(self.value(field).replace(":", ""))

    def has(self, field: str) -> bool:
        return any(name == field for name, _ in _leaves(self.layers))


def _leaves(node: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, "" if isinstance(value, dict) else value if isinstance(value, str) else ""
            yield from ((k, v) for k, v in _leaves(value, key) if not isinstance(value, str))
    elif isinstance(node, list):
        for value in node:
            yield from [(name, value)] if isinstance(value, str) else _leaves(value, name)
