"""A personalization command as a script of commands on files."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from impl.codec.apdu import CommandApdu, Ins
from impl.codec.file_contents import FileContent, encode_file_contents
from impl.codec.personalization import Outcome, Replace
from impl.codec.remote_command import RemoteResponse, decode_script, encode_script
from impl.codec.replacement_script import outcome_of, replacement_script
from impl.codec.subscriber_files import SIZES, Ef
from impl.errors import MalformedError
from impl.values import ICCID, IMSI, MSISDN, PLMN, Secret, TransactionId

ORDER = Replace(
    transaction=TransactionId("0a1b2c3d"),
    iccid=ICCID("8933010000000000017"),
    admin_code=Secret(b"12345678"),
    plmn=PLMN("26202"),
    imsi=IMSI("262020000000001"),
    k=Secret(b"k" * 16),
    opc=Secret(b"o" * 16),
    msisdn=MSISDN("49612345678"),
)


def with_extra(fid: int, octets: bytes) -> Replace:
    return replace(ORDER, extra=encode_file_contents([FileContent(fid, octets)]))


def updates(script: tuple[CommandApdu, ...]) -> dict[bytes, bytes]:
    """Return what is written where: data of UPDATE by the path selected before."""
    return {
        select.data: update.data
        for select, update in pairwise(script)
        if select.ins == Ins.SELECT and update.ins in {Ins.UPDATE_BINARY, Ins.UPDATE_RECORD}
    }


def test_the_admin_code_comes_first_and_the_keys_last() -> None:
    script = replacement_script(ORDER)
    assert script[0].encode() == bytes.fromhex("0020000a083132333435363738")
    assert script[-2].encode()[:9] == bytes.fromhex("00a40804047fffaf20")
    assert script[-1].data == (b"\x14" + b"k" * 16 + b"o" * 16).ljust(49, b"\xff")
    assert decode_script(encode_script(script)) == script


def test_every_file_of_a_subscriber_is_written_whole() -> None:
    written = updates(replacement_script(ORDER))
    assert {path.hex(): len(octets) for path, octets in written.items()} == {
        f"7fff{fid:04x}": size for fid, size in SIZES.items()
    }
    assert written[bytes.fromhex("7fff6f07")] == bytes.fromhex("082926200000000010")
    assert written[bytes.fromhex("7fff6f46")] == b"\xff" * 17


def test_where_the_admin_code_is_a_key_the_script_does_not_say_it() -> None:
    script = replacement_script(replace(ORDER, admin_code=None))
    assert Ins.VERIFY_PIN not in {command.ins for command in script}
    assert b"12345678" not in encode_script(script)


def test_further_contents_take_the_place_of_blanks() -> None:
    written = updates(replacement_script(with_extra(0x6F46, b"\0Two")))
    assert written[bytes.fromhex("7fff6f46")] == b"\0Two".ljust(17, b"\xff")
    written = updates(replacement_script(with_extra(0x6F62, b"1234567890")))
    assert written[bytes.fromhex("7fff6f62")] == b"1234567890"


@pytest.mark.parametrize("fid", [Ef.IMSI, Ef.AUTH_KEY])
def test_further_contents_are_neither_identity_nor_key(fid: int) -> None:
    with pytest.raises(MalformedError, match="is identity or key"):
        replacement_script(with_extra(fid, bytes(9)))


def test_an_identity_of_another_network_is_refused() -> None:
    with pytest.raises(MalformedError, match="is not of the network"):
        replacement_script(replace(ORDER, plmn=PLMN("20801")))


@pytest.mark.parametrize(
    ("executed", "sw", "outcome"),
    [
        (15, 0x9000, Outcome.DONE),
        (15, 0x6105, Outcome.DONE),
        (1, 0x63C2, Outcome.WRONG_ADMIN_CODE),
        (1, 0x6983, Outcome.BLOCKED),
        (7, 0x6581, Outcome.MEMORY),
        (2, 0x6983, Outcome.MALFORMED),
        (2, 0x63C2, Outcome.MALFORMED),
        (15, 0x6985, Outcome.MALFORMED),
        (2, 0x6A82, Outcome.MALFORMED),
        (0, 0x6700, Outcome.MALFORMED),
    ],
)
def test_the_answer_says_what_the_other_form_would(
    executed: int, sw: int, outcome: Outcome
) -> None:
    assert outcome_of(RemoteResponse(executed, sw)) is outcome
