"""The kill matrix tells which cases noticed a mutant, and whether they had to."""

from dataclasses import replace

from conformance.evidence import Kill, KillState
from conformance.kills import Notice, Technique, kill_rows, notices, techniques
from conformance.verdicts import Verdict


def of_kills(record, *kills):
    return kill_rows(record({}, mutants=kills))


def test_only_failed_cases_of_what_it_breaks_kill_a_mutant(record):
    verdicts = {
        "lamp/1a/1": Verdict.FAIL,
        "lamp/1a/2": Verdict.ERROR,
        "lamp/1b/1": Verdict.FAIL,
        "lamp/2a/1": Verdict.PASS,
    }
    (row,) = of_kills(record, Kill("dark", "w", ("1a",), KillState.BY_NAME, "", verdicts))
    assert (row.killers, row.others) == (("lamp/1a/1",), 1)
    cells = {cell.obligation: (cell.failed, cell.run, cell.is_broken) for cell in row.cells}
    assert cells == {"1a": (1, 2, True), "1b": (1, 1, False), "2a": (0, 1, False)}


def test_an_obligation_that_was_run_for_another_mutant_has_an_empty_cell(record):
    first = Kill("a", "w", ("1a",), KillState.SURVIVED, "r", {"lamp/1a/1": Verdict.PASS})
    second = Kill("b", "w", ("2a",), KillState.SURVIVED, "r", {"lamp/2a/1": Verdict.PASS})
    rows = of_kills(record, first, second)
    assert [[cell.run for cell in row.cells] for row in rows] == [[1, 0], [0, 1]]


def test_a_mutant_that_could_not_be_made_killed_nothing(record):
    (row,) = of_kills(record, Kill("c", "w", ("9z",), KillState.BROKEN, "r", {}))
    assert (row.killers, row.others, row.cells) == ((), 0, ())


def test_techniques_are_counted_apart(record):
    named = Kill("dark", "w", ("1a",), KillState.BY_NAME, "", {})
    tour = replace(named, technique="tour")
    missed = replace(tour, mutant="dim", state=KillState.SURVIVED)
    found = techniques(record({}, mutants=(named, tour, missed)))
    assert found == (Technique("features", 1, 1), Technique("tour", 1, 2))
    assert techniques(record({})) == ()


def test_a_mutant_is_held_against_every_technique_even_where_it_was_not_tried(record):
    named = Kill("dark", "w", ("1a",), KillState.BY_NAME, "", {})
    tour = replace(named, technique="tour", state=KillState.SURVIVED)
    dim = replace(tour, mutant="dim")
    assert notices(record({}, mutants=(named, tour, dim))) == [
        Notice("dark", (KillState.BY_NAME, KillState.SURVIVED)),
        Notice("dim", (None, KillState.SURVIVED)),
    ]
