"""Systems that do nothing and say always the same: a suite that one of them passes is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints

from steps.driver import CardReport, Driver, Factory, Network, Setup, Standing
from steps.drivers import calls
from steps.mutants import Mutant

Answers = dict[Any, Any]

YES: Answers = {
    bool: True,
    int: 1,
    Standing: Standing.CHANGED,
    CardReport: CardReport.DONE,
    Network | None: Network.SECOND,
    frozenset[Network]: frozenset(Network),
}
NO: Answers = {
    bool: False,
    int: 0,
    Standing: Standing.REFUSED,
    CardReport: CardReport.WRONG_ADMIN_CODE,
    Network | None: None,
    frozenset[Network]: frozenset(),
}
NOTHING: Answers = {
    bool: False,
    int: 0,
    Standing: Standing.NEVER_ASKED,
    CardReport: CardReport.NONE,
    Network | None: None,
    frozenset[Network]: frozenset(),
}


def answering(answers: Answers) -> Factory:
    """Return a factory of drivers whose every call does nothing and answers by its type alone."""

    def method(name: str) -> Callable[..., Any]:
        kind = get_type_hints(getattr(Driver, name)).get("return")

        def call(*_: Any, **__: Any) -> Any:
            return answers.get(kind, () if name == "exchanges" else None)

        return call

    methods = {name: method(name) for name in calls()}

    def factory(setup: Setup) -> Driver:
        del setup
        null: Driver = type("NullDriver", (), methods)()
        return null

    return factory


EVERY_RULE = (
    *("1a", "1b", "1c", "1d", "1e", "1f", "1p", "2a", "2b", "3a", "3b", "4a", "5a", "5b", "6a"),
    *("7a", "7b", "8a", "9a", "9b", "10a", "10b", "10c", "11a", "11b", "12a"),
    *("E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08", "E09", "E10", "E11", "E12", "E13"),
    *("E14", "E15", "E16", "E17", "E18", "E19", "E20", "E21", "E22", "E23", "E24", "E25", "E26"),
    *("E27", "E28", "E29", "E30"),
    *("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B09", "B10", "B11", "B12", "B13"),
    "B14",
)

MUTANTS = (
    Mutant(
        "accepts-all",
        breaks=EVERY_RULE,
        what="does nothing and says that all went well",
        factory=answering(YES),
    ),
    Mutant(
        "rejects-all",
        breaks=EVERY_RULE,
        what="does nothing and says that all was refused",
        factory=answering(NO),
    ),
    Mutant(
        "stays-silent",
        breaks=EVERY_RULE,
        what="does nothing and says nothing",
        factory=answering(NOTHING),
    ),
)
