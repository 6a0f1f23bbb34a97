"""What server and card agreed on for their packets (TS 102 225 clause 5.1)."""

import pytest

from impl.codec.ota_profile import (
    CPA_TAR,
    KEYING_VERSION,
    MINIMUM_SECURITY,
    SERVER_TAR,
    key_octet,
    message_header,
    request_header,
)
from impl.codec.secured_packet import open_command, peek_data, seal_command
from impl.codec.security_parameters import CounterMode, Integrity, SecurityParameters, Spi2
from impl.errors import MalformedError
from impl.values import OtaKeys, Secret

KEYS = OtaKeys(1, Secret(b"c" * 16), Secret(b"d" * 16))


def sealed(header):
    return seal_command(SecurityParameters(**vars(header), counter=1), b"secured data", KEYS)


def test_both_addressees_have_their_own_name():
    assert len(CPA_TAR) == len(SERVER_TAR) == 3
    assert CPA_TAR != SERVER_TAR


def test_a_message_is_ciphered_checked_and_counted_as_the_card_demands():
    header = message_header(KEYS, report_by_submit=True)
    assert header.spi1.meets(MINIMUM_SECURITY)
    assert header.spi1.integrity is Integrity.CC
    assert header.spi1.is_ciphered
    assert header.spi1.counter_mode is CounterMode.HIGHER
    assert header.tar == CPA_TAR
    assert b"secured data" not in sealed(header)


@pytest.mark.parametrize("by_submit", [True, False])
def test_its_report_is_always_asked_for_under_the_same_protection(by_submit):
    spi2 = message_header(KEYS, report_by_submit=by_submit).spi2
    asked = Spi2.POR_ALWAYS | Spi2.POR_CC | Spi2.POR_CIPHERED
    assert spi2 == (asked | Spi2.POR_BY_SUBMIT if by_submit else asked)


def test_a_request_is_checked_and_counted_and_can_be_read_before_its_key_is_known():
    header = request_header(KEYS)
    assert header.spi1.integrity is Integrity.CC
    assert header.spi1.counter_mode is CounterMode.HIGHER
    assert not header.spi1.is_ciphered
    assert header.spi2 == Spi2(0)
    assert header.tar == SERVER_TAR
    assert peek_data(sealed(header)) == b"secured data"


def test_a_request_would_not_meet_what_the_card_demands_of_an_order():
    assert not request_header(KEYS).spi1.meets(MINIMUM_SECURITY)


def test_what_is_ciphered_cannot_be_read_before_its_key_is_known():
    with pytest.raises(MalformedError):
        peek_data(sealed(message_header(KEYS, report_by_submit=True)))


@pytest.mark.parametrize(("version", "octet"), [(1, 0x12), (15, 0xF2)])
def test_key_octets_say_version_and_aes(version, octet):
    keys = OtaKeys(version, KEYS.kic, KEYS.kid)
    assert key_octet(keys) == octet
    header = message_header(keys, report_by_submit=True)
    assert (header.kic, header.kid) == (octet, octet)


def test_the_keyset_of_an_admin_code_is_told_from_the_factorys_by_its_version():
    assert 1 <= KEYING_VERSION <= 15
    derived = OtaKeys(KEYING_VERSION, KEYS.kic, KEYS.kid)
    packet = sealed(message_header(KEYS, report_by_submit=True))
    assert open_command(packet, KEYS).data == b"secured data"
    assert key_octet(derived) != key_octet(KEYS)
