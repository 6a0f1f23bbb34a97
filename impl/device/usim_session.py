"""What the device reads and writes of the USIM to get service (TS 31.102 clauses 4.2 and 5)."""

from __future__ import annotations

from dataclasses import dataclass

from impl.codec.address import Address
from impl.codec.apdu import SW, CommandApdu, Ins
from impl.codec.authenticate import (
    AuthenticationContext,
    AuthenticationOutcome,
    UmtsChallenge,
    decode_outcome,
)
from impl.codec.card_file import LocationInformation, ShortMessageParameters, UpdateStatus
from impl.codec.digits import decode_imsi
from impl.codec.mobility import TMSI, LocationArea
from impl.device.card_session import CLA_ISO, CardRefusedError, CardSession
from impl.values import IMSI

EF_IMSI, EF_LOCI, EF_SMSP = "7fff6f07", "7fff6f7e", "7fff6f42"
IMSI_OCTETS, LOCI_OCTETS = 9, 11
NO_TMSI = b"\xff\xff\xff\xff"


@dataclass(frozen=True, slots=True)
class MacFailure:
    """The card found that AUTN is not of who knows K."""


class UsimSession:
    """The USIM in the reader."""

    def __init__(self, session: CardSession) -> None:
        self._session = session

    def imsi(self) -> IMSI:
        """Read EF.IMSI."""
        return decode_imsi(self._session.read(EF_IMSI, IMSI_OCTETS))

    def location(self) -> tuple[TMSI | None, LocationArea]:
        """Read EF.LOCI: the temporary identity, if there is one, and where it is valid."""
        loci = LocationInformation.decode(self._session.read(EF_LOCI, LOCI_OCTETS))
        tmsi = None if loci.tmsi == NO_TMSI else TMSI(loci.tmsi)
        return tmsi, LocationArea(loci.plmn, loci.lac)

    def store_location(self, tmsi: TMSI | None, location: LocationArea) -> None:
        """Write to EF.LOCI that the location is updated (TS 24.008 clause 4.4.4.6)."""
        loci = LocationInformation(
            tmsi or NO_TMSI, location.plmn, location.lac, 0xFF, UpdateStatus.UPDATED
        )
        self._session.update(EF_LOCI, loci.encode())

    def forget_location(self) -> None:
        """Make EF.LOCI as it is without service (TS 24.008 clause 4.4.4.7)."""
        self._session.update(EF_LOCI, LocationInformation.blank().encode())

    def service_centre(self) -> Address | None:
        """Read from EF.SMSP where short messages go that name no service centre themselves."""
        record = self._session.read_record(EF_SMSP, 1)
        return ShortMessageParameters.decode(record).service_centre

    def authenticate(self, rand: bytes, autn: bytes) -> AuthenticationOutcome | MacFailure:
        """Let the card answer a challenge in the UMTS context (TS 31.102 clause 7.1).

        Raises:
            CardRefusedError: the card cannot authenticate at all.
            MalformedError: its answer has no meaning.
        """
        challenge = UmtsChallenge(rand, autn).encode()
        command = CommandApdu(
            CLA_ISO, Ins.AUTHENTICATE, 0, AuthenticationContext.UMTS, challenge, 256
        )
        answer = self._session.exchange(command)
        if answer.sw == SW.AUTHENTICATION_ERROR:
            return MacFailure()
        if answer.sw >> 8 not in {0x90, 0x91}:
            raise CardRefusedError(command, answer.sw)
        return decode_outcome(answer.data)
