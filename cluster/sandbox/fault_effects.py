"""What a fault does to a request."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias

from cluster.sandbox.errors import KeyInUseError, TooManyRequestsError
from cluster.sandbox.faults import Rule
from cluster.sandbox.shapes import Answer

EngineFault: TypeAlias = Literal["error_before", "error_after"]

Run: TypeAlias = Callable[[EngineFault | None], Awaitable[Answer]]
"""Serves the request, with a failure inside it where one is asked for."""


Hang: TypeAlias = Callable[[float], Awaitable[None]]
"""Leaves the client without an answer for so many seconds, or until it gives up."""


async def serve(rule: Rule, run: Run, hang: Hang) -> Answer | None:
    """Serve a request with a fault; None when its connection is to be closed without an answer.

    A 429 and a 409 come before the endpoint and leave the idempotency key free; a 500 is remembered under it, whether
    or not the effect took place. Source: https://docs.stripe.com/api/idempotent_requests.
    """
    match rule.effect:
        case "error_before" | "error_after":
            return await run(rule.effect)
        case "rate_limit":
            return TooManyRequestsError("Request rate limit exceeded.", code="rate_limit").answer()
        case "key_in_use":
            return KeyInUseError(
                "There is currently another in-progress request using this Idempotent Key.",
                code="idempotency_key_in_use",
            ).answer()
        case "slow":
            await asyncio.sleep(rule.ms / 1000)
            return await run(None)
    await _unanswered(rule, run, hang)
    return None


async def _unanswered(rule: Rule, run: Run, hang: Hang) -> None:
    if rule.effect in ("lost_response", "timeout_after"):
        await run(None)
    if rule.effect in ("timeout_before", "timeout_after"):
        await hang(rule.seconds)
