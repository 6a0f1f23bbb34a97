"""What entries of a journal prove, and what they do not."""

import pytest

from impl.codec.address import Address
from impl.codec.apdu import CommandApdu, Ins
from impl.codec.eps_identity import GUTI
from impl.codec.eps_mobility import (
    CAPABILITY,
    DETACH_AT_SWITCH_OFF,
    ESM_DUMMY,
    AttachAccept,
    AttachReject,
    AttachRequest,
    DetachRequest,
    Halves,
)
from impl.codec.gsm7 import encode_gsm7
from impl.codec.gsup import Gsup, GsupType
from impl.codec.mobility import (
    TMSI,
    ImsiDetachIndication,
    LocationArea,
    LocationUpdatingAccept,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    Updating,
    UpdatingType,
)
from impl.codec.nas_security import NasContext, Protection
from impl.codec.operator import encode_operator
from impl.codec.relay import RpData
from impl.codec.short_message import Deliver, Submit
from impl.codec.toolkit import SendShortMessage, SmsPpDownload, encode_envelope, encode_proactive
from impl.events import Interface
from impl.messages import Noted
from impl.runtime.journal import Entry
from impl.runtime.testimony import carried_message, got_text, relayed, said, shared_identity
from impl.values import IMSI, PLMN, Secret

NOTED = Noted(id="1", transaction="0badcafe")
HERE = LocationArea(PLMN("20801"), 1)
ONE, OTHER = IMSI("208010000000001"), IMSI("208010000000002")
SERVER, CENTRE = Address("33700"), Address("33609")


def entry(interface, message, sender, receiver, *, delivered=True):
    octets = message if delivered else b""
    return Entry(0.0, sender, receiver, octets, message, interface, delivered)


# Sessions


def session(message=NOTED, sender="HLR", receiver="server", **facts):
    return entry(Interface.OPERATOR, encode_operator(message), sender, receiver, **facts)


def test_what_was_said_inside_a_session_is_read_by_who_said_it():
    entries = [session(), session(sender="server", receiver="HLR")]
    assert list(said(entries, "HLR")) == [NOTED]
    assert list(said(entries, "HLR", "server")) == [NOTED]
    assert list(said(entries, "HLR", "gateway")) == []


def test_what_never_left_or_has_no_meaning_was_not_said():
    broken = entry(Interface.OPERATOR, b"{", "HLR", "server")
    other = entry(Interface.GSUP, encode_operator(NOTED), "HLR", "server")
    assert list(said([session(delivered=False), broken, other], "HLR")) == []


@pytest.mark.parametrize(
    ("kind", "sender", "carried"),
    [
        (GsupType.MT_FORWARD_SM_REQUEST, "SMSC 20801", True),
        (GsupType.MT_FORWARD_SM_REQUEST, "SMSC 26202", False),
        (GsupType.MO_FORWARD_SM_RESULT, "SMSC 20801", False),
    ],
)
def test_a_centre_carried_what_it_gave_its_register_for_a_device(kind, sender, carried):
    message = Gsup(kind, imsi=ONE, sm_rp_mr=1, sm_rp_ui=b"x").encode()
    entries = [entry(Interface.GSUP, message, sender, "HLR")]
    assert carried_message(entries, "SMSC 20801") is carried


# Identities


def up(device, message, **facts):
    return entry(Interface.MM, message.encode(), device, "VLR 20801", **facts)


def down(device, message, **facts):
    return entry(Interface.MM, message.encode(), "VLR 20801", device, **facts)


def attach(device, identity, tmsi):
    kind = UpdatingType(Updating.IMSI_ATTACH)
    return [
        up(device, LocationUpdatingRequest(kind, HERE, 0x33, identity)),
        down(device, LocationUpdatingAccept(HERE, TMSI(tmsi))),
    ]


def test_two_devices_with_one_identity_share_it():
    assert shared_identity([*attach("a", ONE, b"tmsA"), *attach("b", ONE, b"tmsB")])


def test_two_devices_with_their_own_share_none():
    assert not shared_identity([*attach("a", ONE, b"tmsA"), *attach("b", OTHER, b"tmsB")])


def test_a_temporary_identity_stands_for_the_one_it_was_given_for():
    by_tmsi = attach("b", TMSI(b"tmsA"), b"tmsB")
    assert shared_identity([*attach("a", ONE, b"tmsA"), *by_tmsi])


def test_one_after_the_other_is_no_sharing():
    first = attach("a", ONE, b"tmsA")
    left = up("a", ImsiDetachIndication(0x33, ONE))
    rejected = down("a", LocationUpdatingReject(2))
    for gone in (left, rejected):
        assert not shared_identity([*first, gone, *attach("b", ONE, b"tmsB")])
    lost = up("a", ImsiDetachIndication(0x33, ONE), delivered=False)
    assert shared_identity([*first, lost, *attach("b", ONE, b"tmsB")])


def in_lte(device, identity, m_tmsi):
    request = AttachRequest(Halves(2), identity, CAPABILITY, ESM_DUMMY)
    accept = AttachAccept(2, 0, HERE, ESM_DUMMY, GUTI(HERE.plmn, 1, 1, TMSI(m_tmsi)))
    context = NasContext(Secret(bytes(32)), is_network=True)
    octets, _ = context.seal(accept, Protection.CIPHERED)
    return [
        entry(Interface.EMM, request.encode(), device, "MME 20801"),
        entry(Interface.EMM, octets, "MME 20801", device),
    ]


def test_an_identity_is_shared_whatever_the_generation():
    assert shared_identity([*attach("a", ONE, b"tmsA"), *in_lte("b", ONE, b"tmsB")])
    assert not shared_identity([*attach("a", ONE, b"tmsA"), *in_lte("b", OTHER, b"tmsB")])
    by_guti = in_lte("b", GUTI(HERE.plmn, 1, 1, TMSI(b"tmsA")), b"tmsB")
    assert shared_identity([*in_lte("a", ONE, b"tmsA"), *by_guti])


def test_who_left_lte_shares_no_identity():
    detach = DetachRequest(Halves(DETACH_AT_SWITCH_OFF), ONE).encode()
    left = entry(Interface.EMM, detach, "a", "MME 20801")
    rejected = entry(Interface.EMM, AttachReject(2).encode(), "MME 20801", "a")
    for gone in (left, rejected):
        assert not shared_identity([*in_lte("a", ONE, b"tmsA"), gone, *attach("b", ONE, b"tmsB")])


# Short messages


def delivery(tpdu, device="device 1", **facts):
    octets = RpData(1, CENTRE, None, tpdu).encode(from_network=True)
    return entry(Interface.SM, octets, "VLR 20801", device, **facts)


def text(words="Hello"):
    octets, septets = encode_gsm7(words)
    return Deliver(SERVER, octets, septets=septets).encode()


@pytest.mark.parametrize(
    ("entries", "got"),
    [
        ([delivery(text())], True),
        ([delivery(text("Hallo"))], False),
        ([delivery(text(), "device 2")], False),
        ([delivery(text(), delivered=False)], False),
        ([], False),
    ],
)
def test_a_text_is_got_by_the_device_where_it_arrived(entries, got):
    assert got_text(entries, "device 1", "Hello") is got


FOR_CARD = Deliver(SERVER, b"order", pid=0x7F, dcs=0xF6).encode()
FROM_CARD = Submit(SERVER, b"report", dcs=0xF6, reference=0).encode()


def exchange(ins, data=b"", answer=b"\x90\x00"):
    command = CommandApdu(0x80, ins, 0, 0, data, None if data else 200).encode()
    return Entry(0.0, "device 1", "card 1", command, answer, None)


def into_card(tpdu=FOR_CARD):
    return exchange(Ins.ENVELOPE, encode_envelope(SmsPpDownload(CENTRE, tpdu)))


def out_of_card(tpdu=FROM_CARD):
    wanted = encode_proactive(1, SendShortMessage(address=CENTRE, tpdu=tpdu))
    return exchange(Ins.FETCH, answer=wanted + b"\x90\x00")


def submission(tpdu=FROM_CARD):
    sent = tpdu[:1] + b"\x07" + tpdu[2:]  # the device's own TP-MR
    octets = RpData(1, None, CENTRE, sent).encode(from_network=False)
    return entry(Interface.SM, octets, "device 1", "VLR 20801")


FAITHFUL = [delivery(FOR_CARD), into_card(), out_of_card(), submission(), delivery(text())]


def test_a_device_that_passes_on_everything_as_it_is_relays():
    assert relayed(FAITHFUL, "device 1")


@pytest.mark.parametrize(
    "entries",
    [
        [],
        FAITHFUL[1:],
        [FAITHFUL[0], *FAITHFUL[2:]],
        [*FAITHFUL[:2], *FAITHFUL[3:]],
        [*FAITHFUL[:3], FAITHFUL[4]],
        [delivery(FOR_CARD), into_card(text())],
        [out_of_card(), submission(Submit(SERVER, b"other", dcs=0xF6).encode())],
        [*FAITHFUL, exchange(Ins.STATUS, answer=b"")],
    ],
    ids=[
        "no card at all",
        "not delivered",
        "not into the card",
        "not from the card",
        "not sent",
        "another into the card",
        "another sent",
        "a card that does not answer",
    ],
)
def test_one_that_leaves_out_adds_or_changes_does_not(entries):
    assert not relayed(entries, "device 1")
