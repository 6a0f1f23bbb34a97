"""The files of the card, one table: TS 102 221 clause 13, TS 31.102 clause 4, TS 51.011 clause 10.

The admin code stands in no file. K and OPc stand in one that nobody may read: EF.USIM_AUTH_KEY, as
card manufacturers have it, since no standard names a file for them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from impl.codec.card_file import BLANK_FILES
from impl.codec.tlv import Tlv, encode_tlv, encode_tlvs


class Access(IntEnum):
    """Who may do it; the values are those of a status of TS 51.011 clause 9.3."""

    ALWAYS = 0x0
    PIN = 0x1
    ADM = 0x4
    """An order over the air that presents the admin code, and nobody at the contacts [052]."""
    NEVER = 0xF


ALW, PIN, ADM, NEV = Access.ALWAYS, Access.PIN, Access.ADM, Access.NEVER


@dataclass(frozen=True, slots=True)
class Elementary:
    """One row: an elementary file (EF)."""

    name: str
    fid: int
    sfi: int
    """Short file identifier, 0 where it has none."""
    size: int
    """Octets of a transparent file, or of one record."""
    records: int
    """Records of a linear fixed file, 0 where it is transparent."""
    read: Access
    update: Access
    blank: bytes = b""
    """What each record, or the file, begins with until it is written; FF behind it."""
    fixed: bytes = b""
    """Its content, if that is in read-only memory and the same in every card."""
    paired: bool = False
    """Whether it belongs to a subscription: each pair of identity and key has its own content."""
    same_as: str = ""
    """Path of the file whose content it shows; empty if it has its own."""

    @property
    def erased(self) -> bytes:
        """All its octets as the factory leaves them, and as a change of subscription resets it."""
        return self.blank.ljust(self.size, b"\xff") * max(self.records, 1)


@dataclass(frozen=True, slots=True)
class Dedicated:
    """A directory: master file (MF), dedicated file (DF) or application (ADF)."""

    name: str
    fid: int
    children: tuple[Elementary | Dedicated, ...]
    aid: bytes = b""


USIM_AID = bytes.fromhex("a0000000871002ff33ff018900000100")
"""3GPP USIM (TS 101 220 annex E), France, this project's own provider field."""

# UST (TS 31.102 clause 4.2.8): 12 SMSP, 19 SPN, 20/42/43 PLMN lists, 21 MSISDN, 27 GSM access,
# 28 data download by SMS-PP, 33 (always), 34 EST, 38 GSM context, 85 EPS mobility information.
_ENABLED = (12, 19, 20, 21, 27, 28, 33, 34, 38, 42, 43, 85)
_USIM_SERVICES = sum(1 << number - 1 for number in _ENABLED).to_bytes(17, "little")

# SST (TS 51.011 clause 10.3.7), two bits each: 1 CHV1 can be disabled, 2 ADN, 7 PLMN selector,
# 9 MSISDN, 12 SMS parameters, 17 service provider name, 26 data download by SMS-PP, 27 menu
# selection, 29 proactive SIM, 38 GPRS.
_ALLOCATED = (1, 2, 7, 9, 12, 17, 26, 27, 29, 38)
_SIM_SERVICES = sum(0b11 << 2 * (number - 1) for number in _ALLOCATED).to_bytes(10, "little")

_APPLICATION = encode_tlv(0x61, encode_tlvs([Tlv(0x4F, USIM_AID), Tlv(0x50, b"USIM")]))

RULES = ((ALW, NEV), (ALW, PIN), (ALW, ADM), (PIN, PIN), (PIN, ADM), (PIN, NEV), (NEV, ADM))
"""Who may read and update, in the order of the records of EF.ARR, the first being number 1."""
DIRECTORY_RULE = len(RULES) + 1
"""Record of EF.ARR for directories: nobody creates or deletes anything in them."""

_CONDITIONS = {
    ALW: Tlv(0x90, b""),
    PIN: Tlv(0xA4, bytes.fromhex("83010195 0108")),
    ADM: Tlv(0xA4, bytes.fromhex("83010a95 0108")),
    NEV: Tlv(0x97, b""),
}
_RULE_SIZE = 32


def _access_rules() -> bytes:
    """Return the records of EF.ARR (TS 102 221 clause 13.4; ISO/IEC 7816-4 clause 9.3)."""
    rules = [
        _rule((0x01, _CONDITIONS[read]), (0x02, _CONDITIONS[update]), (0x18, _CONDITIONS[NEV]))
        for read, update in RULES
    ]
    rules.append(_rule((0x7F, _CONDITIONS[NEV])))
    return b"".join(rules)


def _rule(*lines: tuple[int, Tlv]) -> bytes:
    objects = [tlv for modes, condition in lines for tlv in (Tlv(0x80, bytes([modes])), condition)]
    return encode_tlvs(objects).ljust(_RULE_SIZE, b"\xff")


_ARR = _access_rules()

_U = "7fff/"  # the USIM, by the identifier that stands for the application of this session


def _linked(name: str, fid: int, row: Elementary, path: str) -> Elementary:
    """Return the row of a file that shows the content of `row` in another directory."""
    return replace(row, name=name, fid=fid, sfi=0, same_as=path)


# fmt: off
#              name           FID     SFI   size  rec READ UPDATE  blank
IMSI    = Elementary("EF.IMSI",      0x6F07, 0x07,   9,  0, PIN, ADM, paired=True)
AD      = Elementary("EF.AD",        0x6FAD, 0x03,   4,  0, ALW, ADM, b"\0\0\0\x02", paired=True)
ACC     = Elementary("EF.ACC",       0x6F78, 0x06,   2,  0, PIN, ADM, b"\0\0", paired=True)
SPN     = Elementary("EF.SPN",       0x6F46, 0x00,  17,  0, ALW, ADM, paired=True)
SMSP    = Elementary("EF.SMSP",      0x6F42, 0x00,  40,  1, PIN, PIN, paired=True)
MSISDN  = Elementary("EF.MSISDN",    0x6F40, 0x00,  30,  1, PIN, PIN, paired=True)
LOCI    = Elementary("EF.LOCI",      0x6F7E, 0x0B,  11,  0, PIN, PIN, BLANK_FILES[0x6F7E])
PSLOCI  = Elementary("EF.PSLOCI",    0x6F73, 0x0C,  14,  0, PIN, PIN, BLANK_FILES[0x6F73])
HPPLMN  = Elementary("EF.HPPLMN",    0x6F31, 0x12,   1,  0, PIN, ADM, b"\x05", paired=True)
FPLMN   = Elementary("EF.FPLMN",     0x6F7B, 0x0D,  12,  0, PIN, PIN)
KC      = Elementary("EF.Kc",        0x4F20, 0x01,   9,  0, PIN, PIN, BLANK_FILES[0x4F20])
KCGPRS  = Elementary("EF.KcGPRS",    0x4F52, 0x02,   9,  0, PIN, PIN, BLANK_FILES[0x4F52])
LI      = Elementary("EF.LI",        0x6F05, 0x02,   2,  0, ALW, PIN)
AUTH_KEY = Elementary("EF.USIM_AUTH_KEY", 0xAF20, 0x00, 49, 0, NEV, ADM, paired=True)

GSM_ACCESS = Dedicated("DF.GSM-ACCESS", 0x5F3B, (KC, KCGPRS))

USIM = Dedicated("ADF.USIM", 0x7FFF, (
    Elementary("EF.ARR",       0x6F06, 0x17,  32,  DIRECTORY_RULE, ALW, NEV, fixed=_ARR),
    LI,
    IMSI,
    Elementary("EF.Keys",      0x6F08, 0x08,  33,  0, PIN, PIN, BLANK_FILES[0x6F08]),
    Elementary("EF.KeysPS",    0x6F09, 0x09,  33,  0, PIN, PIN, BLANK_FILES[0x6F09]),
    Elementary("EF.PLMNwAcT",  0x6F60, 0x0A,  50,  0, PIN, PIN),
    Elementary("EF.OPLMNwAcT", 0x6F61, 0x11, 250,  0, PIN, ADM, paired=True),
    Elementary("EF.HPLMNwAcT", 0x6F62, 0x13,  10,  0, PIN, ADM, paired=True),
    HPPLMN,
    Elementary("EF.UST",       0x6F38, 0x04,  17,  0, PIN, NEV, fixed=_USIM_SERVICES),
    Elementary("EF.EST",       0x6F56, 0x05,   1,  0, PIN, NEV, fixed=b"\0"),
    SPN,
    FPLMN,
    LOCI,
    PSLOCI,
    AD,
    ACC,
    Elementary("EF.ECC",       0x6FB7, 0x01,   4,  1, ALW, ADM, b"\x11\xf2\xff\0"),
    Elementary("EF.START-HFN", 0x6F5B, 0x0F,   6,  0, PIN, PIN, b"\xf0\0\0\xf0\0\0"),
    Elementary("EF.THRESHOLD", 0x6F5C, 0x10,   3,  0, PIN, ADM),
    Elementary("EF.NETPAR",    0x6FC4, 0x00,  46,  0, PIN, PIN),
    SMSP,
    Elementary("EF.SMSS",      0x6F43, 0x00,   2,  0, PIN, PIN),
    MSISDN,
    Elementary("EF.EPSLOCI",   0x6FE3, 0x1E,  18,  0, PIN, PIN, BLANK_FILES[0x6FE3]),
    Elementary("EF.EPSNSC",    0x6FE4, 0x18,  54,  1, PIN, PIN),
    AUTH_KEY,
    GSM_ACCESS,
), aid=USIM_AID)

TELECOM = Dedicated("DF.TELECOM", 0x7F10, (
    Elementary("EF.ADN",       0x6F3A, 0x00,  28, 10, PIN, PIN),
    _linked("EF.MSISDN",       0x6F40, MSISDN, _U + "6f40"),
    _linked("EF.SMSP",         0x6F42, SMSP, _U + "6f42"),
))

GSM = Dedicated("DF.GSM", 0x7F20, (
    _linked("EF.LP",           0x6F05, LI, _U + "6f05"),
    _linked("EF.IMSI",         0x6F07, IMSI, _U + "6f07"),
    _linked("EF.Kc",           0x6F20, KC, _U + "5f3b/4f20"),
    Elementary("EF.PLMNsel",   0x6F30, 0x00,  30,  0, PIN, PIN),
    _linked("EF.HPPLMN",       0x6F31, HPPLMN, _U + "6f31"),
    Elementary("EF.SST",       0x6F38, 0x00,  10,  0, PIN, NEV, fixed=_SIM_SERVICES),
    _linked("EF.SPN",          0x6F46, SPN, _U + "6f46"),
    _linked("EF.KcGPRS",       0x6F52, KCGPRS, _U + "5f3b/4f52"),
    _linked("EF.LOCIGPRS",     0x6F53, PSLOCI, _U + "6f73"),
    Elementary("EF.BCCH",      0x6F74, 0x00,  16,  0, PIN, PIN),
    _linked("EF.ACC",          0x6F78, ACC, _U + "6f78"),
    _linked("EF.FPLMN",        0x6F7B, FPLMN, _U + "6f7b"),
    _linked("EF.LOCI",         0x6F7E, LOCI, _U + "6f7e"),
    _linked("EF.AD",           0x6FAD, AD, _U + "6fad"),
    Elementary("EF.Phase",     0x6FAE, 0x00,   1,  0, ALW, NEV, fixed=b"\x03"),
))

MASTER_FILE = Dedicated("MF", 0x3F00, (
    Elementary("EF.DIR",       0x2F00, 0x1E,  26,  1, ALW, NEV, fixed=_APPLICATION),
    Elementary("EF.PL",        0x2F05, 0x05,   4,  0, ALW, PIN),
    Elementary("EF.ARR",       0x2F06, 0x06,  32,  DIRECTORY_RULE, ALW, NEV, fixed=_ARR),
    Elementary("EF.ICCID",     0x2FE2, 0x02,  10,  0, ALW, NEV),
    TELECOM,
    GSM,
    USIM,
))
# fmt: on
