import pytest

from impl.codec.gsup import Gsup, GsupType
from impl.codec.operator import encode_operator
from impl.events import Interface, Peer
from impl.messages import IdentityNotice
from impl.served.trace import trace_to
from impl.values import IMSI, MSISDN, Secret, TransactionId

REQUEST = Gsup(GsupType.SEND_AUTH_INFO_REQUEST, imsi=IMSI("208010000000001")).encode()
K = Secret(bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc"))


@pytest.fixture
def told(log, lines):
    def tell(node, peer, octets, what="sent"):
        trace_to(log)(node, peer, octets, what)
        return lines.records[-1]

    return tell


def test_a_message_is_told_by_its_name(told):
    record = told("VLR 20801", Peer(Interface.GSUP, "hlr"), REQUEST)
    assert (record["message"], record["peer"]) == ("SEND AUTH INFO REQUEST", "hlr")
    assert (record["event"], record["level"]) == ("sent", "debug")


def test_a_key_is_not_told(told, lines):
    notice = IdentityNotice(
        id="x",
        transaction=TransactionId("0000002a"),
        imsi=IMSI("208010000000001"),
        k=K,
        opc=K,
        msisdn=MSISDN("33612345678"),
        service_centre=MSISDN("33609001001"),
    )
    peer = Peer(Interface.OPERATOR, "20801")
    record = told("application-server", peer, encode_operator(notice), "received")
    assert (record["message"], record["peer"]) == ("identity-notice", "HLR 20801")
    assert K.reveal().hex() not in lines.getvalue()


def test_what_cannot_be_read_is_told_so(told):
    record = told("SMSC 20801", Peer(Interface.SMPP, "127.0.0.1:1"), b"\xff")
    assert record["message"] == "MALFORMED"


def test_both_ends_of_the_air_are_named(told):
    octets = bytes.fromhex("0504")  # whatever it says
    peer = Peer(Interface.MM, "20801")
    assert told("device 893", peer, octets)["peer"] == "network 20801"
    peer = Peer(Interface.MM, "893")
    assert told("VLR 20801", peer, octets)["peer"] == "device 893"
