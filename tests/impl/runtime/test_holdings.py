"""Holdings: what a change makes of files and records, told without a key."""

import pytest

from impl.card import image
from impl.runtime.deployment import NETWORKS
from impl.runtime.holdings import NUMBERS, SECRET_FILES, Holdings
from impl.runtime.world import World

HOME, TARGET = NETWORKS[:2]


@pytest.fixture
def world():
    made = World(5)
    for plan in (HOME, TARGET):
        made.agree(plan.plmn)
    made.subscribe(HOME.plmn)
    made.settle()
    yield made
    made.close()


def change(world):
    world.choose(world.handsets[0], TARGET.name)
    world.settle()


def of_card(world, what):
    return f"card {world.handsets[0].profile.iccid}: {what}"


def subscriber(world, plan):
    return f"HLR {plan.plmn}: subscriber with card {world.handsets[0].profile.iccid}"


def test_a_change_takes_the_identity_from_one_register_and_gives_one_of_the_other(world):
    holdings = Holdings()
    before = holdings.read(world)
    change(world)
    after = holdings.read(world)
    assert before[of_card(world, "EF.IMSI (6F07)")] == f"IMSI {HOME.first_imsi}"
    assert after[of_card(world, "EF.IMSI (6F07)")] == f"IMSI {TARGET.first_imsi}"
    assert f"active, IMSI {HOME.first_imsi}" in before[subscriber(world, HOME)]
    assert subscriber(world, HOME) not in after
    assert subscriber(world, TARGET) not in before
    assert f"active, IMSI {TARGET.first_imsi}" in after[subscriber(world, TARGET)]
    (said,) = (text for place, text in after.items() if place.startswith("application server"))
    assert said == f"from {HOME.plmn} to {TARGET.plmn}: done"


def test_that_a_key_is_another_is_told_and_which_it_is_is_not(world):
    holdings = Holdings()
    key_file = of_card(world, "EF.USIM_AUTH_KEY (AF20)")
    before, again = holdings.read(world), holdings.read(world)
    first = world.handsets[0].profile.credentials
    change(world)
    after = holdings.read(world)
    assert before[key_file] == again[key_file] != after[key_file]
    assert after[key_file].startswith("(withheld, no. ")
    texts = " ".join((*before.values(), *after.values())).lower()
    key = image.KEY_FILE.read(world.handsets[0].memory)
    for secret in (first.k.reveal(), first.opc.reveal(), key[1:17]):
        assert secret.hex() not in texts


def test_looking_changes_nothing(world):
    memory, entries = world.handsets[0].memory.image, len(world.journal.entries)
    Holdings().read(world)
    assert world.handsets[0].memory.image == memory
    assert len(world.journal.entries) == entries


def test_the_pair_that_a_card_keeps_sealed_is_told_while_it_keeps_it(world):
    holdings, sealed = Holdings(), of_card(world, "sealed pair")
    key = holdings.read(world)[of_card(world, "EF.USIM_AUTH_KEY (AF20)")]
    seen = []
    world.handsets[0].slot.power_on = lambda on=world.handsets[0].slot.power_on: (
        seen.append(holdings.read(world).get(sealed)),
        on(),
    )[1]
    change(world)
    assert f"IMSI {HOME.first_imsi}, K {key}" in seen
    assert sealed not in holdings.read(world)


def test_every_file_with_a_key_is_known_by_its_name():
    assert {file.row.name for file in image.OWN_FILES} >= SECRET_FILES


def test_counters_are_told_as_numbers(world):
    change(world)
    found = Holdings().read(world)
    assert found[of_card(world, "counter of the last command")] == "1"
    assert {of_card(world, what) for what in NUMBERS} <= set(found)
