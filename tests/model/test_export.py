import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from model.compile import Space
from model.explore import Search
from model.export import promela
from model.scopes import Scope, one_card, several_cards
from model.table import Option

STORED = re.compile(r"(\d+) states, stored")
TAKEN = re.compile(r"(\d+) transitions \(= stored\+matched\)")

needs_spin = pytest.mark.skipif(
    not (shutil.which("spin") and shutil.which("gcc")), reason="spin or gcc is not installed"
)


def counted_by_spin(text: str, folder: Path) -> tuple[int, int]:
    (folder / "model.pml").write_text(text)
    for command in (
        ["spin", "-a", "model.pml"],
        ["gcc", "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c"],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    run = subprocess.run(
        ["./pan", "-E", "-m1000000"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "errors: 0" in run.stdout, run.stdout
    (stored,), (taken,) = STORED.findall(run.stdout), TAKEN.findall(run.stdout)
    return int(stored), int(taken) - 1  # spin counts the way into the initial state


def counted(scope: Scope) -> tuple[int, int]:
    search = Search(Space(scope.composition))
    search.run()
    return len(search.reached), search.edges()


@needs_spin
@pytest.mark.parametrize(
    "scope",
    [
        one_card,
        lambda: one_card(Option.LITERAL, Option.ACKNOWLEDGED),
        lambda: one_card().bounded(changes=1),
        lambda: one_card().bounded(faults=2),
        lambda: several_cards(2, 1, Option.LITERAL).bounded(faults=0, changes=0),
    ],
    ids=["one card", "literal", "one change", "two faults", "two cards"],
)
def test_spin_counts_the_same_states(scope: Callable[[], Scope], tmp_path: Path) -> None:
    explored = scope()
    assert counted_by_spin(promela(explored.composition), tmp_path) == counted(explored)


@needs_spin
def test_spin_counts_another_table_otherwise(tmp_path: Path) -> None:
    scope = one_card(Option.LITERAL)
    (card,) = (part for part in scope.composition.components if part.name == "card")
    fewer = [row for row in card.arrows if row.event != "cut_power"]
    wrong = scope.composition.with_arrows("card", fewer)
    assert counted_by_spin(promela(wrong), tmp_path) != counted(scope)


def test_every_event_is_an_option_and_every_component_a_byte() -> None:
    composition = one_card().composition
    text = promela(composition)
    assert text.count(":: d_step") == len(composition.events)
    assert text.count("\nbyte ") == len(composition.components)


def test_what_a_step_leads_to_is_decided_before_anything_moves() -> None:
    text = promela(one_card().composition)
    step = text[text.index("/* start_over */") :].split("}", maxsplit=1)[0]
    assigned = [line.strip() for line in step.splitlines() if " = " in line]
    first = next(i for i, line in enumerate(assigned) if not line.startswith("next_"))
    assert all(not line.startswith("next_") for line in assigned[first:])
