"""A MongoDB by its URL: whether it can be used, why not in a sentence, and the URL fit to be shown."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, InvalidURI, OperationFailure, PyMongoError

from cluster.local.errors import DatabaseError

ANSWER_MS = 3000
"""How long it may take to be found."""

LOCKED_OUT = frozenset({13, 18, 8000})
"""Codes of MongoDB: not authorised, authentication failed, and Atlas's own for both."""


def demand_replica_set(url: str) -> None:
    """Check a MongoDB that somebody else runs.

    Raises:
        DatabaseError: it does not answer or lets us not in, or is not a replica set, or the URL is none.
    """
    with explained(url), MongoClient[dict[str, object]](url, serverSelectionTimeoutMS=ANSWER_MS) as client:
        hello = client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise DatabaseError(
            f"The MongoDB at {without_password(url)} is not a replica set.",
            "Start it with --replSet and run rs.initiate(), or unset MONGO_URL to use the embedded one.",
        )


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Run the block, which uses the MongoDB at `url`.

    Raises:
        DatabaseError: MongoDB failed it, or the URL is none.
    """
    try:
        yield
    except (InvalidURI, ValueError) as error:
        # Its words repeat parts of the URL, and a password may be in it.
        advice = "It is written mongodb://user:password@host:port; %-escape what is special in a password."
        raise DatabaseError("MONGO_URL is no MongoDB URL.", advice) from error
    except (PyMongoError, OSError) as error:
        sentence, advice = _told(error)
        raise DatabaseError(f"The MongoDB at {without_password(url)} {sentence}", advice) from error


def _told(error: PyMongoError | OSError) -> tuple[str, str]:
    match error:
        case OperationFailure(code=code) if code in LOCKED_OUT:
            return (
                f"does not let this user in (code {code}).",
                "Give one who may read and write there: MONGO_URL=mongodb://user:password@host/?authSource=admin.",
            )
        case OperationFailure(code=code):
            return f"refuses to work (code {code}).", "Its log, and MongoDB's list of error codes, say why."
        case ConnectionFailure() | TimeoutError():
            return "does not answer.", "Start it, correct MONGO_URL, or unset it to use the embedded one."
        case _:
            return (
                f"cannot be used ({type(error).__name__}).",
                "Correct MONGO_URL, or unset it to use the embedded one.",
            )


def without_password(url: str) -> str:
    """`url` fit to be shown: without user and password, whatever is in them, and without options."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2].partition('?')[0]}"
