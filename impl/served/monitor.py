"""Health and metrics of one process over HTTP, for a load balancer and for Prometheus.

`/health` answers 200 as long as the process works; `/ready` 200 when every link that it dials is
there, else 503 with what is missing; `/metrics` counts. Nothing here names a card or a subscriber.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

from impl.events import Peer
from impl.served.host import Host

CONTENT_TYPE = "text/plain; version=0.0.4"


class _Counts:
    """What a host counted, as Prometheus takes it."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def collect(self) -> Iterator[Metric]:
        """Yield the families; Prometheus calls this by its name."""
        messages = CounterMetricFamily(
            "reperso_messages",
            "Messages and links of a node by what became of them.",
            labels=("node", "interface", "event"),
        )
        for labels, count in sorted(self._host.counts.items()):
            messages.add_metric(labels, count)
        yield messages


class Monitor:
    """Answers for one process."""

    def __init__(self, host: Host, wanted: Iterable[tuple[str, Peer]]) -> None:
        """Prepare.

        Args:
            host: whose counts are shown.
            wanted: nodes, and whom each has to have a link to before the process is ready.
        """
        self._host = host
        self._wanted = tuple(wanted)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Counts(host))
        ProcessCollector(registry=self._registry)
        self._runner: web.AppRunner | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen.

        Raises:
            OSError: the address is taken or not of this machine.
        """
        application = web.Application()
        application.router.add_get("/health", self._health)
        application.router.add_get("/ready", self._ready)
        application.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def close(self) -> None:
        """Answer nothing any more."""
        if self._runner is not None:
            await self._runner.cleanup()

    def missing(self) -> list[str]:
        """Return which links are not there."""
        return [
            f"{node} to {peer.interface} {peer.name}"
            for node, peer in self._wanted
            if self._host.link(node, peer) is None
        ]

    async def _health(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"status": "ok", "nodes": list(self._host.nodes)})

    async def _ready(self, request: web.Request) -> web.Response:
        del request
        missing = self.missing()
        status = {"ready": not missing, "missing": missing}
        return web.json_response(status, status=503 if missing else 200)

    async def _metrics(self, request: web.Request) -> web.Response:
        del request
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE}
        )
