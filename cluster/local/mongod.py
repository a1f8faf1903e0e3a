"""The embedded MongoDB: a one-node replica set on loopback, from a wheel or from the PATH."""

import importlib.util
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from cluster.local.child import Child
from cluster.local.errors import DatabaseError
from cluster.local.folder import DataFolder

REPLICA_SET = "boxoffice"
STOP_S = 20.0
"""Time for a checkpoint at the end."""

CACHE_MIB = 256
"""How much it keeps in memory: the least that MongoDB can do with, for what is hot lives in the actors."""

NOT_YET_INITIALIZED = 94

COMMAND_S_MAX = 5.0
"""How long one command may take: a process that is held still takes connections all the same, and never answers."""


def binary() -> Path:
    """A `mongod` that runs on this machine: the wheel's, else the one on the PATH. Raises `DatabaseError`."""
    for candidate in _candidates():
        if _runs(candidate):
            return candidate
    raise DatabaseError(
        "No MongoDB runs on this machine: the one that comes with the packages does not fit it, "
        "and there is no working `mongod` on the PATH.",
        "Install MongoDB 6 or later, or name a running replica set in MONGO_URL.",
    )


def _candidates() -> Iterator[Path]:
    # Looked up without importing: the parent package would drag in far more than a path.
    spec = importlib.util.find_spec("fiftyone")
    for place in spec.submodule_search_locations or [] if spec else []:
        yield Path(place) / "db" / "bin" / "mongod"
    if on_path := shutil.which("mongod"):
        yield Path(on_path)


def _runs(candidate: Path) -> bool:
    """Try it: a wrong architecture or a missing library shows only then."""
    try:
        if not os.access(candidate, os.X_OK):
            candidate.chmod(candidate.stat().st_mode | stat.S_IXUSR)
        return subprocess.run([candidate, "--version"], capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def url(port: int) -> str:
    """Where the embedded MongoDB is."""
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def start(folder: DataFolder, port: int, mongod: Path, env: dict[str, str], cache_mib: int = CACHE_MIB) -> Child:
    """Start it with a cache of so many MiB; `try_primary` says whether it can be used."""
    command = [str(mongod), "--replSet", REPLICA_SET, "--bind_ip", "127.0.0.1", "--port", str(port)]
    command += ["--dbpath", str(folder.mongo), "--nounixsocket"]
    # Journaling is always on in this version.
    command += ["--wiredTigerCacheSizeGB", f"{cache_mib / 1024:g}", "--oplogSize", "256"]
    # Nobody reads as of a moment in the past, for which MongoDB would keep what was replaced for five minutes
    # (jira.mongodb.org/browse/SERVER-47672): a small cache is then full of it.
    command += ["--setParameter", "minSnapshotHistoryWindowInSeconds=0"]
    command += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
    # The only node has nobody to hand over to, so waiting for a successor only delays Ctrl-C.
    command += ["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"]
    return Child("mongod", command, log=folder.logs / "mongod.log", env=env)


def try_primary(port: int) -> bool:
    """Whether the embedded node takes writes; asks it to become a replica set of one when it is not."""
    with connect(port, within_s=0.3) as client:
        try:
            if client.admin.command("hello").get("isWritablePrimary"):
                return True
            _initiate(client, port)
        except PyMongoError:
            return False
    return False


def answers(port: int, *, timeout_s: float) -> bool:
    """Whether the embedded node says anything at all within `timeout_s` seconds, even that it takes no writes."""
    with connect(port, within_s=timeout_s) as client:
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
    return True


def connect(port: int, *, within_s: float) -> MongoClient[dict[str, object]]:
    """A client of the embedded node alone, which gives it up where it is not found within `within_s` seconds."""
    within_ms, command_ms = (round(seconds * 1000) for seconds in (within_s, COMMAND_S_MAX))
    return MongoClient(
        "127.0.0.1",
        port,
        directConnection=True,
        serverSelectionTimeoutMS=within_ms,
        connectTimeoutMS=within_ms,
        socketTimeoutMS=command_ms,
    )


def _initiate(client: MongoClient[dict[str, object]], port: int) -> None:
    """Make it a set of one, or tell the set of one that its port has changed since the last run."""
    member = {"_id": 0, "host": f"127.0.0.1:{port}"}
    try:
        current = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code == NOT_YET_INITIALIZED:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
        return
    if current["members"][0]["host"] != member["host"]:
        moved = {**current, "members": [{**current["members"][0], **member}], "version": current["version"] + 1}
        client.admin.command("replSetReconfig", moved, force=True)
