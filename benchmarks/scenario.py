"""CPU of the features on the `simulated` system: what is ours, beside what the runner costs.

Every scenario is run through behave twice: on the system, and on a double that gives the answers
which the system gave and does nothing. The difference is the system's.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median
from typing import Any

from measure import compare

from conformance.clock import Clock
from conformance.recorder import Recorder
from reperso.features import load_suite
from reperso.runner import Engine, System
from steps.driver import Driver, Factory, Means, Network, Setup, User
from steps.drivers import demand_driver, load

ROUNDS = 3
TARGET_S = 0.020
Answers = list[tuple[Any, Exception | None]]


class Recording:
    """Hands calls on to a driver and keeps the answers."""

    def __init__(self, driver: Driver, answers: Answers) -> None:
        self._driver = driver
        self._answers = answers

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return the call of that name."""

        def call(*arguments: Any, **facts: Any) -> Any:
            try:
                answer = getattr(self._driver, name)(*arguments, **facts)
            except Exception as error:
                self._answers.append((None, error))
                raise
            self._answers.append((answer, None))
            return answer

        return call


class Double:
    """Gives the answers that were kept, in their order."""

    def __init__(self, answers: Answers) -> None:
        self._next = iter(answers).__next__

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return the call of that name."""

        def call(*_arguments: Any, **_facts: Any) -> Any:
            answer, error = self._next()
            if error is not None:
                raise error
            return answer

        return call


class Doubles:
    """Makes a double for one scenario after the other; each is looked at as every driver is."""

    def __init__(self, kept: list[Answers]) -> None:
        self._next = iter(kept).__next__

    def __call__(self, setup: Setup) -> Any:
        """Make the next."""
        del setup
        double: Any = Double(self._next())
        demand_driver(double, "double")
        return double


def run(engine: Engine, factory: Factory) -> list[float]:
    """Run every case without evidence; return the CPU seconds of each."""
    ends = [time.process_time()]
    recorder = Recorder(engine.suite.catalogue, lambda *_: "", Clock(), evidence=False)
    system = System("simulated", factory)
    cases = engine.suite.catalogue.cases
    shown, _ = engine.run(system, cases, recorder, lambda _: ends.append(time.process_time()))
    bad = [result.case for result in shown.results if result.verdict.name != "PASS"]
    if bad:
        print(f"not passed: {', '.join(bad)}")
    return [end - begin for begin, end in itertools.pairwise(ends)]


def scenarios() -> None:
    """Print what scenarios take."""
    engine = Engine(load_suite(Path("features")))
    simulated = load("simulated")
    kept: list[Answers] = []

    def recorded(setup: Setup) -> Any:
        kept.append([])
        return Recording(simulated(setup), kept[-1])

    run(engine, recorded)
    rounds = [(run(engine, simulated), run(engine, Doubles(kept))) for _ in range(ROUNDS)]
    whole = [median(times) for times in zip(*(one for one, _ in rounds), strict=True)]
    runner = [median(times) for times in zip(*(other for _, other in rounds), strict=True)]
    ours = sorted(one - other for one, other in zip(whole, runner, strict=True))
    names = [case.id for case in engine.suite.catalogue.cases]
    slowest = max(zip(whole, names, strict=True))
    print(f"{len(ours)} scenarios, {ROUNDS} rounds, CPU of one in ms:")
    print(f"  runner alone                    median {median(runner) * 1e3:6.2f}")
    print(f"  with the system                 median {median(whole) * 1e3:6.2f}")
    print(
        f"  the system   median {median(ours) * 1e3:6.2f}  (to reach: < {TARGET_S * 1e3:.0f})"
        f"  mean {mean(ours) * 1e3:.2f}  p90 {ours[len(ours) * 9 // 10] * 1e3:.2f}"
    )
    print(f"  slowest: {slowest[1]}, {slowest[0] * 1e3:.1f}")


def parts() -> None:
    """Print what the calls of a scenario take, one by one."""
    factory = load("simulated")

    def settled() -> Driver:
        driver = factory(Setup())
        driver.agree(Network.FIRST)
        driver.agree(Network.SECOND)
        driver.subscribe(Network.FIRST, User.THE_USER)
        return driver

    def changed() -> Driver:
        driver = settled()
        driver.request_change(Network.SECOND, Means.MENU, User.THE_USER)
        driver.settle()
        return driver

    def authenticated() -> None:
        driver = changed()
        assert driver.authenticates_in(Network.SECOND, User.THE_USER)
        driver.close()

    def shown() -> None:
        driver = changed()
        assert list(driver.exchanges())
        driver.close()

    works: dict[str, Callable[[], Any]] = {
        "world": lambda: factory(Setup()).close(),
        "subscribed": lambda: settled().close(),
        "changed": lambda: changed().close(),
        "authenticated": authenticated,
        "shown": shown,
    }
    timings = compare(works, rounds=9, slice_s=0.1)
    world, subscribed, change, attach, evidence = (timings.seconds(name) for name in works)
    for what, seconds in (
        ("set up and close a world", world),
        ("agree twice, subscribe, attach", subscribed - world),
        ("one whole change", change - subscribed),
        ("one authenticates_in", attach - change),
        ("exchanges() of all that", evidence - change),
    ):
        print(f"  {what:<31} median {seconds * 1e3:6.2f}")


if __name__ == "__main__":
    scenarios()
    parts()
