"""`reperso init-sut NAME`: a driver and a statement to begin with, which run at once."""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import keyword
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from conformance.ics import Applicability, read_applicability
from reperso.errors import ExitCode, UsageError
from reperso.features import load_suite
from steps.driver import Driver, Faults, Observations, Parties
from steps.drivers import calls

HEAD = '''"""{name} as a system under test: replace each `raise` by what your system does.

reperso run --sut {name}:factory    runs the features, and says which calls are not there yet
reperso run --ics {name}.yaml       the same, held against what the system states of itself
"""

from __future__ import annotations

from collections.abc import Sequence

from steps.driver import (
    Answer,
    CardReport,
    Driver,
    Exchange,
    Interface,
    Means,
    Message,
    Network,
    Party,
    Setup,
    Standing,
    UnsupportedError,
    User,
)


class {title}:
    """A system of one scenario: a new one is made for each."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup  # the seed of every random choice, and the options of the statement
'''
CALL = '''
    def {name}{signature}:
        """{what}"""
        raise UnsupportedError("{name}() is not written yet")
'''
TAIL = '''
    def close(self) -> None:
        """Give back what the system holds."""


def factory(setup: Setup) -> Driver:
    """Make the system, ready and at rest."""
    return {title}(setup)
'''


def begin(arguments: argparse.Namespace) -> ExitCode:
    """Carry out `reperso init-sut`."""
    name = arguments.name
    if not (name.isidentifier() and name.islower()) or keyword.iskeyword(name):
        raise UsageError(name, "has to be the name of a Python module, such as my_system")
    if importlib.util.find_spec(name) and not Path(arguments.folder, f"{name}.py").exists():
        raise UsageError(name, "is a module already that Python would find instead of yours")
    suite = load_suite()
    applicability = read_applicability(suite.folder, suite.catalogue)
    folder = Path(arguments.folder)
    files = {
        folder / f"{name}.py": "".join(_driver(name)),
        folder / f"{name}.yaml": "".join(_statement(name, applicability)),
    }
    for path in files:
        if path.exists():
            raise UsageError(str(path), "is there already, and stays as it is")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(str(folder), error.strerror or "cannot be written") from error
    sys.stdout.writelines(f"written: {path}\n" for path in files)
    where = "" if folder == Path() else f"PYTHONPATH={shlex.quote(str(folder))} "
    sys.stdout.write(f"now: {where}reperso run --sut {name}:factory\n")
    return ExitCode.EXPECTED


def _driver(name: str) -> Iterator[str]:
    title = name.title().replace("_", "")
    yield HEAD.format(name=name, title=title)
    for part in (Parties, Faults, Observations):
        heading = (part.__doc__ or "").split(". ")[0].rstrip(".")
        yield f"\n    # {part.__name__}: {heading[0].lower()}{heading[1:]}.\n"
        yield from (_call(one) for one in calls(part))
    yield TAIL.format(title=title)


def _call(name: str) -> str:
    member = inspect.getattr_static(Driver, name)
    what = (inspect.getdoc(member) or "").splitlines()[0]
    signature = str(inspect.signature(member)).replace("'", "")
    return CALL.format(name=name, signature=signature, what=what)


def _statement(name: str, applicability: Applicability) -> Iterator[str]:
    yield "# What the system states of itself: which options it has. What is untrue is found out.\n"
    yield f'schema: urn:reperso:ics:1\nname: {name}\nsut: {name}:factory\nabout: ""\n'
    yield f"options:{'' if applicability.options else ' {}'}\n"
    for option in applicability.options.values():
        yield f"  # {option.text}: {' or '.join(option.values)}\n"
        yield f"  {option.id}: {option.values[0]}\n"
