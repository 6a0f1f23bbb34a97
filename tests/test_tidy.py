"""Rules that hold for every file of the project: a fault names file and line."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("impl", "model", "steps", "conformance", "reperso")

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 40

UNMIRRORED = {
    "impl/errors.py": "each error is raised, and its text read, in the tests of who raises it",
    "impl/runtime/migrations/application_server/v0001_first_tables.py": "test_schema.py runs it",
    "impl/runtime/migrations/application_server/v0002_due.py": "the same",
    "impl/runtime/migrations/application_server/v0003_joined_msisdn.py": "the same",
    "impl/runtime/migrations/home_register/v0001_first_tables.py": "the same",
    "impl/runtime/migrations/short_message_centre/v0001_first_tables.py": "the same",
    "impl/runtime/migrations/short_message_centre/v0002_receipts.py": "the same",
    "reperso/errors.py": "the same",
    "reperso/check_options.py": "test_crashes.py and test_interleavings.py give each option",
    "steps/drivers/babble.py": "the features of malformed input drive it",
    "steps/drivers/model_conditions.py": "test_modelled.py and every feature drive it",
    "steps/drivers/model_line.py": "the same",
    "steps/drivers/modelled_observations.py": "the same",
    "steps/drivers/modelled_parties.py": "the same",
    "steps/mutants/card.py": "test_mutants.py is about all mutants",
    "steps/mutants/embodiments.py": "the same",
    "steps/mutants/generations.py": "the same",
    "steps/mutants/hazards.py": "the same",
    "steps/mutants/network.py": "the same",
    "steps/mutants/null.py": "the same",
    "steps/mutants/server.py": "the same",
}
"""Sources with logic that have no test file of their own, and why."""

UNMIRRORING = {
    "tests/impl/application_server/test_failing_store.py": "is about all of the server",
    "tests/test_tidy.py": "is about every file",
    "tests/test_runners.py": "holds two runners to the same verdicts",
    "tests/test_bad_input.py": "holds docs/bad_input.md against what it names",
    "tests/test_packaging.py": "holds what is installed against what is there",
    "tests/test_examples.py": "runs what stands in examples/",
    "tests/test_statements.py": "holds what our systems state against what they do",
    "tests/test_variants.py": "holds both readings of the specification side by side",
    "tests/test_vectors.py": "is about the public vectors",
    "tests/test_mutants.py": "runs the command line on wrong systems",
    "tests/impl/application_server/test_at_rest.py": "is about the octets of the database",
    "tests/impl/network/test_at_rest.py": "is about the octets of the database",
    "tests/impl/network/test_registers.py": "is about several registers over one database",
    "tests/impl/runtime/test_two_servers.py": "is about one database under two processes",
    "tests/impl/runtime/test_crashes.py": "kills the durable nodes of test_world.py",
    "tests/impl/runtime/test_hazards.py": "lets anything go wrong in a whole world",
    "tests/impl/runtime/test_endurance.py": "wears out the nodes of test_world.py",
    "tests/impl/runtime/test_rejections.py": "is about foreign networks in a whole world",
    "tests/impl/runtime/test_move.py": "is about a card between two networks in a whole world",
    "tests/impl/runtime/test_receipts.py": "follows a message from its sender and back",
    "tests/impl/runtime/test_generations.py": "is about networks of all kinds in one world",
    "tests/real_parts/": "holds our parties against programs that nobody here wrote",
    "tests/conformance/browser/": "opens the whole page in Chromium",
    "tests/impl/served/pages/test_abuse.py": "is about user_site.py in hostile hands",
    "tests/impl/card/test_ota_indicators.py": "every security indicator, beside test_ota.py",
    "tests/impl/served/browser/": "walks through the web sites in Chromium, on a served world",
    "tests/dissection/": "holds octets of a whole run against foreign dissectors",
    "tests/fuzz/": "feeds every decoder with octets of no meaning",
}
"""Test files, or folders of them, that mirror no source, and why."""

LONG = {
    "tests/impl/application_server/test_course.py": "a change has as many tests as it has states",
    "tests/steps/drivers/test_simulated_observations.py": "a pair of tests an observation",
    "tests/impl/application_server/test_messaging.py": "it speaks two ways, and keeps or undoes it",
    "tests/impl/network/test_delivery.py": "a message has as many ends as there are causes",
    "tests/impl/codec/test_secured_packet.py": "one file of vectors and properties a source",
    "tests/conformance/render/test_html.py": "a page has as many parts as a run has to show",
    "tests/impl/device/test_terminal.py": "the device has as many occasions as it has interfaces",
    "tests/impl/device/test_registration.py": "a network refuses, is silent or serves",
}
"""Files of more lines than others may have, and why."""

PRINTING = {
    "reperso/": "is the command line",
    "benchmarks/": "are programs",
    "tests/fuzz/guided.py": "is a program",
    "tests/fuzz/run.py": "is a program",
    "tests/mutation/run.py": "is a program",
    "tests/real_parts/": "scripts tell what held",
}
"""Who may print, and why."""

Fault = tuple[int, str]
Rule = Callable[[str], Iterator[Fault]]


def tracked() -> list[str]:
    """Return the files of the project, by path from its root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return sorted(name for name in set(listed) if (ROOT / name).is_file())


TRACKED = tracked()
PYTHON = [name for name in TRACKED if name.endswith(".py")]
SOURCES = [name for name in PYTHON if name.split("/")[0] in PACKAGES]
TESTS = [name for name in PYTHON if name.startswith("tests/") and "/test_" in name]


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8", errors="replace")


def is_named(name: str, table: dict[str, str]) -> bool:
    """Whether a table names the file, or a folder that it is in."""
    return any(name == entry or (entry.endswith("/") and name.startswith(entry)) for entry in table)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def does_nothing(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring or an ellipsis."""
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def has_logic(text: str) -> bool:
    """Whether there is a function that does something; declarations have none."""
    return any(
        not all(does_nothing(statement) for statement in function.body)
        for function in functions(ast.parse(text))
    )


def holds_sentences(text: str) -> bool:
    """Whether a module registers sentences of the features: these are its tests."""
    return any(
        isinstance(node, ast.ImportFrom) and node.module == "steps.registry"
        for node in ast.parse(text).body
    )


def mirror_of(source: str) -> str:
    """Return where the tests of a source stand."""
    path = Path(source)
    stem = "init" if path.stem == "__init__" else path.stem.strip("_")
    return str(Path("tests", path.parent, f"test_{stem}.py"))


# The rules


def long_functions(text: str) -> Iterator[Fault]:
    for function in functions(ast.parse(text)):
        assert function.end_lineno is not None
        lines = function.end_lineno - function.lineno + 1
        if lines > MOST_FUNCTION_LINES:
            yield function.lineno, f"{function.name} has {lines} lines"


def long_file(text: str) -> Iterator[Fault]:
    lines = text.count("\n")
    if lines > MOST_FILE_LINES:
        yield lines, "too many lines"


def prints(text: str) -> Iterator[Fault]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name(id="print")):
                yield node.lineno, "prints"


def matches(pattern: str, what: str) -> Rule:
    """Return the rule that no line holds `pattern`."""
    compiled = re.compile(pattern)

    def rule(text: str) -> Iterator[Fault]:
        for number, line in enumerate(text.splitlines(), start=1):
            if compiled.search(line):
                yield number, what

    return rule


unfinished = matches(r"\b(?:TO[D]O|FIX[M]E|XX[X])\b", "says that it is not finished")
bare_ignore = matches(r"#\s*type:\s*ignore(?!\[[a-z])", "ignores types without a code")
bare_noqa = matches(
    r"#\s*(?:ruff:\s*)?noqa(?!:\s*[A-Z]+[0-9])", "ignores the linter without a code"
)
machine_path = matches(
    rf"(?<![\w.])/(?:home|Users|root|work|mnt)/\w|{re.escape(str(ROOT))}\b",
    "names a path of a machine",
)
package_index = matches(
    r"py[p]i[.]org|python[h]osted[.]org|anaconda[.]org|npm[j]s[.](?:org|com)|proxy[.]golang|"
    r"crates[.]io|-[-](?:extra-)?index-url|-[-]find-links|\bindex-url\s*=",
    "names a package index",
)


def faults(rule: Rule, names: list[str]) -> list[str]:
    """Return every fault, as an editor opens it."""
    return [f"{name}:{line}: {what}" for name in names for line, what in rule(text_of(name))]


def demand_none(found: list[str]) -> None:
    assert not found, "\n".join(["", *found])


def test_every_source_with_logic_has_its_test_file():
    missing = [
        f"{source}: {mirror_of(source)}"
        for source in SOURCES
        if not is_named(source, UNMIRRORED)
        and not (ROOT / mirror_of(source)).is_file()
        and has_logic(text_of(source))
        and not holds_sentences(text_of(source))
    ]
    demand_none(missing)


def test_every_test_file_mirrors_a_source():
    mirrors = {mirror_of(source) for source in SOURCES}
    orphans = [test for test in TESTS if test not in mirrors and not is_named(test, UNMIRRORING)]
    demand_none(orphans)


def test_no_file_of_a_package_or_its_tests_is_long():
    names = [name for name in (*SOURCES, *TESTS) if not is_named(name, LONG)]
    demand_none(faults(long_file, names))


def test_no_function_of_a_package_or_its_tests_is_long():
    demand_none(faults(long_functions, [*SOURCES, *TESTS]))


def test_nothing_prints_but_programs():
    demand_none(faults(prints, [name for name in PYTHON if not is_named(name, PRINTING)]))


@pytest.mark.parametrize("rule", [bare_ignore, bare_noqa], ids=["types", "linter"])
def test_what_is_ignored_is_named(rule):
    demand_none(faults(rule, PYTHON))


@pytest.mark.parametrize(
    "rule", [unfinished, machine_path, package_index], ids=["unfinished", "paths", "indexes"]
)
def test_no_file_at_all_holds_what_belongs_nowhere(rule):
    demand_none(faults(rule, TRACKED))


@pytest.mark.parametrize("table", [UNMIRRORED, UNMIRRORING, LONG, PRINTING])
def test_no_exception_has_outlived_its_file(table):
    assert [entry for entry in table if not (ROOT / entry).exists()] == []


def test_no_exception_is_made_without_need():
    assert [name for name in LONG if not list(long_file(text_of(name)))] == []
    assert [name for name in UNMIRRORED if (ROOT / mirror_of(name)).exists()] == []
    assert [name for name in UNMIRRORED if not has_logic(text_of(name))] == []


# The rules find what they are for


@pytest.mark.parametrize(
    ("rule", "flaw"),
    [
        (long_functions, "def f():\n" + "    g()\n" * MOST_FUNCTION_LINES),
        (long_file, "\n" * (MOST_FILE_LINES + 1)),
        (prints, "if True:\n    print('x')\n"),
        (unfinished, "x = 1  # TO" + "DO later\n"),
        (bare_ignore, "x = 1  # type: " + "ignore\n"),
        (bare_noqa, "x = 1  # no" + "qa\n"),
        (bare_noqa, "# ruff: no" + "qa\n"),
        (machine_path, "see /ho" + "me/somebody/notes\n"),
        (machine_path, f"open('{ROOT}/x')\n"),
        (package_index, "https://py" + "pi.org/simple\n"),
        (package_index, "pip install --index" + "-url x\n"),
    ],
)
def test_a_flaw_is_found(rule, flaw):
    assert len(list(rule(flaw))) == 1


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (long_functions, "def f():\n" + "    g()\n" * (MOST_FUNCTION_LINES - 1)),
        (long_file, "\n" * MOST_FILE_LINES),
        (prints, "sprint('x')\nself.print('x')\n"),
        (unfinished, "METHODOLOGY = 'XXXL'\n"),
        (bare_ignore, "x = f()  # type: ignore[arg-type]  # reason\n"),
        (bare_noqa, "x = 1  # noqa: S311 - seeded\n"),
        (machine_path, "https://example.org/home/page and ../work/x and a/root/b\n"),
        (package_index, "conda and pip are package managers\n"),
    ],
)
def test_what_is_none_is_not(rule, text):
    assert list(rule(text)) == []


@pytest.mark.parametrize(
    ("text", "logic"),
    [
        ('"""Doc."""\nX = 1\n', False),
        ('class P:\n    def f(self):\n        """Say."""\n', False),
        ("class P:\n    def f(self): ...\n", False),
        ("def f():\n    return 1\n", True),
        ('class P:\n    def f(self):\n        """Say."""\n        return 1\n', True),
    ],
)
def test_declarations_have_no_logic(text, logic):
    assert has_logic(text) is logic


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("impl/codec/sms.py", "tests/impl/codec/test_sms.py"),
        ("steps/drivers/__init__.py", "tests/steps/drivers/test_init.py"),
        ("reperso/__main__.py", "tests/reperso/test_main.py"),
    ],
)
def test_a_mirror_stands_where_its_source_does(source, test):
    assert mirror_of(source) == test
