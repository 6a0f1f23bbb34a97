"""What an exception in a scenario means: a verdict, its reason, and the lines that led there.

What is written has to be the same wherever the repository stands: paths are relative to it, and
addresses of objects are left out.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from conformance.verdicts import Verdict
from steps.driver import UnsettledError, UnsupportedError

INTERRUPTED = "the run was interrupted"
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}\b")
_OWN = Path(__file__).parent
_LIMIT = 600  # letters of a reason


def judge(error: BaseException) -> tuple[Verdict, str]:
    """Return the verdict that `error` stands for, and why, without the name of the step."""
    text = scrub(str(error))
    if isinstance(error, AssertionError):
        return Verdict.FAIL, text or _assertion(error)
    if isinstance(error, UnsupportedError):
        return Verdict.NA, text or "the system does not support it"
    if isinstance(error, UnsettledError):
        return Verdict.INCONC, text or "the system did not come to rest"
    if isinstance(error, KeyboardInterrupt):
        return Verdict.INCONC, INTERRUPTED
    return Verdict.ERROR, f"{type(error).__name__}: {text}" if text else type(error).__name__


def trace(error: BaseException, root: Path) -> tuple[str, ...]:
    """Return the lines that led to `error`, innermost last, each as `file:line in function`."""
    lines = tuple(_frames(error.__traceback__, root))
    cause = error.__cause__
    return lines if cause is None else (*lines, f"caused by {judge(cause)[1]}", *trace(cause, root))


def scrub(text: str) -> str:
    """Take out of `text` what differs from run to run, and shorten it if it is very long."""
    clean = _ADDRESS.sub("0x...", text.strip())
    return clean if len(clean) <= _LIMIT else f"{clean[:_LIMIT]} ..."


def _assertion(error: BaseException) -> str:
    """Return the source of a bare `assert`: behave, unlike pytest, says nothing of it."""
    frames = traceback.extract_tb(error.__traceback__)
    source = frames[-1].line if frames else None
    return f"`{source}` does not hold" if source else "an assertion does not hold"


def _frames(tb: TracebackType | None, root: Path) -> Iterator[str]:
    for frame, line in traceback.walk_tb(tb):
        path = Path(frame.f_code.co_filename).absolute()
        place = _place(path, root)
        if not (place.startswith("behave/") or path.is_relative_to(_OWN)):
            yield f"{place}:{line} in {frame.f_code.co_name}"


def _place(path: Path, root: Path) -> str:
    """Name a file without saying where the repository stands, or Python is installed."""
    parts = path.parts
    if "site-packages" in parts:
        return "/".join(parts[parts.index("site-packages") + 1 :])
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
