"""How it is told that a wrong system broke off, rather than did something else than it should."""

from __future__ import annotations

BROKE = "broke: "
"""Begins such a text."""


def broken(error: Exception) -> str:
    """Tell of the error with which a system broke off."""
    return f"{BROKE}{type(error).__name__}: {error}"
