import asyncio
import json
import re
from pathlib import Path

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
        monitor = Monitor(host, [("VLR", HLR)])
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
        assert "process_resident_memory_bytes" in text

    monitored(host, test, unused_port)


ROOT = Path(__file__).parents[3]


def test_the_reference_has_each_metric_and_each_event_and_no_other(host, make_node, unused_port):
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8").split("\n## Metrics\n")[1]
    host_source = (ROOT / "impl/served/host.py").read_text(encoding="utf-8")
    counted = set(re.findall(r'_count\(\w+, \w+, "(\w+)"\)|_note\(.*"(\w+)"\)', host_source))
    failed = set(re.findall(r'self\.counts\[name, "", "(\w+)"\]', host_source))
    assert set(re.findall(r"`([a-z]+)`", text.split("| `event`")[1])) == failed | {
        word for pair in counted for word in pair if word
    }

    async def test(port):
        host.add("VLR", make_node())
        host.join("VLR", HLR, Wire())
        _, scraped = await get(port, "/metrics")
        names = set(re.findall(r"^# TYPE (\w+)", scraped, re.MULTILINE))
        assert {name for name in names if not name.startswith("process_")} == set(
            re.findall(r"^\| `(reperso_\w+)`", text, re.MULTILINE)
        )

    monitored(host, test, unused_port)
