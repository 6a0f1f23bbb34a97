"""The parties of one deployment as processes of this machine: started, killed, started again."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from impl.errors import UncertainError

START_S = 60.0
"""How long a process may take until it runs."""

Record = Mapping[str, str]
"""One line of a log, as it was written."""


class NotRunningError(UncertainError):
    """A process ended, or did not come to run in time; what it wrote was passed on."""


class Fleet:
    """Processes over one deployment file; `stop` ends all that run."""

    def __init__(
        self,
        file: Path,
        hear: Callable[[Record], None],
        show: Callable[[str], None],
        lowest: str = "info",
    ) -> None:
        """Prepare.

        Args:
            file: the deployment file.
            hear: hears each line of the logs.
            show: hears what is no line of a log: a message of the interpreter, or of a library.
            lowest: the level of the logs.
        """
        self._file = file
        self._hear = hear
        self._show = show
        self._lowest = lowest
        self._running: dict[tuple[str, ...], asyncio.subprocess.Process] = {}
        self._readers: set[asyncio.Task[None]] = set()

    async def start(self, *role: str, file: Path | None = None) -> asyncio.subprocess.Process:
        """Start a role with its arguments, and wait until it runs.

        Args:
            role: what stands behind `python -m impl`.
            file: the deployment file, if this one reads another than all.

        Raises:
            NotRunningError: it does not.
        """
        options = ("--deployment", str(file or self._file), "--log", self._lowest)
        making = asyncio.create_task(
            asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "impl", *role, *options), stderr=asyncio.subprocess.PIPE
            )
        )
        try:
            process = await asyncio.shield(making)
        finally:  # whoever is interrupted meanwhile leaves no process behind, either
            self._running[role] = await making
        runs = asyncio.Event()
        reader = asyncio.create_task(self._read(process, runs))
        self._readers.add(reader)
        reader.add_done_callback(self._readers.discard)
        reader.add_done_callback(lambda _: runs.set())
        try:
            await asyncio.wait_for(runs.wait(), START_S)
        except TimeoutError:
            raise NotRunningError(f"{role[0]} does not run after {START_S:.0f} s") from None
        if reader.done():
            raise NotRunningError(f"{role[0]} ended with status {await process.wait()}")
        return process

    async def kill(self, *role: str) -> None:
        """End a process as `kill -9` does, in the middle of whatever it does."""
        process = self._running.pop(role)
        process.kill()
        await process.wait()

    def fill_disk(self, *role: str) -> None:
        """Let a process write no file any longer than one octet, as if its disk were full."""
        self._limit_files(role, 1)

    def empty_disk(self, *role: str) -> None:
        """Let it write again."""
        self._limit_files(role, resource.RLIM_INFINITY)

    def _limit_files(self, role: tuple[str, ...], octets: int) -> None:
        limits = (octets, resource.RLIM_INFINITY)
        resource.prlimit(self._running[role].pid, resource.RLIMIT_FSIZE, limits)

    async def stop(self) -> None:
        """Let all processes end, those that were started last first."""
        for process in reversed(self._running.values()):
            if process.returncode is None:
                process.terminate()
            await process.wait()
        self._running.clear()
        await asyncio.gather(*self._readers)

    async def _read(self, process: asyncio.subprocess.Process, runs: asyncio.Event) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            try:
                record = json.loads(line)
            except ValueError:
                self._show(line.decode(errors="replace").rstrip())
                continue
            if record["event"] == "runs":
                runs.set()
            self._hear(record)
