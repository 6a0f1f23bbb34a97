"""Which text of each obligation its cases were written to: a change of the text outdates them.

Beside the obligations lies a file of fingerprints, taken when somebody last held the cases of an
obligation against its text and the paragraphs that it cites. Without the file nothing was reviewed,
and nothing is outdated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from conformance.catalogue import Catalogue
from conformance.errors import CatalogueError, Problem
from conformance.specification import Specification

FILE_NAME = "reviewed.json"
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


def read_reviews(path: Path) -> dict[str, str] | None:
    """Return the fingerprints by id of the obligation; None if there is no such file.

    Raises:
        CatalogueError: it cannot be read, or is no JSON object of fingerprints.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CatalogueError([Problem(str(path), 0, error.strerror or "cannot be read")]) from error
    except (ValueError, RecursionError) as error:
        raise CatalogueError([Problem(str(path), 0, "is no JSON text")]) from error
    if not isinstance(found, dict) or not all(map(_is_fingerprint, found.values())):
        what = "has to be an object of 16 hex digits by id; `reperso trace --accept` writes it"
        raise CatalogueError([Problem(str(path), 0, what)])
    return found


def write_reviews(catalogue: Catalogue, specification: Specification, path: Path) -> None:
    """Write the fingerprints of all obligations that have cases, as they are now."""
    taken = _fingerprints(catalogue, specification)
    path.write_text(f"{json.dumps(taken, indent=2)}\n", encoding="utf-8")


def outdated(
    catalogue: Catalogue, specification: Specification, reviews: Mapping[str, str] | None
) -> tuple[str, ...]:
    """Return the obligations whose text is not the one that their cases were reviewed against."""
    if reviews is None:
        return ()
    now = _fingerprints(catalogue, specification)
    return tuple(id_ for id_, fingerprint in now.items() if reviews.get(id_) != fingerprint)


def _is_fingerprint(value: object) -> bool:
    return isinstance(value, str) and _FINGERPRINT.fullmatch(value) is not None


def _fingerprints(catalogue: Catalogue, specification: Specification) -> dict[str, str]:
    return {
        id_: specification.fingerprint(obligation)
        for id_, obligation in catalogue.obligations.items()
        if catalogue.cases_of(id_)
    }
