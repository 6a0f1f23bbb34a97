"""The glossary is the tables of a Markdown file."""

import pytest

from conformance.errors import CatalogueError
from conformance.glossary import Term, read_terms

TEXT = """# Glossary

| patent | here | what it is | source |
|---|---|---|---|
| AK | `K` | the *key* | TS 1 |
| - | `OPc` | another key | - |

| not | a glossary |
|---|---|
| a | b |

| acronym | meaning | source |
|---|---|---|
| TAR | which application | TS 2 |
| bare | | TS 3 |
"""


@pytest.fixture
def read(tmp_path):
    """Read a text."""

    def of(octets):
        path = tmp_path / "glossary.md"
        path.write_bytes(octets)
        return read_terms(path)

    return of


def test_terms_are_read_by_the_names_of_columns(read):
    assert read(TEXT.encode()) == (
        Term("AK / K", "the key", "TS 1"),
        Term("OPc", "another key", ""),
        Term("TAR", "which application", "TS 2"),
    )


@pytest.mark.parametrize("text", [b"", b"no table\n", b"| a | meaning |\n| b | c |\n"])
def test_a_text_without_a_table_has_no_terms(read, text):
    assert read(text) == ()


def test_what_cannot_be_read_is_refused(read, tmp_path):
    with pytest.raises(CatalogueError, match="UTF-8"):
        read(b"\xff")
    with pytest.raises(CatalogueError, match="No such file"):
        read_terms(tmp_path / "none")
