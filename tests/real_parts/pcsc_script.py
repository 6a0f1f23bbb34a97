"""Inside a namespace: pcscd with a virtual reader, our card in it, pyscard and our device beside.

Prints a line for each thing that held; the first that does not ends it.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from parties import PATIENCE_S, Parties, deployed, wait

from impl.card.uicc import Uicc
from impl.errors import CardMuteError, PowerLostError
from impl.served.handset import Handset
from impl.served.pcsc import NoReaderError, PcscReader, reader_names
from impl.served.set_up import insert_card, issue_card
from impl.served.vpcd import PORT, CardInReader

READER = """FRIENDLYNAME "Virtual PCD"
DEVICENAME /dev/null:0x8C7B
LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so
CHANNELID 0x8C7B
"""
IMSI = bytes.fromhex("00b0000009")
LOCI = "00a4040407a0000000871002", "00a4000c026f7e"
INSERTED_S = 6.0
"""Several times what pcscd needs to see a card."""


@contextmanager
def running(*command, **options):
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def pcscd(folder):
    config = folder / "readers"
    config.mkdir()
    (config / "vpcd").write_text(READER, "ascii")
    with running("pcscd", "-f", "-c", str(config), stdout=subprocess.DEVNULL):
        wait(has_reader, "the reader")
        yield


def has_reader():
    try:
        return bool(reader_names())
    except NoReaderError:
        return False


def card(path):
    return running(sys.executable, "-m", "impl", "card", str(path))


def powered():
    """Return a reader whose card has power; pcscd notes a while later that it was exchanged."""
    found = []
    wait(lambda: power(found), "the card in the reader")
    return found[-1]


def power(found):
    """Put a reader whose card has power to those found, and say whether there is one now."""
    reader = PcscReader("Virtual PCD")
    with suppress(CardMuteError):
        reader.power_on()
        reader.transmit(bytes.fromhex("00a40004023f00"))
        found.append(reader)
    return bool(found)


def say(reader, *commands):
    """Return the last answer; each is completed as T=0 wants it."""
    answer = b""
    for command in commands:
        octets = bytes.fromhex(command)
        answer = reader.transmit(octets)
        if answer[-2] in {0x61, 0x9F}:
            answer = reader.transmit(bytes([octets[0], 0xC0, 0, 0, answer[-1]]))
    return answer


def old_and_new_clients(path):
    with card(path):
        reader = powered()
        imsi = say(reader, "00a4040407a0000000871002", "00a4000c026f07", IMSI.hex())
        assert imsi[-2:] == b"\x90\0"
        assert imsi[0] == 8
        print("CLA 00 reads EF.IMSI")
        assert say(reader, "a0a40000023f00", "a0a40000027f20", "a0a40000026f07")[-2:] == b"\x90\0"
        assert say(reader, "a0b0000009") == imsi
        print("CLA A0 reads the same")
        assert reader.transmit(bytes.fromhex("00ff000000")) == b"\x6d\0"
        count, begun = 300, time.monotonic()
        for _ in range(count):
            assert reader.transmit(bytes.fromhex("a0b0000009")) == imsi
        rate = count / (time.monotonic() - begun)
        assert rate > 200, f"{rate:.0f} APDUs/s: delayed acknowledgements"
        print("no APDU waits for an acknowledgement")
        reader.power_off()


def read(path, *commands):
    """Return the last answer of a card that is put in, and again where the reader overlooks it.

    pcscd may note late that it is another card, or wait in vain for what the last one never said.
    """
    answers = []

    def has_answered():
        with card(path), suppress(CardMuteError, TimeoutError):
            reader = inserted()
            answers.append(say(reader, *commands))
            reader.power_off()
        return bool(answers)

    wait(has_answered, "an answer of the card", 3 * PATIENCE_S)
    return answers[0][:-2]


def inserted():
    """Return a reader whose card has power, if it has soon."""
    found, deadline = [], time.monotonic() + INSERTED_S
    while not power(found):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)
    return found[-1]


async def a_change_through_the_reader(deployment, path, iccid):
    async with Parties(deployment) as parties:
        with card(path):
            reach = deployment.reach
            handset = await parties.device(lambda host: Handset(host, iccid, powered(), reach))
            assert await handset.wait_for_service("20801", 10.0)
            handset.choose("Zweites Netz")
            assert await handset.wait_for_service("26202", 10.0)
            print("MesP went through the reader, and the card changed")
            handset.switch_off()


def killed_while_it_writes(path, octets):
    """Run a card that is killed after so many octets more are written, and read what it is then."""
    command = (sys.executable, __file__, "--card", str(path), str(octets))
    with running(*command) as dying:
        reader = powered()
        with suppress(CardMuteError):
            say(reader, *LOCI, "00d600000b" + "ab" * 11)
        wait(lambda: dying.poll() is not None, "the death of the card", 5.0)
        assert dying.returncode == -signal.SIGKILL
    return read(path, *LOCI, "00b000000b")


def every_octet_is_a_place_to_die(path):
    before = read(path, *LOCI, "00b000000b")
    seen = [killed_while_it_writes(path, octets) for octets in (7, 20, 27)]
    assert seen == [before, before, b"\xab" * 11], seen
    print("killed in an update, the card comes up with all of it or nothing")


def die_while_writing(path, octets):
    """Be a card that is killed after so many octets more are written."""
    with insert_card(Path(path)) as (_, memory):

        class Mortal(Uicc):
            def transmit(self, command):
                if command[1] == 0xD6:
                    memory.fuse = octets
                try:
                    return super().transmit(command)
                except PowerLostError:
                    os.kill(os.getpid(), signal.SIGKILL)
                    raise

        CardInReader(Mortal(memory)).run("127.0.0.1", PORT)


def main(folder):
    deployment = deployed(folder)
    path = issue_card(deployment, "20801", 1)
    other = issue_card(deployment, "20801", 2)
    with insert_card(path) as (iccid, _):
        pass
    with ExitStack() as stack:
        stack.enter_context(pcscd(folder))
        old_and_new_clients(path)
        asyncio.run(a_change_through_the_reader(deployment, path, iccid))
        every_octet_is_a_place_to_die(other)


if __name__ == "__main__":
    if sys.argv[1] == "--card":
        die_while_writing(sys.argv[2], int(sys.argv[3]))
    else:
        main(Path(sys.argv[1]))
