"""Stripe's rules for idempotency keys (https://docs.stripe.com/api/idempotent_requests).

The first answer under a key is kept for 24 hours and given again, errors of the endpoint and 500s included;
another request under that key is refused; what failed before the endpoint ran (a bad parameter, a concurrent
twin) is not kept.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cluster.sandbox.errors import KeyInUseError, KeyMismatchError, ParameterError, TooManyRequestsError
from cluster.sandbox.shapes import Answer
from cluster.sandbox.transaction import Remembered

KEPT_S = 24 * 60 * 60
KEY_LENGTH_MAX = 255
REQUESTS_MAX = 512


def check_key(key: str) -> str:
    """Return the key; ParameterError when it is empty or too long."""
    if not 0 < len(key) <= KEY_LENGTH_MAX:
        raise ParameterError(f"Invalid Idempotency-Key: it must have 1 to {KEY_LENGTH_MAX} characters.")
    return key


def digest(fields: list[tuple[str, str]]) -> str:
    """Return what tells one set of parameters from another, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(fields)).encode()).hexdigest()


def replay(key: str, first: Remembered, path: str, parameters: str) -> Answer:
    """Return the first answer again; KeyMismatchError when this is another request."""
    advice = f"Try using a key other than '{key}' if you meant to execute a different request."
    if first.path != path:
        raise KeyMismatchError(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{path}' vs '{first.path}'). {advice}"
        )
    if first.parameters != parameters:
        raise KeyMismatchError(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. {advice}"
        )
    return first.answer


@dataclass
class Gate:
    """Which requests are under way. Memory is the right place: after a crash none is."""

    keys: set[str] = field(default_factory=set)
    requests: int = 0

    @contextmanager
    def enter(self, key: str | None) -> Iterator[None]:
        """Let one request through; KeyInUseError beside its twin, TooManyRequestsError when full."""
        if key in self.keys:
            raise KeyInUseError(
                "There is currently another in-progress request using this Idempotent Key (that probably "
                f"means you submitted twice, and the other request is still going through): {key}.",
                code="idempotency_key_in_use",
            )
        if self.requests >= REQUESTS_MAX:
            raise TooManyRequestsError("Request rate limit exceeded.", code="rate_limit")
        self._add(key)
        try:
            yield
        finally:
            self._remove(key)

    def _add(self, key: str | None) -> None:
        self.requests += 1
        if key is not None:
            self.keys.add(key)

    def _remove(self, key: str | None) -> None:
        self.requests -= 1
        if key is not None:
            self.keys.remove(key)
