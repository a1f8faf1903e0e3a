"""The shape of what travels: JSON objects and answers."""

from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A JSON object as Stripe documents it. Never changed in place: a change is a new dict."""


@dataclass(frozen=True)
class Answer:
    """What a request is answered with, and what an idempotency key remembers."""

    body: Json
    """The JSON body."""

    status: int = 200
    """The HTTP status code."""

    replay_of: str | None = None
    """Request id of the first request when this answer is a stored one."""
