"""Errors say where and what, one line a problem."""

from conformance.errors import CatalogueError, Problem, ReportError


def test_a_problem_names_file_and_line():
    assert str(Problem("a.yaml", 3, "bad")) == "a.yaml:3: bad"


def test_a_problem_of_a_whole_file_names_no_line():
    assert str(Problem("a.yaml", 0, "bad")) == "a.yaml: bad"


def test_a_catalogue_error_lists_every_problem_in_order_of_file_and_line():
    error = CatalogueError([Problem("b", 1, "y"), Problem("a", 20, "x"), Problem("a", 3, "z")])
    assert str(error) == "a:3: z\na:20: x\nb:1: y"


def test_a_report_error_names_the_place_before_the_fault():
    assert str(ReportError("r.json", "broken")) == "r.json: broken"
