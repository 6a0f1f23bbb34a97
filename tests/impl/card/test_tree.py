"""The file system: lookup, places, descriptions."""

from __future__ import annotations

import pytest

from impl.card.files import MASTER_FILE
from impl.card.memory import Memory, Plan
from impl.card.tree import Directory, find_directory, find_file, plant, walk
from impl.codec.file_control import (
    FileControl,
    FileKind,
    GsmDirectoryStatus,
    GsmFileStatus,
    GsmStructure,
    PinState,
)

PLAN = Plan()
ACTIVE = PLAN.area(1)
ROOT = plant(MASTER_FILE, PLAN, ACTIVE)
PINS = (PinState(0x01, enabled=True), PinState(0x81, enabled=False))


def directory(fid: int) -> Directory:
    return find_directory(ROOT, fid)


@pytest.fixture
def memory() -> Memory:
    memory = Memory(PLAN.blank_image())
    memory.recover()
    ACTIVE.set_number(memory, 0)
    return memory


def test_a_file_gives_back_what_was_written_in_it(memory: Memory) -> None:
    loci = find_file(ROOT, "7fff/6f7e")
    loci.write(memory, b"abc", offset=2)
    assert loci.read(memory) == b"\xff\xffabc" + b"\xff" * 6
    assert loci.read_part(memory, 3, 2) == b"bc"


def test_no_two_files_share_a_place_unless_they_are_linked() -> None:
    owned = [file for _, file in walk(ROOT) if not file.row.same_as]
    places = sorted((area.address, area.size) for file in owned for area in file.areas)
    ends = [address + size for address, size in places]
    assert all(end <= start for end, (start, _) in zip(ends, places[1:], strict=False))


def test_a_linked_file_shows_the_content_of_the_other(memory: Memory) -> None:
    find_file(ROOT, "7fff/6f7e").write(memory, b"here")
    assert find_file(ROOT, "7f20/6f7e").read(memory)[:4] == b"here"
    assert find_file(ROOT, "7f20/6f74").read(memory)[:4] != b"here"


def test_a_paired_file_has_a_content_for_each_pair(memory: Memory) -> None:
    imsi = find_file(ROOT, "7fff/6f07")
    imsi.write(memory, b"identity1")
    ACTIVE.set_number(memory, 1)
    imsi.write(memory, b"identity2")
    ACTIVE.set_number(memory, 0)
    assert imsi.read(memory) == b"identity1"
    ACTIVE.set_number(memory, 1)
    assert imsi.read(memory) == b"identity2"


def test_a_fixed_file_needs_no_memory(memory: Memory) -> None:
    phase = find_file(ROOT, "7f20/6fae")
    assert phase.areas == ()
    assert phase.read(memory) == b"\x03"
    assert phase.read_part(memory, 0, 1) == b"\x03"


def test_identifiers_reach_children_parent_siblings_and_the_mf() -> None:
    usim, gsm = directory(0x7FFF), directory(0x7F20)
    inner = usim.children[0x5F3B]
    assert isinstance(inner, Directory)
    assert gsm.reach[0x6F07] is gsm.children[0x6F07]
    assert gsm.reach[0x7F10] is directory(0x7F10)
    assert gsm.reach[0x3F00] is ROOT
    assert gsm.reach[0x7F20] is gsm
    assert inner.reach[0x3F00] is ROOT
    assert inner.application is usim
    assert gsm.application is None


def test_identifiers_do_not_reach_files_of_other_directories() -> None:
    assert 0x6F07 not in ROOT.reach
    assert 0x2FE2 not in directory(0x7F20).reach
    assert 0x7FFF not in ROOT.reach


def test_short_identifiers_name_files_of_their_directory() -> None:
    found = directory(0x7FFF).find_by_sfi(0x07)
    assert found is not None
    assert found.row.name == "EF.IMSI"
    assert directory(0x7F20).find_by_sfi(0x07) is None


def test_the_fcp_of_a_file_says_what_the_table_says() -> None:
    fcp = FileControl.decode(find_file(ROOT, "7fff/6f07").fcp)
    assert fcp.descriptor.kind is FileKind.TRANSPARENT
    assert (fcp.fid, fcp.size, fcp.sfi) == (0x6F07, 9, 7)
    linear = FileControl.decode(find_file(ROOT, "7f10/6f3a").fcp)
    assert linear.descriptor.kind is FileKind.LINEAR_FIXED
    assert (linear.descriptor.record_length, linear.descriptor.record_count) == (28, 10)
    assert linear.size == 280
    assert linear.sfi == 0


def test_the_fcp_of_a_directory_says_which_pins_are_enabled() -> None:
    fcp = FileControl.decode(directory(0x7FFF).fcp(PINS))
    assert fcp.pins == PINS
    assert fcp.df_name == directory(0x7FFF).aid
    assert fcp.fid is None
    assert FileControl.decode(ROOT.fcp(PINS)).fid == 0x3F00


def test_rules_of_the_application_are_in_its_own_arr() -> None:
    inside = FileControl.decode(find_file(ROOT, "7fff/6f7e").fcp).access_rule
    outside = FileControl.decode(find_file(ROOT, "7f20/6f7e").fcp).access_rule
    assert inside is not None
    assert outside is not None
    assert (inside.arr, outside.arr) == (0x6F06, 0x2F06)
    assert inside.record == outside.record


def test_the_older_status_of_a_file() -> None:
    status = GsmFileStatus.decode(find_file(ROOT, "7f20/6f07").gsm_status)
    assert (status.fid, status.size) == (0x6F07, 9)
    assert status.access[0] == 0x14
    assert status.features.structure is GsmStructure.TRANSPARENT
    adn = GsmFileStatus.decode(find_file(ROOT, "7f10/6f3a").gsm_status)
    assert adn.features.record_length == 28


def test_the_older_status_of_a_directory() -> None:
    octets = ROOT.gsm_status((3, 10, 2, 9), chv1_disabled=True)
    features = GsmDirectoryStatus.decode(octets).features
    assert features.characteristics & 0x80
    assert features.characteristics & 0x70 == 0x30, "works at 1.8 V, 3 V and 5 V"
    assert features.characteristics & 0x0F == 0x01, "the clock may stop at either level"
    assert (features.chv1 & 0xF, features.chv2 & 0xF) == (3, 2)
    assert (features.directories, features.files) == (3, 4)
    enabled = GsmDirectoryStatus.decode(ROOT.gsm_status((3, 10, 3, 10), chv1_disabled=False))
    assert not enabled.features.characteristics & 0x80
