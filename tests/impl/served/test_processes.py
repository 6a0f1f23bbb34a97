import asyncio
import ssl
from contextlib import AsyncExitStack
from itertools import chain, cycle

import pytest

from impl.application_server.change import State
from impl.events import Interface, Peer
from impl.network.records import SubscriberState
from impl.runtime.deployment import make_iccid
from impl.runtime.sessions import SERVER
from impl.runtime.tls import make_identity
from impl.served.deployment import DeploymentError
from impl.served.host import Host
from impl.served.pages.progress import Progress
from impl.served.pki import Pins, write_identity
from impl.served.processes import Process
from impl.served.set_up import key_folder, open_register
from impl.values import PLMN

FIRST, SECOND = "20801", "26202"


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


def test_keys_are_read_anew_whole_or_it_is_said_which_are_not(deployment, host, lines):
    process = Process(deployment, host)
    process.add_centre(deployment.networks[1])
    process.reload()
    assert [line["event"] for line in lines.records] == ["keys read"]
    own = key_folder(deployment, f"{SECOND}.{Interface.CENTRE}") / "own.pem"
    own.unlink()
    process.reload()
    (line,) = lines.records[1:]
    assert (line["event"], str(own.parent) in line["why"]) == ("keys not read", True)


def test_a_card_changes_there_and_back(serve, until):
    async def test(served):
        for count, (name, plmn) in enumerate(
            [("Zweites Netz", SECOND), ("First Mobile", FIRST)] * 3, start=1
        ):
            served.handset.choose(name)
            assert await served.handset.wait_for_service(plmn, 30.0)
            await until(lambda count=count: served.states == [State.DONE] * count)

    serve(test)


def test_changes_open_no_secured_session_once_all_parties_have_spoken(serve, until, monkeypatch):
    begun = []
    wrap = ssl.SSLContext.wrap_bio

    def count(context, *streams, **facts):
        begun.append(facts)
        return wrap(context, *streams, **facts)

    monkeypatch.setattr(ssl.SSLContext, "wrap_bio", count)

    async def test(served):
        ends = []
        for done, (name, plmn) in enumerate(
            [("Zweites Netz", SECOND), ("First Mobile", FIRST)] * 3, start=1
        ):
            served.handset.choose(name)
            assert await served.handset.wait_for_service(plmn, 30.0)
            await until(lambda done=done: served.states == [State.DONE] * done)
            ends.append(len(begun))
        assert ends[0] > 0
        assert ends[1:] == [ends[1]] * 5  # there and back, everybody has spoken to everybody

    serve(test)


def replace_certificate(served, *, is_announced):
    """Yield after each step of the handbook for the certificate of the second register."""
    register, server = (served.parties[name][1] for name in (SECOND, "server"))
    name = f"{SECOND}.operator"
    own, pinned = (key_folder(served.deployment, one) for one in (name, SERVER))
    identity, coming = make_identity(name), pinned / f"pinned/{name}.next.pem"
    if is_announced:
        coming.write_text(identity.certificate_pem, "ascii")
        server.reload()
        yield
    write_identity(own, identity)
    register.reload()
    yield
    if is_announced:
        coming.replace(pinned / f"pinned/{name}.pem")
        server.reload()
        yield


def lost(served):
    """Return how many operator messages were lost by all parties."""
    counts = [process.host.counts for _, process in served.parties.values()]
    return sum(one[key] for one in counts for key in one if key[1:] == ("operator", "lost"))


def test_a_certificate_is_replaced_while_cards_change_and_no_message_is_lost(serve, until):
    async def test(served):
        before, wishes = lost(served), cycle([("Zweites Netz", SECOND), ("First Mobile", FIRST)])
        steps = replace_certificate(served, is_announced=True)
        for done, _ in enumerate(chain(steps, [None]), start=1):
            name, plmn = next(wishes)
            served.handset.choose(name)
            assert await served.handset.wait_for_service(plmn, 30.0)
            await until(lambda done=done: served.states == [State.DONE] * done)
        assert done == 4
        assert lost(served) == before

    serve(test)


def test_a_certificate_that_nobody_was_told_of_is_not_spoken_with(serve, until):
    async def test(served):
        before = lost(served)
        list(replace_certificate(served, is_announced=False))
        served.handset.choose("Zweites Netz")
        await until(lambda: lost(served) > before)
        assert served.handset.serving_network == FIRST

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


@pytest.mark.parametrize(("plmn", "state"), [(SECOND, "done"), (FIRST, None)])
def test_a_centre_learns_how_far_changes_to_its_network_are(serve, until, plmn, state):
    async def test(served):
        served.handset.choose("Zweites Netz")
        await until(lambda: served.states == [State.DONE])
        pins = Pins(key_folder(served.deployment, f"{plmn}.centre"))
        pins.reload()
        address = served.deployment.application_server.listens
        progress = Progress(Peer(Interface.CENTRE, SERVER), pins, address, PLMN(plmn))
        known = await progress.of(make_iccid(1))
        await progress.close()
        assert (known.state if known else None) == state

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
