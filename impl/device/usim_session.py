"""What the device reads and writes of the USIM to get service (TS 31.102 clauses 4.2 and 5).

Files of keys are named by their short identifiers alone, so that who listens knows such a command
by itself for what nobody may see.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from impl.codec.address import Address
from impl.codec.apdu import SW, CommandApdu, Ins
from impl.codec.authenticate import (
    AuthenticationContext,
    AuthenticationOutcome,
    GsmAuthentication,
    GsmChallenge,
    UmtsChallenge,
    decode_outcome,
)
from impl.codec.card_file import (
    BLANK_FILES,
    AdministrativeData,
    CipheringKeys,
    EpsLocationInformation,
    EpsSecurityContext,
    GsmCipheringKey,
    LocationInformation,
    ShortMessageParameters,
    UpdateStatus,
    decode_networks,
    encode_networks,
)
from impl.codec.digits import decode_imsi
from impl.codec.eps_identity import GUTI, EpsIdentityForm
from impl.codec.layer3 import LengthValue
from impl.codec.mobility import TMSI, LocationArea
from impl.device.card_session import CLA_ISO, CardRefusedError, CardSession
from impl.errors import MalformedError
from impl.values import IMSI, PLMN, Secret

EF_IMSI, EF_LOCI, EF_SMSP = "7fff6f07", "7fff6f7e", "7fff6f42"
IMSI_OCTETS, LOCI_OCTETS, EPSLOCI_OCTETS, AD_OCTETS, FPLMN_OCTETS = 9, 11, 18, 4, 12
ADF_USIM, DF_GSM_ACCESS = "7fff", "7fff5f3b"
KEYS_SFI, KC_SFI, EPSNSC_SFI, EPSLOCI_SFI, AD_SFI = 0x08, 0x01, 0x18, 0x1E, 0x03
FPLMN_SFI = 0x0D
MCC_DIGITS = 3
CKSN_OFFSET = 8
_STORED_IDENTITY = LengthValue(EpsIdentityForm())
NO_TMSI = b"\xff\xff\xff\xff"


@dataclass(frozen=True, slots=True)
class MacFailure:
    """The card found that AUTN is not of who knows K."""


class Whereabouts(NamedTuple):
    """What EF.LOCI says."""

    tmsi: TMSI | None
    location: LocationArea
    """Where the temporary identity is valid."""
    is_updated: bool
    """Whether the network of that area knows that the card is there."""


class EpsWhereabouts(NamedTuple):
    """What EF.EPSLOCI says."""

    guti: GUTI | None
    area: LocationArea
    """The tracking area where the card was registered last."""


class UsimSession:
    """The USIM in the reader."""

    def __init__(self, session: CardSession) -> None:
        self._session = session

    def imsi(self) -> IMSI:
        """Read EF.IMSI."""
        return decode_imsi(self._session.read(EF_IMSI, IMSI_OCTETS))

    def home_network(self, imsi: IMSI) -> PLMN:
        """Return whose `imsi` is, by the length of its network code in EF.AD."""
        self._session.enter(ADF_USIM)
        stored = AdministrativeData.decode(self._session.read_short(AD_SFI, 0, AD_OCTETS))
        return PLMN(imsi[: MCC_DIGITS + stored.mnc_length])

    def location(self) -> Whereabouts:
        """Read EF.LOCI."""
        loci = LocationInformation.decode(self._session.read(EF_LOCI, LOCI_OCTETS))
        tmsi = None if loci.tmsi == NO_TMSI else TMSI(loci.tmsi)
        is_updated = loci.status is UpdateStatus.UPDATED
        return Whereabouts(tmsi, LocationArea(loci.plmn, loci.lac), is_updated)

    def store_location(self, tmsi: TMSI | None, location: LocationArea) -> None:
        """Write to EF.LOCI that the location is updated (TS 24.008 clause 4.4.4.6)."""
        loci = LocationInformation(
            tmsi or NO_TMSI, location.plmn, location.lac, 0xFF, UpdateStatus.UPDATED
        )
        self._session.update(EF_LOCI, loci.encode())

    def forget_location(self, status: UpdateStatus) -> None:
        """Make EF.LOCI as it is without service, for this reason (TS 24.008 clause 4.1.2.2)."""
        nowhere = replace(LocationInformation.blank(), status=status)
        self._session.update(EF_LOCI, nowhere.encode())

    def forbidden_networks(self) -> tuple[PLMN, ...]:
        """Read EF.FPLMN: the networks that a device does not ask by itself, newest last."""
        self._session.enter(ADF_USIM)
        return decode_networks(self._session.read_short(FPLMN_SFI, 0, FPLMN_OCTETS))

    def store_forbidden_networks(self, networks: tuple[PLMN, ...]) -> None:
        """Write EF.FPLMN; of more than it holds, the newest."""
        self._session.enter(ADF_USIM)
        self._session.update_short(FPLMN_SFI, encode_networks(networks, FPLMN_OCTETS))

    def key_sequence(self) -> int:
        """Read from EF.Keys which keys of UMTS the card keeps, 7 for none."""
        self._session.enter(ADF_USIM)
        return self._session.read_short(KEYS_SFI, 0, 1)[0] & 0x07

    def store_keys(self, sequence: int, ck: Secret, ik: Secret) -> None:
        """Write the keys of an authentication of UMTS to EF.Keys (TS 33.102 clause 6.4.4)."""
        self._store_keys(CipheringKeys(sequence, ck, ik))

    def forget_keys(self) -> None:
        """Make EF.Keys as it is without keys."""
        self._store_keys(CipheringKeys.blank())

    def gsm_key_sequence(self) -> int:
        """Read from EF.Kc which key of GSM the card keeps, 7 for none."""
        self._session.enter(DF_GSM_ACCESS)
        return self._session.read_short(KC_SFI, CKSN_OFFSET, 1)[0] & 0x07

    def store_gsm_key(self, sequence: int, kc: Secret) -> None:
        """Write the key of an authentication of GSM to EF.Kc (TS 31.102 clause 4.4.3.1)."""
        self._store_gsm_key(GsmCipheringKey(kc, sequence))

    def forget_gsm_key(self) -> None:
        """Make EF.Kc as it is without a key."""
        self._store_gsm_key(GsmCipheringKey.blank())

    def eps_location(self) -> EpsWhereabouts:
        """Read EF.EPSLOCI; an identity that makes no sense is none."""
        self._session.enter(ADF_USIM)
        octets = self._session.read_short(EPSLOCI_SFI, 0, EPSLOCI_OCTETS)
        stored = EpsLocationInformation.decode(octets)
        try:
            identity, _ = _STORED_IDENTITY.take(stored.guti, 0, "EF.EPSLOCI")
        except MalformedError:
            identity = None
        guti = identity if isinstance(identity, GUTI) else None
        return EpsWhereabouts(guti, LocationArea(stored.plmn, stored.tac))

    def store_eps_location(self, guti: GUTI, area: LocationArea) -> None:
        """Write to EF.EPSLOCI that the tracking area is updated."""
        identity = _STORED_IDENTITY.put(guti, "EF.EPSLOCI")
        self._store_eps_location(
            EpsLocationInformation(identity, area.plmn, area.lac, UpdateStatus.UPDATED)
        )

    def store_security_context(self, context: EpsSecurityContext) -> None:
        """Write EF.EPSNSC."""
        self._session.enter(ADF_USIM)
        self._session.update_record_short(EPSNSC_SFI, 1, context.encode())

    def forget_eps_location(self, status: UpdateStatus) -> None:
        """Make EF.EPSLOCI and EF.EPSNSC as they are without service (TS 24.301 clause 5.1.3.3).

        Args:
            status: the reason; of those not allowed, EF.EPSLOCI knows one alone.
        """
        known = min(status, UpdateStatus.PLMN_NOT_ALLOWED)
        self._store_eps_location(replace(EpsLocationInformation.blank(), status=known))
        self._session.update_record_short(EPSNSC_SFI, 1, BLANK_FILES[0x6FE4])

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
        command = _challenge(AuthenticationContext.UMTS, UmtsChallenge(rand, autn).encode())
        answer = self._session.exchange(command)
        if answer.sw == SW.AUTHENTICATION_ERROR:
            return MacFailure()
        if answer.sw >> 8 not in {0x90, 0x91}:
            raise CardRefusedError(command, answer.sw)
        return decode_outcome(answer.data)

    def authenticate_gsm(self, rand: bytes) -> GsmAuthentication:
        """Let the card answer a challenge in the GSM context (TS 31.102 clause 7.1.1.2).

        Raises:
            CardRefusedError: the card cannot authenticate at all.
            MalformedError: its answer has no meaning.
        """
        command = _challenge(AuthenticationContext.GSM, GsmChallenge(rand).encode())
        return GsmAuthentication.decode(self._session.command(command))

    def _store_keys(self, keys: CipheringKeys) -> None:
        self._session.enter(ADF_USIM)
        self._session.update_short(KEYS_SFI, keys.encode())

    def _store_eps_location(self, stored: EpsLocationInformation) -> None:
        self._session.enter(ADF_USIM)
        self._session.update_short(EPSLOCI_SFI, stored.encode())

    def _store_gsm_key(self, key: GsmCipheringKey) -> None:
        self._session.enter(DF_GSM_ACCESS)
        self._session.update_short(KC_SFI, key.encode())


def _challenge(context: AuthenticationContext, data: bytes) -> CommandApdu:
    return CommandApdu(CLA_ISO, Ins.AUTHENTICATE, 0, context, data, 256)
