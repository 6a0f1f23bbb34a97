"""The summary says in a page what came of it; nothing that a system says is markup or formula."""

import csv
import io

import pytest

from conformance.baseline import Baseline
from conformance.changes import against, marked
from conformance.summary import markdown, matrix_csv, write_csv, write_markdown
from conformance.verdicts import Verdict

CASE = "lamp/1b/1"


def rows(report):
    return list(csv.DictReader(io.StringIO(matrix_csv(report))))


def test_the_summary_has_a_row_a_claim_and_a_column_a_system(record):
    said = markdown(record({"bulb": {}, "tube": {CASE: Verdict.FAIL}}))
    assert "| | bulb | tube |" in said
    assert "| claim 1 | ✅ MET 2/2 elements | ❌ NOT MET at 1b |" in said


def test_what_goes_wrong_is_told_with_its_reason_and_command(record):
    said = markdown(record({"bulb": {CASE: Verdict.FAIL}}))
    assert "## bulb: 1 of 5 go wrong" in said
    assert "because FAIL" in said
    assert "<code>lamp lamp/1b/1 --sut bulb --seed 7</code>" in said
    assert "go wrong" not in markdown(record({"bulb": {}}))


def test_what_changed_is_told(record):
    report = record({"bulb": {CASE: Verdict.FAIL}})
    assert "| NEW-FAIL | lamp/1b/1 | - | FAIL |" in markdown(
        marked(report, against(report, Baseline({})))
    )


def test_an_interrupted_run_says_so(record):
    assert "was interrupted" in markdown(record({"bulb": {}}, complete=False))
    assert "was interrupted" not in markdown(record({"bulb": {}}))


@pytest.mark.parametrize(
    "name", ["<img src=x>", "a|b", "`x`", "[a](javascript:x)", "a\n# b", "*b*"]
)
def test_no_name_is_markup(record, name):
    said = markdown(record({name: {CASE: Verdict.FAIL}}))
    assert not any(
        sign in said.replace("<br>", "").replace("<code>", "") for sign in ("<i", "`", "[")
    )
    assert "\n# b" not in said
    assert all(line.count("|") == 3 for line in said.splitlines() if line.startswith("| claim"))


def test_nothing_in_a_name_is_hidden_or_obeyed(record):
    report = record({"bu\x1b[31mlb\u202e": {CASE: Verdict.FAIL}})
    for said in (markdown(report), matrix_csv(report)):
        assert not set("\x1b\u202e") & set(said)
        assert "u202e" in said


def test_the_matrix_has_a_row_an_obligation_and_a_column_a_system(record):
    found = {row["obligation"]: row for row in rows(record({"bulb": {CASE: Verdict.FAIL}}))}
    assert (found["1b"]["bulb"], found["1a"]["bulb"], found["2b"]["bulb"]) == (
        "FAIL", "PASS", "SKIP",
    )  # fmt: skip
    assert (found["1a"]["cases"], found["1a"]["claim"], found["E01"]["claim"]) == ("2", "1", "")


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x", "\tx"])
def test_no_cell_begins_a_formula(record, name):
    assert f"'{name}" in rows(record({name: {}}))[0]


def test_both_are_written_whatever_a_system_is_called(record, tmp_path):
    report = record({"\ud800": {}})
    write_markdown(report, tmp_path / "s.md")
    write_csv(report, tmp_path / "m.csv")
    assert "A lamp" in (tmp_path / "s.md").read_text("utf-8")
    assert (tmp_path / "m.csv").read_text("utf-8").startswith("obligation,")
