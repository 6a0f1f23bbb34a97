"""`kills.json` beside a report: what every technique found in every mutant, kept once it is known.

It holds what is true of one state of the sources. Of others it says nothing: it is begun anew.
"""

from __future__ import annotations

import hashlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import reperso
from conformance.evidence import KillState
from reperso.errors import UsageError

FILE = "kills.json"
DECISIVE = ("features", "impl", "model", "reperso", "steps")
"""Packages by which a judgement is decided."""
NOT_APPLICABLE = "NA"
"""State of a system that a technique cannot be used on."""


class Judgement(NamedTuple):
    """What a technique found in a system."""

    state: str
    """A `KillState`, or NOT_APPLICABLE."""
    found: tuple[str, ...]
    """What is wrong with the system; or why that is not known."""


class KillMatrix:
    """The judgements in a folder."""

    def __init__(self, folder: Path) -> None:
        """Read what is there, and say if it is of other sources.

        Raises:
            UsageError: the file is no kill matrix. It stays as it is.
        """
        self._path = folder / FILE
        self._judgements: dict[str, dict[str, Judgement]] = {}
        try:
            there = json.loads(self._path.read_text(encoding="utf-8"))
            if there["of"] == digest():
                self._judgements = {
                    technique: {name: _read(told) for name, told in judged.items()}
                    for technique, judged in there["techniques"].items()
                }
            else:
                sys.stderr.write(f"{self._path} is of other sources: begun anew\n")
        except FileNotFoundError:
            pass
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            what = f"is no kill matrix; move it away ({type(error).__name__}: {error})"
            raise UsageError(str(self._path), what) from error

    def find(self, technique: str, name: str) -> Judgement | None:
        """Return what is known of a system; None if nothing is."""
        return self._judgements.get(technique, {}).get(name)

    def note(self, technique: str, name: str, judgement: Judgement) -> None:
        """Keep a judgement: it is in the file when this returns."""
        self._judgements.setdefault(technique, {})[name] = judgement
        told = {
            "of": digest(),
            "techniques": {
                technique: {name: one._asdict() for name, one in judged.items()}
                for technique, judged in self._judgements.items()
            },
        }
        beside = self._path.with_suffix(".new")
        beside.write_text(f"{json.dumps(told, indent=2, sort_keys=True)}\n", encoding="utf-8")
        beside.replace(self._path)


@cache
def digest() -> str:
    """Return what tells one state of the sources from another: SHA-256, in hex digits."""
    found = hashlib.sha256()
    for package in DECISIVE:
        # The packages lie beside each other, in a checkout as in an installation.
        folder = Path(reperso.__file__).parents[1] / package
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".feature", ".yaml"}:
                octets = path.read_bytes()
                found.update(f"{path.relative_to(folder.parent)} {len(octets)}\n".encode())
                found.update(octets)
    return found.hexdigest()


def _read(told: dict[str, object]) -> Judgement:
    state, found = told["state"], told["found"]
    if state not in {*KillState, NOT_APPLICABLE} or not isinstance(found, list):
        raise ValueError(f"{state!r} is no state of a mutant")
    return Judgement(str(state), tuple(map(str, found)))
