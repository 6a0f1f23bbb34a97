"""Inside a namespace: two sites with one wire between them, without IPsec and with it.

At the far site are an osmo-hlr, the register of the first network, and our HLR of the second; all
others are at the near one. Prints a line for each thing that held; the first that does not ends it.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

from ipsec import FAR_HOST, INTO_FAR, NEAR_HOST, Sniffer, Tunnel, lay_wire
from osmo_hlr import OsmoHlr
from parties import FIRST, NAMES, SECOND, Parties, deployed, issued, listens, until, wait

KEYS, NAME = b"MILENAGE,", b"gateway-20801"
"""Marks of what is said in clear: keys over CTRL, a name over GSUP."""


async def one_change(deployment):
    """Let a user change, so that everything passes between the sites that has to."""
    with issued(deployment) as (path, _):
        async with Parties(deployment, register_elsewhere={SECOND}) as parties:
            handset = await parties.handset(path)
            await until(lambda: handset.serving_network == FIRST, "service")
            handset.choose(NAMES[SECOND])
            await until(lambda: parties.states == ["done"], "the end of the change")
            assert handset.serving_network == SECOND


def _move(part, host, *names):
    for name in names:
        part[name] = f"{host}:{part[name].rpartition(':')[2]}"


def sniffed(folder, register):
    """Hear what is on the wire from before the far register starts to the end of a change."""

    def at_two_sites(plan):
        _move(plan["application_server"], NEAR_HOST, "listens")
        plan["networks"][0]["hlr"] = register.plan
        _move(plan["networks"][1], FAR_HOST, "register_listens", "gsup")

    folder.mkdir()
    deployment = deployed(folder, at_two_sites)
    far = [*INTO_FAR, sys.executable, "-m", "impl", "hlr", SECOND]
    file = str(folder / "deployment.yaml")
    with (
        Sniffer((KEYS, NAME)) as sniffer,
        subprocess.Popen([*far, "-d", file, "--log", "error"]) as hlr,
    ):
        try:
            wait(lambda: listens(deployment.network(SECOND).gsup), "the far register")
            asyncio.run(one_change(deployment))
        finally:
            hlr.terminate()
    return sniffer


def main(folder):
    lay_wire()
    with OsmoHlr(folder, FAR_HOST, INTO_FAR) as register:
        plain = sniffed(folder / "plain", register)
        assert plain.frames["tcp"], plain.frames
        assert all(plain.marks.values()), plain.marks
        print("without IPsec, keys and names are read on the wire")
        with Tunnel(folder / "wrong").dug(near_key="00" * 32) as told:
            assert "established successfully" not in told, told
        print("with another key than the agreed one there is no tunnel")
        with Tunnel(folder / "tunnel").dug() as told:
            assert "initiate completed successfully" in told, told
            hidden = sniffed(folder / "hidden", register)
        assert hidden.frames["udp 4500"] > 20, hidden.frames
        assert not hidden.frames.keys() - {"udp 4500", "other"}, hidden.frames
        assert not any(hidden.marks.values()), hidden.marks
        print("with it the change passes inside ESP, and nothing else is on the wire")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
