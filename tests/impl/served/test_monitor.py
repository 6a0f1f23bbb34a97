import asyncio
import json

import aiohttp

from impl.events import Interface, Peer, Send
from impl.served.monitor import Monitor

HLR = Peer(Interface.GSUP, "hlr")


class Wire:
    def send(self, octets):
        pass


async def get(port, path):
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status, await response.text()


def monitored(host, test, free_port):
    async def go():
        monitor = Monitor(host, [("VLR", HLR)], lambda: [("reperso_changes_open", "Open.", 2.0)])
        await monitor.open("127.0.0.1", free_port)
        await test(free_port)
        await monitor.close()

    asyncio.run(go())


def test_it_is_ready_when_its_links_are_there(host, make_node, unused_port):
    async def test(port):
        host.add("VLR", make_node())
        status, text = await get(port, "/ready")
        assert (status, json.loads(text)["missing"]) == (503, ["VLR to gsup hlr"])
        host.join("VLR", HLR, Wire())
        assert (await get(port, "/ready"))[0] == 200

    monitored(host, test, unused_port)


def test_it_is_healthy_also_without_links(host, make_node, unused_port):
    async def test(port):
        host.add("VLR", make_node())
        assert json.loads((await get(port, "/health"))[1]) == {"status": "ok", "nodes": ["VLR"]}
        assert (await get(port, "/elsewhere"))[0] == 404

    monitored(host, test, unused_port)


def test_metrics_count_what_nodes_said(host, make_node, unused_port):
    async def test(port):
        host.add("VLR", make_node())
        host.join("VLR", HLR, Wire())
        host.perform("VLR", [Send(HLR, b"x"), Send(HLR, b"y")])
        _, text = await get(port, "/metrics")
        line = 'reperso_messages_total{event="sent",interface="gsup",node="VLR"} 2.0'
        assert line in text.splitlines()
        assert "reperso_changes_open 2.0" in text.splitlines()
        assert "process_resident_memory_bytes" in text

    monitored(host, test, unused_port)
