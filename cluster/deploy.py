"""Deploys the Serve application to a Ray that runs: `python -m cluster.deploy`, with RAY_ADDRESS set."""

import importlib
import logging

import ray
from ray import serve
from ray.serve import Application

from cluster.settings import Settings, load

NAME = "boxoffice"
"""Name of the Serve application; deploying again under it replaces what runs."""


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


def main() -> None:
    """Connect to the Ray named by RAY_ADDRESS and deploy there."""
    settings = load()
    ray.init("auto", namespace=NAME, log_to_driver=False, logging_level=logging.WARNING)
    deploy(settings)


if __name__ == "__main__":
    main()
