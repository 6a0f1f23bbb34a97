"""What the manufacturer writes in a card, and what the first operator does [050] [060] [061]."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from impl.card import image
from impl.card.keyset import write_factory_keys
from impl.card.memory import Memory
from impl.card.menu import Operator, menu_of, write_operators
from impl.card.pairs import Pairs
from impl.card.pins import CODE_SIZE, MOST_TRIES, MOST_UNBLOCK_TRIES, padded
from impl.card.subscription import Subscription, files_of
from impl.codec.address import Address
from impl.codec.digits import encode_iccid
from impl.codec.toolkit import encode_proactive
from impl.errors import MalformedError
from impl.values import ICCID, MSISDN, PLMN, Credentials, OtaKeys, Secret

_ADMIN_CODE_SIZE: Final = 8
_KEY_SIZES: Final = (16, 24, 32)


class AdminCodeMode(Enum):
    """How an order presents the admin code [074]."""

    COMPARE = image.COMPARE
    KEYING = image.KEYING


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProfile:
    """Everything in which one new card differs from another.

    Raises:
        MalformedError: a code or key has a length that the card has no room for, or a number is out
            of its range.
    """

    iccid: ICCID
    admin_code: Secret
    """8 octets [056]."""
    ota_keys: OtaKeys
    """KIc and KID of 16, 24 or 32 octets."""
    plmn: PLMN
    """The first operator."""
    credentials: Credentials
    msisdn: MSISDN
    service_centre: MSISDN
    application_server: MSISDN
    """To whom requests go."""
    operators: tuple[tuple[str, PLMN, str], ...] = ()
    """Menu of the card: name, network, code of command."""
    pin: Secret = Secret(b"0000")  # noqa: RUF009 - immutable
    """4 to 8 digits; so are the other codes of the user."""
    unblock_code: Secret = Secret(b"00000000")  # noqa: RUF009
    second_pin: Secret = Secret(b"0000")  # noqa: RUF009
    second_unblock_code: Secret = Secret(b"00000000")  # noqa: RUF009
    asks_for_pin: bool = False
    has_application: bool = True
    """Whether the personalization application is installed, or comes over the air later [051]."""
    keep_old_pair: bool = True
    """Whether the pair that is replaced stays, sealed, until the new one is accepted."""
    ask_user: bool = False
    """Whether the user has to agree before the card changes [076]."""
    admin_code_mode: AdminCodeMode = AdminCodeMode.COMPARE
    guess_limit: int = 3
    """Wrong admin codes after which the card takes none any more, 1 to 255."""

    def __post_init__(self) -> None:
        """Check what the memory has fixed room for."""
        keys = (self.ota_keys.kic, self.ota_keys.kid)
        _check("admin_code", len(self.admin_code) == _ADMIN_CODE_SIZE)
        _check("ota_keys", all(len(key) in _KEY_SIZES for key in keys))
        _check("ota_keys", 1 <= self.ota_keys.version <= 15)
        _check("guess_limit", 1 <= self.guess_limit <= 255)
        for code in (self.pin, self.unblock_code, self.second_pin, self.second_unblock_code):
            _check("pin", 4 <= len(code) <= CODE_SIZE and code.reveal().isdigit())


def personalize(profile: CardProfile) -> Memory:
    """Make the memory of a new card, and of a subscriber of its first operator.

    Raises:
        MalformedError: the IMSI is not of the operator, or the menu is too long for a card.
    """
    memory = Memory(image.PLAN.blank_image())
    memory.recover()
    for file in image.OWN_FILES:
        for area in file.areas:
            area.write(memory, file.row.erased)
    _write_state(memory)
    _write_codes(memory, profile)
    write_factory_keys(memory, profile.ota_keys)
    _write_application(memory, profile)
    names = {plmn: name for name, plmn, _ in profile.operators}
    files = files_of(
        profile.plmn,
        profile.credentials,
        profile.msisdn,
        profile.service_centre,
        names.get(profile.plmn, ""),
    )
    Pairs(memory).install(Subscription(profile.plmn, profile.credentials, files))
    return memory


def _write_state(memory: Memory) -> None:
    for number in (image.ACTIVE, image.NEWEST, image.VAIN_CHANGES, image.OWN_RESET, image.GUESSES):
        number.set_number(memory, 0)
    for pair in image.PAIRS:
        pair.origin.set_number(memory, image.NOWHERE)
    image.FORGOTTEN.set_number(memory, 0)
    image.COMMAND_COUNTER.set_number(memory, 0)
    image.REQUEST_COUNTER.set_number(memory, 0)


def _write_codes(memory: Memory, profile: CardProfile) -> None:
    codes = (
        (image.PIN1, profile.pin, profile.unblock_code, profile.asks_for_pin),
        (image.PIN2, profile.second_pin, profile.second_unblock_code, True),
    )
    for places, pin, unblock_code, enabled in codes:
        places.code.write(memory, padded(pin))
        places.unblock_code.write(memory, padded(unblock_code))
        places.tries.set_number(memory, MOST_TRIES)
        places.unblock_tries.set_number(memory, MOST_UNBLOCK_TRIES)
        places.enabled.set_number(memory, int(enabled))


def _write_application(memory: Memory, profile: CardProfile) -> None:
    image.ICCID_FILE.write(memory, encode_iccid(profile.iccid))
    image.ADMIN_CODE.write(memory, profile.admin_code.reveal())
    image.ADMIN_MODE.set_number(memory, profile.admin_code_mode.value)
    image.GUESS_LIMIT.set_number(memory, profile.guess_limit)
    application = image.INSTALLED if profile.has_application else image.ABSENT
    image.APPLICATION.set_number(memory, application)
    image.KEEP_OLD_PAIR.set_number(memory, int(profile.keep_old_pair))
    image.ASK_USER.set_number(memory, int(profile.ask_user))
    server = Address(profile.application_server).encode()
    coded = bytes([len(server)]) + server
    image.SERVER.write(memory, coded.ljust(image.SERVER.size, b"\xff"))
    operators = tuple(Operator(*each) for each in profile.operators)
    encode_proactive(1, menu_of(operators))  # raises if no terminal could show it
    write_operators(memory, operators)


def _check(what: str, holds: bool) -> None:  # noqa: FBT001 - the one thing that is checked
    if not holds:
        raise MalformedError(what, "has a size or form that the card has no room for")
