"""What the device reads and writes of the USIM, against a card with a few files."""

import pytest

from impl.codec.address import Address
from impl.codec.apdu import SW, Ins
from impl.codec.authenticate import (
    AuthenticationSuccess,
    GsmAuthentication,
    SynchronisationFailure,
    encode_outcome,
)
from impl.codec.card_file import (
    CipheringKeys,
    EpsLocationInformation,
    EpsSecurityContext,
    GsmCipheringKey,
    LocationInformation,
    ShortMessageParameters,
    UpdateStatus,
)
from impl.codec.eps_identity import GUTI
from impl.codec.mobility import TMSI, LocationArea
from impl.device.card_session import CardRefusedError, CardSession
from impl.device.usim_session import EF_IMSI, EF_LOCI, EF_SMSP, MacFailure, UsimSession
from impl.errors import MalformedError
from impl.values import IMSI, PLMN, Secret

HOME = PLMN("20801")
KEY = Secret(b"k" * 16)
TEMPORARY = TMSI(b"abcd")


@pytest.fixture
def usim(card):
    card.power_on()
    return UsimSession(CardSession(card))


def test_the_identity_is_read_from_its_file(usim, card):
    assert usim.imsi() == IMSI("208010000000001")
    assert card.asked[0].data.hex() == EF_IMSI


def test_a_card_without_an_identity_has_none_to_read(usim, card):
    card.files[EF_IMSI] = b"\xff" * 9
    with pytest.raises(MalformedError):
        usim.imsi()


def test_a_new_card_was_nowhere(usim):
    assert usim.location() == (None, LocationArea(None, 0), False)


@pytest.mark.parametrize("tmsi", [TEMPORARY, None])
def test_a_location_is_kept_with_the_temporary_identity_if_there_is_one(usim, card, tmsi):
    usim.store_location(tmsi, LocationArea(HOME, 0x1234))
    assert usim.location() == (tmsi, LocationArea(HOME, 0x1234), True)
    stored = LocationInformation.decode(card.files[EF_LOCI])
    assert stored.status is UpdateStatus.UPDATED


def test_a_forgotten_location_is_that_of_a_new_card(usim, card):
    new = card.files[EF_LOCI]
    usim.store_location(TEMPORARY, LocationArea(HOME, 1))
    assert card.files[EF_LOCI] != new
    usim.forget_location(UpdateStatus.NOT_UPDATED)
    assert card.files[EF_LOCI] == new
    usim.forget_location(UpdateStatus.LOCATION_AREA_NOT_ALLOWED)
    assert card.files[EF_LOCI] == new[:-1] + b"\x03"


def test_forbidden_networks_are_kept_and_the_oldest_forgotten(usim, card):
    assert usim.forbidden_networks() == ()
    usim.store_forbidden_networks((PLMN("26202"), PLMN("310410")))
    assert card.files["fplmn"].hex() == "62f220" + "130014" + "ff" * 6
    assert usim.forbidden_networks() == ("26202", "310410")
    usim.store_forbidden_networks(tuple(PLMN(f"2080{number}") for number in range(5)))
    assert usim.forbidden_networks() == ("20801", "20802", "20803", "20804")


def test_a_forbidden_network_without_meaning_is_none(usim, card):
    card.files["fplmn"] = bytes.fromhex("ffffff" + "aaaaaa" + "62f220" + "ffffff")
    assert usim.forbidden_networks() == ("26202",)


@pytest.mark.parametrize("centre", [Address("33609001001"), None])
def test_the_service_centre_is_the_one_of_the_first_record_if_it_names_one(usim, card, centre):
    card.files[EF_SMSP] = ShortMessageParameters(service_centre=centre).encode(40)
    assert usim.service_centre() == centre
    assert (card.asked[-1].ins, card.asked[-1].p1) == (Ins.READ_RECORD, 1)


@pytest.mark.parametrize(
    "outcome",
    [AuthenticationSuccess(b"response", KEY, KEY), SynchronisationFailure(bytes(14))],
)
def test_the_cards_answer_to_a_challenge_is_returned_as_it_is(usim, card, outcome):
    card.answers[Ins.AUTHENTICATE] = (encode_outcome(outcome), SW.OK)
    assert usim.authenticate(b"r" * 16, b"a" * 16) == outcome
    challenge = card.asked[-1]
    assert challenge.p2 == 0x81  # UMTS context, TS 31.102 clause 7.1.2
    assert challenge.data == b"\x10" + b"r" * 16 + b"\x10" + b"a" * 16


def test_a_challenge_that_the_card_does_not_believe_is_no_error(usim, card):
    card.answers[Ins.AUTHENTICATE] = (b"", SW.AUTHENTICATION_ERROR)
    assert usim.authenticate(bytes(16), bytes(16)) == MacFailure()


def test_a_card_that_cannot_authenticate_says_why(usim, card):
    card.answers[Ins.AUTHENTICATE] = (b"", SW.CONDITIONS_NOT_SATISFIED)
    with pytest.raises(CardRefusedError) as caught:
        usim.authenticate(bytes(16), bytes(16))
    assert caught.value.sw == SW.CONDITIONS_NOT_SATISFIED


@pytest.mark.parametrize("answer", [b"", b"\xdb\x0512345", b"\xaa12345"])
def test_an_answer_without_meaning_is_malformed_and_not_shown(usim, card, answer):
    card.answers[Ins.AUTHENTICATE] = (answer, SW.OK)
    with pytest.raises(MalformedError) as caught:
        usim.authenticate(bytes(16), bytes(16))
    assert "12345" not in str(caught.value)
    assert b"12345".hex() not in str(caught.value)


@pytest.mark.parametrize("autn", [b"", bytes(15)])
def test_a_challenge_of_another_length_is_not_put_to_the_card(usim, card, autn):
    with pytest.raises(MalformedError):
        usim.authenticate(bytes(16), autn)
    assert card.asked == []


def test_a_challenge_of_gsm_is_answered_in_the_gsm_context(usim, card):
    answer = GsmAuthentication(b"sres", Secret(b"k" * 8))
    card.answers[Ins.AUTHENTICATE] = (answer.encode(), SW.OK)
    assert usim.authenticate_gsm(b"r" * 16) == answer
    challenge = card.asked[-1]
    assert challenge.p2 == 0x80  # GSM context, TS 31.102 clause 7.1.1.2
    assert challenge.data == b"\x10" + b"r" * 16


@pytest.mark.parametrize(
    ("answer", "sw", "error"),
    [
        (b"\x04sres", SW.OK, MalformedError),
        (b"", SW.AUTHENTICATION_ERROR, CardRefusedError),
    ],
)
def test_a_card_that_does_not_answer_as_one_of_gsm_says_why(usim, card, answer, sw, error):
    card.answers[Ins.AUTHENTICATE] = (answer, sw)
    with pytest.raises(error):
        usim.authenticate_gsm(bytes(16))


def test_a_card_that_wants_something_done_has_authenticated_all_the_same(usim, card):
    outcome = AuthenticationSuccess(b"response", KEY, KEY)
    card.answers[Ins.AUTHENTICATE] = (encode_outcome(outcome), SW.fetch(16))
    assert usim.authenticate(bytes(16), bytes(16)) == outcome


def test_a_directory_is_entered_once_for_all_that_is_read_there(usim, card):
    usim.key_sequence()
    usim.key_sequence()
    usim.imsi()
    usim.eps_location()
    selected = [one.data.hex() for one in card.asked if one.ins == Ins.SELECT]
    assert selected == ["7fff", EF_IMSI]


def test_keys_are_kept_under_their_number_and_forgotten(usim, card):
    assert usim.key_sequence() == 7
    assert (card.asked[-1].p1, card.asked[-1].p2) == (0x88, 0)  # EF.Keys from its beginning
    usim.store_keys(3, KEY, KEY)
    assert usim.key_sequence() == 3
    assert CipheringKeys.decode(card.files["keys"]) == CipheringKeys(3, KEY, KEY)
    usim.forget_keys()
    assert usim.key_sequence() == 7
    assert KEY.reveal() not in card.files["keys"]


def test_the_key_of_gsm_is_kept_in_its_own_file(usim, card):
    kc = Secret(b"k" * 8)
    assert usim.gsm_key_sequence() == 7
    usim.store_gsm_key(3, kc)
    assert usim.gsm_key_sequence() == 3
    assert GsmCipheringKey.decode(card.files["kc"]) == GsmCipheringKey(kc, 3)
    usim.forget_gsm_key()
    assert usim.gsm_key_sequence() == 7
    assert kc.reveal() not in card.files["kc"]


def test_only_the_number_of_a_key_is_read(usim, card):
    usim.key_sequence()
    usim.gsm_key_sequence()
    reads = [one for one in card.asked if one.ins == Ins.READ_BINARY]
    assert [one.le for one in reads] == [1, 1]


GIVEN = GUTI(HOME, 1, 2, TEMPORARY)


def test_a_tracking_area_is_kept_with_the_temporary_identity(usim, card):
    assert usim.eps_location() == (None, LocationArea(None, 0))
    usim.store_eps_location(GIVEN, LocationArea(HOME, 7))
    assert card.files["epsloci"].hex() == "0bf602f810000102" + b"abcd".hex() + "02f810000700"
    assert usim.eps_location() == (GIVEN, LocationArea(HOME, 7))


def test_what_is_no_temporary_identity_is_none(usim, card):
    blank = EpsLocationInformation.blank().encode()
    card.files["epsloci"] = bytes.fromhex("0bf602f8") + blank[4:]
    assert usim.eps_location().guti is None


def test_a_security_context_is_kept_and_forgotten(usim, card):
    context = EpsSecurityContext(3, Secret(b"s" * 32), 2, 1, 0x02)
    usim.store_security_context(context)
    assert EpsSecurityContext.decode(card.files["epsnsc"]) == context
    usim.store_eps_location(GIVEN, LocationArea(HOME, 7))
    usim.forget_eps_location(UpdateStatus.LOCATION_AREA_NOT_ALLOWED)
    assert card.files["epsloci"] == EpsLocationInformation.blank().encode()[:-1] + b"\x02"
    assert EpsSecurityContext.decode(card.files["epsnsc"]) is None
    assert usim.eps_location() == (None, LocationArea(None, 0))


@pytest.mark.parametrize(("digits", "home"), [(2, "20801"), (3, "208010")])
def test_the_home_network_is_as_long_as_the_card_says(usim, card, digits, home):
    card.files["ad"] = bytes((0, 0, 0, digits))
    assert usim.home_network(IMSI("208010000000001")) == home
