"""Columns of secrets in the tables of a node: opened before it starts, sealed anew while it serves.

Each secret is sealed for the key of its row (`impl.crypto.vault`), so that it opens in no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, bindparam, select, update

if TYPE_CHECKING:
    from impl.crypto.vault import Vault
    from impl.ports import Store

AT_ONCE = 1000
"""How many rows are sealed anew in one transaction."""


class SealedColumn:
    """The secrets of one table."""

    def __init__(self, key: Column[Any], secrets: Column[bytes]) -> None:
        """Prepare what is asked of the table.

        Args:
            key: its primary key; as text it is what the secrets of a row belong to.
            secrets: the column.
        """
        row = select(key.label("key"), secrets.label("sealed"))
        self._ends = tuple(row.order_by(order).limit(1) for order in (key, key.desc()))
        self._first = row.order_by(key).limit(AT_ONCE).with_for_update()
        self._next = self._first.where(key > bindparam("behind"))
        self._put = (
            update(key.table)
            .where(key == bindparam("wanted"))
            .values({secrets.name: bindparam("sealed")})
        )

    def demand_keys(self, store: Store, vault: Vault) -> None:
        """Open the first and the last secret: sealing anew goes from one to the other.

        Raises:
            UnsealError: the vault has not the key that one of them is under. Nothing changed.
        """
        with store.begin() as connection:
            for end in self._ends:
                for row in connection.execute(end):
                    vault.unseal(row.sealed, str(row.key))

    def reseal(self, store: Store, vault: Vault) -> int:
        """Seal anew what is not under the newest key; return of how many rows.

        It is done in short transactions between which the node serves; once it has ended, no older
        key is needed for this column any more.
        """
        count = 0
        page, behind = self._first, dict[str, Any]()
        while True:
            with store.begin() as connection:
                rows = connection.execute(page, behind).all()
                sealed = [
                    {"wanted": row.key, "sealed": vault.reseal(row.sealed, str(row.key))}
                    for row in rows
                    if not vault.is_newest(row.sealed)
                ]
                if sealed:
                    connection.execute(self._put, sealed)
            count += len(sealed)
            if not rows:
                return count
            page, behind = self._next, {"behind": rows[-1].key}
