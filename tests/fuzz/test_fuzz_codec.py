"""Every decoder against hostile octets: a value or a typed error, nothing else, whatever comes.

What a run of the whole system says, and what is inside of it, are the seeds: each decoder gets
those that it understands, altered, and octets that nobody ever said.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache, partial
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import impl.codec
from impl.codec import (
    address,
    apdu,
    card_content,
    concatenation,
    gsm7,
    nas_security,
    relay,
    secured_packet,
    smpp,
    tlv,
    toolkit_objects,
    user_data,
)
from impl.codec.eps_mobility import decode_emm
from impl.codec.ota_profile import message_header, request_header
from impl.codec.personalization import (
    Forget,
    Outcome,
    PersonalizationResult,
    Query,
    Replace,
    RollBack,
    encode_command,
    encode_request,
    encode_result,
)
from impl.codec.security_parameters import SecuredPacketError, SecurityParameters
from impl.crypto import aka
from impl.crypto.milenage import Milenage
from impl.errors import MacFailureError, MalformedError, SynchronizationFailureError
from impl.events import Interface
from impl.messages import ChangeRequest
from impl.runtime.card_evidence import dissect_apdu
from impl.runtime.deployment import NETWORKS
from impl.runtime.evidence import dissect
from impl.runtime.world import World
from impl.values import ICCID, IMSI, MSISDN, PLMN, Generation, OtaKeys, Secret, TransactionId

Decode = Callable[[bytes], Any]

FURTHER_SEEDS = 3  # times that octets inside of octets are looked for
MOST_SEEDS = 24  # of one decoder
REFUSALS = (MalformedError, SecuredPacketError, MacFailureError, SynchronizationFailureError)

KEYS = OtaKeys(1, Secret(bytes(16)), Secret(bytes(16)))
FUNCTIONS = Milenage(Secret(bytes(16)), Secret(bytes(16)))
NO_DECODERS = {
    "eps_mobility.EmmMessage.decode": "has no type",
    "gsup_elements.ElementSet.decode": "has no rows",
    "layout.Layout.decode": "has no rows",
    "mobility.MmMessage.decode": "has no type",
    "relay.RpMessage.decode": "has no type",
    "smpp.Pdu.decode": "has no id",
    "smpp.ShortMessagePdu.decode": "has no id",
    "toolkit_objects.refuse_uncomprehended": "reads objects",
    "toolkit_objects.take_object": "reads objects",
}


def _reassemble(octets: bytes) -> object:
    """Put together what may be parts, each behind its length."""
    reassembler, whole = concatenation.Reassembler(capacity=2), None
    while octets:
        size = octets[0] or 1
        part = user_data.UserData.decode(octets[1 : 1 + size], has_header=True)
        whole, octets = reassembler.add("33600", part), octets[1 + size :]
    return whole


WITH_ARGUMENTS: dict[str, Decode] = {
    "address.Address.take_tp": lambda octets: address.Address.take_tp(octets, 0),
    "aka.SequenceArray.decode": aka.SequenceArray.decode,
    "aka.authenticate": lambda octets: aka.authenticate(
        FUNCTIONS, octets[:16], octets[16:], aka.SequenceArray()
    ),
    "aka.open_auts": lambda octets: aka.open_auts(FUNCTIONS, octets[:16], octets[16:]),
    "card_content.open_delete": lambda octets: card_content.open_delete(
        apdu.CommandApdu.decode(octets)
    ),
    "concatenation.Reassembler.add": _reassemble,
    "concatenation.part_of": lambda octets: concatenation.part_of(user_data.take_header(octets)[0]),
    "evidence.dissect_apdu": lambda octets: dissect_apdu(octets[:40], octets[40:]),
    "gsm7.decode_gsm7": lambda octets: gsm7.decode_gsm7(
        octets[2:], sum(octets[:1]), sum(octets[1:2]) % 7
    ),
    "nas_security.NasContext.open": nas_security.NasContext(KEYS.kic, is_network=True).open,
    "relay.decode_rp of the network": lambda octets: relay.decode_rp(octets, from_network=True),
    "relay.decode_rp of the device": lambda octets: relay.decode_rp(octets, from_network=False),
    "secured_packet.open_command": lambda octets: secured_packet.open_command(octets, KEYS),
    "secured_packet.open_response": lambda octets: secured_packet.open_response(
        octets, message_header(KEYS, report_by_submit=True), KEYS
    ),
    "smpp.ShortMessagePdu.user_data": lambda octets: getattr(
        smpp.decode_smpp(octets), "user_data", None
    ),
    "smpp.moment_s": lambda octets: smpp.moment_s(octets.decode("latin-1"), 0.0),
    "tlv.open_template": lambda octets: tlv.open_template(octets, 0xE1, "template"),
    "tlv.take_tlv": lambda octets: tlv.take_tlv(octets, 0, "BER-TLV"),
    "toolkit_objects.check_source": lambda octets: toolkit_objects.check_source(
        tlv.decode_comprehension(octets), toolkit_objects.Device.UICC, "command"
    ),
    "user_data.UserData.decode with header": lambda octets: user_data.UserData.decode(
        octets, has_header=True
    ),
    "user_data.UserData.decode without": lambda octets: user_data.UserData.decode(
        octets, has_header=False
    ),
    "user_data.take_counted": lambda octets: user_data.take_counted(
        octets[1:], 0, sum(octets[:1]), has_header=bool(octets[:1] < b"\x80")
    ),
}
"""Decoders that want more than octets, and what they are given; and those outside of impl.codec."""


WRITTEN_OUT = (
    "10" + "00" * 16,  # AUTHENTICATE: a challenge of GSM
    "db0811223344556677881000112233445566778899aabbccddeeff1000112233445566778899aabbccddeeff",
    "0811223344556677881000112233445566778899aabbccddeeff1000112233445566778899aabbccddeeff",
    "dc0e" + "ab" * 14,  # AUTHENTICATE: synchronisation failure
    "041122334408" + "cd" * 8,  # AUTHENTICATE: an answer of GSM
    "c403010203",  # a load file
    "80e40000094f07a0000000871002",  # DELETE
    "050402",  # LOCATION UPDATING REJECT
    "051c15220e" + "ab" * 14,  # AUTHENTICATION FAILURE
    "0511",  # AUTHENTICATION REJECT
    "050157082980100000000010",  # IMSI DETACH INDICATION
    "051801",  # IDENTITY REQUEST
    "0519082980100000000010",  # IDENTITY RESPONSE
    "055b",  # TMSI REALLOCATION COMPLETE
    "053160",  # MM STATUS
    "075501",  # IDENTITY REQUEST of EPS
    "0756082980100000000010",
    "074402",  # ATTACH REJECT
    "075c15300e" + "ab" * 14,  # AUTHENTICATION FAILURE of EPS
    "0754",
    "075f17",  # SECURITY MODE REJECT
    "076060",  # EMM STATUS
    "0745090829809900000000" + "10",  # DETACH REQUEST
    "07480008" + "2980990000000010",  # TRACKING AREA UPDATE REQUEST
    "074900",  # TRACKING AREA UPDATE ACCEPT
    "074b09",  # TRACKING AREA UPDATE REJECT
    "aa0722050084000008",  # a script of the expanded format
    "ab07800101230290" + "00",  # and its answer
    b"SET_REPLY 7 subscriber.create 12".hex(),
    "05010129",  # RP-ERROR of the network
    "0401022900",  # RP-ERROR of the device
    "06070b913306098010f06210120000000062101200000000" + "00",  # SMS-STATUS-REPORT
    "00000010000000150000000000000001",  # enquire_link
    "00000010800000150000000000000001",
    "00000010000000060000000000000001",  # unbind
    "00000010800000060000000000000001",
    "00000010800000000000000300000001",  # generic_nack
    b"261231235959000+".hex(),  # times of SMPP
    b"000000001000000R".hex(),
)
"""Messages that the run does not have."""


@cache
def decoders() -> dict[str, Decode]:
    """Return every decoder by name: what is public, and reads nothing but octets, and those above.

    A new decoder of impl.codec is here by itself.
    """
    found = {
        name: decode
        for name, decode in _public()
        if _wants_octets_only(decode) and name not in NO_DECODERS
    }
    for interface, from_network in product(Interface, (True, False)):
        way = "down" if from_network else "up"
        found[f"evidence.dissect {interface} {way}"] = partial(
            dissect, interface, from_network=from_network
        )
    return found | WITH_ARGUMENTS


def _public() -> Iterator[tuple[str, Decode]]:
    for info in pkgutil.iter_modules(impl.codec.__path__, "impl.codec."):
        module = importlib.import_module(info.name)
        short = info.name.removeprefix("impl.codec.")
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != info.name:
                continue
            if inspect.isclass(thing) and hasattr(thing, "decode") and not issubclass(thing, bytes):
                yield f"{short}.{name}.decode", thing.decode
            elif name.startswith(("decode_", "open_", "peek_", "refuse", "take_")):
                yield f"{short}.{name}", thing


def _wants_octets_only(decode: Decode) -> bool:
    parameters = inspect.signature(decode).parameters.values()
    needed = [one.annotation for one in parameters if one.default is one.empty]
    return needed == ["bytes"]


@cache
def seeds() -> dict[str, list[bytes]]:
    """Return for each decoder octets that it understands: messages of a run, and parts of them."""
    pool = dict.fromkeys((*_said_in_a_run(), *_sealed(), *map(bytes.fromhex, WRITTEN_OUT)))
    understood: dict[str, list[bytes]] = {name: [] for name in decoders()}
    fresh = list(pool)
    for _ in range(FURTHER_SEEDS):
        inner: dict[bytes, None] = {}
        for octets, (name, decode) in product(fresh, decoders().items()):
            try:
                value = decode(octets)
            except REFUSALS:
                continue
            if len(understood[name]) < MOST_SEEDS:
                understood[name].append(octets)
            inner |= dict.fromkeys(_octets_in(value))
        fresh = [octets for octets in inner if octets not in pool]
        pool |= inner
    return understood


def _said_in_a_run() -> Iterator[bytes]:
    """Yield every message and every exchange with a card of a change of subscription."""
    first, second, third = plans = (
        NETWORKS[0],
        replace(NETWORKS[1], generation=Generation.LTE),
        replace(NETWORKS[2], generation=Generation.CDMA),
    )
    world = World(0, plans, {"further_contents": bytes(200)})
    world.agree(third.plmn)
    world.agree(first.plmn)
    world.agree(second.plmn)
    handset = world.subscribe(first.plmn)
    world.settle()
    for plan in (third, second):
        world.choose(handset, plan.name)
        world.settle()
    for entry in world.journal.entries:
        yield entry.message
        if entry.interface is None:
            yield entry.octets
    world.close()


def _sealed() -> Iterator[bytes]:
    """Yield what nobody can read in a run: packets, what is in them, and challenges."""
    order = {
        "transaction": TransactionId("0a1b2c3d"),
        "iccid": ICCID("8933010000000000017"),
        "admin_code": Secret(bytes(8)),
    }
    replaced = {"plmn": PLMN("26202"), "imsi": IMSI("262020000000001"), "msisdn": MSISDN("496262")}
    commands = (
        Replace(**order, **replaced, k=KEYS.kic, opc=KEYS.kid, operator_name="Two", extra=b"\x01"),
        Query(**order),
        RollBack(**order),
        Forget(**(order | {"admin_code": None})),
    )
    parameters = SecurityParameters(**vars(message_header(KEYS, report_by_submit=True)), counter=1)
    for command in commands:
        yield encode_command(command)
        yield secured_packet.seal_command(parameters, encode_command(command), KEYS)
    result = encode_result(PersonalizationResult(order["transaction"], Outcome.WRONG_ADMIN_CODE, 2))
    request = encode_request(ChangeRequest(iccid=order["iccid"], plmn=replaced["plmn"]))
    yield from (result, request)
    yield secured_packet.seal_response(parameters, secured_packet.PorStatus.OK, result, KEYS)
    yield secured_packet.seal_command(
        SecurityParameters(**vars(request_header(KEYS)), counter=2), request, KEYS
    )
    device = nas_security.NasContext(KEYS.kic, is_network=False)
    accept = decode_emm(b"\x07\x49\x00")
    yield device.seal(accept, nas_security.Protection.INTEGRITY)[0]
    yield bytes(16) + FUNCTIONS.quintet(bytes(16), 0x20, b"\x80\x00").autn
    yield bytes(16) + aka.make_auts(FUNCTIONS, bytes(16), 0x40)


def _octets_in(value: Any) -> Iterator[bytes]:
    """Yield the octets that a decoded value holds, those of its parts too."""
    match value:
        case bytes():
            yield value
        case tuple() | list():
            for one in value:
                yield from _octets_in(one)
        case _ if is_dataclass(value):
            for field in fields(value):
                yield from _octets_in(getattr(value, field.name))


def demand_typed(decode: Decode, octets: bytes) -> Any:
    """Return what is decoded, or the refusal; every other error is a fault."""
    try:
        return decode(octets)
    except REFUSALS as refusal:
        return refusal


def targets() -> dict[str, tuple[Callable[[bytes], object], list[bytes]]]:
    """Return what deep fuzzing gives its inputs to, with their seeds."""
    return {
        f"codec.{name}": (partial(demand_typed, decode), seeds()[name])
        for name, decode in decoders().items()
    }


def families() -> dict[str, list[str]]:
    """Return the names of the decoders of each module."""
    found: dict[str, list[str]] = {}
    for name in decoders():
        found.setdefault(name.partition(".")[0], []).append(name)
    return found


@pytest.mark.parametrize("family", families())
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_decoder_answers_hostile_octets_with_a_value_or_a_typed_error(
    family, data, hostile, bounded
):
    for name in families()[family]:
        octets = data.draw(hostile(seeds()[name]), label=name)
        with bounded():
            demand_typed(decoders()[name], octets)


def test_no_decoder_is_left_out():
    named = {name.partition(" ")[0] for name in decoders()} | NO_DECODERS.keys()
    assert [name for name, _ in _public() if name not in named] == []


def test_every_decoder_understands_something_that_is_altered_for_it():
    assert [name for name, octets in seeds().items() if not octets] == []
