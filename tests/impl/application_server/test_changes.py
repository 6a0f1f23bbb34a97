"""Rows of changes: what is put, found and written, and that the database itself keeps the order."""

import pytest

from impl.application_server import changes
from impl.application_server.admin_codes import AdminCodes, FileFormat
from impl.application_server.change import State
from impl.application_server.changes import ChangeRow
from impl.application_server.records import APPLICATION_SERVER, card_key, change
from impl.application_server.vault import Vault
from impl.runtime.store import SqlStore
from impl.values import ICCID, MSISDN, PLMN, Secret, TransactionId

ONE, TWO = ICCID("8933010000000000017"), ICCID("8933010000000000025")
TN1, TN2 = PLMN("20801"), PLMN("26202")
NUMBER = MSISDN("33612345678")


@pytest.fixture
def connection():
    store = SqlStore(APPLICATION_SERVER)
    with store.begin() as opened:
        yield opened
    store.close()


def put(connection, name, iccid=ONE, **columns):
    row = {
        "transaction_id": TransactionId(f"{name:08x}"),
        "card_key": card_key(iccid),
        "iccid": iccid,
        "source_plmn": TN1,
        "target_plmn": TN2,
        "state": State.REQUESTED,
        "open": 1,
        "opened": 7.0,
        "attempts": 0,
        "orders": 0,
    }
    return changes.put(connection, **row | columns)


def end(connection, iccid=ONE, state=State.ABANDONED):
    changes.write(connection, changes.newest(connection, iccid), state=state, open=None)


def test_a_row_has_the_columns_of_the_table_in_their_order():
    assert ChangeRow._fields == tuple(column.name for column in change.columns)


def test_what_is_put_is_found_by_its_name_and_as_the_newest_of_its_card(connection):
    assert put(connection, 1)
    found = changes.find(connection, TransactionId("00000001"))
    assert (found.iccid, found.state, found.opened) == (ONE, State.REQUESTED, 7.0)
    assert changes.newest(connection, ONE) == found
    assert changes.find(connection, TransactionId("00000002")) is None
    assert changes.newest(connection, TWO) is None


def test_a_second_open_change_of_a_card_is_not_put(connection):
    put(connection, 1)
    assert changes.is_under_way(connection, ONE)
    assert not put(connection, 2)
    assert [row.transaction_id for row in changes.every(connection)] == ["00000001"]


def test_after_its_end_another_is_put_and_is_the_newest_though_clocks_go_back(connection):
    put(connection, 9)
    end(connection)
    assert not changes.is_under_way(connection, ONE)
    assert put(connection, 2, opened=3.0)
    assert changes.newest(connection, ONE).transaction_id == "00000002"


def test_a_name_that_was_used_is_not_used_again_not_even_for_another_card(connection):
    put(connection, 1)
    end(connection)
    assert not put(connection, 1, TWO)
    assert not changes.is_under_way(connection, TWO)


def test_what_is_written_changes_that_row_only(connection):
    put(connection, 1)
    put(connection, 2, TWO)
    row = changes.newest(connection, ONE)
    changes.write(connection, row, state=State.SENT, attempts=2, due=4.0)
    assert changes.newest(connection, ONE) == row._replace(state="sent", attempts=2, due=4.0)
    assert changes.newest(connection, TWO).state == State.REQUESTED


def test_changes_with_a_timer_are_listed_in_the_order_of_their_opening(connection):
    for name, due in ((3, 5.0), (1, None), (2, 1.0)):
        put(connection, name, due=due)
        end(connection)
    assert [row.transaction_id for row in changes.due(connection)] == ["00000003", "00000002"]


def test_of_a_change_the_later_ones_of_its_card_are_known(connection):
    for name, state in ((1, State.ABANDONED), (2, State.DONE), (3, State.ABANDONED)):
        put(connection, name)
        end(connection, state=state)
    put(connection, 4, TWO)
    first, second, third = changes.every(connection, ONE)
    assert changes.later_states(connection, first) == {State.DONE, State.ABANDONED}
    assert changes.later_states(connection, second) == {State.ABANDONED}
    assert changes.later_states(connection, third) == set()


def test_a_change_is_found_by_the_number_that_its_card_has_now(connection):
    codes = AdminCodes(Vault(Secret(bytes(32)), bytes))
    lines = [f"{iccid},{'00' * 8},{'00' * 16},{'00' * 16}" for iccid in (ONE, TWO)]
    text = "\n".join(["iccid,admin_code,kic,kid", *lines])
    codes.import_file(connection, text, FileFormat.CSV)
    codes.settle(connection, ONE, TN1, NUMBER)
    put(connection, 1)
    put(connection, 2, TWO)
    assert changes.newest_of_number(connection, TN1, NUMBER).iccid == ONE
    assert changes.newest_of_number(connection, TN2, NUMBER) is None
    codes.settle(connection, ONE, TN2, MSISDN("49612345678"))
    assert changes.newest_of_number(connection, TN1, NUMBER) is None
