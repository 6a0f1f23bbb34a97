"""A customer centre with its web site, and a client of it."""

import asyncio
import re
from datetime import UTC, datetime

import aiohttp
import pytest

from impl.codec.operator import decode_operator, encode_operator
from impl.events import Arrived
from impl.messages import ChangeTaken, Refusal, RequestChange, SendCode
from impl.network.customer_centre import APPLICATION_SERVER, CustomerCentre, CustomerCentreConfig
from impl.served import pki
from impl.served.https import HttpsListener
from impl.served.pages.progress import Known, ProgressUnknownError
from impl.served.pages.user_site import COOKIE, UserSite
from impl.values import PLMN, TransactionId

CARD = "8933010000000000010"


class Surroundings:
    def __init__(self):
        self.time, self.drawn = 1_700_000_000.0, 0

    def now(self):
        return self.time

    def random_octets(self, count):
        self.drawn += 1
        return (self.drawn * 7919).to_bytes(count, "big")


class Told:
    """What the application server says of changes."""

    def __init__(self):
        self.known, self.is_reached, self.asked = None, True, []

    async def of(self, iccid):
        self.asked.append(iccid)
        if not self.is_reached:
            raise ProgressUnknownError("no")
        return self.known

    async def close(self):
        pass


class Browser:
    """A client with a cookie jar; `answer` is what it was told last."""

    def __init__(self, site, session):
        self.site, self.session = site, session
        self.text, self.status, self.headers, self.path = "", 0, {}, ""

    async def get(self, path, **facts):
        return await self._ask("GET", path, **facts)

    async def post(self, path, fields=None, **facts):
        fields = {"token": self.token} | (fields or {})
        return await self._ask("POST", path, **({"data": fields} | facts))

    async def _ask(self, method, path, **facts):
        url = f"https://127.0.0.1:{self.site.port}{path}"
        async with self.session.request(method, url, ssl=False, **facts) as answer:
            self.text, self.status = await answer.text(), answer.status
            self.headers, self.path = answer.headers, answer.url.path
        return self.status

    @property
    def token(self):
        found = re.search(r'name="token" value="([0-9a-f]+)"', self.text)
        return found[1] if found else ""

    @property
    def name(self):
        return next(one.value for one in self.session.cookie_jar if one.key == COOKIE)

    async def come_to_code(self, iccid=CARD):
        await self.get("/")
        await self.post("/card", {"iccid": iccid})

    async def come_to_offer(self, iccid=CARD):
        await self.come_to_code(iccid)
        await self.post("/code", {"code": self.site.code()})

    async def agree(self, iccid=CARD):
        await self.come_to_offer(iccid)
        await self.post("/agree", {"agrees": "yes"})


class Site:
    """A centre with its web site; what it tells the application server is kept."""

    def __init__(self, keys):
        self.surroundings, self.told, self.said = Surroundings(), Told(), []
        self.centre = CustomerCentre(CustomerCentreConfig(PLMN("26202")), self.surroundings)
        site = UserSite(self.centre, self.perform, self.told, self.surroundings, "Zweites Netz")
        self.web = HttpsListener(site.application, keys)
        self.port = 0

    def perform(self, commands):
        self.said += [decode_operator(one.octets) for one in commands]

    def code(self, iccid=None):
        codes = [one for one in self.said if isinstance(one, SendCode)]
        return [one for one in codes if iccid in {None, one.iccid}][-1].code.reveal().decode()

    @property
    def requests(self):
        return [one for one in self.said if isinstance(one, RequestChange)]

    def answer(self, message):
        self.centre.handle(Arrived(APPLICATION_SERVER, encode_operator(message)))

    def refuse(self, reason):
        self.answer(Refusal(id=self.requests[-1].id, reason=reason))

    def take(self):
        self.answer(ChangeTaken(id=self.requests[-1].id, transaction=TransactionId("0000002a")))

    def go(self, state, reason=None, opened_before_s=0.0):
        opened = datetime.fromtimestamp(int(self.surroundings.time - opened_before_s), UTC)
        self.told.known = Known(state, reason, opened)

    def browser(self):
        return Browser(self, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)))


@pytest.fixture
def visit(tmp_path):
    """Run a test with a site and a browser."""
    pki.create_folder(tmp_path / "site", "localhost")
    keys = pki.SiteKeys(tmp_path / "site")
    keys.reload()

    def run(test):
        async def go():
            site = Site(keys)
            site.port = await site.web.open("127.0.0.1", 0)
            browser = site.browser()
            try:
                await test(site, browser)
            finally:
                await browser.session.close()
                await site.web.close()

        asyncio.run(go())

    return run
