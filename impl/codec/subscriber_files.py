"""Contents of the files that make a card one of a network's subscriber (TS 31.102 clause 4.2).

Sizes are those of this project's cards, which their manufacturer tells the application server.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from impl.codec.address import Address
from impl.codec.alpha import encode_alpha
from impl.codec.card_file import (
    AccessControlClasses,
    AdministrativeData,
    ShortMessageParameters,
)
from impl.codec.digits import encode_imsi
from impl.errors import MalformedError
from impl.values import MSISDN, PLMN, Credentials


class Ef(IntEnum):
    """File identifiers in the directory of the USIM."""

    IMSI = 0x6F07
    AD = 0x6FAD
    ACC = 0x6F78
    SPN = 0x6F46
    SMSP = 0x6F42
    MSISDN = 0x6F40
    AUTH_KEY = 0xAF20  # of no standard: what card manufacturers call EF.USIM_AUTH_KEY


SIZES: Final[Mapping[int, int]] = MappingProxyType(
    {
        Ef.IMSI: 9,
        Ef.AD: 4,
        Ef.ACC: 2,
        Ef.SPN: 17,
        Ef.SMSP: 40,
        Ef.MSISDN: 30,
        Ef.AUTH_KEY: 49,
    }
)
"""Octets of each file, or of its one record."""
RECORDS: Final = frozenset({Ef.SMSP, Ef.MSISDN})
"""Files of records; all others are transparent."""

_NAME_SIZE: Final = 16
_NUMBER_SIZE: Final = 11
_NO_RECORDS: Final = b"\xff\xff"  # of EF.CCP and EF.EXT1


def subscriber_files(
    plmn: PLMN,
    credentials: Credentials,
    msisdn: MSISDN | None,
    service_centre: MSISDN | None,
    operator_name: str,
) -> dict[int, bytes]:
    """Return by file identifier what stands beside IMSI and keys, as far as it is known.

    Raises:
        MalformedError: the IMSI is not one of the network.
    """
    if not credentials.imsi.is_of(plmn):
        raise MalformedError("imsi", "is not of the network")
    files: dict[int, bytes] = {
        Ef.AD: AdministrativeData.of(plmn).encode(),
        Ef.ACC: AccessControlClasses.of(credentials.imsi).encode(),
    }
    if operator_name:
        files[Ef.SPN] = _provider_name(operator_name)
    if service_centre is not None:
        parameters = ShortMessageParameters(service_centre=Address(service_centre))
        files[Ef.SMSP] = parameters.encode(SIZES[Ef.SMSP])
    if msisdn is not None:
        files[Ef.MSISDN] = _own_number(msisdn)
    return files


def identity_files(credentials: Credentials) -> dict[int, bytes]:
    """Return by file identifier the identity, and the keys behind what they are for.

    The file of the keys is secret.
    """
    keys = bytes((credentials.algorithm,)) + credentials.k.reveal() + credentials.opc.reveal()
    return {
        Ef.IMSI: encode_imsi(credentials.imsi),
        Ef.AUTH_KEY: keys.ljust(SIZES[Ef.AUTH_KEY], b"\xff"),
    }


def _provider_name(name: str) -> bytes:
    """Return EF.SPN: the network's own name need not be shown beside it (clause 4.2.12)."""
    while len(coded := encode_alpha(name)) > _NAME_SIZE:
        name = name[:-1]
    return b"\0" + coded.ljust(_NAME_SIZE, b"\xff")


def _own_number(msisdn: MSISDN) -> bytes:
    """Return a record of EF.MSISDN without a name (clause 4.2.26)."""
    number = Address(msisdn).encode()
    record = bytes([len(number)]) + number.ljust(_NUMBER_SIZE, b"\xff") + _NO_RECORDS
    return record.rjust(SIZES[Ef.MSISDN], b"\xff")
