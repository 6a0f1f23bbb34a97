"""`python -m impl`: the parties as processes. Roles are imported when they are asked for."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from impl.errors import RepersonalizationError

if TYPE_CHECKING:
    from impl.served.processes import Process

OVERVIEW = """The parties of remote smart-card personalization as processes over real sockets.

  python -m impl demo                        one subscription change, told as it happens
  python -m impl init-deployment my.yaml     write a deployment file to change
  python -m impl set-up -d my.yaml           make its keys, certificates, passwords and pools
  python -m impl issue-card 20801 1 -d my.yaml
  python -m impl application-server -d my.yaml
  python -m impl network 20801 -d my.yaml    HLR, VLR, SMSC and customer centre of one operator
  python -m impl device CARD -d my.yaml --choose "Zweites Netz"
"""
EXITS = """exit status:
  0 ended as asked; 1 the device or demo did not get where it was sent; 2 wrong arguments,
  deployment or state; 3 an address is taken; a signal ends a role with 0
"""
DEPLOYMENT = Path("deployment.yaml")
FAILED, WRONG, TAKEN = 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out a command and return its exit status; what is wrong is one line on stderr."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except RepersonalizationError as error:
        sys.stderr.write(f"impl: {error}\n")
        return WRONG
    except OSError as error:
        sys.stderr.write(f"impl: {error.strerror or error}\n")
        return TAKEN
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m impl",
        description=OVERVIEW,
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        *("-d", "--deployment"), type=Path, default=DEPLOYMENT, help=f"default {DEPLOYMENT}"
    )
    common.add_argument(
        "--log", choices=("debug", "info", "warning", "error"), default="info", help="lowest level"
    )
    for name, command, text, arguments in _COMMANDS:
        one = commands.add_parser(name, help=text, description=text, parents=[common])
        one.set_defaults(command=command, role=name)
        for flags, options in arguments:
            one.add_argument(*flags, **options)  # type: ignore[arg-type]  # as argparse takes it
    return parser


def _init_deployment(arguments: argparse.Namespace) -> int:
    from impl.served.deployment import EXAMPLE, DeploymentError  # noqa: PLC0415 - slow to import

    if arguments.file.exists():
        raise DeploymentError(f"{arguments.file}: is there already; move it away first")
    shutil.copyfile(EXAMPLE, arguments.file)
    sys.stdout.write(f"{arguments.file} written; then: python -m impl set-up -d {arguments.file}\n")
    return 0


def _schema(arguments: argparse.Namespace) -> int:
    from impl.served.deployment import schema  # noqa: PLC0415 - slow to import

    del arguments
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
    return 0


def _set_up(arguments: argparse.Namespace) -> int:
    from impl.served.deployment import read_deployment  # noqa: PLC0415 - slow to import
    from impl.served.set_up import set_up  # noqa: PLC0415 - slow to import

    deployment = read_deployment(arguments.deployment)
    set_up(deployment)
    sys.stdout.write(f"ready in {deployment.state}\n")
    return 0


def _issue_card(arguments: argparse.Namespace) -> int:
    from impl.served.deployment import read_deployment  # noqa: PLC0415 - slow to import
    from impl.served.set_up import issue_card  # noqa: PLC0415 - slow to import

    deployment = read_deployment(arguments.deployment)
    sys.stdout.write(f"{issue_card(deployment, arguments.plmn, arguments.number)}\n")
    return 0


def _reseal(arguments: argparse.Namespace) -> int:
    from impl.served.deployment import read_deployment  # noqa: PLC0415 - slow to import
    from impl.served.set_up import open_register, open_server  # noqa: PLC0415 - slow to import

    deployment = read_deployment(arguments.deployment)
    count = open_server(deployment).reseal()
    count += sum(open_register(deployment, part).reseal() for part in deployment.networks)
    sys.stdout.write(f"{count} secrets sealed anew; older keys are needed for backups only\n")
    return 0


def _back_up(arguments: argparse.Namespace) -> int:
    from impl.served.deployment import read_deployment  # noqa: PLC0415 - slow to import
    from impl.served.keeping import back_up  # noqa: PLC0415 - slow to import

    deployment = read_deployment(arguments.deployment)
    for copy in back_up(deployment, arguments.folder):
        sys.stdout.write(f"{copy}\n")
    for node in deployment.databases:
        sys.stderr.write(f"impl: {node}: not copied, its database is elsewhere; use pg_dump\n")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from impl.served.deployment import read_deployment  # noqa: PLC0415 - slow to import
    from impl.served.keeping import restore  # noqa: PLC0415 - slow to import

    for database in restore(read_deployment(arguments.deployment), arguments.folder):
        sys.stdout.write(f"{database}\n")
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    from impl.served.demo import DemoError, run_demo  # noqa: PLC0415 - slow to import

    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="reperso-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        run_demo(folder, stay=arguments.stay)
    except DemoError as error:
        sys.stderr.write(f"impl: {error}\n")
        return FAILED
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    """Run a role until a signal."""
    process = _process(arguments)
    deployment = process.deployment
    if arguments.role == "application-server":
        process.add_application_server()
        monitor = arguments.monitor or deployment.application_server.monitor
    else:
        part = deployment.network(arguments.plmn)
        plan = part.gateway if arguments.role == "gateway" else None
        monitor = arguments.monitor or (plan or part).monitor
        add = {
            "network": process.add_network,
            "gateway": process.add_gateway,
            "hlr": process.add_register,
            "vlr": process.add_visitors,
            "smsc": process.add_messages,
            "centre": process.add_centre,
        }[arguments.role]
        add(part)
    asyncio.run(process.run(monitor))
    return 0


def _device(arguments: argparse.Namespace) -> int:
    return asyncio.run(_use_device(arguments))


def _card(arguments: argparse.Namespace) -> int:
    """Insert a card in a virtual reader until it is gone."""
    from impl.card.uicc import Uicc  # noqa: PLC0415 - slow to import
    from impl.served.deployment import split_address  # noqa: PLC0415 - slow to import
    from impl.served.set_up import insert_card  # noqa: PLC0415 - slow to import
    from impl.served.vpcd import CardInReader  # noqa: PLC0415 - slow to import

    with insert_card(arguments.card) as (_, memory):
        CardInReader(Uicc(memory)).run(*split_address(arguments.reader))
    return 0


async def _use_device(arguments: argparse.Namespace) -> int:
    """Switch a device on, let its user do what was told, and wait for service."""
    from impl.served.handset import Handset, make_handset  # noqa: PLC0415 - slow to import
    from impl.served.pcsc import PcscReader  # noqa: PLC0415 - slow to import
    from impl.served.set_up import insert_card  # noqa: PLC0415 - slow to import

    process = _process(arguments)
    host, networks = process.host, process.deployment.networks
    reach = process.deployment.reach
    async with AsyncExitStack() as stack:
        iccid, memory = stack.enter_context(insert_card(arguments.card))
        if arguments.reader is None:
            handset = make_handset(host, iccid, memory, reach)
        else:
            handset = Handset(host, iccid, PcscReader(arguments.reader), reach)
        handset.screen.announce = _show_text
        process.add_devices([handset])
        await process.open(stack, None)
        host.log.info("runs", nodes=handset.name)
        await handset.reach_networks(arguments.patience)
        handset.switch_on()
        target = next((one.plmn for one in networks if one.name == arguments.choose), None)
        found = await handset.wait_for_service(None, arguments.patience)
        if found and arguments.choose:
            handset.choose(arguments.choose)
            found = await handset.wait_for_service(target, arguments.patience)
        host.log.info("service", network=handset.serving_network)
        await asyncio.sleep(arguments.stay)
        handset.switch_off()
    return 0 if found else FAILED


def _crowd(arguments: argparse.Namespace) -> int:
    return asyncio.run(_use_crowd(arguments))


async def _use_crowd(arguments: argparse.Namespace) -> int:
    """Let the users of all cards of a deployment change, until a signal."""
    from impl.served.crowd import Wish, let_all_change  # noqa: PLC0415 - slow to import
    from impl.served.deployment import DeploymentError  # noqa: PLC0415 - slow to import
    from impl.served.set_up import cards_of  # noqa: PLC0415 - slow to import
    from impl.served.signals import end_on_signal  # noqa: PLC0415 - likewise

    process = _process(arguments)
    deployment = process.deployment
    target = next((one for one in deployment.networks if one.name == arguments.to), None)
    if target is None:
        raise DeploymentError(f"no network is called {arguments.to!r}")
    ended = asyncio.Event()
    end_on_signal(ended)
    wish = Wish(target.plmn, target.name, arguments.at_once, arguments.rate, arguments.patience)
    await let_all_change(process, cards_of(deployment), wish, ended)
    return 0


def _show_text(text: str) -> None:
    """Show a short message to the user of the device."""
    sys.stdout.write(f"short message: {text}\n")
    sys.stdout.flush()


def _process(arguments: argparse.Namespace) -> Process:
    from impl.served.deployment import read_deployment  # noqa: PLC0415 - slow to import
    from impl.served.host import Host  # noqa: PLC0415 - slow to import
    from impl.served.libraries import hear_libraries  # noqa: PLC0415 - slow to import
    from impl.served.log import Log  # noqa: PLC0415 - slow to import
    from impl.served.processes import Process  # noqa: PLC0415 - slow to import
    from impl.served.trace import trace_to  # noqa: PLC0415 - slow to import

    name = " ".join(filter(None, (arguments.role, getattr(arguments, "plmn", ""))))
    log = Log(name, arguments.log)
    hear_libraries(log)
    host = Host(log, trace_to(log) if arguments.log == "debug" else None)
    return Process(read_deployment(arguments.deployment), host)


_PLMN: tuple[tuple[str, ...], dict[str, object]] = (("plmn",), {"help": "which network"})
_MONITOR: tuple[tuple[str, ...], dict[str, object]] = (
    ("--monitor",),
    {"metavar": "HOST:PORT", "help": "where health and metrics are, if not as deployed"},
)
_COMMANDS: tuple[
    tuple[
        str,
        Callable[[argparse.Namespace], int],
        str,
        tuple[tuple[tuple[str, ...], dict[str, object]], ...],
    ],
    ...,
] = (
    (
        "demo",
        _demo,
        "show one subscription change between processes",
        (
            (("--folder",), {"type": Path, "help": "keep the deployment there"}),
            (
                ("--stay",),
                {"action": "store_true", "help": "stay up until Ctrl-C, with the web sites"},
            ),
        ),
    ),
    (
        "init-deployment",
        _init_deployment,
        "write a deployment file to start from",
        ((("file",), {"type": Path, "nargs": "?", "default": DEPLOYMENT}),),
    ),
    ("schema", _schema, "print the JSON Schema of the deployment file", ()),
    ("set-up", _set_up, "make keys, certificates, passwords, databases and pools", ()),
    (
        "issue-card",
        _issue_card,
        "make a card of a network, and its user a subscriber; prints the card's file",
        (_PLMN, (("number",), {"type": int, "help": "of the card, from 1"})),
    ),
    ("application-server", _serve, "run the application server", (_MONITOR,)),
    (
        "backup",
        _back_up,
        "copy the databases into a new folder while everything runs; prints the copies",
        ((("folder",), {"type": Path, "help": "is made"}),),
    ),
    (
        "restore",
        _restore,
        "put copies of databases back while nothing runs; prints the databases",
        ((("folder",), {"type": Path, "help": "that backup made"}),),
    ),
    (
        "reseal",
        _reseal,
        "seal all secrets under the newest keys while everything runs",
        (),
    ),
    (
        "network",
        _serve,
        "run HLR, VLR, SMSC and customer centre of a network",
        (_PLMN, _MONITOR),
    ),
    (
        "gateway",
        _serve,
        "run the network entity between application server and HLR of a network",
        (_PLMN, _MONITOR),
    ),
    ("hlr", _serve, "run the home location register of a network", (_PLMN, _MONITOR)),
    ("vlr", _serve, "run the visitor location register of a network", (_PLMN, _MONITOR)),
    ("smsc", _serve, "run the short message centre of a network", (_PLMN, _MONITOR)),
    ("centre", _serve, "run the customer centre of a network", (_PLMN, _MONITOR)),
    (
        "card",
        _card,
        "insert a card in a virtual PC/SC reader (vsmartcard's vpcd), until that is gone",
        (
            (("card",), {"type": Path, "help": "file that issue-card made"}),
            (
                ("--reader",),
                {"default": "127.0.0.1:35963", "metavar": "HOST:PORT", "help": "of vpcd"},
            ),
        ),
    ),
    (
        "device",
        _device,
        "switch a device with a card on, and let its user choose",
        (
            (("card",), {"type": Path, "help": "file that issue-card made"}),
            (("--reader",), {"help": "PC/SC reader that holds it; its name, or how it begins"}),
            (("--choose",), {"metavar": "NETWORK", "help": "by its name on the card's menu"}),
            (("--patience",), {"type": float, "default": 30.0, "help": "seconds for service"}),
            (("--stay",), {"type": float, "default": 1.0, "help": "seconds before it goes off"}),
        ),
    ),
    (
        "crowd",
        _crowd,
        "let the users of all cards change, as the load of a load test: see reperso load",
        (
            (
                ("--to",),
                {"required": True, "metavar": "NETWORK", "help": "as menus name it"},
            ),
            (("--at-once",), {"type": int, "default": 20, "help": "users who ask at a time"}),
            (("--rate",), {"type": float, "help": "how many ask in each second instead"}),
            (("--patience",), {"type": float, "default": 30.0, "help": "seconds; then again"}),
        ),
    ),
)
