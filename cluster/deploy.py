"""Deploys the Serve application to a Ray that runs: `python -m cluster.deploy --nodes 3`, with RAY_ADDRESS set.

`python -m cluster.deploy --check` only says what would stop it, and needs no Ray: ask it before you end an office.
"""

import argparse
import importlib
import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

import ray
from ray import serve
from ray.exceptions import RayError
from ray.serve import Application
from ray.util import list_named_actors

from cluster.local import mongo_url, partitions
from cluster.local.errors import OperatorError, ServiceError
from cluster.local.waiting import until
from cluster.settings import Settings, load

NAME = "boxoffice"
"""Name of the Serve application."""

JOIN_S = 1_800.0
"""How long machines may take to join: each sets itself up first, once the head has told it to."""


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


def demand_database(settings: Settings) -> None:
    """Check all that would keep the office from opening.

    Raises:
        SettingsError: something is missing that only `boxoffice up` can make up.
        DatabaseError: MongoDB cannot be used, or is divided otherwise.
    """
    mongo_url.demand_replica_set(settings.config().mongo_url)
    partitions.demand_agreement(settings)


def demand_closed(named: Iterable[Mapping[str, str]], namespace: str) -> None:
    """Check that none of these named actors is a supervisor: they go on as they are, under the settings of their time.

    Raises `ServiceError`: one is.
    """
    if any(actor["namespace"] == namespace for actor in named):
        raise ServiceError(
            "The office runs here, and its supervisors would keep the settings that they have.",
            "`ray up` ends it and starts it again.",
        )


def await_nodes(count: int, joined: Callable[[], Sequence[str]], within_s: float = JOIN_S) -> None:
    """Wait until so many machines have joined: Ray moves nothing that runs to one that comes later.

    Raises `ServiceError`: they did not within `within_s` seconds.
    """
    if not until(lambda: len(joined()) >= count, timeout_s=within_s):
        here = joined()
        raise ServiceError(
            f"{len(here)} of {count} machines have joined Ray after {within_s:g} s ({', '.join(here)}); "
            "nothing is deployed.",
            "Ray's monitor.log on the head says what became of the others; --nodes deploys to fewer.",
        )


def joined() -> list[str]:
    """The addresses of the machines that are in the cluster now."""
    return [str(node["NodeManagerAddress"]) for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]


def open_office(settings: Settings, nodes: int) -> None:
    """Connect to the Ray named by RAY_ADDRESS, wait for its machines, and deploy there.

    Raises `ServiceError`: no Ray runs, an office does, machines are missing, or the application does not come up.
    """
    try:
        ray.init("auto", namespace=NAME, log_to_driver=False, logging_level=logging.WARNING)
        demand_closed(list_named_actors(all_namespaces=True), settings.config().namespace)
        await_nodes(nodes, joined)
        deploy(settings)
    except (RayError, RuntimeError, OSError) as error:
        reason = str(error).partition("\n")[0]  # the rest may be the traceback of another process
        raise ServiceError(
            f"The office was not opened: {reason}", "The logs below /tmp/ray/session_latest/logs say more."
        ) from error


def main() -> None:
    """Check, and deploy unless that is all that is asked for; an operator's mistake is a sentence and an advice."""
    parser = argparse.ArgumentParser(prog="cluster.deploy")
    parser.add_argument("--nodes", type=int, default=1, help="machines to wait for, the head included")
    parser.add_argument("--check", action="store_true", help="only check settings and database; needs no Ray")
    arguments = parser.parse_args()
    try:
        settings = load()
        demand_database(settings)
        if not arguments.check:
            open_office(settings, arguments.nodes)
    except OperatorError as error:
        sys.exit(f"{error.sentence}\n{error.advice}")


if __name__ == "__main__":
    main()
