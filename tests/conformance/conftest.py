"""A small specification, and reports of runs of it."""

import pytest

from conformance.catalogue import Scenario, StepText, Tag, build_catalogue
from conformance.clock import Clock
from conformance.evidence import Call, Message, StepResult, StepStatus
from conformance.obligations import Kind, Obligation
from conformance.recorder import Recorder
from conformance.verdicts import Level, Verdict

STEPS = (
    StepText("Given", "a lamp"),
    StepText("When", "somebody presses the switch"),
    StepText("Then", "the lamp shines", (("colour", "lumen"), ("white", "800")), "a text"),
)


@pytest.fixture
def obligations():
    """Two claims, an embodiment, and a duty beyond."""
    found = [
        Obligation("1a", Kind.ELEMENT, 1, Level.MUST, "S1", (8, 9), "The lamp has a switch", 2),
        Obligation("1b", Kind.ELEMENT, 1, Level.MUST, "S2", (10,), "The switch turns it on", 3),
        Obligation("2a", Kind.ELEMENT, 2, Level.MUST, "S2", (11,), "It can be dimmed", 4),
        Obligation("2b", Kind.ELEMENT, 2, Level.SHOULD, "S2", (12,), "It dims slowly", 5),
        Obligation("E01", Kind.EMBODIMENT, None, Level.SHOULD, "S1", (20,), "It is blue", 7),
        Obligation("B01", Kind.BEYOND, None, Level.MUST, "", (), "It does not burn", 9),
    ]
    return {obligation.id: obligation for obligation in found}


@pytest.fixture
def scenario():
    """Make a scenario from its tags."""

    def make(*tags, line=10, name="It shines"):
        placed = tuple(Tag(tag, line - 1) for tag in tags)
        feature = "Claim 1 - a lamp"
        return Scenario("features/lamp.feature", line, feature, "A rule", name, placed, STEPS)

    return make


@pytest.fixture
def catalogue(obligations, scenario):
    """Two cases of 1a, and one of each other obligation of a claim but 2b."""
    tags = ["element-1a", "element-1a", "element-1b", "element-2a", "embodiment-E01"]
    scenarios = [
        scenario(f"claim-{obligations[tag[-2:]].claim}", tag, line=10 * at + 10)
        if tag.startswith("element")
        else scenario(tag, line=10 * at + 10)
        for at, tag in enumerate(tags)
    ]
    return build_catalogue("lamp", obligations, "features/obligations.yaml", scenarios)


@pytest.fixture
def message():
    """Make a message by its number."""

    def make(number, **facts):
        given = {
            "number": number,
            "time_s": number / 10,
            "sender": "switch",
            "receiver": "lamp",
            "protocol": "WIRE",
            "name": "ON",
            "octets": "a0b1",
            "fields": {"level": "1"},
            "delivered": True,
        }
        return Message(**(given | facts))

    return make


@pytest.fixture
def record(catalogue, message):
    """Record a run: what each case came to, per system, by verdict; the rest passes."""

    def make(systems, *, complete=True, messages=3, evidence=True, mutants=()):
        clock = Clock({"SOURCE_DATE_EPOCH": "1000000000"})
        rerun = "lamp {0.id} --sut {1} --seed {2}".format
        recorder = Recorder(catalogue, rerun, clock, evidence=evidence)
        for name, verdicts in systems.items():
            recorder.begin_system(name, 7, {"colour": "a b"}, [case.id for case in catalogue.cases])
            for case in catalogue.cases:
                recorder.begin_case(case.id)
                verdict = verdicts.get(case.id, Verdict.PASS)
                if verdict is not Verdict.PASS:
                    recorder.judgement.complain(verdict, f"because {verdict}", ("lamp.py:1 in on",))
                recorder.end_case(*_evidence(message, messages))
            recorder.end_system()
        return recorder.report("A lamp", "test 1", complete=complete, mutants=mutants)

    return make


def _evidence(message, count):
    passed = StepStatus.PASSED
    steps = (
        StepResult(passed, 0.0, 0),
        StepResult(passed, 0.0, count, (Call("press()", ""),)),
        StepResult(passed, 0.0, 0, (Call("shines()", "True"),)),
    )
    return steps, tuple(message(number + 1) for number in range(count)), ("OFF", "ON")
