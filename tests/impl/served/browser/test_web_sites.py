"""The web sites as people use them: in Chromium, with every party of a served world behind them.

A machine without Chromium skips this; where CI runs, it fails.
"""

import asyncio
import os
import re
import shutil
from contextlib import asynccontextmanager

import pytest

from impl.application_server.change import State
from impl.runtime.deployment import make_iccid
from impl.served import pki
from impl.served.set_up import key_folder

SECOND = "26202"
CARD = make_iccid(1)
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE_MS = 20_000
SERIOUS = {"serious", "critical"}


@pytest.fixture
def chromium():
    """Return what starts Chromium; without it there is nothing to see."""
    if CHROMIUM is None:
        missing = "Chromium is needed (apt-packages.txt)"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    from playwright.async_api import async_playwright

    @asynccontextmanager
    async def start():
        async with async_playwright() as engine:
            found = await engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            yield found
            await found.close()

    return start


class Person:
    """Somebody with a device and a browser."""

    def __init__(self, served, page, until):
        self.served, self.page, self.until = served, page, until
        self.site = f"https://{served.deployment.network(SECOND).site}"

    async def code(self):
        """Read the code from the screen of the device."""
        await self.until(lambda: self.served.handset.screen.texts)
        return re.search(r"\d{8}", self.served.handset.screen.texts[-1])[0]

    async def name_the_card(self):
        await self.page.goto(self.site)
        await self.page.fill("#iccid", CARD)
        await self.page.click("text=Send me a code")

    async def prove(self):
        await self.name_the_card()
        await self.page.fill("#code", await self.code())
        await self.page.click("text=Go on")

    async def agree(self):
        await self.prove()
        await self.page.check("#agrees")
        await self.page.click("text=Change now")


@pytest.fixture
def browse(chromium, serve, until):
    """Let a test use the second operator's site; what goes wrong in a page fails it."""

    def run(test, **facts):
        async def go(served):
            async with chromium() as browser:
                options = {"ignore_https_errors": True} | facts
                context = await browser.new_context(**options)
                page = await context.new_page()
                page.set_default_timeout(PATIENCE_MS)
                faults = []
                page.on("console", lambda said: faults.append(said.text))
                page.on("pageerror", lambda error: faults.append(str(error)))
                await test(Person(served, page, until))
                assert faults == []
                await context.close()

        serve(go)

    return run


@pytest.mark.parametrize("with_script", [True, False])
def test_a_person_changes_from_the_number_of_the_card_to_the_end(browse, with_script):
    async def test(person):
        await person.agree()
        await person.page.wait_for_selector("h1.good")  # the page looks again by itself
        assert await person.page.locator("li.done").count() == 6
        assert person.served.states == [State.DONE]
        assert person.served.handset.serving_network == SECOND

    browse(test, java_script_enabled=with_script)


def test_a_person_without_a_mouse_gets_there_too(browse):
    async def test(person):
        page, keys = person.page, person.page.keyboard
        await page.goto(person.site)
        await keys.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await keys.press("Tab")
        await keys.type(CARD)
        await keys.press("Enter")
        await page.wait_for_url("**/code")
        for _ in range(2):
            await keys.press("Tab")
        await keys.type(await person.code())
        await keys.press("Enter")
        await page.wait_for_url("**/offer")
        for _ in range(2):
            await keys.press("Tab")
        await keys.press("Space")
        await keys.press("Enter")
        await page.wait_for_selector("h1.good")

    browse(test)


def test_without_the_tick_the_browser_itself_asks_for_it(browse):
    async def test(person):
        await person.prove()
        await person.page.click("text=Change now")
        await asyncio.sleep(0.2)
        assert person.page.url.endswith("/offer")
        assert person.served.states == []

    browse(test)


async def violations(page):
    """Return what axe-core finds serious."""
    from axe_playwright_python.async_playwright import Axe

    found = (await Axe().run(page)).response["violations"]
    return [
        (one["id"], node["html"])
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


async def is_too_wide(page):
    return await page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_shuts_anybody_out(browse, scheme):
    async def test(person):
        page = person.page

        async def look():
            assert await violations(page) == []
            for width in (320, 1280):
                await page.set_viewport_size({"width": width, "height": 800})
                assert not await is_too_wide(page)

        await page.goto(f"{person.site}")
        await look()
        await person.name_the_card()
        await page.click("summary")
        await look()
        await page.fill("#code", await person.code())
        await page.click("text=Go on")
        await look()
        await page.check("#agrees")
        await page.click("text=Change now")
        await page.wait_for_selector("h1.good")
        await look()
        await page.emulate_media(media="print")
        assert not await page.locator("text=Leave this page").is_visible()
        assert await page.locator("li.done").count() == 6

    browse(test, color_scheme=scheme, bypass_csp=True)


def test_axe_would_find_a_fault(browse):
    async def test(person):
        await person.page.goto(person.site)
        await person.page.evaluate("document.querySelector('label').remove()")
        assert "label" in {rule for rule, _ in await violations(person.page)}

    browse(test, bypass_csp=True)


def test_a_script_that_got_into_a_page_would_not_run(chromium, serve):
    async def test(served):
        async with chromium() as browser:
            context = await browser.new_context(ignore_https_errors=True)
            page = await context.new_page()
            await page.goto(f"https://{served.deployment.network(SECOND).site}")
            await page.evaluate(
                "document.body.append(Object.assign(document.createElement('script'),"
                "{textContent: 'window.got_in = true'}))"
            )
            assert await page.evaluate("window.got_in") is None
            await context.close()

    serve(test)


def test_an_operator_sees_its_changes_by_its_certificate(chromium, serve, until):
    async def test(served):
        served.handset.choose("Zweites Netz")
        assert await served.handset.wait_for_service(SECOND, 30.0)
        await until(lambda: served.states == [State.DONE])
        site = f"https://{served.deployment.application_server.listens}"
        folder = key_folder(served.deployment, f"{SECOND}.centre")
        shown = {
            "origin": site,
            "certPath": folder / pki.CERTIFICATE,
            "keyPath": folder / pki.KEY,
        }
        async with chromium() as browser:
            context = await browser.new_context(
                ignore_https_errors=True, client_certificates=[shown], bypass_csp=True
            )
            page = await context.new_page()
            await page.goto(f"{site}/changes")
            assert await page.locator("tbody tr").count() == 1
            assert await page.locator(".state").inner_text() == "done"
            assert await violations(page) == []
            await page.select_option("#state", "sent")
            await page.click("text=Show")
            assert "No change is as asked for" in await page.inner_text("tbody")
            await page.set_viewport_size({"width": 320, "height": 800})
            assert not await is_too_wide(page)
            await context.close()

    serve(test)
