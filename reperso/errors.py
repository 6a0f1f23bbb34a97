"""How a command ends: its exit codes, and the errors that end it with one clear line."""

from __future__ import annotations

import os
import sys
from enum import IntEnum


class ExitCode(IntEnum):
    """What the exit status of `reperso` says; scripts may rely on it."""

    EXPECTED = 0  # all is as expected
    FAILED = 1  # an unexpected FAIL, or a mutant that is not killed by name
    USAGE = 2  # wrong arguments, features, obligations, system or report, or nowhere to write it
    UNDECIDED = 3  # no FAIL, but an INCONC or ERROR
    STALE = 4  # an expectation no longer holds
    NOTHING = 5  # no case was selected
    INTERRUPTED = 130  # Ctrl-C; a partial report is there
    UNREAD = 141  # as of what SIGPIPE ends: what there was to say could not be said


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


class UndecidedError(CommandError):
    """What was begun came to no verdict."""

    exit_code = ExitCode.UNDECIDED


def said(code: ExitCode) -> ExitCode:
    """Return `code` when all that was said has gone out; OSError if it cannot."""
    sys.stdout.flush()
    return code


def unwritable(error: OSError) -> ExitCode:
    """Say what could not be read or written; of a pipe that nobody reads, nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left cannot be said
    if isinstance(error, BrokenPipeError):
        return ExitCode.UNREAD
    where = error.filename or "output"
    sys.stderr.write(f"reperso: {where}: {error.strerror or 'cannot be written'}\n")
    return ExitCode.USAGE
