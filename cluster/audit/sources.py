"""Where the audit reads: flags, then the environment, then the record of the copy that runs here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cluster.local import record, sandbox
from cluster.local.errors import ProofError
from cluster.local.folder import DataFolder
from cluster.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Sources:
    """A database, and the Stripe account that belongs to it."""

    mongo_url: str = field(repr=False)
    database: str
    stripe_key: str = field(repr=False)
    stripe_api_base: str | None
    """None is Stripe itself."""


def folder_of(flag: str | None, environ: Mapping[str, str] = os.environ) -> DataFolder:
    """The data folder alone: other settings may be another machine's."""
    default = Settings.model_fields["data_dir"].default
    return DataFolder(Path(flag or environ.get("BOXOFFICE_DATA_DIR") or default))


def sources(
    folder: DataFolder | None, mongo_url: str | None, database: str | None, environ: Mapping[str, str] = os.environ
) -> Sources:
    """What to read; without a folder, what runs here is not meant.

    Raises:
        ProofError: nothing says where MongoDB is, or which Stripe account to ask.
    """
    known = record.load(folder.record) if folder else None
    running = known if known and known.owner.alive() else None
    url = mongo_url or environ.get("MONGO_URL") or (running.mongo_url if running else "")
    if not url:
        raise ProofError("Nothing says which database to audit.", "Start Box Office here, or give --mongo-url.")
    key, base = environ.get("STRIPE_KEY"), environ.get("STRIPE_API_BASE")
    if not key and running and running.sandbox_url:
        key, base = sandbox.KEY, running.sandbox_url
    if not key:
        raise ProofError("Nothing says which Stripe account to ask.", "Give its secret key in STRIPE_KEY.")
    name = database or environ.get("BOXOFFICE_DATABASE") or str(Settings.model_fields["database"].default)
    return Sources(mongo_url=url, database=name, stripe_key=key, stripe_api_base=base or None)
