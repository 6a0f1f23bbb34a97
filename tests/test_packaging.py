"""What is read at run time is installed with the code that reads it."""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parent.parent
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
PACKAGES = [name.rstrip("*") for name in SETUPTOOLS["packages"]["find"]["include"]]


def test_every_file_beside_the_code_is_installed():
    data = SETUPTOOLS["package-data"]
    missing = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
        if not any(fnmatchcase(path.name, one) for one in [*data["*"], *data.get(package, ())])
    ]
    assert missing == []


def test_features_and_statements_are_installed_beside_the_code():
    assert {"features", "ics", "steps", "reperso"} <= set(PACKAGES)
    assert not {"tests", "docs", "benchmarks"} & set(PACKAGES)
