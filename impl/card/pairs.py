"""The pairs of identity and key that the card holds: one in use and, for a while, the one before.

A change brings the second pair and seals the first: neither readable nor usable, since everything
that reads or authenticates goes by the index of the active pair. The first is erased for good when
the second is accepted by its network, the second when the server gives it up; until then each
can take the place of the other. One of the home registers always knows one of the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from impl.card import image
from impl.card.image import ACTIVE, NEWEST, PAIRS, PairPlaces
from impl.card.memory import Area, Memory
from impl.card.subscription import Subscription
from impl.card.tree import File
from impl.codec.card_file import AdministrativeData
from impl.codec.digits import decode_imsi, encode_plmn
from impl.codec.subscriber_files import Ef, identity_files
from impl.crypto.aka import SequenceArray
from impl.crypto.algorithms import aka_functions, gsm_answer
from impl.crypto.comp128 import GsmAnswer
from impl.crypto.milenage import Milenage
from impl.crypto.tuak import Tuak
from impl.errors import MalformedError
from impl.values import PLMN, Algorithm, Secret, TransactionId

_OWN_AREAS: Final = 2  # of `_areas`: identity and keys


class Pairs:
    """The two places for a pair, 0 and 1, during one life of the card."""

    __slots__ = ("_memory", "at_power_on")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.at_power_on = self.active
        """The pair that the terminal found and works with until the card is reset."""

    @property
    def active(self) -> int:
        """Index of the pair in use."""
        return ACTIVE.number(self._memory)

    @property
    def newest(self) -> int:
        """Index of the pair that came last."""
        return NEWEST.number(self._memory)

    @property
    def are_two(self) -> bool:
        """Whether there is a sealed pair beside the active one."""
        return self._is_held(1 - self.active)

    @property
    def is_settled(self) -> bool:
        """Whether the terminal works with the active pair: what it reports concerns this one."""
        return self.active == self.at_power_on

    @property
    def plmn(self) -> bytes:
        """The network of the active pair, 3 octets."""
        return self._places.plmn.read(self._memory)

    @property
    def has_answered(self) -> bool:
        """Whether the active pair has answered a challenge of a network."""
        return self._places.answered.number(self._memory) == image.YES

    def find(self, transaction: TransactionId) -> int | None:
        """Return the index of the pair that this transaction brought, None if it is not here."""
        for index, places in enumerate(PAIRS):
            brought = places.origin.number(self._memory) == image.TRANSACTION
            if brought and places.transaction.read(self._memory) == transaction.octets:
                return index
        return None

    def gave_up(self, transaction: TransactionId) -> bool:
        """Whether the last transaction that was given up is this one."""
        return image.FORGOTTEN.read(self._memory) == _given_up(transaction)

    def give_up(self, transaction: TransactionId) -> None:
        """Erase the sealed pair that this transaction brought, and note it, in one transaction."""
        index = self.find(transaction)
        assert index is not None
        with self._memory.transaction():
            self.erase(index)
            image.FORGOTTEN.write(self._memory, _given_up(transaction))

    def functions(self) -> Milenage | Tuak:
        """Return the authentication functions of the active pair.

        Raises:
            SecurityContextError: its algorithm is one of GSM.
        """
        return aka_functions(*self._keys())

    def gsm_answer(self, rand: bytes) -> GsmAnswer:
        """Return SRES and Kc of the active pair; UnencodableError if RAND is not 16 octets."""
        return gsm_answer(*self._keys(), rand)

    @property
    def sequence(self) -> SequenceArray:
        """The sequence numbers that the active pair has accepted."""
        return SequenceArray.decode(self._places.sqn.read(self._memory))

    def answer(self, sequence: SequenceArray | None = None) -> None:
        """Note, before the network is told, that the active pair answers a challenge."""
        with self._memory.transaction():
            self._places.answered.set_number(self._memory, image.YES)
            if sequence is not None:
                self._places.sqn.write(self._memory, sequence.encode())

    def install(self, subscription: Subscription) -> None:
        """Write the first pair of the card, at the factory [061]."""
        with self._memory.transaction():
            self._fill(0, subscription)
            PAIRS[0].origin.set_number(self._memory, image.FACTORY)
            self._activate(0)

    def bring(
        self, subscription: Subscription, transaction: TransactionId, *, keep_old: bool
    ) -> None:
        """Write a new pair and make it active, in one transaction of the memory [075].

        `keep_old` seals the pair with which the terminal works: the one that carried the order
        here has service, whatever the other is worth. Without it every other pair is erased.
        """
        served = self.at_power_on if self._is_held(self.at_power_on) else self.active
        with self._memory.transaction():
            new = 1 - served
            self._fill(new, subscription)
            PAIRS[new].origin.set_number(self._memory, image.TRANSACTION)
            PAIRS[new].transaction.write(self._memory, transaction.octets)
            self._activate(new)
            if not keep_old:
                self.erase(served)

    @property
    def content(self) -> tuple[bytes, ...]:
        """All that belongs to the active pair, its identity and keys first: it is secret."""
        return tuple(area.read(self._memory) for area in _areas(self.active))

    def take_over(self, before: Sequence[bytes], *, keep_old: bool) -> bool:
        """Make a pair of its own of what was written over the active one, file by file.

        `before` is the `content` that it had. Where the terminal works with that pair it goes to
        its place again and is sealed, as `bring` does it. All in one transaction of the memory.

        Returns:
            Whether there is a new pair: identity or keys are others than before.

        Raises:
            MalformedError: identity and keys are none; nothing changed.
        """
        written = self.content
        if written[:_OWN_AREAS] == tuple(before[:_OWN_AREAS]):
            return False
        plmn = self._check_written()
        served = self.at_power_on if self._is_held(self.at_power_on) else self.active
        new = 1 - served
        with self._memory.transaction():
            _write_all(self._memory, new, written)
            if served == self.active:
                _write_all(self._memory, served, before)
            self._begin(new, plmn)
            PAIRS[new].origin.set_number(self._memory, image.SCRIPT)
            self._activate(new)
            if not keep_old:
                self.erase(served)
        return True

    def change(self) -> None:
        """Make the sealed pair active and seal the active one, in one transaction."""
        assert self.are_two
        with self._memory.transaction():
            self._activate(1 - self.active)

    def erase(self, index: int) -> None:
        """Erase a pair for good, in one transaction; never the active one."""
        assert index != self.active
        with self._memory.transaction():
            self._fill_files(index, {})
            places = PAIRS[index]
            for area in (places.key, places.sqn, places.plmn, places.transaction):
                area.write(self._memory, b"\xff" * area.size)
            places.origin.set_number(self._memory, image.NOWHERE)
            places.answered.set_number(self._memory, image.NO)

    def _keys(self) -> tuple[Algorithm, Secret, Secret]:
        """Return what K is for, K, and OPc."""
        k, opc = self._places.k.read(self._memory), self._places.opc.read(self._memory)
        algorithm = Algorithm(self._places.key.read(self._memory)[0])
        return algorithm, Secret(k), Secret(opc[: algorithm.opc_octets])

    @property
    def _places(self) -> PairPlaces:
        return PAIRS[self.active]

    def _is_held(self, index: int) -> bool:
        return PAIRS[index].origin.number(self._memory) != image.NOWHERE

    def _activate(self, index: int) -> None:
        ACTIVE.set_number(self._memory, index)
        for file in image.LOCATION_FILES:
            file.write(self._memory, file.row.erased)

    def _fill(self, index: int, subscription: Subscription) -> None:
        places, credentials = PAIRS[index], subscription.credentials
        identity = identity_files(credentials)
        self._fill_files(index, {**subscription.files, image.IMSI_FILE: identity[Ef.IMSI]})
        places.key.write(self._memory, identity[Ef.AUTH_KEY])
        self._begin(index, subscription.plmn)

    def _begin(self, index: int, plmn: PLMN) -> None:
        """Let a pair begin its life: it is the newest, and nobody has challenged it yet."""
        places = PAIRS[index]
        places.plmn.write(self._memory, encode_plmn(plmn))
        places.sqn.write(self._memory, SequenceArray().encode())
        places.answered.set_number(self._memory, image.NO)
        NEWEST.set_number(self._memory, index)

    def _check_written(self) -> PLMN:
        """Return the network of the active pair as its files say it, if they hold together."""
        imsi = decode_imsi(image.IMSI_FILE.read(self._memory))
        mnc_size = AdministrativeData.decode(image.AD_FILE.read(self._memory)).mnc_length
        _check_key(self._places.key.read(self._memory))
        return PLMN(imsi[: 3 + mnc_size])

    def _fill_files(self, index: int, contents: Mapping[File, bytes]) -> None:
        for file in image.PAIRED_FILES.values():
            octets = contents.get(file, b"")
            file.areas[index].write(self._memory, octets + file.row.erased[len(octets) :])


def _check_key(key: bytes) -> None:
    """Refuse a key file for an unknown algorithm, or whose OPc ends before or behind its place."""
    try:
        size = Algorithm(key[0]).opc_octets
    except ValueError:
        raise MalformedError("EF.USIM_AUTH_KEY", "is for no algorithm of this card") from None
    written = len(key[17:].rstrip(b"\xff"))
    if not size - 16 < written <= size:
        raise MalformedError("EF.USIM_AUTH_KEY", "does not hold what the algorithm wants")


def _areas(index: int) -> list[Area]:
    files = [file.areas[index] for file in image.PAIRED_FILES.values()]
    places = PAIRS[index]
    rest = (places.origin, places.transaction, places.plmn, places.sqn, places.answered)
    return [image.IMSI_FILE.areas[index], places.key, *files, *rest]


def _write_all(memory: Memory, index: int, content: Sequence[bytes]) -> None:
    for area, octets in zip(_areas(index), content, strict=True):
        area.write(memory, octets)


def _given_up(transaction: TransactionId) -> bytes:
    return bytes([image.YES]) + transaction.octets
