"""The command line of the harness: runs features on systems, reports, shows that they bite."""

__version__ = "0.1.0"

SUITE = "reperso"
"""Begins every case id."""

TITLE = "US 9,451,441 - Smart card personalization"
"""The specification that the features state."""
