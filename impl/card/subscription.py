"""What the files of a network's subscriber hold beside the IMSI (TS 31.102 clause 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from impl.card import image
from impl.card.tree import File
from impl.codec.address import Address
from impl.codec.alpha import encode_alpha
from impl.codec.card_file import (
    AccessControlClasses,
    AdministrativeData,
    ShortMessageParameters,
)
from impl.codec.file_contents import FileContent, decode_file_contents
from impl.codec.personalization import Replace
from impl.errors import MalformedError, UnencodableError
from impl.values import MSISDN, PLMN, Credentials

_NAME_SIZE: Final = 16
_NUMBER_SIZE: Final = 11
_NO_RECORDS: Final = b"\xff\xff"  # of EF.CCP and EF.EXT1


@dataclass(frozen=True, slots=True)
class Subscription:
    """What makes the card one of a network: pair, and contents of the files that go with it."""

    plmn: PLMN
    credentials: Credentials
    files: Mapping[File, bytes]
    """Of the paired files all but EF.IMSI; those that are absent are erased."""


def subscription_of(order: Replace, operator_name: str) -> Subscription:
    """Return the subscription that an order brings; `operator_name` is what the user reads.

    Raises:
        MalformedError: the IMSI is not of the network, or further contents name a file that does
            not belong to a subscription, or do not fit in it.
    """
    credentials = Credentials(order.imsi, order.k, order.opc, order.algorithm)
    files = subscriber_files(
        order.plmn, credentials, order.msisdn, order.service_centre, operator_name
    )
    for content in decode_file_contents(order.extra):
        files[_further_file(content)] = content.octets
    return Subscription(order.plmn, credentials, files)


def subscriber_files(
    plmn: PLMN,
    credentials: Credentials,
    msisdn: MSISDN | None,
    service_centre: MSISDN | None,
    operator_name: str,
) -> dict[File, bytes]:
    """Return the contents of EF.AD, ACC, SPN, SMSP and MSISDN, as far as they are known.

    Raises:
        MalformedError: the IMSI is not one of the network.
    """
    if not credentials.imsi.is_of(plmn):
        raise MalformedError("imsi", "is not of the network")
    files = {
        image.AD_FILE: AdministrativeData.of(plmn).encode(),
        image.ACC_FILE: AccessControlClasses.of(credentials.imsi).encode(),
    }
    if operator_name:
        files[image.SPN_FILE] = _provider_name(operator_name)
    if service_centre is not None:
        parameters = ShortMessageParameters(service_centre=Address(service_centre))
        files[image.SMSP_FILE] = parameters.encode(image.SMSP_FILE.row.size)
    if msisdn is not None:
        files[image.MSISDN_FILE] = _own_number(msisdn)
    return files


def _provider_name(name: str) -> bytes:
    """Return EF.SPN: the network's own name need not be shown beside it (clause 4.2.12)."""
    while len(coded := encode_alpha(name)) > _NAME_SIZE:
        name = name[:-1]
    return b"\0" + coded.ljust(_NAME_SIZE, b"\xff")


def _own_number(msisdn: MSISDN) -> bytes:
    """Return a record of EF.MSISDN without a name (clause 4.2.26)."""
    number = Address(msisdn).encode()
    record = bytes([len(number)]) + number.ljust(_NUMBER_SIZE, b"\xff") + _NO_RECORDS
    return record.rjust(image.MSISDN_FILE.row.size, b"\xff")


def _further_file(content: FileContent) -> File:
    file = image.PAIRED_FILES.get(content.fid)
    if file is None or file is image.IMSI_FILE:
        raise MalformedError("extra", f"file {content.fid:04X} does not belong to a subscription")
    if len(content.octets) > len(file.row.erased):
        raise UnencodableError("extra", f"file {content.fid:04X} is too small for it")
    return file
