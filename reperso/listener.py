"""Hears what behave runs and tells the recorder: the only translation between the two.

behave calls it as a formatter; the hooks around a scenario call it for the driver, while there is
one.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from behave.formatter.base import Formatter, StreamOpener
from behave.model_type import Status

from conformance.evidence import Call, Message, RecordChange, Result, StepResult, StepStatus
from conformance.recorder import Recorder
from conformance.verdicts import Verdict
from reperso.blame import judge, scrub, trace
from steps.driver import Exchange, Observations

T = TypeVar("T")
STATUSES = {
    Status.passed: StepStatus.PASSED,
    Status.failed: StepStatus.FAILED,
    Status.undefined: StepStatus.UNDEFINED,
    Status.skipped: StepStatus.SKIPPED,
    Status.untested: StepStatus.SKIPPED,
}
"""What behave's words mean here; every other one is an error."""

OBSERVATIONS = frozenset(name for name in vars(Observations) if not name.startswith("_"))

Finished = Callable[[Result], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a driver says of a scenario that is over."""

    messages: tuple[Message, ...] = ()
    trail: tuple[str, ...] = ()
    records: tuple[RecordChange, ...] = ()


class WatchedDriver:
    """Hands every call on to a driver, and keeps what was asked and answered."""

    def __init__(self, driver: Any, calls: list[Call]) -> None:
        self._driver = driver
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._driver, name)
        if not callable(member):
            return member

        def call(*arguments: Any, **facts: Any) -> Any:
            asked = f"{name}({_listed(arguments, facts)})"
            try:
                answer = member(*arguments, **facts)
            except Exception as error:
                self._calls.append(Call(asked, type(error).__name__))
                raise
            self._calls.append(Call(asked, _said(name, answer)))
            return answer

        return call


class Listener(Formatter):  # type: ignore[misc] # behave has no types
    """Feeds a recorder with the scenarios of one system as they are run."""

    def __init__(
        self, config: Any, recorder: Recorder, cases: dict[int, str], root: Path, done: Finished
    ) -> None:
        """Listen; `cases` are the case ids by the identity of behave's scenario."""
        super().__init__(StreamOpener(stream=io.StringIO()), config)
        self._recorder = recorder
        self._cases = cases
        self._root = root
        self._done = done
        self.statement = ""
        """The file in which the system states what it has; empty where it states nothing."""
        self.begins: Callable[[Any], None] | None = None
        """Hears of each step before it is carried out."""
        self._writer = Writer()
        self._scenario: Any = None
        self._driver: Any = None
        self._calls: list[Call] = []
        self._steps: list[tuple[int, tuple[Call, ...]]] = []  # messages so far, calls of the step
        self._step_count = 0
        self._seen: Seen | None = None
        self._before: Mapping[str, str] | None = None  # records, when the first When began

    def scenario(self, scenario: Any) -> None:
        """Open the case of a scenario that begins."""
        self._scenario = scenario
        self._driver = None
        self._seen = None
        self._before = None
        self._calls.clear()
        self._steps.clear()
        self._step_count = sum(1 for _ in scenario.all_steps)
        self._recorder.begin_case(self._cases[id(scenario)])

    def watch(self, driver: Any) -> Any:
        """Return `driver`, watched if evidence is wanted."""
        self._driver = driver
        return WatchedDriver(driver, self._calls) if self._recorder.evidence else driver

    def match(self, match: Any) -> None:  # noqa: ARG002 - behave gives it
        """Hear that the next step is about to be carried out."""
        if not self._recorder.evidence:
            return
        step = list(self._scenario.all_steps)[len(self._steps)]
        if self.begins is not None:
            self.begins(step)
        if self._before is None and step.step_type == "when":
            self._before = self._records()

    def result(self, step: Any) -> None:
        """Note what became of a step that was carried out, or that no sentence matches."""
        calls = tuple(self._calls)
        self._calls.clear()
        if self._recorder.evidence:
            is_last = len(self._steps) + 1 == self._step_count or step.status is not Status.passed
            self._steps.append((0 if is_last else self._message_count(), calls))
        line = f"{step.keyword} {step.name}"
        if step.exception is not None:
            self.blame(step.exception, line, calls)
        elif step.status is Status.undefined:
            self._recorder.judgement.complain(
                Verdict.ERROR, f"{line}: no sentence matches this step"
            )

    def blame(self, error: BaseException, during: str, calls: Iterable[Call] = ()) -> None:
        """Let the verdict be what `error` means; `calls` were made before it."""
        verdict, reason = judge(error)
        if verdict is Verdict.FAIL:
            seen = [f"{call.call} = {call.answer}" for call in calls if call.answer]
            reason = "; ".join([f"{during}: {reason}", *seen[-1:]])
        elif verdict is Verdict.ERROR:
            reason = f"{during}: {reason}"
        elif verdict is Verdict.NA and self.statement:
            verdict = Verdict.ERROR
            reason = f"{self.statement} says that this applies, the system does not: {reason}"
        lines = () if verdict is Verdict.NA else trace(error, self._root)
        self._recorder.judgement.complain(verdict, reason, lines)

    def collect(self) -> None:
        """Take messages, trail and records of the driver, which is about to be closed."""
        self._seen = Seen()
        if not self._recorder.evidence:
            return
        try:
            trail = tuple(map(state_of, getattr(self._driver, "trail", ())))
            messages = tuple(map(self._writer.message_of, self._exchanges()))
            changes = () if self._before is None else changed(self._before, self._records())
            self._seen = Seen(messages, trail, tuple(changes))
        except Exception as error:  # noqa: BLE001 - the driver is not ours
            self.blame(error, "the evidence of the system")

    def finish(self) -> None:
        """Close the case, if one is open, with what was seen of it."""
        scenario, self._scenario = self._scenario, None
        if scenario is None:
            return
        if self._seen is None:
            self.collect()
        self._demand_all_passed(scenario)
        seen = self._seen or Seen()
        steps = self._step_results(scenario, len(seen.messages))
        self._done(self._recorder.end_case(steps, seen.messages, seen.trail, seen.records))
        self._driver = None

    def _demand_all_passed(self, scenario: Any) -> None:
        """Let no case pass of which a step was not carried out, whoever decided so."""
        judgement = self._recorder.judgement
        if scenario.should_skip:
            judgement.complain(Verdict.SKIP, scenario.skip_reason or "a hook skipped it")
        elif judgement.verdict is Verdict.PASS:
            left = [step for step in scenario.all_steps if step.status is not Status.passed]
            if left:
                what = f"{left[0].keyword} {left[0].name}: was not carried out"
                judgement.complain(Verdict.ERROR, what)

    def _exchanges(self) -> Sequence[Exchange]:
        ask = getattr(self._driver, "exchanges", None)
        exchanges: Sequence[Exchange] = ask() if ask is not None else ()
        return exchanges

    def _records(self) -> Mapping[str, str]:
        ask = getattr(self._driver, "records", None)
        try:
            return {str(place): str(held) for place, held in ask().items()} if ask else {}
        except Exception as error:  # noqa: BLE001 - the driver is not ours
            self.blame(error, "the records of the system")
            return {}

    def _message_count(self) -> int:
        try:
            return len(self._exchanges())
        except Exception:  # noqa: BLE001 - collect() asks again, and blames it
            return 0

    def _step_results(self, scenario: Any, message_count: int) -> Iterable[StepResult]:
        carried_out = len(self._steps)
        before = 0
        for at, step in enumerate(scenario.all_steps):
            status = STATUSES.get(step.status, StepStatus.ERROR)
            if at < carried_out:
                so_far, calls = self._steps[at]
                so_far = message_count if at == carried_out - 1 else so_far
                duration_s = self._recorder.clock.took(step.duration or 0.0)
                yield StepResult(status, duration_s, max(0, so_far - before), calls)
                before = so_far
            else:
                yield StepResult(status, 0.0, 0)


class Writer:
    """Makes messages of a report of the exchanges of drivers, which say the same again and again.

    What two messages say alike they share: a run of many cases has few different ones.
    """

    def __init__(self) -> None:
        self._fields: dict[int, dict[str, str]] = {}
        self._spans: dict[int, dict[str, tuple[int, int]]] = {}

    def message_of(self, exchange: Exchange) -> Message:
        """Return an exchange of a driver as a message of the report."""
        return Message(
            number=exchange.number,
            time_s=exchange.time_s,
            sender=str(exchange.sender),
            receiver=str(exchange.receiver),
            protocol=str(exchange.protocol),
            name=str(exchange.name),
            octets=_digits(exchange),
            fields=_written(self._fields, exchange.fields, str),
            delivered=exchange.delivered,
            spans=_written(self._spans, exchange.spans, _place),
        )


def _written(
    known: dict[int, dict[str, T]], said: Mapping[str, T], write: Callable[[T], T]
) -> Mapping[str, T]:
    """Return what was made of `said` before, if it says the same still; else make it anew."""
    found = known.get(id(said))
    if found is None or found != said:  # what had this identity may be gone, or have changed
        found = known[id(said)] = {str(name): write(value) for name, value in said.items()}
    return found


def _place(span: tuple[int, int]) -> tuple[int, int]:
    begin, end = span
    return int(begin), int(end)


def _digits(exchange: Exchange) -> str:
    """Return octets as hexadecimal digits, and as asterisks those that are withheld."""
    digits = bytes(exchange.octets).hex()
    for begin, end in exchange.withheld:
        hidden = digits[2 * begin : 2 * end]
        digits = f"{digits[: 2 * begin]}{'*' * len(hidden)}{digits[2 * end :]}"
    return digits


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[RecordChange]:
    """Yield the records that are not what they were, in the order in which they were told."""
    for place in dict.fromkeys((*before, *after)):
        was, now = before.get(place, ""), after.get(place, "")
        if was != now:
            yield RecordChange(place, was, now)


def state_of(transition: Any) -> str:
    """Say one entry of a trail: a text, or who went from where to where and on which event."""
    if isinstance(transition, str):
        return transition
    component, source, event, target = (
        part.name if isinstance(part, Enum) else str(part) for part in transition
    )
    return f"{component}: {source} - {event} -> {target}"


def _listed(arguments: tuple[Any, ...], facts: dict[str, Any]) -> str:
    named = (f"{name}={_word(value)}" for name, value in facts.items())
    return ", ".join([*map(_word, arguments), *named])


def _said(name: str, answer: Any) -> str:
    """Return an answer as text; nothing for the nothing that a command answers."""
    return "" if answer is None and name not in OBSERVATIONS else _word(answer)


def _word(value: Any) -> str:
    if isinstance(value, (set, frozenset)):
        return f"{{{', '.join(sorted(map(_word, value)))}}}"
    return value if isinstance(value, str) else scrub(str(value))
