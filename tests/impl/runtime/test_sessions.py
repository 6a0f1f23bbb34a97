"""Secured sessions of a world: with whom the server agreed, it talks; with nobody else."""

import pytest

from impl.events import Interface
from impl.runtime.sessions import IMPOSTOR, SERVER, Sessions, identity_of, inside_network
from impl.runtime.tls import SessionRefusedError
from impl.values import PLMN

TN1, TN2 = PLMN("20801"), PLMN("26202")
REGISTER = "HLR 20801"


@pytest.fixture
def sessions():
    made = Sessions()
    made.agreed.add(TN1)
    return made


@pytest.fixture
def link(sessions):
    return sessions.with_operator(REGISTER, TN1, Interface.OPERATOR)


def say(link, sender, receiver, words=b"words"):
    """Return who said what, as the receiver has it."""
    records = link.seal(sender, words)
    return link.open(receiver, records, link.established)


@pytest.mark.parametrize(("sender", "receiver"), [(REGISTER, SERVER), (SERVER, REGISTER)])
def test_agreed_ends_talk_whoever_begins(link, sender, receiver):
    name, words = say(link, sender, receiver)
    assert words == b"words"
    assert name == (TN1 if sender == REGISTER else SERVER)
    assert link.established == 1


@pytest.mark.parametrize("sender", [REGISTER, SERVER])
def test_without_an_agreement_nobody_is_heard(sessions, sender):
    link = sessions.with_operator("HLR 26202", TN2, Interface.OPERATOR)
    with pytest.raises(SessionRefusedError):
        link.seal(sender if sender == SERVER else "HLR 26202", b"words")
    assert link.established == 0


def test_who_agrees_later_is_heard_then(sessions):
    link = sessions.with_operator("HLR 26202", TN2, Interface.OPERATOR)
    sessions.agreed.add(TN2)
    assert say(link, "HLR 26202", SERVER) == (TN2, b"words")


def test_an_impostor_is_refused_by_both_ways(sessions, link):
    sessions.impersonated.add(f"{TN1}.{Interface.OPERATOR}")
    for sender in (REGISTER, SERVER):
        with pytest.raises(SessionRefusedError):
            link.seal(sender, b"words")


def test_an_impostor_of_the_register_is_none_of_the_customer_centre(sessions):
    sessions.impersonated.add(f"{TN1}.{Interface.OPERATOR}")
    desk = sessions.with_operator("centre 20801", TN1, Interface.CENTRE)
    assert say(desk, "centre 20801", SERVER) == (TN1, b"words")


def test_a_managed_server_has_another_certificate_and_new_sessions(sessions, link):
    say(link, REGISTER, SERVER)
    sessions.be_managed(TN2)
    assert say(link, REGISTER, SERVER) == (TN1, b"words")
    assert link.established == 2
    assert say(link, SERVER, REGISTER)[0] == SERVER


def test_an_identity_is_the_holders_for_good():
    assert identity_of("a", "a") is identity_of("a", "a")
    impostor = identity_of("a", IMPOSTOR)
    assert impostor.name == "a"
    assert impostor.certificate_der != identity_of("a", "a").certificate_der


def test_two_nodes_of_one_network_know_each_other_and_no_third():
    ends = {"HLR": identity_of("hlr.x", "HLR"), "gateway": identity_of("server.x", "gateway")}
    link = inside_network(ends)
    assert say(link, "HLR", "gateway") == ("hlr", b"words")
    assert say(link, "gateway", "HLR") == ("server", b"words")
    with pytest.raises(KeyError):
        link.seal("somebody", b"words")
