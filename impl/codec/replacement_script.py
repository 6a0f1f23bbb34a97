"""ComP as a script of commands on files: the other form of a personalization command [074].

TS 102 226 clause 5.1: what a template says to the personalization application, these commands say
to the card's own remote file management, behind the admin code that opens the files.
"""

from __future__ import annotations

from typing import Final

from impl.codec.apdu import SW, CommandApdu, Ins
from impl.codec.file_contents import decode_file_contents
from impl.codec.personalization import Outcome, Replace
from impl.codec.remote_command import RemoteResponse
from impl.codec.subscriber_files import RECORDS, SIZES, Ef, identity_files, subscriber_files
from impl.errors import MalformedError
from impl.values import Credentials

ADMIN_REFERENCE: Final = 0x0A
"""Key reference of the admin code: ADM1 (TS 102 221 table 9.3)."""

_APPLICATION: Final = b"\x7f\xff"
_BY_PATH, _RETURN_FCP = 0x08, 0x04
_FIRST_RECORD, _ABSOLUTE = 1, 0x04
_VERIFY_ALONE: Final = 1


def replacement_script(order: Replace) -> tuple[CommandApdu, ...]:
    """Return the commands that do what `order` says; where the admin code is a key, none shows it.

    Files that belong to a subscriber are written whole, those of which nothing is known as blank:
    nothing stays of the subscriber before. The keys come last.

    Raises:
        MalformedError: the IMSI is not of the network, or further contents name identity or keys.
    """
    credentials = Credentials(order.imsi, order.k, order.opc, order.algorithm)
    contents = {fid: b"\xff" * size for fid, size in SIZES.items()}
    contents |= subscriber_files(
        order.plmn, credentials, order.msisdn, order.service_centre, order.operator_name
    )
    for fid, octets in decode_file_contents(order.extra):
        if fid in {Ef.IMSI, Ef.AUTH_KEY}:
            raise MalformedError("extra", f"file {fid:04X} is identity or key")
        contents[fid] = octets.ljust(SIZES.get(fid, 0), b"\xff")
    contents |= identity_files(credentials)
    commands = []
    if order.admin_code is not None:
        code = order.admin_code.reveal()
        commands.append(CommandApdu(0, Ins.VERIFY_PIN, 0, ADMIN_REFERENCE, code))
    for fid in sorted(contents, key=Ef.AUTH_KEY.__eq__):
        commands += _written(fid, contents[fid])
    return tuple(commands)


def outcome_of(response: RemoteResponse) -> Outcome:
    """Return what the answer to such a script says, in the words of the other form."""
    if response.is_ok:
        return Outcome.DONE
    if response.sw == SW.MEMORY_PROBLEM:
        return Outcome.MEMORY
    if response.executed == _VERIFY_ALONE and response.sw == SW.PIN_BLOCKED:
        return Outcome.BLOCKED
    if response.executed == _VERIFY_ALONE and response.sw & 0xFFF0 == SW.tries_left(0):
        return Outcome.WRONG_ADMIN_CODE
    return Outcome.MALFORMED


def _written(fid: int, octets: bytes) -> list[CommandApdu]:
    path = _APPLICATION + fid.to_bytes(2, "big")
    select = CommandApdu(0, Ins.SELECT, _BY_PATH, _RETURN_FCP, path)
    if fid in RECORDS:
        return [select, CommandApdu(0, Ins.UPDATE_RECORD, _FIRST_RECORD, _ABSOLUTE, octets)]
    return [select, CommandApdu(0, Ins.UPDATE_BINARY, 0, 0, octets)]
