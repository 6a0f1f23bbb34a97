"""Wrong cards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from impl.application_server import messaging
from impl.card import image, keyset, remote_files
from impl.card.cpa import Errand, PersonalizationApplication
from impl.card.file_script import FileScript
from impl.card.memory import Memory
from impl.card.menu import Menu, read_operators
from impl.card.script import Executor, Script, run
from impl.codec.apdu import CommandApdu
from impl.codec.concatenation import Reassembler, part_of
from impl.codec.personalization import Outcome, Replace
from impl.codec.toolkit import MenuSelection, TerminalResponse
from impl.codec.user_data import UserData
from impl.crypto.admin_key import derive_keys
from impl.values import ICCID, OtaKeys, Secret
from steps.drivers.patched import Patch, with_patches
from steps.mutants import Mutant

_replace, _select = PersonalizationApplication._replace, Menu.select


def _claim_success(self: PersonalizationApplication, order: Replace) -> Outcome:
    del self, order
    return Outcome.DONE


def _accept_any_code(self: PersonalizationApplication, *_: object) -> None:
    del self


def _lose_the_code(self: PersonalizationApplication, order: Replace) -> Outcome:
    outcome = _replace(self, order)
    image.ADMIN_CODE.write(self._memory, bytes(8))
    return outcome


def _replace_but_the_key(self: PersonalizationApplication, order: Replace) -> Outcome:
    return _replace(self, type(order)(**{**_fields(order), "k": Secret(bytes(16))}))


def _fields(order: Replace) -> dict[str, Any]:
    return {name: getattr(order, name) for kind in type(order).__mro__ for name in _slots(kind)}


def _slots(kind: type) -> tuple[str, ...]:
    return tuple(getattr(kind, "__slots__", ()))


def _join_as_they_come(self: Reassembler, sender: Any, user_data: UserData) -> UserData | None:
    part = part_of(user_data.header)
    if part is None:
        return user_data
    key = (sender, part.reference, part.wide, part.total)
    came: dict[Any, list[UserData]] = self.__dict__.setdefault("came", {})
    came.setdefault(key, []).append(user_data)
    if len(came[key]) < part.total:
        return None
    parts = came.pop(key)
    header = tuple(
        element for one in parts for element in one.header if element.identifier not in {0, 8}
    )
    return UserData(header, b"".join(one.octets for one in parts))


def _derive_without_code(admin_code: Secret, iccid: ICCID, version: int) -> OtaKeys:
    del admin_code
    return derive_keys(Secret(bytes(8)), iccid, version)


def _open_to_any_code(self: FileScript, command: CommandApdu) -> bytes:
    del command
    self._is_admin = True
    return b""


def _carry_out_bit_by_bit(
    script: Script, executor: Executor, memory: Memory, errand: Errand
) -> None:
    class Untied(Memory):
        """Begins no transaction for the script as a whole."""

        def __init__(self) -> None:
            """Take nothing over: what is written goes to the memory of the card."""

        @contextmanager
        def transaction(self) -> Iterator[None]:
            yield

    del memory
    run(script, executor, Untied(), errand)


def _take_any_code(self: Menu, response: TerminalResponse | None) -> None:
    del response
    self._request(read_operators(self._memory)[1].plmn)


def _select_the_next(self: Menu, selection: MenuSelection) -> None:
    _select(self, MenuSelection(selection.item % 3 + 1))


MUTANTS = (
    Mutant(
        "reports-success-without-writing",
        breaks=("1e", "1p", "11b"),
        what="answers that it has changed, and has not",
        factory=with_patches(Patch(PersonalizationApplication, "_replace", _claim_success)),
    ),
    Mutant(
        "replaces-all-but-the-key",
        breaks=("1e", "1p"),
        what="takes the new identity with a key of zeros",
        factory=with_patches(Patch(PersonalizationApplication, "_replace", _replace_but_the_key)),
    ),
    Mutant(
        "skips-the-admin-code",
        breaks=("1f", "3b", "4a", "11b", "E02"),
        what="carries out orders whatever their admin code",
        factory=with_patches(
            Patch(PersonalizationApplication, "_check_admin_code", _accept_any_code)
        ),
    ),
    Mutant(
        "loses-its-admin-code",
        breaks=("4a",),
        what="overwrites its admin code when it changes, so that it can change only once",
        factory=with_patches(Patch(PersonalizationApplication, "_replace", _lose_the_code)),
    ),
    Mutant(
        "joins-parts-as-they-come",
        breaks=("7a",),
        what="puts parts together in the order of their arrival, repeated ones included",
        factory=with_patches(Patch(Reassembler, "add", _join_as_they_come)),
    ),
    Mutant(
        "keys-without-admin-code",
        breaks=("7b",),
        what="server and card derive keys from the card identifier alone",
        factory=with_patches(
            Patch(keyset, "derive_keys", _derive_without_code),
            Patch(messaging, "derive_keys", _derive_without_code),
        ),
    ),
    Mutant(
        "opens-files-to-any-code",
        breaks=("E26",),
        what="takes scripts of commands on files with whatever admin code",
        factory=with_patches(Patch(FileScript, "_verify", _open_to_any_code)),
    ),
    Mutant(
        "carries-out-scripts-bit-by-bit",
        breaks=("B01",),
        what="keeps what a script of commands on files wrote until the power went",
        factory=with_patches(Patch(remote_files, "run", _carry_out_bit_by_bit)),
    ),
    Mutant(
        "takes-any-command-code",
        breaks=("E05",),
        what="requests a change whatever code the user typed",
        factory=with_patches(Patch(Menu, "_take_code", _take_any_code)),
    ),
    Mutant(
        "menu-leads-elsewhere",
        breaks=("E04", "1a"),
        what="requests the network of the next item of the menu",
        factory=with_patches(Patch(Menu, "select", _select_the_next)),
    ),
)
