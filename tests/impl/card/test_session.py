"""One life of the card: what a new life forgets."""

from __future__ import annotations

from typing import Any

from impl.card.image import LOCI_FILE, ROOT
from impl.card.session import Session


def test_a_session_begins_in_the_mf_of_the_basic_channel(terminal: Any) -> None:
    session = Session(terminal.memory)
    assert session.selection.directory is ROOT
    assert session.selection is session.channels.find(0)
    assert session.response == b""


def test_a_new_session_knows_nothing_of_the_last(terminal: Any) -> None:
    Session(terminal.memory).selection.select(LOCI_FILE)
    assert Session(terminal.memory).selection.file is None
