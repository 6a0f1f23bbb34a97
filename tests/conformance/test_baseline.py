"""A baseline says what is expected; what goes wrong needs a reason and a last day."""

import pytest

from conformance.baseline import Baseline, Explanation, Line, is_day, read_baseline
from conformance.errors import SourceError
from conformance.verdicts import Verdict

TEXT = """schema: urn:reperso:baseline:1
systems:
  bulb:
    lamp/1a/1: PASS
    lamp/1b/1: {verdict: FAIL, reason: "is dark", link: "x.org/1", expires: "2002-01-01"}
"""
WHY = Explanation("it is old", "2030-12-31")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "baseline.yaml"


def test_what_is_written_is_read_again(path):
    dark = Line(Verdict.FAIL, 'is "dark":\n#', "https://example.org/1", "2002-01-01")
    baseline = Baseline({"a: b": {"lamp/1a/1": Line(Verdict.PASS), "lamp/1b/1": dark}, "tube": {}})
    baseline.write(path)
    assert read_baseline(path) == baseline


def test_a_baseline_of_nothing_is_written_and_read(path):
    Baseline({}).write(path)
    assert read_baseline(path) == Baseline({})


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (', expires: "2002-01-01"', "", ":5:"),
        ('reason: "is dark", ', "", ":5:"),
        ("verdict: FAIL", "verdict: PASS", ":5:"),
        ("2002-01-01", "2002-02-31", ":5: lamp/1b/1: 2002-02-31 is no day"),
        ("1a/1: PASS", "1a/1: FAIL", ":4:"),
        ("lamp/1a/1", "one", ":3:"),
        ("baseline:1", "baseline:2", ":1: schema:"),
    ],
)  # fmt: skip
def test_what_is_no_baseline_is_refused_where_it_is_wrong(path, old, new, where):
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(SourceError) as caught:
        read_baseline(path)
    assert where in str(caught.value)


def test_an_update_lists_what_goes_wrong_with_its_reason(record):
    report = record({"bulb": {"lamp/1b/1": Verdict.FAIL}})
    found = Baseline({}).updated(report, WHY)
    assert found.of("bulb") == {"lamp/1b/1": Line(Verdict.FAIL, "it is old", "", "2030-12-31")}


def test_an_update_of_everything_lists_what_goes_well_too(record):
    found = Baseline({}).updated(record({"bulb": {}}), None, every=True)
    assert len(found.of("bulb")) == 5
    assert set(found.of("bulb").values()) == {Line(Verdict.PASS)}


def test_an_update_without_an_explanation_is_refused_if_it_needs_one(record):
    report = record({"bulb": {"lamp/1b/1": Verdict.ERROR}})
    ((system, result),) = Baseline({}).unexplained(report)
    assert (system, result.case) == ("bulb", "lamp/1b/1")
    with pytest.raises(ValueError, match="1 results need an explanation"):
        Baseline({}).updated(report, None)


def test_an_update_keeps_what_still_holds_and_drops_what_does_not(record, path):
    path.write_text(TEXT.replace("lamp/1a/1: PASS", "lamp/9z/9: PASS"))
    there = read_baseline(path)
    kept = there.updated(record({"bulb": {"lamp/1b/1": Verdict.FAIL}, "tube": {}}), None)
    assert kept.of("bulb") == {"lamp/1b/1": there.of("bulb")["lamp/1b/1"]}
    assert there.updated(record({"bulb": {}}), None).of("bulb") == {}


def test_an_update_keeps_lines_of_what_was_not_run(record, path):
    path.write_text(TEXT)
    there = read_baseline(path)
    assert there.updated(record({"tube": {}}), None).of("bulb") == there.of("bulb")
    skipped = record({"bulb": {"lamp/1b/1": Verdict.SKIP}})
    assert "lamp/1b/1" in there.updated(skipped, None).of("bulb")


@pytest.mark.parametrize(
    ("text", "day"),
    [("2027-06-30", True), ("2027-6-30", False), ("20270630", False), ("soon", False)],
)
def test_a_day_is_written_in_one_way(text, day):
    assert is_day(text) is day
