"""The text that obligations cite is read by number; what is cited has to be there."""

from dataclasses import replace

import pytest

from conformance.errors import CatalogueError
from conformance.specification import Specification, read_specification

TEXT = "".join(f"[{number:03}] Paragraph  {number}.\n\n" for number in (8, 9, 10, 11, 12, 20))


@pytest.fixture
def read(tmp_path, obligations):
    """Read a text against the obligations of a lamp."""

    def of(text):
        path = tmp_path / "specification.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_specification(path, obligations)

    return of


def refusal(read, text):
    with pytest.raises(CatalogueError) as caught:
        read(text)
    return str(caught.value)


def test_paragraphs_are_found_by_number_and_the_rest_is_passed_over(read):
    found = read(f"# about it\nindependent: 1 10\ntitle: [7] no paragraph\n{TEXT}")
    assert found.paragraphs[8] == "Paragraph 8."
    assert sorted(found.paragraphs) == [8, 9, 10, 11, 12, 20]
    assert found.independent == (1, 10)


def test_a_paragraph_that_is_cited_and_not_there_is_named(read):
    assert "2b cites [012], which is not there" in refusal(read, TEXT.replace("[012]", "012"))


def test_a_number_that_stands_twice_is_refused_with_its_line(read):
    assert ":13: a second paragraph [008]" in refusal(read, f"{TEXT}[008] again")


@pytest.mark.parametrize("octets", [b"\xff\xfe", None])
def test_what_cannot_be_read_is_refused(read, tmp_path, obligations, octets):
    with pytest.raises(CatalogueError):
        read(octets) if octets else read_specification(tmp_path / "none", obligations)


def test_only_what_is_cited_is_kept(obligations):
    whole = Specification({8: "a", 9: "b", 99: "c"}, (1,))
    assert whole.cited(obligations) == Specification({8: "a", 9: "b"}, (1,))


def test_a_fingerprint_changes_with_the_obligation_and_with_what_it_cites(obligations):
    text, one = Specification({8: "a", 9: "b"}), obligations["1a"]
    taken = text.fingerprint(one)
    assert len(taken) == 16
    assert text.fingerprint(replace(one, text="Another")) != taken
    assert Specification({8: "a", 9: "changed"}).fingerprint(one) != taken


def test_a_fingerprint_does_not_change_with_what_is_not_cited(obligations):
    one = obligations["1a"]
    before, after = Specification({8: "a", 10: "b"}), Specification({8: "a", 10: "c"})
    assert before.fingerprint(one) == after.fingerprint(replace(one, line=99))
