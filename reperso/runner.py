"""behave's engine as a library: one reading of features, sentences and hooks, then a run a system.

behave parses, matches, runs and skips. What is ours: the cases that were selected are run and no
others, sentences are matched once a text, and what happens is told to the recorder.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from behave.configuration import Configuration
from behave.model import Step, reset_model
from behave.model_core import BasicStatement
from behave.runner import Context, Runner, the_step_registry
from behave.step_registry import StepRegistry

from conformance.catalogue import Case
from conformance.evidence import Result, SystemRun
from conformance.recorder import Recorder
from conformance.verdicts import Verdict
from reperso import hooks
from reperso.errors import UsageError
from reperso.features import Suite
from reperso.listener import Listener
from steps.driver import DriverError, Factory, Setup, UnsupportedError

ENVIRONMENT = "environment.py"


@dataclass(frozen=True, slots=True)
class System:
    """A system under test: what makes it, and what it is told."""

    name: str
    factory: Factory
    seed: int = 0
    options: Mapping[str, str] = field(default_factory=dict)
    statement: str = ""  # the file of its ICS; empty where it has none
    not_applicable: Mapping[str, str] = field(default_factory=dict)  # case ids, and why

    def demand_makeable(self) -> None:
        """Make the system once and close it, so that what cannot be made is one line, not hundreds.

        Raises:
            UsageError: it cannot be made, or what is made is no driver.
        """
        try:
            self.factory(Setup(seed=self.seed, options=self.options)).close()
        except UnsupportedError:
            return  # it may be made with other options, which a scenario will say
        except DriverError as error:
            raise UsageError("", str(error)) from error
        except Exception as error:
            what = f"cannot be made: {type(error).__name__}: {error}"
            raise UsageError(self.name, what) from error


class Sentences(StepRegistry):  # type: ignore[misc] # behave has no types
    """Step definitions that find the match of a text once, however often it is asked for."""

    def __init__(self, loaded: StepRegistry) -> None:
        super().__init__()
        self.steps = {kind: list(found) for kind, found in loaded.steps.items()}
        self._matches: dict[tuple[str, str], Any] = {}

    def find_match(self, step: Step) -> Any:
        """Return the match of a step, None if there is none."""
        key = (step.step_type, step.name)
        if key not in self._matches:
            self._matches[key] = super().find_match(step)
        return self._matches[key]


class Engine:
    """A suite with its sentences and hooks, ready to run on one system after the other."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self._hooks = self._load()
        self._sentences = Sentences(the_step_registry)
        self._is_standing = False

    def _load(self) -> dict[str, Any]:
        the_step_registry.clear()
        loader = SystemRunner(self._configuration(), self.suite.root, {}, None)
        try:
            with loader.path_manager:
                loader.load_hooks()
                loader.load_step_definitions()
        except Exception as error:
            what = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise UsageError(str(self.suite.root), f"hooks and sentences: {what}") from error
        if not (self.suite.root / ENVIRONMENT).is_file():
            return {name: getattr(hooks, name) for name in hooks.HOOKS}
        return dict(loader.hooks)

    def _configuration(self, **facts: Any) -> Configuration:
        config = Configuration(
            ["--no-summary", "--no-capture", "--no-snippets", "--no-skipped"],
            load_config=False,
            **facts,
        )
        config.base_dir = str(self.suite.root)
        return config

    def run(
        self,
        system: System,
        cases: Sequence[Case],
        recorder: Recorder,
        done: Callable[[Result], None],
        begins: Callable[[Step], None] | None = None,
    ) -> tuple[SystemRun, bool]:
        """Run `cases` on `system`, calling `done` after each; say whether it was interrupted.

        `begins` is called with each step before it is carried out.
        """
        config = self._configuration()
        config.userdata.update(system.options)
        config.userdata.update(sut=system.name, seed=str(system.seed), factory=system.factory)
        recorder.begin_system(system.name, system.seed, system.options, [c.id for c in cases])
        for case in cases:
            if case.id in system.not_applicable:
                done(recorder.decide(case.id, Verdict.NA, system.not_applicable[case.id]))
        applicable = [case for case in cases if case.id not in system.not_applicable]
        names = {id(self.suite.scenarios[case.id]): case.id for case in applicable}
        listener = Listener(config, recorder, names, self.suite.root, done)
        listener.statement = system.statement
        listener.begins = begins
        runner = self._runner(config, names, listener)
        try:
            with self.standing():
                runner.run()
        except SystemExit as error:
            listener.blame(error, "the system ended the process")
            runner.abort("SystemExit")
        listener.finish()
        if runner.failure is not None:
            what = f"before_all: {type(runner.failure).__name__}: {runner.failure}"
            raise UsageError(ENVIRONMENT, what) from runner.failure
        return recorder.end_system(), bool(runner.aborted)

    @contextlib.contextmanager
    def standing(self) -> Iterator[None]:
        """Spare collections of garbage what stays: suite, sentences, imported libraries.

        It takes a tenth of a second, so several runs may share it.
        """
        if self._is_standing:
            yield
            return
        gc.collect()
        gc.freeze()
        self._is_standing = True
        try:
            yield
        finally:
            self._is_standing = False
            gc.unfreeze()

    def rehearse(self, cases: Sequence[Case]) -> Sequence[Step]:
        """Match the steps of `cases` without running them; return those without a sentence."""
        names = {id(self.suite.scenarios[case.id]): case.id for case in cases}
        runner = self._runner(self._configuration(dry_run=True), names, None)
        runner.run()
        undefined: list[Step] = runner.undefined_steps
        return undefined

    def unused(self) -> tuple[str, ...]:
        """Return the sentences that no scenario of the suite says, in the order of their files."""
        said = {
            id(match.func)
            for feature in self.suite.features
            for scenario in feature.walk_scenarios()
            for step in scenario.all_steps
            if (match := self._sentences.find_match(step)) is not None
        }
        return tuple(
            f"{kind.title()} {one.pattern}"
            for kind, found in self._sentences.steps.items()
            for one in found
            if id(one.func) not in said
        )

    def _runner(
        self, config: Configuration, names: Mapping[int, str], listener: Listener | None
    ) -> SystemRunner:
        reset_model(self.suite.features)
        runner = SystemRunner(config, self.suite.root, self._hooks, listener)
        runner.step_registry = self._sentences
        for feature in self.suite.features:
            scenarios = list(feature.walk_scenarios())
            if any(id(scenario) in names for scenario in scenarios):
                runner.features.append(feature)
            for scenario in scenarios:
                if id(scenario) not in names:
                    scenario.mark_skipped()
        return runner


class Layers(Context):  # type: ignore[misc] # behave has no types
    """behave's context, which looks once, not always, whether an attribute hides another.

    behave reads the source of each line that sets one, to warn of it; that was half of a step.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and name in self._stack[0]:
            self._stack[0][name] = value
        else:
            super().__setattr__(name, value)


class SystemRunner(Runner):  # type: ignore[misc] # behave has no types
    """behave's runner over features, hooks and sentences that are already there."""

    def __init__(
        self,
        config: Configuration,
        root: Path,
        loaded: Mapping[str, Any],
        listener: Listener | None,
    ) -> None:
        super().__init__(config)
        self.base_dir = str(root)
        self.path_manager.add(str(root))
        self.hooks.update(loaded)
        self.failure: Exception | None = None
        """What the hook before all raised; nothing was run then."""
        self._listener = listener
        self._loaded = loaded
        if listener is not None:
            self.formatters = [listener]
            self.hooks["before_all"] = self._begin_all
            self.hooks["before_scenario"] = self._begin
            self.hooks["after_scenario"] = self._end

    def run(self) -> bool:
        """Run the features; what anything prints goes to stderr, for stdout is for results."""
        self.context = Layers(self)
        with self.path_manager, _no_log_of_skips(), contextlib.redirect_stdout(sys.stderr):
            failed: bool = self.run_model()
        return failed

    def _hook(self, name: str) -> Callable[..., None]:
        hook: Callable[..., None] = self._loaded.get(name, _nothing)
        return hook

    def _begin_all(self, context: Context) -> None:
        try:
            self._hook("before_all")(context)
        except Exception as error:
            self.failure = error
            raise

    def _begin(self, context: Context, scenario: BasicStatement) -> None:
        assert self._listener is not None
        try:
            self._hook("before_scenario")(context, scenario)
        except BaseException as error:
            self._listener.blame(error, "the system cannot be made")
            raise
        if scenario.exception is not None:  # the hook skips what the system does not have
            self._listener.blame(scenario.exception, "the system cannot be made")
        elif "driver" in context:
            context.driver = self._listener.watch(context.driver)

    def _end(self, context: Context, scenario: BasicStatement) -> None:
        assert self._listener is not None
        self._listener.collect()
        try:
            self._hook("after_scenario")(context, scenario)
        except BaseException as error:
            self._listener.blame(error, "the system cannot be closed")
            raise
        finally:
            self._listener.finish()


def _nothing(*_facts: Any) -> None:
    """Stand in for a hook that `environment.py` does not have."""


@contextlib.contextmanager
def _no_log_of_skips() -> Iterator[None]:
    """Keep behave's warning of every skipped scenario back: the report says it."""
    log = logging.getLogger("behave")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
