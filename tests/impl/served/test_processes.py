import asyncio
from contextlib import AsyncExitStack

import pytest

from impl.application_server.change import State
from impl.network.records import SubscriberState
from impl.runtime.deployment import make_iccid
from impl.served.deployment import DeploymentError
from impl.served.handset import make_handset
from impl.served.host import Host
from impl.served.processes import Process
from impl.served.set_up import insert_card, issue_card, open_register, open_server

FIRST, SECOND = "20801", "26202"


class Served:
    """Every party on a host of its own, in one process, joined by sockets."""

    def __init__(self, deployment, log):
        self.deployment, self.log = deployment, log
        self.stack = AsyncExitStack()
        self.parties = {}

    async def __aenter__(self):
        card = issue_card(self.deployment, FIRST, 1)
        await self.start("server", lambda process: process.add_application_server())
        for part in self.deployment.networks:
            await self.start(part.plmn, lambda process, part=part: process.add_network(part))
        iccid, memory = self.stack.enter_context(insert_card(card))
        host = Host(self.log)
        self.handset = make_handset(host, iccid, memory, self.deployment.reach)
        process = Process(self.deployment, host)
        process.add_devices([self.handset])
        await process.open(self.stack, None)
        await self.handset.reach_networks()
        return self

    async def __aexit__(self, *error):
        for name in tuple(self.parties):
            await self.stop(name)
        await self.stack.aclose()

    async def start(self, name, fill):
        stack, process = AsyncExitStack(), Process(self.deployment, Host(self.log))
        fill(process)
        await process.open(stack, None)
        self.parties[name] = stack, process

    async def stop(self, name):
        stack, _ = self.parties.pop(name)
        await stack.aclose()

    def missing(self):
        """Return links that are not there yet."""
        return [
            link
            for _, process in self.parties.values()
            for link in process.wanted
            if process.host.link(*link) is None
        ]

    @property
    def states(self):
        return [one.state for one in open_server(self.deployment).changes()]


@pytest.fixture
def serve(deployment, log, until):
    def run(test, deployment=deployment):
        async def go():
            async with Served(deployment, log) as served:
                await until(lambda: not served.missing())
                served.handset.switch_on()
                assert await served.handset.wait_for_service(FIRST, 30.0)
                await test(served)

        asyncio.run(go())

    return run


def test_a_card_changes_over_real_sockets(serve, until):
    async def test(served):
        served.handset.choose("Zweites Netz")
        assert await served.handset.wait_for_service(SECOND, 30.0)
        await until(lambda: served.states == [State.DONE])
        registers = {
            part.plmn: open_register(served.deployment, part) for part in served.deployment.networks
        }
        assert registers[SECOND].knows(make_iccid(1))
        assert not registers[FIRST].knows(make_iccid(1))
        assert registers[SECOND].count(SubscriberState.ACTIVE) == 1

    serve(test)


def test_a_change_goes_through_the_gateway_that_is_deployed(serve, gateway_deployment, until):
    async def test(served):
        part = served.deployment.network(SECOND)
        await served.start("gateway", lambda process: process.add_gateway(part))
        served.handset.choose("Zweites Netz")
        assert await served.handset.wait_for_service(SECOND, 30.0)
        await until(lambda: served.states == [State.DONE])
        _, process = served.parties["gateway"]
        assert process.host.counts[f"gateway {SECOND}", "operator", "received"] >= 4

    serve(test, gateway_deployment)


def test_while_the_gateway_is_down_nobody_reaches_the_register(serve, gateway_deployment):
    async def test(served):
        served.handset.choose("Zweites Netz")
        await asyncio.sleep(0.2)
        assert served.handset.serving_network == FIRST
        assert served.states == [State.REQUESTED]

    serve(test, gateway_deployment)


@pytest.mark.parametrize("generation", ["GSM", "LTE", "CDMA"])
def test_a_card_changes_to_a_network_of_another_generation(
    serve, deployment_with, until, generation
):
    async def test(served):
        served.handset.choose("Zweites Netz")
        assert await served.handset.wait_for_service(SECOND, 30.0)
        await until(lambda: served.states == [State.DONE])

    serve(test, deployment_with(lambda second: second.update(generation=generation)))


def test_without_a_gateway_in_the_deployment_none_runs(deployment, log):
    with pytest.raises(DeploymentError, match="has no gateway"):
        Process(deployment, Host(log)).add_gateway(deployment.networks[0])


def test_a_card_changes_there_and_back(serve, until):
    async def test(served):
        for count, (name, plmn) in enumerate(
            [("Zweites Netz", SECOND), ("First Mobile", FIRST)] * 3, start=1
        ):
            served.handset.choose(name)
            assert await served.handset.wait_for_service(plmn, 30.0)
            await until(lambda count=count: served.states == [State.DONE] * count)

    serve(test)


def test_a_command_code_works_as_the_menu_does(serve, until):
    async def test(served):
        served.handset.type_code("22")
        assert await served.handset.wait_for_service(SECOND, 30.0)
        await until(lambda: served.states == [State.DONE])

    serve(test)


def test_an_unknown_code_changes_nothing(serve):
    async def test(served):
        served.handset.type_code("99")
        await asyncio.sleep(0.1)
        assert served.handset.serving_network == FIRST
        assert served.states == []

    serve(test)


def test_the_customer_centre_asks_for_its_user(serve, until):
    async def test(served):
        _, process = served.parties[SECOND]
        centre = next(one for one in process.centres if one.plmn == SECOND)
        process.host.perform(f"centre {SECOND}", centre.request(make_iccid(1), user_agreed=True))
        assert await served.handset.wait_for_service(SECOND, 30.0)
        await until(lambda: served.states == [State.DONE])

    serve(test)


def test_a_server_that_starts_again_goes_on(serve, until):
    async def test(served):
        await served.stop("server")
        served.handset.choose("Zweites Netz")
        await asyncio.sleep(0.05)
        assert served.handset.serving_network == FIRST
        await served.start("server", lambda process: process.add_application_server())
        await until(lambda: not served.missing())
        served.handset.choose("Zweites Netz")
        assert await served.handset.wait_for_service(SECOND, 30.0)
        await until(lambda: served.states == [State.DONE])

    serve(test)


def test_a_network_that_starts_again_finds_its_subscribers(serve, until):
    async def test(served):
        await served.stop(SECOND)
        await served.start(
            SECOND, lambda process: process.add_network(served.deployment.network(SECOND))
        )
        await until(lambda: not served.missing())
        await until(lambda: all(air.is_open for air in served.handset.airs), 10.0)
        served.handset.choose("Zweites Netz")
        assert await served.handset.wait_for_service(SECOND, 30.0)
        await until(lambda: served.states == [State.DONE])

    serve(test)


def test_an_address_that_is_taken_is_told(deployment, log):
    async def go():
        async with AsyncExitStack() as stack:
            for _ in range(2):
                process = Process(deployment, Host(log))
                process.add_centre(deployment.networks[0])
                await process.open(stack, None)

    with pytest.raises(OSError, match="in use"):
        asyncio.run(go())
