"""Runs an audit on real parts."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import stripe
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from actors.runtime.clock import SystemClock
from cluster.audit.books import Books, ForeignDocument
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
        ProofError: MongoDB or Stripe could not be read, or the database is none of Box Office.
    """
    try:
        return _audit(where, grace, patience, progress)
    except PyMongoError as error:
        advice = "Look whether it runs, and whether --mongo-url (or MONGO_URL) is right."
        raise ProofError(f"MongoDB could not be read ({type(error).__name__}).", advice) from error
    except stripe.StripeError as error:
        advice = "Look whether STRIPE_KEY is the key of the account that this office is paid on."
        raise ProofError(f"Stripe could not be asked ({type(error).__name__}).", advice) from error
    except ForeignDocument as error:
        advice = "Look whether --database names the right one, and whether another version writes there."
        raise ProofError(f"{error} was not written by this Box Office.", advice) from error


def _audit(where: Sources, grace: timedelta, patience: Patience, progress: Progress) -> Report:
    found: MongoClient[dict[str, Any]] = MongoClient(
        where.mongo_url, tz_aware=True, serverSelectionTimeoutMS=MONGO_MS, appname="boxoffice audit"
    )
    folder = tempfile.TemporaryDirectory(prefix="boxoffice-audit-")
    with found as client, folder as name, Till(Path(name) / "till.sqlite3") as till:
        books, money = Books(client[where.database]), StripeBooks(where.stripe_key, where.stripe_api_base)
        proof = Proof(books, money, till, clock=SystemClock(), grace=grace, patience=patience, progress=progress)
        return proof.run()
