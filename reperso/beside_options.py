"""The arguments of `reperso lockstep` and `reperso suites`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

BESIDE = """examples:
  reperso suites                                   every transition and refusal on `simulated`
  reperso suites --kind target                     W-method: is each party where it has to be?
  reperso suites --kind fault --output build/faults.json
  reperso run --suites build/faults.json           its coverage beside that of the features
  reperso lockstep --steps 20000 --seed 7
  reperso lockstep --sut my.package:factory        a driver with stage(): steps/drivers/stage.py

Where they differ the shortest way there is printed, as a feature ready to paste.

"""


def add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    add_command: Callable[..., argparse.ArgumentParser],
    definition: Callable[[str], tuple[str, str]],
) -> None:
    """Add both commands; `add_command` adds one, and `definition` reads NAME=VALUE."""
    what = "walk a system and the model side by side at random, every event and every refusal"
    lockstep = add_command(commands, "lockstep", what, "reperso.beside:lockstep", BESIDE)
    guarded = "only what the model lets happen, not what it forbids"
    lockstep.add_argument("--guarded", action="store_true", help=guarded)
    lockstep.add_argument("--length", type=_count, default=50, help="of a walk (default 50)")
    what = "meet every transition and every refusal of the model in a system, or say why not"
    suites = add_command(commands, "suites", what, "reperso.beside:suites", BESIDE)
    suites.add_argument(
        "--kind",
        action="append",
        choices=("transition", "refusal", "pair", "fault", "target"),
        help="what is to be met (default: transition and refusal); may be repeated",
    )
    whole = "fail if anything is out of reach or was never tried, whatever the reason"
    suites.add_argument("--whole", action="store_true", help=whole)
    for parser, steps in ((lockstep, 2_000), (suites, 200_000)):
        parser.add_argument("--sut", default="simulated", metavar="SYSTEM", help="as of run")
        parser.add_argument("--seed", type=int, default=0, help="of every choice (default 0)")
        about = f"after about how many events it ends (default {steps})"
        parser.add_argument("--steps", type=_count, default=steps, help=about)
        parser.add_argument("--output", metavar="FILE", help="write what was met there, as JSON")
        parser.add_argument(
            "-D", dest="define", action="append", default=[], type=definition,
            metavar="NAME=VALUE", help="an option of the system; may be repeated",
        )  # fmt: skip


def add_suites(parser: argparse.ArgumentParser) -> None:
    """Add the argument of `reperso run` that takes up what `reperso suites` met."""
    parser.add_argument(
        "--suites",
        action="append",
        default=[],
        metavar="FILE",
        help="show on the page what `reperso suites --output FILE` met; may be repeated",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return int(text)
