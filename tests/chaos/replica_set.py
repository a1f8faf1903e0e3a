"""A MongoDB of three members, as an operator runs it: what one of them acknowledged must outlive it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from cluster.local import mongod
from cluster.local.child import Child
from cluster.local.folder import DataFolder
from tests.integration.office import free_port
from tests.waiting import wait_for

MEMBERS = 3
HASTE = {"electionTimeoutMillis": 2_000, "heartbeatIntervalMillis": 500}
"""How soon a silent primary is given up: by default after ten seconds."""

Client = MongoClient[dict[str, Any]]


class ReplicaSet:
    """Three members on loopback."""

    def __init__(self, folder: Path) -> None:
        """Keep their data in `folder`."""
        self._folders = {free_port(): DataFolder(folder / f"member-{n}") for n in range(MEMBERS)}
        self._members: dict[int, Child] = {}

    @property
    def url(self) -> str:
        """For an office: all members."""
        return f"mongodb://{','.join(self._hosts)}/?replicaSet={mongod.REPLICA_SET}"

    def start(self) -> "ReplicaSet":
        """Start them, until one is elected."""
        for port, folder in self._folders.items():
            folder.mongo.mkdir(parents=True)
            folder.logs.mkdir()
            self._start(port)
        members = [{"_id": n, "host": host} for n, host in enumerate(self._hosts)]
        wanted = {"_id": mongod.REPLICA_SET, "members": members, "settings": HASTE}
        wait_for("members that answer", lambda: all(self._asked(port, "ping") for port in self._folders))
        self._asked(next(iter(self._folders)), {"replSetInitiate": wanted})
        self.mend()
        return self

    def mend(self) -> None:
        """Start whoever has died, and wait until all three take part."""
        for port, member in list(self._members.items()):
            if not member.running():
                self._start(port)
        wait_for("a primary and two that follow it", lambda: sorted(self._states()) == [1, 2, 2], 60)

    def stop(self) -> None:
        """End them all."""
        for member in self._members.values():
            member.stop(grace_s=mongod.STOP_S)

    def primary(self) -> psutil.Process:
        """The process of the one that takes writes."""
        return psutil.Process(self._members[wait_for("a primary", self._primary)].identity.pid)

    def cut_off(self, member: psutil.Process) -> None:
        """Hold it still until another is elected; then it goes on, with its sockets full, as if it still were one."""
        member.suspend()
        try:
            wait_for("another primary", lambda: self._others_have_elected(member.pid), 60)
        finally:
            member.resume()

    def step_down(self, member: psutil.Process) -> None:
        """Ask it to hand over, as for maintenance."""
        [port] = [port for port, each in self._members.items() if each.identity.pid == member.pid]
        assert self._asked(port, {"replSetStepDown": 60, "secondaryCatchUpPeriodSecs": 10}), "it did not hand over"

    @property
    def _hosts(self) -> list[str]:
        return [f"127.0.0.1:{port}" for port in self._folders]

    def _start(self, port: int) -> None:
        self._members[port] = mongod.start(self._folders[port], port, mongod.binary(), dict(os.environ))

    def _others_have_elected(self, pid: int) -> bool:
        others = (port for port, member in self._members.items() if member.identity.pid != pid)
        return any((self._asked(port, "hello") or {}).get("isWritablePrimary") for port in others)

    def _primary(self) -> int | None:
        living = (port for port, member in self._members.items() if member.running())
        return next((port for port in living if (self._asked(port, "hello") or {}).get("isWritablePrimary")), None)

    def _states(self) -> Iterator[int]:
        """What the primary thinks of each: 1 is a primary, 2 a secondary."""
        port = self._primary()
        status = self._asked(port, "replSetGetStatus") if port else None
        return (member["state"] for member in (status or {}).get("members", []))

    def _asked(self, port: int, command: str | dict[str, Any]) -> dict[str, Any] | None:
        """The answer of one member, None where it gives none."""
        patience = {"serverSelectionTimeoutMS": 1_000, "connectTimeoutMS": 1_000, "socketTimeoutMS": 20_000}
        with Client("127.0.0.1", port, directConnection=True, **patience) as client:
            try:
                return client.admin.command(command)
            except PyMongoError:
                return None
