import asyncio

import pytest

from impl.card.menu import ENTER_CODE
from impl.device.dpa import NotOnMenuError
from impl.served.handset import make_handset
from impl.served.set_up import insert_card, issue_card


@pytest.fixture
def handset(deployment, host):
    with insert_card(issue_card(deployment, "20801", 1)) as (iccid, memory):
        made = make_handset(host, iccid, memory, deployment.reach)
        host.add(made.name, made.node)
        yield made


def test_the_menu_is_the_card_s(handset):
    async def go():
        handset.switch_on()
        names = ["First Mobile", "Zweites Netz", ENTER_CODE]
        assert list(handset.screen.items.values()) == names
        with pytest.raises(NotOnMenuError):
            handset.choose("Nowhere")

    asyncio.run(go())


def test_without_a_network_there_is_no_service(handset):
    async def go():
        handset.switch_on()
        assert not await handset.wait_for_service(None, 0.05)
        assert handset.serving_network is None
        handset.switch_off()

    asyncio.run(go())


def test_a_device_speaks_when_it_is_switched_on(handset, host):
    async def go():
        handset.switch_on()
        assert host.counts[handset.name, "mm", "lost"] == 1  # nobody is in reach

    asyncio.run(go())


def test_the_code_that_the_user_types_is_what_the_card_asks_for(handset):
    async def go():
        handset.switch_on()
        handset.type_code("22")
        assert handset.screen.questions == [ENTER_CODE]

    asyncio.run(go())
