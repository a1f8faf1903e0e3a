"""Deploys the Serve application to a Ray that runs: `python -m cluster.deploy --nodes 3`, with RAY_ADDRESS set."""

import argparse
import importlib
import logging
import sys
from collections.abc import Callable

import ray
from ray import serve
from ray.serve import Application

from cluster.local.errors import OperatorError, ServiceError
from cluster.local.waiting import until
from cluster.settings import Settings, load

NAME = "boxoffice"
"""Name of the Serve application; deploying again under it replaces what runs."""

JOIN_S = 1_200.0
"""How long machines may take to join: each sets itself up first."""


def deploy(settings: Settings) -> None:
    """Start Serve if it does not run, deploy, and return when the application is running.

    Raises `RuntimeError` when it does not come up.
    """
    serve.start(http_options={"host": settings.host, "port": settings.port})
    serve.run(application(settings.application), name=NAME, route_prefix="/")


def application(path: str) -> Application:
    """The Serve application object at `module:name`."""
    module, _, name = path.partition(":")
    found: Application = getattr(importlib.import_module(module), name)
    return found


def await_nodes(count: int, joined: Callable[[], int], within_s: float = JOIN_S) -> None:
    """Wait until so many machines have joined: Ray moves nothing that runs to one that comes later.

    Raises `ServiceError`: they did not within `within_s` seconds.
    """
    if not until(lambda: joined() >= count, timeout_s=within_s):
        raise ServiceError(
            f"{joined()} of {count} machines have joined Ray after {within_s:g} s; nothing is deployed.",
            "Look at Ray's monitor.log on the head, or deploy to fewer machines with --nodes.",
        )


def joined() -> int:
    """How many machines are in the cluster now."""
    return sum(node["Alive"] for node in ray.nodes())  # type: ignore[no-untyped-call]


def main() -> None:
    """Connect to the Ray named by RAY_ADDRESS, wait for its machines, and deploy there."""
    parser = argparse.ArgumentParser(prog="cluster.deploy")
    parser.add_argument("--nodes", type=int, default=1, help="machines to wait for, the head included")
    nodes = parser.parse_args().nodes
    try:
        settings = load()
        settings.config()  # nothing is made up here: what is missing is said before anything is started
        ray.init("auto", namespace=NAME, log_to_driver=False, logging_level=logging.WARNING)
        await_nodes(nodes, joined)
    except OperatorError as error:
        sys.exit(f"{error.sentence}\n{error.advice}")
    deploy(settings)


if __name__ == "__main__":
    main()
