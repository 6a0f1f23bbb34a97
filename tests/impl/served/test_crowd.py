"""What users of a crowd do, in virtual time, with devices that do as they are told."""

import asyncio
from types import SimpleNamespace

import pytest

from impl.device.dpa import NotOnMenuError
from impl.events import Expired
from impl.served.crowd import Step, User, Wish, change_all
from impl.served.handset import Watched
from impl.served.virtual_loop import VirtualLoop
from impl.values import PLMN

HOME, TARGET = PLMN("20801"), PLMN("26202")


class Device:
    """A device whose service follows a script: one list of (seconds, network) each life."""

    def __init__(self, *lives, number=1):
        self.iccid = f"card {number}"
        self.serving_network = None
        self.chosen = 0
        self.node = Watched(self)
        self._lives = list(lives)

    def handle(self, event):
        self.serving_network = event.timer
        return []

    def switch_on(self):
        loop = asyncio.get_running_loop()
        for seconds, network in self._lives.pop(0):
            loop.call_later(seconds, self.node.handle, Expired(network))

    async def until(self, holds, patience_s):
        return await self.node.until(holds, patience_s)

    def switch_off(self):
        self.serving_network = None

    def choose(self, item):
        assert item == "Second"
        self.chosen += 1
        if self.chosen > 5:
            raise NotOnMenuError("gone")


GOOD = [(1.0, HOME), (2.0, None), (3.0, TARGET)]


@pytest.fixture
def crowd():
    """Let users with these devices change; return what was noted: seconds, card and step."""
    noted = []

    def run(*devices, at_once=10, rate=None, patience_s=10.0):
        wish = Wish(TARGET, "Second", at_once, rate, patience_s)

        async def go():
            loop = asyncio.get_running_loop()

            def note(event, card, step):
                assert event == "user"
                noted.append((round(loop.time(), 3), card, step))

            users = [User(device, wish, SimpleNamespace(info=note)) for device in devices]
            await change_all(users, wish)

        with asyncio.Runner(loop_factory=lambda: VirtualLoop(lambda: True)) as runner:
            runner.run(go())
        return noted

    return run


def test_a_user_waits_asks_and_arrives(crowd):
    steps = [(seconds, step) for seconds, _, step in crowd(Device(GOOD))]
    assert steps == [(0, Step.WAITS), (1, Step.ASKS), (2, Step.RESTARTS), (3, Step.ARRIVES)]


def test_who_is_not_served_in_time_begins_again(crowd):
    device = Device([], [(1.0, HOME)], [(1.0, HOME), (2.0, None)], GOOD)
    steps = [step for _, _, step in crowd(device)]
    assert steps.count(Step.WAITS) == 4
    assert steps.count(Step.ASKS) == 3
    assert steps[-1] is Step.ARRIVES


def test_who_is_there_already_does_not_ask(crowd):
    device = Device([(1.0, TARGET)])
    assert [step for _, _, step in crowd(device)] == [Step.WAITS, Step.ARRIVES]
    assert device.chosen == 0


def test_only_so_many_users_ask_at_once(crowd):
    devices = [Device(GOOD, number=number) for number in range(4)]
    begun = [seconds for seconds, _, step in crowd(*devices, at_once=2) if step is Step.WAITS]
    assert begun == [0, 0, 3, 3]


def test_in_a_beat_users_ask_whoever_has_arrived(crowd):
    devices = [Device(GOOD, number=number) for number in range(3)]
    noted = crowd(*devices, at_once=1, rate=2.0)
    assert [seconds for seconds, _, step in noted if step is Step.WAITS] == [0, 0.5, 1.0]
