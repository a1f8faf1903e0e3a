"""The deliveries that webhook endpoints still have to get, in the same file and transactions as the objects."""

import json
import sqlite3
from dataclasses import dataclass

from cluster.sandbox.shapes import Json

_DUE = """
SELECT d.id, e.body, w.body, d.made, d.attempts, d.looked_at FROM deliveries d
JOIN objects e ON e.id = d.event JOIN objects w ON w.id = d.endpoint
WHERE d.due <= ? ORDER BY d.due, d.id LIMIT ?
"""
_ENDPOINTS = "SELECT body FROM objects WHERE kind = 'webhook_endpoint' ORDER BY seq"
_ADD = "INSERT INTO deliveries (event, endpoint, made, due) VALUES (?, ?, ?, ?)"
_ORPHANS = "DELETE FROM deliveries WHERE event NOT IN (SELECT id FROM objects WHERE kind = 'event')"


@dataclass(frozen=True)
class Parcel:
    """One event on its way to one endpoint."""

    id: int
    event: Json
    endpoint: Json
    """With its secret."""

    made: float
    """Epoch seconds: when the event came about."""

    attempts: int
    """How many have failed."""

    looked_at: bool
    """Whether the fault rules were asked about it."""


class DeliveryQueue:
    """Reads and writes of the deliveries within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Work on a connection whose transaction has begun."""
        self._connection = connection
        self.added = False
        """Whether something was queued."""

    def add(self, event: Json, now: float) -> None:
        """Queue an event for every endpoint that wants its type."""
        for (body,) in self._connection.execute(_ENDPOINTS).fetchall():
            endpoint = json.loads(body)
            if "*" in endpoint["enabled_events"] or event["type"] in endpoint["enabled_events"]:
                self._connection.execute(_ADD, (event["id"], endpoint["id"], now, now))
                self.added = True

    def due(self, now: float, limit: int) -> list[Parcel]:
        """Return what is to be sent by now (epoch seconds), the longest overdue first."""
        rows = self._connection.execute(_DUE, (now, limit))
        return [
            Parcel(id_, json.loads(event), json.loads(endpoint), made, attempts, bool(looked_at))
            for id_, event, endpoint, made, attempts, looked_at in rows
        ]

    def next_due(self) -> float | None:
        """Return when something is to be sent next (epoch seconds); None when nothing waits."""
        return self._connection.execute("SELECT min(due) FROM deliveries").fetchone()[0]  # type: ignore[no-any-return]

    def pending(self, event_id: str) -> int:
        """Count the endpoints that have not got an event yet."""
        row = self._connection.execute("SELECT count(*) FROM deliveries WHERE event = ?", (event_id,)).fetchone()
        return int(row[0])

    def count(self) -> int:
        """Count what waits."""
        return int(self._connection.execute("SELECT count(*) FROM deliveries").fetchone()[0])

    def done(self, parcel: Parcel) -> None:
        """Forget a delivery: it arrived, or is given up; let go what was held back until another had arrived."""
        self._connection.execute("DELETE FROM deliveries WHERE id = ?", (parcel.id,))
        self._connection.execute(
            "UPDATE deliveries SET due = made, held = 0 WHERE endpoint = ? AND held = 1", (parcel.endpoint["id"],)
        )

    def again(self, parcel: Parcel, due: float) -> None:
        """Send it again at `due` (epoch seconds), after one more failure."""
        self._connection.execute(
            "UPDATE deliveries SET due = ?, attempts = attempts + 1, looked_at = 1 WHERE id = ?", (due, parcel.id)
        )

    def postpone(self, parcel: Parcel, due: float, *, held: bool) -> None:
        """Send it at `due` (epoch seconds) at the latest; earlier, if `held`, once another one arrived."""
        self._connection.execute(
            "UPDATE deliveries SET due = ?, held = ?, looked_at = 1 WHERE id = ?", (due, held, parcel.id)
        )

    def forget_endpoint(self, endpoint_id: str) -> None:
        """Drop what waits for an endpoint that is gone."""
        self._connection.execute("DELETE FROM deliveries WHERE endpoint = ?", (endpoint_id,))

    def forget_orphans(self) -> None:
        """Drop what waits of events that are gone."""
        self._connection.execute(_ORPHANS)
