"""One subscription change on loopback between processes, told as it happens.

The demo makes a deployment in a folder of its own, starts each party as a process, lets a user
choose another network on the device's menu, and reads from the logs of the processes what passed.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from impl.errors import UncertainError
from impl.events import Interface
from impl.runtime.sessions import SERVER
from impl.served.deployment import Deployment, read_deployment
from impl.served.fleet import Fleet, Record
from impl.served.local import deployment_text
from impl.served.pki import CERTIFICATE, KEY
from impl.served.set_up import issue_card, key_folder, set_up
from impl.served.signals import end_on_signal

PATIENCE_S = 60.0
"""How long the change may take to come to its end."""
STAY_S = 7 * 24 * 3600
"""How long a device of a demo that stays up stays on."""
STEPS = (
    ("LOCATION UPDATING REQUEST", "20801", "The device attaches to the first network"),
    (
        "RP-DATA (SMS-SUBMIT)",
        "20801",
        "S1  The user chooses the second network: Req [063] to [067]",
    ),
    (
        "reserve-identity",
        "",
        "S2  A secured session with the HLR of the second network [068] [069]",
    ),
    ("submit_sm", "", "S3  The personalization message with the admin code [071] to [073]"),
    (
        "RP-DATA (SMS-DELIVER)",
        "",
        "S4  The card checks the code and replaces IMSI and key [074] [075]",
    ),
    ("LOCATION UPDATING REQUEST", "26202", "S5  The device attaches to the second network [077]"),
    ("confirm-change", "", "    The second operator confirms, the first one forgets [078]"),
)
"""What begins with which message, to or from a node of which network; in this order."""


class DemoError(UncertainError):
    """The change did not come to its end in time; what the processes wrote was shown."""


class Demo:
    """One run of the demo."""

    def __init__(
        self,
        folder: Path,
        tell: Callable[[str], None],
        leave: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Prepare.

        Args:
            folder: keeps the deployment.
            tell: hears each line.
            leave: if there is one, all processes stay up after the change until it has ended.
        """
        self._folder = folder
        self._tell = tell
        self._leave = leave
        self._steps = list(STEPS)
        self._start_s = 0.0
        self._served_by: str | None = None
        self._end, self._served = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        """Show one change.

        Raises:
            DemoError: it did not come to its end.
        """
        file = self._folder / "deployment.yaml"
        file.write_text(deployment_text(), "utf-8")
        deployment = read_deployment(file)
        set_up(deployment)
        card = issue_card(deployment, deployment.networks[0].plmn, 1)
        self._tell(f"keys, certificates, pools and one card made in {deployment.state}")
        roles = [[SERVER], *(["network", one.plmn] for one in deployment.networks)]
        target = deployment.networks[1].name
        fleet = Fleet(file, self._heed, self._tell, "debug")
        async with AsyncExitStack() as stack:
            stack.push_async_callback(fleet.stop)
            for role in roles:
                await fleet.start(*role)
            self._tell(f"{len(roles)} processes started; now the device")
            stays = ["--stay", str(STAY_S)] if self._leave else []
            device = await fleet.start("device", str(card), "--choose", target, *stays)
            try:
                await asyncio.wait_for(self._end.wait(), PATIENCE_S)
            except TimeoutError:
                raise DemoError(f"the change had no end after {PATIENCE_S:.0f} s") from None
            self._tell(await self._verdict(deployment, device))
            if self._leave:
                self._invite(deployment, card)
                await self._leave()

    def _heed(self, record: Record) -> None:
        if record["event"] == "service":
            self._served_by = record["network"]
            self._served.set()
        elif record["event"] == "sent":
            self._hear(record)

    def _hear(self, record: Record) -> None:
        """Tell of one message, under the step that it begins."""
        if self._steps:
            message, plmn, heading = self._steps[0]
            if record["message"] == message and plmn in record["node"] + record["peer"]:
                self._tell(f"\n{heading}")
                del self._steps[0]
        self._start_s = self._start_s or float(record["time"])
        after_s = float(record["time"]) - self._start_s
        way = f"{_short(record['node'])} -> {_short(record['peer'])}"
        self._tell(f"  {after_s:7.3f} s  {way:36} {record['message']}")
        if not self._steps and record["message"] == "noted" and "20801" in record["node"]:
            self._end.set()

    def _invite(self, deployment: Deployment, card: Path) -> None:
        """Tell how to change back by a browser."""
        home = deployment.networks[0]
        keys = key_folder(deployment, f"{home.plmn}.{Interface.CENTRE}")
        self._tell(
            f"\nAll of them stay up. To change back, open https://{home.site}/\n"
            f"  card number  {card.stem}\n"
            "  the code comes to the device, which shows it here\n"
            f"Changes as {home.name} sees them:\n"
            f"  curl -k --cert {keys / CERTIFICATE} --key {keys / KEY} \\\n"
            f"    https://{deployment.application_server.listens}/v1/changes\n"
            "Ctrl-C ends it."
        )

    async def _verdict(self, deployment: Deployment, device: asyncio.subprocess.Process) -> str:
        """Return what the device says where it has service: as it goes off, if it does.

        Raises:
            DemoError: that is not the second network.
        """
        ended = self._served if self._leave else device
        await asyncio.wait_for(ended.wait(), PATIENCE_S)
        one, other = deployment.networks[:2]
        if self._served_by != other.plmn:
            raise DemoError(f"the device has service of {self._served_by}, not of {other.plmn}")
        return f"\nThe card of {one.name} is a card of {other.name} now."


def run_demo(folder: Path, *, stay: bool = False) -> None:
    """Show one change on stdout; `folder` keeps the deployment, `stay` everything up until SIGINT.

    Raises:
        DemoError: it did not come to its end.
    """
    begun = time.monotonic()
    asyncio.run(Demo(folder, _tell, _until_interrupted if stay else None).run())
    _tell(f"{time.monotonic() - begun:.1f} s in all; everything is in {folder}")


async def _until_interrupted() -> None:
    """Wait for SIGINT or SIGTERM."""
    ended = asyncio.Event()
    end_on_signal(ended)
    await ended.wait()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _short(name: str) -> str:
    """Return a name that fits a line; who binds to a short message centre is the server here."""
    if name == SERVER or name.startswith("127.0.0.1"):
        return "AS"
    return "device" if name.startswith("device") else name
