"""The site over HTTPS, as somebody uses it who means well."""

import re

import pytest

from impl.messages import RefusalReason
from impl.served.pages.user_site import PATIENCE_S

CARD = "8933010000000000010"


def test_from_the_card_to_the_change_step_by_step(visit):
    async def test(site, browser):
        await browser.come_to_code()
        assert browser.path == "/code"
        await browser.post("/code", {"code": f" {site.code()[:4]} {site.code()[4:]} "})
        assert browser.path == "/offer"
        assert site.requests == []
        await browser.post("/agree", {"agrees": "yes"})
        assert browser.path == "/change"
        (request,) = site.requests
        assert (request.iccid, request.user_agreed) == (CARD, True)
        site.take()
        for state, text in [
            ("requested", "set aside"),
            ("sent", "on its way"),
            ("personalized", "has joined"),
            ("confirmed", "has closed"),
        ]:
            site.go(state)
            await browser.get("/change")
            assert browser.headers["Refresh"] == "2"
            now = re.search(r'<li class="now".*?</li>', browser.text, re.DOTALL)[0]
            assert text in now
        site.go("done")
        await browser.get("/change")
        assert "Welcome to Zweites Netz" in browser.text
        assert "Refresh" not in browser.headers

    visit(test)


@pytest.mark.parametrize("typed", ["8933 0100 0000 0000 010", "8933-0100-0000-0000-010", CARD])
def test_a_card_number_may_stand_as_on_the_card(visit, typed):
    async def test(site, browser):
        await browser.come_to_code(typed)
        assert site.said[0].iccid == CARD

    visit(test)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", "18 to 20 digits"),
        ("12345", "18 to 20 digits"),
        ("<script>alert(1)</script>", "18 to 20 digits"),
        ("8933010000000000015", "do not add up"),
        ("8933010000000000041", "do not add up"),
    ],
)
def test_a_mistyped_card_number_is_explained_and_nobody_is_asked(visit, typed, fault):
    async def test(site, browser):
        await browser.come_to_code(typed)
        assert browser.status == 422
        assert fault in browser.text
        assert "<script" not in browser.text
        assert site.said == []

    visit(test)


@pytest.mark.parametrize("agrees", [{}, {"agrees": ""}, {"agrees": "no"}, {"agrees": "YES"}])
def test_without_agreement_nothing_is_asked_for(visit, agrees):
    async def test(site, browser):
        await browser.come_to_offer()
        await browser.post("/agree", agrees)
        assert browser.status == 422
        assert "Nothing was changed" in browser.text
        assert site.requests == []

    visit(test)


def test_a_form_said_twice_asks_once(visit):
    async def test(site, browser):
        await browser.come_to_offer()
        form = browser.text
        for _ in range(3):
            browser.text = form
            await browser.post("/agree", {"agrees": "yes"})
            assert browser.path == "/change"
        assert len(site.requests) == 1

    visit(test)


def test_after_a_refusal_it_may_be_asked_again(visit):
    async def test(site, browser):
        await browser.agree()
        site.refuse(RefusalReason.NO_FREE_IDENTITY)
        await browser.get("/change")
        assert "no number free" in browser.text
        assert "Refresh" not in browser.headers
        await browser.post("/agree", {"agrees": "yes"})
        assert len(site.requests) == 2

    visit(test)


@pytest.mark.parametrize("reason", RefusalReason)
def test_a_request_that_is_refused_is_explained(visit, reason):
    async def test(site, browser):
        await browser.agree()
        site.refuse(reason)
        await browser.get("/change")
        assert browser.status == 200
        assert "Refresh" not in browser.headers
        assert "Leave this page" in browser.text

    visit(test)


def test_a_change_that_was_under_way_to_us_is_shown_instead_of_a_refusal(visit):
    async def test(site, browser):
        await browser.agree()
        site.refuse(RefusalReason.CHANGE_UNDER_WAY)
        site.go("sent", opened_before_s=100)
        await browser.get("/change")
        assert "Your card is changing" in browser.text

    visit(test)


def test_who_comes_back_and_proves_it_sees_the_change_go_on(visit):
    async def test(site, browser):
        site.go("sent", opened_before_s=3000)
        await browser.come_to_offer()
        assert browser.path == "/change"
        assert "Your card is changing" in browser.text
        assert site.requests == []

    visit(test)


def test_an_old_change_is_not_taken_for_this_one(visit):
    async def test(site, browser):
        site.go("abandoned", "no-answer", opened_before_s=3000)
        await browser.agree()
        assert "Your card is changing" in browser.text

    visit(test)


@pytest.mark.parametrize(
    ("state", "text", "goes_on"),
    [
        ("releasing", "is being undone", True),
        ("abandoned", "was not changed", False),
        ("unanswered", "Welcome", False),
    ],
)
def test_an_end_is_told_for_what_it_is(visit, state, text, goes_on):
    async def test(site, browser):
        await browser.agree()
        site.take()
        site.go(state, "refused-by-user")
        await browser.get("/change")
        assert text in browser.text
        assert ("Refresh" in browser.headers) == goes_on

    visit(test)


def test_while_the_server_does_not_answer_the_page_says_so(visit):
    async def test(site, browser):
        site.told.is_reached = False
        await browser.agree()
        assert browser.path == "/change"
        assert "cannot see at the moment" in browser.text
        assert "Ask again" not in browser.text
        site.surroundings.time += PATIENCE_S + 1
        await browser.get("/change")
        await browser.post("/agree", {"agrees": "yes"})
        assert len(site.requests) == 2

    visit(test)


def test_a_page_that_is_watched_long_is_loaded_less_often(visit):
    async def test(site, browser):
        await browser.agree()
        site.take()
        site.go("sent")
        site.surroundings.time += 121
        await browser.get("/change")
        assert browser.headers["Refresh"] == "20"

    visit(test)


def test_who_leaves_has_left(visit):
    async def test(site, browser):
        await browser.come_to_offer()
        await browser.post("/end")
        assert browser.path == "/"
        assert site.requests == []
        await browser.get("/offer")
        assert browser.status == 410

    visit(test)
