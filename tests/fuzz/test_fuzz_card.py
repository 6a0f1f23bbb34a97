"""The card against hostile commands: always a status word, and what it refuses leaves no trace.

The second line of defence is tried too: contents that only a thief of the card's keys could send.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from impl.card.memory import Memory
from impl.card.profile import CardProfile
from impl.card.uicc import Uicc
from impl.codec.address import Address
from impl.codec.apdu import SW, CommandApdu, Ins, ResponseApdu
from impl.codec.concatenation import split
from impl.codec.digits import decode_imsi
from impl.codec.ota_profile import message_header
from impl.codec.personalization import Forget, Query, Replace, RollBack, encode_command
from impl.codec.secured_packet import COMMAND_IDENTIFIER, seal_command
from impl.codec.security_parameters import SecurityParameters
from impl.codec.short_message import DCS_CLASS_2_BINARY, PID_USIM_DATA_DOWNLOAD, Deliver
from impl.codec.toolkit import SmsPpDownload, encode_envelope
from impl.codec.user_data import InformationElement
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER
from impl.runtime.world import World
from impl.values import IMSI, Secret, TransactionId

INPUTS_OF_A_CARD = 50
MENU_SELECTION = 0xD3
READ_IMSI = ("00a4040c07a0000000871002", "00a4000c026f07", "00b0000009")

REFUSED = frozenset((0x67, 0x68, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x94)) | {
    SW.COMMAND_NOT_ALLOWED,
    SW.INCOMPATIBLE_WITH_FILE_STRUCTURE,
    SW.SECURITY_STATUS_NOT_SATISFIED,
    SW.CONDITIONS_NOT_SATISFIED,
    SW.NO_EF_SELECTED,
}
"""Status words, or their first octets, by which nothing was done: no counter of tries is among."""


class Run(NamedTuple):
    """A card that changes its network, from the beginning."""

    profile: CardProfile
    image: bytes
    """Its memory before the change."""
    commands: tuple[bytes, ...]
    """All that it got."""

    @property
    def start(self) -> tuple[bytes, ...]:
        """The commands until it waits for its user."""
        is_choice = [
            command[1] == Ins.ENVELOPE and command[5] == MENU_SELECTION for command in self.commands
        ]
        return self.commands[: is_choice.index(True)]


@cache
def run() -> Run:
    """Let a card change its network."""
    world = World(0, options={"further_contents": bytes(200)})
    first, second, _ = NETWORKS
    world.agree(first.plmn)
    world.agree(second.plmn)
    handset = world.subscribe(first.plmn)
    world.settle()
    image = handset.slot.card._memory.image
    world.choose(handset, second.name)
    world.settle()
    commands = [entry.octets for entry in world.journal.entries if entry.interface is None]
    world.close()
    return Run(handset.profile, image, tuple(commands))


@cache
def orders() -> list[bytes]:
    """Return what the application server could tell this card."""
    profile, (_, second, _) = run().profile, NETWORKS
    order = {
        "transaction": TransactionId("0a1b2c3d"),
        "iccid": profile.iccid,
        "admin_code": profile.admin_code,
    }
    replacement = Replace(
        **order,
        plmn=second.plmn,
        imsi=IMSI(second.first_imsi),
        k=Secret(bytes(16)),
        opc=Secret(bytes(16)),
        msisdn=second.first_msisdn,
        service_centre=second.service_centre,
        operator_name=second.name,
    )
    return [encode_command(one) for one in (replacement, Query(**order), RollBack(**order))] + [
        encode_command(Forget(**order))
    ]


class Bench:
    """A card that was just started."""

    def __init__(self) -> None:
        self._memory = Memory(run().image)
        self.card = Uicc(self._memory)
        self._counter = 0
        self.card.power_on()
        for command in run().start:
            self.card.transmit(command)

    def demand_answer(self, command: bytes) -> int:
        """Give a command and return the status word."""
        before = self._memory.image
        response = ResponseApdu.decode(self.card.transmit(command))
        if response.sw in REFUSED or response.sw >> 8 in REFUSED:
            assert self._memory.image == before, f"{response.sw:04X} and a trace in memory"
        return response.sw

    def demand_report(self, content: bytes) -> None:
        """Send what only the application server could, and whoever has the keys of the card."""
        self._counter += 1
        keys = run().profile.ota_keys
        header = message_header(keys, report_by_submit=True)
        parameters = SecurityParameters(**vars(header), counter=self._counter)
        packet = seal_command(parameters, content, keys)
        for part in split(packet, InformationElement(COMMAND_IDENTIFIER), self._counter):
            message = Deliver(
                Address(SERVER_NUMBER),
                part.octets,
                PID_USIM_DATA_DOWNLOAD,
                DCS_CLASS_2_BINARY,
                header=part.header,
            )
            envelope = encode_envelope(SmsPpDownload(None, message.encode()))
            command = CommandApdu(0x80, Ins.ENVELOPE, 0, 0, envelope)
            sw = self.demand_answer(command.encode())
        assert sw >> 8 in {0x90, 0x91, 0x61}, f"{sw:04X}"

    def demand_identity(self) -> None:
        """Read an identity: the old one or another, but a whole one."""
        answers = [self.card.transmit(bytes.fromhex(command)) for command in READ_IMSI]
        decode_imsi(answers[-1][:-2])

    def demand_recovery(self) -> None:
        """Take the power; the card comes up, and remembers what it had committed."""
        self.card.power_off()
        self.card.power_on()
        before = self._memory.image
        self.card.power_on()
        assert self._memory.image == before


class LongBench:
    """One card after the other, each for so many inputs."""

    def __init__(self) -> None:
        self._left = 0

    def __call__(self, command: bytes) -> None:
        """Give a command to the card of now."""
        if not self._left:
            self._bench, self._left = Bench(), INPUTS_OF_A_CARD
        self._left -= 1
        self._bench.demand_answer(command)
        if not self._left:
            self._bench.demand_recovery()


def targets() -> dict[str, tuple[Callable[[bytes], object], list[bytes]]]:
    """Return what deep fuzzing gives its inputs to, with their seeds."""
    return {
        "card.Uicc.transmit": (LongBench(), list(dict.fromkeys(run().commands))),
        "card, contents of packets": (demand_defence, orders()),
    }


def demand_defence(content: bytes) -> None:
    """Give a fresh card the content of a packet that its keys prove."""
    bench = Bench()
    bench.demand_report(content)
    bench.demand_recovery()
    bench.demand_identity()


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_the_card_answers_hostile_commands_and_keeps_what_it_had(data, hostile, bounded):
    commands = data.draw(st.lists(hostile(run().commands), min_size=1, max_size=6))
    bench = Bench()
    with bounded():
        for command in commands:
            bench.demand_answer(command)
        bench.demand_recovery()


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_contents_that_the_keys_of_the_card_prove_leave_it_with_one_whole_identity(
    data, hostile, bounded
):
    content = data.draw(hostile(orders()))
    with bounded():
        demand_defence(content)


def test_the_run_has_commands_of_every_kind():
    instructions = {command[1] for command in run().commands}
    assert {0x10, 0x12, 0x14, 0x88, 0xA4, 0xB0, 0xC2, 0xD6} <= instructions
