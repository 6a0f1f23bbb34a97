"""The personalization application comes and goes over the air, whole or not at all [051]."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card import image
from impl.card.memory import Memory
from impl.card.uicc import Uicc
from impl.codec.apdu import CommandApdu
from impl.codec.card_application import (
    INSTANCE,
    LOAD_FILE,
    LOAD_FILE_HASH,
    MODULE,
    PACKAGE,
    installation,
    removal,
)
from impl.codec.card_content import (
    InstallForInstall,
    InstallForLoad,
    delete,
    install,
    load,
)
from impl.codec.ota_profile import CARD_MANAGER_TAR, USIM_FILES_TAR
from impl.codec.personalization import Outcome
from impl.codec.remote_command import RemoteResponse
from impl.codec.security_parameters import PorStatus
from impl.codec.toolkit import (
    MenuSelection,
    SendShortMessage,
    SetUpEventList,
    SetUpMenu,
)
from impl.errors import PowerLostError
from impl.values import OtaKeys, Secret

ANNOUNCE, BLOCK, INSTALL = installation()
OTHER = b"\xf0other"


@pytest.fixture
def bare(new_terminal: Any) -> Any:
    """Return a terminal with a card that has no personalization application yet."""
    return new_terminal(has_application=False)


def outcome(server: Any, *commands: CommandApdu) -> tuple[int, int]:
    """Send a script; return how many commands were begun, and the last status word."""
    response = server.run(CARD_MANAGER_TAR, commands)
    return response.executed, response.sw


def state(terminal: Any) -> int:
    return image.APPLICATION.number(terminal.memory)


def test_a_card_without_the_application_knows_no_such_tar(bare: Any, server_of: Any) -> None:
    server = server_of(bare)
    before = bare.memory.image
    server.order(server.replacement())
    (report,) = server.reports(bare.serve())
    assert report.status is PorStatus.TAR_UNKNOWN
    assert bare.memory.image == before


def test_a_card_without_the_application_has_no_menu(new_terminal: Any, bare: Any) -> None:
    for terminal, has_menu in ((new_terminal(), True), (bare, False)):
        terminal.card.power_on()
        terminal.ok("801000001100" + "ff" * 16)
        kinds = [type(command) for command in terminal.serve()]
        assert (SetUpMenu in kinds) is has_menu
        assert SetUpEventList in kinds


def test_a_card_without_the_application_makes_no_request(bare: Any) -> None:
    for item in (1, 2, 3):
        assert bare.tell(MenuSelection(item)).sw == 0x6A80
    assert bare.serve() == []
    assert image.REQUEST_COUNTER.number(bare.memory) == 0


def test_the_application_comes_over_the_air_and_works(bare: Any, server_of: Any) -> None:
    server = server_of(bare)
    response = server.run(CARD_MANAGER_TAR, installation())
    assert (response.executed, response.is_ok) == (3, True)
    bare.tell(MenuSelection(2))
    assert isinstance(bare.serve()[0], SendShortMessage)
    server.order(server.replacement())
    assert server.result().outcome is Outcome.DONE


def test_the_menu_is_there_at_once_and_goes_at_once(bare: Any, server_of: Any) -> None:
    server = server_of(bare)
    for script, items in ((installation(), 3), (removal(), 0)):
        server.counter += 1
        for envelope in server.envelopes(server.seal_script(CARD_MANAGER_TAR, script)):
            bare.tell(envelope)
        (menu,) = [each for each in bare.serve() if isinstance(each, SetUpMenu)]
        assert len(menu.items) == items


def test_the_application_goes_over_the_air(server: Any, terminal: Any) -> None:
    assert server.run(CARD_MANAGER_TAR, removal()).is_ok
    server.order(server.replacement())
    (report,) = server.reports(terminal.serve())
    assert report.status is PorStatus.TAR_UNKNOWN
    assert terminal.tell(MenuSelection(1)).sw == 0x6A80
    assert server.run(CARD_MANAGER_TAR, installation()).is_ok
    assert state(terminal) == image.INSTALLED


def test_a_code_that_is_typed_after_the_application_went_makes_no_request(
    terminal: Any,
) -> None:
    terminal.tell(MenuSelection(3))
    asked = terminal.fetch()
    image.APPLICATION.set_number(terminal.memory, image.ABSENT)
    assert terminal.respond(asked, text="*2#").sw == 0x6985
    assert terminal.serve() == []


def test_the_instance_may_go_and_the_load_file_stay(server: Any, terminal: Any) -> None:
    assert outcome(server, delete(PACKAGE)) == (1, 0x6985)
    assert outcome(server, delete(INSTANCE)) == (1, 0x6101)
    assert state(terminal) == image.LOADED
    assert outcome(server, delete(INSTANCE)) == (1, 0x6A88)
    assert outcome(server, INSTALL) == (1, 0x6101)
    assert state(terminal) == image.INSTALLED
    assert outcome(server, delete(INSTANCE), delete(PACKAGE)) == (2, 0x6101)
    assert outcome(server, delete(PACKAGE)) == (1, 0x6A88)


def test_what_the_card_has_it_does_not_load_again(server: Any, terminal: Any) -> None:
    before = state(terminal)
    assert outcome(server, *installation()) == (1, 0x6985)
    assert outcome(server, INSTALL) == (1, 0x6985)
    assert state(terminal) == before


@pytest.mark.parametrize(
    "order",
    [
        InstallForLoad(OTHER, b"", LOAD_FILE_HASH),
        InstallForLoad(PACKAGE, OTHER, LOAD_FILE_HASH),
        InstallForLoad(PACKAGE, b"", bytes(32)),
        InstallForLoad(PACKAGE, b"", b""),
        InstallForLoad(PACKAGE, b"", LOAD_FILE_HASH, b"", b"token"),
    ],
)
def test_another_package_is_not_announced(bare: Any, server_of: Any, order: InstallForLoad) -> None:
    assert outcome(server_of(bare), install(order), BLOCK, INSTALL) == (1, 0x6A80)
    assert state(bare) == image.ABSENT


@pytest.mark.parametrize("load_file", [b"", LOAD_FILE[:-1], LOAD_FILE + b"\0", bytes(500)])
def test_another_load_file_is_not_loaded(bare: Any, server_of: Any, load_file: bytes) -> None:
    blocks = load(load_file)
    answer = outcome(server_of(bare), ANNOUNCE, *blocks, INSTALL)
    assert answer == (1 + len(blocks), 0x6A80)
    assert state(bare) == image.ABSENT


@pytest.mark.parametrize(
    "order",
    [
        InstallForInstall(OTHER, MODULE, INSTANCE, b"\0"),
        InstallForInstall(PACKAGE, OTHER, INSTANCE, b"\0"),
        InstallForInstall(PACKAGE, MODULE, OTHER, b"\0"),
        InstallForInstall(PACKAGE, MODULE, INSTANCE, b"\x80"),
    ],
)
def test_another_instance_is_not_installed_and_nothing_loaded(
    bare: Any, server_of: Any, order: InstallForInstall
) -> None:
    assert outcome(server_of(bare), ANNOUNCE, BLOCK, install(order)) == (3, 0x6A80)
    assert state(bare) == image.ABSENT


def test_blocks_come_announced_and_in_their_order(bare: Any, server_of: Any) -> None:
    server = server_of(bare)
    assert outcome(server, BLOCK) == (1, 0x6985)
    assert outcome(server, ANNOUNCE, BLOCK._replace(p2=1)) == (2, 0x6A86)
    assert outcome(server, ANNOUNCE, BLOCK._replace(p1=1)) == (2, 0x6A86)
    assert outcome(server, ANNOUNCE, BLOCK, BLOCK) == (3, 0x6985)
    whole = BLOCK.data
    halves = [BLOCK._replace(p1=0, data=whole[:9]), BLOCK._replace(p2=1, data=whole[9:])]
    assert outcome(server, ANNOUNCE, *halves, INSTALL) == (4, 0x6101)


def test_a_load_file_does_not_come_in_two_scripts(bare: Any, server_of: Any) -> None:
    server = server_of(bare)
    assert outcome(server, ANNOUNCE) == (1, 0x6985)
    assert outcome(server, ANNOUNCE, BLOCK._replace(p1=0)) == (2, 0x6985)
    assert outcome(server, BLOCK, INSTALL) == (1, 0x6985)
    assert state(bare) == image.ABSENT


@pytest.mark.parametrize(
    ("command", "sw"),
    [
        (ANNOUNCE._replace(cla=0), 0x6E00),
        (ANNOUNCE._replace(p1=0x04), 0x6A86),
        (ANNOUNCE._replace(data=b"\xff"), 0x6A80),
        (INSTALL._replace(data=b""), 0x6A80),
        (delete(OTHER), 0x6A88),
        (CommandApdu(0x80, 0xE4, 0, 0, b"\x50\0"), 0x6A80),
        (CommandApdu(0x80, 0xF0, 0, 0), 0x6D00),
    ],
)
def test_what_the_domain_does_not_know_has_its_word(
    server: Any, terminal: Any, command: CommandApdu, sw: int
) -> None:
    assert outcome(server, command) == (1, sw)
    assert state(terminal) == image.INSTALLED


def test_what_is_no_script_is_answered_so(server: Any, terminal: Any) -> None:
    server.header = type(server.how)(**{**vars(server.how), "tar": CARD_MANAGER_TAR})
    server.send(b"\x80\xe6")
    (report,) = server.reports(terminal.serve())
    assert RemoteResponse.decode(report.data) == RemoteResponse(0, 0x6700)


def test_without_the_cards_keys_nobody_installs_anything(bare: Any, server_of: Any) -> None:
    server = server_of(bare)
    server.keys = OtaKeys(1, Secret(b"X" * 16), Secret(b"Y" * 16))
    server.counter += 1
    before = bare.memory.image
    for envelope in server.envelopes(server.seal_script(CARD_MANAGER_TAR, installation())):
        bare.tell(envelope)
    (report,) = server.reports(bare.serve())
    assert report.status is PorStatus.INTEGRITY_FAILED
    assert bare.memory.image == before


def test_no_other_tar_installs(bare: Any, server_of: Any) -> None:
    assert server_of(bare).run(USIM_FILES_TAR, installation()).sw == 0x6E00
    assert state(bare) == image.ABSENT


def test_power_lost_at_any_octet_of_an_installation_leaves_all_or_nothing(
    bare: Any, server_of: Any
) -> None:
    server = server_of(bare)
    start = bare.memory.image
    server.counter += 1
    packet = server.seal_script(CARD_MANAGER_TAR, installation())
    states, at, is_done = [], 0, False
    while not is_done:
        bare.memory = Memory(start)
        bare.card = Uicc(bare.memory)
        bare.start()
        bare.memory.fuse = at
        is_done = not _loses_power(bare, server, packet)
        bare.memory.fuse = None
        bare.card.power_on()
        states.append(state(bare))
        counted = image.COMMAND_COUNTER.number(bare.memory) == server.counter
        assert counted is (states[-1] == image.INSTALLED)
        at += 1
    assert set(states) == {image.ABSENT, image.INSTALLED}
    assert states == sorted(states)


def _loses_power(terminal: Any, server: Any, packet: bytes) -> bool:
    try:
        for envelope in server.envelopes(packet):
            terminal.tell(envelope)
    except PowerLostError:
        return True
    return False
