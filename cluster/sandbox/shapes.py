"""The shape of what travels: JSON objects, answers, and what caused a change."""

from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A JSON object as Stripe documents it. Never changed in place: a change is a new dict."""


API_VERSION = "2026-10-28.endive"
"""What is answered to a client that names no version, and the shape of every event."""


@dataclass(frozen=True)
class Cause:
    """The request that changed something."""

    request_id: str | None = None
    idempotency_key: str | None = None


BY_ITSELF = Cause()
"""What Stripe does without being asked, or for a buyer in a browser."""


@dataclass(frozen=True)
class Answer:
    """What a request is answered with, and what an idempotency key remembers."""

    body: Json
    """The JSON body."""

    status: int = 200
    """The HTTP status code."""

    replay_of: str | None = None
    """Request id of the first request when this answer is a stored one."""
