"""Lines of a deployment that can be cut: who dials there dials a proxy, who listens does not.

All processes read one deployment file, which says where each listens. So each process gets a copy
in which the lines that it dials lead through proxies, and the addresses on which it listens stay.
Where several application servers share a database, the proxy on the line to them is their one
address, and each but the first listens on one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import yaml

from impl.runtime.sessions import SERVER
from impl.served.local import free_ports
from impl.served.proxy import Proxy

TO_SERVER: Final = "to-server"
"""The line to the application server; all others are of a network, and have its PLMN behind."""
OF_NETWORK: Final[Mapping[str, tuple[str, str]]] = {
    "register": ("register_listens", "hlr"),
    "gsup": ("gsup", "hlr"),
    "radio": ("radio", "vlr"),
    "smpp": ("smpp", "smsc"),
    "centre": ("centre_listens", "centre"),
}
"""By line: where the deployment has its address, and which node of the network listens there."""


class Lines:
    """The lines with these names, each through a proxy of its own."""

    def __init__(self, file: Path, names: Iterable[str], servers: int = 1) -> None:
        """Prepare.

        Args:
            file: the deployment; copies of it come beside it.
            names: which lines.
            servers: how many application servers there are; behind more than one is always a line.
        """
        self._file = file
        self._plan = yaml.safe_load(file.read_text("utf-8"))
        lines = dict.fromkeys([*names, *([TO_SERVER] if servers > 1 else [])])
        free = (f"127.0.0.1:{port}" for port in free_ports(len(lines) + servers - 1))
        self._addresses = dict(zip(lines, free, strict=False))
        self._servers = dict(zip(servers_of(servers)[1:], free, strict=True))
        self._proxies = {name: Proxy(*self._behind(name)) for name in lines}

    def __getitem__(self, name: str) -> Proxy:
        """Return the proxy of a line."""
        return self._proxies[name]

    async def open(self) -> None:
        """Let all lines be whole."""
        for name, proxy in self._proxies.items():
            await proxy.open(self._addresses[name])

    async def close(self) -> None:
        """Let go of all lines."""
        for proxy in self._proxies.values():
            await proxy.close()

    def file_of(self, process: str) -> Path:
        """Return the deployment as one process is to see it."""
        if not self._proxies:
            return self._file
        plan = deepcopy(self._plan)
        dialled = {name: one for name, one in self._addresses.items() if _listener(name) != process}
        if process in self._servers:
            dialled[TO_SERVER] = self._servers[process]  # it dials nobody there, and listens
        for name, address in dialled.items():
            part, key = _place(plan, name)
            part[key] = address
        copy = self._file.with_name(f"{self._file.stem} of {process}.yaml")
        copy.write_text(yaml.safe_dump(plan, sort_keys=False), "utf-8")
        return copy

    def _behind(self, name: str) -> list[str]:
        """Return the addresses to which a line leads."""
        part, key = _place(self._plan, name)
        return [part[key], *(self._servers.values() if name == TO_SERVER else ())]


def servers_of(count: int) -> list[str]:
    """Return what so many application servers are called as processes."""
    return [SERVER, *(f"{SERVER} {number}" for number in range(2, count + 1))]


def lines_of(networks: Iterable[str]) -> list[str]:
    """Return the names of all lines where there are these networks."""
    return [TO_SERVER, *(f"{line} {plmn}" for plmn in networks for line in OF_NETWORK)]


def _listener(name: str) -> str:
    """Return the process that listens at the end of a line."""
    line, _, plmn = name.partition(" ")
    return SERVER if line == TO_SERVER else f"{OF_NETWORK[line][1]} {plmn}"


def _place(plan: Any, name: str) -> tuple[dict[str, str], str]:
    """Return the part of a deployment in which the address of a line stands, and its key there."""
    line, _, plmn = name.partition(" ")
    if line == TO_SERVER:
        return plan["application_server"], "listens"
    part = next(one for one in plan["networks"] if one["plmn"] == plmn)
    return part, OF_NETWORK[line][0]
