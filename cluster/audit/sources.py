"""Where the audit reads: flags, then the environment, then the record of the copy that runs here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cluster.local import record, sandbox
from cluster.local.errors import FolderError, ProofError
from cluster.local.folder import DATABASE, DataFolder
from cluster.local.mongo_url import without_password
from cluster.local.record import RunRecord
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
    """The data folder alone: other settings may be another machine's.

    Raises:
        FolderError: it is a file.
    """
    default = Settings.model_fields["data_dir"].default
    path = Path(flag or environ.get("BOXOFFICE_DATA_DIR") or default)
    if path.exists() and not path.is_dir():
        raise FolderError(f"{path} is not a folder.", "Name another one in BOXOFFICE_DATA_DIR.")
    return DataFolder(path)


def sources(
    folder: DataFolder | None, mongo_url: str | None, database: str | None, environ: Mapping[str, str] = os.environ
) -> Sources:
    """What to read; without a folder, what runs here is not meant.

    Raises:
        ProofError: nothing says where MongoDB is, or which Stripe account to ask.
    """
    running = record.load_living(folder.record) if folder else None
    url = mongo_url or environ.get("MONGO_URL") or (running.mongo_url if running else "")
    if not url:
        raise ProofError("Nothing says which database to audit.", "Start Box Office here, or name it in MONGO_URL.")
    own = running if running and same_mongodb(url, running.mongo_url) else None
    name = database or environ.get("BOXOFFICE_DATABASE") or (own.database if own else "") or DATABASE
    is_own = own is not None and own.database in ("", name)
    key, base = _account(own if is_own else None, name, environ)
    return Sources(mongo_url=url, database=name, stripe_key=key, stripe_api_base=base)


def _account(own: RunRecord | None, database: str, environ: Mapping[str, str]) -> tuple[str, str | None]:
    """Whom to ask for the money; the sandbox of the copy that runs here knows that of no other database.

    Raises:
        ProofError: nothing says it.
    """
    if key := environ.get("STRIPE_KEY"):
        return key, environ.get("STRIPE_API_BASE", "").rstrip("/") or None
    if own and own.sandbox_url:
        return sandbox.KEY, own.sandbox_url
    sentence = f"Nothing says which Stripe account the office in the database {database} is paid on."
    raise ProofError(sentence, "Give its secret key in STRIPE_KEY.")


def same_mongodb(url: str, recorded: str) -> bool:
    """Whether both name the same MongoDB; the record has no passwords."""
    return without_password(url).rstrip("/") == without_password(recorded).rstrip("/")
