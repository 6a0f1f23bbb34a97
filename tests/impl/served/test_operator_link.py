import asyncio
import json
import ssl

import aiohttp
import pytest

from impl.codec.operator import LONGEST, encode_operator
from impl.events import Arrived, Interface, Peer, Send
from impl.messages import Noted
from impl.runtime.tls import make_identity
from impl.served import operator_link, pki
from impl.served.openapi import PATH, openapi
from impl.served.operator_link import OperatorLink, OperatorServer
from impl.values import TransactionId

SERVER = Peer(Interface.OPERATOR, "application-server")
REGISTER = Peer(Interface.OPERATOR, "20802")
MESSAGE = encode_operator(Noted(id="x", transaction=TransactionId("0000002a")))


@pytest.fixture
def folders(tmp_path):
    """Key folders of server and register, which pinned each other."""
    names = ("application-server", "20802.operator")
    for name in names:
        pki.create_folder(tmp_path / name, name)
    for name, other in (names, names[::-1]):
        file = other if "." in other else f"{other}.operator"
        pki.pin(tmp_path / name, file, tmp_path / other / pki.CERTIFICATE)
    return tuple(tmp_path / name for name in names)


def read(folder):
    pins = pki.Pins(folder)
    pins.reload()
    return pins


class Register:
    """A register that listens, on a host of its own."""

    def __init__(self, host, make_node, folders):
        self.host, self.node = host, make_node()
        host.add("HLR", self.node)
        self.pins = read(folders[1])
        self.server = OperatorServer(host, "HLR", self.pins)

    async def __aenter__(self):
        self.address = f"127.0.0.1:{await self.server.open('127.0.0.1', 0)}"
        return self

    async def __aexit__(self, *error):
        await self.server.close()

    @property
    def heard(self):
        return [one for one in self.node.events if isinstance(one, Arrived)]


async def post(register, pins, body, **how):
    """Send one request as `how` says, a message as it should be without."""
    headers = {"Content-Type": how.get("content_type", "application/json")}
    method, path = how.get("method", "POST"), how.get("path", PATH)
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method,
            f"https://{register.address}{path}",
            data=body,
            headers=headers,
            ssl=pins.client_context,
            server_hostname="20802.operator",
        ) as response,
    ):
        return response.status, response.content_type, await response.text()


def test_a_message_arrives_under_the_name_that_the_certificate_proves(
    host, make_node, folders, until
):
    async def go():
        async with Register(host, make_node, folders) as register:
            link = OperatorLink(host, "AS", REGISTER, read(folders[0]), register.address)
            host.join("AS", REGISTER, link)
            task = asyncio.create_task(link.run())
            host.perform("AS", [Send(REGISTER, MESSAGE)] * 20)
            await until(lambda: len(register.heard) == 20)
            assert set(register.heard) == {Arrived(SERVER, MESSAGE)}
            assert not host.counts["AS", "operator", "lost"]
            task.cancel()

    asyncio.run(go())


def test_steady_talk_makes_no_new_sessions(host, make_node, folders, until):
    async def go():
        pins = read(folders[0])
        async with Register(host, make_node, folders) as register:
            opened = []
            choose = register.pins.server_context.sni_callback
            register.pins.server_context.sni_callback = lambda *one: (
                opened.append(1),
                choose(*one),
            )[1]
            link = OperatorLink(host, "AS", REGISTER, pins, register.address)
            link.at_once = 1
            task = asyncio.create_task(link.run())
            for number in range(1, 31):
                link.send(MESSAGE)
                await until(lambda number=number: len(register.heard) == number)
            assert len(opened) == 1
            task.cancel()

    asyncio.run(go())


def test_who_is_not_pinned_is_not_heard(host, make_node, folders, tmp_path, until):
    stranger = tmp_path / "stranger"
    pki.create_folder(stranger, "application-server")
    pki.pin(stranger, "20802.operator", folders[1] / pki.CERTIFICATE)

    async def go():
        async with Register(host, make_node, folders) as register:
            link = OperatorLink(host, "AS", REGISTER, read(stranger), register.address)
            task = asyncio.create_task(link.run())
            link.send(MESSAGE)
            await until(lambda: host.counts["AS", "operator", "lost"])
            assert not register.heard
            task.cancel()

    asyncio.run(go())


def test_nothing_is_said_to_who_is_not_the_register(host, make_node, folders, until):
    pki.write_identity(folders[1], make_identity("20802.operator"))  # not the one that was pinned

    async def go():
        async with Register(host, make_node, folders) as register:
            link = OperatorLink(host, "AS", REGISTER, read(folders[0]), register.address)
            task = asyncio.create_task(link.run())
            link.send(MESSAGE)
            await until(lambda: host.counts["AS", "operator", "lost"])
            assert not register.heard
            task.cancel()

    asyncio.run(go())


def test_without_agreement_nothing_is_dialled(host, folders, until, lines):
    (folders[0] / pki.PINNED / "20802.operator.pem").unlink()

    async def go():
        link = OperatorLink(host, "AS", REGISTER, read(folders[0]), "127.0.0.1:9")
        task = asyncio.create_task(link.run())
        link.send(MESSAGE)
        await until(lambda: host.counts["AS", "operator", "lost"])
        task.cancel()

    asyncio.run(go())
    assert "no agreement" in lines.records[-1]["why"]


def test_when_nobody_listens_the_message_is_lost_and_the_link_lives(host, folders, until):
    async def go():
        link = OperatorLink(host, "AS", REGISTER, read(folders[0]), "127.0.0.1:9")
        task = asyncio.create_task(link.run())
        for count in (1, 2):
            link.send(MESSAGE)
            await until(lambda count=count: host.counts["AS", "operator", "lost"] == count)
        task.cancel()

    asyncio.run(go())


def test_more_than_may_wait_is_lost_at_once(host, folders, monkeypatch):
    monkeypatch.setattr(operator_link, "MOST_WAITING", 2)
    link = OperatorLink(host, "AS", REGISTER, read(folders[0]), "127.0.0.1:9")
    for _ in range(3):
        link.send(MESSAGE)
    assert host.counts["AS", "operator", "lost"] == 1


def test_a_new_certificate_counts_for_new_sessions(host, make_node, folders, tmp_path):
    async def go():
        async with Register(host, make_node, folders) as register:
            pki.create_folder(tmp_path / "next", "application-server")
            pki.pin(tmp_path / "next", "20802.operator", folders[1] / pki.CERTIFICATE)
            newer = read(tmp_path / "next")
            with pytest.raises((aiohttp.ClientError, ssl.SSLError, OSError)):
                await post(register, newer, MESSAGE)
            pki.pin(folders[1], "application-server.operator.next", newer.folder / pki.CERTIFICATE)
            register.pins.reload()
            assert (await post(register, newer, MESSAGE))[0] == 202
            assert (await post(register, read(folders[0]), MESSAGE))[0] == 202

    asyncio.run(go())


WRONG = {
    "not JSON": (400, b"no json", {}),
    "field missing": (400, b'{"kind": "noted"}', {}),
    "not JSON by its type": (415, MESSAGE, {"content_type": "text/plain"}),
    "too long": (413, b" " * (LONGEST + 2), {}),
    "PUT": (405, b"", {"method": "PUT"}),
    "elsewhere": (404, b"", {"method": "GET", "path": "/elsewhere"}),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_answered_as_a_problem(host, make_node, folders, what):
    expected, body, how = WRONG[what]

    async def go():
        async with Register(host, make_node, folders) as register:
            status, kind, text = await post(register, read(folders[0]), body, **how)
            assert (status, kind) == (expected, "application/problem+json")
            problem = json.loads(text)
            assert set(problem) == {"type", "title", "status", "detail"}
            assert problem["status"] == expected
            assert not register.heard

    asyncio.run(go())


def test_a_problem_names_the_field_and_not_its_value(host, make_node, folders):
    async def go():
        async with Register(host, make_node, folders) as register:
            wrong = json.dumps({"kind": "noted", "id": "x", "transaction": "4a6f686e"[:3]})
            _, _, text = await post(register, read(folders[0]), wrong)
            assert "transaction" in text
            assert "4a6" not in text

    asyncio.run(go())


def test_a_register_whose_store_fails_says_so(host, make_node, folders):
    class Full:
        def handle(self, event):
            if isinstance(event, Arrived):
                raise OSError("disk full")
            return []

    async def go():
        async with Register(host, make_node, folders) as register:
            host.add("HLR", Full())
            assert (await post(register, read(folders[0]), MESSAGE))[0] == 503

    asyncio.run(go())


def test_the_document_is_served(host, make_node, folders):
    async def go():
        async with Register(host, make_node, folders) as register:
            how = {"method": "GET", "path": "/openapi.json"}
            status, _, text = await post(register, read(folders[0]), None, **how)
            assert status == 200
            assert json.loads(text) == openapi()

    asyncio.run(go())
