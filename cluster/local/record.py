"""The run record: who owns a data folder, which processes it started, where its parts listen. No secrets."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cluster.local.errors import FolderError
from cluster.local.processes import Identity


@dataclass
class RunRecord:
    """What `down`, `status` and the next `up` need to know about a run."""

    owner: Identity
    """The `boxoffice up` itself."""

    url: str = ""
    """Where people reach the marketplace."""

    first_port: int = 0
    """Start of the copy's block of ports, see `cluster.local.ports`."""

    mongo_url: str = ""
    """Where MongoDB is; without its password."""

    database: str = ""
    """Name of the database there; empty in the record of a version that did not write it down."""

    sandbox_url: str = ""
    """Where the Stripe sandbox is; empty when Stripe itself is used."""

    ray_address: str = ""
    """Where Ray's head is."""

    dashboard_url: str = ""
    """Where Ray's dashboard and state API are."""

    namespace: str = "boxoffice"
    """Ray namespace of the supervisors."""

    state: str = "starting"
    """`starting`, `ready` or `stopping`."""

    children: dict[str, Identity] = field(default_factory=dict)
    """The parts this run started, by name; whatever they started in turn is found from them."""

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        os.replace(draft, path)


def load(path: Path) -> RunRecord | None:
    """The record at `path`; None when there is none or it cannot be understood.

    Raises:
        FolderError: it may not be read.
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        owner = Identity(**fields.pop("owner"))
        children = {name: Identity(**who) for name, who in fields.pop("children").items()}
        return RunRecord(owner=owner, children=children, **fields)
    except PermissionError as error:
        sentence = f"The data folder {path.parent} belongs to another user."
        raise FolderError(sentence, "Run it as that user.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def load_living(path: Path) -> RunRecord | None:
    """The record at `path`, if it may be read and the copy that wrote it runs."""
    try:
        known = load(path)
    except FolderError:
        return None
    return known if known is not None and known.owner.alive() else None
