"""One life of the card: what is current, and what a new life forgets."""

from __future__ import annotations

from typing import Any

from impl.card.image import GSM, LOCI_FILE, ROOT, USIM
from impl.card.session import Session


def test_a_session_begins_in_the_mf_with_nothing_selected(terminal: Any) -> None:
    session = Session(terminal.memory)
    assert session.directory is ROOT
    assert session.file is None
    assert session.application is None
    assert session.record == 0
    assert session.response == b""


def test_selecting_a_file_makes_its_directory_current(terminal: Any) -> None:
    session = Session(terminal.memory)
    session.record = 3
    session.select(LOCI_FILE)
    assert session.file is LOCI_FILE
    assert session.directory is USIM
    assert session.record == 0


def test_selecting_a_directory_deselects_the_file(terminal: Any) -> None:
    session = Session(terminal.memory)
    session.select(LOCI_FILE)
    session.select(GSM)
    assert session.file is None
    assert session.directory is GSM
