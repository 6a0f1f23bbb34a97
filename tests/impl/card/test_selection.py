"""What is current: a file, its directory, an application."""

from __future__ import annotations

from typing import Any

from impl.card.files import Access
from impl.card.image import GSM, LOCI_FILE, ROOT, USIM
from impl.card.pins import Pins
from impl.card.selection import Selection


def test_a_selection_begins_in_the_mf_with_nothing_selected(terminal: Any) -> None:
    selection = Selection(terminal.memory, Pins(terminal.memory))
    assert selection.directory is ROOT
    assert selection.file is None
    assert selection.application is None
    assert selection.record == 0


def test_a_selection_may_begin_in_an_application(terminal: Any) -> None:
    selection = Selection(terminal.memory, Pins(terminal.memory), application=USIM)
    assert (selection.directory, selection.application) == (USIM, USIM)


def test_selecting_a_file_makes_its_directory_current(terminal: Any) -> None:
    selection = Selection(terminal.memory, Pins(terminal.memory))
    selection.record = 3
    selection.select(LOCI_FILE)
    assert selection.file is LOCI_FILE
    assert selection.directory is USIM
    assert selection.record == 0


def test_selecting_a_directory_deselects_the_file(terminal: Any) -> None:
    selection = Selection(terminal.memory, Pins(terminal.memory))
    selection.select(LOCI_FILE)
    selection.select(GSM)
    assert selection.file is None
    assert selection.directory is GSM


def test_the_pins_say_who_speaks_unless_somebody_else_does(terminal: Any) -> None:
    pins = Pins(terminal.memory)
    assert not Selection(terminal.memory, pins).allows(Access.ADM)
    assert Selection(terminal.memory, pins, lambda _: True).allows(Access.ADM)
