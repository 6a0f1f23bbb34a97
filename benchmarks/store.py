"""The application server's store in a SQLite file, against bare SQLite: durable (WAL, FULL).

A change request made durable, from the octets of the customer centre to the commands that follow
the commit; cards of a manufacturer's file loaded; a card found by its identifier among many.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from measure import compare, show

from impl.application_server.admin_codes import AdminCodes, FileFormat
from impl.application_server.config import ApplicationServerConfig
from impl.application_server.records import APPLICATION_SERVER, card_key
from impl.application_server.server import ApplicationServer
from impl.codec.operator import encode_operator
from impl.crypto.vault import NONCE_OCTETS, Vault
from impl.events import Arrived, Interface, Peer
from impl.messages import RequestChange
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER
from impl.runtime.store import SqlStore
from impl.values import ICCID, Secret

FIRST, SECOND = NETWORKS[0].plmn, NETWORKS[1].plmn
REQUESTS = 6000
FILE_CARDS = 20_000
FILES = 5
LOOKUPS = 20_000
LARGE_FILE = 10**12
"""Number of the first card of the large file, behind those of the other works."""
REQUEST = "change request, durable"
PEERS = ("bare SELECT", "one in a transaction, opened")
NONCE_END = 1 + NONCE_OCTETS
NOTHING = bytes(40)  # admin code, KIc and KID
COLUMNS = "key, secrets, key_version, plmn, msisdn, sent_counter, seen_counter"
PUT_CARD = f"INSERT INTO card ({COLUMNS}) VALUES (?, ?, 1, ?, NULL, 0, 0)"
FIND_CARD = f"SELECT {COLUMNS} FROM card WHERE key = ?"
PUT_CHANGE = (
    "INSERT INTO change (transaction_id, card_key, iccid, source_plmn, target_plmn, state, open,"
    " opened, attempts, orders) VALUES (?, ?, ?, '20801', '26202', 'requested', 1, 0.0, 0, 0)"
)
PUT_MESSAGE = (
    "INSERT INTO outbox (name, interface, peer, octets, attempts, due) VALUES (?, ?, ?, ?, 1, 0.0)"
)


class Seeded:
    """Surroundings of a server that stands alone."""

    def __init__(self) -> None:
        self._stream = random.Random(0)
        self.random_octets = self._stream.randbytes

    def now(self) -> float:
        """Return the time."""
        return 0.0


def iccid(number: int) -> ICCID:
    """Return an identifier of 19 digits; its check digit is of no use here."""
    return ICCID(f"893301{number:013d}")


def bare(path: Path) -> sqlite3.Connection:
    """Open a file as the store does."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def put_cards(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert cards in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(PUT_CARD, rows)
    connection.execute("COMMIT")


def open_card(connection: sqlite3.Connection, cipher: AESGCM, wanted: int) -> bytes:
    """Find a card, and open its secrets."""
    key, sealed, *_ = connection.execute(FIND_CARD, (wanted,)).fetchone()
    return cipher.decrypt(sealed[1:NONCE_END], sealed[NONCE_END:], str(key).encode())


class Place:
    """A store in a file, and bare SQLite on a file of its own with the same tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = SqlStore(APPLICATION_SERVER, f"sqlite:///{folder}/ours.db")
        SqlStore(APPLICATION_SERVER, f"sqlite:///{folder}/bare.db").close()
        self.same_file = bare(folder / "ours.db")
        self.other_file = bare(folder / "bare.db")
        self.surroundings = Seeded()
        self.key = Secret(bytes(32))
        self.vault = Vault(self.key, self.surroundings.random_octets)

    def size(self, name: str) -> int:
        """Return the octets of a file once everything stands in it."""
        for database in (self.same_file, self.other_file):
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return (self.folder / name).stat().st_size

    def sealed(self, number: int) -> tuple[Any, ...]:
        """Return the row of a card of the first network."""
        name = iccid(number)
        return card_key(name), self.vault.seal(NOTHING, str(card_key(name))), FIRST


def requests(place: Place) -> None:
    """Print what a change request costs until it is durable."""
    put_cards(place.same_file, [place.sealed(number) for number in range(REQUESTS)])
    config = ApplicationServerConfig(
        number=SERVER_NUMBER, key_encryption_key=place.key, accounts={}
    )
    server = ApplicationServer(config, place.store, place.surroundings)
    server.agree(FIRST, "first")
    server.agree(SECOND, "second")
    centre = Peer(Interface.CENTRE, SECOND)
    events = iter(
        [
            Arrived(
                centre,
                encode_operator(
                    RequestChange(id="1", iccid=iccid(number), plmn=SECOND, user_agreed=True)
                ),
            )
            for number in range(REQUESTS)
        ]
    )
    numbers = iter(range(10**8))
    database = place.other_file
    message = bytes(120)

    def take() -> None:
        assert len(server.handle(next(events))) == 3  # answer, question, timer

    def insert() -> None:
        database.execute("BEGIN IMMEDIATE")
        insert_two()
        database.execute("COMMIT")

    def insert_two() -> None:
        number = next(numbers)
        name = f"{number:08x}"
        database.execute(PUT_CHANGE, (name, number, f"{number:019d}"))
        database.execute(PUT_MESSAGE, (name, "operator", "26202", message))

    def same_statements() -> None:
        # All that the rules ask for: a card that is known, an operator that agreed.
        database.execute("BEGIN IMMEDIATE")
        open_card(database, cipher, known)
        database.execute("SELECT plmn FROM agreement").fetchall()
        insert_two()
        database.execute("COMMIT")

    cipher = AESGCM(place.key.reveal())
    known, *_ = row = place.sealed(10**9 - 1)
    put_cards(database, [row])
    works = {REQUEST: take, "bare inserts": insert, "the same four statements": same_statements}
    timings = compare(works, rounds=15, clock=time.perf_counter)
    show(REQUEST, timings, REQUEST, "bare inserts", 0.6)
    show(REQUEST, timings, REQUEST, "the same four statements")
    timings = compare(works, rounds=15)
    show("  CPU of it", timings, REQUEST, "bare inserts")
    show("  CPU of it", timings, REQUEST, "the same four statements")


def loads(place: Place) -> None:
    """Print what a manufacturer's file costs."""
    codes = AdminCodes(place.vault)
    ends = iter(range(REQUESTS, 10**9, FILE_CARDS))
    texts: list[str] = []
    rows: list[list[tuple[Any, ...]]] = []
    for start, _ in zip(ends, range(FILES + 2), strict=False):
        cards = range(start, start + FILE_CARDS)
        lines = [f"{iccid(card)},{'00' * 8},{'00' * 16},{'00' * 16}" for card in cards]
        texts.append("\n".join(["iccid,admin_code,kic,kid", *lines]))
        rows.append([place.sealed(card) for card in cards])
    next_text, next_rows = iter(texts).__next__, iter(rows).__next__

    def take() -> None:
        with place.store.begin() as connection:
            codes.import_file(connection, next_text(), FileFormat.CSV)

    unsealed = iter(range(10**9, 10**10, FILE_CARDS))

    def seal_and_put() -> None:
        start = next(unsealed)
        cards = range(start, start + FILE_CARDS)
        put_cards(place.other_file, [place.sealed(card) for card in cards])

    works = {
        "load": take,
        "bare executemany": lambda: put_cards(place.other_file, next_rows()),
        "rows sealed, bare executemany": seal_and_put,
    }
    timings = compare(works, rounds=FILES, slice_s=1e-9, clock=time.perf_counter)
    show(f"file of {FILE_CARDS:,} cards", timings, "load", "bare executemany", 0.5)
    show("  with the sealing", timings, "load", "rows sealed, bare executemany")


def load_many(place: Place, cards: int) -> None:
    """Print what it costs to load so many cards as one file, and how large the database gets."""
    codes = AdminCodes(place.vault)
    first = LARGE_FILE
    lines = (f"{iccid(first + n)},{'00' * 8},{'00' * 16},{'00' * 16}\n" for n in range(cards))
    before = place.size("ours.db")
    began = time.perf_counter()
    with place.store.begin() as connection:
        codes.import_file(connection, chain(["iccid,admin_code,kic,kid\n"], lines), FileFormat.CSV)
    ours = time.perf_counter() - began
    mine, before = place.size("ours.db") - before, place.size("bare.db")
    began = time.perf_counter()
    place.other_file.execute("BEGIN IMMEDIATE")
    rows = (place.sealed(first + n) for n in range(cards))
    place.other_file.executemany(PUT_CARD, rows)
    place.other_file.execute("COMMIT")
    theirs = time.perf_counter() - began
    size = mine / (place.size("bare.db") - before)
    print(
        f"{cards:,} cards as one file: {cards / ours:,.0f}/s, {mine / 1e6:,.0f} MB;"
        f" {theirs / ours:.2f} x executemany of sealed rows, {size:.2f} times its file"
    )


def fill(place: Place, cards: int) -> None:
    """Put in cards until there are so many."""
    first = place.same_file.execute(
        "SELECT count(*) FROM card WHERE key < ?", (int(iccid(10**12)),)
    ).fetchone()[0]
    for start in range(first, cards, 100_000):
        chosen = range(start, min(start + 100_000, cards))
        put_cards(place.same_file, [place.sealed(number) for number in chosen])


def lookups(place: Place, cards: int) -> None:
    """Print what finding a card costs among `cards`."""
    fill(place, cards)
    codes = AdminCodes(place.vault)
    cipher = AESGCM(place.key.reveal())

    def find(name: ICCID) -> None:
        with place.store.begin() as connection:
            codes.find(connection, name)

    def find_bare(name: ICCID) -> None:
        place.same_file.execute(FIND_CARD, (int(name),)).fetchone()

    def open_bare(name: ICCID) -> None:
        # As much as ours does: alone in a transaction, and the secrets are opened.
        place.same_file.execute("BEGIN IMMEDIATE")
        open_card(place.same_file, cipher, int(name))
        place.same_file.execute("COMMIT")

    ours, floor, opened = percentiles((find, find_bare, open_bare), cards)
    for name, mine, *peers in zip(("p50", "p99", "p99.9"), ours, floor, opened, strict=True):
        said = (
            f"{mine / peer:.2f} times {what} {peer * 1e6:.1f} us"
            for what, peer in zip(PEERS, peers, strict=True)
        )
        aim = "  (to reach: 2)" if name == "p99" else ""
        print(f"card among {cards:,}, {name:<6} {mine * 1e6:8.1f} us   {', '.join(said)}{aim}")


def percentiles(
    works: Sequence[Callable[[ICCID], None]], cards: int
) -> Iterator[tuple[float, float, float]]:
    """Yield p50, p99 and p99.9 of each work over the same random cards, taking turns."""
    stream = random.Random(1)
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(LOOKUPS):
        name = iccid(stream.randrange(cards))
        for work, seconds in zip(works, taken, strict=True):
            began = time.perf_counter()
            work(name)
            seconds.append(time.perf_counter() - began)
    for seconds in taken:
        seconds.sort()
        yield (
            seconds[LOOKUPS // 2],
            seconds[LOOKUPS * 99 // 100],
            seconds[LOOKUPS * 999 // 1000],
        )


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cards", type=int, default=1_000_000, help="cards among which to find")
    parser.add_argument("--load", type=int, default=100_000, help="cards of one large file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        requests(place)
        loads(place)
        load_many(place, arguments.load)
        lookups(place, arguments.cards)
        place.store.close()


if __name__ == "__main__":
    main()
