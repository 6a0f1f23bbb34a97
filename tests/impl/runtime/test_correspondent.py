"""Somebody outside, who writes to users."""

from impl.codec.smpp import BindTransceiver, SubmitSm, decode_smpp
from impl.events import Arrived, Interface, Peer
from impl.runtime.correspondent import NAME, PASSWORD, VALIDITY, Correspondent
from impl.values import MSISDN, PLMN

TN1, USER = PLMN("20801"), MSISDN("33612345678")


def test_a_text_is_submitted_in_a_session_with_the_users_own_network():
    commands = Correspondent().write(TN1, USER, "Hello")
    assert {command.target for command in commands} == {Peer(Interface.SMPP, TN1)}
    bind, submit = (decode_smpp(command.octets) for command in commands)
    assert isinstance(bind, BindTransceiver)
    assert (bind.system_id, bind.password) == (NAME, PASSWORD)
    assert isinstance(submit, SubmitSm)
    assert (submit.destination_addr, submit.short_message) == (USER, b"Hello")
    assert submit.validity_period == VALIDITY


def test_no_two_of_its_requests_have_the_same_number():
    correspondent = Correspondent()
    commands = correspondent.write(TN1, USER, "one") + correspondent.write(TN1, USER, "two")
    numbers = [decode_smpp(command.octets).sequence_number for command in commands]
    assert numbers == [1, 2, 3, 4]


def test_it_answers_nothing():
    assert Correspondent().handle(Arrived(Peer(Interface.SMPP, TN1), b"anything")) == []
