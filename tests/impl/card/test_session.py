"""One life of the card: its channels, and what a new life forgets."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card.image import GSM, LOCI_FILE, ROOT, USIM
from impl.card.session import CHANNELS, Session
from impl.card.status import StatusError


def test_a_session_begins_in_the_mf_of_the_basic_channel(terminal: Any) -> None:
    session = Session(terminal.memory)
    assert list(session.channels) == [0]
    assert session.channels[0].directory is ROOT
    assert session.response == b""


def test_a_channel_opened_from_the_basic_one_begins_in_the_mf(terminal: Any) -> None:
    session = Session(terminal.memory)
    session.channels[0].select(LOCI_FILE)
    session.channels[0].application = USIM
    opened = session.channels[session.open_channel(0)]
    assert (opened.directory, opened.file, opened.application) == (ROOT, None, None)


def test_a_channel_opened_from_another_begins_where_that_one_is(terminal: Any) -> None:
    session = Session(terminal.memory)
    session.open_channel(0)
    session.channels[1].select(LOCI_FILE)
    session.channels[1].application = USIM
    opened = session.channels[session.open_channel(1)]
    assert (opened.directory, opened.file, opened.application) == (USIM, None, USIM)


def test_there_are_four_channels_and_a_closed_one_is_free_again(terminal: Any) -> None:
    session = Session(terminal.memory)
    assert [session.open_channel(0) for _ in range(CHANNELS - 1)] == [1, 2, 3]
    with pytest.raises(StatusError, match="6A81"):
        session.open_channel(0)
    session.channels[2].select(GSM)
    session.close_channel(2)
    with pytest.raises(StatusError, match="6881"):
        session.close_channel(2)
    assert session.open_channel(0) == 2
    assert session.channels[2].directory is ROOT
