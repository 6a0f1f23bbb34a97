"""The options of commands that hold a whole system against the model."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from reperso import texts

LIMIT_S = 1800.0
"""What survives is tried to the end of a search: for some of them minutes."""


def add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    add_command: Callable[..., argparse.ArgumentParser],
) -> None:
    """Add the commands with their options; `add_command` adds one."""
    what = "let every party die at every moment of a change, and judge how it ends"
    _add_crash_options(
        add_command(commands, "crashes", what, "reperso.crashes:crashes", texts.CRASHES)
    )
    what = "make requests at once, and let their messages arrive in every order"
    _add_order_options(
        add_command(
            commands, "interleavings", what, "reperso.interleavings:interleavings", texts.ORDERS
        )
    )
    what = "let many users change at once through processes and sockets, and kill some of these"
    _add_load_options(add_command(commands, "load", what, "reperso.load:load", texts.LOAD))


def _add_load_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cards", type=_natural, default=200, metavar="N", help="how many users (default 200)"
    )
    parser.add_argument(
        "--at-once", type=_natural, default=20, metavar="N", help="who ask at a time (default 20)"
    )
    parser.add_argument(
        "--rate", type=_positive, metavar="N", help="let N a second ask instead, come what may"
    )
    _add_faults(parser)
    for name, seconds, meaning in (
        ("--down", 1.0, "until what went wrong is mended"),
        ("--patience", 20.0, "after which users without service switch off and on and ask again"),
        ("--longest", 600.0, "after which the load ends, whoever has arrived"),
    ):
        meant = f"seconds {meaning} (default {seconds:g})"
        parser.add_argument(name, type=_positive, default=seconds, metavar="S", help=meant)
    parser.add_argument(
        "--servers",
        type=_natural,
        default=1,
        metavar="N",
        help="application servers that share one database (default 1)",
    )
    parser.add_argument(
        "--database",
        dest="databases",
        action="append",
        default=[],
        type=_database,
        metavar="NODE=URL",
        help="where a node keeps its state, such as application-server=postgresql:///base or "
        "'hlr 26202=...', if not in SQLite; may be repeated",
    )
    parser.add_argument("--folder", type=Path, help="keep deployment, databases and cards there")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write what came of it as JSON")


def _add_faults(parser: argparse.ArgumentParser) -> None:
    for kind, of, what in (
        ("kill", "PROCESS", "kill -9 this one and start it again, such as 'hlr 26202' or crowd"),
        ("cut", "LINE", "end all connections to an address, such as 'gsup 26202'; none begins"),
        ("fill", "PROCESS", "let this one write nothing any more, such as application-server"),
    ):
        parser.add_argument(
            f"--{kind}",
            dest="faults",
            action="append",
            default=[],
            type=partial(_fault, kind),
            metavar=of,
            help=f"{what}; all for each in turn; may be repeated",
        )


def _add_crash_options(parser: argparse.ArgumentParser) -> None:
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


def _add_order_options(parser: argparse.ArgumentParser) -> None:
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


def add_techniques(parser: argparse.ArgumentParser) -> None:
    """Add by what wrong systems are to be found, and how long it may take."""
    parser.add_argument(
        "--technique",
        action="append",
        default=[],
        metavar="NAME",
        help="find them by this technique: features (default), lockstep, suites, crashes, "
        "learning; may be repeated; what each found is kept in kills.json of the report",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="with a technique: do not judge again what kills.json holds of the same sources",
    )
    parser.add_argument(
        "--limit",
        type=_positive,
        default=LIMIT_S,
        metavar="SECONDS",
        help="processor time for one technique on one mutant; then it is INCONC "
        f"(default {LIMIT_S:g})",
    )


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


def _positive(text: str) -> float:
    """Read a number above 0; argparse.ArgumentTypeError if it is none."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def _fault(kind: str, name: str) -> tuple[str, str]:
    return kind, name


def _database(text: str) -> tuple[str, str]:
    node, separator, url = text.partition("=")
    if not (node and separator and url):
        raise argparse.ArgumentTypeError("is no NODE=URL")  # what it is may hold a password
    return node, url
