"""Identities are what their standards say; secrets are not shown."""

import copy
import pickle

import pytest

from impl.errors import MalformedError
from impl.values import (
    ICCID,
    IMSI,
    MSISDN,
    NO_OPC,
    PLMN,
    Algorithm,
    Credentials,
    Secret,
    TransactionId,
)

KEY = Secret(bytes(range(16)))


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (IMSI, "208011234567890", "2080112345678901"),
        (IMSI, "208011", "20801"),
        (ICCID, "8933010000000000011", "893301000000000"),
        (PLMN, "310410", "2080"),
        (MSISDN, "33612345678", "+33612345678"),
    ],
)
def test_digits_are_bounded_by_their_standard(kind, good, bad):
    assert kind(good) == good
    for wrong in (bad, "", good.replace(good[-1], "x"), "٣" * len(good), 7):
        with pytest.raises(MalformedError, match=kind.__name__):
            kind(wrong)


def test_a_network_knows_its_identities():
    assert IMSI("208011234567890").is_of(PLMN("20801"))
    assert not IMSI("208011234567890").is_of(PLMN("20802"))
    assert (PLMN("310410").mcc, PLMN("310410").mnc) == ("310", "410")


@pytest.mark.parametrize(
    ("iccid", "valid"), [("8988211000000430010", True), ("8988211000000430011", False)]
)
def test_the_check_digit_of_a_card_identifier_is_luhns(iccid, valid):
    assert ICCID(iccid).has_valid_check_digit is valid


def test_a_secret_shows_in_no_text():
    for text in (
        repr(KEY),
        str(KEY),
        f"{KEY}",
        f"{KEY!r:>5}",
        repr(Credentials(IMSI("208011"), KEY, KEY)),
    ):
        assert "00010203" not in text
        assert "\\x01" not in text


def test_a_secret_is_not_pickled():
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
    with pytest.raises(TypeError):
        copy.deepcopy(KEY)


def test_secrets_are_equal_by_their_octets():
    assert KEY == Secret(bytes(range(16)))  # noqa: SIM300 - KEY is what is looked at
    assert Secret(b"\x01") != KEY
    assert KEY.reveal() != KEY
    assert len(KEY) == 16


def test_credentials_need_a_key_of_16_octets():
    with pytest.raises(MalformedError):
        Credentials(IMSI("208011234567890"), Secret(b"short"), KEY)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_credentials_need_an_opc_as_long_as_the_algorithm_has_it(algorithm):
    imsi, opc = IMSI("208011234567890"), Secret(bytes(algorithm.opc_octets))
    assert Credentials(imsi, KEY, opc, algorithm).opc == opc
    with pytest.raises(MalformedError):
        Credentials(imsi, KEY, Secret(bytes(algorithm.opc_octets + 1)), algorithm)


def test_without_another_word_a_key_is_for_milenage():
    assert Credentials(IMSI("208011"), KEY, KEY).algorithm is Algorithm.MILENAGE
    with pytest.raises(MalformedError):
        Credentials(IMSI("208011"), KEY, NO_OPC)


@pytest.mark.parametrize("wrong", ["", "0000000", "000000000", "0000000G", "0000000A", 1])
def test_a_transaction_is_eight_hexadecimal_digits(wrong):
    assert TransactionId("0000000a").octets == bytes.fromhex("0000000a")
    with pytest.raises(MalformedError):
        TransactionId(wrong)
