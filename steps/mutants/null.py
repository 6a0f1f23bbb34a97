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
    *(
        "1a",
        "1b",
        "1c",
        "1d",
        "1e",
        "1f",
        "1p",
        "2a",
        "2b",
        "3a",
        "3b",
        "4a",
        "5a",
        "5b",
        "6a",
        "8a",
    ),
    *("7a", "7b", "9a", "9b", "10a", "10b", "10c", "11a", "11b", "12a"),
    *("E04", "E05", "E06", "E07", "E08", "E14", "E18"),
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
