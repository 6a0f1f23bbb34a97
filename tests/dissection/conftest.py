"""Tools of others that look at our octets: skipped where they are missing, but never in CI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from impl.runtime.journal import Entry
from impl.runtime.pcap import capture

ERROR = str(0x800000)
"""Severity of what Wireshark holds to be wrong."""
CHECKS = ("-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE")
READS_CIPHERED = ("-o", "nas-eps.null_decipher:TRUE")


@dataclass(frozen=True)
class Frame:
    """What tshark says of one frame: the values of each field, however deep it stands."""

    fields: dict[str, list[str]]

    def __contains__(self, field: str) -> bool:
        return field in self.fields

    def values(self, field: str) -> list[str]:
        return self.fields.get(field, [])

    def value(self, field: str) -> str:
        (value,) = self.values(field)
        return value

    def number(self, field: str) -> int:
        return int(self.value(field), 0)

    @property
    def is_malformed(self) -> bool:
        return "_ws.malformed" in self or ERROR in self.values("_ws.expert.severity")

    def told(self, fields: dict[str, int | str]) -> dict[str, int | str]:
        """Return what these fields say, as numbers where numbers are expected."""
        return {
            name: self.number(name) if isinstance(expected, int) else self.value(name)
            for name, expected in fields.items()
        }

    def octets(self, field: str) -> bytes:
        return bytes.fromhex(self.value(field).replace(":", ""))


def gather(node: dict[str, Any], into: dict[str, list[str]]) -> dict[str, list[str]]:
    for name, value in node.items():
        found = into.setdefault(name, [])
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                gather(one, into)
            else:
                found.append(one)
    return into


class Dissector(NamedTuple):
    tshark: str
    folder: Path

    def dissect(self, entries: Iterable[Entry]) -> list[Frame]:
        file = self.folder / "frames.pcapng"
        file.write_bytes(capture(entries))
        command = [self.tshark, "-r", str(file), "-T", "json", "--no-duplicate-keys"]
        command += [*CHECKS, *READS_CIPHERED]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [Frame(gather(one["_source"]["layers"], {})) for one in json.loads(done.stdout)]

    def dissect_each(self, entries: Iterable[Entry]) -> list[Frame]:
        """Return one frame an entry, where each takes one; no segments without payload."""
        return [frame for frame in self.dissect(entries) if frame.values("tcp.len") != ["0"]]


def path_of(tool: str) -> str:
    path = shutil.which(tool)
    if path is None:
        missing = f"{tool} is not installed; apt-packages.txt says where it comes from"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return path


@pytest.fixture(scope="session")
def tshark() -> str:
    return path_of("tshark")


@pytest.fixture(scope="session")
def mergecap() -> str:
    return path_of("mergecap")


@pytest.fixture(scope="session")
def osmo_auc_gen() -> str:
    return path_of("osmo-auc-gen")


@pytest.fixture(scope="session")
def dissector(tshark: str, tmp_path_factory: pytest.TempPathFactory) -> Dissector:
    return Dissector(tshark, tmp_path_factory.mktemp("captures"))
