import asyncio
import re

import aiohttp
import pytest

from impl.served import demo
from impl.served.demo import Demo, DemoError


def test_the_demo_tells_each_step_in_order(tmp_path):
    told = []
    asyncio.run(Demo(tmp_path, told.append).run())
    headings = [line.strip()[:2] for line in told if re.match(r"\nS\d", line)]
    assert headings == ["S1", "S2", "S3", "S4", "S5"]
    assert told[-1].strip() == "The card of First Mobile is a card of Zweites Netz now."


def test_a_demo_that_stays_up_says_where_to_change_back(tmp_path):
    told, found = [], []

    async def leave():
        invitation = told[-1]
        (url,) = re.findall(r"open (https://\S+)", invitation)
        async with aiohttp.ClientSession() as session:
            answer = await session.get(url, ssl=False)
            found.append((answer.status, "First Mobile" in await answer.text(), invitation))

    asyncio.run(Demo(tmp_path, told.append, leave).run())
    ((status, is_home, invitation),) = found
    assert (status, is_home) == (200, True)
    assert "card number  8933010000000000010" in invitation


def test_a_demo_that_does_not_come_to_its_end_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "STEPS", (("never sent", "", "never"),))
    monkeypatch.setattr(demo, "PATIENCE_S", 0.5)
    with pytest.raises(DemoError, match="no end"):
        asyncio.run(Demo(tmp_path, [].append).run())
