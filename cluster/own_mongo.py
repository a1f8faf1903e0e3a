"""The MongoDB of the copy that runs here, as this shell may read it."""

import os
from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.read_preferences import ReadPreference

from actors.runtime.partition_record import RECORD
from cluster.audit.sources import same_mongodb
from cluster.local.folder import DATABASE
from cluster.local.record import RunRecord

ANSWER_MS = 2_000
"""How long it may take to be found."""


def url_of(known: RunRecord, environ: Mapping[str, str] = os.environ) -> str:
    """Its URL. The record never holds a password; who has it gives it in MONGO_URL, the way `up` got it.

    A MONGO_URL that names another one is meant for something else, and does not count.
    """
    given = environ.get("MONGO_URL", "")
    return given if same_mongodb(given, known.mongo_url) else known.mongo_url


def hello(url: str) -> dict[str, Any]:
    """What the one at `url` says of itself; nothing more than that where it does not answer."""
    try:
        with MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=ANSWER_MS) as client:
            said = client.admin.command("hello")
            version = client.admin.command("buildInfo")["version"]
    except (ValueError, PyMongoError):  # the first for a URL that is none
        return {"answers": False}
    return {
        "answers": True,
        "primary": bool(said.get("isWritablePrimary")),
        "set": said.get("setName"),
        "version": version,
    }


def partitions_of(known: RunRecord) -> int | None:
    """How many partitions each service has by the recorded map; None where that cannot be read from this shell."""
    try:
        with MongoClient[dict[str, Any]](url_of(known), serverSelectionTimeoutMS=ANSWER_MS) as client:
            database = client.get_database(known.database or DATABASE, read_preference=ReadPreference.PRIMARY)
            found = database["office"].find_one({"_id": RECORD})
    except (ValueError, PyMongoError):
        return None
    return int(found["partitions"]) if found else None
