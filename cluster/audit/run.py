"""Runs an audit on real parts."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import InvalidURI
from pymongo.read_preferences import ReadPreference

from actors.runtime.clock import SystemClock
from cluster.audit.books import Books
from cluster.audit.clock_of import ClockOf
from cluster.audit.obstacles import explained
from cluster.audit.progress import Progress
from cluster.audit.proof import Proof
from cluster.audit.report import Report
from cluster.audit.settling import Patience
from cluster.audit.sources import Sources
from cluster.audit.stripe_books import StripeBooks
from cluster.audit.till import Till
from cluster.local.errors import ProofError

MONGO_MS = 5_000
"""How long MongoDB may take until it is found."""


def audit(where: Sources, *, grace: timedelta, patience: Patience, progress: Progress) -> Report:
    """The whole proof.

    Raises:
        ProofError: it could not be done: MongoDB or Stripe could not be read, or no Box Office ever ran there.
    """
    folder = tempfile.TemporaryDirectory(prefix="boxoffice-audit-", ignore_cleanup_errors=True)
    with explained(), opened(where) as books, folder as name, Till(Path(name) / "till.sqlite3") as till:
        money = StripeBooks(where.stripe_key, where.stripe_api_base)
        clock = ClockOf(books.now(), SystemClock())
        return Proof(books, money, till, clock=clock, grace=grace, patience=patience, progress=progress).run()


def demand_office(where: Sources) -> None:
    """Look before anything else is done whether there is something to prove, and money to compare it with.

    Raises:
        ProofError: MongoDB or Stripe could not be read, or no Box Office ever ran there.
    """
    with explained(), opened(where):
        StripeBooks(where.stripe_key, where.stripe_api_base).demand_account()


@contextmanager
def opened(where: Sources) -> Iterator[Books]:
    """The books, while the block runs.

    Raises:
        ProofError: its URL is none, or no Box Office ever ran there: of nothing everything can be proven.
        pymongo.errors.PyMongoError: MongoDB could not be read.
    """
    with _client(where.mongo_url) as client:
        # Whatever the URL prefers: a secondary may not know yet what was just committed.
        books = Books(client.get_database(where.database, read_preference=ReadPreference.PRIMARY))
        if not books.is_office():
            advice = "Look whether --database (or BOXOFFICE_DATABASE) is the name that it runs under."
            raise ProofError(f"No Box Office ever ran in the database {where.database}.", advice)
        yield books


def _client(url: str) -> MongoClient[dict[str, Any]]:
    try:
        return MongoClient(url, tz_aware=True, serverSelectionTimeoutMS=MONGO_MS, appname="boxoffice audit")
    except (ValueError, InvalidURI) as error:
        # Its words repeat parts of the URL, and a password may be in it.
        advice = "It is written mongodb://user:password@host:port; %-escape what is special in a password."
        raise ProofError("MONGO_URL (or --mongo-url) is no MongoDB URL.", advice) from error
