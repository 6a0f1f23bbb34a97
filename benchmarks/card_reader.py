"""APDUs a second over PC/SC: our card in a virtual reader, against a bare card in the next slot.

pcscd and the reader of vsmartcard run in a namespace of their own, which takes root; each card is a
process. The bare card answers what `apdu.py`'s bare dispatcher does, and acknowledges at once as
ours does: without that both would wait 40 ms for each APDU.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from apdu import READ_ICCID, SELECT_ICCID, SELECT_WITH_FCP, STATUS, Bare, card
from measure import compare, show

from impl.errors import CardMuteError
from impl.served.pcsc import NoReaderError, PcscReader, reader_names
from impl.served.vpcd import PORT, CardInReader, Control

APART = "--apart"
"""Says that this process has a namespace of its own."""
ENTER = 'ip link set lo up; mount -t tmpfs none /run; exec "$@"'
READER = """FRIENDLYNAME "Virtual PCD"
DEVICENAME /dev/null:0x8C7B
LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so
CHANNELID 0x8C7B
"""
OURS, BARE = "Virtual PCD 00 00", "Virtual PCD 00 01"
PATIENCE_S = 20.0
ROUNDS = 41
TARGET = 0.8
COMMANDS = {"SELECT": SELECT_ICCID, "READ BINARY": READ_ICCID, "STATUS": STATUS}


def insert_ours() -> None:
    """Be a process with our card."""
    CardInReader(card()).run("127.0.0.1", PORT)


def insert_bare() -> None:
    """Be a process with a bare card: frames are taken for what they are, and nothing is checked."""
    uicc = card()
    template = uicc.transmit(SELECT_WITH_FCP)[:-2]
    bare = Bare({0x2FE2: uicc.transmit(READ_ICCID)[:-2]}, {0x2FE2: template})
    atr = uicc.power_on()
    with socket.create_connection(("127.0.0.1", PORT + 1)) as reader:
        while frame := take(reader):
            if len(frame) > 1:
                answer = bare.transmit(frame)
            elif frame[0] == Control.TELL_ATR:
                answer = atr
            else:
                continue
            reader.sendall(len(answer).to_bytes(2, "big") + answer)


def take(reader: socket.socket) -> bytes:
    """Return one frame, none if the reader is gone."""
    return receive(reader, int.from_bytes(receive(reader, 2), "big"))


def receive(reader: socket.socket, count: int) -> bytes:
    """Return so many octets, at most those that come."""
    octets = b""
    while len(octets) < count:
        reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = reader.recv(count - len(octets))
        if not part:
            break
        octets += part
    return octets


@contextmanager
def pcscd(folder: Path) -> Iterator[None]:
    """Let pcscd run, with two slots."""
    config = folder / "readers"
    config.mkdir()
    (config / "vpcd").write_text(READER, "ascii")
    command = ("pcscd", "-f", "-c", str(config))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait(lambda: BARE in reader_names())
            yield
        finally:
            process.kill()


@contextmanager
def inserted(insert: Callable[[], None]) -> Iterator[None]:
    """Let a card be in its slot."""
    process = get_context("spawn").Process(target=insert)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def wait(holds: Callable[[], bool]) -> None:
    """Wait until something holds; TimeoutError if it does not in time."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with suppress(NoReaderError, CardMuteError):
            if holds():
                return
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


def powered(name: str) -> PcscReader:
    """Return a reader whose card has power and has its first file selected."""
    reader = PcscReader(name)
    wait(lambda: bool(reader.power_on()) and reader.transmit(SELECT_ICCID) == b"\x90\0")
    return reader


def measure() -> None:
    """Print the ratios; runs in the namespace."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(pcscd(Path(folder)))
        stack.enter_context(inserted(insert_ours))
        stack.enter_context(inserted(insert_bare))
        compare_cards()


def compare_cards() -> None:
    """Let both cards take turns; both readers are let go of while pcscd still runs."""
    ours, bare = powered(OURS), powered(BARE)
    for name, command in COMMANDS.items():
        assert ours.transmit(command) == bare.transmit(command), name
        works = {
            name: partial(ours.transmit, command),
            "bare card": partial(bare.transmit, command),
        }
        timings = compare(works, rounds=ROUNDS, clock=time.perf_counter)
        show(f"{name} over PC/SC", timings, name, "bare card", TARGET)
    ours.power_off()
    bare.power_off()


def main() -> None:
    """Measure apart from whatever readers the machine has."""
    if sys.argv[1:] == [APART]:
        measure()
    elif os.geteuid() != 0:
        print("over PC/SC: not measured, a namespace of its own takes root")
    else:
        command = ("unshare", "-mn", "sh", "-c", ENTER, "sh", sys.executable, __file__, APART)
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
