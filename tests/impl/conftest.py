"""Databases for the tests of what is durable: SQLite in memory and in a file, and PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Cluster


@pytest.fixture
def postgresql(cluster: Cluster) -> str:
    """Return the URL of an empty database."""
    return cluster.empty()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> str:
    """Return the URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path}/records.db"


@pytest.fixture(params=["sqlite_file", "postgresql"])
def lasting(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database that outlives who opens it."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture(params=["memory", "sqlite_file", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database of each kind."""
    url: str = "sqlite://" if request.param == "memory" else request.getfixturevalue(request.param)
    return url
