import asyncio
import csv
import io
import json

import aiohttp
import jsonschema
import pytest

from impl.application_server.change import State
from impl.application_server.changes import Wanted
from impl.application_server.server import ChangePage, ChangeView
from impl.codec.personalization import Outcome
from impl.events import Interface, Peer
from impl.served import pki
from impl.served.operator_link import OperatorServer
from impl.served.pages.operator_site import FIELDS, PATHS, OperatorSite, evidence
from impl.values import ICCID, PLMN, TransactionId

CARD, TN1, TN2 = ICCID("8933010000000000017"), PLMN("20801"), PLMN("26202")
GOOD = ChangeView(
    TransactionId("0000002a"), CARD, TN1, TN2, State.DONE, None, 0.0, 60.0, 2, Outcome.DONE
)
GIVEN_UP = ChangeView(
    TransactionId("0000002b"), CARD, TN1, TN2, State.ABANDONED, "no-answer", 0.0, 9.0, 0, None
)

BOTH = ChangePage([GOOD, GIVEN_UP], None)


@pytest.fixture
def keys(tmp_path):
    """What the server, an operator and a stranger have: the server knows only the operator."""
    names = ("application-server", f"{TN2}.centre", "stranger")
    for name in names:
        pki.create_folder(tmp_path / name, name)
    own = tmp_path / "application-server"
    pki.pin(own, f"{TN2}.centre", tmp_path / f"{TN2}.centre" / pki.CERTIFICATE)
    for name in names[1:]:
        pki.pin(tmp_path / name, "application-server.centre", own / pki.CERTIFICATE)
    read = {name: pki.Pins(tmp_path / name) for name in names}
    for one in read.values():
        one.reload()
    return read


@pytest.fixture
def ask(keys, host):
    """Ask as an operator would, or as a stranger."""

    def to(path, found=BOTH, who=f"{TN2}.centre", *, forget=False):
        asked = []

        def changes_of(plmn, wanted):
            asked.append((plmn, wanted))
            return found

        async def go():
            pins = keys["application-server"]
            routes = OperatorSite(changes_of, pins).routes()
            server = OperatorServer(host, "application-server", pins, routes, PATHS)
            port = await server.open("127.0.0.1", 0)
            if forget:
                pins.peers.clear()
            try:
                async with aiohttp.ClientSession() as session:
                    answer = await session.get(
                        f"https://127.0.0.1:{port}{path}",
                        ssl=keys[who].client_context,
                        server_hostname=keys[who].names[Peer(Interface.CENTRE, pins.folder.name)],
                    )
                    return answer.status, await answer.text(), dict(answer.headers)
            finally:
                await server.close()

        return (*asyncio.run(go()), asked)

    return to


def test_an_operator_is_told_of_the_changes_of_its_certificate(ask):
    status, text, _, asked = ask("/v1/changes")
    assert (status, asked) == (200, [(TN2, Wanted())])
    body = json.loads(text)
    assert [one["transaction"] for one in body["changes"]] == ["0000002a", "0000002b"]
    assert body["changes"][0] == {
        "transaction": "0000002a",
        "iccid": CARD,
        "source": TN1,
        "target": TN2,
        "state": "done",
        "reason": None,
        "opened": "1970-01-01T00:00:00Z",
        "ended": "1970-01-01T00:01:00Z",
        "messages_sent": 2,
        "card_reported": "done",
    }


def test_what_is_told_is_what_the_openapi_document_says(ask):
    _, text, _, _ = ask("/openapi.json")
    described = json.loads(text)["paths"]
    assert set(described) == {"/v1/messages", *PATHS}
    (content,) = described["/v1/changes"]["get"]["responses"]["200"]["content"].values()
    for found in (BOTH, ChangePage([], 5)):
        _, text, _, _ = ask("/v1/changes", found)
        jsonschema.validate(json.loads(text), content["schema"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"changes": [{}], "older": None}, content["schema"])


def test_a_query_says_which_and_the_page_before_where_to_go_on(ask):
    path = f"/v1/changes?state=done&iccid={CARD}&before=7&limit=3"
    _, text, _, asked = ask(path, ChangePage([GOOD], 5))
    assert asked == [(TN2, Wanted((State.DONE,), CARD, 7, 3))]
    assert json.loads(text)["older"] == 5


@pytest.mark.parametrize(
    "query",
    [
        *("state=none", "iccid=1", "iccid=<script>", "before=0", "before=-1", "limit=501"),
        *("limit=x", "before=" + "9" * 30, "other=1", "state=done&state=sent", "limit=%D9%A1"),
    ],
)
@pytest.mark.parametrize("path", ["/changes", "/v1/changes", "/v1/changes.csv"])
def test_a_query_that_means_nothing_is_refused_and_not_repeated(ask, path, query):
    status, text, headers, asked = ask(f"{path}?{query}")
    assert (status, asked) == (400, [])
    assert headers["Content-Type"].startswith("application/problem+json")
    assert "script" not in text


@pytest.mark.parametrize("path", ["/changes", "/v1/changes", "/v1/changes.csv"])
def test_who_has_no_agreement_sees_nothing(ask, path):
    with pytest.raises((aiohttp.ClientError, OSError)):
        ask(path, who="stranger")
    status, _, _, asked = ask(path, forget=True)
    assert (status, asked) == (403, [])


def test_a_table_for_other_programs_has_the_same(ask):
    status, text, headers, _ = ask("/v1/changes.csv", ChangePage([GOOD, GIVEN_UP], 5))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert status == 200
    assert tuple(rows[0]) == FIELDS
    assert [(row["state"], row["reason"]) for row in rows] == [
        ("done", ""),
        ("abandoned", "no-answer"),
    ]
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Older"] == "5"


def test_the_page_shows_state_times_and_evidence_and_leads_on(ask):
    status, text, headers, _ = ask(f"/changes?state=done&iccid={CARD}", ChangePage([GOOD], 5))
    assert status == 200
    assert "Content-Security-Policy" in headers
    assert "personalization message sent 2 times" in text
    assert "<option selected>done</option>" in text
    assert f"/changes?state=done&amp;iccid={CARD}&amp;before=5" in text
    assert f"/v1/changes.csv?state=done&amp;iccid={CARD}" in text


def test_a_page_with_nothing_on_it_says_so(ask):
    _, text, _, _ = ask("/changes?before=1", ChangePage([], None))
    assert "No change is as asked for" in text
    assert ">Older<" not in text
    assert ">Newest<" in text


def test_evidence_is_told_in_order():
    assert evidence(GOOD) == [
        "1970-01-01T00:00:00Z request taken",
        "personalization message sent 2 times",
        "the card reported done",
        "1970-01-01T00:01:00Z ended",
    ]
    assert "given up: no-answer" in evidence(GIVEN_UP)
    assert not any("message sent" in one for one in evidence(GIVEN_UP))
