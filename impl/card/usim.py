"""Authentication in the card: AUTHENTICATE of TS 31.102 clause 7.1, RUN GSM ALGORITHM of TS 51.011.

What the card has to remember of an authentication is written before the answer leaves it.
"""

from __future__ import annotations

from impl.card.files import Access
from impl.card.pairs import Pairs
from impl.card.pins import Pins
from impl.card.status import StatusError
from impl.codec.apdu import SW, CommandApdu
from impl.codec.authenticate import (
    AuthenticationContext,
    AuthenticationSuccess,
    GsmAlgorithmResult,
    GsmAuthentication,
    GsmChallenge,
    SynchronisationFailure,
    UmtsChallenge,
    encode_outcome,
)
from impl.crypto.aka import authenticate
from impl.crypto.conversions import c3
from impl.errors import (
    MacFailureError,
    MalformedError,
    SecurityContextError,
    SynchronizationFailureError,
)
from impl.values import Secret

_CHALLENGE_SIZE = 16


class Usim:
    """The network access application, with the pair that is active."""

    __slots__ = ("_pairs", "_pins", "saw_false_network")

    def __init__(self, pairs: Pairs, pins: Pins) -> None:
        self._pairs = pairs
        self._pins = pins
        self.saw_false_network = False
        """Whether the last challenge came from a network that does not know K."""

    def authenticate(self, command: CommandApdu) -> bytes:
        """AUTHENTICATE in UMTS or GSM security context."""
        self._check_access()
        try:
            context = AuthenticationContext(command.p2)
        except ValueError:
            raise StatusError(SW.INCORRECT_P1_P2) from None
        if command.p1:
            raise StatusError(SW.INCORRECT_P1_P2)
        try:
            if context is AuthenticationContext.UMTS:
                return self._answer_umts(UmtsChallenge.decode(command.data))
            return GsmAuthentication(*self._answer_gsm(GsmChallenge.decode(command.data))).encode()
        except MalformedError:
            raise StatusError(SW.WRONG_LENGTH) from None

    def run_gsm_algorithm(self, command: CommandApdu) -> bytes:
        """RUN GSM ALGORITHM of class A0: SRES and Kc (TS 51.011 clause 9.2.16)."""
        self._check_access()
        if command.p1 or command.p2:
            raise StatusError(SW.WRONG_P1_P2)
        if len(command.data) != _CHALLENGE_SIZE:
            raise StatusError(SW.WRONG_LENGTH)
        return GsmAlgorithmResult(*self._answer_gsm(GsmChallenge(command.data))).encode()

    def _answer_umts(self, challenge: UmtsChallenge) -> bytes:
        sequence = self._pairs.sequence
        try:
            functions = self._pairs.functions()
            answer, sequence = authenticate(functions, challenge.rand, challenge.autn, sequence)
        except SecurityContextError:
            raise StatusError(SW.SECURITY_CONTEXT_NOT_SUPPORTED) from None
        except MacFailureError:
            self.saw_false_network = True
            raise StatusError(SW.AUTHENTICATION_ERROR) from None
        except SynchronizationFailureError as failure:
            self.saw_false_network = False
            return encode_outcome(SynchronisationFailure(failure.auts))
        self.saw_false_network = False
        self._pairs.answer(sequence)
        ck, ik, kc = answer.ck, answer.ik, c3(answer.ck, answer.ik)
        keys = (Secret(ck), Secret(ik), Secret(kc))
        return encode_outcome(AuthenticationSuccess(answer.res, *keys))

    def _answer_gsm(self, challenge: GsmChallenge) -> tuple[bytes, Secret]:
        """Return SRES and Kc as the algorithm of the pair makes them."""
        answer = self._pairs.gsm_answer(challenge.rand)
        self._pairs.answer()
        return answer.sres, Secret(answer.kc)

    def _check_access(self) -> None:
        if not self._pins.allows(Access.PIN):
            raise StatusError(SW.SECURITY_STATUS_NOT_SATISFIED)
