"""AUTHENTICATE and RUN GSM ALGORITHM: public vectors, freshness, access."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from impl.card import image
from impl.card.pairs import Pairs
from impl.codec.apdu import CommandApdu, Ins
from impl.crypto.aka import SequenceArray
from impl.crypto.algorithms import gsm_answer
from impl.crypto.conversions import c2, c3
from impl.crypto.milenage import Milenage
from impl.crypto.tuak import Tuak
from impl.errors import PowerLostError
from impl.values import IMSI, NO_OPC, Algorithm, Credentials, Secret

VECTORS = Path(__file__).parents[2] / "vectors" / "apdu.yaml"
AUTHENTICATIONS = [
    vector
    for vector in yaml.load(VECTORS.read_bytes(), yaml.CSafeLoader)["vectors"]
    if "k" in vector
]
SYNCHRONISATIONS = [each for each in AUTHENTICATIONS if "sync_failure_response" in each]
RAND = bytes(range(16))


def card_of(new_terminal: Any, vector: dict[str, str], sqn_ms: int) -> Any:
    """Return a card with the vector's K and OPc that has accepted `sqn_ms`, and nothing later."""
    k, opc = (Secret(bytes.fromhex(vector[name])) for name in ("k", "opc"))
    terminal = new_terminal(credentials=Credentials(IMSI("208011598198525"), k, opc))
    array = SequenceArray().having_accepted(sqn_ms)
    image.PAIRS[0].sqn.write(terminal.memory, array.encode())
    return terminal


def network_sqn(vector: dict[str, str]) -> int:
    return int(vector.get("sqn_network") or vector["sqn"], 16)


@pytest.mark.parametrize("vector", AUTHENTICATIONS, ids=lambda vector: vector["id"])
def test_a_fresh_challenge_of_the_vectors_is_answered(
    new_terminal: Any, vector: dict[str, str]
) -> None:
    before = network_sqn(vector) - 32
    terminal = card_of(new_terminal, vector, max(before, 0))
    assert terminal.ok(vector["command"]).hex() == vector["response"]


@pytest.mark.parametrize("vector", SYNCHRONISATIONS, ids=lambda vector: vector["id"])
def test_a_used_sqn_of_the_vectors_is_answered_with_auts(
    new_terminal: Any, vector: dict[str, str]
) -> None:
    terminal = card_of(new_terminal, vector, network_sqn(vector))
    assert terminal.ok(vector["command"]).hex() == vector["sync_failure_response"]


@pytest.mark.parametrize("vector", AUTHENTICATIONS, ids=lambda vector: vector["id"])
def test_the_vectors_do_not_authenticate_another_key(
    new_terminal: Any, vector: dict[str, str]
) -> None:
    terminal = card_of(new_terminal, {**vector, "k": "00" * 16}, 0)
    assert terminal.send(vector["command"]).sw == 0x9862


def test_one_challenge_is_answered_once(terminal: Any, first: Credentials) -> None:
    assert terminal.authenticate(first, sqn=32).data[:1] == b"\xdb"
    assert terminal.authenticate(first, sqn=32).data[:1] == b"\xdc"
    assert terminal.authenticate(first, sqn=64).data[:1] == b"\xdb"


def test_what_was_accepted_outlives_the_power(terminal: Any, first: Credentials) -> None:
    terminal.authenticate(first, sqn=32)
    terminal.restart()
    assert terminal.authenticate(first, sqn=32).data[:1] == b"\xdc"


def test_the_answer_waits_for_get_response_unless_its_length_is_said(
    terminal: Any, first: Credentials
) -> None:
    quintet = Milenage(first.k, first.opc).quintet(RAND, 32, b"\0\0")
    data = b"\x10" + RAND + b"\x10" + quintet.autn
    short = terminal.send(CommandApdu(0, Ins.AUTHENTICATE, 0, 0x81, data))
    assert short.sw == 0x6135
    assert terminal.send("00c0000035").data[2:10] == quintet.xres


def test_a_wrong_mac_changes_nothing(
    terminal: Any, first: Credentials, second: Credentials
) -> None:
    before = terminal.memory.image
    assert terminal.authenticate(second).sw == 0x9862
    assert terminal.memory.image == before
    assert terminal.authenticate(first).data[:1] == b"\xdb"


def test_the_gsm_context_answers_with_what_the_umts_keys_make(
    terminal: Any, first: Credentials
) -> None:
    answer = Milenage(first.k, first.opc).f2_to_f5(RAND)
    sres, kc = c2(answer.res), c3(answer.ck, answer.ik)
    command = f"0088008011 10{RAND.hex()}00"
    assert terminal.ok(command) == b"\x04" + sres + b"\x08" + kc
    terminal.ok("a0a40000027f20")
    assert terminal.ok(f"a088000010{RAND.hex()}") == sres + kc
    assert Pairs(terminal.memory).has_answered


@pytest.mark.parametrize("algorithm", Algorithm)
def test_the_gsm_context_answers_by_the_algorithm_of_the_pair(
    new_terminal: Any, algorithm: Algorithm
) -> None:
    k, opc = Secret(b"k" * 16), Secret(bytes(range(algorithm.opc_octets)))
    terminal = new_terminal(credentials=Credentials(IMSI("208011598198525"), k, opc, algorithm))
    sres, kc = gsm_answer(algorithm, k, opc, RAND)
    assert terminal.ok(f"0088008011 10{RAND.hex()}00") == b"\x04" + sres + b"\x08" + kc


def test_a_card_of_tuak_is_authenticated_by_tuak(new_terminal: Any) -> None:
    k, topc = Secret(b"k" * 16), Secret(bytes(range(32)))
    credentials = Credentials(IMSI("208011598198525"), k, topc, Algorithm.TUAK)
    terminal = new_terminal(credentials=credentials)
    quintet = Tuak(k, topc).quintet(RAND, 32, b"\0\0")
    challenge = f"0088008122 10{RAND.hex()} 10{quintet.autn.hex()} 00"
    assert terminal.ok(challenge)[2:10] == quintet.xres
    assert terminal.ok(challenge)[:1] == b"\xdc"  # its SQN is used


@pytest.mark.parametrize(
    "algorithm", [each for each in Algorithm if each.opc_octets == 0], ids=lambda each: each.name
)
def test_a_card_of_gsm_knows_no_umts_context(new_terminal: Any, algorithm: Algorithm) -> None:
    credentials = Credentials(IMSI("208011598198525"), Secret(b"k" * 16), NO_OPC, algorithm)
    terminal = new_terminal(credentials=credentials)
    challenge = f"0088008122 10{RAND.hex()} 10{bytes(16).hex()} 00"
    assert terminal.send(challenge).sw == 0x9864
    assert not Pairs(terminal.memory).has_answered


def test_a_pair_has_not_answered_before_it_was_asked(terminal: Any, second: Credentials) -> None:
    terminal.authenticate(second)
    assert not Pairs(terminal.memory).has_answered


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("0088008122" + "10" + "aa" * 16 + "0f" + "bb" * 16, 0x6700),
        ("0088008121" + "10" + "aa" * 16 + "10" + "bb" * 15, 0x6700),
        ("0088008011" + "0f" + "aa" * 16, 0x6700),
        ("00880081", 0x6700),
        ("0088018111" + "10" + "aa" * 16, 0x6A86),
        ("0088008411" + "10" + "aa" * 16, 0x6A86),
        ("a088000110" + "aa" * 16, 0x6B00),
        ("a08800000f" + "aa" * 15, 0x6700),
    ],
)
def test_ill_formed_challenges_are_refused(terminal: Any, command: str, status: int) -> None:
    terminal.ok("a0a40000027f20")
    assert terminal.send(command).sw == status


def test_no_challenge_is_answered_without_the_pin(new_terminal: Any, first: Credentials) -> None:
    terminal = new_terminal(asks_for_pin=True)
    assert terminal.authenticate(first).sw == 0x6982
    terminal.ok("a0a40000027f20")
    assert terminal.send(f"a088000010{RAND.hex()}").sw == 0x9804


def test_no_challenge_is_answered_before_the_application_is_selected(
    terminal: Any, first: Credentials
) -> None:
    terminal.card.power_on()
    assert terminal.authenticate(first).sw == 0x6985


def test_the_gsm_algorithm_runs_where_the_gsm_files_are(terminal: Any) -> None:
    terminal.ok("a0a40000023f00")
    assert terminal.send(f"a088000010{RAND.hex()}").sw == 0x9408


def test_an_answer_that_could_not_be_kept_is_not_given(terminal: Any, first: Credentials) -> None:
    terminal.memory.fuse = 10
    with pytest.raises(PowerLostError):
        terminal.authenticate(first, sqn=32)
    terminal.memory.fuse = None
    terminal.restart()
    assert terminal.authenticate(first, sqn=32).data[:1] == b"\xdb"
