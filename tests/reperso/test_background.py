"""What a report says beside the results comes from the files of the suite and from the model."""

import json

import pytest

from conformance.errors import CatalogueError
from conformance.machines import cover
from reperso.background import findings, gather, machines, read_text
from reperso.features import load_suite
from reperso.runner import Engine

GLOSSARY = "| term | meaning |\n|---|---|\n| it | what works |\n"


@pytest.fixture
def gathered(suite):
    """Gather the background of the small suite as its files now are."""

    def now():
        loaded = load_suite(suite.path / "features")
        return gather(loaded, Engine(loaded), ())

    return now


def test_a_suite_without_further_files_has_a_background_all_the_same(gathered):
    found = gathered()
    assert (found.terms, found.outdated, found.machines, found.findings) == ((), (), (), ())
    assert found.specification.paragraphs == {}


def test_sentences_that_no_scenario_says_are_named(gathered):
    unused = gathered().unused
    assert "When it breaks" in unused
    assert "When a message passes" not in unused


def test_text_glossary_and_reviews_are_read(suite, gathered):
    features = suite.path / "features"
    (features / "specification.txt").write_text("[008] It works.\n[009] Well.\n[010] Not cited.\n")
    (features / "reviewed.json").write_text(json.dumps({"1a": "0" * 16}))
    (features / "glossary.md").write_text(GLOSSARY)
    found = gathered()
    assert found.specification.paragraphs == {8: "It works.", 9: "Well."}
    assert [term.term for term in found.terms] == ["it"]
    assert found.outdated == ("1a",)


def test_a_text_that_lacks_what_is_cited_is_refused(suite):
    (suite.path / "features" / "specification.txt").write_text("[008] It works.\n")
    with pytest.raises(CatalogueError, match=r"2a cites \[009\]"):
        read_text(load_suite(suite.path / "features"))


def test_the_machines_are_the_tables_of_the_model():
    found = {machine.name: machine for machine in machines()}
    assert {"method", "application_server", "card", "device"} <= found.keys()
    card = found["card"]
    assert card.initial == "OLD_ONLY"
    states = {state.name for state in card.states}
    assert {one.source for one in card.transitions} | {one.target for one in card.transitions} == (
        states
    )
    assert "TORN" not in states  # of the literal reading only
    names = [one.name for one in card.transitions]
    assert len(names) == len(set(names))


def test_the_trail_of_the_model_is_read_as_transitions_of_the_machines():
    trail = ["card: OLD_ONLY - replace_identity -> BOTH_NEW_ACTIVE"]
    assert cover(machines(), [trail])["card"].transitions[0] == 1


def test_the_literal_reading_strands_a_card_and_shows_what_passed():
    first, *others = findings()
    assert first.cites == ("B08",)
    assert first.trace[-1] == "replace_identity"
    assert [one.number for one in first.messages] == list(range(1, len(first.messages) + 1))
    assert any(one.name == "MesN" for one in first.messages)
    assert all(one.cites != ("B08",) for one in others)
