"""Where a sale is held, and by which right."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from cluster.audit.sources import Sources
from cluster.local import record
from cluster.local.errors import ProofError
from cluster.local.folder import DataFolder


@dataclass(frozen=True, kw_only=True)
class Place:
    """A marketplace and its database."""

    url: str
    mongo_url: str = field(repr=False)
    database: str
    jwt_key: str | None = field(repr=False)
    """Signs the buyers' sessions; None where they must sign up."""


def place(
    folder: DataFolder, target: str | None, where: Sources, *, really: bool, environ: Mapping[str, str] = os.environ
) -> Place:
    """The marketplace at `target`, or the one that runs here.

    Raises:
        ProofError: nothing runs here, or `target` is another machine and nobody said that it really is meant.
    """
    known = record.load(folder.record)
    own = known.url.rstrip("/") if known and known.owner.alive() else ""
    url = (target or own).rstrip("/")
    if not url:
        raise ProofError("Box Office does not run here.", "Start it with `boxoffice up`, or give --target.")
    if not really and not is_loopback(url):
        advice = "Give --yes-really-this-host if it is yours to load."
        raise ProofError(f"{url} is not this machine, and a sale is a heavy load.", advice)
    key = environ.get("JWT_KEY") or (folder.secret("jwt-key") if url == own else None)
    return Place(url=url, mongo_url=where.mongo_url, database=where.database, jwt_key=key)


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine by its very name."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
