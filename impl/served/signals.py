"""How a process is asked to end."""

from __future__ import annotations

import asyncio
import signal


def end_on_signal(ended: asyncio.Event) -> None:
    """Set `ended` as soon as SIGTERM or SIGINT comes, in the loop that runs."""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
