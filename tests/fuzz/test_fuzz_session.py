"""What comes before any message is read: records of a session, and files of manufacturers."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from impl.application_server.admin_codes import AdminCodes, CardFileError, FileFormat
from impl.application_server.records import APPLICATION_SERVER
from impl.crypto.vault import Vault
from impl.runtime.store import SqlStore
from impl.runtime.tls import (
    Endpoint,
    SessionBrokenError,
    SessionRefusedError,
    establish,
    make_identity,
)
from impl.values import Secret

HERE, THERE = "application-server", "20801.operator"
FIELDS = "iccid,admin_code,kic,kid,key_version\n"
ROW = "8933010000000000017," + ",".join(("00" * 8, "11" * 16, "22" * 16, "3"))
CARD_FILES = (
    (FIELDS + ROW).encode(),
    (FIELDS + "\r\n".join((ROW, "", ROW.replace("0017", "0025")))).encode(),
    json.dumps([dict(zip(FIELDS.strip().split(","), ROW.split(","), strict=True))]).encode(),
    b"[" * 20_000,
    b'[{"iccid": ' + b"9" * 5_000 + b"}]",
)


@cache
def ends() -> tuple[Callable[[], Endpoint], Callable[[], Endpoint]]:
    """Return what makes client and server of a session that they agreed on."""
    here, there = make_identity(HERE), make_identity(THERE)
    return (
        lambda: Endpoint(here, frozenset({there}), server=False, peer=THERE),
        lambda: Endpoint(there, frozenset({here}), server=True),
    )


@cache
def greeting() -> bytes:
    """Return the first records of a client."""
    return ends()[0]().shake_hands(b"")[0]


def demand_refusal_of_records(records: bytes) -> None:
    """Give records to a server that waits for a client."""
    server = ends()[1]()
    try:
        _, is_ready = server.shake_hands(records)
    except SessionRefusedError:
        return
    assert not is_ready


def demand_whole_message(altering: Callable[[bytes], bytes]) -> None:
    """Give a server the records of a message, altered: the message comes out, or none does."""
    make_client, make_server = ends()
    session, _ = establish(make_client(), make_server())
    try:
        assert session.server.open(altering(session.client.seal(b"message"))) == b"message"
    except SessionBrokenError:
        return


def demand_all_or_nothing(octets: bytes) -> None:
    """Import a file: all of its cards, or an error that names the lines."""
    codes = AdminCodes(Vault(Secret(bytes(32)), bytes))
    for file_format in FileFormat:
        store = SqlStore(APPLICATION_SERVER)
        try:
            with store.begin() as connection:
                codes.import_file(connection, octets.decode("latin-1"), file_format)
        except CardFileError as refusal:
            demand_named_lines(refusal)
        finally:
            store.close()


def demand_named_lines(refusal: CardFileError) -> None:
    """Check that whoever made the file learns where it is wrong."""
    assert refusal.faults
    assert all(line > 0 for line, _ in refusal.faults)


def targets() -> dict[str, tuple[Callable[[bytes], object], list[bytes]]]:
    """Return what deep fuzzing gives its inputs to, with their seeds."""
    return {
        "session.Endpoint.shake_hands": (demand_refusal_of_records, [greeting()]),
        "session.AdminCodes.import_file": (demand_all_or_nothing, list(CARD_FILES)),
    }


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_server_refuses_records_that_begin_no_session(data, hostile, bounded):
    records = data.draw(hostile([greeting()]))
    with bounded():
        demand_refusal_of_records(records)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_altered_records_bring_the_message_or_end_the_session(data, hostile, bounded):
    with bounded():
        demand_whole_message(lambda records: data.draw(hostile([records])))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_manufacturers_file_is_taken_whole_or_refused_by_line(data, hostile, bounded):
    file = data.draw(hostile(CARD_FILES))
    with bounded():
        demand_all_or_nothing(file)


def test_files_that_nest_or_count_beyond_reason_are_refused():
    for file in CARD_FILES[3:]:
        demand_all_or_nothing(file)
