"""The peer as it runs: a mongod of its own, of the same binary, flags and cache as an office's, and uvicorn workers."""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from bson import ObjectId
from pymongo.database import Database

from actors.runtime.clock import SystemClock
from cluster.local import mongod
from cluster.local.child import Child
from cluster.local.folder import DataFolder
from tests.benchmarks import seeding
from tests.benchmarks.peer.books import Document
from tests.integration.office import JWT_KEY, ROOT, connected, free_port
from tests.waiting import wait_for

WORKERS = 2
"""As many as serve it best on two cores: one leaves a part of them idle, three gain nothing."""

APP = "tests.benchmarks.peer.app:app"
QUIET = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]


class Peer:
    """One running peer."""

    def __init__(self, folder: Path, workers: int = WORKERS) -> None:
        """Keep its data in `folder`."""
        self._folder = DataFolder(folder)
        self._workers = workers
        self._port, self._mongo_port = free_port(), free_port()
        self._children: list[Child] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def mongo_url(self) -> str:
        return mongod.url(self._mongo_port)

    @property
    def database(self) -> Database[dict[str, Any]]:
        return connected(self.mongo_url, self._folder.mongo)["peer"]

    @property
    def roots(self) -> list[int]:
        """The processes that everything of it descends from."""
        return [child.identity.pid for child in self._children]

    def start(self) -> "Peer":
        """Start it, until it answers."""
        self._folder.mongo.mkdir(parents=True)
        self._folder.logs.mkdir()
        self._children.append(mongod.start(self._folder, self._mongo_port, mongod.binary(), dict(os.environ)))
        wait_for("the peer's MongoDB", lambda: mongod.try_primary(self._mongo_port), every_s=0.2)
        self._children.append(self._uvicorn())
        wait_for(f"the peer; its log:\n{self._children[-1].tail()}", self._answers)
        return self

    def stop(self) -> None:
        for child in reversed(self._children):
            child.stop(grace_s=mongod.STOP_S)

    def seed(self, count: int) -> list[str]:
        """The ids of so many new tickets on sale."""
        now = SystemClock().now()
        ids = [ObjectId() for _ in range(count)]
        seeding.store(self.database, "tickets", (listed(ticket_id, n, now) for n, ticket_id in enumerate(ids)))
        return [str(ticket_id) for ticket_id in ids]

    def _uvicorn(self) -> Child:
        command = [sys.executable, "-m", "uvicorn", APP, "--port", str(self._port), "--workers", str(self._workers)]
        env = os.environ | {"MONGO_URL": self.mongo_url, "JWT_KEY": JWT_KEY, "PYTHONPATH": str(ROOT)}
        return Child("peer", [*command, *QUIET], log=self._folder.logs / "peer.log", env=env)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/tickets?limit=1").status_code == 200
        except httpx.TransportError:
            return False


def listed(ticket_id: ObjectId, n: int, now: datetime) -> Document:
    """A ticket on sale."""
    return {
        "_id": ticket_id,
        "title": seeding.title(n),
        "price": seeding.PRICE,
        "userId": seeding.SELLER,
        "version": 0,
        "createdAt": now,
    }
