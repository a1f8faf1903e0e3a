"""What keeps a proof from being done, as a sentence and an advice: exit status 2, never a traceback."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import stripe
from pymongo.errors import PyMongoError

from cluster.audit.snapshots import ForeignDocument
from cluster.local.errors import ProofError


@contextmanager
def explained() -> Iterator[None]:
    """Run the block.

    Raises:
        ProofError: MongoDB, Stripe or this machine failed it, or the database is none of ours.
    """
    try:
        yield
    except PyMongoError as error:
        advice = "Look whether it runs, and whether --mongo-url (or MONGO_URL) is right."
        raise ProofError(f"MongoDB could not be read ({type(error).__name__}).", advice) from error
    except stripe.RateLimitError as error:
        advice = "The office and whoever else asks on this account come first. Try again when it is quieter."
        raise ProofError("Stripe says that it is asked too much.", advice) from error
    except stripe.APIConnectionError as error:
        advice = "Look whether Stripe can be reached from here: at STRIPE_API_BASE, where that is set."
        raise ProofError(f"Stripe could not be asked ({type(error).__name__}).", advice) from error
    except stripe.StripeError as error:
        advice = "Look whether STRIPE_KEY is the key of the account that this office is paid on."
        raise ProofError(f"Stripe could not be asked ({type(error).__name__}).", advice) from error
    except ForeignDocument as error:
        advice = "Look whether --database names the right one, and whether another version writes there."
        raise ProofError(f"{error} was not written by this Box Office.", advice) from error
    except (OSError, sqlite3.Error) as error:
        advice = "Look at what it says. Temporary files need room (TMPDIR), connections need open files (ulimit -n)."
        raise ProofError(f"This machine could not do it ({type(error).__name__}: {error}).", advice) from error
