"""Mutation testing of single rooms: `make mutation ROOMS="impl/card model"`, for a night.

mutmut changes each function of a room in every small way, one at a time, and runs the tests of that
room. It forks its judges from a process that has imported the room already: what is computed once,
at import or behind a cache, is computed before. So what survives is judged again in a process of
its own, by the same tests. What survives that, too, is written out as a difference, to be read:
either it means the same (docs/mutation.md says which do), or a test is missing.

Wording is left alone (`WORDS`): what an error says is not what the tests of a codec are for.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORDS = (r"\braise \w+\(", r"super\(\).__init__\(", r"\b_check\w*\(\"")
NUMBER = re.compile(r"__mutmut_\d+$")
MOST_S = 120.0
"""For the tests of a room in a process of their own; longer, the mutant is one that never ends."""
SURVIVED, AGAIN = "survived", "killed, when judged again"
SETTINGS = """
[tool.mutmut]
source_paths = [{top!r}]
only_mutate = ["{room}/*"]
do_not_mutate_patterns = [{words}]
also_copy = [{others}]
pytest_add_cli_args_test_selection = ["tests/{room}"]
pytest_add_cli_args = ["-x", "-q", "-p", "no:cacheprovider"]
"""


@dataclass(frozen=True)
class Bench:
    """A copy of the sources in which one room is mutated."""

    room: str
    folder: Path

    @property
    def mutants(self) -> Path:
        """Where the mutated sources are."""
        return self.folder / "mutants"

    def prepare(self) -> None:
        """Copy what git knows, with the settings for the room."""
        shutil.rmtree(self.folder, ignore_errors=True)
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=True)
        names = listed.stdout.decode().split("\n")[:-1]
        for name in names:
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        top = self.room.partition("/")[0]
        others = sorted({name.partition("/")[0] for name in names} - {top, "tests"})
        settings = SETTINGS.format(
            room=self.room,
            top=top,
            words=", ".join(f"'{word}'" for word in WORDS),
            others=", ".join(f'"{name}"' for name in others),
        )
        with (self.folder / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(settings)

    def mutate(self, jobs: int) -> dict[str, str]:
        """Let mutmut judge every mutant; return by mutant how it ended."""
        mutmut = Path(sys.executable).with_name("mutmut")
        subprocess.run([mutmut, "run", "--max-children", str(jobs)], cwd=self.folder, check=True)
        said = subprocess.run(
            [mutmut, "results", "--all", "true"], cwd=self.folder, capture_output=True, check=True
        )
        pairs = (line.split(": ") for line in said.stdout.decode().splitlines() if ": " in line)
        return {name.strip(): ending.strip() for name, ending in pairs}

    def survives(self, mutant: str) -> bool:
        """Whether a mutant survives the tests in a process of its own."""
        tests = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        surroundings = {**os.environ, "MUTANT_UNDER_TEST": mutant, "PYTHONPATH": "."}
        try:
            judged = subprocess.run(
                [*tests, f"tests/{self.room}"],
                cwd=self.mutants,
                env=surroundings,
                capture_output=True,
                check=False,
                timeout=MOST_S,
            )
        except subprocess.TimeoutExpired:
            return False
        return judged.returncode == 0

    def difference(self, mutant: str) -> Iterator[str]:
        """Yield the lines that a mutant takes away and adds."""
        module, _, function = mutant.rpartition(".")
        bodies = _functions(self.mutants / f"{module.replace('.', '/')}.py")
        before, after = bodies[NUMBER.sub("__mutmut_orig", function)], bodies[function]
        for line in difflib.unified_diff(before, after, lineterm="", n=0):
            if line[:3] not in {"---", "+++", "@@ "} and "__mutmut_" not in line:
                yield f"    {line[0]} {line[1:].strip()}"


@cache
def _functions(path: Path) -> dict[str, list[str]]:
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    return {
        node.name: lines[node.lineno - 1 : node.end_lineno]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def judge(room: str, jobs: int, folder: Path) -> Counter[str]:
    """Mutate a room, and write what survives to `folder`; return how many ended how."""
    bench = Bench(room, folder / room.replace("/", "."))
    bench.prepare()
    endings = bench.mutate(jobs)
    suspects = [mutant for mutant, ending in endings.items() if ending == SURVIVED]
    with ThreadPoolExecutor(jobs) as pool:
        verdicts = dict(zip(suspects, pool.map(bench.survives, suspects), strict=True))
    endings |= {mutant: AGAIN for mutant, survives in verdicts.items() if not survives}
    left = [mutant for mutant, survives in verdicts.items() if survives]
    with (folder / f"{bench.folder.name}.txt").open("w", encoding="utf-8") as file:
        for mutant in left:
            file.write("\n".join([mutant, *bench.difference(mutant), ""]))
    return Counter(endings.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Mutate the rooms that the arguments name; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("rooms", nargs="+", help="folders with tests of their own: impl/card")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutation")
    chosen = parser.parse_args(arguments)
    for room in chosen.rooms:
        if not (ROOT / room).is_dir() or not (ROOT / "tests" / room).is_dir():
            parser.error(f"{room}: there is no such room with tests in tests/{room}")
    for room in chosen.rooms:
        ends = judge(room, chosen.jobs, chosen.folder)
        parts = ", ".join(f"{count} {ending}" for ending, count in ends.most_common())
        print(f"{room}: {ends.total()} mutants: {parts}")
    print(f"what survived is in {chosen.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
