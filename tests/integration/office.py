"""A whole Box Office for tests: started by the same command as a person's, on a port and data folder of its own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from actors.runtime.clock import SystemClock
from cluster.local import ray_env, sandbox
from cluster.local.folder import DataFolder
from serve_app.sessions import Sessions
from tests.tls import TLS
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
JWT_KEY = "an-integration-test-key-of-32-characters-or-more"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@cache
def connected(url: str, folder: Path) -> MongoClient[dict[str, Any]]:
    """One client for each database: connecting costs more than asking.

    A database is told by its folder too: a later one may get the port of one that is gone, and a client that has
    seen the later elections of the one before would never believe it.
    """
    assert folder.exists(), f"whose database is at {url}?"
    return MongoClient(url, tz_aware=True)


@dataclass
class Person:
    """Somebody who is signed in: a session made with the office's key, as sign-in makes it."""

    user_id: ObjectId
    client: httpx.Client


@dataclass
class Office:
    """One running copy."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def jwt_key(self) -> str:
        return JWT_KEY

    @property
    def output(self) -> Path:
        return self.folder.with_suffix(".out")

    @property
    def placement(self) -> str:
        return self.settings.get("BOXOFFICE_PLACEMENT", "shared")

    def start(self) -> "Office":
        """`boxoffice up`, until it is ready."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("BOXOFFICE_", "STRIPE_"))}
        environ = (
            ours
            | self.settings
            | {
                "BOXOFFICE_PORT": str(self.port),
                "BOXOFFICE_DATA_DIR": str(self.folder),
                "JWT_KEY": JWT_KEY,
            }
        )
        with self.output.open("ab") as out:
            command = [sys.executable, "-m", "cluster", "up"]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environ, stdout=out, stderr=out, stdin=subprocess.DEVNULL
            )
        wait_for(f"a ready office; its output:\n{self.output.read_text()[-2000:]}", self.is_ready, 120, 0.2)
        return self

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"`boxoffice up` ended:\n{self.output.read_text()[-4000:]}"
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/api/ready", timeout=5, verify=TLS).status_code == 200
        return False

    def stop(self) -> None:
        """Ctrl-C, and wait until it has ended everything."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)

    @property
    def record(self) -> dict[str, Any]:
        """The run record: pids and addresses."""
        found: dict[str, Any] = json.loads((self.folder / "run.json").read_text())
        return found

    @property
    def mongo(self) -> Database[dict[str, Any]]:
        """The office's database."""
        return connected(self.record["mongo_url"], self.folder)[self.record["database"]]

    @contextlib.contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """A browser without a session."""
        with httpx.Client(base_url=self.url, timeout=60, verify=TLS) as client:
            yield client

    @contextlib.contextmanager
    def person(self, user_id: ObjectId | None = None) -> Iterator[Person]:
        """Somebody who is signed in; somebody new unless the id says who."""
        user_id = user_id or ObjectId()
        session = {"session": self.session(user_id)}
        with httpx.Client(base_url=self.url, timeout=60, cookies=session, verify=TLS) as client:
            yield Person(user_id, client)

    def session(self, user_id: ObjectId) -> str:
        """A session token, as sign-in makes it."""
        cookie = Sessions(JWT_KEY, SystemClock(), secure=False).opened(user_id, f"{user_id}@example.com")
        return cookie.split(";")[0].partition("=")[2]

    def status(self) -> dict[str, Any]:
        """`boxoffice status --json`."""
        found: dict[str, Any] = self._told("status", "--json")
        return found

    def actors(self, name: str) -> list[dict[str, Any]]:
        """`boxoffice ray list actors`: those called `name` that live."""
        filters = ("--filter", f"name={name}", "--filter", "state=ALIVE")
        found: list[dict[str, Any]] = self._told("ray", "list", "actors", *filters, "--format", "json")
        return found

    def status_of_cluster(self) -> dict[str, Any]:
        """`boxoffice status --cluster --json`: nothing of it comes from the data folder but Ray's token."""
        known = self.record
        environ = ray_env.client_env(DataFolder(self.folder)) | {
            "RAY_ADDRESS": known["ray_address"],
            "BOXOFFICE_DATA_DIR": "nowhere",
            "BOXOFFICE_PORT": str(self.port),
            "MONGO_URL": known["mongo_url"],
            "JWT_KEY": self.jwt_key,
            "STRIPE_KEY": sandbox.KEY,
        }
        found: dict[str, Any] = self._told("status", "--cluster", "--json", **environ)
        return found

    def _told(self, *command: str, **environ: str) -> Any:
        """What `boxoffice` prints as JSON."""
        environ = {"BOXOFFICE_DATA_DIR": str(self.folder)} | environ
        whole = [sys.executable, "-m", "cluster", *command]
        answer = subprocess.run(whole, cwd=ROOT, env=os.environ | environ, capture_output=True, check=True, timeout=60)
        return json.loads(answer.stdout)
