"""Evidence: everything of a message that may be shown is, and nothing that may not."""

import gc
import re
from dataclasses import replace
from types import FunctionType, ModuleType

import pytest

from impl.codec.address import Address
from impl.codec.gsup import AuthTuple, Gsup, GsupType
from impl.codec.mobility import AuthenticationRequest, LocationArea, LocationUpdatingAccept
from impl.codec.operator import encode_operator
from impl.codec.osmo_control import SetRequest
from impl.codec.relay import RpAck, RpData
from impl.codec.short_message import Deliver, Submit
from impl.codec.smpp import BindTransceiver, DeliverSm, EnquireLink
from impl.codec.user_data import InformationElement
from impl.events import Interface
from impl.messages import IdentityNotice, InformLeft, ReserveIdentity
from impl.runtime import evidence
from impl.runtime.deployment import NETWORKS
from impl.runtime.evidence import PROTOCOLS, dissect
from impl.runtime.reading import WITHHELD
from impl.runtime.world import World
from impl.values import IMSI, PLMN, Generation, Secret

HEX = re.compile("([0-9a-fA-F]{2})+")

KEY, OTHER = b"kEyKeYkEyKeYkEy1", b"oPcOpCoPcOpCoPc2"
IDENTITY = IMSI("262020000000001")
NOTICE = IdentityNotice(
    id="1",
    transaction="0badcafe",
    imsi=IDENTITY,
    k=Secret(KEY),
    opc=Secret(OTHER),
    msisdn="49612345678",
    service_centre="49609001",
)
TUPLE = AuthTuple(
    rand=bytes(16),
    sres=Secret(KEY[:4]),
    kc=Secret(KEY[:8]),
    ik=Secret(KEY),
    ck=Secret(OTHER),
    autn=bytes(16),
    res=Secret(KEY[:8]),
)
CENTRE, SERVER = Address("33609"), Address("33700")


def test_every_kind_of_link_has_a_protocol():
    assert set(PROTOCOLS) == set(Interface)


@pytest.mark.parametrize(
    ("interface", "octets", "name"),
    [
        (Interface.OPERATOR, encode_operator(NOTICE), "identity-notice"),
        (Interface.SMPP, EnquireLink(sequence_number=1).encode(), "enquire_link"),
        (
            Interface.GSUP,
            Gsup(GsupType.SEND_AUTH_INFO_REQUEST, imsi=IDENTITY).encode(),
            "SEND AUTH INFO REQUEST",
        ),
        (
            Interface.MM,
            LocationUpdatingAccept(LocationArea(PLMN("20801"), 1)).encode(),
            "LOCATION UPDATING ACCEPT",
        ),
    ],
)
def test_a_message_is_named_as_its_standard_does(interface, octets, name):
    dissection = dissect(interface, octets, from_network=True)
    assert (dissection.protocol, dissection.name) == (PROTOCOLS[interface], name)


def test_fields_are_shown_by_name_and_those_inside_by_dotted_names():
    accept = LocationUpdatingAccept(LocationArea(PLMN("20801"), 1))
    fields = dissect(Interface.MM, accept.encode(), from_network=True).fields
    assert fields["location.plmn"] == "20801"
    assert fields["location.lac"] == "1"


def test_octets_of_what_holds_no_secret_are_those_that_were_sent():
    octets = AuthenticationRequest(0, bytes(16), bytes(16)).encode()
    assert dissect(Interface.MM, octets, from_network=True).octets == octets


@pytest.mark.parametrize("interface", [Interface.OPERATOR, Interface.CENTRE])
def test_what_goes_inside_a_secured_session_is_shown_without_octets_and_keys(
    interface, shows_a_secret
):
    dissection = dissect(interface, encode_operator(NOTICE), from_network=False)
    assert dissection.octets == b""
    assert dissection.fields["k"] == dissection.fields["opc"] == WITHHELD
    assert dissection.fields["imsi"] == IDENTITY
    assert not shows_a_secret(dissection, KEY, OTHER)


def test_a_broken_message_of_a_secured_session_is_not_shown_either(shows_a_secret):
    octets = encode_operator(NOTICE).replace(b'"msisdn"', b'"number"')
    dissection = dissect(Interface.OPERATOR, octets, from_network=False)
    assert dissection.name == "MALFORMED"
    assert dissection.fields["why"]
    assert not shows_a_secret(dissection, KEY, OTHER)


def test_the_password_of_a_server_is_named_and_not_shown(said, shows_a_secret):
    bind = BindTransceiver(sequence_number=1, system_id="reperso", password=Secret(b"pAsSw0rd"))
    dissection = dissect(Interface.SMPP, bind.encode(), from_network=False)
    assert dissection.octets == bind.encode().replace(b"pAsSw0rd", bytes(8))
    assert said(dissection, "password") == bytes(9)
    assert (dissection.fields["system_id"], dissection.fields["password"]) == ("reperso", WITHHELD)
    assert not shows_a_secret(dissection, b"pAsSw0rd")


def test_session_keys_of_a_register_are_named_and_not_shown(said, shows_a_secret):
    result = Gsup(GsupType.SEND_AUTH_INFO_RESULT, imsi=IDENTITY, auth_tuples=(TUPLE,))
    dissection = dissect(Interface.GSUP, result.encode(), from_network=False)
    assert said(dissection, "auth_tuples.1.ck") == bytes(18)
    assert said(dissection, "auth_tuples.1.autn") == b"\x25\x10" + bytes(16)
    assert len(dissection.withheld) == 5
    assert dissection.fields["auth_tuples.1.ck"] == WITHHELD
    assert dissection.fields["auth_tuples.1.rand"] == "00" * 16
    assert not shows_a_secret(dissection, KEY, OTHER)


@pytest.mark.parametrize("interface", [Interface.SMPP, Interface.GSUP, Interface.MM, Interface.SM])
@pytest.mark.parametrize("octets", [b"", b"\xff" * 5])
def test_what_cannot_be_read_is_shown_as_it_is_and_why(interface, octets):
    dissection = dissect(interface, octets, from_network=False)
    assert (dissection.name, dissection.octets) == ("MALFORMED", octets)
    assert dissection.fields["why"]


@pytest.mark.parametrize(
    ("tpdu", "from_network", "name"),
    [
        (Deliver(SERVER, b"order", dcs=0xF6).encode(), True, "RP-DATA (SMS-DELIVER)"),
        (Submit(SERVER, b"request", dcs=0xF6).encode(), False, "RP-DATA (SMS-SUBMIT)"),
    ],
)
def test_over_the_air_the_direction_says_what_a_short_message_is(tpdu, from_network, name):
    ends = (CENTRE, None) if from_network else (None, CENTRE)
    octets = RpData(1, *ends, tpdu).encode(from_network=from_network)
    dissection = dissect(Interface.SM, octets, from_network=from_network)
    assert dissection.name == name
    assert dissection.fields["tpdu.user_data"] == (b"order" if from_network else b"request").hex()
    assert "user_data" not in dissection.fields
    assert dissect(Interface.SM, octets, from_network=not from_network).name == "MALFORMED"


def test_an_acknowledgement_without_a_report_stands_for_itself():
    octets = RpAck(1).encode(from_network=True)
    assert dissect(Interface.SM, octets, from_network=True).name == "RP-ACK"


def test_elements_of_a_row_are_numbered_from_one_and_what_is_not_there_is_not_shown():
    header = (InformationElement(0x70), InformationElement(0x00, b"\x07\x02\x01"))
    deliver = Deliver(SERVER, b"order", dcs=0xF6, header=header)
    octets = RpData(1, CENTRE, None, deliver.encode()).encode(from_network=True)
    fields = dissect(Interface.SM, octets, from_network=True).fields
    assert fields["tpdu.header.1.identifier"] == "112"
    assert fields["tpdu.header.2.data"] == "070201"
    assert "tpdu.more_messages" not in fields


def test_a_deliver_sm_is_shown_with_its_octets():
    octets = DeliverSm(sequence_number=1, source_addr="33612345678", short_message=b"x").encode()
    dissection = dissect(Interface.SMPP, octets, from_network=False)
    assert (dissection.name, dissection.octets) == ("deliver_sm", octets)


@pytest.mark.parametrize("message", [InformLeft, ReserveIdentity])
def test_messages_without_keys_are_hidden_as_well_where_the_session_is_secured(message):
    octets = encode_operator(message(id="1", transaction="0badcafe", iccid="8933010000000000017"))
    assert dissect(Interface.OPERATOR, octets, from_network=False).octets == b""


@pytest.mark.parametrize(
    ("interface", "octets", "name", "fields"),
    [
        (Interface.EMM, "07440b", "ATTACH REJECT", {"cause": "11"}),
        (Interface.EMM, "2700000000" + "00" + "07440b", "ATTACH REJECT", {"cause": "11"}),
        (Interface.PPP, "c02105030004", "LCP TERMINATE REQUEST", {"identifier": "3"}),
        (Interface.PPP, "c22703020004", "EAP-SUCCESS", {"identifier": "2"}),
        (Interface.PPP, "c227020100060162", "EAP-RESPONSE/IDENTITY", {"identity": "62"}),
        (Interface.PPP, "c2270201000603" + "32", "EAP-RESPONSE", {"content": "0332"}),
        (
            Interface.PPP,
            "c2270103000c" + "320c0000" + "0c014000",
            "EAP-REQUEST/AKA'-NOTIFICATION",
            {"notification": "16384"},
        ),
        (Interface.EMM, "0799", "MALFORMED", {}),
        (Interface.PPP, "0508", "MALFORMED", {}),
    ],
)
def test_the_attach_of_every_generation_is_shown(interface, octets, name, fields):
    shown = dissect(interface, bytes.fromhex(octets), from_network=True)
    assert shown.name == name
    assert fields.items() <= shown.fields.items()
    assert shown.octets == bytes.fromhex(octets)


# Which octets say what


@pytest.mark.parametrize("generation", Generation)
def test_all_that_passes_in_a_change_is_linked_to_the_octets_that_say_it(generation, said):
    plans = tuple(replace(plan, generation=generation) for plan in NETWORKS)
    world = World(1, plans)
    for plan in plans:
        world.agree(plan.plmn)
    handset = world.subscribe(plans[0].plmn)
    world.settle()
    world.choose(handset, world.networks[NETWORKS[1].plmn].plan.name)
    world.settle()
    dissections = [one.dissection for one in world.journal.shown()]
    world.close()
    linked = 0
    for one in dissections:
        for name, (begin, end) in one.spans.items():
            assert 0 <= begin < end <= len(one.octets)
            text = one.fields[name]
            linked += 1
            if HEX.fullmatch(text) and len(text) > 6:
                found = said(one, name)
                forms = (text.lower(), swapped(text), text.encode().hex())
                assert any(form in found.hex() for form in forms), (one.name, name)
        unlinked = set(one.fields) - set(one.spans) - {"why"}
        assert not one.octets or unlinked <= {"tpdu.septets"}, one.name
    assert linked > 500
    assert {"packet.tar", "ChangeRequest.iccid"} <= {
        name for one in dissections for name in one.spans
    }


def swapped(digits):
    """Return digits as BCD writes them, but for the last octet."""
    return "".join(digits[at + 1] + digits[at] for at in range(0, len(digits) - 2, 2))[2:-2]


def test_no_octets_are_kept_in_the_memory_of_what_was_read():
    bind = BindTransceiver(sequence_number=1, password=Secret(b"rEmEmBer")).encode()
    first = dissect(Interface.SMPP, bind, from_network=False)
    assert dissect(Interface.SMPP, bytes(bytearray(bind)), from_network=False) is first
    assert b"rEmEmBer" not in b"".join(reachable_octets(evidence))


def reachable_octets(module):
    """Yield all octets that what a module holds leads to."""
    seen, todo = set(), [vars(module)]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, ModuleType | FunctionType | type):
            continue
        seen.add(id(one))
        if isinstance(one, bytes):
            yield one
        todo += gc.get_referents(one)


def test_keys_that_are_set_over_the_control_interface_are_withheld():
    value = Secret(f"MILENAGE,{KEY.hex()},OPC,{OTHER.hex()}".encode())
    request = SetRequest("7", f"subscriber.by-imsi-{IDENTITY}.aud3g", value)
    shown = dissect(Interface.CONTROL, request.encode(), from_network=True)
    assert (shown.protocol, shown.name) == ("Osmocom CTRL", "SET REQUEST")
    assert shown.fields["variable"] == request.variable
    assert shown.fields["value"] == WITHHELD
    assert shown.octets == b""
