"""schemathesis asks what the document allows, and what it does not, and checks each answer."""

import asyncio
import threading
from contextlib import contextmanager

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from impl.served import pki
from impl.served.host import Host
from impl.served.log import Log
from impl.served.openapi import openapi
from impl.served.operator_link import OperatorServer

SAY = schemathesis.openapi.from_dict(openapi())["/v1/messages"]["POST"]


class Taking:
    """A node that takes everything and says nothing."""

    taken = 0

    def handle(self, event):
        del event
        self.taken += 1
        return []


@contextmanager
def serving(host, pins):
    """Let a register listen on a thread; give its address."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    server, ports = OperatorServer(host, "HLR", pins), []

    def run():
        asyncio.set_event_loop(loop)
        ports.append(loop.run_until_complete(server.open("localhost", 0)))
        ready.set()
        loop.run_forever()
        loop.run_until_complete(server.close())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(10)
        yield f"https://localhost:{ports[0]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def make_keys(tmp_path):
    """Return the pins of a register, and what its peer shows and accepts (files for `requests`)."""
    register, server = tmp_path / "register", tmp_path / "server"
    pki.create_folder(register, "localhost")
    pki.create_folder(server, "application-server")
    pki.pin(register, "application-server.operator", server / pki.CERTIFICATE)
    pins = pki.Pins(register)
    pins.reload()
    shown = str(server / pki.CERTIFICATE), str(server / pki.KEY)
    return pins, {"cert": shown, "verify": str(register / pki.CERTIFICATE)}


def test_every_answer_is_one_that_the_document_promises(tmp_path):
    host = Host(Log("test", "error"))
    node = Taking()
    host.add("HLR", node)
    pins, session = make_keys(tmp_path)
    statuses = set()
    with serving(host, pins) as address:

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.one_of(SAY.as_strategy(), SAY.as_strategy(GenerationMode.NEGATIVE)))
        def ask(case):
            response = case.call(base_url=address, **session)
            statuses.add(response.status_code)
            case.validate_response(response)

        ask()
    assert {202, 400} <= statuses
    assert node.taken > 1
