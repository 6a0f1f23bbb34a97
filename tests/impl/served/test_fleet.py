import asyncio
import resource

import pytest

from impl.served.deployment import read_deployment
from impl.served.fleet import Fleet, NotRunningError
from impl.served.set_up import set_up


@pytest.fixture
def file(file):
    set_up(read_deployment(file))
    return file


def test_a_process_is_started_killed_and_started_again(file):
    heard = []

    async def test():
        fleet = Fleet(file, heard.append, pytest.fail)
        first = await fleet.start("centre", "20801")
        await fleet.kill("centre", "20801")
        second = await fleet.start("centre", "20801")
        await fleet.stop()
        return first.returncode, second.returncode

    assert asyncio.run(test()) == (-9, 0)
    assert [one["event"] for one in heard] == ["runs", "runs", "stops"]


def test_a_process_whose_disk_is_full_writes_nothing_until_it_is_emptied(file):
    async def test():
        fleet = Fleet(file, lambda _: None, pytest.fail)
        process = await fleet.start("centre", "20801")
        limits = []
        for act in (fleet.fill_disk, fleet.empty_disk):
            act("centre", "20801")
            limits.append(resource.prlimit(process.pid, resource.RLIMIT_FSIZE)[0])
        await fleet.stop()
        return limits

    assert asyncio.run(test()) == [1, resource.RLIM_INFINITY]


def test_a_process_that_does_not_come_to_run_is_told_with_what_it_wrote(file):
    shown = []

    async def test():
        fleet = Fleet(file, pytest.fail, shown.append)
        with pytest.raises(NotRunningError, match="centre ended with status 2"):
            await fleet.start("centre", "99999")
        await fleet.stop()

    asyncio.run(test())
    assert shown == ["impl: no network 99999: the deployment has 20801, 26202"]


def test_a_process_that_takes_too_long_is_told(file, monkeypatch):
    monkeypatch.setattr("impl.served.fleet.START_S", 0.0)

    async def test():
        fleet = Fleet(file, lambda _: None, lambda _: None)
        with pytest.raises(NotRunningError, match="does not run after 0 s"):
            await fleet.start("centre", "20801")
        await fleet.stop()

    asyncio.run(test())


@pytest.mark.parametrize("turns", range(6))
def test_whoever_is_interrupted_leaves_no_process_behind(file, turns):
    async def test():
        fleet = Fleet(file, lambda _: None, lambda _: None)
        starting = asyncio.create_task(fleet.start("centre", "20801"))
        for _ in range(turns):
            await asyncio.sleep(0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        await fleet.stop()

    asyncio.run(test())
