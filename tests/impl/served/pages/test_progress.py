import asyncio
import json

import pytest
from aiohttp import web

from impl.application_server.change import OPEN, State
from impl.events import Interface, Peer
from impl.messages import RefusalReason
from impl.served import pki
from impl.served.operator_link import OperatorServer
from impl.served.pages.progress import (
    End,
    Progress,
    ProgressUnknownError,
    Standing,
    end_of,
    explain,
    steps,
)
from impl.values import ICCID, PLMN

SERVER = Peer(Interface.CENTRE, "application-server")
CARD, TN2 = ICCID("8933010000000000017"), PLMN("26202")
NEWER = {"target": TN2, "state": "sent", "reason": None, "opened": "2026-01-02T03:04:05Z"}
OLDER = NEWER | {"state": "done", "opened": "2025-01-02T03:04:05Z"}


@pytest.mark.parametrize("state", State)
def test_every_state_of_a_change_is_a_step_or_an_end(state):
    standings = [standing for _, standing in steps(state)]
    if end_of(state) is None:
        assert state in OPEN
        assert standings.count(Standing.NOW) == 1
        assert standings == sorted(standings, key=list(Standing).index)
    if end_of(state) is End.GOOD:
        assert set(standings) == {Standing.DONE}


def test_steps_go_forward_with_the_states():
    order = [None, State.REQUESTED, State.SENT, State.PERSONALIZED, State.CONFIRMED, State.DONE]
    done = [[s for _, s in steps(state)].count(Standing.DONE) for state in order]
    assert done == sorted(set(done))


@pytest.mark.parametrize("reason", [*RefusalReason, "refused-by-user", "something else", None])
def test_whatever_the_reason_somebody_is_told_what_to_do(reason):
    why, then = explain(reason)
    assert why.endswith(".")
    assert then.endswith(".")


def ask(tmp_path, host, body, *, status=200, is_there=True):
    """Ask an application server that answers `body`."""
    names = ("application-server", f"{TN2}.centre")
    for name in names:
        pki.create_folder(tmp_path / name, name)
    own, other = (pki.Pins(tmp_path / name) for name in names[::-1])
    pki.pin(own.folder, "application-server.centre", other.folder / pki.CERTIFICATE)
    pki.pin(other.folder, f"{TN2}.centre", own.folder / pki.CERTIFICATE)
    own.reload()
    other.reload()
    asked = []

    async def answer(request):
        asked.append(request.query_string)
        return web.Response(status=status, text=body, content_type="application/json")

    async def go():
        routes = [web.get("/v1/changes", answer)]
        server = OperatorServer(host, "application-server", other, routes)
        port = await server.open("127.0.0.1", 0)
        if not is_there:
            await server.close()
        progress = Progress(SERVER, own, f"127.0.0.1:{port}", TN2)
        try:
            return await progress.of(CARD)
        finally:
            await progress.close()
            await server.close()

    return asyncio.run(go()), asked


def test_the_newest_change_to_this_network_is_the_one(tmp_path, host):
    elsewhere = NEWER | {"target": "20801", "state": "requested"}
    body = json.dumps({"changes": [elsewhere, NEWER, OLDER]})
    known, asked = ask(tmp_path, host, body)
    assert (known.state, known.reason, known.opened.year) == ("sent", None, 2026)
    assert asked == [f"iccid={CARD}"]


def test_no_change_is_known_where_there_is_none(tmp_path, host):
    known, _ = ask(tmp_path, host, '{"changes": []}')
    assert known is None


@pytest.mark.parametrize(
    ("body", "facts"),
    [
        ("{}", {}),
        ("nonsense", {}),
        ('{"changes": [{"target": "26202"}]}', {}),
        ('{"changes": []}', {"status": 503}),
        ('{"changes": []}', {"is_there": False}),
    ],
)
def test_what_the_server_does_not_say_is_not_known(tmp_path, host, body, facts):
    with pytest.raises(ProgressUnknownError):
        ask(tmp_path, host, body, **facts)
