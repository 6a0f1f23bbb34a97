"""Reads features with behave's parser and makes the catalogue of cases of them.

All features below the folder of `obligations.yaml` are read, whatever is to be run: case ids and
the rule that every `must` has a scenario are about the whole suite.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from behave.model import Feature, Rule, ScenarioOutline
from behave.model import Scenario as BehaveScenario
from behave.parser import ParserError, parse_file

from conformance.catalogue import Catalogue, Scenario, StepText, Tag, build_catalogue
from conformance.obligations import FILE_NAME, read_obligations
from reperso import SUITE
from reperso.errors import UsageError

DEFAULT_FOLDER = "features"
INSTALLED = Path(__file__).parent.parent
"""Holds the features, sentences and statements that came with this package."""


@dataclass(frozen=True, slots=True)
class Suite:
    """The features of a folder, as behave runs them and as the catalogue names them."""

    root: Path  # the folder that holds steps/ or environment.py; paths are shown relative to it
    folder: Path  # that of obligations.yaml
    features: tuple[Feature, ...]
    catalogue: Catalogue
    scenarios: dict[str, BehaveScenario]  # by case id


def load_suite(start: Path | None = None) -> Suite:
    """Read the suite to which `start`, a feature or a folder, belongs.

    Without it that is the folder `features` here, or where there is none, what was installed.

    Raises:
        UsageError: no such folder, a feature that is malformed or cannot be read.
        CatalogueError: obligations and features do not fit together.
    """
    folder = _folder_of_obligations(start or Path(here_or_installed(DEFAULT_FOLDER)))
    root = _root(folder)
    features = tuple(map(_parse, sorted(folder.rglob("*.feature"))))
    ScenarioOutline.annotation_schema = "{name}"  # a case has its id; behave would add "-- @1.2"
    scenarios = [scenario for feature in features for scenario in feature.walk_scenarios()]
    catalogue = build_catalogue(
        SUITE,
        read_obligations(folder / FILE_NAME),
        shown(folder / FILE_NAME, root),
        [_plain(scenario, root) for scenario in scenarios],
    )
    by_case = zip(catalogue.cases, scenarios, strict=True)
    return Suite(
        root, folder, features, catalogue, {case.id: scenario for case, scenario in by_case}
    )


def here_or_installed(place: str) -> str:
    """Return `place`, a file, folder or `file:line`; that of the installation if none is here."""
    file = place.rpartition(":")[0] or place
    if Path(file).exists() or not (INSTALLED / file).exists():
        return place
    return str(INSTALLED / place)


def shown(path: Path | str, root: Path) -> str:
    """Return `path` relative to the root of the suite, as far as it lies below it."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 - without .. and without following links
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _folder_of_obligations(start: Path) -> Path:
    start = Path(os.path.abspath(start))  # noqa: PTH100 - likewise
    if not start.exists():
        raise UsageError(str(start), "no such file or folder")
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise UsageError(str(start), f"no {FILE_NAME} here or in a folder above")


def _root(folder: Path) -> Path:
    for above in (folder, *folder.parents):
        if (above / "steps").is_dir() or (above / "environment.py").is_file():
            return above
    raise UsageError(str(folder), "no folder steps/ here or in a folder above")


def _parse(path: Path) -> Feature:
    try:
        with _warnings_refused(path):
            feature = parse_file(str(path))
    except ParserError as error:
        where = f"{path}:{error.line}" if error.line else str(path)
        raise UsageError(where, str(error.args[0]).splitlines()[0]) from error
    except OSError as error:
        raise UsageError(str(path), error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise UsageError(str(path), "is not UTF-8 text") from error
    except KeyError as error:  # behave looks the language up and does not expect to fail
        raise UsageError(str(path), f"unknown language {error}") from error
    if feature is None:
        raise UsageError(str(path), "holds no feature")
    return feature


class _Refusal(logging.Handler):
    """Refuses what behave's parser only warns of: a row without its last bar loses a letter."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        """Turn a warning into an error."""
        raise UsageError(str(self._path), record.getMessage())


@contextlib.contextmanager
def _warnings_refused(path: Path) -> Iterator[None]:
    log, handler = logging.getLogger("behave"), _Refusal(path)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


def _plain(scenario: BehaveScenario, root: Path) -> Scenario:
    above = list(_above(scenario))
    rule = next((item for item in above if isinstance(item, Rule)), None)
    feature = next(item for item in above if isinstance(item, Feature))
    return Scenario(
        file=shown(feature.filename, root),
        line=scenario.line,
        feature=feature.name,
        rule=rule.name if rule else "",
        name=scenario.name,
        tags=tuple(_tags(scenario, above)),
        steps=tuple(_step(step) for step in scenario.all_steps),
    )


def _above(scenario: BehaveScenario) -> Iterator[Any]:
    item = scenario.parent
    while item is not None:
        yield item
        item = item.parent


def _tags(scenario: BehaveScenario, above: Sequence[Any]) -> Iterator[Tag]:
    """Yield the tags from the feature inwards; a row of an outline bears those of the outline."""
    outer = [item for item in reversed(above) if not isinstance(item, ScenarioOutline)]
    for item in (*outer, scenario):
        lines = dict(_tag_lines(item.parent)) if isinstance(item.parent, ScenarioOutline) else {}
        for tag in item.tags:
            yield Tag(str(tag), lines.get(str(tag)) or getattr(tag, "line", item.line))


def _tag_lines(outline: ScenarioOutline) -> Iterator[tuple[str, int]]:
    """Yield where the tags of an outline stand, which its rows have forgotten."""
    for item in (outline, *outline.examples):
        yield from ((str(tag), tag.line) for tag in item.tags)


def _step(step: Any) -> StepText:
    table = step.table
    rows = (table.headings, *(row.cells for row in table.rows)) if table else ()
    return StepText(
        keyword=step.keyword,
        text=step.name,
        table=tuple(tuple(map(str, cells)) for cells in rows),
        doc=str(step.text or ""),
    )
