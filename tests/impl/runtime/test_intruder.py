"""Who has a card in hand: finds all there is to find, and notices what yields."""

from copy import deepcopy

import pytest

from impl.card.profile import CardProfile, personalize
from impl.card.uicc import Uicc
from impl.runtime.intruder import Intruder
from impl.values import ICCID, IMSI, MSISDN, PLMN, Credentials, OtaKeys, Secret

K, CODE, KIC = b"kEyKeYkEyKeYkEy1", b"aDmInC0d", b"cIpHeRcIpHeRcIp1"
PROFILE = CardProfile(
    iccid=ICCID("8933010000000000017"),
    admin_code=Secret(CODE),
    ota_keys=OtaKeys(1, Secret(KIC), Secret(b"d" * 16)),
    plmn=PLMN("20801"),
    credentials=Credentials(IMSI("208010000000001"), Secret(K), Secret(b"o" * 16)),
    msisdn=MSISDN("33612345678"),
    service_centre=MSISDN("33609001001"),
    application_server=MSISDN("33700"),
    pin=Secret(b"4711"),
)


@pytest.fixture
def card():
    return Uicc(personalize(PROFILE))


@pytest.fixture(scope="module")
def loot():
    """Return all that a card answers to whoever pries."""
    return list(Intruder(Uicc(personalize(PROFILE))).pry())


def test_the_contents_of_files_that_anybody_may_read_are_found(loot):
    iccid = bytes.fromhex("983310000000000010f7")
    assert any(iccid in answer for answer in loot)
    assert sum(answer[-2:] == b"\x90\x00" for answer in loot) > 20


@pytest.mark.parametrize("secret", [K, CODE, KIC, b"4711\xff"])
def test_no_key_and_no_code_is_among_them(loot, secret):
    assert not any(secret in answer for answer in loot)


def test_what_is_not_the_identity_can_be_overwritten_and_the_identity_cannot(card):
    intruder = Intruder(card)
    before, memory = intruder.identity(), card._memory.image
    intruder.overwrite()
    assert intruder.identity() == before
    assert card._memory.image != memory


def test_the_identity_tells_one_card_from_another_even_of_the_same_imsi(card):
    other = Credentials(PROFILE.credentials.imsi, Secret(b"x" * 16), PROFILE.credentials.opc)
    copy = CardProfile(
        **{
            name: getattr(PROFILE, name)
            for name in PROFILE.__dataclass_fields__
            if name != "credentials"
        },
        credentials=other,
    )
    one, forged = Intruder(card).identity(), Intruder(Uicc(personalize(copy))).identity()
    assert one[:2] == forged[:2]
    assert one != forged


def test_the_pin_is_told_from_others(card):
    assert Intruder(deepcopy(card)).takes_pin(Secret(b"4711"))
    assert not Intruder(deepcopy(card)).takes_pin(Secret(b"4712"))
