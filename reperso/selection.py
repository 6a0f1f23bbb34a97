"""Chooses cases: by feature, line, case id, tag expression, claim and element."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from behave.exception import FileNotFoundError as NoSuchFeatureError
from behave.exception import InvalidFilenameError, TagExpressionError
from behave.model_type import FileLocation
from behave.runner_util import FeatureLineDatabase, collect_feature_locations
from behave.tag_expression import make_tag_expression

from conformance.catalogue import Case, known_tags
from reperso import SUITE
from reperso.errors import UsageError
from reperso.features import Suite

CASE_ID = re.compile(rf"{SUITE}/[^/]+/[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for; an empty part asks for all."""

    places: Sequence[str] = ()  # features, folders, feature:line, @list, case ids
    tags: Sequence[str] = ()  # tag expressions, all of which have to hold
    claims: Sequence[int] = ()
    elements: Sequence[str] = ()  # ids of obligations


def is_case_id(place: str) -> bool:
    """Whether `place` is written as a case id."""
    return CASE_ID.fullmatch(place) is not None


def select(suite: Suite, wanted: Wanted) -> tuple[Case, ...]:
    """Return the cases that were asked for, in the order of the suite.

    Raises:
        UsageError: a place, id or tag expression that means nothing.
    """
    at = _at_places(suite, wanted.places) if wanted.places else None
    expression = _expression(suite, wanted.tags)
    _demand_known(suite, wanted)
    obligations = suite.catalogue.obligations
    return tuple(
        case
        for case in suite.catalogue.cases
        if (at is None or case.id in at)
        and expression.check(case.tags)
        and _touches(wanted.elements, case.obligations)
        and _touches(wanted.claims, (obligations[id_].claim for id_ in case.obligations))
    )


def _touches(asked: Sequence[object], of_case: Iterable[object]) -> bool:
    return not asked or not set(asked).isdisjoint(of_case)


def _demand_known(suite: Suite, wanted: Wanted) -> None:
    obligations = suite.catalogue.obligations
    claims = {obligation.claim for obligation in obligations.values()} - {None}
    for claim in wanted.claims:
        if claim not in claims:
            raise UsageError("--claim", f"there is no claim {claim} in the obligations")
    for element in wanted.elements:
        if element not in obligations:
            raise UsageError("--element", f"there is no {element!r} in the obligations")


def _expression(suite: Suite, tags: Sequence[str]) -> make_tag_expression:
    known = known_tags(suite.catalogue.obligations.values())

    def hyphenated(word: re.Match[str]) -> str:
        """Return a tag that was spelled with underscores, as pytest's marks are."""
        tag = word[0].replace("_", "-")
        return tag if tag in known else word[0]

    spelled = [re.sub(r"[\w-]+", hyphenated, tag) for tag in tags]
    try:
        return make_tag_expression(" and ".join(f"({tag})" for tag in spelled))
    except TagExpressionError as error:
        raise UsageError("--tags", str(error).splitlines()[0]) from error


def _at_places(suite: Suite, places: Sequence[str]) -> set[str]:
    cases = {place for place in places if is_case_id(place)}
    for case_id in cases:
        if suite.catalogue.case(case_id) is None:
            raise UsageError(case_id, "there is no such case; `reperso run --list` lists them")
    files = [place for place in places if not is_case_id(place)]
    scenarios = {
        id(scenario) for location in locate(files) for scenario in _scenarios(suite, location)
    }
    return cases | {
        case_id for case_id, scenario in suite.scenarios.items() if id(scenario) in scenarios
    }


def locate(places: Sequence[str]) -> list[FileLocation]:
    """Return the features, each with a line or without, that features, folders and @lists name.

    Raises:
        UsageError: there is no such file, or it is none of these.
    """
    try:
        return list(collect_feature_locations(places))
    except NoSuchFeatureError as error:
        raise UsageError(str(error), "no such file") from error
    except InvalidFilenameError as error:
        raise UsageError(str(error), "is no feature, folder, @list or case id") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(", ".join(places), str(error)) from error


def _scenarios(suite: Suite, location: FileLocation) -> Iterable[object]:
    path = Path(location.filename).resolve()
    for feature in suite.features:
        if Path(feature.filename).resolve() == path:
            if location.line:
                lines = FeatureLineDatabase.make(feature)
                found: Iterable[object] = lines.select_scenarios_by_line(location.line)
                return found
            return list(feature.walk_scenarios())
    raise UsageError(location.filename, "does not belong to the suite of the first feature named")
