"""What the files of a network's subscriber hold beside the IMSI (TS 31.102 clause 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from impl.card import image
from impl.card.tree import File
from impl.codec.file_contents import FileContent, decode_file_contents
from impl.codec.personalization import Replace
from impl.codec.subscriber_files import subscriber_files
from impl.errors import MalformedError, UnencodableError
from impl.values import MSISDN, PLMN, Credentials


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
    files = files_of(order.plmn, credentials, order.msisdn, order.service_centre, operator_name)
    for content in decode_file_contents(order.extra):
        files[_further_file(content)] = content.octets
    return Subscription(order.plmn, credentials, files)


def files_of(
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
    contents = subscriber_files(plmn, credentials, msisdn, service_centre, operator_name)
    return {image.PAIRED_FILES[fid]: octets for fid, octets in contents.items()}


def _further_file(content: FileContent) -> File:
    file = image.PAIRED_FILES.get(content.fid)
    if file is None or file is image.IMSI_FILE:
        raise MalformedError("extra", f"file {content.fid:04X} does not belong to a subscription")
    if len(content.octets) > len(file.row.erased):
        raise UnencodableError("extra", f"file {content.fid:04X} is too small for it")
    return file
