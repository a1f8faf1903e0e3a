"""What a copy is doing: collected from its record, its parts and its supervisors."""

import os
import socket
from dataclasses import asdict, dataclass, field
from typing import Any

from cluster import own_mongo
from cluster.local import leftovers, ray_env, record, web
from cluster.local.folder import DataFolder
from cluster.local.record import RunRecord


@dataclass(frozen=True, kw_only=True)
class Status:
    """One look at a copy, or at a cluster. With `running` false only `left_behind` says anything."""

    running: bool
    left_behind: int = 0
    """Processes of a killed run that are still there."""

    state: str = ""
    ready: bool = False
    url: str = ""
    pid: int = 0
    machines: list[str] = field(default_factory=list)
    """The addresses of a cluster's machines; none for a copy, which is on this one."""

    mongodb: dict[str, Any] = field(default_factory=dict)
    stripe: dict[str, Any] = field(default_factory=dict)
    ray: dict[str, Any] = field(default_factory=dict)
    serve: list[dict[str, Any]] = field(default_factory=list)
    services: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return asdict(self) if self.running else {"running": False, "left_behind": self.left_behind}


def collect(folder: DataFolder) -> Status:
    """Look at the copy that owns `folder`."""
    known = record.load(folder.record)
    if known is None or not known.owner.alive():
        return Status(running=False, left_behind=len(leftovers.find(folder, known)))
    answers = _listens(known.ray_address)
    serve, services = _from_ray(folder, known) if answers else ([], [])
    return Status(
        running=True,
        state=known.state,
        ready=web.answers(f"{known.url}/api/ready"),
        url=known.url,
        pid=known.owner.pid,
        mongodb=_mongodb(known),
        stripe=_stripe(known),
        ray={"address": known.ray_address, "dashboard": known.dashboard_url, "answers": answers},
        serve=serve,
        services=services,
    )


def _listens(address: str) -> bool:
    """Whether somebody accepts connections there: asking Ray itself takes a minute when nobody does."""
    host, _, port = address.partition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except (OSError, ValueError):
        return False


def _mongodb(known: RunRecord) -> dict[str, Any]:
    return {"url": known.mongo_url, "embedded": "mongod" in known.children} | own_mongo.hello(own_mongo.url_of(known))


def _stripe(known: RunRecord) -> dict[str, Any]:
    if not known.sandbox_url:
        return {"sandbox": False}
    return {"sandbox": True, "url": known.sandbox_url, "answers": web.answers(f"{known.sandbox_url}/health")}


def _from_ray(folder: DataFolder, known: RunRecord) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The Serve replicas and the supervisors; both empty while Ray cannot be asked."""
    # Ray reads these once, when it is imported: so it is imported here and not above.
    os.environ.update(ray_env.client_env(folder))
    from cluster import ray_view  # noqa: PLC0415

    return ray_view.look(known.ray_address, known.dashboard_url, known.namespace)
