"""One SQLite file that outlives kill -9: objects, remembered answers, deliveries. Whole transactions or nothing.

WAL with `synchronous=NORMAL`: a commit survives the death of this process; the last ones may be lost when the
machine itself loses power, which a sandbox can afford.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.sandbox.transaction import Transaction

LOCK_WAIT_S = 30.0
"""How long another process may hold the file before a request fails, in seconds."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    intent TEXT,
    charge TEXT,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_intent ON objects (intent, kind) WHERE intent IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_by_charge ON objects (charge, kind) WHERE charge IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_by_age ON objects (created) WHERE kind = 'event';
CREATE INDEX IF NOT EXISTS sessions_open ON objects (json_extract(body, '$.expires_at'))
    WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open';
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    made REAL NOT NULL,
    due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    looked_at INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS deliveries_by_due ON deliveries (due);
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    parameters TEXT NOT NULL,
    request_id TEXT NOT NULL,
    created INTEGER NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS idempotency_by_age ON idempotency (created);
"""


class Store:
    """The file. Use it from one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it when it is not there; sqlite3.Error when it cannot be."""
        self.queued = False
        """Whether deliveries were committed since somebody set this to False."""

        # Opened in the thread that starts the server, used in the one that works.
        self._connection = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Run the block in one transaction: all of it is kept, or nothing when it raises."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            tx = Transaction(self._connection)
            yield tx
            self._connection.execute("COMMIT")
            self.queued = self.queued or tx.deliveries.added
        except BaseException:
            if self._connection.in_transaction:  # a full disk may have ended it already
                self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
