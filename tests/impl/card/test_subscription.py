"""What the files of a network's subscriber hold beside the IMSI."""

from __future__ import annotations

import pytest

from impl.card import image
from impl.card.subscription import files_of, subscription_of
from impl.codec.address import Address
from impl.codec.card_file import AccessControlClasses, AdministrativeData, ShortMessageParameters
from impl.codec.file_contents import FileContent, encode_file_contents
from impl.codec.personalization import Replace
from impl.errors import MalformedError
from impl.values import ICCID, IMSI, MSISDN, PLMN, Algorithm, Credentials, Secret, TransactionId

TN = PLMN("310410")
PAIR = Credentials(IMSI("310410685628567"), Secret(bytes(16)), Secret(bytes(16)))


def order(**changes: object) -> Replace:
    fields = {
        "transaction": TransactionId("00000001"),
        "iccid": ICCID("8933011234034096244"),
        "admin_code": None,
        "plmn": TN,
        "imsi": PAIR.imsi,
        "k": PAIR.k,
        "opc": PAIR.opc,
    }
    return Replace(**{**fields, **changes})  # type: ignore[arg-type]  # the rows of the test


def test_files_say_what_the_network_and_the_identity_say() -> None:
    files = files_of(TN, PAIR, MSISDN("15550001111"), MSISDN("15559"), "Two")
    assert AdministrativeData.decode(files[image.AD_FILE]).mnc_length == 3
    assert AccessControlClasses.decode(files[image.ACC_FILE]).classes == (7,)
    parameters = ShortMessageParameters.decode(files[image.SMSP_FILE])
    assert parameters.service_centre == Address("15559")
    assert files[image.SPN_FILE] == b"\0Two" + b"\xff" * 13
    own_number = files[image.MSISDN_FILE]
    assert own_number[16:] == bytes.fromhex("0791515500101 1f1".replace(" ", "")) + b"\xff" * 6


def test_every_content_fits_its_file() -> None:
    files = files_of(TN, PAIR, MSISDN("1" * 15), MSISDN("1" * 15), "x" * 60)
    assert all(len(octets) == len(file.row.erased) for file, octets in files.items())


@pytest.mark.parametrize("name", ["Ångström Télécom et compagnie", "Ж" * 30, "x" * 17])
def test_a_long_name_is_cut_where_the_file_ends(name: str) -> None:
    files = files_of(TN, PAIR, None, None, name)
    assert len(files[image.SPN_FILE]) == 17


def test_what_is_not_known_is_not_written() -> None:
    files = files_of(TN, PAIR, None, None, "")
    assert set(files) == {image.AD_FILE, image.ACC_FILE}


@pytest.mark.parametrize("algorithm", Algorithm)
def test_the_pair_of_an_order_is_for_its_algorithm(algorithm: Algorithm) -> None:
    opc = Secret(bytes(algorithm.opc_octets))
    brought = subscription_of(order(algorithm=algorithm, opc=opc), "")
    assert brought.credentials == Credentials(PAIR.imsi, PAIR.k, opc, algorithm)
    with pytest.raises(MalformedError):
        subscription_of(order(algorithm=algorithm, opc=Secret(bytes(8))), "")


def test_an_identity_of_another_network_is_refused() -> None:
    with pytest.raises(MalformedError):
        files_of(PLMN("20801"), PAIR, None, None, "")


def test_further_contents_win_over_what_follows_from_the_identity() -> None:
    extra = encode_file_contents([FileContent(0x6F78, b"\x80\0"), FileContent(0x6F61, b"list")])
    subscription = subscription_of(order(extra=extra), "Two")
    assert subscription.files[image.ACC_FILE] == b"\x80\0"
    assert subscription.files[image.PAIRED_FILES[0x6F61]] == b"list"
    assert subscription.credentials == PAIR


@pytest.mark.parametrize(
    "content",
    [
        FileContent(0x6F07, bytes(9)),  # the identity has its own place in an order
        FileContent(0x6F7E, bytes(11)),  # belongs to the terminal
        FileContent(0x2FE2, bytes(10)),  # belongs to the card
        FileContent(0x6FFE, b""),
        FileContent(0x6F78, bytes(3)),  # too long
    ],
)
def test_further_contents_reach_only_files_of_a_subscription(content: FileContent) -> None:
    with pytest.raises(MalformedError):
        subscription_of(order(extra=encode_file_contents([content])), "")
