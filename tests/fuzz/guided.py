"""Fuzzing that is guided by coverage (atheris): `make guided`, for a night.

`run.py` alters at random, and is fast. This keeps every input that reached something new in `impl`
and alters that further, so that it comes behind places where several octets have to be right. The
targets and their seeds are the same. Each has a process of its own, which ends with its first
fault; the exit status is 1 if there was one. Time and memory of an input are bounded, too.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["impl"]):
    from run import LONGEST, MODULES, Check

MOST_S = 10
"""Of one input, while all that it reaches is noted: a hundred times what the slowest takes."""
MOST_MIB = 2048


def fuzz(check: Check, seeds: Sequence[bytes], folder: Path, inputs: int, seed: int) -> int:
    """Give a target its inputs in a child of this process; return how that ended, 0 if well."""
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, octets in enumerate(dict.fromkeys(seeds)):
        (corpus / f"{number:05}").write_bytes(octets)
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    words = os.open(folder / "words", os.O_WRONLY | os.O_CREAT)
    os.dup2(words, 1)
    os.dup2(words, 2)
    options = {
        "runs": inputs,
        "seed": seed,
        "max_len": LONGEST,
        "timeout": MOST_S,
        "rss_limit_mb": MOST_MIB,
        "artifact_prefix": f"{folder}/fault-",
    }
    said = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], str(corpus), *said], check)
    atheris.Fuzz()  # does not return
    return 1


def main() -> int:
    """Fuzz the targets that were asked for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=20_000, help="for each target")
    parser.add_argument("--seed", type=int, default=1, help="of the alterations")
    parser.add_argument("--only", default="", metavar="TEXT", help="targets whose name holds TEXT")
    arguments = parser.parse_args()
    targets = {
        name: target
        for module in MODULES
        for name, target in module.targets().items()
        if arguments.only in name
    }
    faults = 0
    for name, (check, seeds) in targets.items():
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            status = fuzz(check, seeds, folder, arguments.inputs, arguments.seed)
            found = [file.read_bytes().hex() for file in folder.glob("fault-*")]
            kept = len(list((folder / "corpus").iterdir()))
            sys.stdout.write(f"{name:<50} {kept:>6} inputs reach something new\n")
            if status:
                faults += 1
                sys.stdout.write(f"    status {status}: {', '.join(found)}\n")
                sys.stdout.write((folder / "words").read_text(errors="replace"))
            sys.stdout.flush()
    sys.stdout.write(f"{len(targets)} targets, seed {arguments.seed}: {faults} faults\n")
    return 1 if faults or not targets else 0


if __name__ == "__main__":
    sys.exit(main())
