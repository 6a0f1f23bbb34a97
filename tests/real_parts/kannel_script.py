"""Inside a namespace: Kannel and smpplib as ESMEs of our short message centre.

The personalization message of our server goes to the card by way of Kannel, which splits it in its
own way; it is put in disorder on top. Prints a line for each thing that held.
"""

import asyncio
import sys
from pathlib import Path

import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
from kannel import kannel
from parties import FIRST, NAMES, SECOND, Parties, deployed, issued, until

from impl.codec.concatenation import part_of
from impl.codec.smpp import BindTransceiverResp, EnquireLink, SubmitSm, SubmitSmResp, decode_smpp
from impl.codec.user_data import UserData
from impl.served.deployment import split_address
from impl.served.framing import SmppFraming
from impl.served.set_up import SYSTEM_ID, esme_password, open_register


class Tap:
    """Stands between an ESME and the centre; `hook` says what of a PDU goes on, and what back."""

    def __init__(self, centre, hook):
        self._centre, self._hook = centre, hook
        self.is_bound = False

    async def open(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        there, back = await asyncio.open_connection(*self._centre)
        answers = asyncio.create_task(self._pump(there, writer, self._let_back))
        await self._pump(reader, back, self._hook, writer)
        answers.cancel()
        back.close()
        writer.close()

    def _let_back(self, octets):
        self.is_bound |= isinstance(decode_smpp(octets), BindTransceiverResp)
        return [octets], []

    @staticmethod
    async def _pump(source, target, hook, back=None):
        buffer, framing = bytearray(), SmppFraming()
        while octets := await source.read(65536):
            buffer += octets
            for pdu in framing.split(buffer):
                onward, answers = hook(pdu)
                target.writelines(onward)
                if back is not None:
                    back.writelines(answers)


class Kept:
    """The parts of a message that a server submits: they go no further."""

    def __init__(self):
        self.parts = {}
        self.count = None
        self.seen = None

    def hook(self, octets):
        pdu = decode_smpp(octets)
        if not isinstance(pdu, SubmitSm):
            return [octets], []
        self.seen = pdu
        data = UserData.decode(pdu.short_message, has_header=True)
        part = part_of(data.header)
        self.count = part.total
        self.parts[part.number] = data.octets
        return [], [SubmitSmResp(sequence_number=pdu.sequence_number, message_id="k").encode()]

    @property
    def is_whole(self):
        return self.count is not None and len(self.parts) == self.count

    @property
    def packet(self):
        return b"".join(self.parts[number] for number in sorted(self.parts))


class Disorder:
    """Holds what Kannel submits until all parts are there, and lets them go in another order."""

    def __init__(self):
        self.parts = []
        self.enquiries = 0

    def hook(self, octets):
        pdu = decode_smpp(octets)
        self.enquiries += isinstance(pdu, EnquireLink)
        if not isinstance(pdu, SubmitSm):
            return [octets], []
        self.parts.append(pdu)
        whole = len(self.parts) == pdu.short_message[6]
        ordered = sorted(self.parts, key=lambda one: one.short_message[7])
        return ([one.encode() for one in (ordered[-1], *ordered[:-1])] if whole else []), []


async def by_way_of_kannel(folder, deployment, path):
    part = deployment.network(FIRST)
    password = esme_password(deployment, part).reveal().decode()
    async with Parties(deployment) as parties:
        handset = await parties.handset(path)
        await until(lambda: handset.serving_network == FIRST, "service")
        kept = Kept()
        await through_a_tap(parties, Tap(split_address(part.smpp), kept.hook))
        handset.choose(NAMES[SECOND])
        await until(lambda: kept.is_whole, "the personalization message")
        assert handset.serving_network == FIRST
        disorder = Disorder()
        port = await Tap(split_address(part.smpp), disorder.hook).open()
        with kannel(folder, port, SYSTEM_ID, password) as send:
            to = kept.seen.destination_addr
            await asyncio.to_thread(send, kept.seen.source_addr, to, b"\x02\x70\0", kept.packet)
            await until(lambda: parties.states == ["done"], "the end of the change")
            told_of(disorder)
            assert handset.serving_network == SECOND
            print("the card puts them together whatever their order, and changes")
            await until(lambda: disorder.enquiries > 1, "enquire_link")
            print("its enquiries are answered")


def told_of(disorder):
    for one in disorder.parts:
        assert (one.esm_class, one.protocol_id, one.data_coding) == (0x43, 0x7F, 0xF6), one
        assert one.short_message[:5] == bytes.fromhex("0770000003"), one
    assert len(disorder.parts) > 1
    print("Kannel names the command packet in every part, and before the concatenation")


async def through_a_tap(parties, tap):
    """Let the server start again with a tap before the centre of the first network."""
    port = await tap.open()
    await parties.stop("server")
    first, *others = parties.deployment.networks
    tapped = first.model_copy(update={"smpp": f"127.0.0.1:{port}"})
    changed = parties.deployment.model_copy(update={"networks": (tapped, *others)})
    await parties.start("server", lambda one: one.add_application_server(), changed)
    await until(lambda: tap.is_bound and not parties.missing(), "the server's links")


async def an_independent_client(deployment, path):
    part = deployment.network(FIRST)
    password = esme_password(deployment, part).reveal().decode()
    async with Parties(deployment) as parties:
        await parties.stop("server")
        handset = await parties.handset(path)
        await until(lambda: handset.serving_network == FIRST, "service")
        number = open_register(deployment, part).number(handset.iccid)
        await asyncio.to_thread(talk, split_address(part.smpp), password, number)


def talk(address, password, number):
    """Be smpplib: a stranger, then an ESME that sends and wants a receipt, then one that leaves."""
    client = smpplib.client.Client(*address, timeout=10, allow_unknown_opt_params=True)
    client.connect()
    with pytest.raises(smpplib.exceptions.PDUError) as caught:
        client.bind_transceiver(system_id=SYSTEM_ID, password="wrong")
    assert caught.value.args[1] == smpplib.consts.SMPP_ESME_RINVPASWD
    print("who does not know the password is not bound")
    client.disconnect()
    client.connect()
    client.bind_transceiver(system_id=SYSTEM_ID, password=password)
    sent, heard = [], []
    client.set_message_sent_handler(lambda pdu: sent.append((pdu.status, pdu.message_id)))
    client.set_message_received_handler(lambda pdu: heard.append(pdu) or 0)
    text = {"source_addr": "33700", "destination_addr": number, "short_message": b"hello"}
    plain = {"source_addr_ton": 1, "source_addr_npi": 1, "dest_addr_ton": 1, "dest_addr_npi": 1}
    for _ in range(5):  # all under way at once
        client.send_message(**text, **plain, registered_delivery=1)
    while len(sent) < 5 or len(heard) < 5:
        client.read_once()
    identifiers = {identifier.decode() for _, identifier in sent}
    assert len(identifiers) == 5
    receipts = [pdu.short_message.decode() for pdu in heard]
    assert all("stat:DELIVRD" in one for one in receipts), receipts
    told = {one.partition("id:")[2].split()[0] for one in receipts}
    assert told == identifiers, (told, identifiers)
    print("five messages under way at once are delivered, and each has its receipt")
    client.unbind()
    client.disconnect()
    print("who unbinds is answered and let go")


def main(folder):
    deployment = deployed(folder)
    with issued(deployment) as (path, _):
        asyncio.run(by_way_of_kannel(folder, deployment, path))
    with issued(deployment, 2) as (path, _):
        asyncio.run(an_independent_client(deployment, path))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
