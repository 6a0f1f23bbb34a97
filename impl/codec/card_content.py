"""Card content management: GlobalPlatform card specification 2.3 clauses 11.2, 11.5 and 11.6.

Over the air the commands come as scripts for the issuer security domain (TS 102 226 clause 8).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Final

from impl.codec.apdu import LONGEST_COMMAND_DATA, CommandApdu
from impl.codec.layout import Counted, Layout
from impl.codec.tlv import decode_tlvs, encode_tlv
from impl.errors import MalformedError, UnencodableError

CLASS: Final = 0x80
LAST_BLOCK: Final = 0x80
"""P1 of LOAD: no block follows."""

_LOAD_FILE: Final = 0xC4
_AID: Final = 0x4F
_AND_RELATED: Final = 0x80
_MOST_BLOCKS: Final = 256


class ContentCommand(IntEnum):
    """Instructions (GlobalPlatform table 11-1)."""

    DELETE = 0xE4
    INSTALL = 0xE6
    LOAD = 0xE8


class InstallFor(IntEnum):
    """P1 of INSTALL (table 11-42)."""

    LOAD = 0x02
    INSTALL_AND_MAKE_SELECTABLE = 0x0C


class InstallForLoad(Layout):
    """Data of INSTALL [for load], table 11-43."""

    load_file: Annotated[bytes, Counted()]  # AID
    security_domain: Annotated[bytes, Counted()]  # AID; none is the one that gets it
    load_file_hash: Annotated[bytes, Counted()]
    parameters: Annotated[bytes, Counted()] = b""
    token: Annotated[bytes, Counted()] = b""


class InstallForInstall(Layout):
    """Data of INSTALL [for install and make selectable], table 11-44."""

    load_file: Annotated[bytes, Counted()]  # AID
    module: Annotated[bytes, Counted()]  # AID
    instance: Annotated[bytes, Counted()]  # AID
    privileges: Annotated[bytes, Counted()]
    parameters: Annotated[bytes, Counted()] = b""
    token: Annotated[bytes, Counted()] = b""


def install(data: InstallForLoad | InstallForInstall) -> CommandApdu:
    """Return an INSTALL command."""
    is_load = isinstance(data, InstallForLoad)
    p1 = InstallFor.LOAD if is_load else InstallFor.INSTALL_AND_MAKE_SELECTABLE
    return CommandApdu(CLASS, ContentCommand.INSTALL, p1, 0, data.encode())


def load(load_file: bytes) -> tuple[CommandApdu, ...]:
    """Return the LOAD commands of a load file, as many blocks as it takes.

    Raises:
        UnencodableError: they are more than 256.
    """
    octets = encode_tlv(_LOAD_FILE, load_file)
    starts = range(0, len(octets), LONGEST_COMMAND_DATA)
    if len(starts) > _MOST_BLOCKS:
        raise UnencodableError("load file", f"{len(load_file)} octets exceed {_MOST_BLOCKS} blocks")
    return tuple(
        CommandApdu(
            CLASS,
            ContentCommand.LOAD,
            LAST_BLOCK if start == starts[-1] else 0,
            number,
            octets[start : start + LONGEST_COMMAND_DATA],
        )
        for number, start in enumerate(starts)
    )


def open_load_file(blocks: bytes) -> bytes:
    """Return the load file that LOAD commands brought, all blocks joined.

    Raises:
        MalformedError: it is no load file data block, or more than one.
    """
    objects = decode_tlvs(blocks, "load file")
    if len(objects) != 1 or objects[0].tag != _LOAD_FILE:
        raise MalformedError("load file", "is not one load file data block")
    return objects[0].value


def delete(aid: bytes, *, and_related: bool = False) -> CommandApdu:
    """Return a DELETE command; with a load file it takes what was installed from it."""
    data = encode_tlv(_AID, aid)
    return CommandApdu(CLASS, ContentCommand.DELETE, 0, _AND_RELATED * and_related, data)


def open_delete(command: CommandApdu) -> tuple[bytes, bool]:
    """Return the AID that a DELETE command names, and whether related objects go with it.

    Raises:
        MalformedError: it names none, or more.
    """
    objects = decode_tlvs(command.data, "DELETE")
    if command.p1 or command.p2 not in {0, _AND_RELATED}:
        raise MalformedError("DELETE", "P1 or P2 has no meaning")
    if [each.tag for each in objects] != [_AID]:
        raise MalformedError("DELETE", "does not name one AID")
    return objects[0].value, bool(command.p2)
