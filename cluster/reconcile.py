"""Asks every payments supervisor to compare its books with Stripe's. Imported only by who asks: it imports Ray."""

import logging
from typing import Any

import ray
from msgspec import structs
from ray.util import list_named_actors

from actors.contract import PAYMENTS

CHORE_S = 300.0
"""How long one comparison may take."""


def reconcile(address: str, namespace: str) -> list[dict[str, Any]]:
    """What each supervisor that runs has found; `cluster.supervisors` knows whether any is missing.

    Raises:
        ray.exceptions.RayError: a supervisor, or Stripe through it, did not answer.
    """
    if not ray.is_initialized():
        ray.init(address, namespace=namespace, log_to_driver=False, logging_level=logging.CRITICAL)
    named = [each["name"] for each in list_named_actors(all_namespaces=True) if each["namespace"] == namespace]
    names = sorted(name for name in named if name.startswith(f"{PAYMENTS}/"))
    calls = [ray.get_actor(name, namespace=namespace).do_chore.remote() for name in names]
    reports: list[Any] = ray.get(calls, timeout=CHORE_S)
    return [{"supervisor": name} | structs.asdict(report) for name, report in zip(names, reports, strict=True)]
