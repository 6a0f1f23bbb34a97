"""Contents of the files of a subscriber, as both ends of the air write them."""

from __future__ import annotations

import pytest

from impl.card import image
from impl.codec.card_file import AdministrativeData, ShortMessageParameters
from impl.codec.digits import decode_imsi
from impl.codec.subscriber_files import RECORDS, SIZES, Ef, identity_files, subscriber_files
from impl.errors import MalformedError
from impl.values import IMSI, MSISDN, NO_OPC, PLMN, Algorithm, Credentials, Secret

TN = PLMN("310410")
PAIR = Credentials(IMSI("310410685628567"), Secret(b"k" * 16), Secret(b"o" * 16))


def test_sizes_and_structures_are_those_of_the_card() -> None:
    files = {file.row.fid: file.row for file in image.OWN_FILES}
    assert {fid: files[fid].size for fid in SIZES} == SIZES
    assert {fid for fid in SIZES if files[fid].records} == RECORDS
    assert all(files[fid].paired for fid in SIZES)


def test_what_is_known_stands_in_its_file_and_fills_it() -> None:
    files = subscriber_files(TN, PAIR, MSISDN("15550001111"), MSISDN("15559"), "Two")
    assert {fid: len(octets) for fid, octets in files.items()} == {
        fid: size for fid, size in SIZES.items() if fid not in {Ef.IMSI, Ef.AUTH_KEY}
    }
    assert AdministrativeData.decode(files[Ef.AD]).mnc_length == 3
    assert ShortMessageParameters.decode(files[Ef.SMSP]).service_centre is not None
    assert files[Ef.SPN].startswith(b"\0Two\xff")
    assert files[Ef.MSISDN][15:23] == bytes.fromhex("ff07915155001011")


def test_what_is_not_known_is_left_out() -> None:
    assert {Ef.SPN, Ef.SMSP, Ef.MSISDN}.isdisjoint(subscriber_files(TN, PAIR, None, None, ""))


def test_an_identity_of_another_network_is_refused() -> None:
    with pytest.raises(MalformedError, match="is not of the network"):
        subscriber_files(PLMN("20801"), PAIR, None, None, "")


@pytest.mark.parametrize(
    ("algorithm", "opc"),
    [
        (Algorithm.MILENAGE, Secret(b"o" * 16)),
        (Algorithm.TUAK, Secret(b"t" * 32)),
        (Algorithm.COMP128_V1, NO_OPC),
    ],
)
def test_the_keys_stand_behind_what_they_are_for_and_nothing_behind_them(
    algorithm: Algorithm, opc: Secret
) -> None:
    files = identity_files(Credentials(PAIR.imsi, PAIR.k, opc, algorithm))
    assert decode_imsi(files[Ef.IMSI]) == PAIR.imsi
    keys = bytes((algorithm,)) + b"k" * 16 + opc.reveal()
    assert files[Ef.AUTH_KEY] == keys.ljust(49, b"\xff")
