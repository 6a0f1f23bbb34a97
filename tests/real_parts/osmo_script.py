"""Inside a namespace: osmo-hlr as the register of the second network, then of both.

Prints a line for each thing that held; the first that does not ends it.
"""

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path

from osmo_hlr import OsmoHlr
from parties import FIRST, NAMES, OPEN, SECOND, Parties, deployed, issued, until

from impl.codec.gsup import GsupType
from impl.device.usim_session import UsimSession
from impl.events import Interface
from impl.network.gsup_proxy import REGISTER

IDENTITIES = 4


class Scene:
    """A card of the first network in a device, our parties, and the foreign registers."""

    def __init__(self, registers, generation="UMTS"):
        self.registers, self.generation = registers, generation
        self.done = 0
        self.seen = []
        self.when = lambda *_: False
        self.then = None

    @asynccontextmanager
    async def playing(self, folder):
        folder.mkdir()
        deployment = deployed(folder, self._change_plan)
        with issued(deployment) as (path, self.iccid):
            async with Parties(deployment, self._watch) as self.parties:
                self.handset = await self.parties.handset(path)
                await self.serves(FIRST)
                yield

    @property
    def imsi(self):
        """What the card says now."""
        return UsimSession(self.handset.terminal.session).imsi()

    async def serves(self, plmn):
        await until(lambda: self.handset.serving_network == plmn, f"service of {plmn}")

    async def changes(self, plmn, *, by_device=True):
        """Let the user change, and see it through."""
        left = self.imsi
        if by_device:
            self.handset.choose(NAMES[plmn])
        else:
            self.parties.request(plmn, self.iccid)
        await self.serves(plmn)
        await self.ends("done")
        assert self.imsi != left
        self.holds(plmn, self.imsi)
        self.holds_not(left)

    async def ends(self, state):
        """Wait until one change more is over, and see how it ended."""
        self.done += 1
        await until(
            lambda: len(self.parties.states) == self.done and not OPEN & {*self.parties.states},
            f"the end of change {self.done}",
        )
        assert self.parties.states[-1] == state, self.parties.states

    def holds(self, plmn, imsi):
        if plmn in self.registers:
            told = self.registers[plmn].subscriber(imsi)
            assert "vlr" in {told.get("vlr_number"), told.get("sgsn_number")}, told
            assert told["msisdn"], told

    def holds_not(self, imsi):
        for register in self.registers.values():
            assert register.subscriber(imsi) is None

    def kill_when(self, plmn, interface, is_it):
        """Kill a register when its gateway is about to say that, and start it again soon."""

        def when(node, peer, octets, what):
            is_said = (node, what, peer.interface) == (f"HLR {plmn}", "sent", interface)
            return is_said and is_it(peer, octets)

        def then():
            self.registers[plmn].kill()
            asyncio.get_running_loop().call_later(0.3, self.registers[plmn].start)

        self.when, self.then = when, then

    def _watch(self, node, peer, octets, what):
        if peer.interface is Interface.GSUP and what == "sent":
            self.seen.append((node, peer.name, octets[0]))
        if self.then and self.when(node, peer, octets, what):
            self.then, then = None, self.then
            then()

    def _change_plan(self, plan):
        for part in plan["networks"]:
            part["identities"] = IDENTITIES
            if part["plmn"] in self.registers:
                part["generation"] = self.generation
                part["hlr"] = self.registers[part["plmn"]].plan


async def as_second_register(folder, second, generation):
    scene = Scene({SECOND: second}, generation)
    async with scene.playing(folder):
        await scene.changes(SECOND)
        await scene.changes(FIRST, by_device=False)
        print(f"from our register to an osmo-hlr of {generation} and back")


async def as_both_registers(folder, registers):
    scene = Scene(registers)
    async with scene.playing(folder):
        scene.holds(FIRST, scene.imsi)
        print("a card is issued and attached by an osmo-hlr")
        await scene.changes(SECOND)
        withdrawn = ("HLR 20801", "vlr", GsupType.LOCATION_CANCEL_REQUEST)
        assert withdrawn in scene.seen, scene.seen
        print("the gateway tells the VLR what osmo-hlr does not: who left")
        for plmn in (FIRST, SECOND):
            await scene.changes(plmn, by_device=False)
        for plmn in (FIRST, SECOND):
            await scene.changes(plmn)
        print("there and back between two of them, asked for by user and operator")
        await deaths(scene)
        await a_lost_subscriber(scene)
        await refusals(scene)


async def deaths(scene):
    """Kill the register that is joined, at each moment of a change."""
    moments = {
        "before it holds the identity": (Interface.CONTROL, lambda *_: True),
        "before MesN": (Interface.OPERATOR, lambda *_: True),
        "before the vectors": (Interface.GSUP, said(GsupType.SEND_AUTH_INFO_REQUEST)),
        "before the update of the location": (
            Interface.GSUP,
            said(GsupType.UPDATE_LOCATION_REQUEST),
        ),
    }
    for count, (moment, (interface, is_it)) in enumerate(moments.items()):
        plmn = (FIRST, SECOND)[count % 2]
        scene.kill_when(plmn, interface, is_it)
        await scene.changes(plmn)
        assert scene.then is None, f"it was not killed {moment}"
        print(f"killed {moment}, and the change ends")


def said(kind):
    return lambda peer, octets: peer == REGISTER and octets[0] == kind


async def a_lost_subscriber(scene):
    imsi = scene.imsi
    assert scene.registers[SECOND].ask("SET", "1", "subscriber.delete", imsi).startswith("SET")
    scene.holds_not(imsi)
    scene.handset.switch_off()
    scene.handset.switch_on()
    await scene.serves(SECOND)
    scene.holds(SECOND, imsi)
    print("a subscriber whom osmo-hlr lost is entered anew when the card attaches")


async def refusals(scene):
    """Let the register refuse the identity, then let there be none."""
    register = scene.registers[FIRST]
    last = 9_990_000
    numbers = scene.parties.register(FIRST)._pool._numbers
    for index in range(IDENTITIES):
        imsi = f"20801{last + index:010d}"
        register.ask("SET", "1", "subscriber.create", imsi)
        register.ask("SET", "1", f"subscriber.by-imsi-{imsi}.msisdn", numbers.msisdn(index))
    scene.handset.choose(NAMES[FIRST])
    await scene.ends("abandoned")
    for index in range(IDENTITIES):
        assert register.subscriber(numbers.imsi(index)) is None
        register.ask("SET", "1", "subscriber.delete", f"20801{last + index:010d}")
    assert scene.handset.serving_network == SECOND
    print("an identity that osmo-hlr refuses is given to nobody")
    scene.parties.register(FIRST).drain_pool()
    scene.handset.choose(NAMES[FIRST])
    await scene.ends("abandoned")
    assert scene.handset.serving_network == SECOND
    print("an exhausted pool ends the change")


def main(folder):
    with OsmoHlr(folder, "127.0.0.2") as first, OsmoHlr(folder, "127.0.0.3") as second:
        for generation in ("UMTS", "GSM", "LTE", "CDMA"):
            asyncio.run(as_second_register(folder / generation, second, generation))
        asyncio.run(as_both_registers(folder / "both", {FIRST: first, SECOND: second}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
