"""What somebody without the keys can say: well-formed, and opened by nobody."""

import pytest

from impl.codec.address import Address
from impl.codec.concatenation import Reassembler
from impl.codec.ota_profile import CPA_TAR, MINIMUM_SECURITY, request_header
from impl.codec.personalization import Replace, decode_command, decode_request, encode_request
from impl.codec.relay import decode_rp
from impl.codec.secured_packet import (
    COMMAND_IDENTIFIER,
    SecuredPacketError,
    open_command,
    peek_command,
    seal_command,
)
from impl.codec.security_parameters import SecurityParameters
from impl.codec.short_message import Deliver, decode_downlink
from impl.codec.user_data import UserData
from impl.messages import ChangeRequest
from impl.runtime.attacker import KEYS, forged_message, misnamed
from impl.values import ICCID, MSISDN, PLMN, OtaKeys, Secret

CARD, VICTIM = ICCID("8933010000000000017"), ICCID("8933010000000000025")
TN2 = PLMN("26202")
SERVER, CENTRE = MSISDN("33700"), MSISDN("33609001001")
CARD_KEYS = OtaKeys(1, Secret(b"c" * 16), Secret(b"d" * 16))


def forged():
    return [
        (rpdu, decode_downlink(rpdu.user_data))
        for rpdu in (
            decode_rp(octets, from_network=True)
            for octets in forged_message(CARD, TN2, SERVER, CENTRE)
        )
    ]


def packet():
    reassembler = Reassembler()
    for _, deliver in forged():
        whole = reassembler.add(deliver.originator, UserData(deliver.header, deliver.user_data))
    assert {element.identifier for element in whole.header} == {COMMAND_IDENTIFIER}
    return whole.octets


def test_a_forged_message_looks_as_if_the_server_had_sent_it():
    for rpdu, deliver in forged():
        assert rpdu.originator == Address(CENTRE)
        assert isinstance(deliver, Deliver)
        assert (deliver.originator, deliver.pid) == (Address(SERVER), 0x7F)
    header = peek_command(packet())
    assert header.tar == CPA_TAR
    assert header.spi1.meets(MINIMUM_SECURITY)
    assert header.kic >> 4 == CARD_KEYS.version


def test_it_is_an_order_of_this_card_sealed_with_keys_that_no_card_has():
    order = decode_command(open_command(packet(), KEYS).data)
    assert isinstance(order, Replace)
    assert (order.iccid, order.plmn) == (CARD, TN2)
    assert order.imsi.is_of(TN2)
    with pytest.raises(SecuredPacketError):
        open_command(packet(), CARD_KEYS)


def request(keys=CARD_KEYS, data=None):
    parameters = SecurityParameters(**vars(request_header(keys)), counter=4)
    data = data or encode_request(ChangeRequest(iccid=CARD, plmn=TN2))
    return seal_command(parameters, data, keys)


def test_a_misnamed_request_is_the_same_for_another_card():
    opened = open_command(misnamed(request(), CARD_KEYS, VICTIM), CARD_KEYS)
    assert decode_request(opened.data) == ChangeRequest(iccid=VICTIM, plmn=TN2)
    assert opened.parameters.counter == 4


@pytest.mark.parametrize("other", [request(KEYS), request(data=b"no request"), b"", b"\xff" * 30])
def test_what_is_no_request_of_that_card_stays_as_it_is(other):
    assert misnamed(other, CARD_KEYS, VICTIM) == other
