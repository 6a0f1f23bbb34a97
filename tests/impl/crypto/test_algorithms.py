"""Tests of the choice of the algorithm."""

from __future__ import annotations

import pytest

from impl.crypto.algorithms import aka_functions, gsm_answer
from impl.crypto.comp128 import comp128v1, comp128v2, comp128v3
from impl.crypto.conversions import c2, c3
from impl.crypto.milenage import Milenage
from impl.crypto.tuak import Tuak
from impl.errors import SecurityContextError, UnencodableError
from impl.values import NO_OPC, Algorithm, Secret

K = Secret(bytes(range(16)))
RAND = bytes(range(16, 32))
OF_GSM = {
    Algorithm.COMP128_V1: comp128v1,
    Algorithm.COMP128_V2: comp128v2,
    Algorithm.COMP128_V3: comp128v3,
}
OF_AKA = {Algorithm.MILENAGE: Milenage, Algorithm.TUAK: Tuak}


def opc_of(algorithm: Algorithm) -> Secret:
    return Secret(bytes(algorithm.opc_octets))


def test_every_algorithm_has_its_functions() -> None:
    assert OF_GSM.keys() | OF_AKA.keys() == set(Algorithm)


@pytest.mark.parametrize("algorithm", OF_AKA)
def test_an_algorithm_of_aka_has_functions_and_answers_gsm_by_them(algorithm: Algorithm) -> None:
    functions = aka_functions(algorithm, K, opc_of(algorithm))
    assert type(functions) is OF_AKA[algorithm]
    answer = functions.f2_to_f5(RAND)
    expected = c2(answer.res), c3(answer.ck, answer.ik)
    assert gsm_answer(algorithm, K, opc_of(algorithm), RAND) == expected


@pytest.mark.parametrize("algorithm", OF_GSM)
def test_an_algorithm_of_gsm_answers_gsm_and_nothing_else(algorithm: Algorithm) -> None:
    assert gsm_answer(algorithm, K, NO_OPC, RAND) == OF_GSM[algorithm](K, RAND)
    with pytest.raises(SecurityContextError):
        aka_functions(algorithm, K, NO_OPC)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_challenge_or_a_key_of_another_length_is_refused(algorithm: Algorithm) -> None:
    with pytest.raises(UnencodableError):
        gsm_answer(algorithm, K, opc_of(algorithm), RAND[1:])
    with pytest.raises(UnencodableError):
        gsm_answer(algorithm, Secret(bytes(15)), opc_of(algorithm), RAND)
