"""Systems that are wrong on purpose: each names the obligations it breaks, whose cases must fail.

A module of this package holds `MUTANTS: tuple[Mutant, ...]`; `reperso mutants` finds it there.
"""

from __future__ import annotations

from dataclasses import dataclass

from steps.driver import Factory


@dataclass(frozen=True, slots=True)
class Mutant:
    """A system with one thing wrong."""

    name: str  # short, unique, such as "skips-admin-code"
    breaks: tuple[str, ...]  # ids of obligations, such as "1f"; an assertion of each has to fail
    what: str  # what it does wrong, as a sentence
    factory: Factory
