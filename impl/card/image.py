"""Where everything stands in the memory of a card: its files, and what is in no file [050].

Codes, counters and over-the-air keys lie beside the files, not in them: no command on files can
name them. K and OPc stand in the one file that no command can read. The places are the same in
every card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from impl.card.files import MASTER_FILE
from impl.card.memory import Area, Plan
from impl.card.tree import CURRENT_APPLICATION, File, find_directory, find_file, plant, walk

PLAN: Final = Plan()
ACTIVE: Final = PLAN.area(1)
"""Index of the pair of identity and key that is in use, 0 or 1: the one octet that changes it."""

ROOT: Final = plant(MASTER_FILE, PLAN, ACTIVE)
USIM: Final = find_directory(ROOT, CURRENT_APPLICATION)
GSM: Final = find_directory(ROOT, 0x7F20)

ICCID_FILE: Final = find_file(ROOT, "2fe2")
IMSI_FILE: Final = find_file(ROOT, "7fff/6f07")
LOCI_FILE: Final = find_file(ROOT, "7fff/6f7e")
AD_FILE: Final = find_file(ROOT, "7fff/6fad")
ACC_FILE: Final = find_file(ROOT, "7fff/6f78")
SPN_FILE: Final = find_file(ROOT, "7fff/6f46")
SMSP_FILE: Final = find_file(ROOT, "7fff/6f42")
MSISDN_FILE: Final = find_file(ROOT, "7fff/6f40")
KEY_FILE: Final = find_file(ROOT, "7fff/af20")
"""What K is for (1), K (16), OPc (16), as cards of the sysmocom family have it; TOPc takes 32."""

OWN_FILES: Final[tuple[File, ...]] = tuple(
    file for _, file in walk(ROOT) if file.areas and not file.row.same_as
)
"""Every file that has places in memory, once."""
PAIRED_FILES: Final = {
    file.row.fid: file for file in OWN_FILES if file.row.paired and file is not KEY_FILE
}
"""Files that belong to a subscription as its IMSI does, and change with it; but for the keys."""
LOCATION_FILES: Final[tuple[File, ...]] = tuple(
    find_file(ROOT, path)
    for path in (
        "7fff/6f7e",  # EF.LOCI
        "7fff/6f73",  # EF.PSLOCI
        "7fff/6fe3",  # EF.EPSLOCI
        "7fff/6fe4",  # EF.EPSNSC
        "7fff/6f08",  # EF.Keys
        "7fff/6f09",  # EF.KeysPS
        "7fff/5f3b/4f20",  # EF.Kc
        "7fff/5f3b/4f52",  # EF.KcGPRS
        "7fff/6f7b",  # EF.FPLMN
        "7fff/6f5b",  # EF.START-HFN
        "7fff/6fc4",  # EF.NETPAR
        "7f20/6f74",  # EF.BCCH
    )
)
"""Files that say where an identity was and with which session keys: void for any other one."""


@dataclass(frozen=True, slots=True)
class PinPlaces:
    """A PIN of the user: 8 octets each for it and its unblocking code, what is left of tries."""

    code: Area
    unblock_code: Area
    tries: Area
    unblock_tries: Area
    enabled: Area


@dataclass(frozen=True, slots=True)
class PairPlaces:
    """What else belongs to a pair of identity and key; its identity stands in its EF.IMSI."""

    origin: Area
    """Where it came from: `NOWHERE`, `FACTORY`, `TRANSACTION` or `SCRIPT`."""
    transaction: Area
    plmn: Area
    key: Area
    """Content of the key file, of which `k` and `opc` are parts."""
    k: Area
    opc: Area
    """OPc or TOPc, FF behind it."""
    sqn: Area
    """Highest sequence number accepted for each index, 32 numbers of 6 octets."""
    answered: Area
    """Whether it has answered a challenge."""


NOWHERE: Final = 0
FACTORY: Final = 1
TRANSACTION: Final = 2
SCRIPT: Final = 3
"""It was written file by file over the air, under no transaction."""

NO: Final = 0
YES: Final = 1

ABSENT: Final = 0
LOADED: Final = 1
INSTALLED: Final = 2

COMPARE: Final = 0
"""The admin code stands in an order, and has to be equal to the card's."""
KEYING: Final = 1
"""The admin code made the keys of the packet, and does not stand in the order [074]."""


def _pin() -> PinPlaces:
    return PinPlaces(*[PLAN.area(size) for size in (8, 8, 1, 1, 1)])


def _pair(index: int) -> PairPlaces:
    origin, transaction, plmn, sqn, answered = [PLAN.area(size) for size in (1, 4, 3, 32 * 6, 1)]
    key = KEY_FILE.areas[index]
    k, opc = key.part(1, 16), key.part(17, 32)
    return PairPlaces(origin, transaction, plmn, key, k, opc, sqn, answered)


PIN1: Final = _pin()
PIN2: Final = _pin()

PAIRS: Final = (_pair(0), _pair(1))
NEWEST: Final = PLAN.area(1)
"""Index of the pair that came last."""
FORGOTTEN: Final = PLAN.area(5)
"""Whether a transaction was given up (1), and which was the last (4)."""
VAIN_CHANGES: Final = PLAN.area(1)
"""Changes from pair to pair since the last service."""
OWN_RESET: Final = PLAN.area(1)
"""Whether the card itself asked for the reset that comes next."""

KEY_VERSION: Final = PLAN.area(1)
KIC: Final = PLAN.area(33)
"""Key that ciphers packets, at most 32 octets behind their length."""
KID: Final = PLAN.area(33)
"""Key that authenticates packets, likewise."""
COMMAND_COUNTER: Final = PLAN.area(5)
"""Counter of the last command packet accepted."""
REQUEST_COUNTER: Final = PLAN.area(5)
"""Counter of the last request sent."""

ADMIN_CODE: Final = PLAN.area(8)
ADMIN_MODE: Final = PLAN.area(1)
"""`COMPARE` or `KEYING`."""
GUESS_LIMIT: Final = PLAN.area(1)
GUESSES: Final = PLAN.area(1)
"""Wrong admin codes since the last right one."""
APPLICATION: Final = PLAN.area(1)
"""What the card has of the personalization application: `ABSENT`, `LOADED` or `INSTALLED` [051]."""
KEEP_OLD_PAIR: Final = PLAN.area(1)
ASK_USER: Final = PLAN.area(1)
SERVER: Final = PLAN.area(12)
"""Number of the application server: type, plan and digits behind their length."""
MENU: Final = PLAN.area(514)
"""Operators that the user may choose: data objects behind their length (2)."""
