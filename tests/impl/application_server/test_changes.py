"""Rows of changes: what is put, found and written, and that the database itself keeps the order."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from impl.application_server import changes
from impl.application_server.admin_codes import AdminCodes, FileFormat
from impl.application_server.change import State
from impl.application_server.changes import TOLD, ChangeRow, Wanted
from impl.application_server.records import APPLICATION_SERVER, card_key, change
from impl.crypto.vault import Vault
from impl.runtime.store import SqlStore
from impl.values import ICCID, MSISDN, PLMN, Secret, TransactionId

ONE, TWO = ICCID("8933010000000000017"), ICCID("8933010000000000025")
TN1, TN2 = PLMN("20801"), PLMN("26202")
NUMBER = MSISDN("33612345678")


@pytest.fixture
def connection(database):
    store = SqlStore(APPLICATION_SERVER, database)
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


def import_cards(connection):
    codes = AdminCodes(Vault(Secret(bytes(32)), bytes))
    lines = [f"{iccid},{'00' * 8},{'00' * 16},{'00' * 16}" for iccid in (ONE, TWO)]
    text = "\n".join(["iccid,admin_code,kic,kid", *lines])
    codes.import_file(connection, text, FileFormat.CSV)
    return codes


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
    codes = import_cards(connection)
    codes.settle(connection, ONE, TN1, NUMBER)
    put(connection, 1)
    put(connection, 2, TWO)
    assert changes.newest_of_number(connection, TN1, NUMBER).iccid == ONE
    assert changes.newest_of_number(connection, TN2, NUMBER) is None
    codes.settle(connection, ONE, TN2, MSISDN("49612345678"))
    assert changes.newest_of_number(connection, TN1, NUMBER) is None


def test_who_reads_a_change_to_move_it_on_waits_for_who_does_so(lasting):
    one, other = SqlStore(APPLICATION_SERVER, lasting), SqlStore(APPLICATION_SERVER, lasting)
    name = TransactionId("00000001")
    with one.begin() as connection:
        import_cards(connection)
        put(connection, 1)

    def count(store, meanwhile):
        with store.begin() as connection:
            row = changes.find(connection, name)
            meanwhile()
            changes.write(connection, row, attempts=row.attempts + 1)

    with ThreadPoolExecutor(1) as thread:
        waiting = []
        has_read = Event()

        def give_the_other_its_chance():
            waiting.append(thread.submit(count, other, has_read.set))
            assert not has_read.wait(0.3)

        count(one, give_the_other_its_chance)
        waiting[0].result()
    with one.begin() as connection:
        assert changes.find(connection, name).attempts == 2
    one.close()
    other.close()


def test_of_many_that_open_a_change_of_one_card_at_the_same_time_one_does(lasting):
    stores = [SqlStore(APPLICATION_SERVER, lasting) for _ in range(4)]
    with stores[0].begin() as connection:
        import_cards(connection)

    def open_one(number):
        with stores[number].begin() as connection:
            return put(connection, number + 1)

    with ThreadPoolExecutor(len(stores)) as threads:
        assert sorted(threads.map(open_one, range(len(stores)))) == [False, False, False, True]
    for store in stores:
        store.close()


def test_an_open_change_is_found_by_the_number_that_its_card_is_to_have(connection):
    import_cards(connection)
    put(connection, 1, joined_msisdn=NUMBER)
    put(connection, 2, TWO)
    target = PLMN(changes.newest(connection, ONE).target_plmn)
    assert changes.joined_as(connection, target, NUMBER).transaction_id == "00000001"
    assert changes.joined_as(connection, PLMN("310410"), NUMBER) is None
    assert changes.joined_as(connection, target, MSISDN("49612345678")) is None
    end(connection)
    assert changes.joined_as(connection, target, NUMBER) is None


def shown(connection, plmn, **wanted):
    rows, _ = changes.shown_to(connection, plmn, Wanted(**wanted))
    return [row.transaction_id[-1] for row in rows]


@pytest.mark.parametrize("state", State)
def test_the_left_operator_is_shown_a_change_once_it_was_told_of_it(connection, state):
    put(connection, 1, state=state, open=None)
    assert shown(connection, TN2) == ["1"]
    assert shown(connection, TN1) == (["1"] if state in TOLD else [])
    assert shown(connection, PLMN("310410")) == []


def test_what_is_shown_is_of_the_card_and_in_the_states_that_are_wanted(connection):
    put(connection, 1, ONE, state=State.DONE, open=None)
    put(connection, 2, TWO, state=State.DONE, open=None)
    put(connection, 3, ONE, state=State.SENT)
    assert shown(connection, TN2) == ["3", "2", "1"]
    assert shown(connection, TN2, iccid=ONE) == ["3", "1"]
    assert shown(connection, TN2, iccid=ONE, states=(State.DONE,)) == ["1"]
    assert shown(connection, TN2, states=(State.ABANDONED,)) == []


def test_page_follows_page_until_all_were_shown(connection):
    for name in range(1, 6):
        put(connection, name, state=State.DONE, open=None)
    seen, before = [], None
    for count in (2, 2, 1):
        rows, before = changes.shown_to(connection, TN2, Wanted(limit=2, before=before))
        assert len(rows) == count
        seen += [row.transaction_id[-1] for row in rows]
    assert (seen, before) == (["5", "4", "3", "2", "1"], None)


def test_a_page_that_is_full_and_the_last_says_so(connection):
    put(connection, 1)
    assert changes.shown_to(connection, TN2, Wanted(limit=1))[1] is None
