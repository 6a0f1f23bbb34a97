"""How a command ends: its exit codes, and the errors that end it with one clear line."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the exit status of `reperso` says; scripts may rely on it."""

    EXPECTED = 0  # all is as expected
    FAILED = 1  # an unexpected FAIL, or a mutant that is not killed by name
    USAGE = 2  # wrong arguments, features, obligations, system or report
    UNDECIDED = 3  # no FAIL, but an INCONC or ERROR
    STALE = 4  # kept for expectations that no longer hold
    NOTHING = 5  # no case was selected
    INTERRUPTED = 130  # Ctrl-C; a partial report is there


class CommandError(Exception):
    """Root of what ends a command; `str()` is what the user reads."""

    exit_code = ExitCode.USAGE

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        self.what = what
        super().__init__(f"{where}: {what}" if where else what)


class UsageError(CommandError):
    """The command cannot be carried out as it was given; nothing was run."""


class NothingSelectedError(CommandError):
    """No case is what the arguments ask for; nothing was run."""

    exit_code = ExitCode.NOTHING
