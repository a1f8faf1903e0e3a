"""Ray's head process on one machine: starts Ray, deploys the application, stays. Run by `up` as a child.

It does what `ray start --head --block` does, less the Ray client server (50 MB that nobody uses), and
deploys from the same process, which saves importing Ray a second time.
"""

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import ray
from ray._private.node import Node
from ray._private.parameter import RayParams
from ray._private.ray_constants import PROCESS_TYPE_DASHBOARD

from cluster.deploy import NAME, deploy
from cluster.settings import load

OBJECT_STORE_BYTES = 80 * 2**20
"""Calls carry small messages inline; the store is close to the least that Ray accepts."""

CPUS = 1024
"""Logical: what really limits actors is memory, and `BOXOFFICE_DEDICATED_MAX`."""

LOOK_S = 0.5
"""Pause between two looks at Ray's processes."""

logger = logging.getLogger(__name__)


class Head(Node):
    """Ray's head, which opens before its dashboard does: buyers need none, and it costs them five seconds."""

    def start_api_server(self, *, include_dashboard: bool | None, raise_on_failure: bool) -> None:
        """Not yet: called by Ray on the way to its start."""
        self._webui_url = None

    def open_dashboard(self) -> None:
        """Start the dashboard and the state API, again if one has ended."""
        self.kill_dashboard(check_alive=False)
        super().start_api_server(include_dashboard=True, raise_on_failure=False)

    def dead_processes(self) -> list[tuple[str, Any]]:
        """What has ended of itself, by kind. Ray's own stumbles where the main thread adds the dashboard meanwhile."""
        started = list(self.all_processes.items())
        return [(kind, info.process) for kind, infos in started for info in infos if info.process.poll() is not None]


def main() -> None:
    """Start Ray as the arguments say, tell `up` how far it is, and end when a part of Ray ends."""
    signal.signal(signal.SIGTERM, _leave)
    arguments = _parser().parse_args()
    settings = load()
    node = Head(_params(arguments), head=True, shutdown_at_exit=True, spawn_reaper=True)
    threading.Thread(target=_watch, args=(node,), daemon=True).start()
    _tell(arguments.facts, node, stage="ray")
    ray.init(node.address, namespace=NAME, log_to_driver=False, logging_level=logging.WARNING)
    deploy(settings)
    _tell(arguments.facts, node, stage="deployed")
    node.open_dashboard()
    while True:
        signal.pause()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cluster.local.ray_head")
    for port in ("--port", "--dashboard-port", "--agent-port"):
        parser.add_argument(port, type=int, required=True)
    parser.add_argument("--temp-dir", required=True)
    parser.add_argument("--facts", type=Path, required=True)
    return parser


def _params(arguments: argparse.Namespace) -> RayParams:
    return RayParams(
        node_ip_address="127.0.0.1",
        gcs_server_port=arguments.port,
        dashboard_host="127.0.0.1",
        dashboard_port=arguments.dashboard_port,
        dashboard_agent_listen_port=arguments.agent_port,
        include_dashboard=True,
        num_cpus=CPUS,
        object_store_memory=OBJECT_STORE_BYTES,
        temp_dir=arguments.temp_dir,
        # No autoscaler to run and no driver to print workers' logs for.
        no_monitor=True,
        include_log_monitor=False,  # type: ignore[arg-type] # declared str, used as bool
    )


def _watch(node: Head) -> None:
    """End this process when Ray has lost a part it cannot do without, or cannot be watched any more."""
    try:
        lost = _await_loss(node)
        logger.error("Ray lost its %s; ending the rest", ", ".join(sorted(lost)))
    except Exception:
        # Else this thread alone would end: the head would stay, and nobody notice what Ray loses from then on.
        logger.exception("Ray cannot be watched any more; ending it")
    _end(node)


def _await_loss(node: Head) -> set[str]:
    """Look until Ray has lost a part it cannot do without, and say which; start a lost dashboard again."""
    while True:
        time.sleep(LOOK_S)
        dead = {kind for kind, _ in node.dead_processes()}
        if dead == {PROCESS_TYPE_DASHBOARD}:
            # Buyers do not need it: restarting all of Ray for it would cost them 15 seconds.
            logger.warning("Ray lost its dashboard; starting it again")
            node.open_dashboard()
        elif dead:
            return dead


def _end(node: Head) -> None:
    """End what runs of Ray, and this process in any case: `up` then starts it again."""
    try:
        node.kill_all_processes(check_alive=False, allow_graceful=False)
    except Exception:
        logger.exception("Ray could not be ended; before its next start, `up` ends what is left of it")
    os._exit(1)


def _tell(path: Path, node: Node, *, stage: str) -> None:
    """Say how far it is, and where: in a file that is whole or not there."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({"stage": stage, "address": node.address}), encoding="utf-8")
    draft.rename(path)


def _leave(signum: int, frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
