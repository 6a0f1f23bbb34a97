"""The command line of the harness: runs the features on systems, reports, and shows that they bite."""

__version__ = "0.1.0"

SUITE = "reperso"
"""Begins every case id."""

TITLE = "US 9,451,441 - Smart card personalization"
"""The specification that the features state."""
