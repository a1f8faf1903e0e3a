"""The payments that Stripe holds, by order: in a temporary file, since an account may hold millions."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from bson import ObjectId

from cluster.audit.facts import Payment

SCHEMA = """
CREATE TABLE payments (id TEXT PRIMARY KEY, order_id BLOB, captured INTEGER, refunded INTEGER) WITHOUT ROWID;
CREATE INDEX by_order ON payments (order_id);
"""
PUT = "INSERT OR REPLACE INTO payments VALUES (?, ?, ?, ?)"
OF = "SELECT id, captured, refunded FROM payments WHERE order_id = ?"
ORDERS = "SELECT DISTINCT order_id FROM payments WHERE order_id > ? AND captured > refunded ORDER BY order_id LIMIT ?"


class Till:
    """Payments in an SQLite file; nothing that must survive."""

    def __init__(self, path: Path) -> None:
        """Make the file at `path`."""
        self._file = sqlite3.connect(path, isolation_level=None)
        # Nothing here outlives the audit, so nothing need reach the disk in time.
        self._file.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {SCHEMA}")

    def __enter__(self) -> Self:
        """The till itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def put(self, payments: Iterable[Payment]) -> None:
        """Keep `payments`; those that name no order as well."""
        rows = (
            (each.id, each.order_id.binary if each.order_id else None, each.captured, each.refunded)
            for each in payments
        )
        self._file.execute("BEGIN")
        self._file.executemany(PUT, rows)
        self._file.execute("COMMIT")

    def of(self, order_id: ObjectId) -> tuple[Payment, ...]:
        """The payments of one order."""
        rows = self._file.execute(OF, (order_id.binary,))
        return tuple(Payment(id=row[0], order_id=order_id, captured=row[1], refunded=row[2]) for row in rows)

    def of_all(self, order_ids: Iterable[ObjectId]) -> dict[ObjectId, tuple[Payment, ...]]:
        """The payments of each of these orders that has any."""
        money = {order_id: self.of(order_id) for order_id in order_ids}
        return {order_id: payments for order_id, payments in money.items() if payments}

    def orders(self, batch: int = 1_000) -> Iterator[Sequence[ObjectId]]:
        """The ids of all orders named by payments that keep money, `batch` at a time."""
        last = b""
        while rows := self._file.execute(ORDERS, (last, batch)).fetchall():
            yield [ObjectId(row[0]) for row in rows]
            last = rows[-1][0]

    def count(self) -> tuple[int, int]:
        """How many payments there are, and how many of them name no order."""
        total, named = self._file.execute("SELECT count(*), count(order_id) FROM payments").fetchone()
        return total, total - named
