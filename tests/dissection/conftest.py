"""Tools of others that look at our octets: skipped where they are missing, but never in CI."""

from __future__ import annotations

import os
import shutil

import pytest


def path_of(tool: str) -> str:
    path = shutil.which(tool)
    if path is None:
        missing = f"{tool} is not installed; apt-packages.txt says where it comes from"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return path


@pytest.fixture(scope="session")
def tshark() -> str:
    return path_of("tshark")


@pytest.fixture(scope="session")
def osmo_auc_gen() -> str:
    return path_of("osmo-auc-gen")
