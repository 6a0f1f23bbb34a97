"""The two places for a pair: bring, change, erase, give up."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card import image
from impl.card.memory import Memory
from impl.card.pairs import Pairs
from impl.card.subscription import Subscription
from impl.codec.digits import encode_imsi
from impl.crypto.aka import SequenceArray
from impl.crypto.algorithms import gsm_answer
from impl.errors import MalformedError, PowerLostError
from impl.values import IMSI, PLMN, Algorithm, Credentials, Secret, TransactionId

T1, T2, T3 = (TransactionId(f"0000000{digit}") for digit in "123")


def subscription(digit: str) -> Subscription:
    key = Secret(digit.encode() * 16)
    credentials = Credentials(IMSI("20802" + digit * 10), key, key)
    return Subscription(PLMN("20802"), credentials, {image.ACC_FILE: b"\0" + digit.encode()})


@pytest.fixture
def memory(terminal: Any) -> Any:
    return terminal.memory


def imsi(memory: Any) -> bytes:
    content: bytes = image.IMSI_FILE.read(memory)
    return content


def test_a_new_card_has_one_pair(memory: Any) -> None:
    pairs = Pairs(memory)
    assert not pairs.are_two
    assert pairs.is_settled
    assert pairs.find(T1) is None
    assert pairs.plmn == bytes.fromhex("02f810")


def test_a_new_pair_becomes_active_and_seals_the_old_one(memory: Any) -> None:
    pairs = Pairs(memory)
    pairs.bring(subscription("3"), T1, keep_old=True)
    assert pairs.are_two
    assert not pairs.is_settled
    assert pairs.find(T1) == pairs.active == pairs.newest
    assert imsi(memory) == encode_imsi(IMSI("208023333333333"))
    assert image.ACC_FILE.read(memory) == b"\x003"


def test_without_keeping_the_old_pair_is_gone(memory: Any) -> None:
    old = imsi(memory)
    pairs = Pairs(memory)
    pairs.bring(subscription("3"), T1, keep_old=False)
    assert not pairs.are_two
    assert old not in memory.image
    assert b"K1" * 8 not in memory.image


def test_change_goes_there_and_back_with_all_files_of_the_pair(memory: Any) -> None:
    before = {file: file.read(memory) for file in image.PAIRED_FILES.values()}
    pairs = Pairs(memory)
    pairs.bring(subscription("3"), T1, keep_old=True)
    pairs.change()
    assert {file: file.read(memory) for file in image.PAIRED_FILES.values()} == before
    assert pairs.newest != pairs.active
    pairs.change()
    assert imsi(memory) == encode_imsi(IMSI("208023333333333"))


def test_change_forgets_where_the_other_identity_was(memory: Any) -> None:
    pairs = Pairs(memory)
    pairs.bring(subscription("3"), T1, keep_old=True)
    for file in image.LOCATION_FILES:
        file.write(memory, b"\x55" * len(file.row.erased))
    pairs.change()
    assert all(file.read(memory) == file.row.erased for file in image.LOCATION_FILES)


def test_each_pair_has_its_own_sequence_numbers(memory: Any) -> None:
    pairs = Pairs(memory)
    pairs.answer(SequenceArray().having_accepted(32))
    pairs.bring(subscription("3"), T1, keep_old=True)
    assert pairs.sequence == SequenceArray()
    assert not pairs.has_answered
    pairs.change()
    assert pairs.sequence.sqn_ms == 32
    assert pairs.has_answered


def test_an_erased_pair_leaves_nothing(memory: Any) -> None:
    pairs = Pairs(memory)
    pairs.bring(subscription("3"), T1, keep_old=True)
    pairs.erase(1 - pairs.active)
    assert not pairs.are_two
    assert b"K1" * 8 not in memory.image
    assert b"O1" * 8 not in memory.image
    assert imsi(memory) == encode_imsi(IMSI("208023333333333"))


def test_a_later_order_replaces_the_pair_that_the_terminal_does_not_use(memory: Any) -> None:
    pairs = Pairs(memory)
    pairs.bring(subscription("3"), T1, keep_old=True)  # no reset yet: still attached with the first
    pairs.bring(subscription("4"), T2, keep_old=True)
    assert pairs.find(T1) is None
    assert pairs.find(T2) == pairs.active
    pairs.change()
    assert imsi(memory) == encode_imsi(IMSI("208011598198525"))


def test_a_later_order_keeps_the_pair_that_brought_it(memory: Any) -> None:
    Pairs(memory).bring(subscription("3"), T1, keep_old=True)
    attached_with_the_new_one = Pairs(memory)
    attached_with_the_new_one.bring(subscription("4"), T2, keep_old=True)
    assert attached_with_the_new_one.find(T1) == 1 - attached_with_the_new_one.active
    attached_with_the_new_one.change()
    assert imsi(memory) == encode_imsi(IMSI("208023333333333"))


def test_after_a_change_back_a_later_order_replaces_the_newer_pair(memory: Any) -> None:
    pairs = Pairs(memory)
    pairs.bring(subscription("3"), T1, keep_old=True)
    pairs.change()
    settled = Pairs(memory)
    settled.bring(subscription("4"), T2, keep_old=True)
    assert settled.find(T1) is None
    settled.change()
    assert imsi(memory) == encode_imsi(IMSI("208011598198525"))


def test_the_literal_variant_after_two_orders_without_reset(memory: Any) -> None:
    pairs = Pairs(memory)
    pairs.bring(subscription("3"), T1, keep_old=False)
    pairs.bring(subscription("4"), T2, keep_old=False)
    assert not pairs.are_two
    assert imsi(memory) == encode_imsi(IMSI("208024444444444"))


def test_what_was_given_up_is_remembered_and_erased(memory: Any) -> None:
    pairs = Pairs(memory)
    pairs.bring(subscription("3"), T1, keep_old=True)
    pairs.change()
    pairs.give_up(T1)
    assert pairs.gave_up(T1)
    assert not pairs.gave_up(T3)
    assert pairs.find(T1) is None
    assert not pairs.are_two


def write_over(memory: Any, digit: str) -> None:
    key = digit.encode() * 16
    image.IMSI_FILE.write(memory, encode_imsi(IMSI("20802" + digit * 10)))
    image.KEY_FILE.write(memory, b"\x14" + key + key)


def test_what_was_written_over_the_pair_in_service_becomes_one_of_its_own(memory: Any) -> None:
    pairs = Pairs(memory)
    before, old = pairs.content, imsi(memory)
    write_over(memory, "3")
    assert pairs.take_over(before, keep_old=True)
    assert imsi(memory) == encode_imsi(IMSI("208023333333333"))
    assert pairs.plmn == bytes.fromhex("02f820")
    assert pairs.are_two
    assert pairs.active == pairs.newest
    assert not pairs.is_settled
    assert not pairs.has_answered
    assert pairs.find(T1) is None
    pairs.change()
    assert imsi(memory) == old
    assert pairs.content == before


def test_what_was_written_over_a_pair_not_yet_in_service_stays_in_its_place(memory: Any) -> None:
    pairs = Pairs(memory)
    old = imsi(memory)
    pairs.bring(subscription("3"), T1, keep_old=True)
    before = pairs.content
    write_over(memory, "4")
    assert pairs.take_over(before, keep_old=True)
    assert pairs.find(T1) is None
    pairs.change()
    assert imsi(memory) == old


def test_where_neither_identity_nor_keys_are_others_there_is_no_new_pair(memory: Any) -> None:
    pairs = Pairs(memory)
    before = pairs.content
    image.ACC_FILE.write(memory, b"\0\x7f")
    assert not pairs.take_over(before, keep_old=True)
    assert not pairs.are_two
    assert image.ACC_FILE.read(memory) == b"\0\x7f"


@pytest.mark.parametrize(
    ("file", "octets"),
    [(image.IMSI_FILE, b"\xff" * 9), (image.KEY_FILE, b"\x16" * 33), (image.KEY_FILE, bytes(33))],
)
def test_what_is_no_pair_is_not_taken_over(memory: Any, file: Any, octets: bytes) -> None:
    pairs = Pairs(memory)
    before = pairs.content
    file.write(memory, octets)
    written = memory.image
    with pytest.raises(MalformedError):
        pairs.take_over(before, keep_old=True)
    assert memory.image == written


def test_every_cut_of_a_change_back_leaves_one_of_the_two(memory: Any) -> None:
    Pairs(memory).bring(subscription("3"), T1, keep_old=True)
    start = memory.image
    after = []
    lost = True
    while lost:
        memory = Memory(start)
        memory.recover()
        memory.fuse = len(after)
        try:
            Pairs(memory).change()
            lost = False
        except PowerLostError:
            memory.fuse = None
            memory.recover()
        after.append(imsi(memory))
    new, old = encode_imsi(IMSI("208023333333333")), encode_imsi(IMSI("208011598198525"))
    commit = after.index(old)
    assert after == [new] * commit + [old] * (len(after) - commit)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_pair_says_what_its_key_is_for(memory: Any, algorithm: Algorithm) -> None:
    opc = Secret(b"o" * algorithm.opc_octets)
    credentials = Credentials(IMSI("208023333333333"), Secret(b"k" * 16), opc, algorithm)
    pairs = Pairs(memory)
    pairs.bring(Subscription(PLMN("20802"), credentials, {}), T1, keep_old=True)
    assert pairs.gsm_answer(bytes(16)) == gsm_answer(algorithm, credentials.k, opc, bytes(16))
    key = image.KEY_FILE.read(memory)
    assert key.rstrip(b"\xff") == bytes((algorithm,)) + b"k" * 16 + opc.reveal()


def test_what_is_shorter_leaves_nothing_of_what_was_longer(memory: Any) -> None:
    imsi, key = IMSI("208023333333333"), Secret(b"k" * 16)
    longer = Credentials(imsi, key, Secret(b"o" * 32), Algorithm.TUAK)
    pairs = Pairs(memory)
    pairs.bring(Subscription(PLMN("20802"), longer, {}), T1, keep_old=True)
    pairs.bring(subscription("3"), T2, keep_old=True)
    assert b"oo" not in memory.image
