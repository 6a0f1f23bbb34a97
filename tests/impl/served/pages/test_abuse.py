"""The site over HTTPS, as somebody uses it who does not mean well: hostile, or late."""

import asyncio
import re
import ssl

import pytest

from impl.messages import Refusal, RefusalReason
from impl.served.pages import user_site
from impl.served.pages.user_site import COOKIE, FORMS_A_MINUTE
from impl.values import ICCID

CARD, OTHER, UNKNOWN = "8933010000000000010", "8933010000000000028", "8933010000000000036"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_every_card_number_is_answered_alike(visit):
    async def test(site, browser):
        pages = []
        for iccid in (CARD, UNKNOWN):
            await browser.come_to_code(iccid)
            shown = re.sub(r"\d{4} \d{4} \d{4} \d{4} \d{3}|\d{19}", "CARD", browser.text)
            pages.append((browser.status, browser.path, shown))
            refused = Refusal(id=site.said[-1].id, reason=RefusalReason.UNKNOWN_CARD)
            site.answer(refused)
            await browser.get("/code")
            again = re.sub(r"\d{4} \d{4} \d{4} \d{4} \d{3}|\d{19}", "CARD", browser.text)
            assert again == shown
        assert pages[0] == pages[1]
        assert site.told.asked == []

    visit(test)


@pytest.mark.parametrize("path", ["/offer", "/change"])
def test_who_knows_only_the_number_neither_sees_nor_changes_anything(visit, path):
    async def test(site, browser):
        site.go("sent")
        await browser.come_to_code()
        await browser.get(path)
        assert browser.path == "/code"
        await browser.post("/agree", {"agrees": "yes"})
        assert browser.path == "/code"
        assert site.requests == []
        assert site.told.asked == []

    visit(test)


def test_a_proof_for_one_card_is_none_for_another(visit):
    async def test(site, browser):
        await browser.come_to_offer()
        await browser.get("/")
        await browser.post("/card", {"iccid": OTHER})
        await browser.get("/")
        await browser.post("/agree", {"agrees": "yes"})
        assert site.requests == []
        await browser.get("/change")
        assert browser.path == "/code"

    visit(test)


def test_another_browser_does_not_see_the_change(visit):
    async def test(site, browser):
        await browser.agree()
        stranger = site.browser()
        await stranger.get("/change")
        assert stranger.status == 410
        await stranger.session.close()

    visit(test)


def test_a_wrong_code_is_refused_and_the_third_ends_it(visit):
    async def test(site, browser):
        await browser.come_to_code()
        for left in ("twice", "once"):
            await browser.post("/code", {"code": "abc"})
            assert browser.status == 422
            assert f"try {left} more" in browser.text
        await browser.post("/code", {"code": "abc"})
        assert browser.status == 410
        await browser.get("/code")
        await browser.post("/code", {"code": site.code()})
        assert browser.status == 410

    visit(test)


@pytest.mark.parametrize("path", ["/card", "/code", "/agree", "/end"])
@pytest.mark.parametrize("token", ["", "0" * 64, "another's", None])
def test_a_form_of_another_site_does_nothing(visit, path, token):
    async def test(site, browser):
        await browser.come_to_offer()
        stranger = site.browser()
        await stranger.get("/")
        forged = stranger.token if token == "another's" else token
        await stranger.session.close()
        fields = {"iccid": OTHER, "agrees": "yes", "code": "1"}
        fields |= {} if forged is None else {"token": forged}
        said = len(site.said)
        await browser.post(path, data=fields)
        assert browser.status == 403
        assert len(site.said) == said
        await browser.get("/offer")
        assert browser.status == 200

    visit(test)


def test_a_form_without_the_cookie_does_nothing(visit):
    async def test(site, browser):
        await browser.get("/")
        token = browser.token
        browser.session.cookie_jar.clear()
        await browser.post("/card", data={"token": token, "iccid": CARD})
        assert browser.status == 403
        assert site.said == []

    visit(test)


def test_a_card_gets_few_codes_whoever_asks(visit):
    async def test(site, browser):
        for _ in range(3):
            await browser.come_to_code()
            assert browser.status == 200
            browser.session.cookie_jar.clear()
        await browser.come_to_code()
        assert browser.status == 429
        assert 3590 < int(browser.headers["Retry-After"]) <= 3601
        assert len(site.said) == 3
        await browser.come_to_code(OTHER)
        assert browser.status == 200
        site.surroundings.time += 3600
        await browser.come_to_code()
        assert browser.status == 200

    visit(test)


def test_one_client_asks_for_few_cards(visit):
    async def test(site, browser):
        cards = [one for one in range(8933010000000001000, 8933010000000001400) if _is_card(one)]
        for number, card in enumerate(cards[:21]):
            site.surroundings.time += 5
            await browser.come_to_code(str(card))
            assert browser.status == (200 if number < 20 else 429)

    visit(test)


def _is_card(number):
    return ICCID(str(number)).has_valid_check_digit


def test_one_client_sends_few_forms(visit):
    async def test(site, browser):
        await browser.get("/")
        statuses = [
            await browser.post("/card", data={"token": "x"}) for _ in range(FORMS_A_MINUTE + 1)
        ]
        assert statuses == [403] * FORMS_A_MINUTE + [429]
        await browser.get("/")
        assert browser.status == 200
        assert site.said == []

    visit(test)


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"data": b"token=" + b"x" * 5000, "headers": FORM}, 413),
        ({"data": b"\xff\xfe=%ff", "headers": FORM}, 400),
        ({"data": b"a=%ff&token=%ed%a0%80", "headers": FORM}, 403),
        ({"data": b"{}", "headers": {"Content-Type": "application/json"}}, 415),
        ({"data": b"a=b", "headers": {"Content-Type": f"{FORM['Content-Type']}; charset=x"}}, 415),
        ({"data": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 415),
        ({"data": b"a=b", "headers": FORM | {"Cookie": f"{COOKIE}=" + "x" * 5000}}, 403),
    ],
)
def test_what_is_no_form_gets_its_answer(visit, facts, status):
    async def test(site, browser):
        await browser.get("/")
        assert await browser.post("/card", **facts) == status
        assert "Nothing was done" in browser.text
        assert site.said == []

    visit(test)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/card", 405), ("PUT", "/", 405), ("GET", "/code", 410)],
)
def test_what_is_not_there_is_answered_with_a_page_too(visit, method, path, status):
    async def test(site, browser):
        assert await browser._ask(method, path) == status
        assert "Begin again" in browser.text
        assert "Content-Security-Policy" in browser.headers
        assert ("Allow" in browser.headers) == (status == 405)
        assert site.said == []

    visit(test)


def test_a_form_that_does_not_arrive_whole_is_not_waited_for(visit, monkeypatch):
    monkeypatch.setattr(user_site, "ARRIVES_S", 0.05)

    async def test(site, browser):
        del browser
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=context)
        writer.write(
            b"POST /card HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\ntoken="
        )
        assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        writer.close()
        await writer.wait_closed()

    visit(test)


def test_the_one_cookie_is_for_this_site_and_no_script(visit):
    async def test(site, browser):
        await browser.get("/")
        (cookie,) = browser.headers.getall("Set-Cookie")
        parts = set(cookie.split("; ")[1:])
        assert cookie.startswith("__Host-")
        assert parts >= {"HttpOnly", "Secure", "SameSite=Strict", "Path=/"}
        assert not any(part.startswith("Domain") for part in parts)
        before = browser.name
        await browser.come_to_offer()
        assert browser.name != before
        assert site.requests == []

    visit(test)


def test_no_page_tells_a_code_or_a_name_of_a_visit(visit):
    async def test(site, browser):
        texts = []
        for step in (browser.come_to_code, browser.come_to_offer, browser.agree):
            await step()
            texts.append(browser.text + browser.path)
        assert not any(site.code() in text or browser.name in text for text in texts)

    visit(test)
