"""What libraries have to tell, as lines of our log: which of them, and the kind of error.

Their texts stay out. aiohttp quotes the octets that it could not read, which may be a message of an
honest peer from the middle on, with the keys that are in it.
"""

from __future__ import annotations

import logging

from aiohttp.http_exceptions import HttpProcessingError

from impl.served.host import kind
from impl.served.log import Log

OF_PEERS = (HttpProcessingError, ConnectionError)
"""Errors that a peer makes: a library may take them for failures, we do not."""


class LibraryLog(logging.Handler):
    """Takes records of warnings and worse."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        error = record.exc_info[1] if record.exc_info else None
        is_failure = record.levelno >= logging.ERROR and not isinstance(error, OF_PEERS)
        tell = self._log.failure if is_failure else self._log.warning
        tell("library", name=record.name, error=kind(error) if error else "")


def hear_libraries(log: Log) -> None:
    """Let the libraries of this process speak through its log, and nowhere else."""
    logging.basicConfig(handlers=[LibraryLog(log)], force=True)
