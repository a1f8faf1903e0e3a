"""Where a sale is held, by which right, and what may be read to prove it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cluster.audit.sources import Sources, sources
from cluster.local import record, web
from cluster.local.errors import ProofError
from cluster.local.folder import DataFolder


@dataclass(frozen=True, kw_only=True)
class Place:
    """A marketplace."""

    url: str
    is_own: bool
    """It is the copy that runs here."""

    jwt_key: str | None = field(repr=False)
    """Signs the buyers' sessions; None where they must sign up."""

    books: Sources | None = None
    """Its database and its Stripe account; None where the API must do."""

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine."""
        return self.is_own or is_loopback(self.url)


def place(folder: DataFolder, target: str | None, *, really: bool, environ: Mapping[str, str] = os.environ) -> Place:
    """The marketplace at `target`, or the one that runs here.

    Raises:
        ProofError: nothing runs here, or `target` is another machine and nobody said that it really is meant.
    """
    known = record.load_living(folder.record)
    own = known.url.rstrip("/") if known else ""
    url = (own if target is None else target).rstrip("/")
    if not url:
        raise ProofError("Box Office does not run here.", "Start it with `boxoffice up`, or give --target.")
    if not (really or url == own or is_loopback(url)):
        advice = "Give --yes-really-this-host if it is yours to load."
        raise ProofError(f"{url} is not this machine, and a sale is a heavy load.", advice)
    is_own = bool(own) and (url == own or (is_loopback(url) and port_of(url) == port_of(own)))
    key = environ.get("JWT_KEY") or (folder.kept("jwt-key") if is_own else None)
    return Place(url=url, is_own=is_own, jwt_key=key)


def books_of(
    place: Place,
    folder: DataFolder,
    mongo_url: str | None,
    database: str | None,
    environ: Mapping[str, str] = os.environ,
) -> Sources:
    """What proves a sale there; what runs here says nothing about another place.

    Raises:
        ProofError: nothing says where its database or its Stripe account is.
    """
    try:
        return sources(folder if place.is_own else None, mongo_url, database, environ)
    except ProofError as error:
        advice = "Or give --api-only: then what buyers were told is compared with what the API says, and no more."
        raise ProofError(error.sentence, f"{error.advice} {advice}") from error


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine by its very name."""
    return web.is_loopback(urlsplit(url).hostname or "")


def port_of(url: str) -> int:
    """The port of `url`, said or meant."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)
