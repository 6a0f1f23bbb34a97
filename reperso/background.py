"""What a report says beside the results, gathered from the suite and the model.

A suite may lack all of it: what there is no file for is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from conformance.evidence import Background, Finding, Message, SystemRun
from conformance.glossary import read_terms
from conformance.machines import Machine, State, SuiteRun, Transition
from conformance.reviews import FILE_NAME as REVIEWS
from conformance.reviews import outdated, read_reviews
from conformance.specification import FILE_NAME as SPECIFICATION
from conformance.specification import Specification, read_specification
from reperso.features import Suite
from reperso.runner import Engine

GLOSSARY = "glossary.md"
LITERAL = (
    "The model of the specification as it reads, where the card overwrites its identity and key at "
    "once, reaches this on a shortest way. The hardened reading, which the systems here implement, "
    "does not: its card keeps the old pair until the network that is joined accepted the new one."
)


def read_text(suite: Suite) -> Specification:
    """Return the text that the obligations of a suite cite; an empty one if it has none.

    Raises:
        CatalogueError: the text is malformed, or lacks a paragraph that is cited.
    """
    path = suite.folder / SPECIFICATION
    return (
        read_specification(path, suite.catalogue.obligations) if path.exists() else Specification()
    )


def gather(
    suite: Suite, engine: Engine, systems: Iterable[SystemRun], suites: Sequence[SuiteRun] = ()
) -> Background:
    """Return the background of a report; machines only where anything told transitions.

    Raises:
        CatalogueError: a file of the suite is malformed.
    """
    text = read_text(suite)
    reviews = read_reviews(suite.folder / REVIEWS)
    glossary = suite.folder / GLOSSARY
    tells = bool(suites) or any(
        " -> " in step for system in systems for result in system.results for step in result.trail
    )
    return Background(
        specification=text.cited(suite.catalogue.obligations),
        terms=read_terms(glossary) if glossary.exists() else (),
        unused=engine.unused(),
        outdated=outdated(suite.catalogue, text, reviews),
        machines=machines() if tells else (),
        suites=tuple(suites),
        findings=tuple(findings()) if tells else (),
    )


def machines() -> tuple[Machine, ...]:
    """Return the tables of the model, hardened, with the rows of both ways of asking."""
    from model.system import COMPONENTS  # noqa: PLC0415 - only where a system tells its states
    from model.table import Option  # noqa: PLC0415 - likewise

    options = {Option.HARDENED, Option.ACKNOWLEDGED, Option.UNACKNOWLEDGED}
    there = [one.under(options) for one in COMPONENTS if one.option in {None, *options}]
    found = []
    for component in there:
        rows = {(row.source, row.event, row.target): row for row in component.arrows}
        used = {state for row in component.arrows for state in (row.source, row.target)}
        states = (State(s.name, str(s.value)) for s in component.states if s in used)
        arrows = (
            Transition(source.name, event, target.name, row.kind.name.lower(), _ids(row.cites))
            for (source, event, target), row in rows.items()
        )
        initial = component.initial.name
        found.append(Machine(component.name, initial, tuple(states), tuple(arrows)))
    return tuple(found)


def findings() -> Iterator[Finding]:
    """Yield what the model finds in the literal reading, that a card is stranded first."""
    from model.explore import explore  # noqa: PLC0415 - only where a system tells its states
    from model.system import compose  # noqa: PLC0415 - likewise
    from model.table import Option  # noqa: PLC0415 - likewise

    found = explore(compose(Option.LITERAL)).findings
    for one in sorted(found, key=lambda finding: finding.cites != "B08"):
        title = f"Read literally, this does not hold: {one.sentence}"
        yield Finding(title, LITERAL, _ids(one.cites), one.trace, tuple(_messages(one.trace)))


def _messages(trace: Iterable[str]) -> Iterator[Message]:
    from model.messages import LOSSES, PASSAGES  # noqa: PLC0415 - as above

    names = {"left": "the first network", "joined": "the second network"}
    events = list(trace)
    lost = [LOSSES[event] for event in events if event in LOSSES]
    passages = [(event, passage) for event in events for passage in PASSAGES.get(event, ())]
    for number, (event, passage) in enumerate(passages, start=1):
        is_lost = passage.name in lost
        if is_lost:
            lost.remove(passage.name)
        yield Message(
            number=number,
            time_s=0.0,  # the model has no clock
            sender=passage.sender.format(**names),
            receiver=passage.receiver.format(**names),
            protocol=passage.protocol,
            name=passage.name,
            octets="",
            fields={"event": event},
            delivered=not is_lost,
        )


def _ids(cites: str) -> tuple[str, ...]:
    return tuple(cites.split())
