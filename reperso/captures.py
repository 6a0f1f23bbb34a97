"""Captures: what passed in each case, as a file for Wireshark, of systems that can tell.

A system can whose driver has `pcap() -> bytes`, beside what `Driver` asks for.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

from reperso.errors import UsageError
from steps.driver import Driver, Factory, Setup

SUFFIX = ".pcapng"


class Captures:
    """The captures of a run, in a folder a system, named by their cases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[Path, bytes] = {}
        self._taken: bytes | None = None

    def of(self, factory: Factory) -> Factory:
        """Return a factory whose drivers leave their capture here when they are closed."""

        def make(setup: Setup) -> Driver:
            self._taken = None
            return cast("Driver", _Captured(factory(setup), self))

        return make

    def take(self, driver: Any) -> None:
        """Take what a driver has captured, if it captures."""
        pcap = getattr(driver, "pcap", None)
        self._taken = pcap() if pcap else None

    def last(self) -> bytes | None:
        """Give away what the last driver left."""
        taken, self._taken = self._taken, None
        return taken

    def keep(self, system: str, case: str, octets: bytes | None) -> None:
        """Keep `octets`, if there are any, as the capture of a case."""
        if octets is not None:
            folder, name = (re.sub(r"[^\w.-]+", "-", word) for word in (system, case))
            self._files[self._folder / folder / f"{name}{SUFFIX}"] = octets

    def write(self) -> int:
        """Write the files and return how many there are.

        Raises:
            UsageError: one cannot be written; those before it are there.
        """
        for path, octets in self._files.items():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(octets)
            except OSError as error:
                raise UsageError(str(path), error.strerror or "cannot be written") from error
        return len(self._files)


class _Captured:
    """A driver that is asked for its capture before it is closed."""

    def __init__(self, driver: Driver, captures: Captures) -> None:
        self._driver = driver
        self._captures = captures

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    def close(self) -> None:
        try:
            self._captures.take(self._driver)
        finally:
            self._driver.close()
