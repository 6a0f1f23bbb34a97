"""The command line. A command is imported when it is given, so that `--help` answers at once."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from reperso import __version__, beside_options, check_options, texts
from reperso.errors import CommandError, ExitCode, said, unwritable
from reperso.formats import FORMATS
from reperso.texts import EXITS

Command = Callable[[argparse.Namespace], ExitCode]

SCHEMAS = ("report", "ics", "applicability", "baseline")


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out a command and return its exit status; what is wrong is one line on stderr."""
    arguments = make_parser().parse_args(argv)
    # A system of the user's own lies where the command is given; `python -m` would find it, too.
    if os.getcwd() not in sys.path:  # noqa: PTH109 - sys.path holds texts
        sys.path.insert(0, os.getcwd())  # noqa: PTH109 - likewise
    module, _, function = arguments.command.partition(":")
    try:
        command: Command = getattr(importlib.import_module(module), function)
        return said(command(arguments))
    except CommandError as error:
        sys.stderr.write(f"reperso: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("reperso: interrupted\n")
        return ExitCode.INTERRUPTED
    except OSError as error:
        return unwritable(error)
    except Exception as error:
        if not _is_of_the_user(error):
            raise
        sys.stderr.write("".join(f"reperso: {line}\n" for line in str(error).splitlines()))
        return ExitCode.USAGE


def _is_of_the_user(error: Exception) -> bool:
    """Whether `error` says what is wrong in a file of the user's, rather than in ours."""
    from conformance.errors import ConformanceError  # noqa: PLC0415 - only when something is wrong

    return isinstance(error, ConformanceError)


def make_parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser(
        prog="reperso",
        description=texts.OVERVIEW,
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"reperso {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_report(commands)
    _add_diff(commands)
    _add_baseline(commands)
    _add_mutants(commands)
    check_options.add(commands, _add)
    _add_explain(commands)
    _add_replay(commands)
    _add_explore(commands)
    _add_coverage(commands)
    beside_options.add(commands, _add, _definition)
    _add_beginnings(commands)
    what = "print what completes commands and options in a shell"
    completion = _add(
        commands, "completion", what, "reperso.completion:completion", texts.COMPLETION
    )
    completion.add_argument("shell", choices=("bash", "zsh", "fish", "tcsh"))
    what = "print the JSON Schema of report.json, or of a file that you write"
    schema = _add(commands, "schema", what, "reperso.rendering:schema", texts.SCHEMA)
    schema.add_argument("of", nargs="?", default="report", choices=SCHEMAS)
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    what: str,
    command: str,
    examples: str = "",
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"{examples}{EXITS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=command)
    return parser


def _add_beginnings(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "write a driver and a statement to begin with, for a system of your own"
    begin = _add(commands, "init-sut", what, "reperso.beginning:begin", texts.BEGIN)
    begin.add_argument("name", metavar="NAME", help="of the Python module, such as my_system")
    begin.add_argument("--folder", default=".", help="where they go (default: here)")
    what = "write the file of a deployment, by which the parties run as processes"
    deploy = _add(commands, "init-deployment", what, "reperso.deployment:begin", texts.DEPLOYMENT)
    deploy.add_argument("file", nargs="?", default="deployment.yaml", metavar="FILE.yaml")


def _add_coverage(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "list the sentences that features can use"
    steps = _add(commands, "steps", what, "reperso.sentences:steps", texts.STEPS)
    which = steps.add_mutually_exclusive_group()
    which.add_argument("--usage", action="store_true", help="where the features use each sentence")
    which.add_argument("--unused", action="store_true", help="only those that no feature uses")
    which.add_argument("--undefined", action="store_true", help="steps that no sentence matches")
    what = "show obligations without a case, sentences without a scenario, cases of an older text"
    trace = _add(commands, "trace", what, "reperso.trace:trace", texts.TRACE)
    accept = "note that every case was held against the text of its obligations as it is now"
    trace.add_argument("--accept", action="store_true", help=accept)


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "run features on systems and write the report"
    parser = _add(commands, "run", what, "reperso.verify:run", texts.RUN)
    parser.add_argument(
        "places",
        nargs="*",
        metavar="FEATURE",
        help="a .feature file, file:line, folder, @list or case id (default: all in features/)",
    )
    _add_systems(parser)
    check_options.add_jobs(parser, "cases")
    beside_options.add_suites(parser)
    _add_selection(parser)
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="only match steps with sentences, and cases with what is stated of the systems",
    )
    parser.add_argument("--list", action="store_true", help="only list the cases")
    parser.add_argument("--rerun", metavar="FILE", help="note in FILE the cases that went wrong")
    _add_folder(parser)
    _add_outputs(parser, "beside those in --report")
    parser.add_argument(
        "--pcap",
        metavar="FOLDER",
        help="write what passed in each case for Wireshark, of systems that can tell (simulated)",
    )
    parser.add_argument(
        "--no-evidence", action="store_true", help="verdicts only, for speed: no messages, no page"
    )


def _add_systems(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sut",
        action="append",
        metavar="SYSTEM",
        help="modelled, simulated (default), shadowed, served, package.module:factory, or "
        "jsonl:COMMAND for a program of any language; may be repeated",
    )
    parser.add_argument(
        "--ics",
        action="append",
        default=[],
        metavar="FILE",
        help="the statement of a system: which options it has (ics/*.yaml); may be repeated",
    )
    parser.add_argument(
        "--baseline", metavar="FILE", help="what is expected; only what is otherwise counts"
    )
    parser.add_argument("--seed", type=int, default=0, help="of every random choice (default 0)")
    parser.add_argument(
        "-D",
        dest="define",
        action="append",
        default=[],
        type=_definition,
        metavar="NAME=VALUE",
        help="an option of the system; may be repeated",
    )


def _add_selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-t",
        "--tags",
        action="append",
        default=[],
        metavar="EXPRESSION",
        help='only cases with these tags, such as "claim-1 and not element-1e"; may be repeated',
    )
    parser.add_argument(
        "--claim", action="append", default=[], type=int, metavar="N", help="only cases of claim N"
    )
    parser.add_argument(
        "--element",
        action="append",
        default=[],
        metavar="ID",
        help="only cases of this obligation, such as 1e, E04 or B03; may be repeated",
    )


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--report",
        default="build/report",
        metavar="FOLDER",
        help="where report.json, report.html and junit.xml go (default build/report)",
    )


def _add_outputs(parser: argparse.ArgumentParser, without: str) -> None:
    parser.add_argument(
        "-f",
        "--format",
        action="append",
        default=[],
        choices=tuple(FORMATS),
        help=f"write the report in this form ({without}); may be repeated, each with its --output",
    )
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="FILE",
        help="where the --format at the same place goes (default: -, which is stdout)",
    )


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "check a report.json and render it again"
    parser = _add(commands, "report", what, "reperso.rendering:report", texts.REPORT)
    parser.add_argument("json", metavar="REPORT.json")
    _add_outputs(parser, "without any: the page, beside it")


def _add_diff(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "say what changed from one report.json to another, down to the first message"
    parser = _add(commands, "diff", what, "reperso.comparison:diff", texts.DIFF)
    parser.add_argument("before", metavar="A.json")
    parser.add_argument("after", metavar="B.json")
    parser.add_argument(
        "-f", "--format", choices=("text", "json", "markdown"), default="text",
        help="what is written to stdout (default text)",
    )  # fmt: skip
    parser.add_argument(
        "--all", action="store_true", help="also cases of the same verdict whose messages differ"
    )


def _add_baseline(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "keep what is expected of systems, and hold a report against it"
    parser = _add(commands, "baseline", what, "reperso.comparison:baseline", texts.BASELINE)
    parser.add_argument("action", choices=("update", "check"))
    parser.add_argument(
        "report", nargs="?", default="build/report/report.json", metavar="REPORT.json"
    )
    parser.add_argument("--baseline", default="ics/baseline.yaml", metavar="FILE")
    parser.add_argument(
        "--all", action="store_true", help="update: list cases that go well, too, to miss them"
    )
    parser.add_argument("--reason", help="why what newly goes wrong is expected")
    parser.add_argument("--link", default="", help="where that is dealt with")
    parser.add_argument("--expires", metavar="YYYY-MM-DD", help="the last day it is expected")


def _add_mutants(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "run the suite on systems that are wrong on purpose, and see whether it notices"
    parser = _add(commands, "mutants", what, "reperso.mutants:mutants", texts.MUTANTS)
    parser.add_argument(
        "--element",
        action="append",
        default=[],
        metavar="ID",
        help="only mutants that break this obligation; may be repeated",
    )
    parser.add_argument(
        "--others",
        choices=("none", "sample", "all"),
        default="sample",
        help="which cases of other obligations to run as well (default: the first of each)",
    )
    check_options.add_techniques(parser)
    _add_wrong(parser)
    check_options.add_jobs(parser, "cases and judgements")
    parser.add_argument("--seed", type=int, default=0, help="of every random choice (default 0)")
    _add_folder(parser)


def _add_wrong(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="MUTANT",
        help="only this one; may be repeated",
    )
    parser.add_argument(
        "--tables",
        action="store_true",
        help="mutate the tables of the model instead: every row, in every way, against a suite",
    )
    parser.add_argument(
        "--sample", type=int, metavar="N", help="with --tables: only N mutants, chosen by the seed"
    )
    parser.add_argument(
        "--faults",
        type=int,
        metavar="N",
        help="with --tables: at most N faults (default: any)",
    )


def _add_explore(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "visit every state that the model can reach, and see whether anything can go wrong"
    parser = _add(commands, "explore", what, "reperso.explore:run", texts.EXPLORE)
    parser.add_argument(
        "--variant",
        choices=("hardened", "literal", "both"),
        default="hardened",
        help="which reading of the specification (default hardened)",
    )
    parser.add_argument(
        "--acknowledged", action="store_true", help="the operator that is left is asked first"
    )
    parser.add_argument("--cards", type=int, default=1, metavar="N", help="cards (default 1)")
    parser.add_argument(
        "--identities",
        type=int,
        default=1,
        metavar="N",
        help="free identities that several cards share (default 1)",
    )
    parser.add_argument("--faults", type=int, metavar="N", help="at most N faults (default: any)")
    parser.add_argument(
        "--changes", type=int, metavar="N", help="at most N changes that ended (default: any)"
    )
    parser.add_argument(
        "--limit", type=int, metavar="N", help="end with the layer that has the Nth state"
    )
    parser.add_argument("--json", metavar="FILE", help="write what was found here")
    parser.add_argument("--gherkin", metavar="FILE", help="write the way to the finding as feature")
    parser.add_argument("--chart", metavar="FILE", help="write it as sequence chart of mermaid")


def _add_explain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "tell what a case is about and, if it was run, what it showed"
    parser = _add(commands, "explain", what, "reperso.explain:explain", texts.EXPLAIN)
    parser.add_argument("case", metavar="CASE", help="such as reperso/1e/2")
    parser.add_argument("--sut", metavar="SYSTEM", help="only what it showed on this system")
    parser.add_argument(
        "--report",
        default="build/report/report.json",
        metavar="REPORT.json",
        help="where to look for what it showed (default build/report/report.json)",
    )


def _add_replay(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "run a case again as the report says it ran, and show it as it happens"
    parser = _add(commands, "replay", what, "reperso.replay:replay", texts.REPLAY)
    parser.add_argument("case", metavar="CASE", help="such as reperso/1e/2")
    parser.add_argument("--sut", metavar="SYSTEM", help="on this system")
    parser.add_argument("--seed", type=int, help="with this seed, not that of the report")
    parser.add_argument(
        "-D", dest="define", action="append", default=[], type=_definition, metavar="NAME=VALUE",
        help="an option of the system; may be repeated",
    )  # fmt: skip
    parser.add_argument("--octets", action="store_true", help="show octets and fields, too")
    parser.add_argument(
        "--report",
        default="build/report/report.json",
        metavar="REPORT.json",
        help="which says how it ran (default build/report/report.json)",
    )


def _definition(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
