"""Errands are carried out in processes; one that dies is told of, and none is left behind."""

import multiprocessing
import os
import signal
import time
from collections import deque

import pytest

from reperso.errors import UsageError
from reperso.processes import Death, Processes


@pytest.fixture
def carry():
    """Carry errands out in two processes; give what was told, sorted."""

    def run(what, errands, jobs=2):
        processes = Processes(what, jobs)
        told = sorted(processes.run(deque(errands)), key=str)
        assert multiprocessing.active_children() == []
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        return told, processes.is_interrupted

    return run


def test_everything_that_is_told_of_an_errand_arrives_in_its_order(carry):
    def twice(errand, tell):
        tell((1, errand))
        tell((2, errand * errand))

    told, interrupted = carry(twice, range(20))
    assert sorted(told) == sorted((n, one) for n in range(20) for one in ((1, n), (2, n * n)))
    assert not interrupted


def test_no_more_processes_than_wanted_and_not_more_than_errands(carry):
    def who(_errand, tell):
        tell(os.getpid())

    assert len({pid for _, pid in carry(who, range(30), jobs=2)[0]}) <= 2
    assert len(carry(who, [1], jobs=8)[0]) == 1
    assert carry(who, []) == ([], False)


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (lambda: os._exit(7), "its process ended with exit code 7"),
        (lambda: os._exit(0), "its process ended with exit code 0"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "its process was ended by SIGKILL"),
        (lambda: os.kill(os.getpid(), 40), "its process was ended by signal 40"),
    ],
)
def test_a_process_that_dies_is_told_of_and_the_others_go_on(carry, ending, said):
    def die_at_three(errand, tell):
        tell("begun")
        if errand == 3:
            ending()
        tell("done")

    told, _ = carry(die_at_three, range(6))
    deaths = [(errand, str(one)) for errand, one in told if isinstance(one, Death)]
    assert deaths == [(3, said)]
    assert [errand for errand, one in told if one == "done"] == [0, 1, 2, 4, 5]


def test_one_that_dies_amid_a_long_message_is_told_of():
    def cut(_errand, tell):
        child = os.fork()
        if child == 0:
            time.sleep(0.2)
            os.kill(os.getppid(), signal.SIGKILL)
            os._exit(0)
        while True:
            tell(b"x" * 10_000_000)

    processes = Processes(cut, 1)
    *_, (_, last) = processes.run(deque([1]))
    assert last == Death(-signal.SIGKILL)


def test_what_a_dead_one_left_can_be_given_to_another():
    def die_first(errand, tell):
        if errand == "first":
            os._exit(1)
        tell(errand)

    errands = deque(["first"])
    told = []
    for errand, one in Processes(die_first, 1).run(errands):
        told.append((errand, one))
        if isinstance(one, Death):
            errands.append("again")
    assert told == [("first", Death(1)), ("again", "again")]


def test_a_refusal_ends_all_with_its_own_error(carry):
    def refuse(errand, _tell):
        if errand:
            time.sleep(60)
        raise UsageError("here", f"not like this: {errand}")

    with pytest.raises(UsageError, match="here: not like this: 0") as caught:
        carry(refuse, [0, 1])
    assert caught.value.where == "here"
    assert multiprocessing.active_children() == []


def test_an_errand_that_is_interrupted_ends_the_others_and_begins_no_more(carry):
    hears, says = os.pipe()

    def interrupted(errand, tell):
        if errand == 0:
            os.read(hears, 1)
            raise KeyboardInterrupt
        try:
            os.write(says, b"!")
            time.sleep(60)
        except KeyboardInterrupt:
            tell(f"{errand} hears of it")
            raise

    began = time.monotonic()
    told, was_interrupted = carry(interrupted, range(5))
    assert told == [(1, "1 hears of it")]
    assert was_interrupted
    os.close(hears)
    os.close(says)
    assert time.monotonic() - began < 30


def test_a_second_interruption_ends_what_does_not_hear_the_first(carry):
    parent = os.getpid()

    def deaf(_errand, _tell):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.kill(parent, signal.SIGINT)
        time.sleep(0.3)
        os.kill(parent, signal.SIGINT)
        time.sleep(60)

    began = time.monotonic()
    assert carry(deaf, [1]) == ([], True)
    assert time.monotonic() - began < 30


def test_where_nothing_can_be_forked_that_is_said(carry, monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    with pytest.raises(UsageError, match="-j: processes cannot be forked here"):
        carry(print, [1])
