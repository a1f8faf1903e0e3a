"""Ray on this machine, seen from `up`: start the head process and follow how far it is."""

import json
import shutil
import sys
from pathlib import Path

from cluster.local.child import Child
from cluster.local.folder import DataFolder
from cluster.local.ports import Ports


def start(folder: DataFolder, ports: Ports, env: dict[str, str]) -> Child:
    """Start Ray and the deployment; `stage` says how far they are."""
    # Sockets, sessions and logs of an earlier Ray: the runs before are over, whoever starts holds the lock.
    for stale in (folder.run / "ray", folder.run / "h"):
        shutil.rmtree(stale, ignore_errors=True)
    facts(folder).unlink(missing_ok=True)
    command = [sys.executable, "-m", "cluster.local.ray_head", "--temp-dir", str(folder.run / "ray")]
    command += ["--port", str(ports.gcs), "--dashboard-port", str(ports.dashboard), "--agent-port", str(ports.agent)]
    command += ["--facts", str(facts(folder))]
    return Child("ray", command, log=folder.logs / "ray.log", env=env)


def facts(folder: DataFolder) -> Path:
    """The file in which the head says how far it is."""
    return folder.run / "ray-facts.json"


def stage(folder: DataFolder) -> str:
    """`starting`, then `ray` when Ray runs, then `deployed` when the application does."""
    try:
        return str(json.loads(facts(folder).read_text(encoding="utf-8"))["stage"])
    except (OSError, ValueError):
        return "starting"


def link_logs(folder: DataFolder) -> None:
    """Show Ray's own logs, one file per process, as `logs/ray` in the data folder."""
    link = folder.logs / "ray"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.run / "ray" / "session_latest" / "logs")
