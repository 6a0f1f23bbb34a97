"""What the K of one subscriber is used for, whatever its algorithm: the same in AuC and card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from impl.crypto.comp128 import GsmAnswer, comp128v1, comp128v2, comp128v3
from impl.crypto.conversions import c2, c3
from impl.crypto.milenage import Milenage
from impl.crypto.tuak import Tuak
from impl.errors import SecurityContextError
from impl.values import Algorithm, Secret

_OF_GSM: Final[Mapping[Algorithm, Callable[[Secret, bytes], GsmAnswer]]] = {
    Algorithm.COMP128_V1: comp128v1,
    Algorithm.COMP128_V2: comp128v2,
    Algorithm.COMP128_V3: comp128v3,
}


def aka_functions(algorithm: Algorithm, k: Secret, opc: Secret) -> Milenage | Tuak:
    """Return the functions f1 to f5* of a subscriber.

    Raises:
        SecurityContextError: the algorithm has none.
        UnencodableError: a key has not the length that the algorithm wants.
    """
    if algorithm in _OF_GSM:
        raise SecurityContextError
    return Tuak(k, opc) if algorithm is Algorithm.TUAK else Milenage(k, opc)


def gsm_answer(algorithm: Algorithm, k: Secret, opc: Secret, rand: bytes) -> GsmAnswer:
    """Return SRES and Kc: by A3 and A8, or by f2 to f4 and c2 and c3 (TS 33.102 clause 6.8.1.2).

    Raises:
        UnencodableError: a key has not the length that the algorithm wants, or RAND is not 16
            octets.
    """
    if algorithm in _OF_GSM:
        return _OF_GSM[algorithm](k, rand)
    answer = aka_functions(algorithm, k, opc).f2_to_f5(rand)
    return GsmAnswer(c2(answer.res), c3(answer.ck, answer.ik))
