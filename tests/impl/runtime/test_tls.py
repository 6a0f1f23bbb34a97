"""The secured session: only the two agreed ends can open it, read it or change it (E09)."""

import ssl

import pytest

from impl.runtime.tls import (
    Endpoint,
    Identity,
    Session,
    SessionBrokenError,
    SessionRefusedError,
    establish,
    make_identity,
)

SERVER_NAME = "20802.operator"
SERVER = make_identity("application-server")
REGISTER = make_identity(SERVER_NAME)
IMPOSTOR = make_identity(SERVER_NAME)


def session(
    client: Identity = SERVER,
    server: Identity = REGISTER,
    client_pins: Identity = REGISTER,
    server_pins: Identity = SERVER,
) -> Session:
    opened, _ = establish(
        Endpoint(client, frozenset({client_pins}), server=False, peer=SERVER_NAME),
        Endpoint(server, frozenset({server_pins}), server=True),
    )
    return opened


def test_the_agreed_ends_prove_their_names_to_each_other():
    opened = session()
    assert opened.client.peer_name == SERVER_NAME
    assert opened.server.peer_name == "application-server"


@pytest.mark.parametrize("message", [b"", b"IMSI2 and K2", b"\0" * 100_000])
def test_messages_arrive_whole_in_both_directions(message):
    opened = session()
    assert opened.server.open(opened.client.seal(message)) == message
    assert opened.client.open(opened.server.seal(message)) == message


def test_an_impostor_with_the_right_name_is_refused():
    with pytest.raises(SessionRefusedError):
        session(server=IMPOSTOR)


def test_a_client_with_whom_nobody_agreed_is_refused():
    with pytest.raises(SessionRefusedError):
        session(client=IMPOSTOR)


def test_nothing_of_a_message_is_readable_on_the_way():
    opened = session()
    assert b"IMSI2" not in opened.client.seal(b"IMSI2 and K2")


def test_an_altered_record_breaks_the_session():
    opened = session()
    records = bytearray(opened.client.seal(b"IMSI2 and K2"))
    records[-1] ^= 1
    with pytest.raises(SessionBrokenError):
        opened.server.open(bytes(records))


def test_a_record_that_was_seen_before_breaks_the_session():
    opened = session()
    records = opened.client.seal(b"IMSI2 and K2")
    opened.server.open(records)
    with pytest.raises(SessionBrokenError):
        opened.server.open(records)


def test_half_a_message_breaks_the_session():
    opened = session()
    opened.client.seal(b"lost")
    with pytest.raises(SessionBrokenError):
        opened.server.open(opened.client.seal(b"the next one"))


def test_only_tls_1_3_is_spoken():
    opened = session()
    assert opened.client._tls.version() == opened.server._tls.version() == "TLSv1.3"
    assert isinstance(opened.client._tls, ssl.SSLObject)


def test_a_private_key_is_not_in_the_repr():
    assert repr(SERVER) == "Identity('application-server')"
