"""The options of commands that hold a whole system against the model."""

from __future__ import annotations

import argparse
import os


def add_crash_options(parser: argparse.ArgumentParser) -> None:
    """Add those of `reperso crashes`."""
    parser.add_argument("--sut", default="simulated", metavar="SYSTEM", help="as of run")
    parser.add_argument(
        "--scenario", default="", metavar="TEXT", help="only scenarios with TEXT in their name"
    )
    parser.add_argument(
        "--party", action="append", default=[], metavar="NAME", help="only this one dies"
    )
    parser.add_argument(
        "--stride",
        type=_natural,
        default=50,
        metavar="N",
        help="let the card lose power at every Nth octet that it writes (default 50)",
    )
    parser.add_argument("--pairs", action="store_true", help="let another die at each later moment")
    parser.add_argument("--seed", type=int, default=0, help="of every random choice (default 0)")


def add_order_options(parser: argparse.ArgumentParser) -> None:
    """Add those of `reperso interleavings`."""
    parser.add_argument("--sut", default="simulated", metavar="SYSTEM", help="as of run")
    parser.add_argument(
        "--case", default="", metavar="TEXT", help="only cases with TEXT in their name"
    )
    parser.add_argument(
        "--most",
        type=_natural,
        default=100,
        metavar="N",
        help="how many orders of each case to run, if there are as many (default 100)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of every random choice (default 0)")


def add_jobs(parser: argparse.ArgumentParser, what: str) -> None:
    """Add how many processes a command may use; `what` they share out."""
    parser.add_argument(
        "-j",
        "--jobs",
        type=_jobs,
        default=1,
        metavar="N",
        help=f"share {what} out to N processes, 0 for one a processor; nothing else is different "
        "(default 1)",
    )


def _jobs(text: str) -> int:
    if text == "0":
        return os.cpu_count() or 1
    return _natural(text)


def _natural(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)
