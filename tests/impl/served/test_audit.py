"""Deployments that nothing ran in: what holds together, and each thing that may not."""

import pytest
from sqlalchemy import insert, update

from impl.application_server.records import APPLICATION_SERVER, change
from impl.card import image
from impl.network.records import HOME_REGISTER, subscriber
from impl.runtime.sessions import SERVER
from impl.served.audit import audit
from impl.served.set_up import (
    cards_of,
    insert_card,
    issue_cards,
    open_register,
    open_store,
)

CARDS = ("8933010000000000010", "8933010000000000028")


@pytest.fixture
def deployment(deployment):
    list(issue_cards(deployment, "20801", [1, 2]))
    return deployment


def in_register(deployment, plmn, **values):
    """Change the record of the first card."""
    with open_store(deployment, f"hlr-{plmn}", HOME_REGISTER).begin() as connection:
        of_card = subscriber.c.iccid == CARDS[0]
        connection.execute(update(subscriber).where(of_card).values(**values))


def sealed(deployment, imsi):
    """Return K and OPc that no card has, as they stand in the register's database."""
    register = open_register(deployment, deployment.network("20801"))
    return register._pool._vault.seal(bytes(32), imsi)


def test_what_was_issued_holds_together(deployment):
    assert [path.stem for path in cards_of(deployment)] == list(CARDS)
    assert list(audit(deployment)) == []


def test_a_card_that_no_register_knows_is_found(deployment):
    in_register(deployment, "20801", iccid=None)
    assert list(audit(deployment)) == [
        f"card {CARDS[0]}: one home register has to know it, it is none"
    ]


def test_a_card_that_two_registers_know_is_found(deployment):
    with open_store(deployment, "hlr-26202", HOME_REGISTER).begin() as connection:
        of_other = subscriber.c.imsi == "262020000000001"
        taken = update(subscriber).where(of_other).values(iccid=CARDS[0], state="active")
        connection.execute(taken)
    assert list(audit(deployment)) == [
        f"card {CARDS[0]}: one home register has to know it, it is 20801, 26202"
    ]


def test_another_key_and_another_identity_are_found_and_not_told(deployment):
    imsi = open_register(deployment, deployment.network("20801")).record(CARDS[0]).imsi
    in_register(deployment, "20801", secrets=sealed(deployment, imsi))
    assert list(audit(deployment)) == [f"card {CARDS[0]}: HLR 20801 has another key for it"]
    other = "208010000009999"
    in_register(deployment, "20801", imsi=other, secrets=sealed(deployment, other))
    assert f"card {CARDS[0]}: HLR 20801 knows it with another identity" in list(audit(deployment))


def test_one_identity_in_two_cards_is_found(deployment):
    first, second = cards_of(deployment)
    with insert_card(first) as (_, one), insert_card(second) as (_, other):
        one.recover()
        other.recover()
        image.IMSI_FILE.write(other, image.IMSI_FILE.read(one))
    assert f"card {CARDS[1]} and card {CARDS[0]} have one identity" in list(audit(deployment))


def begun(deployment, *changes):
    """Note changes of the first card, each of its state, where from and where to."""
    rows = [
        {
            "number": number,
            "transaction_id": f"{number:08x}",
            "card_key": number,
            "iccid": CARDS[0],
            "source_plmn": source,
            "target_plmn": target,
            "state": state,
            "opened": 0.0,
            "attempts": 1,
            "orders": 0,
        }
        for number, (state, source, target) in enumerate(changes, start=1)
    ]
    with open_store(deployment, SERVER, APPLICATION_SERVER).begin() as connection:
        connection.execute(insert(change), rows)


def test_changes_that_lead_to_where_the_card_is_hold_together(deployment):
    there, back = ("done", "20801", "26202"), ("done", "26202", "20801")
    begun(deployment, there, ("abandoned", "26202", "20801"), back)
    assert list(audit(deployment)) == []


def test_a_change_without_end_is_found(deployment):
    begun(deployment, ("sent", "20801", "26202"))
    assert list(audit(deployment)) == [f"card {CARDS[0]}: change 00000001 has no end, it is sent"]


def test_a_change_that_led_elsewhere_is_found(deployment):
    begun(deployment, ("done", "20801", "26202"))
    assert list(audit(deployment)) == [
        f"card {CARDS[0]}: its last change led to 26202, it is of 20801"
    ]


def test_a_change_that_was_done_twice_is_found(deployment):
    there, back = ("done", "20801", "26202"), ("done", "26202", "20801")
    begun(deployment, there, there, back)
    assert list(audit(deployment)) == [
        f"card {CARDS[0]}: change 00000002 does not begin where it was"
    ]
