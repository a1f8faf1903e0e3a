"""What Ray says about a copy. Imported only by who asks: Ray costs two seconds and 60 MB."""

import logging
import re
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util import list_named_actors
from ray.util.state import list_actors

from actors.contract import SERVICES

ANSWER_S = 5.0
"""How long the supervisors may take to answer."""

SUPERVISOR = re.compile(rf"({'|'.join(SERVICES)})/\d+")
"""Names of supervisors in their namespace."""

REPLICA = "SERVE_REPLICA::"
"""How Serve's names of its replicas begin."""


def look(address: str, dashboard: str | None, namespace: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The Serve replicas and the supervisors' own words; what does not answer is left out or says so.

    Without an address of the dashboard Ray is asked where it is.

    Nothing at all while Ray itself does not answer, as when it starts again. Then the next look connects anew: to be
    initialized is also to be connected to a cluster that is gone.
    """
    try:
        if not ray.is_initialized():
            ray.init(address, namespace=namespace, log_to_driver=False, logging_level=logging.CRITICAL)
        named = list_named_actors(all_namespaces=True)
        return _replicas(named, dashboard), _supervisors(named, namespace)
    except (RayError, OSError, RuntimeError):
        ray.shutdown()
        return [], []


def _supervisors(named: list[dict[str, Any]], namespace: str) -> list[dict[str, Any]]:
    names = sorted(one["name"] for one in named if one["namespace"] == namespace and SUPERVISOR.fullmatch(one["name"]))
    asked = {name: _ask(name, namespace) for name in names}
    if calls := [call for call in asked.values() if call is not None]:
        ray.wait(calls, num_returns=len(calls), timeout=ANSWER_S)
    return [_answer(name, call) for name, call in asked.items()]


def _ask(name: str, namespace: str) -> ray.ObjectRef[Any] | None:
    try:
        call: ray.ObjectRef[Any] = ray.get_actor(name, namespace=namespace).status.remote()
    except ValueError:
        # It has ended since it was listed.
        return None
    return call


def _answer(name: str, call: ray.ObjectRef[Any] | None) -> dict[str, Any]:
    service, _, partition = name.partition("/")
    about = {"service": service, "partition": int(partition)}
    try:
        return about | {"answers": True} | (dict(ray.get(call, timeout=0.1)) if call else {"answers": False})
    except (RayError, TimeoutError) as error:
        return about | {"answers": False, "error": type(error).__name__}


def _replicas(named: list[dict[str, Any]], dashboard: str | None) -> list[dict[str, Any]]:
    """Serve's replicas; with pid and state once the dashboard answers, which opens after the marketplace."""
    names = sorted(one["name"] for one in named if one["name"].startswith(REPLICA))
    known = _actors(dashboard)
    return [{"replica": name, "pid": None, "state": None} | known.get(name, {}) for name in names]


def _actors(dashboard: str | None) -> dict[str, dict[str, Any]]:
    """Pid and state of every living actor by name; empty while the dashboard does not answer."""
    try:
        actors = list_actors(address=dashboard, filters=[("state", "!=", "DEAD")], timeout=int(ANSWER_S))
    except Exception:  # noqa: BLE001 - it raises whatever its HTTP client does
        return {}
    return {one.name: {"pid": one.pid, "state": one.state} for one in actors if one.name}
