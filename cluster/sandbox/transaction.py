"""What may be read and written within one transaction."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cluster.sandbox import queries
from cluster.sandbox.delivery_queue import DeliveryQueue
from cluster.sandbox.filters import Filter
from cluster.sandbox.shapes import Answer, Json


@dataclass(frozen=True)
class Remembered:
    """The first request under an idempotency key, and its answer."""

    path: str
    parameters: str
    answer: Answer


class Transaction:
    """Reads and writes that are kept together."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Work on a connection whose transaction has begun."""
        self._connection = connection
        self.deliveries = DeliveryQueue(connection)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what the block wrote when it raises; what came before it stays."""
        self._connection.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO step")
            raise
        finally:
            self._connection.execute("RELEASE step")

    def get(self, kind: str, object_id: str) -> Json | None:
        """Return an object; None when there is none of this kind and id."""
        row = self._connection.execute(
            "SELECT body FROM objects WHERE id = ? AND kind = ?", (object_id, kind)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, item: Json) -> None:
        """Keep an object as it is now."""
        self._connection.execute(
            "INSERT INTO objects (id, kind, created, intent, charge, body) VALUES (?, ?, ?, ?, ?, ?) "
            # A Checkout Session learns its intent late.
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body, intent = excluded.intent",
            (
                item["id"],
                item["object"],
                item["created"],
                item.get("payment_intent"),
                item.get("charge"),
                json.dumps(item),
            ),
        )

    def delete(self, kind: str, object_id: str) -> None:
        """Drop an object, if it is there."""
        self._connection.execute("DELETE FROM objects WHERE id = ? AND kind = ?", (object_id, kind))

    def seq(self, kind: str, object_id: str) -> int | None:
        """Return an object's place in the order of making; None when there is no such object."""
        row = self._connection.execute(
            "SELECT seq FROM objects WHERE id = ? AND kind = ?", (object_id, kind)
        ).fetchone()
        return None if row is None else int(row[0])

    def page(self, wanted: Filter, limit: int) -> list[Json]:
        """Return the newest objects that fit (or the oldest after `after_seq`), at most `limit`, newest first."""
        condition, values = wanted.where()
        order = "DESC" if wanted.after_seq is None else "ASC"
        rows = self._connection.execute(
            f"SELECT body FROM objects WHERE {condition} ORDER BY seq {order} LIMIT ?", [*values, limit]
        )
        found = [json.loads(row[0]) for row in rows]
        return found if wanted.after_seq is None else found[::-1]

    def overdue_sessions(self, now: int, limit: int) -> list[Json]:
        """Return open Checkout Sessions whose time (epoch seconds) has come, at most `limit`."""
        rows = self._connection.execute(queries.OVERDUE, (now, limit))
        return [json.loads(row[0]) for row in rows]

    def forget_events(self, moment: int, count_max: int) -> None:
        """Drop the events from before `moment` (epoch seconds), and all but the newest `count_max`."""
        self._connection.execute(queries.OLD_EVENTS, (moment,))
        self._connection.execute(queries.SURPLUS_EVENTS, (count_max,))

    def recall(self, key: str) -> Remembered | None:
        """Return what was answered under an idempotency key."""
        row = self._connection.execute(
            "SELECT path, parameters, body, status, request_id FROM idempotency WHERE key = ?", (key,)
        ).fetchone()
        if row is None:
            return None
        path, parameters, body, status, request_id = row
        return Remembered(path, parameters, Answer(json.loads(body), status, request_id))

    def remember(self, key: str, first: Remembered, request_id: str, now: int) -> None:
        """Keep the answer to the first request under a key."""
        self._connection.execute(
            "INSERT INTO idempotency (key, path, parameters, request_id, created, status, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                first.path,
                first.parameters,
                request_id,
                now,
                first.answer.status,
                json.dumps(first.answer.body),
            ),
        )

    def forget_before(self, moment: int) -> None:
        """Drop the keys that were first used before `moment` (epoch seconds)."""
        self._connection.execute("DELETE FROM idempotency WHERE created < ?", (moment,))

    def ledger(self) -> list[tuple[Json, str | None, int, int, int]]:
        """Return every intent with its Checkout Session's id, captured, refunded and still pending refunded cents.

        Oldest first.

        The sums come from charges and refunds, so that they check what intents say of themselves.
        """
        rows = self._connection.execute(queries.LEDGER)
        return [(json.loads(body), *sums) for body, *sums in rows]
