"""Registers sentences with whichever runner is there: pytest-bdd, behave or both.

A sentence is a pattern of the library `parse` and a function whose first parameter is the driver.
Patterns may name the types of `steps.vocabulary`, as in `{network:Network}`.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from steps.vocabulary import TYPES

Step = Callable[..., None]


def given(pattern: str) -> Callable[[Step], Step]:
    """Register what has to be so before."""
    return _register("given", pattern)


def when(pattern: str) -> Callable[[Step], Step]:
    """Register what happens."""
    return _register("when", pattern)


def then(pattern: str) -> Callable[[Step], Step]:
    """Register what must be seen afterwards."""
    return _register("then", pattern)


def _register(keyword: str, pattern: str) -> Callable[[Step], Step]:
    # Neither runner is imported here: a run of one does not pay for the other.
    def decorate(function: Step) -> Step:
        if "behave.step_registry" in sys.modules:
            _bind_to_behave(keyword, pattern, function)
        if "pytest_bdd" in sys.modules:
            function = _bind_to_pytest_bdd(keyword, pattern, function)
        return function

    return decorate


def _bind_to_behave(keyword: str, pattern: str, function: Step) -> None:
    import behave  # noqa: PLC0415 - only where behave runs

    @functools.wraps(function)  # behave reports where the sentence itself stands
    def step(context: Any, **facts: Any) -> None:
        function(context.driver, **facts)

    behave.register_type(**TYPES)
    getattr(behave, keyword)(pattern)(step)


def _bind_to_pytest_bdd(keyword: str, pattern: str, function: Step) -> Step:
    import pytest_bdd  # noqa: PLC0415 - only where pytest-bdd runs

    bind = getattr(pytest_bdd, keyword)
    # Three frames up: past this function and decorate() stands the module of the sentence.
    parser = pytest_bdd.parsers.parse(pattern, extra_types=TYPES)
    bound: Step = bind(parser, stacklevel=3)(function)
    return bound
